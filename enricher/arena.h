/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slots of the context arena (shm/context.h): the same bytes are one context, and a slot is used
 * again only when the reader of every full ring has passed the last record that named it.
 *
 * A context lives while another names it as its parent, or until a clock hand that looks for room
 * finds it unused for a round.  Tasks hold no references: they know (slot, id) and look whether the
 * slot still has that id.  Which slot goes is decided by the records alone, never by how far a
 * reader is; when that one is not free yet the enricher waits.
 */
#ifndef ENRICHER_ARENA_H
#define ENRICHER_ARENA_H

#include <stdbool.h>
#include <stdint.h>

#include "context.h"
#include "ring.h"
#include "stats.h"

/* What is known of a slot beside its block. */
struct arena_slot {
	uint64_t id;        /* 0: free */
	uint64_t last_use;  /* position of the last record that needs it */
	uint64_t pinned;    /* the event that holds it while its chain is made */
	uint32_t hash_next;
	uint32_t hash;      /* low half of the content's */
	uint32_t children;  /* contexts that name it as their parent */
	uint32_t used;      /* since the hand passed */
};

struct arena {
	struct context_arena shared;
	const struct ring *full;          /* RINGS of them */
	uint32_t rings;
	uint32_t awaited;                 /* the ring whose reader was last waited for */
	struct stats *stats;
	struct arena_slot *slots;
	uint32_t *buckets;
	uint32_t bucket_mask;
	uint32_t used_count;
	uint32_t hand[CONTEXT_CLASSES];   /* offset in the class */
	uint32_t victim[CONTEXT_CLASSES]; /* chosen and waited for; ARENA_NONE: none */
	uint64_t key;
	uint64_t event;                   /* pins what this event needs */
	uint64_t position;                /* of that event */
};

static const uint32_t ARENA_NONE = UINT32_MAX;

/*
 * Take over the arena behind FD (taken) with what a former enricher left in it.  FULL, RINGS
 * of them, is borrowed: their readers are waited for.  KEY: of the content hash.  Startup only:
 * allocates.  Returns 0 or a negative errno; arena_close() ends it.
 */
int arena_open_take(struct arena *arena, int fd, const struct ring *full, uint32_t rings,
    uint64_t key, struct stats *stats);

/* Unmap and give the memory back; harmless twice. */
void arena_close(struct arena *arena);

/* A new event begins, at POSITION: what the last one pinned is free again. */
void arena_begin(struct arena *arena, uint64_t position);

/*
 * The context with the content of BLOCK (all but id filled in, zero where nothing is), found or
 * made.  Returns 0 and *REF; -EAGAIN when the slot that is next is still being read
 * (by the reader of ring `awaited`); -ENOSPC when
 * all slots are parents or pinned.
 */
int arena_intern(struct arena *arena, const struct context_head *block, struct context_ref *ref);

/* True when SLOT still holds ID; then it is used by the event being made. */
static inline bool
arena_use(struct arena *arena, uint32_t slot, uint64_t id)
{
	struct arena_slot *at = &arena->slots[slot];

	if (id == 0 || at->id != id)
		return false;
	at->used = 1;
	at->pinned = arena->event;
	at->last_use = arena->position;
	return true;
}

/* The context REF's parent, {0} for none. */
struct context_ref arena_parent(const struct arena *arena, struct context_ref ref);

#endif
