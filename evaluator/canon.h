/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical text of a tree: one spelling for conditions that mean the same structure. */
#ifndef EVALUATOR_CANON_H
#define EVALUATOR_CANON_H

#include "ast.h"

/*
 * Append the canonical text of TREE to TEXT.  Text that does not fit is cut, and
 * text->truncated says so. Recurses as deep as the tree, which the parser and the resolver
 * bound.
 */
void canon_condition(const struct ast_node *tree, struct text *text);

/* As canon_condition() for one value, such as the left side of a check. */
void canon_value(const struct ast_value *value, struct text *text);

/*
 * The canonical text of TREE, of any length, in memory of ARENA and terminated.
 * Returns its span, whose pointer is NULL when the arena is full.
 */
struct span canon_new(struct arena *arena, const struct ast_node *tree);

/* As canon_new(), of a value. */
struct span canon_new_value(struct arena *arena, const struct ast_value *value);

#endif
