/* SPDX-License-Identifier: Apache-2.0 */
/* Building text with its origins, and asking for them. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "arena.h"
#include "srctext.h"

enum { BYTES_START = 1024, PIECES_START = 32 };

/* The piece that byte OFFSET belongs to, or NULL when there are none. */
static const struct srctext_piece *
piece_of(const struct srctext *text, size_t offset)
{
	uint32_t low = 0, high = text->piece_count;

	if (high == 0)
		return NULL;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (text->pieces[middle].at <= offset)
			low = middle;
		else
			high = middle;
	}
	return &text->pieces[low];
}

struct source_place
srctext_place(const struct srctext *text, size_t offset)
{
	const struct srctext_piece *piece = piece_of(text, offset);

	if (piece == NULL)
		return (struct source_place){ .file = "" };
	if (offset < piece->at || piece->made)
		offset = piece->at;
	return rulefile_place_in(piece->node, piece->offset + (offset - piece->at));
}

void
srcbuild_clear(struct srcbuild *build)
{
	build->len = 0;
	build->piece_count = 0;
	build->err = 0;
}

void
srcbuild_fini(struct srcbuild *build)
{
	free(build->bytes);
	free(build->pieces);
	*build = SRCBUILD_NONE;
}

/* Make room for LEN more bytes. */
static bool
build_reserve(struct srcbuild *build, size_t len)
{
	size_t capacity = build->capacity ? build->capacity : BYTES_START;
	char *bytes;

	if (build->err == 0 && len > SRCTEXT_BYTES_MAX - build->len)
		build->err = -E2BIG;
	if (build->err != 0)
		return false;
	while (capacity < build->len + len)
		capacity *= 2;
	if (capacity == build->capacity)
		return true;
	if ((bytes = realloc(build->bytes, capacity)) == NULL) {
		build->err = -ENOMEM;
		return false;
	}
	build->bytes = bytes;
	build->capacity = capacity;
	return true;
}

static bool
build_reserve_piece(struct srcbuild *build)
{
	size_t capacity = build->piece_capacity ? build->piece_capacity * 2 : PIECES_START;
	struct srctext_piece *pieces;

	if (build->piece_count < build->piece_capacity)
		return true;
	if ((pieces = reallocarray(build->pieces, capacity, sizeof(*pieces))) == NULL) {
		build->err = -ENOMEM;
		return false;
	}
	build->pieces = pieces;
	build->piece_capacity = capacity;
	return true;
}

/* Append TEXT; PIECE tells where it comes from. */
static void
build_append(struct srcbuild *build, struct span text, struct srctext_piece piece)
{
	if (text.len == 0 || !build_reserve(build, text.len) || !build_reserve_piece(build))
		return;
	piece.at = (uint32_t)build->len;
	build->pieces[build->piece_count++] = piece;
	memcpy(build->bytes + build->len, text.ptr, text.len);
	build->len += text.len;
}

void
srcbuild_node(struct srcbuild *build, const struct rulefile_node *node)
{
	build_append(build, node->text, (struct srctext_piece){ .node = node });
}

void
srcbuild_made(struct srcbuild *build, struct span text, const struct rulefile_node *node)
{
	build_append(build, text, (struct srctext_piece){ .node = node, .made = true });
}

/* PIECE as it is from byte OFFSET of its text on. */
static struct srctext_piece
piece_from(const struct srctext_piece *piece, size_t offset)
{
	struct srctext_piece part = *piece;

	if (!part.made)
		part.offset += (uint32_t)(offset - piece->at);
	return part;
}

void
srcbuild_slice(struct srcbuild *build, const struct srctext *from, size_t start, size_t len)
{
	assert(start <= from->text.len && len <= from->text.len - start);
	while (len > 0) {
		const struct srctext_piece *piece = piece_of(from, start);
		struct srctext_piece moved;
		size_t end, part;

		if (piece == NULL)
			return;
		end = piece + 1 < from->pieces + from->piece_count ? piece[1].at : from->text.len;
		part = end - start < len ? end - start : len;
		moved = piece_from(piece, start);
		build_append(build, (struct span){ from->text.ptr + start, part }, moved);
		start += part;
		len -= part;
	}
}

void
srcbuild_instead(struct srcbuild *build, struct span text, const struct srctext *from,
    size_t offset)
{
	const struct srctext_piece *piece = piece_of(from, offset);
	struct srctext_piece moved;

	if (piece == NULL)
		return;
	moved = piece_from(piece, offset);
	moved.made = true;
	build_append(build, text, moved);
}

void
srcbuild_cut(struct srcbuild *build, size_t len)
{
	if (len >= build->len)
		return;
	build->len = len;
	while (build->piece_count > 0 && build->pieces[build->piece_count - 1].at >= len)
		build->piece_count--;
}

struct srctext
srcbuild_view(const struct srcbuild *build)
{
	return (struct srctext){ { build->bytes, build->len }, build->pieces,
		(uint32_t)build->piece_count };
}

int
srcbuild_take(const struct srcbuild *build, struct arena *arena, struct srctext *text)
{
	struct srctext_piece *pieces;
	char *bytes;

	if (build->err != 0)
		return build->err;
	bytes = arena_copy(arena, (struct span){ build->bytes, build->len });
	pieces = arena_array(arena, build->piece_count, sizeof(*pieces));
	if (bytes == NULL || pieces == NULL)
		return -ENOMEM;
	if (build->piece_count > 0)
		memcpy(pieces, build->pieces, build->piece_count * sizeof(*pieces));
	*text = (struct srctext){ { bytes, build->len }, pieces, (uint32_t)build->piece_count };
	return 0;
}
