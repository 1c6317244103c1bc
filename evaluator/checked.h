/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judging, and in a build with CHECKED=1 each event twice: by the engine, and by the oracle.
 * A difference ends the program with both answers and the event on the standard error.
 * Elsewhere this is eval_event() and nothing else.
 *
 * Not compared are events for which the engine or the oracle, which reads more since it
 * remembers nothing, had too little scratch memory, and those whose chain of contexts is
 * broken: what the engine remembers of an ancestor, the oracle can no longer read.
 */
#ifndef EVALUATOR_CHECKED_H
#define EVALUATOR_CHECKED_H

#include "eval.h"

struct ruleset;

#ifdef SAKER_CHECKED

#include "oracle.h"

struct checked {
	const struct ruleset *ruleset;
	struct oracle oracle;
	uint64_t compared_count;
};

/*
 * Prepare to check what an engine for RULESET (borrowed) answers; harmless to begin again.
 * Startup and reload only.  Returns 0 or a negative errno.
 */
int checked_init(struct checked *checked, const struct ruleset *ruleset,
    enum rule_matching matching);

/* Give the memory back; harmless twice, and when zeroed. */
void checked_fini(struct checked *checked);

/* As eval_event(); does not return when the oracle disagrees. */
bool checked_event(struct checked *checked, struct eval *eval, struct event_view *view);

#else

struct checked {};

static inline int
checked_init(struct checked *checked, const struct ruleset *ruleset, enum rule_matching matching)
{
	(void)checked, (void)ruleset, (void)matching;
	return 0;
}

static inline void
checked_fini(struct checked *checked)
{
	(void)checked;
}

static inline bool
checked_event(struct checked *checked, struct eval *eval, struct event_view *view)
{
	(void)checked;
	return eval_event(eval, view);
}

#endif

#endif
