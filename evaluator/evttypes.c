/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Negation is pushed down to the leaves: a node is asked for its set or for that of its
 * negation.  A check that says nothing is all types either way, which is why sets are not
 * simply complemented.
 */
#include <errno.h>

#include "evttypes.h"

struct analysis {
	const struct evttypes_ops *ops;
	size_t words;
	uint64_t universe[EVTTYPES_WORDS_MAX];
	const struct ast_node *refused;
};

/* What a check on evt.num means, given that evt.num is at least 1. */
enum truth { TRUTH_OPEN, TRUTH_ALWAYS, TRUTH_NEVER };

static void
set_copy(const struct analysis *a, uint64_t *set, const uint64_t *from)
{
	memcpy(set, from, a->words * sizeof(*set));
}

static void
set_clear(const struct analysis *a, uint64_t *set)
{
	memset(set, 0, a->words * sizeof(*set));
}

/* Turn SET into all types but its own. */
static void
set_invert(const struct analysis *a, uint64_t *set)
{
	for (size_t i = 0; i < a->words; i++)
		set[i] = a->universe[i] & ~set[i];
}

/* --- evt.type --- */

static bool
is_type_field(const struct ast_value *value)
{
	return ast_value_is_field(value, "evt.type") || ast_value_is_field(value, "syscall.type");
}

/*
 * Does a transformer stand around a type field?  Arguments nest no deeper than the parser
 * allows.
 */
static bool
is_transformed_type(const struct ast_value *value)
{
	if (value->kind != VALUE_TRANSFORM && value->kind != VALUE_LIST)
		return false;
	for (uint32_t i = 0; i < value->item_count; i++)
		if (is_type_field(value->items[i]) || is_transformed_type(value->items[i]))
			return true;
	return false;
}

/* Does the operator of CHECK restrict the types? */
static bool
is_type_op(const struct ast_node *check)
{
	return check->modifier == MODIFIER_NONE && (check->op == OP_EXISTS || check->op == OP_EQ ||
	    check->op == OP_EQEQ || check->op == OP_NE || check->op == OP_IN);
}

/* The set of a check of a type field against constants. */
static void
type_set(struct analysis *a, const struct ast_node *check, bool negated, uint64_t *set)
{
	const bool syscall = ast_value_is_field(check->left, "syscall.type");
	const struct ast_value *right = check->right;

	if (check->op == OP_EXISTS) {
		set_copy(a, set, a->universe);
	} else {
		set_clear(a, set);
		if (right->kind != VALUE_LIST)
			a->ops->add_name(a->ops->ctx, right->text, syscall, set, a->words);
		for (uint32_t i = 0; right->kind == VALUE_LIST && i < right->item_count; i++)
			a->ops->add_name(a->ops->ctx, right->items[i]->text, syscall, set,
			    a->words);
	}
	if (negated != (check->op == OP_NE))
		set_invert(a, set);
}

/* --- evt.num --- */

/* Is TEXT digits only, and what number are they, where everything above 2 is 2? */
static bool
small_number(struct span text, unsigned *number)
{
	*number = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		*number = *number * 10 + (unsigned)(text.ptr[i] - '0');
		if (*number > 2)
			*number = 2;
	}
	return text.len > 0;
}

static enum truth
num_in_truth(const struct ast_value *list)
{
	unsigned number;

	if (list->kind != VALUE_LIST)
		return TRUTH_OPEN;
	for (uint32_t i = 0; i < list->item_count; i++)
		if (!small_number(list->items[i]->text, &number) || number != 0)
			return TRUTH_OPEN;
	return TRUTH_NEVER;
}

static enum truth
num_truth(const struct ast_node *check)
{
	const struct ast_value *right = check->right;
	unsigned number;

	if (check->modifier != MODIFIER_NONE || right == NULL)
		return TRUTH_OPEN;
	if (check->op == OP_IN)
		return num_in_truth(right);
	if ((right->kind != VALUE_NUMBER && right->kind != VALUE_STRING) ||
	    !small_number(right->text, &number))
		return TRUTH_OPEN;
	switch (check->op) {
	case OP_EQ:
	case OP_EQEQ:
	case OP_LE:
		return number == 0 ? TRUTH_NEVER : TRUTH_OPEN;
	case OP_LT:
		return number <= 1 ? TRUTH_NEVER : TRUTH_OPEN;
	case OP_NE:
	case OP_GT:
		return number == 0 ? TRUTH_ALWAYS : TRUTH_OPEN;
	case OP_GE:
		return number <= 1 ? TRUTH_ALWAYS : TRUTH_OPEN;
	case OP_EXISTS:
	case OP_CONTAINS:
	case OP_ICONTAINS:
	case OP_BCONTAINS:
	case OP_STARTSWITH:
	case OP_BSTARTSWITH:
	case OP_ENDSWITH:
	case OP_GLOB:
	case OP_IGLOB:
	case OP_REGEX:
	case OP_IN:
	case OP_INTERSECTS:
	case OP_PMATCH:
	case OP_COUNT:
		break;
	}
	return TRUTH_OPEN;
}

/* --- the tree --- */

static int
check_set(struct analysis *a, const struct ast_node *check, bool negated, uint64_t *set)
{
	enum truth truth;

	if (is_type_op(check)) {
		const bool plain = is_type_field(check->left);

		if (is_transformed_type(check->left) ||
		    (plain && check->right != NULL && check->right->kind == VALUE_TRANSFORM)) {
			a->refused = check;
			return -EINVAL;
		}
		if (plain) {
			type_set(a, check, negated, set);
			return 0;
		}
	}
	truth = ast_value_is_field(check->left, "evt.num") ? num_truth(check) : TRUTH_OPEN;
	if (truth == (negated ? TRUTH_ALWAYS : TRUTH_NEVER))
		set_clear(a, set);
	else
		set_copy(a, set, a->universe);
	return 0;
}

static int
node_set(struct analysis *a, const struct ast_node *node, bool negated, uint64_t *set)
{
	const bool meet = (node->kind == AST_AND) != negated;
	uint64_t child[EVTTYPES_WORDS_MAX];
	int err;

	if (node->kind == AST_CHECK)
		return check_set(a, node, negated, set);
	if (node->kind == AST_NOT)
		return node_set(a, node->children[0], !negated, set);
	if (node->kind == AST_MACRO) {
		a->refused = node;
		return -EINVAL;
	}
	if ((err = node_set(a, node->children[0], negated, set)) < 0)
		return err;
	for (uint32_t i = 1; i < node->child_count; i++) {
		if ((err = node_set(a, node->children[i], negated, child)) < 0)
			return err;
		for (size_t word = 0; word < a->words; word++)
			set[word] = meet ? set[word] & child[word] : set[word] | child[word];
	}
	return 0;
}

int
evttypes_compute(const struct ast_node *tree, const struct evttypes_ops *ops, uint64_t *set,
    size_t words, const struct ast_node **refused)
{
	struct analysis a = { .ops = ops, .words = words };
	int err;

	if (words > EVTTYPES_WORDS_MAX)
		return -E2BIG;
	ops->universe(ops->ctx, a.universe, words);
	err = node_set(&a, tree, false, set);
	if (err < 0 && refused != NULL)
		*refused = a.refused;
	return err;
}
