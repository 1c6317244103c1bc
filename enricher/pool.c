/* SPDX-License-Identifier: Apache-2.0 */
/* Text blocks with free lists in private memory.  See pool.h. */
#include "pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t POOL_TAKEN = UINT32_MAX;

int
pool_init(struct pool *pool, const struct state_view *view)
{
	memset(pool, 0, sizeof(*pool));
	pool->view = view;
	for (uint32_t i = 0; i < STATE_BLOCK_CLASSES; i++)
		pool->count += view->block_count[i];
	pool->next = calloc(pool->count + 1, sizeof(*pool->next));
	return pool->next ? 0 : -ENOMEM;
}

void
pool_fini(struct pool *pool)
{
	free(pool->next);
	memset(pool, 0, sizeof(*pool));
}

/* Class of BLOCK and its index there. */
static uint32_t
pool_class(const struct pool *pool, uint32_t block, uint32_t *index)
{
	uint32_t class = 0;

	for (*index = block - 1; *index >= pool->view->block_count[class]; class++)
		*index -= pool->view->block_count[class];
	return class;
}

char *
pool_bytes(const struct pool *pool, uint32_t block, uint32_t *size)
{
	uint32_t index, class = pool_class(pool, block, &index);

	*size = state_block_bytes(class);
	return (char *)pool->view->blocks[class] + (size_t)index * *size;
}

bool
pool_claim(struct pool *pool, uint32_t block)
{
	if (block == 0 || block > pool->count || pool->next[block] == POOL_TAKEN)
		return false;
	pool->next[block] = POOL_TAKEN;
	return true;
}

void
pool_put(struct pool *pool, uint32_t block)
{
	uint32_t index, class = pool_class(pool, block, &index);

	pool->next[block] = pool->free[class];
	pool->free[class] = block;
}

void
pool_open(struct pool *pool)
{
	for (uint32_t block = pool->count; block > 0; block--)
		if (pool->next[block] != POOL_TAKEN)
			pool_put(pool, block);
}

/* The smallest class that holds LEN bytes; the largest for more. */
static uint32_t
class_of(uint32_t len)
{
	uint32_t class = 0;

	while (class + 1 < STATE_BLOCK_CLASSES && state_block_bytes(class) < len)
		class++;
	return class;
}

bool
pool_fits(uint32_t size, uint32_t len)
{
	return state_block_bytes(class_of(len)) == size;
}

static uint32_t
pool_pop(struct pool *pool, uint32_t class)
{
	uint32_t block = pool->free[class];

	if (block != 0) {
		pool->free[class] = pool->next[block];
		pool->next[block] = POOL_TAKEN;
	}
	return block;
}

uint32_t
pool_get(struct pool *pool, uint32_t len)
{
	uint32_t fit = class_of(len), block = 0;

	for (uint32_t class = fit; class < STATE_BLOCK_CLASSES && block == 0; class++)
		block = pool_pop(pool, class);
	for (uint32_t class = fit; class > 0 && block == 0; class--)
		block = pool_pop(pool, class - 1);
	return block;
}
