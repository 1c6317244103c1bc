/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts of all evaluators in the order of their positions.  Each alert ring is in order by itself;
 * an alert goes out when no other evaluator can still say something older: the next one of each
 * other ring is younger, or its evaluator has judged that far (shm/deal.h).
 *
 * What waits for its turn stays in its ring, so whoever dies, nothing is lost: only a copy of the
 * next alert of each ring is held here.  An evaluator that does not move holds the others' alerts
 * up, and, when their rings are full, them; the keeper ends one that hangs.
 */
#ifndef OUTPUTS_MERGE_H
#define OUTPUTS_MERGE_H

#include <stdbool.h>
#include <stdint.h>

#include "deal.h"
#include "ring.h"
#include "segment.h"

/* One evaluator's alerts. */
struct merge_source {
	struct ring ring;
	uint64_t judged;        /* its evaluator is through up to here */
	struct segment_key key; /* of the alert that is held; {0}: it can not be read */
	uint32_t held;          /* bytes of it; 0: none */
	_Alignas(8) uint8_t record[EVENT_RECORD_MAX];
};

struct merge {
	uint32_t count;             /* of sources */
	const struct dealt *dealt;  /* borrowed; NULL with one source, which waits for nobody */
	bool over;                  /* no evaluator says anything more: nothing is waited for */
	uint32_t broken;            /* the source of which merge_next() said -EBADMSG */
	struct merge_source sources[EVALUATORS_MAX];
};

/* Look how far each evaluator is: what merge_next() goes by until the next look. */
void merge_look(struct merge *merge);

/* Up to here no evaluator can still say something, as of the last look. */
uint64_t merge_position(const struct merge *merge);

/*
 * The next alert, good until the next call, as *RECORD.  Returns its length; 0 when none is to go
 * out now; -EBADMSG when the ring of source `broken` can not be.
 */
int merge_next(struct merge *merge, const void **record);

/* What has gone out is done, POSITION the last: give the rings their room back. */
void merge_release(struct merge *merge, uint64_t position);

/* Bytes of alerts that have not gone out. */
uint64_t merge_waiting(const struct merge *merge);

/* True when every evaluator has ended and has nothing more to say. */
bool merge_ended(struct merge *merge);

/* Sleep until there may be something to do, at most TIMEOUT_NS. */
void merge_wait(struct merge *merge, uint64_t timeout_ns);

/* Detach from every ring. */
void merge_close(struct merge *merge);

#endif
