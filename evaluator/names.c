/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open addressing with linear probing; at most half full, so a search always meets an empty
 * slot.
 */
#include <errno.h>

#include "arena.h"
#include "names.h"

enum { NAMES_START = 16 };

void
names_init(struct names *names, struct arena *arena, uint64_t hash_key)
{
	*names = (struct names){ .arena = arena, .hash_key = hash_key };
}

/* The slot that holds NAME, or the empty one where it belongs.  The table has slots. */
static struct names_slot *
names_slot(const struct names *names, struct span name)
{
	uint32_t at = (uint32_t)bytes_hash(name.ptr, name.len, names->hash_key);

	for (;; at++) {
		struct names_slot *slot = &names->slots[at & (names->capacity - 1)];

		if (slot->name.ptr == NULL || span_equal(slot->name, name))
			return slot;
	}
}

uint32_t
names_find(const struct names *names, struct span name)
{
	const struct names_slot *slot = names->capacity ? names_slot(names, name) : NULL;

	return slot != NULL && slot->name.ptr != NULL ? slot->value : NAMES_NONE;
}

static int
names_grow(struct names *names)
{
	struct names grown = *names;

	if (names->capacity > UINT32_MAX / 2)
		return -ENOMEM;
	grown.capacity = names->capacity ? names->capacity * 2 : NAMES_START;
	if ((grown.slots = arena_array(names->arena, grown.capacity, sizeof(*grown.slots))) == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < names->capacity; i++)
		if (names->slots[i].name.ptr != NULL)
			*names_slot(&grown, names->slots[i].name) = names->slots[i];
	*names = grown;
	return 0;
}

int
names_set(struct names *names, struct span name, uint32_t value)
{
	struct names_slot *slot;
	int err;

	if (name.ptr == NULL)
		name.ptr = "";
	if (names->count >= names->capacity / 2 && (err = names_grow(names)) < 0)
		return err;
	slot = names_slot(names, name);
	if (slot->name.ptr == NULL)
		names->count++;
	*slot = (struct names_slot){ name, value };
	return 0;
}
