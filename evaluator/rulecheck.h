/* SPDX-License-Identifier: Apache-2.0 */
/* What the loader asks of the compiler: is this field, this output, this condition good? */
#ifndef EVALUATOR_RULECHECK_H
#define EVALUATOR_RULECHECK_H

#include "loader.h"

/* The functions to give to a loader. */
struct loader_ops rulecheck_ops(void);

/*
 * The event codes that can make TREE true, into CODES of EVTCODE_WORDS words.  Returns 0,
 * or -EINVAL with *REFUSED the check that can not be analysed.
 */
int rulecheck_codes(const struct ast_node *tree, uint64_t *codes, const struct ast_node **refused);

#endif
