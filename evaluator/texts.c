/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of texts and an index of pairs of slots.  See texts.h. */
#include "texts.h"

#include <errno.h>
#include <stdlib.h>

enum { BYTES_EACH = 96 /* what an entry takes, about: for the size of the index */ };

/* Behind it: the bits, then the bytes of both spellings. */
struct entry {
	uint32_t accessor;
	uint32_t words;
	uint32_t lens[2];
	uint64_t bits[];
};

int
texts_init(struct texts *texts, uint64_t bytes, uint64_t hash_key)
{
	uint64_t slots = 1024;

	memset(texts, 0, sizeof(*texts));
	while (slots < bytes / BYTES_EACH)
		slots *= 2;
	texts->bytes = bytes & ~(uint64_t)7;
	texts->head = texts->bytes; /* so that no entry begins at 0 */
	texts->mask = slots - 1;
	texts->hash_key = hash_key;
	texts->ring = malloc(bytes);
	texts->slots = calloc(slots, sizeof(*texts->slots));
	if (texts->ring == NULL || texts->slots == NULL) {
		texts_fini(texts);
		return -ENOMEM;
	}
	return 0;
}

void
texts_fini(struct texts *texts)
{
	free(texts->ring);
	free(texts->slots);
	memset(texts, 0, sizeof(*texts));
}

static size_t
value_len(const struct field_value *value)
{
	return value->texts[0].len + (value->count > 1 ? value->texts[1].len : 0);
}

bool
texts_fit(const struct field_value *value)
{
	return value_len(value) <= TEXTS_LEN_MAX;
}

uint64_t
texts_hash(const struct texts *texts, uint32_t accessor, const struct field_value *value)
{
	uint64_t hash = texts->hash_key ^ accessor * 0x9e3779b97f4a7c15u;

	for (uint32_t i = 0; i < value->count; i++)
		hash = bytes_hash(value->texts[i].ptr, value->texts[i].len, hash);
	return hash;
}

static struct entry *
entry_at(const struct texts *texts, uint64_t at)
{
	return (struct entry *)(void *)(texts->ring + at % texts->bytes);
}

/* Is the entry that SLOT names still there? */
static bool
slot_is_live(const struct texts *texts, const struct texts_slot *slot)
{
	return slot->at != 0 && slot->at + texts->bytes >= texts->head;
}

static bool
entry_is(const struct entry *entry, uint32_t accessor, const struct field_value *value)
{
	const char *bytes = (const char *)(entry->bits + entry->words);

	if (entry->accessor != accessor || entry->lens[0] != value->texts[0].len ||
	    entry->lens[1] != (value->count > 1 ? value->texts[1].len + 1 : 0))
		return false;
	for (uint32_t i = 0; i < value->count; i++) {
		struct span text = value->texts[i];

		if (text.len > 0 && memcmp(bytes, text.ptr, text.len) != 0)
			return false;
		bytes += text.len;
	}
	return true;
}

const uint64_t *
texts_find(struct texts *texts, uint32_t accessor, const struct field_value *value, uint64_t hash)
{
	struct texts_slot *slot = &texts->slots[hash & texts->mask & ~(uint64_t)1];

	for (int i = 0; i < 2; i++, slot++) {
		struct entry *entry;

		if (slot->hash != hash || !slot_is_live(texts, slot))
			continue;
		entry = entry_at(texts, slot->at);
		if (entry_is(entry, accessor, value)) {
			texts->found_count++;
			return entry->bits;
		}
	}
	texts->missed_count++;
	return NULL;
}

/* SIZE bytes in one piece behind all others. */
static uint64_t
ring_take(struct texts *texts, uint64_t size)
{
	uint64_t left = texts->bytes - texts->head % texts->bytes, at;

	if (left < size)
		texts->head += left;
	at = texts->head;
	texts->head += size;
	return at;
}

uint64_t *
texts_add(struct texts *texts, uint32_t accessor, const struct field_value *value, uint64_t hash,
    uint32_t words)
{
	struct texts_slot *slot = &texts->slots[hash & texts->mask & ~(uint64_t)1];
	size_t len = value_len(value);
	uint64_t size = sizeof(struct entry) + words * sizeof(uint64_t) + len;
	struct entry *entry;
	char *bytes;

	if (len > TEXTS_LEN_MAX)
		return NULL;
	if (slot[1].at < slot->at)
		slot++; /* the older one makes room */
	slot->hash = hash;
	slot->at = ring_take(texts, (size + 7) & ~(uint64_t)7);
	entry = entry_at(texts, slot->at);
	entry->accessor = accessor;
	entry->words = words;
	entry->lens[0] = (uint32_t)value->texts[0].len;
	entry->lens[1] = value->count > 1 ? (uint32_t)value->texts[1].len + 1 : 0;
	bytes = (char *)(entry->bits + words);
	for (uint32_t i = 0; i < value->count; i++) {
		if (value->texts[i].len > 0)
			memcpy(bytes, value->texts[i].ptr, value->texts[i].len);
		bytes += value->texts[i].len;
	}
	return entry->bits;
}
