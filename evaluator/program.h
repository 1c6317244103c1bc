/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is run for an event: conditions as code (steps.h), indexed by event code, and for
 * texts that many predicates ask about, a matcher that answers all of them together.
 *
 * Event codes that all predicates on them treat alike form a class; for each class those
 * predicates are decided when the program is made, and only rules that can still match are
 * listed.
 */
#ifndef EVALUATOR_PROGRAM_H
#define EVALUATOR_PROGRAM_H

#include "compile.h"
#include "evtcode.h"
#include "matcher.h"
#include "steps.h"

enum { PROGRAM_STEPS_MAX = 16 << 20, PROGRAM_WORK_MAX = 256 << 20 };

/* A rule that may match events of a class, and where its condition begins. */
struct program_rule {
	uint32_t rule;
	uint32_t entry;
};

struct program_class {
	const struct program_rule *rules; /* in the order of definition */
	uint32_t rule_count;
};

struct program {
	const struct predicate *predicates;
	const struct accessor *accessors;
	uint32_t predicate_count, accessor_count;
	const struct step *steps;
	uint32_t step_count;
	const struct program_class *classes;
	uint32_t class_count;
	const struct matcher *matchers;
	uint32_t matcher_count;
	const uint32_t *matcher_of;  /* of each predicate, plus one; 0: none */
	const uint32_t *matcher_bit; /* of each predicate that has one */
	uint32_t matcher_words;      /* of all matchers together */
	uint64_t hash_key;
	/* of each event code that rules judge; others: class 0, which is empty */
	uint16_t class_of[EVTCODE_COUNT];
};

/* A rule to put in: its number, its condition, and the event codes that can make it true. */
struct program_source {
	uint32_t rule;
	const struct formula *formula;
	const uint64_t *codes; /* EVTCODE_WORDS */
};

/*
 * Make PROGRAM from COUNT sources over all that COMPILER holds, in COMPILER's arena, which
 * must outlive it. Returns 0, -E2BIG when it would pass a bound, or -ENOMEM.
 */
int program_build(struct compiler *compiler, const struct program_source *sources, uint32_t count,
    struct program *program);

/* Does the program have rules for events of CODE? */
static inline bool
program_wants(const struct program *program, uint32_t code)
{
	return code < EVTCODE_COUNT && program->classes[program->class_of[code]].rule_count > 0;
}

#endif
