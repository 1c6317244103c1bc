/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The structure of a condition, one function a production:
 *
 *	chain       operands joined by `or`, each a chain joined by `and`, each a negation
 *	negation    a run of `not`, then `not(`...`)` or a check
 *	check       `(`...`)`, a comparison, or the name of a macro
 *	comparison  operand operator right side
 *
 * Each production adds its cost to the depth while it runs.
 */
#include <string.h>

#include "arena.h"
#include "parser.h"

enum { COST_PRODUCTION = 1, COST_RIGHT_SIDE = 2 };

enum op_group { GROUP_UNARY, GROUP_NUMBER, GROUP_STRING, GROUP_WORD, GROUP_LIST };

/* In the order of trying: a spelling stands before those that are its beginning. */
static const struct op_row {
	enum ast_op op;
	enum op_group group;
} ops[] = {
	{ OP_EXISTS, GROUP_UNARY },
	{ OP_LE, GROUP_NUMBER },
	{ OP_LT, GROUP_NUMBER },
	{ OP_GE, GROUP_NUMBER },
	{ OP_GT, GROUP_NUMBER },
	{ OP_EQEQ, GROUP_STRING },
	{ OP_EQ, GROUP_STRING },
	{ OP_NE, GROUP_STRING },
	{ OP_GLOB, GROUP_WORD },
	{ OP_IGLOB, GROUP_WORD },
	{ OP_CONTAINS, GROUP_WORD },
	{ OP_ICONTAINS, GROUP_WORD },
	{ OP_BCONTAINS, GROUP_WORD },
	{ OP_STARTSWITH, GROUP_WORD },
	{ OP_BSTARTSWITH, GROUP_WORD },
	{ OP_ENDSWITH, GROUP_WORD },
	{ OP_REGEX, GROUP_WORD },
	{ OP_INTERSECTS, GROUP_LIST },
	{ OP_IN, GROUP_LIST },
	{ OP_PMATCH, GROUP_LIST },
};
_Static_assert(sizeof(ops) / sizeof(ops[0]) == OP_COUNT, "each operator is in the grammar");

static int parse_chain(struct parser *p, enum ast_kind kind, struct ast_node **node);

/* `... )`; the `(` is already taken. */
static int
parse_embedded(struct parser *p, struct ast_node **node)
{
	int err;

	if ((err = parser_enter(p, COST_PRODUCTION)) < 0)
		return err;
	if ((err = parse_chain(p, AST_OR, node)) < 0)
		return err;
	if (!lex_word(&p->lex, ")"))
		return parser_fail(p, "`and`, `or` or `)`");
	p->depth -= COST_PRODUCTION;
	return 0;
}

/* --- comparisons --- */

/*
 * Does NAME begin with `and`, `or` or `not`, ended by neither letter nor digit?  Then a
 * modifier before it is an ordinary word that was compared with.
 */
static bool
is_joining_word(struct span name)
{
	static const char *const words[] = { "and", "or", "not" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i]);

		if (name.len >= len && memcmp(name.ptr, words[i], len) == 0)
			return name.len == len || name.ptr[len] == '_';
	}
	return false;
}

/*
 * Take a modifier, the blanks behind it, and know that a list or a list's name follows;
 * else leave the place.
 */
static enum ast_modifier
lex_modifier(struct lex *lex)
{
	static const enum ast_modifier modifiers[] = { MODIFIER_ONEOF, MODIFIER_ANYOF,
		MODIFIER_ALLOF };
	const struct lex start = *lex;

	for (size_t i = 0; i < sizeof(modifiers) / sizeof(modifiers[0]); i++) {
		struct lex ahead;
		struct span name;

		if (!lex_word(lex, ast_modifier_text(modifiers[i])))
			continue;
		if (!lex_blanks(lex))
			break;
		ahead = *lex;
		if (lex_word(&ahead, "(") ||
		    (lex_identifier(&ahead, &name) && !is_joining_word(name)))
			return modifiers[i];
		break;
	}
	*lex = start;
	return MODIFIER_NONE;
}

/* A constant list or the bare word that stands for one. */
static int
parse_set(struct parser *p, const char *expected, struct ast_value **value)
{
	struct ast_position at = p->lex.at;
	int err;

	if (lex_word(&p->lex, "("))
		return parser_take_list(p, at, value);
	if ((err = parser_new_value(p, VALUE_NAME, value)) < 0)
		return err;
	if (!lex_identifier(&p->lex, &(*value)->text))
		return parser_fail(p, expected);
	return 0;
}

static int
parse_number(struct parser *p, struct ast_value **value)
{
	int err = parser_take_right_call(p, value);

	if (err != 0)
		return err < 0 ? err : 0;
	if ((err = parser_new_value(p, VALUE_NUMBER, value)) < 0)
		return err;
	if (!lex_number(&p->lex, &(*value)->text))
		return parser_fail(p, "a number");
	return 0;
}

/* The right side of a string operator; BLANKS tells whether any stood before it. */
static int
parse_text(struct parser *p, bool blanks, struct ast_node *check)
{
	int err;

	if (blanks && (check->modifier = lex_modifier(&p->lex)) != MODIFIER_NONE)
		return parse_set(p, "a list", &check->right);
	if ((err = parser_take_right_call(p, &check->right)) != 0)
		return err < 0 ? err : 0;
	return parser_take_string(p, "a value", &check->right);
}

static int
parse_members(struct parser *p, struct ast_value **value)
{
	struct lex ahead = p->lex;
	int err;

	if (!lex_word(&ahead, "(") && (err = parser_take_right_call(p, value)) != 0)
		return err < 0 ? err : 0;
	return parse_set(p, "a list in parentheses, a name, val(...) or a transformer", value);
}

static int
parse_right_side(struct parser *p, enum op_group group, struct ast_node *check)
{
	bool blanks = lex_blanks(&p->lex);
	int err = 0;

	if ((err = parser_enter(p, COST_RIGHT_SIDE)) < 0)
		return err;
	switch (group) {
	case GROUP_UNARY:
		break;
	case GROUP_NUMBER:
		err = parse_number(p, &check->right);
		break;
	case GROUP_WORD:
		if (!blanks)
			return parser_fail(p, "a blank after the operator");
		err = parse_text(p, blanks, check);
		break;
	case GROUP_STRING:
		err = parse_text(p, blanks, check);
		break;
	case GROUP_LIST:
		err = parse_members(p, &check->right);
		break;
	}
	p->depth -= COST_RIGHT_SIDE;
	return err;
}

/* The operator and right side of a comparison whose LEFT side is already taken. */
static int
parse_comparison(struct parser *p, struct ast_value *left, struct ast_node **node)
{
	const struct op_row *row = ops;
	const struct op_row *end = ops + sizeof(ops) / sizeof(ops[0]);
	struct ast_position op_at;
	int err;

	if ((err = parser_enter(p, COST_PRODUCTION)) < 0)
		return err;
	lex_blanks(&p->lex);
	op_at = p->lex.at;
	while (row < end && !lex_word(&p->lex, ast_op_text(row->op)))
		row++;
	if (row == end)
		return parser_fail(p, "an operator");
	if ((err = parser_new_node(p, AST_CHECK, left->at, node)) < 0)
		return err;
	(*node)->left = left;
	(*node)->op = row->op;
	(*node)->op_at = op_at;
	if (row->group != GROUP_UNARY && (err = parse_right_side(p, row->group, *node)) < 0)
		return err;
	p->depth -= COST_PRODUCTION;
	return 0;
}

/* --- structure --- */

static int
parse_check(struct parser *p, struct ast_node **node)
{
	struct ast_position at;
	struct ast_value *left;
	struct span name;
	int err;

	if ((err = parser_enter(p, COST_PRODUCTION)) < 0)
		return err;
	lex_blanks(&p->lex);
	at = p->lex.at;
	if (lex_word(&p->lex, "(")) {
		err = parse_embedded(p, node);
	} else if ((err = parser_take_operand(p, &left)) > 0) {
		err = parse_comparison(p, left, node);
	} else if (err == 0) {
		if (!lex_identifier(&p->lex, &name))
			return parser_fail(p, "a field, a macro, `not` or `(`");
		if ((err = parser_new_node(p, AST_MACRO, at, node)) == 0)
			(*node)->name = name;
	}
	p->depth -= COST_PRODUCTION;
	return err;
}

/* Make a node over CHILDREN. */
static int
parse_join(struct parser *p, enum ast_kind kind, struct ast_position at,
    struct parser_list *children, struct ast_node **node)
{
	int err;

	if ((err = parser_new_node(p, kind, at, node)) < 0)
		return err;
	(*node)->children = (struct ast_node **)children->items;
	(*node)->child_count = children->count;
	return 0;
}

static int
parse_negation(struct parser *p, struct ast_node **node)
{
	struct parser_list children = { 0 };
	struct ast_position at;
	struct ast_node *child;
	bool negated = false;
	int err;

	if ((err = parser_enter(p, COST_PRODUCTION)) < 0)
		return err;
	lex_blanks(&p->lex);
	at = p->lex.at;
	while (lex_not(&p->lex))
		negated = !negated;
	if (lex_word(&p->lex, "not(")) {
		negated = !negated;
		err = parse_embedded(p, &child);
	} else {
		err = parse_check(p, &child);
	}
	if (err < 0)
		return err;
	p->depth -= COST_PRODUCTION;
	if (!negated) {
		*node = child;
		return 0;
	}
	if ((err = parser_push(p, &children, child)) < 0)
		return err;
	return parse_join(p, AST_NOT, at, &children, node);
}

static int
parse_chain_operand(struct parser *p, enum ast_kind kind, struct ast_node **node)
{
	return kind == AST_OR ? parse_chain(p, AST_AND, node) : parse_negation(p, node);
}

/*
 * The next operand of a chain, behind its joining word: after a blank, or in parentheses
 * that touch the word.
 */
static int
parse_chain_next(struct parser *p, enum ast_kind kind, struct ast_node **node)
{
	if (lex_blanks(&p->lex))
		return parse_chain_operand(p, kind, node);
	if (!lex_word(&p->lex, "("))
		return parser_fail(p, kind == AST_OR ?
		    "a blank or `(` after `or`" : "a blank or `(` after `and`");
	return parse_embedded(p, node);
}

/* Operands joined by the word of KIND, AST_OR or AST_AND, and the blanks behind them. */
static int
parse_chain(struct parser *p, enum ast_kind kind, struct ast_node **node)
{
	const char *word = kind == AST_OR ? "or" : "and";
	struct parser_list children = { 0 };
	struct ast_position at;
	struct ast_node *child;
	int err;

	if ((err = parser_enter(p, COST_PRODUCTION)) < 0)
		return err;
	lex_blanks(&p->lex);
	at = p->lex.at;
	if ((err = parse_chain_operand(p, kind, node)) < 0)
		return err;
	for (lex_blanks(&p->lex); lex_word(&p->lex, word); lex_blanks(&p->lex)) {
		if (children.count == 0 && (err = parser_push(p, &children, *node)) < 0)
			return err;
		if ((err = parse_chain_next(p, kind, &child)) < 0)
			return err;
		if ((err = parser_push(p, &children, child)) < 0)
			return err;
	}
	p->depth -= COST_PRODUCTION;
	return children.count == 0 ? 0 : parse_join(p, kind, at, &children, node);
}

int
parse_condition(struct arena *arena, struct span text, uint32_t origin, uint32_t depth_max,
    struct ast_node **tree, struct parse_error *error)
{
	struct parser p = { .arena = arena, .depth_max = depth_max, .error = error };
	struct ast_node *node;
	int err;

	lex_init(&p.lex, text, origin);
	if ((err = parse_chain(&p, AST_OR, &node)) < 0)
		return err;
	if (!lex_ended(&p.lex))
		return parser_fail(&p, "`and`, `or` or the end of the condition");
	*tree = node;
	return 0;
}

int
parse_operand_start(struct arena *arena, struct span text, struct ast_value **value, size_t *len,
    struct parse_error *error)
{
	struct parser p = { .arena = arena, .depth_max = PARSE_DEPTH_RULES, .error = error };
	struct ast_value *found;
	int err;

	lex_init(&p.lex, text, 0);
	if ((err = parser_take_operand(&p, &found)) < 0)
		return err;
	if (err == 0)
		return parser_fail(&p, "a field or a transformer");
	*value = found;
	*len = p.lex.at.offset;
	return 0;
}

int
parse_operand(struct arena *arena, struct span text, bool with_val, struct ast_value **value,
    struct parse_error *error)
{
	struct parser p = { .arena = arena, .depth_max = PARSE_DEPTH_RULES, .error = error };
	struct ast_value *found;
	int err;

	lex_init(&p.lex, text, 0);
	err = parser_take_operand(&p, &found);
	if (err == 0 && with_val)
		err = parser_take_right_call(&p, &found);
	if (err < 0)
		return err;
	if (err == 0)
		return parser_fail(&p, "a field or a transformer");
	if (!lex_ended(&p.lex))
		return parser_fail(&p, "nothing behind the field");
	*value = found;
	return 0;
}
