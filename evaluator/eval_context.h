/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a task's context decides.  Where it leads an event class in the residuals is remembered by
 * its id, which never comes again; of contexts that came lately also what held for their texts,
 * since a new one mostly meets several classes.
 */
#ifndef EVALUATOR_EVAL_CONTEXT_H
#define EVALUATOR_EVAL_CONTEXT_H

#include "eval.h"

/*
 * Make empty memories for PROGRAM: of ROOTS, a power of two, or 0 for the usual number.  Returns
 * 0 or -ENOMEM.
 */
int eval_context_init(struct eval_contexts *contexts, const struct program *program,
    uint32_t roots);

/* Give the memory back; harmless twice. */
void eval_context_fini(struct eval_contexts *contexts);

/* Forget where contexts lead: the residuals were begun anew. */
void eval_context_forget(struct eval_contexts *contexts);

/*
 * What is left of NODE, a residual of CLASS whose test is the context, for the event in VIEW.
 * RESIDUAL_NONE when there is no room, or when the context or an ancestor is not known.
 */
uint32_t eval_context_follow(struct eval *eval, struct event_view *view, uint32_t class,
    uint32_t node);

/* Does PREDICATE hold, asked afresh?  Fields are read at most once an event. */
bool eval_predicate_test(struct eval *eval, struct event_view *view,
    const struct predicate *predicate);

/* Does predicate INDEX hold?  Asked at most once an event, or once a context. */
bool eval_predicate_holds(struct eval *eval, struct event_view *view, uint32_t index);

#endif
