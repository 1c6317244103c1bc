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

static int
refuse_unsupported(struct compiling *c, struct ast_position at, const char *what)
{
	return compiling_refuse(c, at, "not supported yet: %s", what);
}

/* The accessor of the check's left side. */
static int
check_field(struct compiling *c, const struct ast_value *left, uint32_t *index)
{
	char error[FIELD_ERROR_MAX], call[96];
	enum field_problem problem;

	if (left->kind == VALUE_TRANSFORM) {
		(void)snprintf(call, sizeof(call), "the transformer `%.*s(...)`",
		    SPAN_SHORT(left->text));
		return refuse_unsupported(c, left->at, call);
	}
	problem = compiler_accessor(c->compiler, left->text, left->argument, left->has_argument,
	    index, error);
	switch (problem) {
	case FIELD_FINE:
		return compiling_uses(c, *index);
	case FIELD_UNKNOWN:
	case FIELD_UNDELIVERED:
		(void)compiling_refuse(c, left->at, "%s", error);
		c->error->unknown = problem == FIELD_UNKNOWN;
		return -EINVAL;
	case FIELD_NO_MEMORY:
		break;
	}
	return -ENOMEM;
}

/* Does the operator, with its modifier, fit the values? */
static int
check_operator(struct compiling *c, const struct ast_node *check, const struct accessor *accessor)
{
	uint32_t group = accessor->is_list ? GROUP_LIST : accessor->group;
	const char *op = ast_op_text(check->op);

	if (accessor->info->flags & FIELD_PRINT_ONLY)
		return compiling_refuse(c, check->left->at, "`%.*s` is for outputs only",
		    SPAN_SHORT(accessor->text));
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
	if (check->op == OP_REGEX)
		return refuse_unsupported(c, check->op_at, "the operator `regex`");
	return 0;
}

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

/* Warn of a constant that is a field or a call in all but syntax. */
static void
warn_suspicious(struct compiling *c, const struct ast_value *constant)
{
	struct arena_mark mark = arena_mark(c->compiler->arena);
	struct parse_error ignored;
	struct ast_value *value;
	struct accessor accessor;
	char error[FIELD_ERROR_MAX];
	struct span text;
	char *bare;

	if (c->compiler->warn == NULL ||
	    (bare = arena_alloc(c->compiler->arena, constant->text.len + 1)) == NULL)
		return;
	text = (struct span){ bare, 0 };
	for (size_t i = 0; i < constant->text.len; i++)
		if (strchr(" \t\n\v\f\r", constant->text.ptr[i]) == NULL)
			bare[text.len++] = constant->text.ptr[i];
	if (parse_operand(c->compiler->arena, text, true, &value, &ignored) == 0) {
		if (value->kind == VALUE_TRANSFORM)
			c->compiler->warn(c->compiler->warn_ctx, WARN_LOOKS_LIKE_CALL, constant);
		else if (field_compile(c->compiler->arena, value->text, value->argument,
		             value->has_argument, true, &accessor, error) == FIELD_FINE)
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
	warn_suspicious(c, constant);
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

/*
 * Must every value of the field satisfy the operator, rather than some?  Of two ends both
 * must differ for `!=`; all of a list must be in a set; and where a path has two spellings,
 * a check that counts against a match does so only when both satisfy it, so that no choice
 * of spelling hides an act.
 */
static bool
check_is_for_every(const struct ast_node *check, const struct accessor *accessor, bool negated)
{
	if (accessor->info->flags & FIELD_EITHER)
		return check->op == OP_NE;
	if (accessor->is_list)
		return check->op == OP_IN;
	return (accessor->info->flags & FIELD_TWO_PATHS) != 0 && negated;
}

static int
constant_key(struct arena *arena, const struct ast_value *right, struct text *key)
{
	uint32_t count = right ? constant_count(right) : 0;
	size_t size = 32;
	char *buf;

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
	uint8_t op[4] = { predicate->comparison.op, predicate->comparison.modifier,
		predicate->comparison.every, right != NULL && right->kind == VALUE_LIST };
	struct text text;

	if (constant_key(c->compiler->arena, right, &text) < 0)
		return -ENOMEM;
	text_bytes(&text, (const char *)op, sizeof(op));
	text_bytes(&text, (const char *)&predicate->accessor, sizeof(predicate->accessor));
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

int
compile_check(struct compiling *c, const struct ast_node *check, bool negated, uint32_t *index)
{
	const struct accessor *accessor;
	struct predicate predicate;
	struct comparison *comparison = &predicate.comparison;
	struct span key;
	int err;

	memset(&predicate, 0, sizeof(predicate));
	if ((err = check_field(c, check->left, &predicate.accessor)) < 0)
		return err;
	accessor = &c->compiler->accessors[predicate.accessor];
	if ((err = check_operator(c, check, accessor)) < 0)
		return err;
	if (check->right != NULL && check->right->kind == VALUE_TRANSFORM)
		return refuse_unsupported(c, check->right->at,
		    "a field or transformer on the right side");
	comparison->op = op_plain(check->op, accessor);
	comparison->modifier = (uint8_t)check->modifier;
	comparison->type = accessor->type;
	comparison->group = accessor->group;
	comparison->every = check_is_for_every(check, accessor, negated);
	if (check->op != OP_EXISTS &&
	    (err = check_constants(c, check, accessor, &comparison->constants)) < 0)
		return err;
	predicate.code_only = field_is_code(accessor->field);
	predicate.context_only = accessor->info->class <= CLASS_NAME_TABLE;
	if ((err = predicate_key(c, &predicate, check->right, &key)) < 0)
		return err;
	return compiling_predicate(c, &predicate, key, index);
}
