/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for what is derived from one event, taken piece by piece and given back at once
 * when the next event comes. It is bounded: a text that does not fit is cut, and counted.
 */
#ifndef EVALUATOR_SCRATCH_H
#define EVALUATOR_SCRATCH_H

#include "text.h"

enum { SCRATCH_BYTES = 512 * 1024, SCRATCH_TEXT_MAX = 64 * 1024 };

struct scratch {
	char *buf;
	size_t used;
	uint64_t cut_count; /* texts that did not fit */
};

/* Take SCRATCH_BYTES bytes from the heap.  Returns 0 or -ENOMEM. */
int scratch_init(struct scratch *scratch);

/* Give the memory back; harmless twice. */
void scratch_fini(struct scratch *scratch);

/* Give everything back. */
static inline void
scratch_reset(struct scratch *scratch)
{
	scratch->used = 0;
}

/* COUNT elements of SIZE bytes, aligned to 8, not zeroed; NULL when they do not fit. */
void *scratch_take(struct scratch *scratch, size_t count, size_t size);

/*
 * Begin a text of at most SCRATCH_TEXT_MAX bytes; nothing else may be taken before
 * scratch_end().
 */
void scratch_begin(struct scratch *scratch, struct text *text);

/* End it: the span is good until the reset. */
struct span scratch_end(struct scratch *scratch, const struct text *text);

#endif
