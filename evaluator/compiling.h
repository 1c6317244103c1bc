/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the compiler: the condition at hand, shared by compile.c and compile_check.c. */
#ifndef EVALUATOR_COMPILING_H
#define EVALUATOR_COMPILING_H

#include "compile.h"

struct compiling {
	struct compiler *compiler;
	struct compile_error *error;
	uint32_t *accessors; /* that the condition uses */
	uint32_t accessor_count, accessor_capacity;
};

/* The two arguments of %.*s for a span, cut for a message. */
#define SPAN_SHORT(span) (int)((span).len < 80 ? (span).len : 80), (span).ptr

/* Say why the condition is refused, and where.  Returns -EINVAL. */
int compiling_refuse(struct compiling *c, struct ast_position at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * The index of PREDICATE, of which KEY says all: that of an equal one, or a new one.
 * Returns 0 or -ENOMEM.
 */
int compiling_predicate(struct compiling *c, const struct predicate *predicate, struct span key,
    uint32_t *index);

/* The condition reads ACCESSOR.  Returns 0 or -ENOMEM. */
int compiling_uses(struct compiling *c, uint32_t accessor);

/*
 * Compile one check that counts for a match, or NEGATED against it.  Returns 0, -EINVAL or
 * -ENOMEM.
 */
int compile_check(struct compiling *c, const struct ast_node *check, bool negated,
    uint32_t *predicate);

#endif
