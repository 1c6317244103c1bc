/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of texts that were seen lately: for a text of one accessor, which predicates
 * hold for it.  Entries lie behind one another in a ring of bytes, the newest over the oldest;
 * an index by hash finds them.  A text counts as found only when all its bytes are equal.
 */
#ifndef EVALUATOR_TEXTS_H
#define EVALUATOR_TEXTS_H

#include "value.h"

enum {
	TEXTS_BYTES = 5 << 20,      /* of the ring, unless told otherwise */
	TEXTS_BYTES_MIN = 64 << 10, /* room for several entries of the longest kind */
	TEXTS_LEN_MAX = 4096        /* both spellings together; longer ones are not kept */
};

struct texts_slot {
	uint64_t hash;
	uint64_t at; /* bytes ever written before the entry; 0: free */
};

struct texts {
	uint8_t *ring;
	uint64_t bytes;
	uint64_t head;  /* bytes ever written */
	struct texts_slot *slots;
	uint64_t mask;
	uint64_t hash_key;
	uint64_t found_count, missed_count;
};

/* Make an empty cache of BYTES, at least TEXTS_BYTES_MIN.  Returns 0 or -ENOMEM. */
int texts_init(struct texts *texts, uint64_t bytes, uint64_t hash_key);

/* Give the memory back; harmless twice. */
void texts_fini(struct texts *texts);

/* Is VALUE short enough to be kept? */
bool texts_fit(const struct field_value *value);

/* The hash of VALUE, a text in one or two spellings, as a value of ACCESSOR. */
uint64_t texts_hash(const struct texts *texts, uint32_t accessor, const struct field_value *value);

/* The bits kept for VALUE of ACCESSOR, whose hash is HASH; NULL when there are none. */
const uint64_t *texts_find(struct texts *texts, uint32_t accessor, const struct field_value *value,
    uint64_t hash);

/*
 * Room for WORDS words of bits for VALUE, which is not there yet: to be written at once.  NULL
 * when it is too long to be kept.
 */
uint64_t *texts_add(struct texts *texts, uint32_t accessor, const struct field_value *value,
    uint64_t hash, uint32_t words);

#endif
