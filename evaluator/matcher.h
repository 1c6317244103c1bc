/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All predicates on one text together: which of them hold for a text is one set of bits, worked
 * out by one look into a hash table and one walk for each kind of operator, however many
 * constants there are.  Predicates that are of no such kind are asked one by one; a glob only
 * when the text begins as the glob does, which is a bit of its own behind those of predicates:
 * its guard.
 */
#ifndef EVALUATOR_MATCHER_H
#define EVALUATOR_MATCHER_H

#include "automaton.h"
#include "value.h"

struct compiler;
struct predicate;
struct program;

enum {
	MATCHER_SET_MAX = 1 << 16, /* constants that are looked up together */
	MATCHER_WORDS_MAX = 64     /* of a set of bits: predicates on one text, by 64 */
};

/* How the predicates of a matcher are looked up, a bit each. */
enum matcher_ways {
	MATCHER_EXACT = 1,
	MATCHER_BEGINS = 2,
	MATCHER_ENDS = 4,
	MATCHER_CONTAINS = 8,
	MATCHER_FOLDED = 16,
	MATCHER_GUARDED = 32, /* asked one by one, when the text begins as it must */
	MATCHER_ASKED = 64,   /* asked one by one */
	MATCHER_ALL = 127,
	/* what takes longer than to look for the text among those seen lately */
	MATCHER_SLOW = MATCHER_FOLDED | MATCHER_ASKED
};

/* Texts, and for each which predicates are about just it. */
struct exact_table {
	const struct span *texts;
	const uint64_t *sets;   /* by text */
	const uint32_t *slots;  /* number of a text plus one */
	uint32_t mask;
	uint32_t count;
	uint64_t lengths;       /* bit L when a text has length L; bit 63 for all longer */
};

struct matcher {
	uint32_t accessor;
	uint32_t count;              /* predicates */
	uint32_t words;              /* of a set of bits */
	uint32_t place;              /* of its words among those of all matchers */
	uint32_t *predicates;        /* their numbers; the place here is the bit */
	uint8_t *ways;               /* of each bit: one of enum matcher_ways, or 0 */
	const uint32_t *guard_of;    /* of each bit: its guard's, plus one; 0: none */
	const uint32_t *asked;       /* bits that are asked one by one */
	uint32_t asked_count;
	const uint64_t *inverted;    /* bits that hold where the text is not found (`!=`) */
	const uint64_t *every;       /* bits that both spellings of a path must satisfy */
	const uint64_t *always;      /* bits that any text satisfies */
	struct exact_table exact;
	struct automaton begins, ends, contains, contains_folded;
	uint64_t hash_key;
};

/*
 * Give PROGRAM a matcher for each text that it pays for.  All is made in COMPILER's arena.
 * Returns 0 or -ENOMEM.
 */
int program_take_matchers(struct compiler *compiler, struct program *program);

/*
 * Which predicates of MATCHER hold for VALUE, one or more texts, into TRUTH
 * (matcher->words): those that WAYS tell of; the other bits mean nothing.  ALL are the
 * program's predicates.  Allocates nothing but states of regular expressions.
 */
void matcher_judge(const struct matcher *matcher, const struct predicate *all,
    const struct field_value *value, uint8_t ways, uint64_t *truth);

#endif
