/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The comparisons that exceptions name in `comps`: an operator, or a string operator and a
 * modifier.
 */
#ifndef EVALUATOR_COMPARISON_H
#define EVALUATOR_COMPARISON_H

#include "ast.h"

struct comparison {
	enum ast_op op;
	enum ast_modifier modifier;
};

/* Read TEXT, trimmed, such as "startswith oneof".  Returns whether it is a comparison. */
bool comparison_parse(struct span text, struct comparison *comparison);

/* Does the right side of COMPARISON have to be a list? */
bool comparison_takes_list(const struct comparison *comparison);

#endif
