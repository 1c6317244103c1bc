/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "conditions.h"

/* A program of a few conditions, with what runs it. */
static struct conditions made;
static struct eval eval;

static void
prepare(const char *const *texts, uint32_t count, enum rule_matching matching)
{
	conditions_begin(&made);
	for (uint32_t i = 0; i < count; i++)
		conditions_add(&made, texts[i]);
	conditions_finish(&made);
	assert_int_equal(eval_init(&eval, &made.program, count, matching), 0);
	assert_int_equal(contexts_size_truth(&events.contexts, made.program.predicate_count), 0);
}

static void
finish(void)
{
	eval_fini(&eval);
	conditions_end(&made);
}

static int
tear_down(void **state)
{
	(void)state;
	finish();
	events_end(&events);
	return 0;
}

static void
first_stops_at_the_first_and_all_goes_on(void **state)
{
	const char *texts[] = { "proc.name = dog", "proc.name = cat", "evt.type = openat",
		"fd.name = /a" };
	uint64_t task = context_task(&events, 0, "cat", "", 0);

	(void)state;
	prepare(texts, 4, MATCH_FIRST);
	event_openat(&events, task, "/a", "/a");
	assert_true(eval_event(&eval, &events.view));
	assert_int_equal(eval.match_count, 1);
	assert_int_equal(eval.matches[0], 1);
	finish();
	prepare(texts, 4, MATCH_ALL);
	event_openat(&events, task, "/a", "/a");
	assert_true(eval_event(&eval, &events.view));
	assert_int_equal(eval.match_count, 3);
	assert_int_equal(eval.matches[2], 3);
}

static void
events_that_no_rule_names_are_not_judged(void **state)
{
	const char *texts[] = { "evt.type = openat and proc.name = cat" };

	(void)state;
	prepare(texts, 1, MATCH_FIRST);
	event_begin(&events, EV_mkdir, context_task(&events, 0, "cat", "", 0));
	event_end(&events, 0);
	assert_false(eval_event(&eval, &events.view));
	assert_int_equal(eval.condition_count, 0);
}

/* What follows from the context is remembered with it, and only with it. */
static void
context_predicates_are_asked_once_a_context(void **state)
{
	const char *texts[] = { "proc.name = cat and proc.pname = sh" };
	uint64_t shell = context_task(&events, 0, "sh", "", 0);
	uint64_t cat = context_task(&events, shell, "cat", "", 0);
	uint64_t orphan = context_task(&events, 0, "cat", "", 0);
	struct context_entry *entry;

	(void)state;
	prepare(texts, 1, MATCH_FIRST);
	event_openat(&events, cat, "/a", "/a");
	(void)eval_event(&eval, &events.view);
	assert_int_equal(eval.match_count, 1);
	entry = view_ancestor(&events.view, 0);
	assert_int_equal(entry->known[0], 3);
	assert_int_equal(entry->truth[0], 3);
	entry->truth[0] = 1; /* seen to be what counts, once where the context led is forgotten */
	eval.off = EVAL_NO_ROOTS;
	event_openat(&events, cat, "/a", "/a");
	(void)eval_event(&eval, &events.view);
	assert_int_equal(eval.match_count, 0);
	event_openat(&events, orphan, "/a", "/a");
	(void)eval_event(&eval, &events.view);
	assert_int_equal(eval.match_count, 0);
	entry = view_ancestor(&events.view, 0);
	assert_int_equal(entry->truth[0], 1);
}

/* An ancestor that is gone says nothing for ever. */
static void
a_broken_chain_is_not_remembered(void **state)
{
	const char *texts[] = { "not proc.pname = sh" };
	uint64_t shell = context_task(&events, 0, "sh", "", 0), id;
	uint64_t cat = context_task(&events, shell, "cat", "", 0);
	struct context_head *head;
	uint32_t bytes;

	(void)state;
	prepare(texts, 1, MATCH_FIRST);
	head = context_at(&events.arena, EVENTS_SLOTS + (uint32_t)shell, &bytes);
	id = head->id;
	head->id = 12345;
	event_openat(&events, cat, "/a", "/a");
	(void)eval_event(&eval, &events.view);
	assert_int_equal(eval.match_count, 1);
	assert_true(events.view.lost & LOST_PARENT);
	head->id = id;
	event_openat(&events, cat, "/a", "/a");
	(void)eval_event(&eval, &events.view);
	assert_int_equal(eval.match_count, 0);
}

static void
absent_is_false_and_its_negation_true(void **state)
{
	uint64_t task = context_task(&events, 0, "cat", "", 0);

	(void)state;
	const char *nothing[] = { "evt.type = openat" };
	prepare(nothing, 1, MATCH_FIRST);
	event_openat(&events, task, "/a", "/a");
	assert_fails(&events, "proc.pname = x");
	assert_fails(&events, "proc.pname != x");
	assert_holds(&events, "not proc.pname = x");
	assert_holds(&events, "not proc.pname != x");
	assert_holds(&events, "not proc.pname in (x)");
	assert_fails(&events, "proc.pname = <NA>");
	assert_fails(&events, "proc.pname contains \"\"");
	assert_fails(&events, "proc.aname = x");
	assert_holds(&events, "not proc.aname exists");
}

static void
ancestors_match_when_any_does(void **state)
{
	const char *nothing[] = { "evt.type = openat" };
	uint64_t init = context_task(&events, 0, "init", "", 0);
	uint64_t shell = context_task(&events, init, "bash", "", 0);
	uint64_t cat = context_task(&events, shell, "cat", "", 0);

	(void)state;
	prepare(nothing, 1, MATCH_FIRST);
	event_openat(&events, cat, "/a", "/a");
	assert_holds(&events, "proc.aname = init");
	assert_fails(&events, "proc.aname = cat");
	assert_holds(&events, "proc.aname != init");
	assert_holds(&events, "proc.aname in (x, bash)");
	assert_holds(&events, "proc.aname startswith in");
	assert_fails(&events, "not proc.aname = init");
}

static void
modifiers_count_what_holds(void **state)
{
	const char *nothing[] = { "evt.type = openat" };
	uint64_t task = context_task(&events, 0, "myexe", "", 0);

	(void)state;
	prepare(nothing, 1, MATCH_FIRST);
	event_openat(&events, task, "/a", "/a");
	assert_holds(&events, "proc.name startswith oneof (my, bash)");
	assert_fails(&events, "proc.name startswith oneof (my, mye)");
	assert_holds(&events, "proc.name startswith anyof (my, mye)");
	assert_holds(&events, "proc.name endswith allof (exe, yexe)");
	assert_fails(&events, "proc.name == allof ()");
	assert_holds(&events, "proc.pid != allof (4, 6)");
	assert_fails(&events, "proc.name in ()");
}

/* Give context SLOT the id ID below PARENT. */
static void
rename_context(uint32_t slot, uint64_t id, uint64_t parent)
{
	uint32_t bytes;
	struct context_head *head = context_at(&events.arena, EVENTS_SLOTS + slot, &bytes);

	head->id = id;
	head->parent_id = parent;
	head->parent_slot = EVENTS_SLOTS + slot - 1;
}

/* Far more contexts than the cache holds, in chains that each event uses whole. */
static void
contexts_are_put_out_but_not_in_use(void **state)
{
	enum { CHAIN = 60, ROUNDS = 100 };
	const char *texts[] = { "proc.aname = t" };

	(void)state;
	prepare(texts, 1, MATCH_FIRST);
	for (int i = 0; i < CHAIN; i++)
		(void)context_task(&events, 0, "t", "", 0);
	for (uint64_t round = 0; round < ROUNDS; round++) {
		for (uint32_t slot = 1; slot <= CHAIN; slot++)
			rename_context(slot, round * CHAIN + slot,
			    slot == 1 ? 0 : round * CHAIN + slot - 1);
		event_begin(&events, EV_openat, CHAIN);
		record_put(&events.writer, P_openat_COUNT + D_context, round * CHAIN + CHAIN);
		event_end(&events, 3);
		(void)eval_event(&eval, &events.view);
		assert_int_equal(eval.match_count, 1);
		assert_non_null(view_ancestor(&events.view, CHAIN - 1));
		assert_null(view_ancestor(&events.view, CHAIN));
	}
	assert_int_equal(events.contexts.miss_count, CHAIN * ROUNDS);
	assert_int_equal(events.contexts.bad_count + events.contexts.stale_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, events_set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_stops_at_the_first_and_all_goes_on),
		TEST(events_that_no_rule_names_are_not_judged),
		TEST(context_predicates_are_asked_once_a_context),
		TEST(a_broken_chain_is_not_remembered),
		TEST(absent_is_false_and_its_negation_true),
		TEST(ancestors_match_when_any_does),
		TEST(modifiers_count_what_holds),
		TEST(contexts_are_put_out_but_not_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
