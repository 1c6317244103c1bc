/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The context arena: immutable blocks that the enricher writes and evaluators map read-only.  A
 * record names a context by (slot, id); ids never repeat in the arena's life; an ancestor is
 * another context that the block names.
 *
 *   arena:   | region head | arena head | class 0     | class 1       | class 2         |
 *            |             |            | 512 B × n   | 2 KiB × n/2   | 16 KiB × n/64   |
 *   context: | head | states | slots (context.def) | bytes |   the same block as in a record
 */
#ifndef SHM_CONTEXT_H
#define SHM_CONTEXT_H

#include "record.h"
#include "region.h"

enum { CONTEXT_CLASSES = 3, CONTEXT_BYTES_MAX = 16 * 1024, CONTEXT_SLOTS_MAX = 1 << 22 };

struct context_ref {
	uint64_t id; /* 0: none */
	uint32_t slot;
	uint32_t reserved;
};

struct context_head {
	uint64_t id;  /* stored last; 0: the slot is free or being written */
	uint32_t len; /* bytes of the whole block, a multiple of 8 */
	uint16_t params; /* C_COUNT of the writer */
	uint16_t lost;   /* enum lost_bits */
	uint64_t parent_id;
	uint32_t parent_slot;
	uint32_t reserved;
};

_Static_assert(sizeof(struct context_head) == 32, "no hidden padding");

/* Behind the region's head page; written by the enricher. */
struct context_arena_head {
	uint64_t next_id;
	uint32_t class_count[CONTEXT_CLASSES]; /* slots of each class */
	uint32_t class_bytes[CONTEXT_CLASSES];
};

/* Where things are, computed from the region's size alone. */
struct context_arena {
	struct region region;
	struct context_arena_head *head; /* read-only for readers */
	uint8_t *base[CONTEXT_CLASSES];
	uint32_t count[CONTEXT_CLASSES];
};

/* Content bytes for SLOTS contexts of the smallest class. */
size_t context_arena_content(uint32_t slots);

/*
 * Attach to the arena behind FD (taken).  Returns 0, a negative errno, or -EBADMSG;
 * context_arena_detach() ends it.
 */
int context_arena_attach_take(struct context_arena *arena, int fd, bool writable);

/* Unmap; harmless on an arena that never attached (zeroed). */
void context_arena_detach(struct context_arena *arena);

/* Number of slots over all classes: slots are numbered through, smallest class first. */
uint32_t context_slots(const struct context_arena *arena);

/* The block at SLOT and the bytes it can hold; NULL for a slot that is not there. */
struct context_head *context_at(const struct context_arena *arena, uint32_t slot, uint32_t *bytes);

/* The class whose slots hold LEN bytes, or CONTEXT_CLASSES when none does. */
uint32_t context_class(uint32_t len);

/* The first slot of CLASS. */
uint32_t context_class_first(const struct context_arena *arena, uint32_t class);

/*
 * A private, checked copy of a context.  BUF of the caller's, CONTEXT_BYTES_MAX bytes,
 * 8-aligned.
 */
struct context_view {
	const struct context_head *head;
	struct slots slots;
};

/*
 * Copy the context REF names into BUF and judge it.  Returns 0; -ESTALE when the slot holds
 * another one; -EBADMSG when the block can not be.
 */
int context_read(const struct context_arena *arena, struct context_ref ref, void *buf,
    struct context_view *view);

/* Judge LEN bytes at BUF as a context block. */
int context_check(const void *buf, size_t len, struct context_view *view);

#endif
