/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and texts that look random and are the same in every run. */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include "text.h"

struct random {
	uint64_t state; /* not 0 */
};

static inline uint32_t
random_below(struct random *random, uint32_t below)
{
	random->state ^= random->state << 13;
	random->state ^= random->state >> 7;
	random->state ^= random->state << 17;
	return (uint32_t)(random->state >> 20) % below;
}

/* A text of at most LEN_MAX bytes of ALPHABET, in BUF, which has room for them. */
static inline struct span
random_text(struct random *random, struct span alphabet, uint32_t len_max, char *buf)
{
	struct span text = { buf, random_below(random, len_max + 1) };

	for (size_t i = 0; i < text.len; i++)
		buf[i] = alphabet.ptr[random_below(random, (uint32_t)alphabet.len)];
	return text;
}

#endif
