/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a task to its context: the block of what is known of its image, and the chain to its
 * ancestors, each an own context.
 *
 * A task's context is right while nothing changed that it rests on.  One number, the chain stamp
 * of the table of tasks, says when that may be: an event whose task was found right since then pays
 * one comparison.  Otherwise the chain is walked up to where it is right, and made anew from there
 * down, for this task alone.
 */
#ifndef ENRICHER_CONTEXTS_H
#define ENRICHER_CONTEXTS_H

#include <stdint.h>

#include "arena.h"
#include "life.h"

enum { CONTEXT_CHAIN_MAX = 256 };

struct contexts {
	struct arena *arena;
	struct life *life;
	struct stats *stats;
	uint64_t wanted; /* bits of enum context_id: rows made only while a rule reads them */
	uint32_t chain[CONTEXT_CHAIN_MAX];
	_Alignas(8) uint8_t block[CONTEXT_BYTES_MAX];
};

/* Make contexts of LIFE's tasks in ARENA; all are borrowed. */
void contexts_init(struct contexts *contexts, struct arena *arena, struct life *life,
    struct stats *stats);

/* From now on make the rows of WANTED too. */
void contexts_want(struct contexts *contexts, uint64_t wanted);

/*
 * The context of the task at INDEX, and in *LOST the bits of enum lost_bits that it carries.
 * Returns 0, or -EAGAIN or -ENOSPC as arena_intern().
 */
int contexts_get(struct contexts *contexts, uint32_t index, struct context_ref *ref,
    uint32_t *lost);

#endif
