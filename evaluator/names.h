/* SPDX-License-Identifier: Apache-2.0 */
/* A table from names to numbers: what is defined, and where in its array it stands. */
#ifndef EVALUATOR_NAMES_H
#define EVALUATOR_NAMES_H

#include "text.h"

struct arena;

#define NAMES_NONE UINT32_MAX

struct names_slot {
	struct span name;
	uint32_t value;
};

struct names {
	struct arena *arena;
	struct names_slot *slots;
	uint32_t capacity, count;
	uint64_t hash_key;
};

/*
 * Start an empty table in ARENA.  HASH_KEY should be random where names can be hostile.
 * Allocates nothing.
 */
void names_init(struct names *names, struct arena *arena, uint64_t hash_key);

/* The number of NAME, or NAMES_NONE. */
uint32_t names_find(const struct names *names, struct span name);

/*
 * Give NAME (borrowed for the life of the table) the number VALUE, in place of any former one.
 * Returns 0 or -ENOMEM.
 */
int names_set(struct names *names, struct span name, uint32_t value);

#endif
