/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The evaluator's work: take full records, judge them, publish what matched.  All alerts of
 * an event go out as one batch with its position; the position goes out even without
 * alerts, so that the spooler knows how far judging is.
 */
#ifndef EVALUATOR_EVALUATOR_H
#define EVALUATOR_EVALUATOR_H

#include "alert.h"
#include "checked.h"
#include "config.h"
#include "ring.h"
#include "stats.h"

enum {
	EVALUATOR_TURN_RECORDS = 512,
	EVALUATOR_HOSTNAME_MAX = 64,
	EVALUATOR_COSTS_NS = 1000 * 1000 * 1000 /* the table of costs is that old, at most */
};

/*
 * What the stream told that a successor must find again, whether or not an alert went out
 * since: it stands behind the interest in the one region that is the evaluator's alone.  Of
 * two copies one is whole at any time.
 */
struct evaluator_memory {
	uint64_t check;    /* over the rest; else the copy is being written */
	uint64_t position; /* of the record that told it */
	struct clock clock;
	uint64_t rules_hash; /* of the rules in force behind it */
	char hostname[EVALUATOR_HOSTNAME_MAX]; /* terminated */
};

enum { EVALUATOR_MEMORY_AT = (sizeof(struct interest) + 63) & ~(size_t)63 };

_Static_assert(EVALUATOR_MEMORY_AT + 2 * sizeof(struct evaluator_memory) <= INTEREST_CONTENT,
    "there is room for it");

/* What the keeper gives. */
struct evaluator_ends {
	int full_data, full_tail, alert_data, alert_tail, contexts, interest, costs;
};

struct evaluator {
	const struct ruleset *ruleset; /* in force; borrowed; NULL: none yet */
	const struct ruleset *next;    /* what the stream is to come to; borrowed; NULL: nothing */
	enum rule_matching matching;
	struct ring full, alert;
	struct context_arena arena;
	struct region interest, costs;
	struct contexts contexts;
	struct scratch scratch;
	struct eval eval;
	struct checked checked;
	struct event_view view;
	struct evaluator_memory memory;  /* as it is now; what stands in the region is a copy */
	struct stats *stats;
	uint64_t position;      /* judged up to here */
	uint64_t skip_position;
	/* counts already told; the last three begin anew with each rule set */
	uint64_t cut_seen, stale_seen, bad_seen, decided_seen, stepped_seen, diagrams_seen;
	uint64_t costs_seen;    /* conditions that had been evaluated when costs were last told */
	uint64_t costs_ns;      /* and when that was, CLOCK_MONOTONIC */
	bool (*stopping)(void *ctx);             /* asked while it waits for room */
	void *stopping_ctx;
	struct alert_room room;
	_Alignas(8) uint8_t record[EVENT_RECORD_MAX];
};

/*
 * Attach ENDS (taken, also on failure) and find how far a former evaluator came.  SKIP_POSITION: a
 * record that ended two evaluators; 0: none.  Before the first turn it needs rules:
 * evaluator_use().  Returns 0 or a negative errno after a message.
 */
int evaluator_open_take(struct evaluator *evaluator, const struct evaluator_ends *ends,
    const struct config *config, struct stats *stats, uint64_t skip_position);

/*
 * Judge by RULESET, which is borrowed until another one is used, from the next record on.  What was
 * known by the rules before is forgotten.  Allocates.  Returns 0 or -ENOMEM after a message; then
 * nothing can be judged.
 */
int evaluator_use(struct evaluator *evaluator, const struct ruleset *ruleset);

/* Tell the collector and the enricher what the rules in force want, and no more than that. */
void evaluator_want(struct evaluator *evaluator);

/*
 * Ask for what both the rules in force and NEXT want; at the record of the stream that names NEXT,
 * which is borrowed as in evaluator_use(), these are used, and evaluator->ruleset says so.
 */
void evaluator_expect(struct evaluator *evaluator, const struct ruleset *next);

/*
 * Judge at most EVALUATOR_TURN_RECORDS records; without any, sleep at most WAIT_NS.
 * Returns 0, or -EBADMSG when a peer broke a ring.
 */
int evaluator_turn(struct evaluator *evaluator, uint64_t wait_ns);

/* Keep what MEMORY holds for a successor. */
void evaluator_remember(struct evaluator *evaluator);

/* Find what a former evaluator kept.  False when there is nothing whole. */
bool evaluator_recall(struct evaluator *evaluator);

/* Let the table of costs say what the rules took until now; nothing while there are none. */
void evaluator_tell_costs(struct evaluator *evaluator);

/* Has everything been read that there is? */
bool evaluator_drained(struct evaluator *evaluator);

/* Nothing will follow: says so to the spooler. */
void evaluator_end(struct evaluator *evaluator);

/* Detach; harmless on a zeroed struct. */
void evaluator_close(struct evaluator *evaluator);

#endif
