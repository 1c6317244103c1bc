/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answer that everything faster has to give: conditions are walked as they were written,
 * each check is made afresh, and no truth is shared between checks, rules or events.  A field
 * is read once an event.  Only rules of the event's type are tried, and a walk ends as soon
 * as the answer is known.
 */
#ifndef EVALUATOR_ORACLE_H
#define EVALUATOR_ORACLE_H

#include "eval.h"
#include "oracle_op.h"

struct ruleset;
struct oracle_node;

/* A rule of one event code, and its condition. */
struct oracle_rule {
	uint32_t rule;
	const struct oracle_node *tree; /* NULL: holds always */
};

struct oracle_code {
	const struct oracle_rule *rules; /* in the order of definition */
	uint32_t count;
};

struct oracle {
	struct arena arena;
	struct compiler compiler;     /* of accessors and regular expressions only */
	struct program program;       /* the accessors alone, and what reads them */
	struct eval values;
	struct scratch scratch;
	char *room;                   /* of comparisons */
	enum rule_matching matching;
	struct oracle_code codes[EVTCODE_COUNT];
	uint32_t *matches;            /* rules that matched the event, in order */
	uint32_t match_count;
	bool chain_broken;            /* a context that the event's names is gone */
};

/*
 * Prepare to judge by the active rules of RULESET (borrowed).  Startup and reload only.
 * Returns 0, -EINVAL when a condition is not one, or -ENOMEM; then ORACLE holds nothing.
 */
int oracle_init(struct oracle *oracle, const struct ruleset *ruleset, enum rule_matching matching);

/* Give everything back; harmless twice, and when zeroed. */
void oracle_fini(struct oracle *oracle);

/*
 * Judge the event in VIEW: which rules match is in oracle->matches.  VIEW stays as it is,
 * and so does what is borrowed from its scratch memory.  The oracle has such memory of its
 * own: where either had no room for all of an event (scratch.cut_count grew) the two may
 * differ.  Allocates nothing.  Recurses as deep as the conditions, which the
 * parser and the resolver bound.
 */
void oracle_judge(struct oracle *oracle, const struct event_view *view);

#endif
