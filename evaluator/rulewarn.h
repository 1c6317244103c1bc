/* SPDX-License-Identifier: Apache-2.0 */
/* What is worth a warning in a rule that may well be good. */
#ifndef EVALUATOR_RULEWARN_H
#define EVALUATOR_RULEWARN_H

#include "diag.h"
#include "format.h"
#include "rules.h"

/* The rule at hand, and where warnings about it go. */
struct rulewarn {
	const struct rule *rule;
	struct diags *diags;
};

/*
 * Warn of comparisons with <NA> and of deprecated fields in the resolved condition.
 * Recurses as deep as the tree, which the resolver bounds.
 */
void rulewarn_tree(const struct rulewarn *warn);

/* Warn of deprecated fields in the output, and of those of FORMAT that nothing delivers. */
void rulewarn_output(const struct rulewarn *warn, const struct compiler *compiler,
    const struct format *format);

/* What a compiler with a struct rulewarn as CTX has to say of a condition: its `warn`. */
void rulewarn_value(void *ctx, enum compile_warning warning, const struct ast_value *value);

#endif
