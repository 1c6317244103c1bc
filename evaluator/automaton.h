/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many patterns at once: which of them a text begins with, ends with, or contains, found in
 * one walk over the text.
 *
 * Patterns are laid into a trie, one state for each beginning.  For `contains` each state
 * also leads on where its text goes on otherwise (Aho and Corasick), so that no byte is
 * looked at twice.  Bytes that no pattern tells apart share a column of the table.
 */
#ifndef EVALUATOR_AUTOMATON_H
#define EVALUATOR_AUTOMATON_H

#include "arena.h"

enum { AUTOMATON_CELLS_MAX = 1 << 20 }; /* of the transition table, and words of all sets */

enum automaton_kind { AUTOMATON_BEGINS, AUTOMATON_ENDS, AUTOMATON_CONTAINS };

/* A pattern (borrowed while it is built) and the bit that says that a text has it. */
struct pattern {
	struct span text;
	uint32_t bit;
};

struct automaton {
	enum automaton_kind kind;
	uint32_t state_count; /* 0: there are no patterns */
	uint32_t columns;
	uint32_t words;       /* of a set of bits */
	uint16_t column_of[256];
	bool starts[256];     /* of `contains`: the byte begins a pattern */
	const uint32_t *next; /* by state and column: the state, and AUTOMATON_FOUND; 0: none */
	const uint64_t *sets; /* by state: bits found on reaching it */
};

/*
 * Make AUTOMATON, in ARENA, from COUNT PATTERNS whose bits are below 64 * WORDS.  FOLD: ASCII
 * letters are alike in either case.  Returns 0; -E2BIG when the table would be too large; or
 * -ENOMEM.
 */
int automaton_build(struct automaton *automaton, struct arena *arena, enum automaton_kind kind,
    bool fold, const struct pattern *patterns, uint32_t count, uint32_t words);

/* Add to TRUTH the bits of all patterns that TEXT has. */
void automaton_scan(const struct automaton *automaton, struct span text, uint64_t *truth);

#endif
