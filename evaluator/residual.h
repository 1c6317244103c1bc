/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Partial evaluation.  A residual is what is left of the rules of an event class once some
 * predicates are known, and the test to make next.  The answer leads to a smaller residual,
 * made when it is first needed and kept; residuals with the same content are one.  So a
 * diagram grows along the ways that events really take, and most events are judged in a few
 * tests, however many rules there are:
 *
 *   class ── context ──► predicate ──► text ──► nothing is left: no rule matches
 *             (cached         │
 *            by context)      └──────► text ──► these rules match
 *
 *   context    all predicates on the task's context together: contexts for which all are
 *              alike go the same way
 *   predicate  one that is cheap to ask, the one that most rules ask first
 *   text       all predicates on one text of the event together (matcher.h, texts.h)
 *
 * Everything has a bound.  A diagram that is full grows no further: what its last residuals
 * leave is run step by step, and after a while it is begun anew.
 */
#ifndef EVALUATOR_RESIDUAL_H
#define EVALUATOR_RESIDUAL_H

#include "program.h"

#define RESIDUAL_NONE UINT32_MAX

enum {
	RESIDUAL_NODES_MAX = 16 << 10,
	RESIDUAL_STEPS_ROOM = 128 << 10, /* steps beside the program's own */
	RESIDUAL_LIST_MAX = 4096,        /* predicates that one test asks together */
	RESIDUAL_WORDS_MAX = RESIDUAL_LIST_MAX / 64
};

_Static_assert((int)RESIDUAL_WORDS_MAX >= (int)MATCHER_WORDS_MAX, "all of a matcher fit");

enum rule_matching { MATCH_FIRST, MATCH_ALL };

enum residual_test {
	TEST_NONE,      /* the rules that are left match */
	TEST_CONTEXT,
	TEST_PREDICATE,
	TEST_TEXT
};

struct residual {
	uint64_t hash;        /* of the rules that are left */
	uint32_t rules;       /* their place in the pool */
	uint32_t rule_count;
	enum residual_test test;
	uint32_t subject;     /* the predicate, or the matcher */
	/*
	 * Of a predicate, by its truth; of a text, the first when no bit that matters is set.
	 * 0: not made yet, else plus one.
	 */
	uint32_t child[2];
	uint32_t list;        /* of a context: place of its predicates in the pool */
	uint32_t list_count;
	uint32_t mask;        /* of a text: place of the bits that matter */
	uint8_t ways;         /* of a text: how those are looked up */
};

/* From a residual, by the truth of all that its test asks. */
struct residual_edge {
	uint64_t hash;
	uint32_t from, to;
	uint32_t bits; /* place in the pool of words */
};

/* Bounds; 0: the usual one. */
struct residual_bounds {
	uint32_t nodes, steps;
};

struct residuals {
	const struct program *program;
	enum rule_matching matching;
	struct steps steps;          /* the program's, and those made of them */
	struct residual *nodes;
	struct residual_edge *edges;
	struct program_rule *rules;  /* pools */
	uint64_t *words;
	uint32_t *lists;
	uint32_t *node_table, *edge_table; /* by content, plus one */
	uint32_t node_mask, edge_mask;     /* slots of each less one */
	uint32_t *roots;             /* of each class, plus one; 0: not made yet */
	uint32_t node_count, edge_count, rule_count, word_count, list_count;
	uint32_t node_max, edge_max, rule_max, word_max, list_max;
	uint64_t work;               /* steps gone through since */
	bool full;
	uint64_t stalled_count;      /* events that found it full, since it is */
	uint64_t reset_count;
	struct residual_room *room;  /* for making residuals */
	/* Does a predicate hold for the event at hand?  Asked when a residual is made. */
	bool (*holds)(void *ctx, uint32_t predicate);
	void *holds_ctx;
};

/*
 * Make an empty diagram for PROGRAM (borrowed).  Whoever goes through it sets `holds` first.
 * Returns 0 or -ENOMEM.
 */
int residuals_init(struct residuals *residuals, const struct program *program,
    enum rule_matching matching, const struct residual_bounds *bounds);

/* Give the memory back; harmless twice. */
void residuals_fini(struct residuals *residuals);

/* The residual that all events of CLASS begin with, or RESIDUAL_NONE when there is no room. */
uint32_t residuals_root(struct residuals *residuals, uint32_t class);

/* What is left of NODE when its predicate HOLDS or not; RESIDUAL_NONE when there is no room. */
uint32_t residuals_branch(struct residuals *residuals, uint32_t node, bool holds);

/*
 * What is left of NODE, whose test asks several predicates, when their truth is BITS: bit I of
 * the Ith on its list, or of its matcher; only those that matter are looked at.  RESIDUAL_NONE
 * when there is no room.
 */
uint32_t residuals_child(struct residuals *residuals, uint32_t node, const uint64_t *bits);

/*
 * An event found no room: after many of them the diagram is begun anew, and no number of a
 * residual means anything any more.  Returns whether it was.
 */
bool residuals_stall(struct residuals *residuals);

#endif
