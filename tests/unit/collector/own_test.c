/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <time.h>

#include "fake_source.h"
#include "own.h"
#include "record.h"

static const uint64_t ms = 1000000;

static struct fake f;
static struct own own;

/* The next record, judged as the enricher does. */
static uint16_t
next(struct record *record)
{
	const struct event_head *head = fake_next(&f);

	if (!head)
		return EV_none;
	assert_int_equal(record_check(record, head, head->len, RECORD_RAW), 0);
	assert_int_equal(head->lane, LANE_META);
	assert_int_equal(head->seq, head->position);
	return head->type;
}

static void
start(void)
{
	fake_open(&f, RING_BYTES_MIN, 0, 1000);
	order_begin(&f.order, 5000);
	own_open(&own, &f.raw, &f.order);
}

static void
finish(void)
{
	own_close(&own);
	fake_close(&f);
}

static void
a_stream_begins_with_host_anchor_and_names(void **state)
{
	struct record record;
	uint64_t told[OWN_TABLES] = { 0 }, total = 0;
	uint16_t type;

	(void)state;
	start();
	assert_int_equal(own_begin(&own), 0);
	assert_int_equal(next(&record), EV_host);
	assert_int_equal(record.head->ts, 5000);
	assert_int_equal(slots_scalar_or(&record.slots, P_host_cpu_count, 0), FAKE_CPUS);
	assert_true(slots_bytes_or_none(&record.slots, P_host_name).len > 0);
	assert_int_equal(next(&record), EV_anchor);
	while ((type = next(&record)) == EV_names) {
		uint64_t kind = slots_scalar_or(&record.slots, P_names_kind, OWN_TABLES);
		struct span bytes = slots_bytes_or_none(&record.slots, P_names_bytes);

		assert_true(kind < OWN_TABLES);
		assert_int_equal(slots_scalar_or(&record.slots, P_names_offset, 1), told[kind]);
		told[kind] += bytes.len;
		total = slots_scalar_or(&record.slots, P_names_total, 0);
		assert_true(told[kind] <= total);
	}
	assert_int_equal(type, EV_none);
	assert_true(told[0] > 0 && told[1] > 0);
	assert_int_equal(told[1], total);
	finish();
}

static void
an_anchor_gives_the_wall_clock(void **state)
{
	struct record record;
	struct timespec now;
	int64_t wall;

	(void)state;
	start();
	assert_int_equal(own_begin(&own), 0);
	assert_int_equal(next(&record), EV_host);
	assert_int_equal(next(&record), EV_anchor);
	wall = (int64_t)own_clock() +
	    (int64_t)slots_scalar_or(&record.slots, P_anchor_wall_offset, 0);
	(void)clock_gettime(CLOCK_REALTIME, &now);
	wall -= (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	assert_true(wall > -1000000000 && wall < 1000000000);
	finish();
}

static void
names_are_cut_at_lines(void **state)
{
	static char text[3 * OWN_CHUNK_BYTES];
	size_t len;

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(own_chunk(text, 0), 0);
	assert_int_equal(own_chunk(text, OWN_CHUNK_BYTES), OWN_CHUNK_BYTES);
	text[100] = '\n';
	text[OWN_CHUNK_BYTES - 1] = '\n';
	assert_int_equal(own_chunk(text, sizeof(text)), OWN_CHUNK_BYTES);
	text[OWN_CHUNK_BYTES - 1] = 'x';
	text[OWN_CHUNK_BYTES] = '\n';
	len = own_chunk(text, sizeof(text));
	assert_int_equal(len, 101);
	/* A line longer than a piece is cut: the reader joins by offset. */
	assert_int_equal(own_chunk(text + OWN_CHUNK_BYTES + 1, sizeof(text) - OWN_CHUNK_BYTES - 1),
	    OWN_CHUNK_BYTES);
}

static void
ticks_come_each_10_ms_with_traffic_and_each_second_without(void **state)
{
	struct event_head head = { .len = 64, .lane = LANE_BULK, .seq = 1, .ts = 6000 };
	uint64_t now = 100 * 1000 * ms;
	struct record record;

	(void)state;
	start();
	own.wall_offset = 0;
	own_time(&own, now);
	raw_publish(&f.raw);
	while (next(&record) == EV_anchor)
		;
	assert_int_equal(record.head->type, EV_tick);
	own_time(&own, now + 999 * ms);
	raw_publish(&f.raw);
	assert_int_equal(next(&record), EV_none);
	assert_int_equal(raw_put(&f.raw, &head, 64, 0), 0);
	own_time(&own, now + 999 * ms);
	raw_publish(&f.raw);
	assert_non_null(fake_next(&f));
	assert_int_equal(next(&record), EV_tick);
	assert_int_equal(slots_scalar_or(&record.slots, P_tick_count, 0), 2);
	own_time(&own, now + 1998 * ms);
	raw_publish(&f.raw);
	assert_int_equal(next(&record), EV_none);
	own_time(&own, now + 1999 * ms);
	raw_publish(&f.raw);
	assert_int_equal(next(&record), EV_tick);
	finish();
}

static void
a_loss_is_told_exactly(void **state)
{
	const struct gap_due due = {
		.gap = { 5, 9, 5, 100, 200, 0, 0 },
		.cpu = 1,
		.lane = LANE_LIFE,
	};
	struct record record;

	(void)state;
	start();
	assert_int_equal(own_loss(&own, &due, LOSS_RING_FULL), 0);
	raw_publish(&f.raw);
	assert_int_equal(next(&record), EV_loss);
	assert_int_equal(slots_scalar_or(&record.slots, P_loss_lane, 9), LANE_LIFE);
	assert_int_equal(slots_scalar_or(&record.slots, P_loss_cpu, 9), 1);
	assert_int_equal(slots_scalar_or(&record.slots, P_loss_first, 0), 5);
	assert_int_equal(slots_scalar_or(&record.slots, P_loss_last, 0), 9);
	assert_int_equal(slots_scalar_or(&record.slots, P_loss_count, 0), 5);
	assert_int_equal(slots_scalar_or(&record.slots, P_loss_begin_ts, 0), 100);
	assert_int_equal(slots_scalar_or(&record.slots, P_loss_end_ts, 0), 200);
	assert_int_equal(slots_scalar_or(&record.slots, P_loss_reason, 0), LOSS_RING_FULL);
	assert_int_equal(*raw_word(&f.raw, 1, LANE_LIFE), 9);
	finish();
}

static void
interest_snapshot_and_end_are_told(void **state)
{
	const struct interest interest = { .rules_hash = 77, .generation = 4 };
	struct record record;

	(void)state;
	start();
	assert_int_equal(own_interest(&own, 0, &interest), 0);
	assert_int_equal(own_snapshot_end(&own, 3, 1000, 50), 0);
	assert_int_equal(own_end(&own), 0);
	raw_publish(&f.raw);
	assert_int_equal(next(&record), EV_interest);
	assert_int_equal(slots_scalar_or(&record.slots, P_interest_hash, 0), 77);
	assert_int_equal(slots_scalar_or(&record.slots, P_interest_generation, 0), 4);
	assert_int_equal(next(&record), EV_snapshot_end);
	assert_int_equal(slots_scalar_or(&record.slots, P_snapshot_end_generation, 0), 3);
	assert_int_equal(slots_scalar_or(&record.slots, P_snapshot_end_task_count, 0), 1000);
	assert_int_equal(next(&record), EV_end);
	assert_int_equal(slots_scalar_or(&record.slots, P_end_record_count, 0), 3);
	finish();
}

static void
own_records_are_not_older_than_what_went_out(void **state)
{
	struct record record;

	(void)state;
	start();
	fake_put(&f, LANE_BULK, 0, 1, 7000);
	assert_int_equal(order_turn(&f.order, 8000), 1);
	assert_int_equal(own_end(&own), 0);
	raw_publish(&f.raw);
	assert_non_null(fake_next(&f));
	assert_int_equal(next(&record), EV_end);
	assert_int_equal(record.head->ts, 8000);
	finish();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_begins_with_host_anchor_and_names),
		cmocka_unit_test(an_anchor_gives_the_wall_clock),
		cmocka_unit_test(names_are_cut_at_lines),
		cmocka_unit_test(ticks_come_each_10_ms_with_traffic_and_each_second_without),
		cmocka_unit_test(a_loss_is_told_exactly),
		cmocka_unit_test(interest_snapshot_and_end_are_told),
		cmocka_unit_test(own_records_are_not_older_than_what_went_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
