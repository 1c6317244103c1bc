/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions made ready for the oracle: trees as they were written, with constants parsed. */
#ifndef EVALUATOR_ORACLE_MAKE_H
#define EVALUATOR_ORACLE_MAKE_H

#include "oracle.h"
#include "ruleset.h"

/* A node of a condition, shared by all that refer to the same macro. */
struct oracle_node {
	enum ast_kind kind;
	uint32_t child_count;
	const struct oracle_node **children;
	struct oracle_check check; /* of AST_CHECK */
};

/*
 * Fill in oracle->codes from the active rules of RULESET, in ORACLE's arena.  Recurses as deep
 * as the conditions.  Returns 0, -EINVAL or -ENOMEM.
 */
int oracle_make_index(struct oracle *oracle, const struct ruleset *ruleset);

#endif
