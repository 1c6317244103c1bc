/* SPDX-License-Identifier: Apache-2.0 */
/* Running programs.  See eval.h; what rules cost: eval_cost.c. */
#include "eval.h"

#include <errno.h>
#include <stdlib.h>

#include "eval_cost.h"
#include "transform.h"

enum { ROOTS = 1 << 15 };

static bool asked_holds(void *ctx, uint32_t predicate);

static int
caches_init(struct eval *eval, const struct eval_options *options)
{
	uint32_t roots = options->roots ? options->roots : ROOTS;

	eval->root_mask = roots - 1;
	eval->roots = calloc(roots, sizeof(*eval->roots));
	eval->matcher_epochs = calloc(eval->program->matcher_count + 1, sizeof(uint64_t));
	eval->matcher_truth = calloc(eval->program->matcher_words + 1, sizeof(uint64_t));
	if (eval->roots == NULL || eval->matcher_epochs == NULL || eval->matcher_truth == NULL ||
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
	free(eval->roots);
	free(eval->matcher_epochs);
	free(eval->matcher_truth);
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

	if (predicate->context_only && !(eval->off & EVAL_NO_CONTEXTS)) {
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

/* --- step by step --- */

static void
rules_step(struct eval *eval, struct event_view *view, const struct step *steps,
    const struct program_rule *rules, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = rules[i].entry;

		while (at < PROGRAM_FAIL)
			at = predicate_holds(eval, view, steps[at].predicate) ? steps[at].on_true
			                                                      : steps[at].on_false;
		if (at != PROGRAM_MATCH)
			continue;
		eval->matches[eval->match_count++] = rules[i].rule;
		if (eval->matching == MATCH_FIRST)
			break;
	}
}

/* --- through the residuals --- */

/* Does predicate INDEX hold for the task's context, by the matcher of its text where it has one? */
static bool
context_holds(struct eval *eval, struct event_view *view, uint32_t index)
{
	const struct program *program = eval->program;
	const struct matcher *matcher = &program->matchers[program->matcher_of[index] - 1];
	const struct field_value *value;
	uint32_t bit = program->matcher_bit[index];
	uint64_t *truth;

	if (program->matcher_of[index] == 0 || eval->off & EVAL_NO_MATCHERS)
		return predicate_holds(eval, view, index);
	truth = eval->matcher_truth + matcher->place;
	if (eval->matcher_epochs[matcher - program->matchers] != eval->epoch) {
		value = eval_value(eval, view, matcher->accessor);
		if (value->state == FIELD_VALUE && value->count > 0)
			matcher_judge(matcher, program->predicates, value, MATCHER_ALL, truth);
		else
			memset(truth, 0, matcher->words * sizeof(*truth));
		eval->matcher_epochs[matcher - program->matchers] = eval->epoch;
	}
	return truth[bit / 64] >> (bit % 64) & 1;
}

/*
 * Past all that the task's context decides, from NODE on.  RESIDUAL_NONE when it can not be told
 * because what an ancestor would have said is not known.
 */
static uint32_t
context_ask(struct eval *eval, struct event_view *view, uint32_t number)
{
	struct residuals *residuals = &eval->residuals;

	while (number != RESIDUAL_NONE && residuals->nodes[number].test == TEST_CONTEXT) {
		const struct residual *node = &residuals->nodes[number];
		const uint32_t *list = residuals->lists + node->list;
		uint64_t bits[RESIDUAL_WORDS_MAX];

		memset(bits, 0, (node->list_count + 63) / 64 * sizeof(*bits));
		for (uint32_t i = 0; i < node->list_count; i++)
			if (context_holds(eval, view, list[i]))
				bits[i / 64] |= (uint64_t)1 << (i % 64);
		if (view->chain_broken)
			return RESIDUAL_NONE;
		number = residuals_child(residuals, number, bits);
	}
	return number;
}

/* The residual of CLASS for the task's context. */
static uint32_t
context_follow(struct eval *eval, struct event_view *view, uint32_t class, uint32_t number)
{
	struct eval_root *root;
	uint64_t id = 0;

	if (!view_derived(view, D_context, &id) || id == 0)
		return RESIDUAL_NONE;
	root = &eval->roots[(id * 0x9e3779b97f4a7c15u + class * 0xff51afd7ed558ccdu) >> 32 &
	    eval->root_mask];
	if (root->context == id && root->class == class &&
	    root->generation == eval->residuals.generation && !(eval->off & EVAL_NO_ROOTS))
		return root->node;
	if (view_ancestor(view, 0) == NULL)
		return RESIDUAL_NONE;
	number = context_ask(eval, view, number);
	if (number != RESIDUAL_NONE)
		*root = (struct eval_root){ id, (uint16_t)class, eval->residuals.generation,
			number };
	return number;
}

/* The truth of all predicates of MATCHER, asked one by one. */
static void
text_ask(struct eval *eval, struct event_view *view, const struct matcher *matcher, uint64_t *truth)
{
	memset(truth, 0, matcher->words * sizeof(*truth));
	for (uint32_t i = 0; i < matcher->count; i++)
		if (predicate_holds(eval, view, matcher->predicates[i]))
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
	if (eval->off & EVAL_NO_TEXTS || !(node->ways & MATCHER_SLOW)) {
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
		return context_follow(eval, view, class, number);
	case TEST_PREDICATE:
		holds = predicate_holds(eval, view, node->subject);
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
	residuals_stall(&eval->residuals);
}

static bool
asked_holds(void *ctx, uint32_t predicate)
{
	struct eval *eval = ctx;

	return predicate_holds(eval, eval->view, predicate);
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
	if (eval->epoch % EVAL_SAMPLE_EVENTS == 0)
		eval_sample(eval, view, class);
	return true;
}
