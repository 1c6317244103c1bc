/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which event types can a condition be true for?  The answer is a set that holds at least
 * those, computed from the checks on evt.type, syscall.type and evt.num; everything else
 * says nothing.
 */
#ifndef EVALUATOR_EVTTYPES_H
#define EVALUATOR_EVTTYPES_H

#include "ast.h"

enum { EVTTYPES_WORDS_MAX = 32 }; /* of a set: 2048 types */

/* What the types are, known to the caller.  A set is bits in WORDS 64-bit words. */
struct evttypes_ops {
	void *ctx;
	/* Write the set of all types. */
	void (*universe)(void *ctx, uint64_t *set, size_t words);
	/*
	 * Add the types called NAME, as evt.type (SYSCALL false) or syscall.type names
	 * them; unknown: none.
	 */
	void (*add_name)(void *ctx, struct span name, bool syscall, uint64_t *set, size_t words);
};

/*
 * Compute the set of the resolved TREE into SET of WORDS (at most EVTTYPES_WORDS_MAX)
 * words.
 *
 * Returns 0; or -EINVAL with *REFUSED the check that can not be analysed: an evt.type that
 * is transformed, or compared with a field.  Recurses as deep as the tree, which the
 * resolver bounds.
 */
int evttypes_compute(const struct ast_node *tree, const struct evttypes_ops *ops,
    uint64_t *set, size_t words, const struct ast_node **refused);

#endif
