/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one evaluator (or a tap) wants: events, fields, and the rule set's name.  Written by its
 * owner, read by the collector and the enricher, which check it and use the union.  Changes are
 * seen whole: a generation that is odd while they are made.
 */
#ifndef SHM_INTEREST_H
#define SHM_INTEREST_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "region.h"

enum {
	INTEREST_EVENT_WORDS = EVENT_TYPES_MAX / 64,
	INTEREST_SYSCALL_WORDS = SYSCALL_MAX / 64,
	INTEREST_FILTERS_MAX = 64
};

/*
 * One necessary condition that a probe can test (none are made yet: a term that is not
 * understood means true).
 */
struct interest_filter {
	uint16_t event;
	uint16_t param;
	uint16_t op;
	uint16_t len;
	uint8_t value[56];
};

struct interest {
	uint64_t generation; /* odd: being written; 0: never written */
	uint64_t rules_hash;
	uint64_t events[INTEREST_EVENT_WORDS];     /* by event id */
	uint64_t syscalls[INTEREST_SYSCALL_WORDS]; /* of EV_syscall: by native number */
	uint64_t derived;                          /* bits of enum derived_id */
	uint64_t contexts;                         /* bits of enum context_id */
	uint32_t filter_count;
	uint32_t reserved;
	struct interest_filter filters[INTEREST_FILTERS_MAX];
};

_Static_assert(D_COUNT <= 64 && C_COUNT <= 64, "a bit each");
_Static_assert(sizeof(struct interest) <= 2 * REGION_PAGE, "the region holds it");

enum { INTEREST_CONTENT = 2 * REGION_PAGE };

/* What an EV_interest record calls the tap, beside the evaluators 0, 1, ... */
enum { INTEREST_TAP = 0xffff };

/* Owner: replace what the region says by WANTED (its generation is ignored). */
void interest_write(struct interest *shared, const struct interest *wanted);

/*
 * Reader: copy SHARED into OUT when its generation is not *SEEN, and set *SEEN.  Returns true
 * when OUT is new.  A change under way is not new yet.  Counts beyond their bounds are cut.
 */
bool interest_read(const struct interest *shared, struct interest *out, uint64_t *seen);

/* Add B to A: the union of both. */
void interest_merge(struct interest *a, const struct interest *b);

/* All that can be wanted, as OUT, with the generation 0: for who does not know better. */
void interest_everything(struct interest *out);

/* What all evaluators want, as one reader follows it: a private copy of each. */
struct interest_set {
	uint32_t count;
	const struct interest *shared[EVALUATORS_MAX]; /* borrowed, by evaluator */
	uint64_t seen[EVALUATORS_MAX];                 /* generation of the copy; 0: none yet */
	struct interest each[EVALUATORS_MAX];          /* as last read, with that generation */
};

/* Begin to follow COUNT (at most EVALUATORS_MAX) regions' contents, which are borrowed. */
void interest_set_init(struct interest_set *set, const struct interest *const *shared,
    uint32_t count);

/* Look at every region.  Returns those that are new: a bit each, by evaluator. */
uint32_t interest_set_read(struct interest_set *set);

/* True when every region says what was last read of it: none is being written. */
bool interest_set_whole(const struct interest_set *set);

/*
 * The union of all copies as OUT; its rule set is the first evaluator's, its generation the sum of
 * all.
 */
void interest_set_union(const struct interest_set *set, struct interest *out);

static inline bool
interest_event(const struct interest *interest, uint32_t event)
{
	return event < EVENT_TYPES_MAX && (interest->events[event / 64] >> (event % 64) & 1);
}

static inline bool
interest_syscall(const struct interest *interest, uint32_t nr)
{
	return nr < SYSCALL_MAX && (interest->syscalls[nr / 64] >> (nr % 64) & 1);
}

/* True when a record of this event type (and, for EV_syscall, native number) is wanted. */
static inline bool
interest_wants(const struct interest *interest, uint32_t event, uint32_t nr)
{
	return interest_event(interest, event) &&
	    (event != EV_syscall || interest_syscall(interest, nr));
}

#endif
