/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks of the state region for texts of tasks, in four sizes.  Which are in use is not stored: a
 * successor claims the blocks that its tasks name, and the rest is free.
 */
#ifndef ENRICHER_POOL_H
#define ENRICHER_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "state.h"

struct pool {
	const struct state_view *view;
	uint32_t *next;                      /* a block: the next free one, or POOL_TAKEN */
	uint32_t free[STATE_BLOCK_CLASSES];  /* first free one of a class; 0: none */
	uint32_t count;                      /* of blocks, over all classes */
};

/* Begin with nothing claimed and nothing free.  VIEW is borrowed.  Returns 0 or -ENOMEM. */
int pool_init(struct pool *pool, const struct state_view *view);

/* Give the memory back; harmless twice. */
void pool_fini(struct pool *pool);

/* Take BLOCK while tasks are found again; false when it is taken or not there. */
bool pool_claim(struct pool *pool, uint32_t block);

/* All that was not claimed is free. */
void pool_open(struct pool *pool);

/*
 * A block for LEN bytes: of the class that fits, of a larger one, or at last of a smaller one.
 * Returns its number, from 1, or 0 when there is none at all.
 */
uint32_t pool_get(struct pool *pool, uint32_t len);

/* Give BLOCK back. */
void pool_put(struct pool *pool, uint32_t block);

/* The bytes of BLOCK (which is there), and how many. */
char *pool_bytes(const struct pool *pool, uint32_t block, uint32_t *size);

/* Whether a block of SIZE bytes is of the class that LEN bytes want. */
bool pool_fits(uint32_t size, uint32_t len);

#endif
