/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The right side of a check: constants parsed for the type of the left side, and sets of
 * them for fast membership.
 */
#ifndef EVALUATOR_CONSTANT_H
#define EVALUATOR_CONSTANT_H

#include "ast.h"
#include "fields.h"
#include "value.h"

struct arena;
struct regex;

enum { CONSTANT_TEXT_MAX = 255, CONSTANT_ERROR_MAX = 256 };

union constant {
	struct span text;       /* texts, bytes, patterns, paths */
	uint64_t number;        /* as the type keeps it; booleans 0 or 1 */
	struct address address; /* addresses and networks */
	const struct regex *regex;
};

/* All constants of one check. */
struct constants {
	const union constant *items;
	uint32_t count;
	uint32_t table_mask;   /* of a set: slots less one; 0: small, looked through one by one */
	const uint32_t *table; /* item number plus one; 0: empty */
	const uint32_t *tags;  /* hash of each item */
	uint64_t lengths;      /* texts: bit L when one has length L; bit 63 for all longer */
	uint64_t hash_key;
};

/*
 * Parse TEXT as a constant of field type TYPE for OP.  Texts are borrowed, but for
 * hexadecimal digits, whose bytes come from ARENA.  Returns 0; -EINVAL with ERROR saying
 * what is wrong; or -ENOMEM.
 */
int constant_parse(struct arena *arena, uint8_t type, enum ast_op op, struct span text,
    union constant *constant, char error[CONSTANT_ERROR_MAX]);

/* Give CONSTANTS of GROUP a table for constants_have(), in ARENA.  Returns 0 or -ENOMEM. */
int constants_index(struct arena *arena, enum field_group group, uint64_t hash_key,
    struct constants *constants);

/* Is TEXT one of CONSTANTS? */
bool constants_have_text(const struct constants *constants, struct span text);

/* Is NUMBER one of CONSTANTS? */
bool constants_have_number(const struct constants *constants, uint64_t number);

#endif
