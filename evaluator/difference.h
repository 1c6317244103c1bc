/* SPDX-License-Identifier: Apache-2.0 */
/* Two answers to one event, to read: that of the engine, and that of the oracle. */
#ifndef EVALUATOR_DIFFERENCE_H
#define EVALUATOR_DIFFERENCE_H

#include "oracle.h"
#include "ruleset.h"

/* Did EVAL and ORACLE find the same rules for the event that they judged last? */
bool difference_none(const struct eval *eval, const struct oracle *oracle);

/*
 * Print to the standard error the event in VIEW, which rules of RULESET matched by each, and,
 * of each rule on which they differ, the values that its condition reads.
 */
void difference_print(const struct ruleset *ruleset, const struct eval *eval,
    const struct oracle *oracle, const struct event_view *view);

#endif
