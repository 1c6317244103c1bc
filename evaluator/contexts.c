/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cache of contexts: one pool for each size of the arena, one hash table over all.  See
 * contexts.h.
 */
#include "contexts.h"

#include <errno.h>
#include <stdlib.h>

enum { CONTEXT_BUCKETS = 8192 };

/*
 * Entries of each pool.  All must be more than the contexts that one event can use (a chain
 * of ancestors, and two leaders), so that there is always one to put out.
 */
static const uint32_t pool_counts[CONTEXT_CLASSES] = { 4096, 2048, 160 };
static const uint32_t pool_bytes[CONTEXT_CLASSES] = { 512, 2048, CONTEXT_BYTES_MAX };

static uint32_t
bucket_of(uint64_t id)
{
	return (uint32_t)((id * 0x9e3779b97f4a7c15u) >> 32) % CONTEXT_BUCKETS;
}

static struct context_entry *
entry_at(struct contexts *contexts, uint32_t number)
{
	uint32_t pool = 0;

	while (number >= contexts->pools[pool].count)
		number -= contexts->pools[pool++].count;
	return &contexts->pools[pool].entries[number];
}

static int
pool_init(struct context_pool *pool, uint32_t count, uint32_t bytes)
{
	pool->count = count;
	pool->block_bytes = bytes;
	pool->entries = calloc(count, sizeof(*pool->entries));
	pool->blocks = calloc(count, bytes);
	if (pool->entries == NULL || pool->blocks == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		pool->entries[i].block = pool->blocks + (size_t)i * bytes;
	return 0;
}

int
contexts_init(struct contexts *contexts, const struct context_arena *arena)
{
	return contexts_init_with(contexts, arena, pool_counts);
}

int
contexts_init_with(struct contexts *contexts, const struct context_arena *arena,
    const uint32_t counts[CONTEXT_CLASSES])
{
	int err = 0;

	memset(contexts, 0, sizeof(*contexts));
	contexts->arena = arena;
	contexts->epoch = 1;
	contexts->buckets = calloc(CONTEXT_BUCKETS, sizeof(*contexts->buckets));
	if (contexts->buckets == NULL)
		err = -ENOMEM;
	for (uint32_t i = 0; err == 0 && i < CONTEXT_CLASSES; i++)
		err = pool_init(&contexts->pools[i], counts[i], pool_bytes[i]);
	if (err < 0)
		contexts_fini(contexts);
	return err;
}

void
contexts_fini(struct contexts *contexts)
{
	for (uint32_t i = 0; i < CONTEXT_CLASSES; i++) {
		free(contexts->pools[i].entries);
		free(contexts->pools[i].blocks);
	}
	free(contexts->buckets);
	free(contexts->bits);
	memset(contexts, 0, sizeof(*contexts));
}

int
contexts_size_truth(struct contexts *contexts, uint32_t predicates)
{
	uint32_t words = (predicates + 63) / 64, entries = 0;
	uint64_t *bits;

	for (uint32_t i = 0; i < CONTEXT_CLASSES; i++)
		entries += contexts->pools[i].count;
	bits = calloc((size_t)entries * 2, 8 * (size_t)(words ? words : 1));
	if (bits == NULL)
		return -ENOMEM;
	free(contexts->bits);
	contexts->bits = bits;
	contexts->words = words;
	for (uint32_t i = 0; i < entries; i++) {
		struct context_entry *entry = entry_at(contexts, i);

		entry->known = bits + (size_t)i * 2 * words;
		entry->truth = entry->known + words;
	}
	return 0;
}

static void
bucket_remove(struct contexts *contexts, const struct context_entry *entry)
{
	uint32_t *link = &contexts->buckets[bucket_of(entry->id)];

	while (*link != 0) {
		struct context_entry *at = entry_at(contexts, *link - 1);

		if (at == entry) {
			*link = at->next;
			return;
		}
		link = &at->next;
	}
}

/*
 * An entry of POOL that the event at hand has not used, nor any since the hand last came by, out
 * of its bucket; its number in *NUMBER.
 */
static struct context_entry *
pool_evict(struct contexts *contexts, uint32_t class, uint32_t *number)
{
	struct context_pool *pool = &contexts->pools[class];

	for (uint32_t tries = 0; tries < 2 * pool->count; tries++) {
		struct context_entry *entry = &pool->entries[pool->hand];

		*number = pool->hand;
		pool->hand = (pool->hand + 1) % pool->count;
		if (entry->id != 0 && entry->used == contexts->epoch)
			continue;
		if (entry->id != 0 && entry->again) {
			entry->again = false;
			continue;
		}
		if (entry->id != 0)
			bucket_remove(contexts, entry);
		entry->id = 0;
		for (uint32_t i = 0; i < class; i++)
			*number += contexts->pools[i].count;
		return entry;
	}
	return NULL;
}

static uint32_t
class_of_slot(const struct context_arena *arena, uint32_t slot)
{
	uint32_t class = 0;

	while (class < CONTEXT_CLASSES - 1 && slot >= context_class_first(arena, class + 1))
		class++;
	return class;
}

static struct context_entry *
contexts_read(struct contexts *contexts, struct context_ref ref)
{
	uint32_t number, bucket = bucket_of(ref.id);
	struct context_entry *entry = pool_evict(contexts, class_of_slot(contexts->arena, ref.slot),
	    &number);
	int err;

	if (entry == NULL)
		return NULL;
	contexts->miss_count++;
	if ((err = context_read(contexts->arena, ref, entry->block, &entry->view)) < 0) {
		if (err == -ESTALE)
			contexts->stale_count++;
		else
			contexts->bad_count++;
		return NULL;
	}
	for (uint32_t i = 0; i < contexts->words; i++)
		entry->known[i] = 0;
	entry->id = ref.id;
	entry->used = contexts->epoch;
	entry->again = false;
	entry->next = contexts->buckets[bucket];
	contexts->buckets[bucket] = number + 1;
	return entry;
}

struct context_entry *
contexts_get(struct contexts *contexts, struct context_ref ref)
{
	uint32_t number;

	if (ref.id == 0 || contexts->arena == NULL)
		return NULL;
	for (number = contexts->buckets[bucket_of(ref.id)]; number != 0;) {
		struct context_entry *entry = entry_at(contexts, number - 1);

		if (entry->id == ref.id) {
			entry->again = true;
			entry->used = contexts->epoch;
			return entry;
		}
		number = entry->next;
	}
	return contexts_read(contexts, ref);
}
