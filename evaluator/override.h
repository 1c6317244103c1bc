/* SPDX-License-Identifier: Apache-2.0 */
/* The `override` mapping of an item: which keys change an earlier definition, and how. */
#ifndef EVALUATOR_OVERRIDE_H
#define EVALUATOR_OVERRIDE_H

#include "collect.h"

/*
 * A key of a kind of item that may be overridden.  The place in the table is its bit in
 * struct override.
 */
struct override_key {
	const char *name;
	bool append;  /* may be appended to, too */
};

/* Bits of keys.  Both 0: the item has no effective override and is an ordinary definition. */
struct override {
	uint32_t append, replace;
};

/*
 * Read the override of ITEM, whose kind has KEY_COUNT (at most 32) KEYS.  Checks that each
 * key named is one of them, allows the operation and is carried by the item; and that
 * `append: true`, given as APPEND, is not there too.
 */
int override_read(struct collect *c, const struct rulefile_node *item,
    const struct override_key *keys, size_t key_count, bool append,
    struct override *override);

#endif
