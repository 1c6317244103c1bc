/* SPDX-License-Identifier: Apache-2.0 */
/* Walking conditions.  See oracle.h. */
#include "oracle.h"

#include <errno.h>
#include <stdlib.h>

#include "oracle_make.h"
#include "transform.h"

/* The walk over one event's conditions. */
struct walk {
	struct oracle *oracle;
	struct event_view view; /* private: what it derives lies in the oracle's memory */
};

static bool
check_holds(struct walk *walk, const struct oracle_check *check, bool against)
{
	struct oracle *oracle = walk->oracle;
	const struct field_value *left, *right = NULL;

	left = eval_value(&oracle->values, &walk->view, check->left);
	if (check->right != ACCESSOR_NONE)
		right = eval_value(&oracle->values, &walk->view, check->right);
	return oracle_holds(check, left, right, against, oracle->room);
}

/* Does NODE hold?  AGAINST: it stands below an odd number of `not`. */
static bool
node_holds(struct walk *walk, const struct oracle_node *node, bool against)
{
	switch (node->kind) {
	case AST_AND:
		for (uint32_t i = 0; i < node->child_count; i++)
			if (!node_holds(walk, node->children[i], against))
				return false;
		return true;
	case AST_OR:
		for (uint32_t i = 0; i < node->child_count; i++)
			if (node_holds(walk, node->children[i], against))
				return true;
		return false;
	case AST_NOT:
		return !node_holds(walk, node->children[0], !against);
	case AST_CHECK:
		return check_holds(walk, &node->check, against);
	case AST_MACRO:
		break;
	}
	return false;
}

void
oracle_judge(struct oracle *oracle, const struct event_view *view)
{
	const struct oracle_code *code = &oracle->codes[view->code % EVTCODE_COUNT];
	struct walk walk = { .oracle = oracle, .view = *view };

	walk.view.scratch = &oracle->scratch;
	walk.view.has_facts = walk.view.has_names = false;
	walk.view.chain_len = 0;
	walk.view.chain_done = walk.view.chain_broken = false;
	scratch_reset(&oracle->scratch);
	oracle->values.epoch++;
	oracle->match_count = 0;
	for (uint32_t i = 0; i < code->count; i++) {
		const struct oracle_rule *rule = &code->rules[i];

		if (rule->tree != NULL && !node_holds(&walk, rule->tree, false))
			continue;
		oracle->matches[oracle->match_count++] = rule->rule;
		if (oracle->matching == MATCH_FIRST)
			break;
	}
	oracle->chain_broken = walk.view.chain_broken;
}

void
oracle_fini(struct oracle *oracle)
{
	free(oracle->values.values);
	free(oracle->matches);
	free(oracle->room);
	scratch_fini(&oracle->scratch);
	arena_fini(&oracle->arena);
	memset(oracle, 0, sizeof(*oracle));
}

/* The memory of walks, once all accessors are known. */
static int
walks_init(struct oracle *oracle, uint32_t rule_count)
{
	oracle->program.accessors = oracle->compiler.accessors;
	oracle->program.accessor_count = oracle->compiler.accessor_count;
	oracle->values.program = &oracle->program;
	oracle->values.values = calloc(oracle->program.accessor_count + 1,
	    sizeof(*oracle->values.values));
	oracle->matches = calloc(rule_count + 1, sizeof(*oracle->matches));
	oracle->room = malloc(ORACLE_TEXT_BYTES);
	if (oracle->values.values == NULL || oracle->matches == NULL || oracle->room == NULL)
		return -ENOMEM;
	return scratch_init(&oracle->scratch);
}

int
oracle_init(struct oracle *oracle, const struct ruleset *ruleset, enum rule_matching matching)
{
	int err;

	memset(oracle, 0, sizeof(*oracle));
	arena_init(&oracle->arena, RULESET_BYTES_MAX);
	compiler_init(&oracle->compiler, &oracle->arena, 1);
	oracle->compiler.undelivered = true;
	oracle->matching = matching;
	if ((err = oracle_make_index(oracle, ruleset)) < 0 ||
	    (err = walks_init(oracle, ruleset->rule_count)) < 0)
		oracle_fini(oracle);
	return err;
}
