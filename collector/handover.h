/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What outlives this collector.  While there is a keeper, it holds the kernel descriptors for the
 * next one.  When the keeper is gone, the collector waits, bounded, on the listening socket that it
 * was given for a new keeper, and hands everything over: the probe never stops.
 *
 * With a new keeper comes a new raw ring, whose marks are empty; what the old marks said travels in
 * a memory file that is deposited like the rest.  Gaps that are open stand there all the time.
 */
#ifndef COLLECTOR_HANDOVER_H
#define COLLECTOR_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "gaps.h"
#include "keeper.h"
#include "raw.h"
#include "source_bpf.h"

enum { HANDOVER_WAIT_MS = 10000 };

/* Sums that only grow while the probe lives. */
struct handover_totals {
	uint64_t attempted;
	uint64_t lost[LOSS_REASONS];
	uint64_t truncated;
	uint64_t unreadable;
	uint64_t own_dropped;
	uint64_t settled[SOURCE_LANES]; /* gaps that were declared */
};

/*
 * The file: written by one collector, read by the next; of one schema, or the keeper would not
 * pass it on.
 */
struct handover_marks {
	uint32_t valid;     /* 1: written by a collector that ended as an orphan */
	uint32_t cpu_count;
	uint64_t position;
	uint64_t words[RING_MARK_WORDS];
	struct gaps gaps; /* in use while the collector runs */
	struct handover_totals before; /* what earlier keepers' counters have counted */
};

struct handover {
	int listen_fd; /* -1: nobody can come */
	int marks_fd;
	struct handover_marks *marks; /* mapped */
};

/*
 * Take the listening socket and the marks out of KEEPER's deposits; make the marks where there
 * are none.  Before the jail.
 */
int handover_open(struct handover *handover, struct keeper *keeper);

/*
 * Where RAW is a fresh ring and the former collector left marks, go on from them.  Returns true
 * when it did.
 */
bool handover_resume(struct handover *handover, struct raw *raw);

/* Deposit what SOURCE holds, and the marks, with the keeper.  Returns 0 or a negative errno. */
int handover_deposit(const struct handover *handover, const struct source_bpf *source,
    struct keeper *keeper);

/*
 * The keeper is gone and RAW is ended: wait for a new keeper and give it everything.  Blocks at
 * most HANDOVER_WAIT_MS.  Returns 0, -ETIMEDOUT when nobody came, or a negative errno.
 */
int handover_wait(struct handover *handover, const struct source_bpf *source, struct raw *raw);

/* Close and unmap; harmless twice, and on one that handover_open() failed to make. */
void handover_close(struct handover *handover);

#endif
