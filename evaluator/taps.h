/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The full rings of all evaluators as one observer sees them: records in the order of their
 * positions, as far as no ring laps it.
 */
#ifndef EVALUATOR_TAPS_H
#define EVALUATOR_TAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "keeper.h"
#include "tap.h"

/* One ring. */
struct taps_source {
	struct tap tap;
	uint64_t passed;   /* the enricher has passed on up to here, as of the last look */
	uint64_t position; /* of the record that is held */
	uint32_t held;     /* bytes of it; 0: none */
	_Alignas(8) uint8_t record[EVENT_RECORD_MAX];
};

struct taps {
	uint32_t count;
	struct taps_source sources[EVALUATORS_MAX];
};

/* Attach to every full ring that KEEPER gave.  Returns 0 or a negative errno; -ENOENT for none. */
int taps_open(struct taps *taps, struct keeper *keeper);

/* Harmless twice. */
void taps_close(struct taps *taps);

/*
 * The next record, good until the next call, as *RECORD.  Returns its length; 0 when there is none
 * now; -EBADMSG when a ring can not be.
 */
int taps_next(struct taps *taps, const void **record);

/* True when the enricher has ended and everything was read. */
bool taps_ended(const struct taps *taps);

/* How often records were too many to be seen. */
uint64_t taps_lapped(const struct taps *taps);

#endif
