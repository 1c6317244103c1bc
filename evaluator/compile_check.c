/* SPDX-License-Identifier: Apache-2.0 */
/* One check: its field, whether operator and constants fit it, and the predicate it becomes. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiling.h"
#include "evtcode.h"
#include "parse.h"

int
compiling_refuse(struct compiling *c, struct ast_position at, const char *format, ...)
{
	char buf[COMPILE_ERROR_MAX];
	struct text text;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(buf, sizeof(buf), format, args);
	va_end(args);
	text_init(&text, c->error->text, sizeof(c->error->text));
	text_visible(&text, buf, strlen(buf));
	c->error->at = at;
	return -EINVAL;
}

/* Does the operator, with its modifier, fit the values? */
static int
check_operator(struct compiling *c, const struct ast_node *check, const struct accessor *accessor)
{
	uint32_t group = accessor->is_list ? GROUP_LIST : accessor->group;
	const char *op = ast_op_text(check->op);

	if (!(op_groups(check->op) & group))
		return compiling_refuse(c, check->op_at, "`%.*s` is %s, which `%s` can not compare",
		    SPAN_SHORT(accessor->text), field_group_text(group), op);
	if (check->modifier != MODIFIER_NONE &&
	    (!op_takes_modifier(check->op) || accessor->is_list))
		return compiling_refuse(c, check->op_at, "`%s` can not follow `%s` here",
		    ast_modifier_text(check->modifier), op);
	if ((accessor->group == GROUP_ADDRESS || accessor->group == GROUP_NETWORK) &&
	    check->modifier != MODIFIER_NONE && check->op != OP_EQ && check->op != OP_EQEQ &&
	    check->op != OP_NE)
		return compiling_refuse(c, check->op_at,
		    "only `=` and `!=` take `%s` on an address",
		    ast_modifier_text(check->modifier));
	if (accessor->field == F_evt_around && (check->modifier != MODIFIER_NONE ||
	    (check->op != OP_EQ && check->op != OP_EQEQ)))
		return compiling_refuse(c, check->op_at, "`evt.around` is compared with `=` only");
	return 0;
}

/* --- constants --- */

/* What a list or a single constant holds. */
static uint32_t
constant_count(const struct ast_value *right)
{
	return right->kind == VALUE_LIST ? right->item_count : 1;
}

static const struct ast_value *
constant_at(const struct ast_value *right, uint32_t index)
{
	return right->kind == VALUE_LIST ? right->items[index] : right;
}

/*
 * Does nothing in PATTERN need a regular expression, apart from what says that it stands at
 * the beginning, at the end, or anywhere?
 */
static bool
regex_is_plain(struct span pattern)
{
	const char *at = pattern.ptr, *end = at + pattern.len;

	if (at < end && *at == '^')
		at++;
	if (end - at >= 2 && at[0] == '.' && strchr("+*?", at[1]) != NULL)
		at += 2;
	if (at < end && end[-1] == '$')
		end--;
	if (end - at >= 2 && end[-2] == '.' && strchr("+*?", end[-1]) != NULL)
		end -= 2;
	while (at < end && strchr(".[]{}()\\*+?|^$", *at) == NULL)
		at++;
	return at == end;
}

/* Warn of a constant that is a field or a call in all but syntax, or a needless pattern. */
static void
warn_suspicious(struct compiling *c, const struct ast_node *check, const struct ast_value *constant)
{
	struct arena_mark mark = arena_mark(c->compiler->arena);
	struct parse_error ignored;
	struct ast_value *value;
	struct accessor accessor;
	char error[FIELD_ERROR_MAX];
	struct span text;
	char *bare;

	if (c->compiler->warn == NULL)
		return;
	if (check->op == OP_REGEX && regex_is_plain(constant->text)) {
		c->compiler->warn(c->compiler->warn_ctx, WARN_PLAIN_REGEX, constant);
		return;
	}
	if ((bare = arena_alloc(c->compiler->arena, constant->text.len + 1)) == NULL)
		return;
	text = (struct span){ bare, 0 };
	for (size_t i = 0; i < constant->text.len; i++)
		if (strchr(" \t\n\v\f\r", constant->text.ptr[i]) == NULL)
			bare[text.len++] = constant->text.ptr[i];
	if (parse_operand(c->compiler->arena, text, true, &value, &ignored) == 0) {
		if (value->kind == VALUE_TRANSFORM)
			c->compiler->warn(c->compiler->warn_ctx, WARN_LOOKS_LIKE_CALL, constant);
		else if (field_compile(c->compiler->arena, value->text, value->argument,
		             value->has_argument, &accessor, error) == FIELD_FINE)
			c->compiler->warn(c->compiler->warn_ctx, WARN_LOOKS_LIKE_FIELD, constant);
	}
	arena_reset(c->compiler->arena, mark);
}

static int
check_constant(struct compiling *c, const struct ast_node *check, const struct accessor *accessor,
    const struct ast_value *constant, union constant *parsed)
{
	uint64_t set[EVTCODE_WORDS] = { 0 };
	char error[CONSTANT_ERROR_MAX];
	int err;

	err = constant_parse(c->compiler->arena, accessor->type, check->op, constant->text, parsed,
	    error);
	if (err == 0 && check->op == OP_REGEX)
		err = compiler_regex(c->compiler, constant->text, &parsed->regex, error);
	if (err == -EINVAL)
		return compiling_refuse(c, constant->at, "`%.*s`: %s", SPAN_SHORT(accessor->text),
		    error);
	if (err < 0)
		return err;
	if (accessor->field == F_evt_type && !evtcode_find(constant->text, set)) {
		(void)compiling_refuse(c, constant->at, "unknown event type `%.*s`",
		    SPAN_SHORT(constant->text));
		c->error->unknown = true;
		return -EINVAL;
	}
	warn_suspicious(c, check, constant);
	return 0;
}

static int
check_constants(struct compiling *c, const struct ast_node *check, const struct accessor *accessor,
    struct constants *constants)
{
	uint32_t count = constant_count(check->right);
	union constant *items = arena_array(c->compiler->arena, count ? count : 1, sizeof(*items));
	enum field_group group = (enum field_group)accessor->group;
	int err;

	if (items == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		if ((err = check_constant(c, check, accessor, constant_at(check->right, i),
		         &items[i])) < 0)
			return err;
	constants->items = items;
	constants->count = count;
	if (check->op != OP_IN && check->op != OP_INTERSECTS)
		return 0;
	if (accessor->type == FIELD_DOUBLE)
		group = GROUP_OPAQUE; /* zero has two representations: no table by bytes */
	return constants_index(c->compiler->arena, group, c->compiler->hash_key, constants);
}

/* --- fields on the right --- */

/* What VALUE, on the right of an operator, means: val(FIELD) is the field. */
static int
right_operand(struct compiling *c, const struct ast_value *value, uint32_t *index)
{
	if (!span_equal(value->text, SPAN_OF("val")))
		return compiling_operand(c, value, index);
	if (value->has_argument)
		return compiling_refuse(c, value->at, "`val(...)` can not be followed by [...]");
	return compiling_operand(c, value->items[0], index);
}

/* Can the fields LEFT and RIGHT be compared by the operator of CHECK? */
static int
check_sides(struct compiling *c, const struct ast_node *check, const struct accessor *left,
    const struct accessor *right)
{
	struct ast_position at = check->right->at;

	if (check->op == OP_REGEX || check->op == OP_PMATCH)
		return compiling_refuse(c, at, "`%s` takes constants only",
		    ast_op_text(check->op));
	if (left->group == GROUP_NETWORK || left->info->flags & FIELD_NO_RIGHT)
		return compiling_refuse(c, at, "`%.*s` is compared with constants only",
		    SPAN_SHORT(left->text));
	if (right->info->flags & FIELD_NO_RIGHT)
		return compiling_refuse(c, at, "`%.*s` can not stand on the right side",
		    SPAN_SHORT(right->text));
	if (left->is_list != right->is_list)
		return compiling_refuse(c, at, "`%.*s` is %s, and `%.*s` is not",
		    SPAN_SHORT((left->is_list ? left : right)->text), "a list",
		    SPAN_SHORT((left->is_list ? right : left)->text));
	if (left->type != right->type)
		return compiling_refuse(c, at, "`%.*s` has type %s, and `%.*s` type %s",
		    SPAN_SHORT(left->text), field_type_name(left->type),
		    SPAN_SHORT(right->text), field_type_name(right->type));
	return 0;
}

static int
check_right(struct compiling *c, const struct ast_node *check, struct predicate *predicate)
{
	const struct accessor *accessors;
	int err;

	if ((err = right_operand(c, check->right, &predicate->right)) < 0)
		return err;
	accessors = c->compiler->accessors;
	return check_sides(c, check, &accessors[predicate->accessor],
	    &accessors[predicate->right]);
}

/* --- predicates --- */

/*
 * Must every value of the field satisfy the operator, rather than some?  Of two ends both
 * must differ for `!=`; all of a list must be in a set; and where a path has two spellings,
 * on whichever side, a check that counts against a match does so only when both satisfy it,
 * so that no choice of spelling hides an act.
 */
static bool
check_is_for_every(const struct compiling *c, const struct ast_node *check,
    const struct predicate *predicate, bool negated)
{
	const struct accessor *left = &c->compiler->accessors[predicate->accessor];
	uint16_t flags = left->info->flags;

	if (flags & FIELD_EITHER)
		return check->op == OP_NE;
	if (left->is_list)
		return check->op == OP_IN;
	if (predicate->right != ACCESSOR_NONE)
		flags |= c->compiler->accessors[predicate->right].info->flags;
	return (flags & FIELD_TWO_PATHS) != 0 && negated;
}

static int
constant_key(struct arena *arena, const struct ast_value *right, struct text *key)
{
	uint32_t count = 0;
	size_t size = 32;
	char *buf;

	if (right != NULL && right->kind != VALUE_TRANSFORM)
		count = constant_count(right);
	for (uint32_t i = 0; i < count; i++)
		size += sizeof(uint32_t) + constant_at(right, i)->text.len;
	if ((buf = arena_alloc(arena, size)) == NULL)
		return -ENOMEM;
	text_init(key, buf, size);
	for (uint32_t i = 0; i < count; i++) {
		struct span text = constant_at(right, i)->text;
		uint32_t len = (uint32_t)text.len;

		text_bytes(key, (const char *)&len, sizeof(len));
		text_bytes(key, text.ptr, text.len);
	}
	return 0;
}

/*
 * Bytes that are equal for equal predicates: the accessor, the operator, and all constants
 * as written.
 */
static int
predicate_key(struct compiling *c, const struct predicate *predicate, const struct ast_value *right,
    struct span *key)
{
	const uint8_t op[4] = { predicate->comparison.op, predicate->comparison.modifier,
		predicate->comparison.every, right != NULL && right->kind == VALUE_LIST };
	const uint32_t sides[2] = { predicate->accessor, predicate->right };
	struct text text;

	if (constant_key(c->compiler->arena, right, &text) < 0)
		return -ENOMEM;
	text_bytes(&text, (const char *)op, sizeof(op));
	text_bytes(&text, (const char *)sides, sizeof(sides));
	*key = (struct span){ text.buf, text.len };
	return 0;
}

/* Operators that mean the same become one. */
static uint8_t
op_plain(enum ast_op op, const struct accessor *accessor)
{
	if (op == OP_EQEQ)
		op = OP_EQ;
	if (op == OP_INTERSECTS && !accessor->is_list)
		op = OP_IN;
	if (accessor->field == F_evt_around)
		op = OP_LE;
	return (uint8_t)op;
}

/* What the predicate depends on. */
static void
predicate_class(const struct compiling *c, struct predicate *predicate)
{
	const struct accessor *left = &c->compiler->accessors[predicate->accessor];
	const struct accessor *right = predicate->right != ACCESSOR_NONE
	    ? &c->compiler->accessors[predicate->right]
	    : NULL;

	predicate->code_only = right == NULL && left->transform == NULL &&
	    field_is_code(left->field);
	predicate->context_only = left->info->class <= CLASS_NAME_TABLE &&
	    (right == NULL || right->info->class <= CLASS_NAME_TABLE);
}

/* The right side, whatever it is, and how the values of both sides are compared. */
static int
check_compare(struct compiling *c, const struct ast_node *check, bool negated,
    struct predicate *predicate)
{
	struct comparison *comparison = &predicate->comparison;
	struct accessor left;
	int err = 0;

	predicate->right = ACCESSOR_NONE;
	if (check->op == OP_REGEX && (err = compiling_repaired(c, &predicate->accessor)) < 0)
		return err;
	left = c->compiler->accessors[predicate->accessor];
	if (check->right != NULL && check->right->kind == VALUE_TRANSFORM)
		err = check_right(c, check, predicate);
	else if (check->op != OP_EXISTS)
		err = check_constants(c, check, &left, &comparison->constants);
	comparison->op = op_plain(check->op, &left);
	comparison->modifier = (uint8_t)check->modifier;
	comparison->type = left.type;
	comparison->group = left.group;
	comparison->is_list = left.is_list;
	comparison->spelled = (left.info->flags & FIELD_TWO_PATHS) != 0;
	comparison->every = check_is_for_every(c, check, predicate, negated);
	return err;
}

int
compile_check(struct compiling *c, const struct ast_node *check, bool negated, uint32_t *index)
{
	struct predicate predicate;
	struct span key;
	int err;

	memset(&predicate, 0, sizeof(predicate));
	if ((err = compiling_operand(c, check->left, &predicate.accessor)) < 0 ||
	    (err = check_operator(c, check, &c->compiler->accessors[predicate.accessor])) < 0 ||
	    (err = check_compare(c, check, negated, &predicate)) < 0)
		return err;
	predicate_class(c, &predicate);
	if ((err = predicate_key(c, &predicate, check->right, &key)) < 0)
		return err;
	return compiling_predicate(c, &predicate, key, index);
}
