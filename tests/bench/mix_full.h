/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events of the mix as full records: the raw record with what the enricher adds, and the contexts
 * of the tasks in a real arena.
 */
#ifndef TESTS_MIX_FULL_H
#define TESTS_MIX_FULL_H

#include "context.h"
#include "mix_raw.h"

/* What is known of a task's context. */
struct mix_link {
	uint64_t image, process_image; /* of the task and its process when it was made */
	uint64_t parent_id;
	struct context_ref ref;
	uint16_t lost;
};

struct mix_full {
	struct mix_raw raw;
	struct region region;
	struct context_arena arena;      /* for writing */
	uint64_t derived, contexts;      /* rows that are wanted */
	uint64_t next_id;
	uint32_t used[CONTEXT_CLASSES];  /* slots: they are not used again */
	struct mix_link links[MIX_TASKS_MAX];
	uint32_t *buckets;               /* contexts by content: slot plus one */
	uint32_t bucket_mask;
	uint64_t shared_count;           /* contexts that were there already */
	_Alignas(8) uint8_t record[EVENT_RECORD_MAX];
	_Alignas(8) uint8_t block[CONTEXT_BYTES_MAX];
};

/*
 * Begin: an arena of SLOTS contexts of the smallest class, DERIVED and CONTEXTS as an interest has
 * them (bits of enum derived_id, enum context_id).  Returns 0 or a negative errno; mix_full_close()
 * ends it.
 */
int mix_full_open(struct mix_full *full, uint32_t slots, uint64_t derived, uint64_t contexts);

/* Give everything back, the arena too. */
void mix_full_close(struct mix_full *full);

/*
 * Write the full record of EVENT, the last one of MIX, into BUF (SIZE bytes, 8-aligned), and the
 * contexts that it needs.  Returns its length, -EMSGSIZE, or -ENOSPC when the arena is full.
 */
int mix_full_write(struct mix_full *full, const struct mix *mix, const struct mix_event *event,
    void *buf, size_t size);

#endif
