/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The collector: kernel rings in, raw ring out.  It moves bytes and parses nothing.
 *
 * A turn takes what the kernel rings have, puts out what is due in time order, publishes, and only
 * then gives the kernel its room back; writes the records that time or a loss asks for; and sleeps.
 */
#ifndef COLLECTOR_COLLECTOR_H
#define COLLECTOR_COLLECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "handover.h"
#include "interest.h"
#include "keeper.h"
#include "order.h"
#include "own.h"
#include "raw.h"
#include "region.h"
#include "snapshot.h"
#include "source_bpf.h"
#include "wait.h"
#include "wanted.h"

/* How deep the collector sleeps when nothing comes. */
enum collector_idle { IDLE_NOT, IDLE_ASKED, IDLE_DEEP };

struct collector {
	struct keeper *keeper;       /* borrowed, as the next two */
	const struct config *config;
	struct stats *stats;
	struct region config_region, interest_regions[EVALUATORS_MAX], tap_region;
	struct source_bpf bpf;
	struct source *source;       /* of bpf */
	struct raw raw;
	struct order order;
	struct own own;
	struct wanted wanted;
	struct snapshot snapshot;
	struct wait wait;
	struct handover handover;
	struct source_counters counters;
	uint32_t own_pids[PROBE_OWN_MAX];
	uint64_t whole_ns;           /* when the kernel was last asked for its counters too */
	uint64_t look_ns;            /* when the counters were last looked at */
	uint64_t pids_ns;            /* when saker's own processes were */
	uint64_t moved_ns;           /* when records last went out */
	bool pids_global;            /* our process ids are those of the records */
	enum collector_idle idle;
	uint32_t jail_missing;       /* of enum jail_missing */
	char object[512];            /* path of the probe's object file */
};

/*
 * Open everything: regions, rings, the probe (loaded, or taken over), and let events flow.  Takes
 * KEEPER's ends; needs rights; allocates.  Returns 0 or a negative errno after a message.
 */
int collector_open(struct collector *collector, struct keeper *keeper);

/*
 * Give up all rights that draining does not need, for good.  Returns 0 or a negative errno after
 * a message.
 */
int collector_drop(struct collector *collector);

/*
 * Turn until the running tasks have gone out, for at most two seconds: who waits for readiness then
 * acts among tasks that are known, its own parent included.
 */
void collector_settle(struct collector *collector);

/* Sum up the counters as the source last told them. */
void collector_totals(const struct collector *collector, struct handover_totals *totals);

/* Tell the source what is wanted now. */
void collector_arm(struct collector *collector);

/*
 * Write that more is to be kept of tasks, and ask for a snapshot, which gives what is there now.
 * Without room it is done at a later look.
 */
void collector_announce(struct collector *c);

/* One turn: at most ORDER_TURN_RECORDS records, then a sleep with a bound. */
void collector_turn(struct collector *collector);

/*
 * End: asked to, put out what the kernel rings hold up to now, and the end of the stream.
 * Orphaned, leave that to the next collector and hand the probe over to whoever comes.
 */
void collector_finish(struct collector *collector);

/* Let go of everything. */
void collector_close(struct collector *collector);

#endif
