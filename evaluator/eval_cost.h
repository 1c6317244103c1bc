/* SPDX-License-Identifier: Apache-2.0 */
/* What each rule costs, from a sample of the events. */
#ifndef EVALUATOR_EVAL_COST_H
#define EVALUATOR_EVAL_COST_H

#include "eval.h"

/* One event in so many is a sample: often enough to rank rules, too seldom to be felt. */
enum { EVAL_SAMPLE_EVENTS = 8192 };

/*
 * If it is the turn of the event in VIEW, which was judged just now: time the condition of each
 * rule for it, each alone, but that a field which two rules read is read once.  Once its alerts
 * are written, since it reads more of the event.  The answers are not used.
 */
void eval_sample(struct eval *eval, struct event_view *view);

#endif
