/* SPDX-License-Identifier: Apache-2.0 */
#include "conditions.h"
#include "eval_cost.h"

static struct eval eval;

static void
begin(enum rule_matching matching)
{
	conditions_begin(&conditions);
	conditions_add(&conditions, "evt.type = openat and proc.name = cat");
	conditions_add(&conditions, "evt.type in (openat, mkdir)");
	conditions_add(&conditions, "evt.type = mkdir");
	conditions_finish(&conditions);
	assert_int_equal(eval_init(&eval, &conditions.program, 3, matching), 0);
	assert_int_equal(
	    contexts_size_truth(&events.contexts, conditions.program.predicate_count), 0);
}

static int
tear_down(void **state)
{
	eval_fini(&eval);
	eval_fini(&eval);
	conditions_end(&conditions);
	return events_tear_down(state);
}

/* Judge COUNT events of TYPE by the task with CONTEXT; returns how many rules the last matched. */
static uint32_t
judge(uint16_t type, uint64_t context, uint32_t count)
{
	event_begin(&events, type, context);
	event_end(&events, 0);
	for (uint32_t i = 0; i < count; i++) {
		view_begin(&events.view, &events.record);
		(void)eval_event(&eval, &events.view);
		eval_sample(&eval, &events.view);
	}
	return eval.match_count;
}

static void
assert_counts(uint32_t rule, uint64_t evaluations, uint64_t hits)
{
	eval_costs(&eval);
	assert_int_equal(eval.costs[rule].evaluations, evaluations);
	assert_int_equal(eval.costs[rule].hits, hits);
}

static void
counts_are_exact(void **state)
{
	uint64_t cat = context_task(&events, 0, "cat", "", 0);
	uint64_t dog = context_task(&events, 0, "dog", "", 0);

	(void)state;
	begin(MATCH_ALL);
	(void)judge(EV_openat, cat, 3);
	(void)judge(EV_openat, dog, 2);
	(void)judge(EV_mkdir, cat, 4);
	(void)judge(EV_rmdir, cat, 5);
	for (int again = 0; again < 2; again++) {
		assert_counts(0, 5, 3);
		assert_counts(1, 9, 9);
		assert_counts(2, 4, 4);
	}
	(void)judge(EV_openat, cat, 1);
	assert_counts(0, 6, 4);
	assert_counts(1, 10, 10);
	assert_counts(2, 4, 4);
}

/* A rule behind the first that matched counts as evaluated, not as hit. */
static void
of_first_matches_only_the_first_is_hit(void **state)
{
	(void)state;
	begin(MATCH_FIRST);
	(void)judge(EV_openat, context_task(&events, 0, "cat", "", 0), 3);
	assert_counts(0, 3, 3);
	assert_counts(1, 3, 0);
}

static uint64_t
sampled_ns(void)
{
	return eval.costs[0].sampled_ns + eval.costs[1].sampled_ns + eval.costs[2].sampled_ns;
}

static void
one_event_in_many_is_a_sample(void **state)
{
	uint64_t cat = context_task(&events, 0, "cat", "", 0);

	(void)state;
	begin(MATCH_ALL);
	(void)judge(EV_openat, cat, EVAL_SAMPLE_EVENTS - 1);
	assert_int_equal(eval.costs[0].samples + eval.costs[1].samples, 0);
	assert_int_equal(sampled_ns(), 0);
	assert_int_equal(judge(EV_openat, cat, 1), 2);
	assert_int_equal(eval.costs[0].samples, 1);
	assert_int_equal(eval.costs[1].samples, 1);
	assert_int_equal(eval.costs[2].samples, 0);
	assert_true(sampled_ns() > 0);
	assert_int_equal(judge(EV_mkdir, cat, EVAL_SAMPLE_EVENTS), 2);
	assert_int_equal(eval.costs[0].samples, 1);
	assert_int_equal(eval.costs[1].samples, 2);
	assert_int_equal(eval.costs[2].samples, 1);
	assert_counts(1, 2 * EVAL_SAMPLE_EVENTS, 2 * EVAL_SAMPLE_EVENTS);
}

/* An event that no rule judges is none, though it is its turn. */
static void
events_that_are_not_judged_are_no_samples(void **state)
{
	uint64_t cat = context_task(&events, 0, "cat", "", 0);

	(void)state;
	begin(MATCH_ALL);
	(void)judge(EV_openat, cat, EVAL_SAMPLE_EVENTS - 1);
	(void)judge(EV_rmdir, cat, 1);
	(void)judge(EV_openat, cat, 1);
	assert_int_equal(eval.costs[0].samples + eval.costs[1].samples, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, events_set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counts_are_exact),
		TEST(of_first_matches_only_the_first_is_hit),
		TEST(one_event_in_many_is_a_sample),
		TEST(events_that_are_not_judged_are_no_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
