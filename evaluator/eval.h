/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a program for an event.  A predicate is evaluated at most once an event, and one
 * that depends on the task's context alone at most once a context; a field is read at most
 * once an event.
 */
#ifndef EVALUATOR_EVAL_H
#define EVALUATOR_EVAL_H

#include "program.h"

enum rule_matching { MATCH_FIRST, MATCH_ALL };

struct eval_value {
	uint64_t epoch;
	struct field_value value;
};

struct eval {
	const struct program *program;
	enum rule_matching matching;
	uint64_t epoch;             /* of the event at hand */
	uint64_t *predicates;       /* epoch of the last evaluation times two, plus its truth */
	struct eval_value *values;  /* of each accessor */
	uint32_t *matches;          /* rules that matched the event, in order */
	uint32_t match_count;
	uint64_t condition_count;   /* conditions evaluated so far */
};

/* Take the memory to run PROGRAM (borrowed), which has RULE_COUNT rules.  Returns 0 or -ENOMEM. */
int eval_init(struct eval *eval, const struct program *program, uint32_t rule_count,
    enum rule_matching matching);

/* Give the memory back; harmless twice. */
void eval_fini(struct eval *eval);

/*
 * Judge the event in VIEW: which rules match is in eval->matches.  Returns whether there
 * was any rule to try. Allocates nothing; the time is bounded by the steps of the rules for
 * the event's code.
 */
bool eval_event(struct eval *eval, struct event_view *view);

/* The value of accessor INDEX for the event at hand, read at most once. */
const struct field_value *eval_value(struct eval *eval, struct event_view *view, uint32_t index);

#endif
