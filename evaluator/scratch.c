/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded memory of one event.  See scratch.h. */
#include "scratch.h"

#include <errno.h>
#include <stdlib.h>

int
scratch_init(struct scratch *scratch)
{
	memset(scratch, 0, sizeof(*scratch));
	scratch->buf = malloc(SCRATCH_BYTES);
	return scratch->buf ? 0 : -ENOMEM;
}

void
scratch_fini(struct scratch *scratch)
{
	free(scratch->buf);
	memset(scratch, 0, sizeof(*scratch));
}

void *
scratch_take(struct scratch *scratch, size_t count, size_t size)
{
	size_t at = (scratch->used + 7) & ~(size_t)7;

	if (at > SCRATCH_BYTES || (SCRATCH_BYTES - at) / size < count) {
		scratch->cut_count++;
		return NULL;
	}
	scratch->used = at + count * size;
	return scratch->buf + at;
}

void
scratch_begin(struct scratch *scratch, struct text *text)
{
	static char nothing[1];
	size_t room = SCRATCH_BYTES - scratch->used;

	if (room == 0)
		text_init(text, nothing, sizeof(nothing));
	else
		text_init(text, scratch->buf + scratch->used,
		    room < SCRATCH_TEXT_MAX ? room : SCRATCH_TEXT_MAX);
}

struct span
scratch_end(struct scratch *scratch, const struct text *text)
{
	if (text->truncated)
		scratch->cut_count++;
	if (scratch->used < SCRATCH_BYTES)
		scratch->used += text->len;
	return (struct span){ text->buf, text->len };
}
