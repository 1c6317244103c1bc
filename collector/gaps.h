/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sequence numbers of each CPU and lane: which were seen, which are missing.
 *
 * A number that is skipped opens a gap.  A record that comes after all (its neighbours overtook it
 * in the kernel) closes it again; what is still open once everything up to `late` after its
 * discovery has gone out is declared as an exact interval.  A trailing gap has no younger
 * neighbour: it is found by the source's own count of attempts.
 *
 * Numbers up to `base` went out before this collector began and are repeated.
 *
 * The struct lies in memory that outlives the collector, so that a gap that was seen and not yet
 * declared is not forgotten: gaps_resume() and gaps_base() keep what the marks of the raw ring
 * confirm.  It holds no pointers.
 */
#ifndef COLLECTOR_GAPS_H
#define COLLECTOR_GAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "source.h"

/* Gaps open at once in a lane.  More are joined to the youngest, which keeps the exact count. */
enum { GAPS_OPEN_MAX = 16 };

struct gap {
	uint64_t first, last; /* numbers, inclusive; first 0: the place is free */
	uint64_t count;       /* missing among them: fewer than all once gaps were joined */
	uint64_t begin_ts;    /* of the last record before it, 0: none was seen */
	uint64_t end_ts;      /* of the first record behind it, or when it was found */
	uint64_t found_ns;
	uint64_t told;        /* position of the loss record that declares it; 0: none does */
};

struct gaps_lane {
	uint64_t base;
	uint64_t top;    /* highest number seen or declared */
	uint64_t top_ts;
	uint64_t sample; /* attempts counted at sample_ns and not seen then; 0: none */
	uint64_t sample_ns;
	uint64_t open_count;
	uint64_t reasons[LOSS_REASONS]; /* how many losses of each the loss records have told */
	struct gap open[GAPS_OPEN_MAX];
};

struct gaps {
	uint64_t late_ns;
	uint32_t cpu_count; /* 0: never used */
	uint32_t open_count; /* of all lanes */
	uint64_t settled[SOURCE_LANES]; /* missing numbers whose declaration is published */
	struct gaps_lane lanes[SOURCE_CPUS_MAX][SOURCE_LANES];
};

/* A gap to declare. */
struct gap_due {
	struct gap gap;   /* a copy */
	struct gap *open; /* borrowed: where it stands; NULL: nowhere */
	uint32_t cpu;
	uint32_t lane;
};

/* Begin with nothing seen. */
void gaps_init(struct gaps *gaps, uint32_t cpu_count, uint64_t late_ns);

/*
 * Go on with what a former collector left, whose stream was published up to POSITION.  Call
 * gaps_base() for each lane next.  What does not fit these CPUs is begun anew.
 */
void gaps_resume(struct gaps *gaps, uint32_t cpu_count, uint64_t late_ns, uint64_t position);

/* Everything up to SEQ of a CPU's lane went out or was declared; later gaps will be seen again. */
void gaps_base(struct gaps *gaps, uint32_t cpu, uint32_t lane, uint64_t seq);

/* True when the record's number went out before this collector began. */
static inline bool
gaps_repeated(const struct gaps *gaps, const struct event_head *head)
{
	return head->seq <= gaps->lanes[head->cpu][head->lane].base;
}

/* The record of HEAD is seen at NOW (ns).  CPU and lane were checked. */
void gaps_see(struct gaps *gaps, const struct event_head *head, uint64_t now_ns);

/*
 * The source had ATTEMPTED records of a CPU's lane by NOW; everything with a time up to THROUGH has
 * gone out and nothing of the lane is stuck.  Opens a gap for numbers that were attempted long
 * enough ago and never came.
 */
void gaps_attempted(struct gaps *gaps, uint32_t cpu, uint32_t lane, uint64_t attempted,
    uint64_t now_ns, uint64_t through_ns);

/* As gaps_attempted(), at the end: what was attempted by NOW and was not seen never comes. */
void gaps_final(struct gaps *gaps, uint32_t cpu, uint32_t lane, uint64_t attempted,
    uint64_t now_ns);

/* Something of the lane is stuck: what was sampled says nothing any more. */
void gaps_stuck(struct gaps *gaps, uint32_t cpu, uint32_t lane);

/*
 * The next gap to declare now that everything up to THROUGH has gone out.  Returns false when there
 * is none.
 */
bool gaps_due(struct gaps *gaps, uint64_t through_ns, struct gap_due *due);

/* The record at POSITION declares DUE; 0: none does after all. */
void gaps_tell(const struct gap_due *due, uint64_t position);

/* Everything up to POSITION is published: what was declared there is settled. */
void gaps_settle(struct gaps *gaps, uint64_t position);

#endif
