/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the text of a condition to its tree: recursive descent whose depth is counted, so
 * that the C stack never decides what is too deep.  Lists are already text at this point;
 * macros are still names.
 */
#ifndef EVALUATOR_PARSE_H
#define EVALUATOR_PARSE_H

#include <stdbool.h>

#include "ast.h"
#include "text.h"

enum {
	/* limit for a condition that stands alone, such as that of a tap */
	PARSE_DEPTH_BARE = 100,
	PARSE_DEPTH_RULES = 1000, /* limit for conditions in rule files */
	PARSE_ERROR_MAX = 200
};

/* Why and where a text was refused. */
struct parse_error {
	struct ast_position at;
	char text[PARSE_ERROR_MAX];
};

/*
 * Parse all of TEXT (under 4 GiB; it ends at its first NUL) as a condition whose nesting
 * costs less than DEPTH_MAX, at most PARSE_DEPTH_RULES.  ORIGIN goes into all positions.
 *
 * The tree lives in ARENA and borrows bytes of TEXT.  Returns 0, or -EINVAL or -ENOMEM with
 * ERROR filled in.
 */
int parse_condition(struct arena *arena, struct span text, uint32_t origin, uint32_t depth_max,
    struct ast_node **tree, struct parse_error *error);

/*
 * Parse all of TEXT as a field (with or without argument) or a transformer call, val(...)
 * too if WITH_VAL. No blanks are allowed around it.  Ownership and errors as for
 * parse_condition().
 */
int parse_operand(struct arena *arena, struct span text, bool with_val, struct ast_value **value,
    struct parse_error *error);

/*
 * As parse_operand(), without val(...), for the field or the call that TEXT begins with;
 * *LEN is how many of its bytes that takes, as many as can be.
 */
int parse_operand_start(struct arena *arena, struct span text, struct ast_value **value,
    size_t *len, struct parse_error *error);

#endif
