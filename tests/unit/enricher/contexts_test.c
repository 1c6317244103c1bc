/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

static int
setup(void **state)
{
	(void)state;
	stage_begin(64);
	stage_tell();
	return 0;
}

/* The context that an event of ACTOR names now. */
static uint64_t
context_of(const struct actor *actor)
{
	(void)scene_open(&scene, actor, "x");
	world_expect(&world, &scene, EV_open);
	return world_derived(&world, D_context);
}

static void
the_same_content_is_the_same_context(void **state)
{
	struct actor a = { 200, 200, 5, 2000, &shell }, b = { 300, 300, 5, 3000, &shell };
	uint64_t context;

	(void)state;
	scene_clone(&scene, &a, "sh");
	scene_clone(&scene, &b, "sh");
	context = context_of(&a);
	assert_int_not_equal(context, 0);
	assert_int_equal(context_of(&b), context);
	assert_int_equal(context_of(&a), context);
	assert_true(world_count(&world, STAT_ENRICHER_contexts_shared) > 0);
	/* The same bytes below another parent are another context. */
	b.parent = &init;
	b.exec = 1;
	b.start++;
	scene_clone(&scene, &b, "sh");
	assert_int_not_equal(context_of(&b), context);
}

static void
ids_never_come_again(void **state)
{
	struct actor actor = { 200, 200, 5, 2000, &shell };
	char name[16];
	uint64_t last = 0;

	(void)state;
	scene_clone(&scene, &actor, "sh");
	for (uint32_t i = 0; i < 500; i++) { /* many times what the arena holds */
		uint64_t id;

		(void)snprintf(name, sizeof(name), "p%u", i);
		scene_exec(&scene, &actor, name, "/bin/p");
		id = context_of(&actor);
		assert_true(id > last);
		last = id;
		world_context(&world);
		assert_context_text(&world, C_comm, name);
		world_parent(&world);
		assert_context_text(&world, C_comm, "bash");
	}
	assert_true(world_count(&world, STAT_ENRICHER_contexts) <= 64 + 32 + 1);
	assert_int_equal(world_count(&world, STAT_ENRICHER_contexts_full), 0);
}

static void
a_slot_that_is_still_to_be_read_is_waited_for(void **state)
{
	struct actor actor = { 200, 200, 5, 2000, &shell };
	char name[16];
	uint32_t read = 0;

	(void)state;
	scene_clone(&scene, &actor, "sh");
	for (uint32_t i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "p%u", i);
		scene_exec(&scene, &actor, name, "/bin/p");
	}
	world_feed(&world, &scene);
	for (uint32_t i = 0; i < 20; i++)
		assert_int_equal(enricher_turn(world.enricher, 1000), 0);
	assert_int_equal(world_count(&world, STAT_ENRICHER_contexts_full), 1);
	assert_false(enricher_drained(world.enricher));
	/* Whatever has been written can still be read, and the rest comes when it was. */
	while (!enricher_drained(world.enricher) || ring_waiting(&world.evaluator) > 0) {
		if (world_next(&world) && world.record.head->type == EV_execve) {
			world_context(&world);
			(void)snprintf(name, sizeof(name), "p%u", read++);
			assert_context_text(&world, C_comm, name);
		}
		assert_int_equal(enricher_turn(world.enricher, 1000), 0);
	}
	assert_int_equal(read, 300);
}

static void
rows_that_no_rule_reads_are_absent(void **state)
{
	struct interest some;

	(void)state;
	(void)context_of(&shell);
	world_context(&world);
	assert_int_equal(slots_state(&world.view.slots, C_exe_ino), PARAM_EXACT);
	memset(&some, 0, sizeof(some));
	some.events[0] = 1u << EV_open;
	interest_write(region_content(&world.interest), &some);
	scene_begin(&scene, EV_interest, NULL);
	(void)scene_end(&scene);
	(void)context_of(&shell);
	world_context(&world);
	assert_int_equal(slots_state(&world.view.slots, C_exe_ino), PARAM_ABSENT);
	assert_int_equal(slots_state(&world.view.slots, C_env), PARAM_ABSENT);
	assert_context_text(&world, C_comm, "bash");
}

/* A task whose texts fill LEN bytes. */
static void
exec_long(struct actor *actor, size_t len)
{
	static char text[EVENT_PATH_MAX];

	memset(text, 'y', sizeof(text));
	actor->exec++;
	scene_begin(&scene, EV_execve, actor);
	scene_text(&scene, P_execve_comm, "long");
	scene_bytes(&scene, P_execve_trusted_exepath, text, len);
	scene_bytes(&scene, P_execve_exe, text, len);
	scene_bytes(&scene, P_execve_args, text, len);
	scene_bytes(&scene, P_execve_cwd, text, len);
	scene_bytes(&scene, P_execve_env, text, len);
	scene_number(&scene, P_execve_ptid, actor->parent->tid);
	scene_number(&scene, P_execve_parent_start, actor->parent->start);
	(void)scene_end(&scene);
}

static void
long_contexts_have_larger_slots_and_at_last_are_cut(void **state)
{
	struct actor actor = { 200, 200, 5, 2000, &shell };

	(void)state;
	exec_long(&actor, 300);
	(void)context_of(&actor);
	world_context(&world);
	assert_true(world.view.head->len > 512 && world.view.head->len <= 2048);
	exec_long(&actor, 2000);
	(void)context_of(&actor);
	world_context(&world);
	assert_true(world.view.head->len > 2048);
	assert_int_equal(slots_state(&world.view.slots, C_env), PARAM_EXACT);
	assert_int_equal(world_count(&world, STAT_ENRICHER_contexts_cut), 0);
	exec_long(&actor, 4000);
	(void)context_of(&actor);
	world_context(&world);
	assert_int_equal(slots_state(&world.view.slots, C_env), PARAM_TRUNCATED);
	assert_int_equal(slots_state(&world.view.slots, C_exepath), PARAM_EXACT);
	assert_true(world_count(&world, STAT_ENRICHER_contexts_cut) > 0);
}

static void
users_of_a_container_are_not_the_hosts(void **state)
{
	struct actor inside = { 200, 200, 5, 2000, &shell };

	(void)state;
	scene_names(&scene, NAMES_USERS, 1, "root:x:0:0::/root:/bin/sh\nann:x:1000:100:::\n");
	scene_names(&scene, NAMES_GROUPS, 1, "root:x:0:\nusers:x:100:\n");
	(void)context_of(&shell);
	world_context(&world);
	assert_context_text(&world, C_user_name, "ann");
	assert_context_text(&world, C_login_name, "ann");
	inside.exec++;
	scene_begin_exec(&scene, EV_execve, &inside, "web", "/web");
	scene_text(&scene, P_execve_cgroups, "cpu=/lxc/web1");
	(void)scene_end(&scene);
	(void)context_of(&inside);
	world_context(&world);
	assert_context_text(&world, C_container_id, "web1");
	assert_context_text(&world, C_login_name, "ann");
	assert_int_equal(slots_state(&world.view.slots, C_user_name), PARAM_ABSENT);
	assert_int_equal(world.view.head->lost & LOST_USER, LOST_USER);
	scene_setuid(&scene, &inside, 0);
	(void)context_of(&inside);
	world_context(&world);
	assert_context_text(&world, C_user_name, "root");
}

static void
a_long_chain_has_a_bound(void **state)
{
	enum { DEPTH = 600 };
	static struct actor chain[DEPTH];

	(void)state;
	for (uint32_t i = 0; i < DEPTH; i++) {
		chain[i] = (struct actor){ 1000 + i, 1000 + i, 5, 10000 + i,
		    i ? &chain[i - 1] : &shell };
		scene_clone(&scene, &chain[i], "deep");
	}
	(void)scene_open(&scene, &chain[DEPTH - 1], "x");
	world_feed(&world, &scene);
	while (!enricher_drained(world.enricher) || ring_waiting(&world.evaluator) > 0) {
		assert_int_equal(enricher_turn(world.enricher, 1000), 0);
		(void)world_next(&world);
	}
	assert_int_equal(world.record.head->type, EV_open);
	/* 97 slots can not hold such a chain: the event says that it is lost. */
	assert_int_not_equal(world_derived(&world, D_lost) & (LOST_TASK | LOST_PARENT), 0);
	assert_true(world_count(&world, STAT_ENRICHER_contexts_full) > 0);
}

static void
an_arena_outlives_its_enricher(void **state)
{
	uint64_t before, after;

	(void)state;
	before = context_of(&shell);
	world_start(&world, 0);
	after = context_of(&shell);
	assert_int_equal(before, after);
	assert_int_equal(world_count(&world, STAT_ENRICHER_torn), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_content_is_the_same_context),
		TEST(ids_never_come_again),
		TEST(a_slot_that_is_still_to_be_read_is_waited_for),
		TEST(rows_that_no_rule_reads_are_absent),
		TEST(long_contexts_have_larger_slots_and_at_last_are_cut),
		TEST(users_of_a_container_are_not_the_hosts),
		TEST(a_long_chain_has_a_bound),
		TEST(an_arena_outlives_its_enricher),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
