/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wanted: the interest of the evaluators and of a tap, checked, and their union.
 *
 * A change goes through two steps, so that the stream never lacks what the rules in force want:
 * first the source captures what the old and the new rules want; when everything older than that
 * moment has gone out, the interest record is written and the source narrows to the new rules.
 * Behind that record only the new rules judge.
 */
#ifndef COLLECTOR_WANTED_H
#define COLLECTOR_WANTED_H

#include <stdbool.h>
#include <stdint.h>

#include "interest.h"

enum wanted_step {
	WANTED_SAME,   /* nothing to do */
	WANTED_WIDEN,  /* arm `armed`; tell wanted_armed() when it is */
	WANTED_TELL,   /* write a record for each evaluator in `telling`; tell wanted_told() */
	WANTED_NARROW  /* arm `armed`, which asks for less or for the same */
};

struct wanted {
	struct interest_set evaluators;
	const struct interest *tap_shared; /* borrowed; NULL: there are no taps */
	uint64_t tap_seen;
	struct interest tap;
	struct interest armed;     /* what the source is to capture */
	uint32_t telling;          /* evaluators' bits: armed with the old and the new, not told */
	bool narrowing;            /* written, the old not yet left out */
	bool tap_new;              /* the tap's interest changed and is not armed yet */
	bool tap_telling;          /* armed, its record not yet written */
	uint64_t armed_ns;
};

/* Begin with nothing wanted.  The contents of the COUNT evaluators' regions are borrowed. */
void wanted_init(struct wanted *wanted, const struct interest *const *evaluators, uint32_t count,
    const struct interest *tap);

/*
 * Look at the regions, everything up to THROUGH having gone out.  Returns what the caller must do
 * now.
 */
enum wanted_step wanted_look(struct wanted *wanted, uint64_t through_ns);

/* `armed` is in force since NOW. */
void wanted_armed(struct wanted *wanted, uint64_t now_ns);

/* The interest record of EVALUATOR is written. */
void wanted_told(struct wanted *wanted, uint32_t evaluator);

/*
 * True when INTEREST wants native system call NR: its own event, or the common one with that
 * number.
 */
bool wanted_syscall(const struct interest *interest, uint32_t nr);

#endif
