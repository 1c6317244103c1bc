/* SPDX-License-Identifier: Apache-2.0 */
/* What the loader asks of the compiler: is this field, this output, this condition good? */
#ifndef EVALUATOR_RULECHECK_H
#define EVALUATOR_RULECHECK_H

#include "loader.h"

/* What decides about rules besides the rules. */
struct rulecheck_settings {
	bool undelivered; /* fields that nothing delivers are given from outside: no warning */
};

/* The functions to give to a loader; SETTINGS is borrowed for the loader's life. */
struct loader_ops rulecheck_ops(struct rulecheck_settings *settings);

/*
 * The event codes that can make TREE true, into CODES of EVTCODE_WORDS words.  Returns 0,
 * or -EINVAL with *REFUSED the check that can not be analysed.
 */
int rulecheck_codes(const struct ast_node *tree, uint64_t *codes, const struct ast_node **refused);

#endif
