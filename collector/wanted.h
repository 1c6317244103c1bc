/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wanted: the interest of the evaluators and of a tap, checked, and their union.
 *
 * A change goes through two steps, so that the stream never lacks what the rules in force want:
 * first the source captures what the old and the new rules want; when everything older than that
 * moment has gone out, the interest record is written and the source narrows to the new rules.
 * Behind that record only the new rules judge.  There is one record for all evaluators, when all
 * of them want the same rules.
 *
 * Of running tasks the enricher keeps only what is wanted.  When more is, a record that still names
 * the old rules announces it, and a snapshot gives what was not kept, before the record that names
 * the new ones.
 */
#ifndef COLLECTOR_WANTED_H
#define COLLECTOR_WANTED_H

#include <stdbool.h>
#include <stdint.h>

#include "interest.h"

enum wanted_step {
	WANTED_SAME,   /* nothing to do */
	WANTED_WIDEN,  /* arm `armed`; tell wanted_armed() when it is */
	WANTED_ANNOUNCE, /* write a record for `told_hash`, take a snapshot; wanted_announced() */
	WANTED_TELL,   /* write the record for `evaluators`; tell wanted_told() */
	WANTED_NARROW  /* arm `armed`, which asks for less or for the same */
};

struct wanted {
	struct interest_set evaluators;
	const struct interest *tap_shared; /* borrowed; NULL: there are no taps */
	uint64_t tap_seen;
	struct interest tap;
	struct interest armed;     /* what the source is to capture */
	bool telling;              /* armed with the old and the new, the record not yet written */
	uint64_t told_hash;        /* of the rules that the last record named; 0: none yet */
	bool announced;            /* since then more, which a snapshot has to give */
	uint64_t told_contexts;    /* what the enricher keeps: bits of enum context_id */
	bool narrowing;            /* written, the old not yet left out */
	bool tap_new;              /* the tap's interest changed and is not armed yet */
	bool tap_telling;          /* armed, its record not yet written */
	uint64_t armed_ns;
};

/*
 * Begin with nothing wanted.  The contents of the COUNT evaluators' regions are borrowed.
 * SUCCESSOR: rules were in force before, and what was told of them is not known.
 */
void wanted_init(struct wanted *wanted, const struct interest *const *evaluators, uint32_t count,
    const struct interest *tap, bool successor);

/*
 * Look at the regions, everything up to THROUGH having gone out; SNAPSHOT: one is still to come, or
 * under way.  Returns what the caller must do now.
 */
enum wanted_step wanted_look(struct wanted *wanted, uint64_t through_ns, bool snapshot);

/* `armed` is in force since NOW. */
void wanted_armed(struct wanted *wanted, uint64_t now_ns);

/* The record that announces more is written, and a snapshot asked for. */
void wanted_announced(struct wanted *wanted);

/* The interest record is written. */
void wanted_told(struct wanted *wanted);

/*
 * True when INTEREST wants native system call NR: its own event, or the common one with that
 * number.
 */
bool wanted_syscall(const struct interest *interest, uint32_t nr);

#endif
