/* SPDX-License-Identifier: Apache-2.0 */
#include "conditions.h"

enum {
	PATIENCE = 1 << 20, /* events that find a diagram full before it is begun anew */
	CONTEXTS_KEPT = 256 /* whose texts are remembered */
};

static struct eval eval;

static int
set_up(void **state)
{
	conditions_begin(&conditions);
	return events_set_up(state);
}

static int
tear_down(void **state)
{
	eval_fini(&eval);
	conditions_end(&conditions);
	return events_tear_down(state);
}

static void
begin(const struct eval_options *options)
{
	if (conditions.program.class_count == 0)
		conditions_finish(&conditions);
	eval_fini(&eval);
	assert_int_equal(
	    eval_init_with(&eval, &conditions.program, conditions.count, MATCH_ALL, options), 0);
	assert_int_equal(
	    contexts_size_truth(&events.contexts, conditions.program.predicate_count), 0);
}

/* Which rules match when the task with CONTEXT opens FILE: bit I for rule I. */
static uint64_t
opens(uint64_t context, const char *file)
{
	uint64_t rules = 0;

	event_openat(&events, context, file, file);
	(void)eval_event(&eval, &events.view);
	for (uint32_t i = 0; i < eval.match_count; i++)
		rules |= (uint64_t)1 << eval.matches[i];
	return rules;
}

/* What the arena holds of CONTEXT becomes that of another, or is given back. */
static void
context_rename(uint64_t context, uint64_t id)
{
	uint32_t bytes;

	context_at(&events.arena, EVENTS_SLOTS + (uint32_t)context, &bytes)->id = id;
}

static const uint32_t offs[] = { 0, EVAL_NO_RESIDUALS, EVAL_NO_ROOTS, EVAL_NO_TEXTS,
	EVAL_NO_MATCHERS, EVAL_NO_CONTEXTS, EVAL_NO_ROOTS | EVAL_NO_CONTEXTS };

static void
without_a_context_nothing_of_it_holds(void **state)
{
	uint64_t cat = context_task(&events, 0, "cat", "", 0);
	uint64_t gone = context_task(&events, 0, "cat", "", 0);

	(void)state;
	conditions_add(&conditions, "proc.name = cat");
	conditions_add(&conditions, "not proc.name = cat");
	conditions_add(&conditions, "proc.name startswith c and fd.name = /a");
	conditions_add(&conditions, "fd.name = /a");
	context_rename(gone, 12345);
	for (size_t i = 0; i < sizeof(offs) / sizeof(offs[0]); i++) {
		const struct eval_options options = { .off = offs[i] };

		begin(&options);
		for (int again = 0; again < 3; again++) {
			assert_int_equal(opens(0, "/a"), 0xa);
			assert_int_equal(opens(cat, "/a"), 0xd);
			assert_int_equal(opens(gone, "/a"), 0xa);
			assert_int_equal(opens(gone, "/b"), 0x2);
			assert_int_equal(opens(cat, "/b"), 0x1);
		}
	}
}

/* What a lost ancestor would have said is asked again when it is there. */
static void
a_broken_chain_leads_nowhere_for_good(void **state)
{
	(void)state;
	conditions_add(&conditions, "proc.aname = sh");
	conditions_add(&conditions, "not proc.pname startswith s");
	conditions_add(&conditions, "proc.pname contains h and fd.name = /a");
	conditions_add(&conditions, "proc.name contains a");
	for (size_t i = 0; i < sizeof(offs) / sizeof(offs[0]); i++) {
		const struct eval_options options = { .off = offs[i] };
		uint64_t shell = context_task(&events, 0, "sh", "", 0);
		uint64_t cat = context_task(&events, shell, "cat", "", 0);

		begin(&options);
		context_rename(shell, 12345);
		for (int again = 0; again < 3; again++)
			assert_int_equal(opens(cat, "/a"), 0xa);
		context_rename(shell, shell);
		for (int again = 0; again < 3; again++)
			assert_int_equal(opens(cat, "/a"), 0xd);
	}
}

/* Memories so small that contexts put each other out all the time. */
static void
contexts_in_one_place_are_told_apart(void **state)
{
	enum { TASKS = 60 };
	uint64_t tasks[TASKS];

	(void)state;
	for (uint32_t i = 0; i < TASKS; i++) {
		char text[64];

		(void)snprintf(text, sizeof(text), "proc.name startswith n%u.", i);
		conditions_add(&conditions, text);
		(void)snprintf(text, sizeof(text), "n%u.", i);
		tasks[i] = context_task(&events, 0, text, "", 0);
	}
	for (size_t i = 0; i < sizeof(offs) / sizeof(offs[0]); i++) {
		const struct eval_options options = { .off = offs[i], .roots = 2 };

		begin(&options);
		for (uint32_t k = 0; k < 5 * TASKS; k++)
			assert_int_equal(opens(tasks[k * 7 % TASKS], k % 3 ? "/a" : "/b"),
			    (uint64_t)1 << k * 7 % TASKS);
	}
}

/* A diagram begun anew has other residuals under the numbers that contexts led to. */
static void
where_contexts_led_is_forgotten_with_the_diagram(void **state)
{
	const struct eval_options options = { .bounds = { .nodes = 2 } };
	uint64_t cat = context_task(&events, 0, "cat", "", 0);
	uint64_t dog = context_task(&events, 0, "dog", "", 0);

	(void)state;
	conditions_add(&conditions, "proc.name = cat and fd.name = /a");
	conditions_add(&conditions, "proc.name = dog and fd.name = /b");
	begin(&options);
	assert_int_equal(opens(cat, "/a"), 1);
	assert_int_equal(opens(cat, "/a"), 1);
	assert_int_equal(eval.stepped_count, 2);
	assert_int_equal(eval.residuals.stalled_count, 2);
	eval.residuals.stalled_count = PATIENCE - 1;
	assert_int_equal(opens(cat, "/a"), 1);
	assert_int_equal(eval.residuals.reset_count, 1);
	assert_int_equal(opens(dog, "/b"), 2);
	assert_int_equal(opens(cat, "/a"), 1);
	assert_int_equal(opens(cat, "/b"), 0);
}

/* Words that say something about the texts of contexts, besides whose they are. */
static uint32_t
words_kept(uint64_t context)
{
	const struct eval_contexts *contexts = &eval.contexts;
	uint32_t count = 0;

	for (size_t i = 0; i < (size_t)CONTEXTS_KEPT * contexts->truth_words; i++)
		count += contexts->truths[i] != 0 && contexts->truths[i] != context;
	return count;
}

static void
what_holds_for_a_context_is_kept_unless_switched_off(void **state)
{
	const struct eval_options kept = { .off = 0 }, off = { .off = EVAL_NO_CONTEXTS };
	uint64_t other = context_task(&events, 0, "other", "", 0);
	uint64_t cat = context_task(&events, other, "cat", "", 0);

	(void)state;
	conditions_add(&conditions, "proc.name startswith c");
	begin(&kept);
	assert_int_equal(opens(cat, "/a"), 1);
	assert_int_equal(words_kept(cat), 2);
	begin(&off);
	assert_int_equal(opens(cat, "/a"), 1);
	assert_int_equal(words_kept(cat), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_context_nothing_of_it_holds),
		TEST(a_broken_chain_leads_nowhere_for_good),
		TEST(contexts_in_one_place_are_told_apart),
		TEST(where_contexts_led_is_forgotten_with_the_diagram),
		TEST(what_holds_for_a_context_is_kept_unless_switched_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
