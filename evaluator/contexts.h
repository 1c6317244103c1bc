/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private copies of task contexts, by id, and beside each what is already known of it: the
 * truth of predicates that depend on nothing else.  Contexts never change and ids never
 * repeat, so a copy is good for ever; a full table puts out one that the event at hand has
 * not used.
 */
#ifndef EVALUATOR_CONTEXTS_H
#define EVALUATOR_CONTEXTS_H

#include "context.h"

struct context_entry {
	uint64_t id;        /* 0: free */
	uint64_t used;      /* epoch of the last use */
	uint64_t *known;    /* bit P: predicate P was evaluated for this context */
	uint64_t *truth;    /* and held */
	void *block;        /* room for the copy */
	struct context_view view;
	uint32_t next;      /* in its bucket */
	bool again;         /* used again since the hand last came by */
};

struct context_pool {
	struct context_entry *entries;
	uint32_t count, hand;
	uint32_t block_bytes;
	uint8_t *blocks;
};

struct contexts {
	const struct context_arena *arena; /* borrowed */
	struct context_pool pools[CONTEXT_CLASSES];
	uint32_t *buckets; /* entry number over all pools, plus one */
	uint64_t *bits;
	uint32_t words;    /* of each bit set */
	uint64_t epoch;    /* of the event at hand */
	uint64_t stale_count, bad_count, miss_count;
};

/* Make an empty cache over ARENA.  Returns 0 or -ENOMEM. */
int contexts_init(struct contexts *contexts, const struct context_arena *arena);

/*
 * The same with room for COUNTS contexts of each size.  Each count is at least 1, and more than
 * the contexts of that size that one event can use: else some of them are not found.
 */
int contexts_init_with(struct contexts *contexts, const struct context_arena *arena,
    const uint32_t counts[CONTEXT_CLASSES]);

/* Give the memory back; harmless twice. */
void contexts_fini(struct contexts *contexts);

/*
 * Room for the truth of PREDICATES predicates; forgets what was known.  Startup and reload
 * only.  0 or -ENOMEM.
 */
int contexts_size_truth(struct contexts *contexts, uint32_t predicates);

/* A new event begins: entries used before may be put out again. */
static inline void
contexts_next(struct contexts *contexts)
{
	contexts->epoch++;
}

/*
 * The context that REF names, good until the next event; NULL, and counted, when it is gone
 * from the arena or breaks its layout.  Allocates nothing.
 */
struct context_entry *contexts_get(struct contexts *contexts, struct context_ref ref);

#endif
