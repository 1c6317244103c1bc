/* SPDX-License-Identifier: Apache-2.0 */
/* See eval_cost.h.  Residuals share work between rules, so a rule is timed by its steps alone. */
#include "eval_cost.h"

#include "clock.h"
#include "eval_context.h"

static uint32_t
condition_run(struct eval *eval, struct event_view *view, uint32_t at)
{
	const struct step *steps = eval->program->steps;
	const struct predicate *predicates = eval->program->predicates;

	while (at < PROGRAM_FAIL)
		at = eval_predicate_test(eval, view, &predicates[steps[at].predicate])
		    ? steps[at].on_true
		    : steps[at].on_false;
	return at;
}

void
eval_sample(struct eval *eval, struct event_view *view)
{
	const struct program *program = eval->program;
	const struct program_class *class = &program->classes[program->class_of[view->code %
	    EVTCODE_COUNT]];
	uint64_t before;

	if (eval->epoch % EVAL_SAMPLE_EVENTS != 0)
		return;
	before = clock_ns(CLOCK_MONOTONIC);
	for (uint32_t i = 0; i < class->rule_count; i++) {
		struct rule_cost *cost = &eval->costs[class->rules[i].rule];
		uint64_t after;

		(void)condition_run(eval, view, class->rules[i].entry);
		after = clock_ns(CLOCK_MONOTONIC);
		cost->samples++;
		cost->sampled_ns += after - before;
		before = after;
	}
}

void
eval_costs(struct eval *eval)
{
	const struct program *program = eval->program;

	for (uint32_t i = 0; i < program->class_count; i++) {
		const struct program_class *class = &program->classes[i];

		for (uint32_t j = 0; j < class->rule_count && eval->class_events[i] > 0; j++)
			eval->costs[class->rules[j].rule].evaluations += eval->class_events[i];
		eval->class_events[i] = 0;
	}
}
