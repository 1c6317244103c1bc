/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts of several evaluators in the order of their positions. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "alert.h"
#include "merge.h"

enum { SOURCES = 3 };

static struct region data[SOURCES], tail[SOURCES];
static struct ring producers[SOURCES];
static struct merge merge;
static struct dealt dealt;

static void
start(uint32_t count)
{
	memset(&merge, 0, sizeof(merge));
	merge.count = count;
	merge.dealt = count > 1 ? &dealt : NULL;
	for (uint32_t i = 0; i < count; i++)
		assert_int_equal(ring_attach_consumer_take(&merge.sources[i].ring,
		    region_reopen(&data[i], false), region_reopen(&tail[i], true),
		    REGION_ALERT_DATA), 0);
}

static int
make(void **state)
{
	(void)state;
	memset(&dealt, 0, sizeof(dealt));
	for (int i = 0; i < SOURCES; i++) {
		if (region_create(&data[i], REGION_ALERT_DATA, RING_DATA_CONTENT(128 << 10)) < 0 ||
		    region_create(&tail[i], REGION_ALERT_TAIL, RING_TAIL_CONTENT) < 0 ||
		    ring_attach_producer_take(&producers[i], region_reopen(&data[i], true),
		        region_reopen(&tail[i], false), REGION_ALERT_DATA, 0) < 0)
			return -1;
	}
	start(SOURCES);
	return 0;
}

static int
unmake(void **state)
{
	(void)state;
	merge_close(&merge);
	for (int i = 0; i < SOURCES; i++) {
		ring_detach(&producers[i]);
		region_close(&data[i]);
		region_close(&tail[i]);
	}
	return 0;
}

/* Evaluator WHOSE alerts at POSITION, as number INDEX of that event, having judged up to JUDGED. */
static void
alert_index(uint32_t whose, uint64_t position, uint32_t index, uint64_t judged)
{
	static _Alignas(8) uint8_t bytes[EVENT_RECORD_MAX];
	struct record_writer writer;
	int len, err;
	void *at;

	record_begin(&writer, bytes, sizeof(bytes), EV_alert, P_alert_COUNT);
	record_head(&writer)->lane = LANE_META;
	record_head(&writer)->position = position;
	record_put(&writer, P_alert_index, index);
	len = record_end(&writer);
	at = ring_reserve(&producers[whose], (uint32_t)len, &err);
	assert_non_null(at);
	memcpy(at, bytes, (size_t)len);
	ring_commit(&producers[whose], (uint32_t)len);
	ring_publish(&producers[whose], judged);
}

static void
alert(uint32_t whose, uint64_t position)
{
	alert_index(whose, position, 0, position);
}

/* Look, and say what goes out next: its position, 0 when nothing does. */
static uint64_t
next(void)
{
	const void *record;
	struct alert read;
	int len;

	merge_look(&merge);
	if ((len = merge_next(&merge, &record)) == 0)
		return 0;
	assert_int_equal(alert_read(&read, record, (size_t)len), 0);
	return read.key.position;
}

static void
one_evaluator_waits_for_nobody(void **state)
{
	(void)state;
	merge_close(&merge);
	start(1);
	alert(0, 5);
	alert(0, 6);
	assert_int_equal(next(), 5);
	assert_int_equal(next(), 6);
	assert_int_equal(next(), 0);
	assert_int_equal(merge_position(&merge), 6);
}

static void
alerts_go_out_in_the_order_of_positions(void **state)
{
	(void)state;
	alert(0, 30);
	alert(1, 10);
	alert(2, 20);
	alert(1, 40);
	assert_int_equal(next(), 10);
	assert_int_equal(next(), 20);
	/* 2 has judged up to 20, and may have something to say of 21 to 30. */
	assert_int_equal(next(), 0);
	ring_publish(&producers[2], 29);
	assert_int_equal(next(), 0);
	ring_publish(&producers[2], 30);
	assert_int_equal(next(), 30);
	assert_int_equal(next(), 0);
	assert_int_equal(merge_position(&merge), 30);
}

static void
an_idle_evaluator_is_not_waited_for(void **state)
{
	const uint64_t last[SOURCES] = { 50, 0, 33 };

	(void)state;
	alert(0, 50);
	assert_int_equal(next(), 0);
	dealt_tell(&dealt, last, SOURCES, 49);
	assert_int_equal(next(), 0);
	dealt_tell(&dealt, last, SOURCES, 60);
	assert_int_equal(next(), 0); /* 2 has still to judge the record at 33 */
	ring_publish(&producers[2], 33);
	assert_int_equal(next(), 50);
}

static void
alerts_of_one_event_stay_together(void **state)
{
	(void)state;
	ring_publish(&producers[2], 100);
	/* Half of what is said of 10 goes out before it is judged whole. */
	alert_index(0, 10, 0, 9);
	alert_index(1, 12, 0, 12);
	assert_int_equal(next(), 10);
	assert_int_equal(next(), 0);
	alert_index(0, 10, 1, 10);
	assert_int_equal(next(), 10);
	assert_int_equal(next(), 0);
	ring_publish(&producers[0], 12);
	assert_int_equal(next(), 12);
}

static void
an_evaluator_that_has_ended_is_not_waited_for(void **state)
{
	(void)state;
	alert(0, 10);
	alert(1, 8);
	ring_end(&producers[1]);
	assert_int_equal(next(), 0);
	ring_end(&producers[2]);
	assert_int_equal(next(), 8);
	assert_int_equal(next(), 10);
	assert_false(merge_ended(&merge));
	ring_end(&producers[0]);
	assert_true(merge_ended(&merge));
}

static void
at_the_end_nothing_is_waited_for(void **state)
{
	(void)state;
	alert(0, 10);
	alert(1, 8);
	assert_int_equal(next(), 0);
	merge.over = true;
	assert_int_equal(next(), 8);
	assert_int_equal(next(), 10);
	assert_int_equal(next(), 0);
}

/* What was read and waits for its turn is still in its ring when the spooler dies. */
static void
a_successor_reads_what_was_held(void **state)
{
	(void)state;
	alert(0, 10);
	alert(1, 30);
	ring_publish(&producers[2], 20);
	assert_int_equal(next(), 10);
	ring_publish(&producers[0], 40);
	assert_int_equal(next(), 0);
	merge_release(&merge, 10);
	assert_int_equal(ring_waiting(&producers[0]), 0);
	assert_true(merge_waiting(&merge) > 0);
	merge_close(&merge);
	start(SOURCES);
	assert_int_equal(next(), 0);
	ring_publish(&producers[2], 30);
	assert_int_equal(next(), 30);
	merge_release(&merge, 30);
	assert_int_equal(merge_waiting(&merge), 0);
}

static void
what_is_no_alert_goes_out_at_once(void **state)
{
	const void *record;
	struct alert read;
	int err;
	void *at = ring_reserve(&producers[1], 64, &err);

	(void)state;
	memset(at, 0, 64);
	*(uint32_t *)at = 64;
	ring_commit(&producers[1], 64);
	ring_publish(&producers[1], 1);
	alert(0, 10);
	merge_look(&merge);
	assert_int_equal(merge_next(&merge, &record), 64);
	assert_int_equal(alert_read(&read, record, 64), -EBADMSG);
}

static void
a_broken_ring_is_named(void **state)
{
	const void *record;
	struct ring_producer_page *page = region_content(&data[2]);

	(void)state;
	alert(0, 10);
	page->head = 3;
	merge_look(&merge);
	assert_int_equal(merge_next(&merge, &record), -EBADMSG);
	assert_int_equal(merge.broken, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_evaluator_waits_for_nobody),
		TEST(alerts_go_out_in_the_order_of_positions),
		TEST(an_idle_evaluator_is_not_waited_for),
		TEST(alerts_of_one_event_stay_together),
		TEST(an_evaluator_that_has_ended_is_not_waited_for),
		TEST(at_the_end_nothing_is_waited_for),
		TEST(a_successor_reads_what_was_held),
		TEST(what_is_no_alert_goes_out_at_once),
		TEST(a_broken_ring_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
