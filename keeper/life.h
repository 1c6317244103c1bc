/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judgements over a worker's life, without the worker: how long to wait before a restart,
 * whether a record is poison, whether it hangs.  Pure arithmetic over what the keeper has seen.
 */
#ifndef KEEPER_LIFE_H
#define KEEPER_LIFE_H

#include <stdbool.h>
#include <stdint.h>

/* A good life resets the pause before a restart. */
#define LIFE_GOOD_NS (UINT64_C(30) * 1000000000u)

/* Pause before a restart: 0 before the first, then MIN_MS, doubling up to MAX_MS. */
uint32_t backoff_next(uint32_t pause_ms, uint32_t min_ms, uint32_t max_ms);

/* What is known of the positions at which a worker ended.  All zero: nothing. */
struct poison {
	uint64_t last; /* where the life before ended; 0: idle, or no life before */
	uint64_t skip; /* what successors skip; 0: nothing */
};

/*
 * A life ended while POSITION (0: none) was being worked on.  Returns true when that makes it
 * poison: the second life in a row that ended there.  It is skipped from then on, until another is
 * found; being skipped already, it is not found again.
 */
bool poison_judge(struct poison *poison, uint64_t position);

/* How long a worker has stood still with input waiting. */
struct hang {
	uint64_t turns;
	uint64_t looked_ns; /* 0: not yet */
	uint64_t still_ns;
};

/*
 * Look at a worker's TURNS and whether input is WAITING.  A look counts for at most twice
 * PERIOD_NS, so that a keeper that was held up itself condemns nobody.  Returns true when the
 * worker has stood still for LIMIT_NS.
 */
bool hang_judge(struct hang *hang, uint64_t turns, bool waiting, uint64_t now_ns,
    uint64_t period_ns, uint64_t limit_ns);

#endif
