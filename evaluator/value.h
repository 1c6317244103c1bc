/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a field has for one event: nothing, or one or more values of one group.  Several
 * values stand for a list, for the two ends of a connection, for all ancestors, or for a
 * path in its two spellings; how they combine is decided where the predicate is compiled.
 * Texts are borrowed from the record, a context or the event's scratch memory.
 */
#ifndef EVALUATOR_VALUE_H
#define EVALUATOR_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

enum field_state {
	FIELD_ABSENT,
	FIELD_VALUE,
	FIELD_LOST,   /* there was one, and it did not get here */
	FIELD_PENDING /* there will be one */
};

enum { ADDRESS_NONE = 0, ADDRESS_IPV4 = 4, ADDRESS_IPV6 = 6 };

/*
 * An address, or a network when prefix says how many leading bits count.  IPv4 uses the
 * first four bytes.
 */
struct address {
	uint8_t family;
	uint8_t prefix;
	uint8_t bytes[16];
};

/* Signed numbers are kept sign-extended, doubles by their bits. */
struct field_value {
	uint8_t state;  /* enum field_state */
	uint32_t count; /* 0 unless state is FIELD_VALUE */
	union {
		const struct span *texts;
		const uint64_t *numbers;
		const struct address *addresses;
	};
	union { /* where the values are when they are few */
		struct span text[2];
		uint64_t number[2];
		struct address address[2];
	} own;
};

static inline void
value_none(struct field_value *value)
{
	value->state = FIELD_ABSENT;
	value->count = 0;
	value->texts = NULL;
}

static inline void
value_lost(struct field_value *value)
{
	value_none(value);
	value->state = FIELD_LOST;
}

static inline void
value_text(struct field_value *value, struct span text)
{
	value->state = FIELD_VALUE;
	value->count = 1;
	value->own.text[0] = text;
	value->texts = value->own.text;
}

static inline void
value_number(struct field_value *value, uint64_t number)
{
	value->state = FIELD_VALUE;
	value->count = 1;
	value->own.number[0] = number;
	value->numbers = value->own.number;
}

static inline void
value_address(struct field_value *value, struct address address)
{
	value->state = FIELD_VALUE;
	value->count = 1;
	value->own.address[0] = address;
	value->addresses = value->own.address;
}

#endif
