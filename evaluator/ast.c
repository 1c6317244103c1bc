/* SPDX-License-Identifier: Apache-2.0 */
/* Spellings of operators and modifiers, and questions about single nodes. */
#include "ast.h"

static const char *const op_texts[] = {
	[OP_EXISTS] = "exists",
	[OP_EQ] = "=",
	[OP_EQEQ] = "==",
	[OP_NE] = "!=",
	[OP_LT] = "<",
	[OP_LE] = "<=",
	[OP_GT] = ">",
	[OP_GE] = ">=",
	[OP_CONTAINS] = "contains",
	[OP_ICONTAINS] = "icontains",
	[OP_BCONTAINS] = "bcontains",
	[OP_STARTSWITH] = "startswith",
	[OP_BSTARTSWITH] = "bstartswith",
	[OP_ENDSWITH] = "endswith",
	[OP_GLOB] = "glob",
	[OP_IGLOB] = "iglob",
	[OP_REGEX] = "regex",
	[OP_IN] = "in",
	[OP_INTERSECTS] = "intersects",
	[OP_PMATCH] = "pmatch",
};
_Static_assert(sizeof(op_texts) / sizeof(op_texts[0]) == OP_COUNT, "one spelling an operator");

static const char *const modifier_texts[] = {
	[MODIFIER_NONE] = "",
	[MODIFIER_ONEOF] = "oneof",
	[MODIFIER_ANYOF] = "anyof",
	[MODIFIER_ALLOF] = "allof",
};

const char *
ast_op_text(enum ast_op op)
{
	return op_texts[op];
}

const char *
ast_modifier_text(enum ast_modifier modifier)
{
	return modifier_texts[modifier];
}

bool
ast_value_is_field(const struct ast_value *value, const char *name)
{
	return value != NULL && value->kind == VALUE_FIELD && !value->has_argument &&
	    span_equal(value->text, span_text(name));
}
