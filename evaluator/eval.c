/* SPDX-License-Identifier: Apache-2.0 */
/* Running programs.  See eval.h; what rules cost: eval_cost.c. */
#include "eval.h"

#include <errno.h>
#include <stdlib.h>

#include "eval_context.h"
#include "transform.h"

static bool asked_holds(void *ctx, uint32_t predicate);

static int
caches_init(struct eval *eval, const struct eval_options *options)
{
	if (eval_context_init(&eval->contexts, eval->program, options->roots) < 0 ||
	    residuals_init(&eval->residuals, eval->program, eval->matching, &options->bounds) < 0)
		return -ENOMEM;
	eval->residuals.holds = asked_holds;
	eval->residuals.holds_ctx = eval;
	return texts_init(&eval->texts, options->texts_bytes ? options->texts_bytes : TEXTS_BYTES,
	    eval->program->hash_key);
}

int
eval_init_with(struct eval *eval, const struct program *program, uint32_t rule_count,
    enum rule_matching matching, const struct eval_options *options)
{
	memset(eval, 0, sizeof(*eval));
	eval->program = program;
	eval->matching = matching;
	eval->rule_count = rule_count;
	eval->off = options->off;
	eval->predicates = calloc(program->predicate_count + 1, sizeof(*eval->predicates));
	eval->values = calloc(program->accessor_count + 1, sizeof(*eval->values));
	eval->matches = calloc(rule_count + 1, sizeof(*eval->matches));
	eval->costs = calloc(rule_count + 1, sizeof(*eval->costs));
	eval->class_events = calloc(program->class_count + 1, sizeof(*eval->class_events));
	if (eval->predicates == NULL || eval->values == NULL || eval->matches == NULL ||
	    eval->costs == NULL || eval->class_events == NULL ||
	    (!(eval->off & EVAL_NO_RESIDUALS) && caches_init(eval, options) < 0)) {
		eval_fini(eval);
		return -ENOMEM;
	}
	return 0;
}

int
eval_init(struct eval *eval, const struct program *program, uint32_t rule_count,
    enum rule_matching matching)
{
	const struct eval_options usual = { .off = 0 };

	return eval_init_with(eval, program, rule_count, matching, &usual);
}

void
eval_fini(struct eval *eval)
{
	free(eval->predicates);
	free(eval->values);
	free(eval->matches);
	free(eval->costs);
	free(eval->class_events);
	eval_context_fini(&eval->contexts);
	texts_fini(&eval->texts);
	residuals_fini(&eval->residuals);
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

/* --- one predicate --- */

bool
eval_predicate_test(struct eval *eval, struct event_view *view, const struct predicate *predicate)
{
	const struct field_value *left = eval_value(eval, view, predicate->accessor);

	if (predicate->right == ACCESSOR_NONE)
		return op_holds(&predicate->comparison, left);
	return op_holds_between(&predicate->comparison, left,
	    eval_value(eval, view, predicate->right));
}

/* As eval_predicate_holds(), through what is known of the task's context. */
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
	holds = eval_predicate_test(eval, view, predicate);
	*truth = holds ? *truth | bit : *truth & ~bit;
	if (!view->chain_broken) /* what an ancestor would have said is not known */
		*known |= bit;
	return holds;
}

bool
eval_predicate_holds(struct eval *eval, struct event_view *view, uint32_t index)
{
	const struct predicate *predicate = &eval->program->predicates[index];
	uint64_t *cell = &eval->predicates[index];
	bool holds;

	if (predicate->context_only && !(eval->off & EVAL_NO_CONTEXTS)) {
		struct context_entry *context = view_ancestor(view, 0);

		if (context != NULL && index / 64 < view->contexts->words)
			return context_predicate_holds(eval, view, index, context);
	}
	if (*cell >> 1 == eval->epoch)
		return (*cell & 1) != 0;
	holds = eval_predicate_test(eval, view, predicate);
	*cell = eval->epoch << 1 | holds;
	return holds;
}

/* --- step by step --- */

static void
rules_step(struct eval *eval, struct event_view *view, const struct step *steps,
    const struct program_rule *rules, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = rules[i].entry;

		while (at < PROGRAM_FAIL)
			at = eval_predicate_holds(eval, view, steps[at].predicate)
			    ? steps[at].on_true
			    : steps[at].on_false;
		if (at != PROGRAM_MATCH)
			continue;
		eval->matches[eval->match_count++] = rules[i].rule;
		if (eval->matching == MATCH_FIRST)
			break;
	}
}

/* --- through the residuals --- */

/* The truth of all predicates of MATCHER, asked one by one. */
static void
text_ask(struct eval *eval, struct event_view *view, const struct matcher *matcher, uint64_t *truth)
{
	memset(truth, 0, matcher->words * sizeof(*truth));
	for (uint32_t i = 0; i < matcher->count; i++)
		if (eval_predicate_holds(eval, view, matcher->predicates[i]))
			truth[i / 64] |= (uint64_t)1 << (i % 64);
}

/* The truth of all predicates that NODE asks on its text: kept, or worked out in ROOM. */
static const uint64_t *
text_truth(struct eval *eval, struct event_view *view, const struct residual *node,
    uint64_t *room)
{
	const struct matcher *matcher = &eval->program->matchers[node->subject];
	const struct field_value *value = eval_value(eval, view, matcher->accessor);
	const struct predicate *all = eval->program->predicates;
	const uint64_t *kept;
	uint64_t hash, *added;

	if (value->state != FIELD_VALUE || value->count == 0) {
		memset(room, 0, matcher->words * sizeof(*room));
		return room;
	}
	if (eval->off & EVAL_NO_MATCHERS || value->count > 2) {
		text_ask(eval, view, matcher, room);
		return room;
	}
	if (eval->off & EVAL_NO_TEXTS || !(node->ways & MATCHER_SLOW) || !texts_fit(value)) {
		matcher_judge(matcher, all, value, node->ways, room);
		return room;
	}
	hash = texts_hash(&eval->texts, matcher->accessor, value);
	if ((kept = texts_find(&eval->texts, matcher->accessor, value, hash)) != NULL)
		return kept;
	if ((added = texts_add(&eval->texts, matcher->accessor, value, hash, matcher->words)) ==
	    NULL)
		added = room;
	matcher_judge(matcher, all, value, MATCHER_ALL, added);
	return added;
}

/* What is left after the test of NODE. */
static uint32_t
residual_next(struct eval *eval, struct event_view *view, uint32_t class, uint32_t number)
{
	struct residuals *residuals = &eval->residuals;
	const struct residual *node = &residuals->nodes[number];
	uint64_t room[RESIDUAL_WORDS_MAX];
	bool holds;

	switch (node->test) {
	case TEST_CONTEXT:
		return eval_context_follow(eval, view, class, number);
	case TEST_PREDICATE:
		holds = eval_predicate_holds(eval, view, node->subject);
		if (node->child[holds] != 0)
			return node->child[holds] - 1;
		return residuals_branch(residuals, number, holds);
	case TEST_TEXT:
		return residuals_child(residuals, number, text_truth(eval, view, node, room));
	case TEST_NONE:
		break;
	}
	return number;
}

/* Judge by what is left in NODE, step by step. */
static void
residual_step(struct eval *eval, struct event_view *view, uint32_t class, uint32_t number)
{
	const struct program_class *rules = &eval->program->classes[class];
	const struct residuals *residuals = &eval->residuals;

	eval->stepped_count++;
	if (number == RESIDUAL_NONE)
		rules_step(eval, view, eval->program->steps, rules->rules, rules->rule_count);
	else
		rules_step(eval, view, residuals->steps.items,
		    residuals->rules + residuals->nodes[number].rules,
		    residuals->nodes[number].rule_count);
	if (residuals_stall(&eval->residuals))
		eval_context_forget(&eval->contexts);
}

static bool
asked_holds(void *ctx, uint32_t predicate)
{
	struct eval *eval = ctx;

	return eval_predicate_holds(eval, eval->view, predicate);
}

static void
residual_judge(struct eval *eval, struct event_view *view, uint32_t class)
{
	const struct residuals *residuals = &eval->residuals;
	const struct residual *node;
	uint32_t number;

	eval->view = view;
	number = residuals_root(&eval->residuals, class);
	if (number == RESIDUAL_NONE) {
		residual_step(eval, view, class, number);
		return;
	}
	while (residuals->nodes[number].test != TEST_NONE) {
		uint32_t next = residual_next(eval, view, class, number);

		if (next == RESIDUAL_NONE) {
			residual_step(eval, view, class, number);
			return;
		}
		number = next;
	}
	node = &residuals->nodes[number];
	for (uint32_t i = 0; i < node->rule_count; i++)
		eval->matches[eval->match_count++] = residuals->rules[node->rules + i].rule;
}

bool
eval_event(struct eval *eval, struct event_view *view)
{
	const struct program *program = eval->program;
	uint32_t number = program->class_of[view->code % EVTCODE_COUNT];
	const struct program_class *class = &program->classes[number];

	eval->epoch++;
	eval->match_count = 0;
	if (class->rule_count == 0)
		return false;
	eval->class_events[number]++;
	eval->condition_count += class->rule_count;
	if (eval->off & EVAL_NO_RESIDUALS)
		rules_step(eval, view, program->steps, class->rules, class->rule_count);
	else
		residual_judge(eval, view, number);
	for (uint32_t i = 0; i < eval->match_count; i++)
		eval->costs[eval->matches[i]].hits++;
	return true;
}
