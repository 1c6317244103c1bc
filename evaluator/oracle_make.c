/* SPDX-License-Identifier: Apache-2.0 */
/* From trees to what the oracle walks.  See oracle_make.h. */
#include "oracle_make.h"

#include <errno.h>

#include "compiling.h"

struct maker {
	struct compiling compiling;
	struct names made; /* address of a tree's node to the number of ours */
	const struct oracle_node **nodes;
	uint32_t node_count, node_capacity;
};

static struct arena *
arena_of(const struct maker *maker)
{
	return maker->compiling.compiler->arena;
}

/* --- checks --- */

static enum oracle_values
values_of(const struct accessor *left, const struct accessor *right)
{
	uint16_t flags = left->info->flags;

	if (flags & FIELD_EITHER)
		return VALUES_EITHER;
	if (left->is_list)
		return VALUES_LIST;
	if (left->any_ancestor)
		return VALUES_ANCESTORS;
	if (right != NULL)
		flags |= right->info->flags;
	return flags & FIELD_TWO_PATHS ? VALUES_SPELLINGS : VALUES_ONE;
}

static int
make_constant(struct maker *maker, const struct oracle_check *check, struct span text,
    union constant *constant)
{
	struct compiler *compiler = maker->compiling.compiler;
	char error[CONSTANT_ERROR_MAX];

	if (check->op == OP_REGEX)
		return compiler_regex(compiler, text, &constant->regex, error);
	return constant_parse(compiler->arena, (uint8_t)check->type, check->op, text, constant,
	    error);
}

static int
make_constants(struct maker *maker, const struct ast_value *right, struct oracle_check *check)
{
	uint32_t count = right->kind == VALUE_LIST ? right->item_count : 1;
	int err;

	check->constants = arena_array(arena_of(maker), count + 1, sizeof(*check->constants));
	if (check->constants == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		struct span text = right->kind == VALUE_LIST ? right->items[i]->text : right->text;

		if ((err = make_constant(maker, check, text, &check->constants[i])) < 0)
			return err;
	}
	check->constant_count = count;
	return 0;
}

/* The field on the right: val() only says that it is one. */
static int
make_right(struct maker *maker, const struct ast_value *right, struct oracle_check *check)
{
	if (span_equal(right->text, SPAN_OF("val")) && right->item_count == 1)
		right = right->items[0];
	return compiling_operand(&maker->compiling, right, &check->right);
}

static int
make_check(struct maker *maker, const struct ast_node *from, struct oracle_check *check)
{
	const struct compiler *compiler = maker->compiling.compiler;
	const struct accessor *left;
	int err;

	check->op = from->op;
	check->modifier = from->modifier;
	check->right = ACCESSOR_NONE;
	if ((err = compiling_operand(&maker->compiling, from->left, &check->left)) < 0)
		return err;
	if (from->op == OP_REGEX && (err = compiling_repaired(&maker->compiling, &check->left)) < 0)
		return err;
	left = &compiler->accessors[check->left];
	check->type = (enum field_type)left->type;
	check->group = (enum field_group)left->group;
	check->distance = left->field == F_evt_around && from->op != OP_EXISTS;
	if (from->right != NULL && from->right->kind == VALUE_TRANSFORM)
		err = make_right(maker, from->right, check);
	else if (from->op != OP_EXISTS)
		err = make_constants(maker, from->right, check);
	if (err < 0)
		return err;
	check->values = values_of(&compiler->accessors[check->left],
	    check->right != ACCESSOR_NONE ? &compiler->accessors[check->right] : NULL);
	return 0;
}

/* --- trees --- */

static int make_node(struct maker *maker, const struct ast_node *from,
    const struct oracle_node **node);

static int
make_children(struct maker *maker, const struct ast_node *from, struct oracle_node *node)
{
	int err;

	node->children = arena_array(arena_of(maker), from->child_count + 1,
	    sizeof(const struct oracle_node *));
	if (node->children == NULL)
		return -ENOMEM;
	node->child_count = from->child_count;
	for (uint32_t i = 0; i < from->child_count; i++)
		if ((err = make_node(maker, from->children[i], &node->children[i])) < 0)
			return err;
	return 0;
}

/* Remember that FROM became NODE: a macro's tree stands in many conditions. */
static int
keep_node(struct maker *maker, const struct ast_node *from, const struct oracle_node *node)
{
	struct span address = { (const char *)&from, sizeof(from) };
	char *kept = arena_copy(arena_of(maker), address);

	if (kept == NULL)
		return -ENOMEM;
	if (maker->node_count == maker->node_capacity) {
		uint32_t wanted = maker->node_capacity ? maker->node_capacity * 2 : 256;
		const struct oracle_node **bigger = arena_array(arena_of(maker), wanted,
		    sizeof(const struct oracle_node *));

		if (bigger == NULL)
			return -ENOMEM;
		if (maker->node_count > 0)
			memcpy(bigger, maker->nodes, maker->node_count * sizeof(*bigger));
		maker->nodes = bigger;
		maker->node_capacity = wanted;
	}
	maker->nodes[maker->node_count] = node;
	address.ptr = kept;
	return names_set(&maker->made, address, maker->node_count++);
}

static int
make_node(struct maker *maker, const struct ast_node *from, const struct oracle_node **node)
{
	uint32_t number = names_find(&maker->made,
	    (struct span){ (const char *)&from, sizeof(from) });
	struct oracle_node *made;
	int err;

	if (number != NAMES_NONE) {
		*node = maker->nodes[number];
		return 0;
	}
	if ((made = arena_alloc(arena_of(maker), sizeof(*made))) == NULL)
		return -ENOMEM;
	made->kind = from->kind;
	err = from->kind == AST_CHECK ? make_check(maker, from, &made->check)
	                              : make_children(maker, from, made);
	*node = made;
	return err < 0 ? err : keep_node(maker, from, made);
}

/* --- the index --- */

/* Make room for the rules of each event code; CODES has the sets of COUNT rules. */
static int
index_room(struct oracle *oracle, const uint64_t *codes, uint32_t count,
    struct oracle_rule *lists[EVTCODE_COUNT])
{
	for (uint32_t code = 0; code < EVTCODE_COUNT; code++) {
		uint32_t wanted = 1;

		for (uint32_t i = 0; i < count; i++)
			wanted += (uint32_t)(codes[(size_t)i * EVTCODE_WORDS + code / 64] >>
			    (code % 64) & 1);
		lists[code] = arena_array(&oracle->arena, wanted, sizeof(*lists[code]));
		if (lists[code] == NULL)
			return -ENOMEM;
		oracle->codes[code].rules = lists[code];
	}
	return 0;
}

/* The event codes of RULE, if it is active. */
static int
rule_codes(const struct ruleset_rule *rule, uint64_t *codes)
{
	const struct ast_node *refused;

	if (!rule->active)
		return 0;
	if (rule->tree != NULL)
		return rulecheck_codes(rule->tree, codes, &refused);
	memcpy(codes, evtcode_universe(), EVTCODE_WORDS * sizeof(*codes));
	return 0;
}

static void
index_rule(struct oracle *oracle, const uint64_t *codes, struct oracle_rule *const *lists,
    struct oracle_rule rule)
{
	for (uint32_t code = 0; code < EVTCODE_COUNT; code++)
		if (codes[code / 64] >> (code % 64) & 1)
			lists[code][oracle->codes[code].count++] = rule;
}

int
oracle_make_index(struct oracle *oracle, const struct ruleset *ruleset)
{
	struct oracle_rule *lists[EVTCODE_COUNT];
	struct compile_error error;
	struct maker maker = { .compiling = { .compiler = &oracle->compiler, .error = &error } };
	uint64_t *codes = arena_array(&oracle->arena, ruleset->rule_count + 1,
	    EVTCODE_WORDS * sizeof(*codes));
	int err;

	if (codes == NULL)
		return -ENOMEM;
	names_init(&maker.made, &oracle->arena, 1);
	for (uint32_t i = 0; i < ruleset->rule_count; i++)
		if ((err = rule_codes(&ruleset->rules[i], codes + (size_t)i * EVTCODE_WORDS)) < 0)
			return err;
	if ((err = index_room(oracle, codes, ruleset->rule_count, lists)) < 0)
		return err;
	for (uint32_t i = 0; i < ruleset->rule_count; i++) {
		const struct ast_node *tree = ruleset->rules[i].tree;
		struct oracle_rule rule = { .rule = i };

		if (!ruleset->rules[i].active)
			continue;
		if (tree != NULL && (err = make_node(&maker, tree, &rule.tree)) < 0)
			return err;
		index_rule(oracle, codes + (size_t)i * EVTCODE_WORDS, lists, rule);
	}
	return 0;
}
