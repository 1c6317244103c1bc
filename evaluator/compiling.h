/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the compiler: the condition or output at hand, shared by compile.c,
 * compile_check.c, operand.c and format.c.
 */
#ifndef EVALUATOR_COMPILING_H
#define EVALUATOR_COMPILING_H

#include "compile.h"

struct compiling {
	struct compiler *compiler;
	struct compile_error *error;
	uint32_t *accessors; /* fields that are used */
	uint32_t accessor_count, accessor_capacity;
	bool printing;       /* an output, not a condition */
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

/* ACCESSOR, a field, is read.  Returns 1 when it is for the first time, otherwise 0; or -ENOMEM. */
int compiling_uses(struct compiling *c, uint32_t accessor);

/*
 * The index of an accessor for VALUE: a field, a function call, or what may be an argument
 * of one.  Recurses as deep as calls nest, which the parser bounds.  Returns 0, -EINVAL or
 * -ENOMEM.
 */
int compiling_operand(struct compiling *c, const struct ast_value *value, uint32_t *index);

/*
 * Put in place of *INDEX, of texts, an accessor for the same texts with U+FFFD for what is
 * not UTF-8.  Returns 0 or -ENOMEM.
 */
int compiling_repaired(struct compiling *c, uint32_t *index);

/*
 * Compile one check that counts for a match, or NEGATED against it.  Returns 0, -EINVAL or
 * -ENOMEM.
 */
int compile_check(struct compiling *c, const struct ast_node *check, bool negated,
    uint32_t *predicate);

#endif
