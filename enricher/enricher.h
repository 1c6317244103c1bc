/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the raw ring to the full rings: each record is copied once, judged, applied to the tables
 * and, where a rule wants it, written on with what the tables say of its task, to the evaluator
 * whose its position is (shm/deal.h).  A full ring holds all others up: nothing is reordered.
 *
 * What comes out is a function of the raw records alone.  Nothing here has a clock, and what rules
 * want changes where the stream says so, with one exception: a tap's wish is followed at once, and
 * can only add records.
 *
 * A crash at any moment neither repeats nor loses an event, nor judges one by later state:
 *
 *   publish what is pending, apply a change, note its position; and so on;
 *   publish, note the progress, release the raw ring
 *
 * so a successor that reads on from the raw tail knows of each record whether it was applied,
 * counted and passed on, and of those that were not passed on that the state is still theirs.
 */
#ifndef ENRICHER_ENRICHER_H
#define ENRICHER_ENRICHER_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "contexts.h"
#include "deal.h"
#include "emit.h"
#include "interest.h"
#include "life.h"
#include "ring.h"
#include "stats.h"

enum { ENRICHER_TURN_RECORDS = 256 };

/* Words of a full ring's mark: the position of the last record that is in it. */
enum { DEAL_WORDS = 1 };

/* Descriptors of the enricher's ends; -1 for a tap interest that is not there. */
struct enricher_ends {
	int raw_data, raw_tail;   /* consumer */
	int contexts, state;      /* writable */
	int tap_interest;
	int dealt;                /* writable; needed with more than one evaluator */
	uint32_t evaluators;      /* 1 to EVALUATORS_MAX */
	struct enricher_evaluator_ends {
		int full_data, full_tail; /* producer */
		int interest;
	} of[EVALUATORS_MAX];
};

/* Counted since the last turn. */
struct enricher_counts {
	uint64_t in, out, copies, out_bytes, filtered, repeated;
};

struct enricher {
	struct ring raw;
	uint32_t evaluators;
	struct ring full[EVALUATORS_MAX];
	struct region interests[EVALUATORS_MAX];
	struct region state;
	struct region dealt;
	struct region tap_interest;
	struct life life;
	struct arena arena;
	struct contexts contexts;
	struct emit emit;
	struct stats *stats;
	struct interest_set rules;
	struct interest wanted;  /* union of the rules' and the tap's */
	struct interest tap;
	uint64_t tap_seen;
	uint64_t position;       /* of the last record handled */
	uint64_t number;         /* of the last event counted */
	uint64_t passed[EVALUATORS_MAX]; /* a former enricher passed on up to here, in each ring */
	uint64_t passed_max;
	uint64_t counted;        /* and counted up to here */
	uint64_t skip_position;  /* a record that ended two former enrichers */
	uint64_t blocked_turns;  /* in a row */
	uint32_t held;           /* bytes of the record that waits for room; 0: none */
	uint32_t room;           /* bytes it waits for; 0: for a context's slot */
	uint32_t blocked;        /* in this ring */
	struct enricher_counts counts;
	_Alignas(8) uint8_t record[EVENT_RECORD_MAX];
};

/*
 * Attach to ENDS (all taken, also on failure), finding again what a former enricher left.  STATS is
 * borrowed.  SKIP_POSITION: a record to be skipped, or 0.  Allocates all memory.  Returns 0 or a
 * negative errno, after a message; enricher_close() ends it.
 */
int enricher_open_take(struct enricher *enricher, const struct enricher_ends *ends,
    struct stats *stats, uint64_t skip_position);

/*
 * Handle at most ENRICHER_TURN_RECORDS records, publish, and when there was none, or no room, sleep
 * at most TIMEOUT_NS.  Returns 0, or -EBADMSG when a peer's ring can not be.
 */
int enricher_turn(struct enricher *enricher, uint64_t timeout_ns);

/* True when nothing is left to be read. */
bool enricher_drained(const struct enricher *enricher);

/* The stream has ended in order: tell the evaluators. */
void enricher_end(struct enricher *enricher);

/* Harmless on a zeroed one, and twice. */
void enricher_close(struct enricher *enricher);

#endif
