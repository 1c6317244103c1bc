/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "fake_source.h"

enum { CAPACITY = RING_BYTES_MIN, HOLD = 2000, LATE = 20000 };

static struct fake f;

static void
expect_next(uint32_t lane, uint32_t cpu, uint64_t seq, uint8_t flags)
{
	const struct event_head *head = fake_next(&f);

	assert_non_null(head);
	assert_int_equal(head->lane, lane);
	assert_int_equal(head->cpu, cpu);
	assert_int_equal(head->seq, seq);
	assert_int_equal(head->flags, flags);
}

static void
records_of_all_streams_go_out_in_time_order(void **state)
{
	(void)state;
	fake_open(&f, CAPACITY, HOLD, LATE);
	fake_put(&f, LANE_BULK, 0, 1, 10000);
	fake_put(&f, LANE_BULK, 0, 2, 10030);
	fake_put(&f, LANE_BULK, 1, 1, 10010);
	fake_put(&f, LANE_BULK, 1, 2, 10040);
	fake_put(&f, LANE_LIFE, 1, 1, 10020);
	assert_int_equal(order_turn(&f.order, 20000), 5);
	expect_next(LANE_BULK, 0, 1, 0);
	expect_next(LANE_BULK, 1, 1, 0);
	expect_next(LANE_LIFE, 1, 1, 0);
	expect_next(LANE_BULK, 0, 2, 0);
	expect_next(LANE_BULK, 1, 2, 0);
	assert_null(fake_next(&f));
	assert_true(order_empty(&f.order));
	fake_close(&f);
}

static void
positions_count_from_one_without_a_hole(void **state)
{
	(void)state;
	fake_open(&f, CAPACITY, HOLD, LATE);
	for (uint64_t i = 1; i <= 300; i++)
		fake_put(&f, LANE_BULK, (uint32_t)(i % 2), (i + 1) / 2, 10000 + i);
	assert_int_equal(order_turn(&f.order, 20000), 300);
	for (uint64_t i = 1; i <= 300; i++) {
		const struct event_head *head = fake_next(&f);

		assert_non_null(head);
		assert_int_equal(head->position, i);
		assert_int_equal(head->ts, 10000 + i);
	}
	assert_int_equal(ring_position(&f.consumer), 300);
	fake_close(&f);
}

static void
young_records_are_held(void **state)
{
	(void)state;
	fake_open(&f, CAPACITY, HOLD, LATE);
	fake_put(&f, LANE_BULK, 0, 1, 10000);
	assert_int_equal(order_turn(&f.order, 11999), 0);
	assert_int_equal(f.s.streams[1].released, 0);
	assert_int_equal(order_turn(&f.order, 12000), 1);
	assert_int_equal(f.s.streams[1].released, 1);
	assert_int_equal(f.order.through_ns, 10000);
	fake_close(&f);
}

static void
a_stream_out_of_order_is_sorted_within_its_window(void **state)
{
	(void)state;
	fake_open(&f, CAPACITY, HOLD, LATE);
	fake_put(&f, LANE_LIFE, 0, 1, 10030);
	fake_put(&f, LANE_LIFE, 1, 1, 10010);
	fake_put(&f, LANE_LIFE, 1, 2, 10020);
	assert_int_equal(order_turn(&f.order, 20000), 3);
	expect_next(LANE_LIFE, 1, 1, 0);
	expect_next(LANE_LIFE, 1, 2, 0);
	expect_next(LANE_LIFE, 0, 1, 0);
	fake_close(&f);
}

static void
numbers_of_one_lane_stay_in_order_whatever_their_times(void **state)
{
	(void)state;
	fake_open(&f, CAPACITY, HOLD, LATE);
	fake_put(&f, LANE_BULK, 0, 2, 10010);
	fake_put(&f, LANE_BULK, 0, 1, 10020);
	assert_int_equal(order_turn(&f.order, 20000), 2);
	expect_next(LANE_BULK, 0, 1, 0);
	expect_next(LANE_BULK, 0, 2, EVENT_LATE);
	fake_close(&f);
}

static void
room_is_given_back_only_up_to_the_first_record_that_stayed(void **state)
{
	(void)state;
	fake_open(&f, CAPACITY, HOLD, LATE);
	fake_put(&f, LANE_LIFE, 0, 1, 15000);
	fake_put(&f, LANE_LIFE, 1, 1, 10000);
	assert_int_equal(order_turn(&f.order, 13000), 1);
	expect_next(LANE_LIFE, 1, 1, 0);
	assert_int_equal(f.s.streams[0].released, 0);
	assert_int_equal(order_turn(&f.order, 18000), 1);
	assert_int_equal(f.s.streams[0].released, 2);
	fake_close(&f);
}

static void
what_comes_after_younger_ones_is_late(void **state)
{
	(void)state;
	fake_open(&f, CAPACITY, HOLD, LATE);
	fake_put(&f, LANE_BULK, 0, 1, 10000);
	assert_int_equal(order_turn(&f.order, 20000), 1);
	fake_put(&f, LANE_BULK, 1, 1, 9000);
	fake_put(&f, LANE_BULK, 1, 2, 30000);
	assert_int_equal(order_turn(&f.order, 40000), 2);
	expect_next(LANE_BULK, 0, 1, 0);
	expect_next(LANE_BULK, 1, 1, EVENT_LATE);
	expect_next(LANE_BULK, 1, 2, 0);
	assert_int_equal(stats_get(&f.stats, STAT_COLLECTOR_late), 1);
	fake_close(&f);
}

static void
an_incomplete_record_delays_others_only_for_a_while(void **state)
{
	struct fake_record *reserved;

	(void)state;
	fake_open(&f, CAPACITY, HOLD, LATE);
	assert_int_equal(order_turn(&f.order, 10000), 0);
	reserved = fake_put(&f, LANE_BULK, 0, 1, 10500);
	reserved->busy = 1;
	fake_put(&f, LANE_BULK, 1, 1, 11000);
	assert_int_equal(order_turn(&f.order, 14000), 0);
	assert_true(order_stuck(&f.order, 1));
	assert_false(order_empty(&f.order));
	assert_int_equal(order_turn(&f.order, 14000 + LATE - 1), 0);
	assert_int_equal(order_turn(&f.order, 14000 + LATE), 1);
	reserved->busy = 0;
	assert_int_equal(order_turn(&f.order, 14000 + LATE + 1), 1);
	expect_next(LANE_BULK, 1, 1, 0);
	expect_next(LANE_BULK, 0, 1, EVENT_LATE);
	fake_close(&f);
}

static void
an_incomplete_record_that_completes_in_time_is_in_order(void **state)
{
	struct fake_record *reserved;

	(void)state;
	fake_open(&f, CAPACITY, HOLD, LATE);
	reserved = fake_put(&f, LANE_BULK, 0, 1, 10500);
	reserved->busy = 1;
	fake_put(&f, LANE_BULK, 1, 1, 11000);
	assert_int_equal(order_turn(&f.order, 14000), 0);
	reserved->busy = 0;
	assert_int_equal(order_turn(&f.order, 15000), 2);
	expect_next(LANE_BULK, 0, 1, 0);
	expect_next(LANE_BULK, 1, 1, 0);
	fake_close(&f);
}

static void
an_incomplete_record_deep_in_a_backlog_holds_what_is_younger(void **state)
{
	struct fake_record *reserved;

	(void)state;
	fake_open(&f, CAPACITY, HOLD, LATE);
	for (uint64_t i = 1; i <= 200; i++)
		fake_put(&f, LANE_BULK, 0, i, 10000 + i);
	reserved = fake_put(&f, LANE_BULK, 0, 201, 10201);
	reserved->busy = 1;
	fake_put(&f, LANE_BULK, 1, 1, 10150);
	fake_put(&f, LANE_BULK, 1, 2, 10300);
	assert_int_equal(order_turn(&f.order, 20000), 201);
	reserved->busy = 0;
	assert_int_equal(order_turn(&f.order, 20001), 2);
	for (uint64_t i = 1; i <= 150; i++)
		expect_next(LANE_BULK, 0, i, 0);
	(void)fake_next(&f);
	fake_close(&f);
}

static void
bad_records_are_counted_and_left_out(void **state)
{
	struct fake_record *r;

	(void)state;
	fake_open(&f, CAPACITY, HOLD, LATE);
	r = fake_put(&f, LANE_BULK, 0, 1, 10000);
	((struct event_head *)(void *)r->bytes)->len = 56;
	r = fake_put(&f, LANE_BULK, 0, 2, 10000);
	((struct event_head *)(void *)r->bytes)->len = r->len + 8;
	r = fake_put(&f, LANE_BULK, 0, 3, 10000);
	((struct event_head *)(void *)r->bytes)->cpu = FAKE_CPUS;
	r = fake_put(&f, LANE_BULK, 0, 4, 10000);
	((struct event_head *)(void *)r->bytes)->lane = LANE_META;
	fake_put(&f, LANE_BULK, 0, 5, UINT64_MAX);
	fake_put(&f, LANE_BULK, 0, 6, 10000);
	assert_int_equal(order_turn(&f.order, 20000), 1);
	expect_next(LANE_BULK, 0, 6, 0);
	assert_int_equal(stats_get(&f.stats, STAT_COLLECTOR_lost_bad), 5);
	assert_int_equal(stats_get(&f.stats, STAT_COLLECTOR_in), 6);
	assert_int_equal(stats_get(&f.stats, STAT_COLLECTOR_out), 1);
	fake_close(&f);
}

static void
a_full_raw_ring_stops_draining_and_loses_nothing(void **state)
{
	uint64_t seen = 0;

	(void)state;
	fake_open(&f, CAPACITY, HOLD, LATE);
	for (uint64_t i = 1; i <= 3000; i++)
		fake_put(&f, LANE_BULK, 0, i, 10000 + i);
	for (int turn = 0; turn < 8; turn++)
		(void)order_turn(&f.order, 20000);
	assert_true(f.raw.full);
	assert_false(f.order.complete);
	assert_int_equal(stats_get(&f.stats, STAT_COLLECTOR_raw_full), 1);
	assert_true(f.s.streams[1].released < 3000);
	assert_int_equal(f.s.streams[1].released, stats_get(&f.stats, STAT_COLLECTOR_out));
	for (int turn = 0; turn < 20; turn++) {
		const struct event_head *head;

		while ((head = fake_next(&f)) != NULL)
			assert_int_equal(head->seq, ++seen);
		ring_release(&f.consumer, seen);
		(void)order_turn(&f.order, 20000);
	}
	assert_int_equal(seen, 3000);
	assert_int_equal(f.s.streams[1].released, 3000);
	assert_int_equal(f.gaps.open_count, 0);
	fake_close(&f);
}

static void
a_successor_leaves_out_what_went_out(void **state)
{
	(void)state;
	fake_open(&f, CAPACITY, HOLD, LATE);
	for (uint64_t i = 1; i <= 10; i++)
		fake_put(&f, LANE_BULK, 0, i, 10000 + i);
	fake_put(&f, LANE_LIFE, 1, 1, 10005);
	assert_int_equal(order_turn(&f.order, 12006), 7);
	/* It died after publishing and before giving the room back. */
	f.s.streams[0].released = f.s.streams[1].released = 0;
	raw_detach(&f.raw);
	fake_start(&f, HOLD, LATE);
	assert_int_equal(f.raw.position, 7);
	(void)order_turn(&f.order, 20000);
	for (uint64_t i = 1; i <= 11; i++) {
		const struct event_head *head = fake_next(&f);

		assert_non_null(head);
		assert_int_equal(head->position, i);
		assert_int_equal(head->flags, 0);
	}
	assert_null(fake_next(&f));
	assert_int_equal(stats_get(&f.stats, STAT_COLLECTOR_repeated), 7);
	assert_int_equal(stats_get(&f.stats, STAT_COLLECTOR_in), 7 + 7 + 4);
	assert_int_equal(f.gaps.open_count, 0);
	fake_close(&f);
}

static void
a_successor_loses_nothing_that_was_copied_and_not_published(void **state)
{
	struct event_head head = { .len = 64, .lane = LANE_BULK, .seq = 1, .ts = 10001 };

	(void)state;
	fake_open(&f, CAPACITY, HOLD, LATE);
	fake_put(&f, LANE_BULK, 0, 1, 10001);
	assert_int_equal(raw_put(&f.raw, &head, 64, 0), 0);
	raw_detach(&f.raw);
	fake_start(&f, HOLD, LATE);
	assert_int_equal(order_turn(&f.order, 20000), 1);
	expect_next(LANE_BULK, 0, 1, 0);
	assert_null(fake_next(&f));
	fake_close(&f);
}

static void
a_poison_record_is_skipped_with_its_position(void **state)
{
	const struct event_head *head;

	(void)state;
	fake_open(&f, CAPACITY, HOLD, LATE);
	f.raw.skip_position = 2;
	for (uint64_t i = 1; i <= 3; i++)
		fake_put(&f, LANE_BULK, 0, i, 10000 + i);
	(void)order_turn(&f.order, 20000);
	expect_next(LANE_BULK, 0, 1, 0);
	head = fake_next(&f);
	assert_int_equal(head->seq, 3);
	assert_int_equal(head->position, 3);
	assert_true(f.order.poisoned);
	assert_int_equal(f.order.poison.seq, 2);
	assert_int_equal(f.gaps.open_count, 0);
	assert_int_equal(stats_get(&f.stats, STAT_COLLECTOR_lost_poison), 1);
	fake_close(&f);
}

static void
fed_records_stand_in_the_time_order(void **state)
{
	struct event_head fed[2] = {
		{ .len = 64, .type = EV_snapshot_task, .lane = LANE_META, .ts = 10010 },
		{ .len = 64, .type = EV_snapshot_task, .lane = LANE_META, .ts = 10030 },
	};

	(void)state;
	fake_open(&f, CAPACITY, HOLD, LATE);
	fake_put(&f, LANE_BULK, 0, 1, 10000);
	fake_put(&f, LANE_BULK, 0, 2, 10020);
	order_feed(&f.order, fed, sizeof(fed));
	assert_false(order_fed(&f.order));
	assert_int_equal(order_turn(&f.order, 20000), 4);
	assert_true(order_fed(&f.order));
	expect_next(LANE_BULK, 0, 1, 0);
	expect_next(LANE_META, 0, 2, 0);
	expect_next(LANE_BULK, 0, 2, 0);
	expect_next(LANE_META, 0, 4, 0);
	assert_int_equal(stats_get(&f.stats, STAT_COLLECTOR_own), 2);
	assert_int_equal(stats_get(&f.stats, STAT_COLLECTOR_in), 2);
	fake_close(&f);
}

static void
draining_puts_out_what_is_held_and_no_more(void **state)
{
	(void)state;
	fake_open(&f, CAPACITY, HOLD, LATE);
	fake_put(&f, LANE_BULK, 0, 1, 19999);
	fake_put(&f, LANE_BULK, 0, 2, 20001);
	order_drain(&f.order, 20000);
	assert_int_equal(order_turn(&f.order, 20001), 1);
	assert_true(order_drained(&f.order));
	fake_close(&f);
}

static void
many_random_streams_come_out_sorted_and_whole(void **state)
{
	uint64_t seq[FAKE_CPUS][2] = { { 0 } }, ts = 100000, last = 0, count = 0;
	unsigned int seed = 7;

	(void)state;
	fake_open(&f, 1 << 20, HOLD, LATE);
	for (int i = 0; i < 3000; i++) {
		uint32_t cpu = (uint32_t)rand_r(&seed) % FAKE_CPUS;
		uint32_t lane = (uint32_t)rand_r(&seed) % 2;

		ts += (uint64_t)rand_r(&seed) % 50;
		fake_put(&f, lane, cpu, ++seq[cpu][lane], ts);
	}
	for (uint64_t now = 100000; now < ts + 2 * HOLD; now += 700) {
		const struct event_head *head;

		(void)order_turn(&f.order, now);
		for (; (head = fake_next(&f)) != NULL; count++) {
			assert_true(head->ts >= last);
			assert_true(head->ts <= now - HOLD);
			last = head->ts;
		}
		ring_release(&f.consumer, count);
	}
	assert_int_equal(count, 3000);
	assert_int_equal(f.gaps.open_count, 0);
	assert_int_equal(stats_get(&f.stats, STAT_COLLECTOR_late), 0);
	fake_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_all_streams_go_out_in_time_order),
		cmocka_unit_test(positions_count_from_one_without_a_hole),
		cmocka_unit_test(young_records_are_held),
		cmocka_unit_test(a_stream_out_of_order_is_sorted_within_its_window),
		cmocka_unit_test(numbers_of_one_lane_stay_in_order_whatever_their_times),
		cmocka_unit_test(room_is_given_back_only_up_to_the_first_record_that_stayed),
		cmocka_unit_test(what_comes_after_younger_ones_is_late),
		cmocka_unit_test(an_incomplete_record_delays_others_only_for_a_while),
		cmocka_unit_test(an_incomplete_record_that_completes_in_time_is_in_order),
		cmocka_unit_test(an_incomplete_record_deep_in_a_backlog_holds_what_is_younger),
		cmocka_unit_test(bad_records_are_counted_and_left_out),
		cmocka_unit_test(a_full_raw_ring_stops_draining_and_loses_nothing),
		cmocka_unit_test(a_successor_leaves_out_what_went_out),
		cmocka_unit_test(a_successor_loses_nothing_that_was_copied_and_not_published),
		cmocka_unit_test(a_poison_record_is_skipped_with_its_position),
		cmocka_unit_test(fed_records_stand_in_the_time_order),
		cmocka_unit_test(draining_puts_out_what_is_held_and_no_more),
		cmocka_unit_test(many_random_streams_come_out_sorted_and_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
