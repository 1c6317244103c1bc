/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons of exceptions. */
#include "comparison.h"
#include "scalar.h"

static bool
takes_modifier(enum ast_op op)
{
	switch (op) {
	case OP_EQ:
	case OP_EQEQ:
	case OP_NE:
	case OP_CONTAINS:
	case OP_ICONTAINS:
	case OP_BCONTAINS:
	case OP_STARTSWITH:
	case OP_BSTARTSWITH:
	case OP_ENDSWITH:
	case OP_GLOB:
	case OP_IGLOB:
	case OP_REGEX:
		return true;
	case OP_EXISTS:
	case OP_LT:
	case OP_LE:
	case OP_GT:
	case OP_GE:
	case OP_IN:
	case OP_INTERSECTS:
	case OP_PMATCH:
	case OP_COUNT:
		break;
	}
	return false;
}

static bool
op_find(struct span word, enum ast_op *op)
{
	for (*op = 0; *op < OP_COUNT; (*op)++)
		if (span_equal(word, span_text(ast_op_text(*op))))
			return true;
	return false;
}

static bool
modifier_find(struct span word, enum ast_modifier *modifier)
{
	for (*modifier = MODIFIER_ONEOF; *modifier <= MODIFIER_ALLOF; (*modifier)++)
		if (span_equal(word, span_text(ast_modifier_text(*modifier))))
			return true;
	return false;
}

bool
comparison_parse(struct span text, struct comparison *comparison)
{
	struct span word = { text.ptr, 0 };
	struct span rest;

	while (word.len < text.len && text.ptr[word.len] != ' ' && text.ptr[word.len] != '\t')
		word.len++;
	rest = scalar_trim((struct span){ text.ptr + word.len, text.len - word.len });
	comparison->modifier = MODIFIER_NONE;
	if (!op_find(word, &comparison->op))
		return false;
	return rest.len == 0 ||
	    (takes_modifier(comparison->op) && modifier_find(rest, &comparison->modifier));
}

bool
comparison_takes_list(const struct comparison *comparison)
{
	return comparison->modifier != MODIFIER_NONE || comparison->op == OP_IN ||
	    comparison->op == OP_INTERSECTS || comparison->op == OP_PMATCH;
}
