/* SPDX-License-Identifier: Apache-2.0 */
/* Making residuals: what is known, what that leaves of conditions, and which test is next. */
#ifndef EVALUATOR_RESIDUAL_MAKE_H
#define EVALUATOR_RESIDUAL_MAKE_H

#include "residual.h"

/* Room to make residuals of PROGRAM with at most STEPS steps; NULL without memory. */
struct residual_room *residual_room_new(const struct program *program, uint32_t steps);

/* Give it back; NULL is fine. */
void residual_room_free(struct residual_room *room);

/* Nothing is known. */
void residual_forget(struct residuals *residuals);

/* PREDICATE is known: it HOLDS or not. */
void residual_know(struct residuals *residuals, uint32_t predicate, bool holds);

/*
 * Append to the pool what is left of COUNT RULES by what is known.  False when there is no
 * room; what was appended is the caller's to take back.
 */
bool residual_reduce(struct residuals *residuals, const struct program_rule *rules,
    uint32_t count);

/* Choose the next test of NODE, whose rules are set.  False when there is no room. */
bool residual_choose(struct residuals *residuals, struct residual *node);

#endif
