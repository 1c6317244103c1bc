/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choices made by fuzz bytes.  When they are used up, numbers follow that they all together
 * decide, so that a short input is a whole case and a longer one changes its beginning.
 */
#ifndef TESTS_CHOICE_H
#define TESTS_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

struct choice {
	const uint8_t *at, *end;
	uint64_t state; /* of the numbers that follow */
};

static inline void
choice_begin(struct choice *choice, const uint8_t *data, size_t size)
{
	choice->at = data;
	choice->end = data + size;
	choice->state = bytes_hash(data, size, 0x5eed) | 1;
}

/* A number below BOUND, which is 1 to 65536. */
static inline uint32_t
choose(struct choice *choice, uint32_t bound)
{
	if (bound > 256 && choice->end - choice->at >= 2) {
		choice->at += 2;
		return (uint32_t)(choice->at[-2] << 8 | choice->at[-1]) % bound;
	}
	if (bound <= 256 && choice->at < choice->end)
		return *choice->at++ % bound;
	choice->state ^= choice->state << 13;
	choice->state ^= choice->state >> 7;
	choice->state ^= choice->state << 17;
	return (uint32_t)(choice->state >> 32) % bound;
}

/* True PERCENT times in a hundred. */
static inline bool
chance(struct choice *choice, uint32_t percent)
{
	return choose(choice, 100) < percent;
}

#define CHOOSE(choice, array) ((array)[choose((choice), sizeof(array) / sizeof((array)[0]))])

#endif
