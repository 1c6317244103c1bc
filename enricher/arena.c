/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts by content, and the slots they stand in.  See arena.h. */
#include "arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* The part of a block that its content is: all behind the id. */
enum { CONTENT_AT = sizeof(uint64_t) };

static uint64_t
block_hash(const struct arena *arena, const struct context_head *block)
{
	return bytes_hash((const char *)block + CONTENT_AT, block->len - CONTENT_AT, arena->key);
}

static struct context_head *
arena_at(const struct arena *arena, uint32_t slot)
{
	uint32_t bytes;

	return context_at(&arena->shared, slot, &bytes);
}

static void
slot_hash(struct arena *arena, uint32_t slot, uint64_t hash)
{
	uint32_t *bucket = &arena->buckets[hash & arena->bucket_mask];

	arena->slots[slot].hash = (uint32_t)hash;
	arena->slots[slot].hash_next = *bucket;
	*bucket = slot;
}

static void
slot_unhash(struct arena *arena, uint32_t slot)
{
	uint32_t *at = &arena->buckets[arena->slots[slot].hash & arena->bucket_mask];

	while (*at != slot)
		at = &arena->slots[*at].hash_next;
	*at = arena->slots[slot].hash_next;
}

struct context_ref
arena_parent(const struct arena *arena, struct context_ref ref)
{
	const struct context_head *block = arena_at(arena, ref.slot);

	return (struct context_ref){ .id = block->parent_id, .slot = block->parent_slot };
}

/* The slot of BLOCK's parent, or ARENA_NONE. */
static uint32_t
parent_slot(const struct arena *arena, const struct context_head *block)
{
	if (block->parent_id == 0 || block->parent_slot >= context_slots(&arena->shared) ||
	    arena->slots[block->parent_slot].id != block->parent_id)
		return ARENA_NONE;
	return block->parent_slot;
}

/* Empty SLOT: no reader is at it any more. */
static void
slot_retire(struct arena *arena, uint32_t slot)
{
	struct context_head *block = arena_at(arena, slot);
	uint32_t parent = parent_slot(arena, block);

	slot_unhash(arena, slot);
	if (parent != ARENA_NONE)
		arena->slots[parent].children--;
	arena->slots[slot].id = 0;
	arena->used_count--;
	/* Before its bytes change: pairs with the second look of context_read(). */
	__atomic_store_n(&block->id, 0, __ATOMIC_RELEASE);
}

/* Whether SLOT may go: nothing rests on it. */
static bool
slot_idle(const struct arena *arena, uint32_t slot)
{
	const struct arena_slot *at = &arena->slots[slot];

	return at->children == 0 && at->pinned != arena->event;
}

/* The slot of CLASS that goes next, by the clock; ARENA_NONE when none may. */
static uint32_t
class_victim(struct arena *arena, uint32_t class)
{
	uint32_t first = context_class_first(&arena->shared, class);
	uint32_t count = arena->shared.count[class];

	for (uint32_t step = 0; step < 2 * count; step++) {
		uint32_t slot = first + arena->hand[class];
		struct arena_slot *at = &arena->slots[slot];

		arena->hand[class] = (arena->hand[class] + 1) % count;
		if (at->id == 0)
			return slot;
		if (!slot_idle(arena, slot))
			continue;
		if (!at->used)
			return slot;
		at->used = 0;
	}
	return ARENA_NONE;
}

/* Whether RING holds something, and its reader has not told that it is past POSITION. */
static bool
ring_behind(const struct ring *ring, uint64_t position)
{
	return (ring_pending(ring) > 0 || ring_waiting(ring) > 0) &&
	    ring_released_position(ring) < position;
}

/* Whether a record that needs SLOT may be in a ring, and its reader has still to come to it. */
static bool
slot_awaited(struct arena *arena, uint32_t slot)
{
	uint64_t last_use = arena->slots[slot].last_use;

	for (uint32_t i = 0; i < arena->rings; i++) {
		if (ring_behind(&arena->full[i], last_use)) {
			arena->awaited = i;
			return true;
		}
	}
	return false;
}

/* A slot for LEN bytes, empty: of the class that fits or a larger one. */
static int
slot_get(struct arena *arena, uint32_t len, uint32_t *slot)
{
	for (uint32_t class = context_class(len); class < CONTEXT_CLASSES; class++) {
		uint32_t *victim = &arena->victim[class];

		if (*victim == ARENA_NONE || !slot_idle(arena, *victim))
			*victim = class_victim(arena, class);
		if (*victim == ARENA_NONE)
			continue;
		if (arena->slots[*victim].id != 0) {
			if (slot_awaited(arena, *victim))
				return -EAGAIN;
			slot_retire(arena, *victim);
		}
		*slot = *victim;
		*victim = ARENA_NONE;
		return 0;
	}
	return -ENOSPC;
}

static void
slot_write(struct arena *arena, uint32_t slot, const struct context_head *block, uint64_t hash)
{
	struct context_head *shared = arena_at(arena, slot);
	uint32_t parent;

	memcpy((char *)shared + CONTENT_AT, (const char *)block + CONTENT_AT,
	    block->len - CONTENT_AT);
	arena->slots[slot].id = ++arena->shared.head->next_id;
	__atomic_store_n(&shared->id, arena->slots[slot].id, __ATOMIC_RELEASE);
	slot_hash(arena, slot, hash);
	parent = parent_slot(arena, block);
	if (parent != ARENA_NONE)
		arena->slots[parent].children++;
	arena->used_count++;
}

/* The slot that holds BLOCK's content, or ARENA_NONE. */
static uint32_t
slot_find(const struct arena *arena, const struct context_head *block, uint64_t hash)
{
	uint32_t slot = arena->buckets[hash & arena->bucket_mask];

	for (; slot != ARENA_NONE; slot = arena->slots[slot].hash_next) {
		const struct context_head *shared = arena_at(arena, slot);

		if (arena->slots[slot].hash == (uint32_t)hash && shared->len == block->len &&
		    memcmp((const char *)shared + CONTENT_AT, (const char *)block + CONTENT_AT,
		    block->len - CONTENT_AT) == 0)
			break;
	}
	return slot;
}

int
arena_intern(struct arena *arena, const struct context_head *block, struct context_ref *ref)
{
	uint64_t hash = block_hash(arena, block);
	uint32_t slot = slot_find(arena, block, hash);
	int err;

	if (slot != ARENA_NONE) {
		stats_add(arena->stats, STAT_ENRICHER_contexts_shared, 1);
	} else {
		if ((err = slot_get(arena, block->len, &slot)) < 0)
			return err;
		slot_write(arena, slot, block, hash);
		stats_add(arena->stats, STAT_ENRICHER_contexts_made, 1);
	}
	*ref = (struct context_ref){ .id = arena->slots[slot].id, .slot = slot };
	(void)arena_use(arena, slot, ref->id);
	return 0;
}

void
arena_begin(struct arena *arena, uint64_t position)
{
	arena->event++;
	arena->position = position;
}

/* Whether what a former enricher left at SLOT is a whole context, of an id that was given out. */
static bool
slot_sound(const struct arena *arena, uint32_t slot)
{
	struct context_view view;
	uint32_t bytes;
	const struct context_head *block = context_at(&arena->shared, slot, &bytes);

	return block->id != 0 && block->id <= arena->shared.head->next_id && block->len <= bytes &&
	    block->len >= sizeof(*block) && context_check(block, block->len, &view) == 0;
}

/* Find the contexts again; records that are still to be read may name any of them. */
static void
arena_adopt(struct arena *arena)
{
	uint32_t count = context_slots(&arena->shared);
	uint64_t told = 0; /* no record in any ring is behind this */

	for (uint32_t i = 0; i < arena->rings; i++)
		told = arena->full[i].position > told ? arena->full[i].position : told;
	for (uint32_t slot = 0; slot < count; slot++) {
		struct context_head *block = arena_at(arena, slot);

		if (!slot_sound(arena, slot)) {
			block->id = 0;
			continue;
		}
		arena->slots[slot].id = block->id;
		arena->slots[slot].last_use = told;
		slot_hash(arena, slot, block_hash(arena, block));
		arena->used_count++;
	}
	for (uint32_t slot = 0; slot < count; slot++) {
		uint32_t parent = arena->slots[slot].id == 0 ? ARENA_NONE
		    : parent_slot(arena, arena_at(arena, slot));

		if (parent != ARENA_NONE)
			arena->slots[parent].children++;
	}
}

static void
arena_describe(struct arena *arena)
{
	for (uint32_t i = 0; i < CONTEXT_CLASSES; i++) {
		uint32_t bytes = 0;

		(void)context_at(&arena->shared, context_class_first(&arena->shared, i), &bytes);
		arena->shared.head->class_count[i] = arena->shared.count[i];
		arena->shared.head->class_bytes[i] = bytes;
		arena->victim[i] = ARENA_NONE;
	}
}

int
arena_open_take(struct arena *arena, int fd, const struct ring *full, uint32_t rings,
    uint64_t key, struct stats *stats)
{
	uint32_t buckets = 1;
	int err;

	memset(arena, 0, sizeof(*arena));
	arena->full = full;
	arena->rings = rings;
	arena->key = key;
	arena->stats = stats;
	if ((err = context_arena_attach_take(&arena->shared, fd, true)) < 0)
		return err;
	while (buckets < context_slots(&arena->shared))
		buckets *= 2;
	arena->bucket_mask = buckets - 1;
	arena->slots = calloc(context_slots(&arena->shared), sizeof(*arena->slots));
	arena->buckets = malloc(buckets * sizeof(*arena->buckets));
	if (arena->slots == NULL || arena->buckets == NULL) {
		arena_close(arena);
		return -ENOMEM;
	}
	memset(arena->buckets, 0xff, buckets * sizeof(*arena->buckets));
	arena->event = 1;
	arena_describe(arena);
	arena_adopt(arena);
	return 0;
}

void
arena_close(struct arena *arena)
{
	free(arena->slots);
	free(arena->buckets);
	context_arena_detach(&arena->shared);
	memset(arena, 0, sizeof(*arena));
}
