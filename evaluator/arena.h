/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is taken piece by piece and given back at once: what a rule set is made of.
 * An arena has a bound in bytes; passing it is an ordinary error, so that no input makes
 * the process grow without end.
 */
#ifndef EVALUATOR_ARENA_H
#define EVALUATOR_ARENA_H

#include <stddef.h>

#include "text.h"

struct arena_chunk;
struct arena_release;

struct arena {
	struct arena_chunk *chunk;      /* the newest; older ones hang on it */
	struct arena_release *releases; /* what is owed to others, the newest first */
	size_t held_bytes;              /* of all chunks */
	size_t bytes_max;
};

/* A moment in an arena's life, to return to with arena_reset(). */
struct arena_mark {
	struct arena_chunk *chunk;
	struct arena_release *releases;
	size_t used_bytes;
};

/* Start an empty arena that never holds more than BYTES_MAX bytes.  Allocates nothing. */
void arena_init(struct arena *arena, size_t bytes_max);

/*
 * Take BYTES bytes (0 is fine), zeroed, aligned for any type, good until arena_fini() or a
 * reset past this call. Returns NULL when the bound would be passed or memory is short.
 */
void *arena_alloc(struct arena *arena, size_t bytes);

/* As arena_alloc() for COUNT elements of SIZE bytes; NULL also when the product overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* Copy TEXT and a terminator behind it.  Returns the copy, or NULL. */
char *arena_copy(struct arena *arena, struct span text);

/*
 * Call RELEASE(OBJECT) when this moment is given back, so that what is not made of the arena's
 * memory ends with it.  Returns 0, or -ENOMEM: the caller still has OBJECT then.
 */
int arena_defer(struct arena *arena, void (*release)(void *object), void *object);

/* Remember this moment for arena_reset().  Marks nest. */
struct arena_mark arena_mark(const struct arena *arena);

/* Give back everything that was taken since MARK. */
void arena_reset(struct arena *arena, struct arena_mark mark);

/* Free everything; the arena is empty again and may be used on.  Harmless twice. */
void arena_fini(struct arena *arena);

#endif
