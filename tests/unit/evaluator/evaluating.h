/* SPDX-License-Identifier: Apache-2.0 */
/* A whole evaluator between its rings, with the test as enricher and spooler. */
#ifndef TESTS_EVALUATING_H
#define TESTS_EVALUATING_H

#include <errno.h>

#include "events.h"

#include "eval_cost.h"
#include "evaluator.h"

enum { RING_BYTES = RING_BYTES_MIN, CONTEXTS = 64 };

static struct evaluator evaluator; /* the one that runs */
static struct config config;
static struct stats stats;
static struct ruleset ruleset, second;

static struct world {
	struct region full_data, full_tail, alert_data, alert_tail, contexts, interest, costs;
	struct ring full, alert; /* the other ends */
	_Alignas(8) uint8_t bytes[EVENT_RECORD_MAX];
} world;

static int
end_of(const struct region *region, bool writable)
{
	int fd = region_reopen(region, writable);

	assert_true(fd >= 0);
	return fd;
}

static int
start(uint64_t skip_position)
{
	const struct evaluator_ends ends = {
		.full_data = end_of(&world.full_data, false),
		.full_tail = end_of(&world.full_tail, true),
		.alert_data = end_of(&world.alert_data, true),
		.alert_tail = end_of(&world.alert_tail, false),
		.contexts = end_of(&world.contexts, false),
		.interest = end_of(&world.interest, true),
		.costs = end_of(&world.costs, true),
	};

	int err = evaluator_open_take(&evaluator, &ends, &config, &stats, skip_position);

	if (err == 0 && (err = evaluator_use(&evaluator, &ruleset)) == 0)
		evaluator_want(&evaluator);
	return err;
}

static void
rules(struct ruleset *set, const char *text)
{
	const struct ruleset_options options = { .priority = PRIORITY_DEBUG };
	struct ruleset_result result = { .valid = false };
	static struct ruleset_file file;

	(void)snprintf(file.name, sizeof(file.name), "rules.yaml");
	file.bytes = (char *)text;
	file.len = strlen(text);
	if (ruleset_load(set, &file, 1, &options, &result) < 0)
		fail_msg("%s", result.diags.items[0].text);
	diags_fini(&result.diags);
}

static int
set_up(void **state)
{
	(void)state;
	memset(&stats, 0, sizeof(stats));
	events_begin(&events);
	config_defaults(&config);
	assert_int_equal(
	    region_create(&world.full_data, REGION_FULL_DATA, RING_DATA_CONTENT(RING_BYTES)), 0);
	assert_int_equal(region_create(&world.full_tail, REGION_FULL_TAIL, RING_TAIL_CONTENT), 0);
	assert_int_equal(
	    region_create(&world.alert_data, REGION_ALERT_DATA, RING_DATA_CONTENT(RING_BYTES)), 0);
	assert_int_equal(region_create(&world.alert_tail, REGION_ALERT_TAIL, RING_TAIL_CONTENT), 0);
	assert_int_equal(
	    region_create(&world.contexts, REGION_CONTEXTS, context_arena_content(CONTEXTS)), 0);
	assert_int_equal(region_create(&world.interest, REGION_INTEREST, INTEREST_CONTENT), 0);
	assert_int_equal(region_create(&world.costs, REGION_COSTS, COSTS_CONTENT), 0);
	assert_int_equal(ring_attach_producer_take(&world.full, end_of(&world.full_data, true),
	    end_of(&world.full_tail, false), REGION_FULL_DATA, 0), 0);
	assert_int_equal(ring_attach_consumer_take(&world.alert, end_of(&world.alert_data, false),
	    end_of(&world.alert_tail, true), REGION_ALERT_DATA), 0);
	rules(&ruleset, "- rule: Opened\n  desc: d\n  condition: evt.type = openat\n"
	    "  output: \"%evt.hostname %evt.time %fd.name\"\n  priority: INFO\n"
	    "- rule: Again\n  desc: d\n  condition: evt.type in (openat, mkdir)\n"
	    "  output: o\n  priority: INFO\n");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	evaluator_close(&evaluator);
	ruleset_fini(&ruleset);
	ruleset_fini(&second);
	ring_detach(&world.full);
	ring_detach(&world.alert);
	region_close(&world.full_data);
	region_close(&world.full_tail);
	region_close(&world.alert_data);
	region_close(&world.alert_tail);
	region_close(&world.contexts);
	region_close(&world.interest);
	region_close(&world.costs);
	events_end(&events);
	return 0;
}

/* Put what the fixture's writer holds into the full ring, at POSITION. */
static void
feed(uint64_t position)
{
	const struct event_head *head = (const void *)events.bytes;
	void *at;
	int err;

	((struct event_head *)(void *)events.bytes)->position = position;
	at = ring_reserve(&world.full, head->len, &err);
	assert_non_null(at);
	memcpy(at, events.bytes, head->len);
	ring_commit(&world.full, head->len);
	ring_publish(&world.full, position);
}

static void
feed_open(uint64_t position, const char *path)
{
	event_openat(&events, 0, path, path);
	feed(position);
}

static void
feed_clock(uint64_t position, int64_t wall_offset, const char *host)
{
	event_begin(&events, EV_anchor, 0);
	record_put(&events.writer, P_anchor_wall_offset, (uint64_t)wall_offset);
	record_put(&events.writer, P_anchor_utc_offset, 7200);
	event_end(&events, 0);
	feed(position);
	event_begin(&events, EV_host, 0);
	event_text(&events, P_host_name, host);
	event_end(&events, 0);
	feed(position + 1);
}

/* The next alert's message, or "" when there is none. */
static const char *
next_alert(uint64_t *position, uint64_t *index)
{
	static char message[256];
	struct record record;
	struct span text;
	int len = ring_next(&world.alert, world.bytes, sizeof(world.bytes));

	if (len == 0)
		return "";
	assert_int_equal(record_check(&record, world.bytes, (size_t)len, RECORD_RAW), 0);
	*position = record.head->position;
	assert_true(slots_scalar(&record.slots, P_alert_index, index));
	text = slots_bytes_or_none(&record.slots, P_alert_message);
	(void)snprintf(message, sizeof(message), "%.*s", (int)text.len, text.ptr);
	ring_release(&world.alert, *position);
	return message;
}

#endif
