/* SPDX-License-Identifier: Apache-2.0 */
/* What targets need that judge events: tables made once, and no contexts. */
#ifndef TESTS_JUDGING_H
#define TESTS_JUDGING_H

#include <stdlib.h>

#include "eval.h"

static struct contexts contexts;
static struct scratch scratch;
static const struct clock now = { .wall_offset_ns = 1700000000000000000 };

/* Make the tables, at the first call. */
static inline void
judging_begin(void)
{
	static bool begun;

	if (begun)
		return;
	begun = true;
	evtcode_init();
	layout_init();
	if (contexts_init(&contexts, NULL) < 0 || scratch_init(&scratch) < 0)
		abort();
}

#endif
