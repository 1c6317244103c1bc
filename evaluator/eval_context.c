/* SPDX-License-Identifier: Apache-2.0 */
/* See eval_context.h. */
#include "eval_context.h"

#include <errno.h>
#include <stdlib.h>

enum { ROOTS = 1 << 16, TRUTHS = 256 /* contexts */ };

struct eval_root {
	uint64_t context; /* id; 0: free */
	uint32_t class;
	uint32_t node;
};

/* One of the truths: the context's id, a bit for each matcher that was asked, their words. */
struct truth {
	uint64_t *context, *known, *words;
};

int
eval_context_init(struct eval_contexts *contexts, const struct program *program, uint32_t roots)
{
	roots = roots ? roots : ROOTS;
	contexts->root_mask = roots - 1;
	contexts->known_words = (program->matcher_count + 63) / 64;
	contexts->truth_words = 1 + contexts->known_words + program->matcher_words;
	contexts->roots = calloc(roots, sizeof(*contexts->roots));
	contexts->truths = calloc(TRUTHS, contexts->truth_words * sizeof(*contexts->truths));
	return contexts->roots != NULL && contexts->truths != NULL ? 0 : -ENOMEM;
}

void
eval_context_fini(struct eval_contexts *contexts)
{
	free(contexts->roots);
	free(contexts->truths);
	memset(contexts, 0, sizeof(*contexts));
}

void
eval_context_forget(struct eval_contexts *contexts)
{
	memset(contexts->roots, 0, ((size_t)contexts->root_mask + 1) * sizeof(*contexts->roots));
}

/* What is known of the texts of the context ID; of a new one nothing yet. */
static struct truth
truth_of(const struct eval_contexts *contexts, uint64_t id)
{
	uint64_t *at = contexts->truths +
	    (size_t)((id * 0x9e3779b97f4a7c15u) >> 32) % TRUTHS * contexts->truth_words;
	const struct truth truth = { at, at + 1, at + 1 + contexts->known_words };

	if (*truth.context != id)
		memset(truth.known, 0, contexts->known_words * sizeof(*truth.known));
	*truth.context = id;
	return truth;
}

/* Does predicate INDEX hold for the context, by the matcher of its text where it has one? */
static bool
context_holds(struct eval *eval, struct event_view *view, const struct truth *truth,
    uint32_t index)
{
	const struct program *program = eval->program;
	const uint32_t number = program->matcher_of[index] - 1, bit = program->matcher_bit[index];
	const struct matcher *matcher;
	const struct field_value *value;
	uint64_t *words;

	if (program->matcher_of[index] == 0 || eval->off & (EVAL_NO_MATCHERS | EVAL_NO_CONTEXTS))
		return eval_predicate_holds(eval, view, index);
	matcher = &program->matchers[number];
	words = truth->words + matcher->place;
	if (!(truth->known[number / 64] >> (number % 64) & 1)) {
		value = eval_value(eval, view, matcher->accessor);
		if (value->state == FIELD_VALUE && value->count > 0)
			matcher_judge(matcher, program->predicates, value, MATCHER_ALL, words);
		else
			memset(words, 0, matcher->words * sizeof(*words));
		truth->known[number / 64] |= (uint64_t)1 << (number % 64);
	}
	return words[bit / 64] >> (bit % 64) & 1;
}

/*
 * Past all that the context ID decides, from NODE on.  RESIDUAL_NONE when it can not be told
 * because what an ancestor would have said is not known.
 */
static uint32_t
context_ask(struct eval *eval, struct event_view *view, uint64_t id, uint32_t number)
{
	struct residuals *residuals = &eval->residuals;
	const struct truth truth = truth_of(&eval->contexts, id);

	while (number != RESIDUAL_NONE && residuals->nodes[number].test == TEST_CONTEXT) {
		const struct residual *node = &residuals->nodes[number];
		const uint32_t *list = residuals->lists + node->list;
		uint64_t bits[RESIDUAL_WORDS_MAX];

		memset(bits, 0, (node->list_count + 63) / 64 * sizeof(*bits));
		for (uint32_t i = 0; i < node->list_count; i++)
			if (context_holds(eval, view, &truth, list[i]))
				bits[i / 64] |= (uint64_t)1 << (i % 64);
		if (view->chain_broken) {
			*truth.context = 0;
			return RESIDUAL_NONE;
		}
		number = residuals_child(residuals, number, bits);
	}
	return number;
}

uint32_t
eval_context_follow(struct eval *eval, struct event_view *view, uint32_t class, uint32_t number)
{
	const struct eval_contexts *contexts = &eval->contexts;
	struct eval_root *root;
	uint64_t id = 0;

	if (!view_derived(view, D_context, &id) || id == 0)
		return RESIDUAL_NONE;
	root = &contexts->roots[(id * 0x9e3779b97f4a7c15u + class * 0xff51afd7ed558ccdu) >> 32 &
	    contexts->root_mask];
	if (root->context == id && root->class == class && !(eval->off & EVAL_NO_ROOTS))
		return root->node;
	if (view_ancestor(view, 0) == NULL)
		return RESIDUAL_NONE;
	number = context_ask(eval, view, id, number);
	if (number != RESIDUAL_NONE)
		*root = (struct eval_root){ id, class, number };
	return number;
}
