/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules as files: the first ones, and others while it runs.
 *
 * Two sets have room: the one in force and the next.  The next is compiled between two turns, while
 * the full ring takes what comes; that takes as long as at the start, some tens of milliseconds for
 * all rules that there are.  What is wrong with it is said as at the start, and it is thrown away.
 * When every evaluator has one, the keeper says so, and it waits for the record of the stream that
 * names it (evaluator_expect()).
 */
#ifndef EVALUATOR_RELOAD_H
#define EVALUATOR_RELOAD_H

#include "config.h"
#include "evaluator.h"
#include "keeper.h"

struct reload {
	struct keeper *keeper;       /* borrowed, as the next */
	const struct config *config;
	struct ruleset sets[2];
	struct ruleset *used;        /* in force; of sets */
	struct ruleset *next;        /* compiled; of sets; NULL: none */
	bool committed;              /* the stream is to come to it */
	uint64_t generation;         /* of the keeper's, that `next` belongs to */
};

/*
 * Load the rules that the keeper gave: of those in force and those that were about to be, what
 * EVALUATOR, which is attached, remembers.  Takes the descriptors.  Returns 0; a negative errno
 * after messages, -EINVAL when the rules are refused.  reload_close() ends it.
 */
int reload_open(struct reload *reload, struct keeper *keeper, const struct config *config,
    const struct evaluator *evaluator);

/* Use what was loaded for EVALUATOR.  Returns 0 or a negative errno. */
int reload_begin(struct reload *reload, struct evaluator *evaluator);

/*
 * Between two turns: hear what the keeper wants, and free what EVALUATOR has put out of force.  May
 * allocate, and takes as long as compiling rules does.
 */
void reload_turn(struct reload *reload, struct evaluator *evaluator);

/* Free both sets; EVALUATOR must be closed.  Harmless on a zeroed struct. */
void reload_close(struct reload *reload);

#endif
