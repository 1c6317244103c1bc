/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The code of conditions: a table of steps in which equal steps are one step.
 *
 *   step:  { predicate, next when it holds, next when it does not }
 *
 * A condition begins at some step and ends in PROGRAM_MATCH or PROGRAM_FAIL; every step
 * leads to steps made before it, so a run ends.
 */
#ifndef EVALUATOR_STEPS_H
#define EVALUATOR_STEPS_H

#include <stddef.h>
#include <stdint.h>

#define PROGRAM_MATCH UINT32_MAX
#define PROGRAM_FAIL (UINT32_MAX - 1)

struct step {
	uint32_t predicate;
	uint32_t on_true, on_false;
};

struct steps {
	struct step *items;
	uint32_t count, capacity;
	uint32_t max;         /* it never grows past this */
	uint32_t *table;      /* number of a step by content, plus one */
	uint32_t table_slots;
	uint64_t hash_key;
};

/*
 * Make an empty table for at most MAX steps, with room for CAPACITY at once.  HASH_KEY as for
 * bytes_hash().  Returns 0 or -ENOMEM; steps_fini() ends it.
 */
int steps_init(struct steps *steps, uint32_t capacity, uint32_t max, uint64_t hash_key);

/* Give the memory back; harmless twice. */
void steps_fini(struct steps *steps);

/*
 * The number of a step equal to STEP, or of a new one, in *NUMBER; where both its ends are the
 * same, that end.  Returns 0; -E2BIG when it would pass the bound; or -ENOMEM.  Allocates
 * nothing while there is room.
 */
int steps_make(struct steps *steps, struct step step, uint32_t *number);

/* Forget every step from number COUNT on. */
void steps_cut(struct steps *steps, uint32_t count);

#endif
