/* SPDX-License-Identifier: Apache-2.0 */
/* Steps by content: open addressing over the array that holds them.  See steps.h. */
#include "steps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

enum { STEPS_START = 1024 };

static uint32_t
slot_of(const struct steps *steps, const struct step *step)
{
	return (uint32_t)bytes_hash(step, sizeof(*step), steps->hash_key) &
	    (steps->table_slots - 1);
}

static void
table_insert(struct steps *steps, uint32_t number)
{
	uint32_t slot = slot_of(steps, &steps->items[number]);

	while (steps->table[slot] != 0)
		slot = (slot + 1) & (steps->table_slots - 1);
	steps->table[slot] = number + 1;
}

static int
steps_reserve(struct steps *steps, uint32_t capacity)
{
	uint32_t slots = 2 * STEPS_START;
	struct step *items;
	uint32_t *table;

	if (capacity > steps->max)
		capacity = steps->max;
	if (capacity <= steps->count)
		return -E2BIG;
	while (slots < capacity * 2)
		slots *= 2;
	if ((items = realloc(steps->items, capacity * sizeof(*items))) == NULL)
		return -ENOMEM;
	steps->items = items;
	if ((table = calloc(slots, sizeof(*table))) == NULL)
		return -ENOMEM;
	free(steps->table);
	steps->table = table;
	steps->table_slots = slots;
	steps->capacity = capacity;
	for (uint32_t i = 0; i < steps->count; i++)
		table_insert(steps, i);
	return 0;
}

int
steps_init(struct steps *steps, uint32_t capacity, uint32_t max, uint64_t hash_key)
{
	memset(steps, 0, sizeof(*steps));
	steps->max = max;
	steps->hash_key = hash_key;
	return capacity > 0 ? steps_reserve(steps, capacity) : 0;
}

void
steps_fini(struct steps *steps)
{
	free(steps->items);
	free(steps->table);
	memset(steps, 0, sizeof(*steps));
}

/* Is there a step equal to STEP?  Its number goes into *NUMBER. */
static bool
steps_find(const struct steps *steps, const struct step *step, uint32_t *number)
{
	if (steps->count == 0)
		return false;
	for (uint32_t slot = slot_of(steps, step); steps->table[slot] != 0;
	     slot = (slot + 1) & (steps->table_slots - 1)) {
		*number = steps->table[slot] - 1;
		if (memcmp(&steps->items[*number], step, sizeof(*step)) == 0)
			return true;
	}
	return false;
}

int
steps_make(struct steps *steps, struct step step, uint32_t *number)
{
	int err;

	*number = step.on_true;
	if (step.on_true == step.on_false || steps_find(steps, &step, number))
		return 0;
	if (steps->count == steps->capacity &&
	    (err = steps_reserve(steps, steps->capacity ? steps->capacity * 2 : STEPS_START)) < 0)
		return err;
	*number = steps->count++;
	steps->items[*number] = step;
	table_insert(steps, *number);
	return 0;
}

void
steps_cut(struct steps *steps, uint32_t count)
{
	if (steps->table_slots == 0)
		return;
	memset(steps->table, 0, steps->table_slots * sizeof(*steps->table));
	steps->count = count;
	for (uint32_t i = 0; i < count; i++)
		table_insert(steps, i);
}
