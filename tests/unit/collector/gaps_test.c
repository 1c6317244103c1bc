/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "gaps.h"

enum { LATE = 1000 };

static struct gaps gaps;

static void
see(uint32_t cpu, uint64_t seq, uint64_t ts)
{
	struct event_head head = { .cpu = (uint16_t)cpu, .lane = LANE_BULK, .seq = seq, .ts = ts };

	gaps_see(&gaps, &head, ts + 100);
}

static void
expect_due(uint64_t through, uint32_t cpu, uint64_t first, uint64_t last, uint64_t count)
{
	struct gap_due due;

	assert_true(gaps_due(&gaps, through, &due));
	assert_int_equal(due.cpu, cpu);
	assert_int_equal(due.lane, LANE_BULK);
	assert_int_equal(due.gap.first, first);
	assert_int_equal(due.gap.last, last);
	assert_int_equal(due.gap.count, count);
	gaps_tell(&due, 1);
	gaps_settle(&gaps, 1);
}

static void
expect_nothing_due(uint64_t through)
{
	struct gap_due due;

	assert_false(gaps_due(&gaps, through, &due));
}

static void
a_stream_without_holes_has_no_gaps(void **state)
{
	(void)state;
	gaps_init(&gaps, 2, LATE);
	for (uint64_t i = 1; i <= 100; i++)
		see(0, i, i);
	assert_int_equal(gaps.open_count, 0);
	expect_nothing_due(UINT64_MAX);
}

static void
a_leading_gap_begins_at_one(void **state)
{
	(void)state;
	gaps_init(&gaps, 2, LATE);
	see(1, 4, 5000);
	expect_nothing_due(5100 + LATE - 1);
	expect_due(5100 + LATE, 1, 1, 3, 3);
	expect_nothing_due(UINT64_MAX);
}

static void
a_middle_gap_is_exact_and_has_its_time_span(void **state)
{
	struct gap_due due;

	(void)state;
	gaps_init(&gaps, 2, LATE);
	see(0, 1, 5000);
	see(0, 5, 6000);
	assert_true(gaps_due(&gaps, UINT64_MAX, &due));
	assert_int_equal(due.gap.begin_ts, 5000);
	assert_int_equal(due.gap.end_ts, 6000);
	expect_due(UINT64_MAX, 0, 2, 4, 3);
}

static void
what_comes_after_all_closes_its_gap(void **state)
{
	(void)state;
	gaps_init(&gaps, 2, LATE);
	see(0, 1, 1);
	see(0, 3, 3);
	see(0, 2, 2);
	expect_nothing_due(UINT64_MAX);
}

static void
what_comes_after_all_shrinks_or_splits_its_gap(void **state)
{
	(void)state;
	gaps_init(&gaps, 2, LATE);
	see(0, 10, 10);
	see(0, 1, 1);
	see(0, 9, 9);
	see(0, 5, 5);
	expect_due(UINT64_MAX, 0, 2, 4, 3);
	expect_due(UINT64_MAX, 0, 6, 8, 3);
	expect_nothing_due(UINT64_MAX);
}

static void
more_gaps_than_there_is_room_for_are_joined_with_an_exact_count(void **state)
{
	struct gap_due due;
	uint64_t count = 0;

	(void)state;
	gaps_init(&gaps, 2, LATE);
	for (uint64_t i = 1; i <= 100; i++)
		see(0, 3 * i, 3 * i);
	see(0, 295, 295);
	for (uint32_t i = 0; gaps_due(&gaps, UINT64_MAX, &due); i++) {
		assert_true(i < GAPS_OPEN_MAX);
		count += due.gap.count;
		gaps_tell(&due, 1);
		gaps_settle(&gaps, 1);
	}
	assert_int_equal(count, 200 - 1);
	assert_int_equal(gaps.open_count, 0);
}

static void
a_trailing_gap_is_found_by_the_count_of_attempts(void **state)
{
	(void)state;
	gaps_init(&gaps, 2, LATE);
	see(0, 1, 1000);
	gaps_attempted(&gaps, 0, LANE_BULK, 4, 2000, 1500);
	expect_nothing_due(2000);
	gaps_attempted(&gaps, 0, LANE_BULK, 4, 2900, 2000 + LATE - 1);
	expect_nothing_due(2000 + LATE - 1);
	gaps_attempted(&gaps, 0, LANE_BULK, 6, 3100, 2000 + LATE);
	expect_due(2000 + LATE, 0, 2, 4, 3);
	gaps_attempted(&gaps, 0, LANE_BULK, 6, 3200, 2000 + LATE);
	gaps_attempted(&gaps, 0, LANE_BULK, 6, 4300, 3200 + LATE);
	expect_due(3200 + LATE, 0, 5, 6, 2);
}

static void
attempts_that_arrive_are_no_gap(void **state)
{
	(void)state;
	gaps_init(&gaps, 2, LATE);
	see(0, 1, 1000);
	gaps_attempted(&gaps, 0, LANE_BULK, 2, 2000, 1500);
	see(0, 2, 1990);
	gaps_attempted(&gaps, 0, LANE_BULK, 2, 9000, 8000);
	expect_nothing_due(UINT64_MAX);
}

static void
attempts_behind_a_stuck_record_are_counted_anew(void **state)
{
	(void)state;
	gaps_init(&gaps, 2, LATE);
	gaps_attempted(&gaps, 0, LANE_BULK, 2, 2000, 1500);
	gaps_stuck(&gaps, 0, LANE_BULK);
	gaps_attempted(&gaps, 0, LANE_BULK, 2, 9000, 8000);
	expect_nothing_due(8000);
	gaps_attempted(&gaps, 0, LANE_BULK, 2, 9900, 9000 + LATE);
	expect_due(9000 + LATE, 0, 1, 2, 2);
}

static void
at_the_end_everything_attempted_and_not_seen_is_lost(void **state)
{
	(void)state;
	gaps_init(&gaps, 2, LATE);
	see(0, 1, 1000);
	gaps_final(&gaps, 0, LANE_BULK, 3, 2000);
	gaps_final(&gaps, 1, LANE_BULK, 0, 2000);
	expect_due(UINT64_MAX, 0, 2, 3, 2);
	expect_nothing_due(UINT64_MAX);
}

static void
numbers_up_to_the_base_are_repeated(void **state)
{
	struct event_head head = { .cpu = 1, .lane = LANE_BULK, .seq = 7 };

	(void)state;
	gaps_init(&gaps, 2, LATE);
	gaps_base(&gaps, 1, LANE_BULK, 7);
	assert_true(gaps_repeated(&gaps, &head));
	head.seq = 8;
	assert_false(gaps_repeated(&gaps, &head));
	see(1, 8, 1000);
	expect_nothing_due(UINT64_MAX);
}

static void
an_open_gap_outlives_its_collector(void **state)
{
	(void)state;
	gaps_init(&gaps, 2, LATE);
	see(0, 1, 1000);
	see(0, 5, 2000);
	see(1, 3, 2000);
	/* Of CPU 0 the record behind the gap was published, of CPU 1 it was not. */
	gaps_resume(&gaps, 2, LATE, 2);
	gaps_base(&gaps, 0, LANE_BULK, 5);
	gaps_base(&gaps, 1, LANE_BULK, 0);
	assert_int_equal(gaps.open_count, 1);
	expect_due(2100 + LATE, 0, 2, 4, 3);
	see(1, 3, 2000);
	expect_due(2100 + LATE, 1, 1, 2, 2);
}

static void
a_gap_is_declared_once_wherever_its_collector_ends(void **state)
{
	struct gap_due due;

	(void)state;
	gaps_init(&gaps, 2, LATE);
	see(0, 3, 1000);
	assert_true(gaps_due(&gaps, UINT64_MAX, &due));
	gaps_tell(&due, 8);
	expect_nothing_due(UINT64_MAX);
	/* Its record at position 8 was not published: again. */
	gaps_resume(&gaps, 2, LATE, 7);
	gaps_base(&gaps, 0, LANE_BULK, 3);
	assert_true(gaps_due(&gaps, UINT64_MAX, &due));
	gaps_tell(&due, 8);
	/* It was. */
	gaps_resume(&gaps, 2, LATE, 8);
	gaps_base(&gaps, 0, LANE_BULK, 3);
	expect_nothing_due(UINT64_MAX);
	assert_int_equal(gaps.open_count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_without_holes_has_no_gaps),
		cmocka_unit_test(a_leading_gap_begins_at_one),
		cmocka_unit_test(a_middle_gap_is_exact_and_has_its_time_span),
		cmocka_unit_test(what_comes_after_all_closes_its_gap),
		cmocka_unit_test(what_comes_after_all_shrinks_or_splits_its_gap),
		cmocka_unit_test(more_gaps_than_there_is_room_for_are_joined_with_an_exact_count),
		cmocka_unit_test(a_trailing_gap_is_found_by_the_count_of_attempts),
		cmocka_unit_test(attempts_that_arrive_are_no_gap),
		cmocka_unit_test(attempts_behind_a_stuck_record_are_counted_anew),
		cmocka_unit_test(at_the_end_everything_attempted_and_not_seen_is_lost),
		cmocka_unit_test(numbers_up_to_the_base_are_repeated),
		cmocka_unit_test(an_open_gap_outlives_its_collector),
		cmocka_unit_test(a_gap_is_declared_once_wherever_its_collector_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
