/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bump allocation in chunks.  A piece larger than a chunk gets a chunk of its own size;
 * what is left of the chunk before is given up, which costs at most CHUNK_BYTES a piece
 * that large.
 */
#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

enum { CHUNK_BYTES = 64 * 1024 };

struct arena_chunk {
	struct arena_chunk *older;
	size_t size;
	size_t used;
	alignas(max_align_t) char bytes[];
};

struct arena_release {
	struct arena_release *older;
	void (*release)(void *object);
	void *object;
};

void
arena_init(struct arena *arena, size_t bytes_max)
{
	*arena = (struct arena){ .bytes_max = bytes_max };
}

static struct arena_chunk *
arena_add_chunk(struct arena *arena, size_t bytes)
{
	size_t size = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
	struct arena_chunk *chunk;

	if (size > arena->bytes_max || arena->held_bytes > arena->bytes_max - size)
		return NULL;
	if ((chunk = malloc(sizeof(*chunk) + size)) == NULL)
		return NULL;
	chunk->older = arena->chunk;
	chunk->size = size;
	chunk->used = 0;
	arena->chunk = chunk;
	arena->held_bytes += size;
	return chunk;
}

static void *
arena_take(struct arena *arena, size_t bytes)
{
	const size_t step = alignof(max_align_t);
	struct arena_chunk *chunk = arena->chunk;
	void *piece;

	if (bytes > SIZE_MAX - CHUNK_BYTES)
		return NULL;
	bytes = (bytes + step - 1) / step * step;
	if (chunk == NULL || chunk->size - chunk->used < bytes)
		chunk = arena_add_chunk(arena, bytes);
	if (chunk == NULL)
		return NULL;
	piece = chunk->bytes + chunk->used;
	chunk->used += bytes;
	return piece;
}

void *
arena_alloc(struct arena *arena, size_t bytes)
{
	void *piece = arena_take(arena, bytes);

	return piece ? memset(piece, 0, bytes) : NULL;
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	return arena_alloc(arena, bytes);
}

char *
arena_copy(struct arena *arena, struct span text)
{
	char *copy;

	if (text.len == SIZE_MAX || (copy = arena_take(arena, text.len + 1)) == NULL)
		return NULL;
	if (text.len > 0)
		memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	return copy;
}

int
arena_defer(struct arena *arena, void (*release)(void *object), void *object)
{
	struct arena_release *owed = arena_alloc(arena, sizeof(*owed));

	if (owed == NULL)
		return -ENOMEM;
	*owed = (struct arena_release){ arena->releases, release, object };
	arena->releases = owed;
	return 0;
}

struct arena_mark
arena_mark(const struct arena *arena)
{
	return (struct arena_mark){ arena->chunk, arena->releases,
		arena->chunk ? arena->chunk->used : 0 };
}

void
arena_reset(struct arena *arena, struct arena_mark mark)
{
	for (; arena->releases != mark.releases; arena->releases = arena->releases->older)
		arena->releases->release(arena->releases->object);
	while (arena->chunk != mark.chunk) {
		struct arena_chunk *chunk = arena->chunk;

		arena->chunk = chunk->older;
		arena->held_bytes -= chunk->size;
		free(chunk);
	}
	if (arena->chunk != NULL)
		arena->chunk->used = mark.used_bytes;
}

void
arena_fini(struct arena *arena)
{
	arena_reset(arena, (struct arena_mark){ NULL, NULL, 0 });
}
