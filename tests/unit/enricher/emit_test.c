/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

static int
setup(void **state)
{
	(void)state;
	stage_begin(256);
	stage_tell();
	return 0;
}

/* From the next record on these are wanted. */
static void
want(const struct interest *interest)
{
	interest_write(region_content(&world.interest), interest);
	scene_begin(&scene, EV_interest, NULL);
	(void)scene_end(&scene);
}

static void
what_the_event_had_is_all_there(void **state)
{
	struct span name = SPAN_NONE;

	(void)state;
	(void)scene_open(&scene, &shell, "/etc/shadow");
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world.record.head->result, 3);
	assert_int_equal(world.record.head->tid, 100);
	assert_int_equal(world.record.head->position, 3);
	assert_true(slots_bytes(&world.record.slots, P_open_name, &name));
	assert_true(span_equal(name, SPAN_OF("/etc/shadow")));
	assert_int_equal(slots_scalar_or(&world.record.slots, P_open_flags, 0), 1);
	assert_int_equal(slots_state(&world.record.slots, P_open_mode), PARAM_ABSENT);
}

static void
numbers_count_events_also_those_that_are_not_wanted(void **state)
{
	struct interest some;

	(void)state;
	memset(&some, 0, sizeof(some));
	some.events[0] = 1u << EV_open;
	want(&some);
	(void)scene_open(&scene, &shell, "a");
	scene_chdir(&scene, &shell, "/");
	scene_tick(&scene);
	(void)scene_open(&scene, &shell, "b");
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world_derived(&world, D_number), 1);
	assert_true(world_next(&world));
	assert_int_equal(world.record.head->type, EV_tick);
	assert_true(world_next(&world));
	assert_int_equal(world_derived(&world, D_number), 3);
	assert_int_equal(world_count(&world, STAT_ENRICHER_filtered), 2 + 1);
}

static void
interest_comes_into_force_where_the_stream_says(void **state)
{
	struct interest none;

	(void)state;
	memset(&none, 0, sizeof(none));
	interest_write(region_content(&world.interest), &none);
	(void)scene_open(&scene, &shell, "before");
	scene_begin(&scene, EV_interest, NULL);
	(void)scene_end(&scene);
	(void)scene_open(&scene, &shell, "behind");
	world_feed(&world, &scene);
	world_turn(&world);
	assert_true(world_next(&world));
	assert_int_equal(world.record.head->type, EV_open);
	assert_true(world_next(&world));
	assert_int_equal(world.record.head->type, EV_interest);
	assert_false(world_next(&world));
}

/* Its evaluator was killed over it, say: what the rules want is not known till it is whole. */
static void
interest_that_is_being_written_leaves_nothing_out(void **state)
{
	struct interest *shared = region_content(&world.interest);
	struct interest none;

	(void)state;
	memset(&none, 0, sizeof(none));
	want(&none);
	(void)scene_open(&scene, &shell, "not wanted");
	world_expect(&world, &scene, EV_interest);
	assert_false(world_next(&world));
	shared->generation++;
	scene_begin(&scene, EV_interest, NULL);
	(void)scene_end(&scene);
	(void)scene_open(&scene, &shell, "not known");
	world_expect(&world, &scene, EV_interest);
	assert_true(world_next(&world));
	assert_int_equal(world.record.head->type, EV_open);
	world_start(&world, 0); /* nor is it by a successor */
	(void)scene_open(&scene, &shell, "still not known");
	world_expect(&world, &scene, EV_open);
	interest_write(shared, &none);
	(void)scene_open(&scene, &shell, "known again");
	world_feed(&world, &scene);
	world_turn(&world);
	assert_false(world_next(&world));
}

/* An enricher that was killed while it noted the interest, before the next one can read it. */
static void
interest_that_is_half_noted_leaves_nothing_out(void **state)
{
	struct interest *shared = region_content(&world.interest);
	struct state_head *head = region_content(&world.state);

	(void)state;
	memset(&head->interest, 0, sizeof(head->interest));
	head->interest_changing = 1;
	shared->generation++;
	world_start(&world, 0);
	(void)scene_open(&scene, &shell, "not known");
	world_expect(&world, &scene, EV_open);
}

static void
system_calls_are_wanted_by_number(void **state)
{
	struct interest some;

	(void)state;
	memset(&some, 0, sizeof(some));
	some.events[0] = (uint64_t)1 << EV_syscall;
	some.syscalls[1] = 1u << 3; /* 67 */
	want(&some);
	for (uint32_t nr = 66; nr < 69; nr++) {
		scene_begin(&scene, EV_syscall, &shell);
		scene_number(&scene, P_syscall_ID, nr);
		(void)scene_end(&scene);
	}
	world_expect(&world, &scene, EV_syscall);
	assert_int_equal(slots_scalar_or(&world.record.slots, P_syscall_ID, 0), 67);
	assert_false(world_next(&world));
}

static void
derived_rows_that_no_rule_reads_are_absent(void **state)
{
	struct interest some;

	(void)state;
	memset(&some, 0, sizeof(some));
	some.events[0] = 1u << EV_open;
	some.derived = 1u << D_parent;
	want(&some);
	(void)scene_open(&scene, &shell, "a");
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world_derived(&world, D_parent), 1);
	assert_int_equal(world_derived(&world, D_sid), UINT64_MAX);
	assert_int_equal(slots_state(&world.record.slots,
	    record_derived(&world.record, D_ancestors)), PARAM_ABSENT);
	assert_int_not_equal(world_derived(&world, D_context), 0);
	assert_int_not_equal(world_derived(&world, D_number), UINT64_MAX);
	assert_int_not_equal(world_derived(&world, D_lost), UINT64_MAX);
}

static void
ancestors_are_told_nearest_first(void **state)
{
	struct actor child = { 200, 200, 5, 2000, &shell };
	struct span list;
	uint32_t ancestors[2];

	(void)state;
	scene_clone(&scene, &child, "sh");
	(void)scene_open(&scene, &child, "a");
	world_expect(&world, &scene, EV_open);
	list = slots_bytes_or_none(&world.record.slots, record_derived(&world.record, D_ancestors));
	assert_int_equal(list.len, sizeof(ancestors));
	memcpy(ancestors, list.ptr, sizeof(ancestors));
	assert_int_equal(ancestors[0], 100);
	assert_int_equal(ancestors[1], 1);
	assert_int_equal(world_derived(&world, D_ns_pid), 200);
	assert_int_equal(world_derived(&world, D_parent_ns_pid), 100);
	assert_int_equal(world_derived(&world, D_sid), 100);
}

static void
the_collectors_own_records_go_on_but_what_is_state(void **state)
{
	static const uint16_t types[] = { EV_anchor, EV_host, EV_loss, EV_end };

	(void)state;
	scene_names(&scene, NAMES_USERS, 1, "root:x:0:\n");
	scene_snapshot_end(&scene, 1, 0);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		scene_begin(&scene, types[i], NULL);
		(void)scene_end(&scene);
	}
	world_feed(&world, &scene);
	world_turn(&world);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		assert_true(world_next(&world));
		assert_int_equal(world.record.head->type, types[i]);
		assert_int_equal(world_derived(&world, D_context), UINT64_MAX);
	}
	assert_false(world_next(&world));
}

static void
a_record_that_grows_too_large_is_counted(void **state)
{
	static char text[EVENT_RECORD_MAX];
	size_t room;

	(void)state;
	memset(text, 'z', sizeof(text));
	scene_begin(&scene, EV_init_module, &shell);
	room = EVENT_RECORD_MAX - scene.writer.used;
	scene_bytes(&scene, P_init_module_img, text, room);
	(void)scene_end(&scene);
	(void)scene_open(&scene, &shell, "next");
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world_count(&world, STAT_ENRICHER_lost_large), 1);
	scene_begin(&scene, EV_init_module, &shell);
	scene_bytes(&scene, P_init_module_img, text, room - EMIT_EXTRA_MAX);
	(void)scene_end(&scene);
	world_expect(&world, &scene, EV_init_module);
}

static void
bad_records_are_counted_and_skipped(void **state)
{
	size_t at = scene.len;

	(void)state;
	(void)scene_open(&scene, &shell, "bad");
	scene.bytes[at + offsetof(struct event_head, reserved)] = 1;
	at = scene_open(&scene, &shell, "bad");
	scene.bytes[at + offsetof(struct event_head, type)] = 250;
	scene_begin(&scene, EV_alert, &shell);
	(void)scene_end(&scene);
	scene_begin(&scene, EV_open, &shell);
	record_head(&scene.writer)->position = 0;
	(void)scene_end(&scene);
	at = scene_open(&scene, &shell, "again");
	((struct event_head *)(void *)(scene.bytes + at))->position = 1;
	(void)scene_open(&scene, &shell, "good");
	world_expect(&world, &scene, EV_open);
	assert_true(span_equal(slots_bytes_or_none(&world.record.slots, P_open_name),
	    SPAN_OF("good")));
	assert_int_equal(world_count(&world, STAT_ENRICHER_lost_bad), 4);
	assert_int_equal(world_count(&world, STAT_ENRICHER_repeated), 1);
}

static void
a_tap_adds_and_takes_away_nothing(void **state)
{
	struct interest some, tap;

	(void)state;
	memset(&some, 0, sizeof(some));
	some.events[0] = 1u << EV_open;
	want(&some);
	memset(&tap, 0, sizeof(tap));
	tap.events[0] = (uint64_t)1 << EV_chdir;
	interest_write(region_content(&world.tap_interest), &tap);
	scene_tick(&scene);
	scene_chdir(&scene, &shell, "/");
	(void)scene_open(&scene, &shell, "a");
	world_expect(&world, &scene, EV_chdir);
	assert_true(world_next(&world));
	assert_int_equal(world.record.head->type, EV_open);
	assert_int_equal(world_derived(&world, D_number), 2);
	memset(&tap, 0, sizeof(tap));
	interest_write(region_content(&world.tap_interest), &tap);
	scene_tick(&scene);
	scene_chdir(&scene, &shell, "/");
	(void)scene_open(&scene, &shell, "b");
	world_expect(&world, &scene, EV_tick);
	assert_true(world_next(&world));
	assert_int_equal(world.record.head->type, EV_open);
	assert_int_equal(world_derived(&world, D_number), 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_the_event_had_is_all_there),
		TEST(numbers_count_events_also_those_that_are_not_wanted),
		TEST(interest_comes_into_force_where_the_stream_says),
		TEST(interest_that_is_being_written_leaves_nothing_out),
		TEST(interest_that_is_half_noted_leaves_nothing_out),
		TEST(system_calls_are_wanted_by_number),
		TEST(derived_rows_that_no_rule_reads_are_absent),
		TEST(ancestors_are_told_nearest_first),
		TEST(the_collectors_own_records_go_on_but_what_is_state),
		TEST(a_record_that_grows_too_large_is_counted),
		TEST(bad_records_are_counted_and_skipped),
		TEST(a_tap_adds_and_takes_away_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
