/* SPDX-License-Identifier: Apache-2.0 */
/* Running programs.  See eval.h. */
#include "eval.h"

#include <errno.h>
#include <stdlib.h>

#include "transform.h"

int
eval_init(struct eval *eval, const struct program *program, uint32_t rule_count,
    enum rule_matching matching)
{
	memset(eval, 0, sizeof(*eval));
	eval->program = program;
	eval->matching = matching;
	eval->predicates = calloc(program->predicate_count + 1, sizeof(*eval->predicates));
	eval->values = calloc(program->accessor_count + 1, sizeof(*eval->values));
	eval->matches = calloc(rule_count + 1, sizeof(*eval->matches));
	if (eval->predicates == NULL || eval->values == NULL || eval->matches == NULL) {
		eval_fini(eval);
		return -ENOMEM;
	}
	return 0;
}

void
eval_fini(struct eval *eval)
{
	free(eval->predicates);
	free(eval->values);
	free(eval->matches);
	memset(eval, 0, sizeof(*eval));
}

const struct field_value *
eval_value(struct eval *eval, struct event_view *view, uint32_t index)
{
	struct eval_value *cached = &eval->values[index];

	const struct accessor *accessor = &eval->program->accessors[index];

	if (cached->epoch == eval->epoch)
		return &cached->value;
	if (accessor->transform != NULL)
		transform_get(eval, view, accessor, &cached->value);
	else
		field_get(view, accessor, &cached->value);
	cached->epoch = eval->epoch;
	return &cached->value;
}

/* Does PREDICATE hold, asked afresh? */
static bool
predicate_test(struct eval *eval, struct event_view *view, const struct predicate *predicate)
{
	const struct field_value *left = eval_value(eval, view, predicate->accessor);

	if (predicate->right == ACCESSOR_NONE)
		return op_holds(&predicate->comparison, left);
	return op_holds_between(&predicate->comparison, left,
	    eval_value(eval, view, predicate->right));
}

/* As predicate_holds(), through what is known of the task's context. */
static bool
context_predicate_holds(struct eval *eval, struct event_view *view, uint32_t index,
    struct context_entry *context)
{
	const struct predicate *predicate = &eval->program->predicates[index];
	uint64_t bit = (uint64_t)1 << (index % 64), *known = &context->known[index / 64];
	uint64_t *truth = &context->truth[index / 64];
	bool holds;

	if (*known & bit)
		return (*truth & bit) != 0;
	holds = predicate_test(eval, view, predicate);
	*truth = holds ? *truth | bit : *truth & ~bit;
	if (!view->chain_broken) /* what an ancestor would have said is not known */
		*known |= bit;
	return holds;
}

static bool
predicate_holds(struct eval *eval, struct event_view *view, uint32_t index)
{
	const struct predicate *predicate = &eval->program->predicates[index];
	uint64_t *cell = &eval->predicates[index];
	bool holds;

	if (predicate->context_only) {
		struct context_entry *context = view_ancestor(view, 0);

		if (context != NULL && index / 64 < view->contexts->words)
			return context_predicate_holds(eval, view, index, context);
	}
	if (*cell >> 1 == eval->epoch)
		return (*cell & 1) != 0;
	holds = predicate_test(eval, view, predicate);
	*cell = eval->epoch << 1 | holds;
	return holds;
}

static bool
condition_holds(struct eval *eval, struct event_view *view, uint32_t at)
{
	const struct step *steps = eval->program->steps;

	while (at < PROGRAM_FAIL)
		at = predicate_holds(eval, view, steps[at].predicate) ? steps[at].on_true
		                                                      : steps[at].on_false;
	return at == PROGRAM_MATCH;
}

bool
eval_event(struct eval *eval, struct event_view *view)
{
	const struct program *program = eval->program;
	const struct program_class *class = &program->classes[program->class_of[view->code %
	    EVTCODE_COUNT]];

	eval->epoch++;
	eval->match_count = 0;
	for (uint32_t i = 0; i < class->rule_count; i++) {
		eval->condition_count++;
		if (!condition_holds(eval, view, class->rules[i].entry))
			continue;
		eval->matches[eval->match_count++] = class->rules[i].rule;
		if (eval->matching == MATCH_FIRST)
			break;
	}
	return class->rule_count > 0;
}
