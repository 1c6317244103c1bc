/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree of a condition: what parse.c makes of text and compile.c types and shares.
 * Nodes live in one arena that belongs to the rule set being loaded; text spans point into
 * buffers of the same arena.  Nothing here knows fields or events: names are still text.
 */
#ifndef EVALUATOR_AST_H
#define EVALUATOR_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

struct arena;

enum ast_kind {
	AST_AND,   /* children, two or more */
	AST_OR,    /* children, two or more */
	AST_NOT,   /* one child */
	AST_CHECK, /* left op right */
	AST_MACRO  /* a reference by name; gone after resolution */
};

/*
 * Where a node began in its condition text: offset from 0, line and column from 1 (any CR
 * or LF starts a line). A resolved tree holds pieces of several texts: origin 0 is the
 * rule's own, N is that of macro number N - 1.
 */
struct ast_position {
	uint32_t offset, line, column, origin;
};

enum ast_value_kind {
	VALUE_NONE,      /* no right side: exists */
	VALUE_NUMBER,    /* text of a number literal, as written */
	VALUE_STRING,    /* unescaped text, quoted or bare */
	VALUE_LIST,      /* (a, b): items */
	VALUE_NAME,      /* a bare identifier in place of a list */
	VALUE_FIELD,     /* field, with or without argument */
	VALUE_TRANSFORM  /* function(arguments), val() included */
};

/* A field, constant, list or transformer call, on either side of a check. */
struct ast_value {
	enum ast_value_kind kind;
	struct ast_position at;
	/* constant text; field name without argument; name of the transformer */
	struct span text;
	struct span argument;     /* of field[argument] or transformer(...)[argument], unescaped */
	uint8_t has_argument;
	uint8_t quoted;           /* the text was quoted */
	uint32_t item_count;
	struct ast_value **items; /* of a list, arguments of a transformer */
};

enum ast_op {
	OP_EXISTS, OP_EQ, OP_EQEQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE,
	OP_CONTAINS, OP_ICONTAINS, OP_BCONTAINS, OP_STARTSWITH, OP_BSTARTSWITH, OP_ENDSWITH,
	OP_GLOB, OP_IGLOB, OP_REGEX, OP_IN, OP_INTERSECTS, OP_PMATCH, OP_COUNT
};

enum ast_modifier { MODIFIER_NONE, MODIFIER_ONEOF, MODIFIER_ANYOF, MODIFIER_ALLOF };

struct ast_node {
	enum ast_kind kind;
	struct ast_position at;
	struct ast_node **children;
	uint32_t child_count;
	/* AST_CHECK */
	enum ast_op op;
	enum ast_modifier modifier;
	struct ast_value *left, *right;
	struct ast_position op_at;
	/* AST_MACRO */
	struct span name;
};

/* The spelling of OP, such as "startswith".  Static text. */
const char *ast_op_text(enum ast_op op);

/* The spelling of MODIFIER, such as "oneof"; "" for none.  Static text. */
const char *ast_modifier_text(enum ast_modifier modifier);

/* Is VALUE a field without argument whose name is NAME? */
bool ast_value_is_field(const struct ast_value *value, const char *name);

#endif
