/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where records come from.  A source has streams (kernel rings), each a sequence of records in
 * borrowed memory, and for each of them two positions: the read position, behind the last record
 * that poll() showed, and the released one, behind the last byte that the source may use again.
 * The second moves only after the records are published.
 */
#ifndef COLLECTOR_SOURCE_H
#define COLLECTOR_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"

enum {
	SOURCE_CPUS_MAX = 254, /* two words each, and two more, fit a mark of the raw ring */
	SOURCE_STREAMS_MAX = SOURCE_CPUS_MAX + 1,
	SOURCE_LANES = 2,      /* LANE_LIFE and LANE_BULK; LANE_META is the collector's own */
	SOURCE_FDS_MAX = SOURCE_STREAMS_MAX
};

_Static_assert(LANE_LIFE == 0 && LANE_BULK == 1, "lanes index arrays of SOURCE_LANES");

struct interest;
struct source;

enum source_look {
	SOURCE_EMPTY, /* nothing is there */
	SOURCE_READY, /* a record */
	SOURCE_BUSY   /* the next record is reserved and not complete */
};

/* A record where the source keeps it. */
struct source_record {
	const struct event_head *head; /* borrowed until released past `end`; 8-aligned */
	uint32_t len;                  /* bytes there are, whatever the head says */
	uint64_t begin;                /* positions in the stream before and behind it */
	uint64_t end;
};

/* What the source counted by itself.  All only grow. */
struct source_counters {
	uint64_t attempted[SOURCE_CPUS_MAX][SOURCE_LANES]; /* last sequence number given out */
	/* Attempted and not in a stream, and why. */
	uint64_t lost[SOURCE_CPUS_MAX][SOURCE_LANES][LOSS_REASONS];
	uint64_t skipped; /* programs the kernel left out: no number was given out */
	uint64_t truncated;
	uint64_t unreadable;
	uint64_t own_dropped;
	uint64_t waiting; /* bytes in the streams, now */
};

/* What a source is told while it runs. */
struct source_limits {
	const struct interest *interest; /* events to capture; NULL: as before */
	const uint32_t *own_pids;        /* processes whose bulk events are dropped, 0: none */
	uint32_t own_count;
};

struct source_ops {
	const char *name;

	/*
	 * Make everything ready, or take over what a former collector left.  May block and
	 * allocate; says what fails.
	 */
	int (*open)(struct source *source);

	/* Let events flow.  Does nothing where they flow already. */
	int (*start)(struct source *source);

	/*
	 * Show the next record of STREAM and move the read position behind it.  `end` is set to
	 * the read position whatever comes back.  Does not block.
	 */
	enum source_look (*poll)(struct source *source, uint32_t stream,
	    struct source_record *record);

	/* Bytes of STREAM before position END may be used again: their records are published. */
	void (*release)(struct source *source, uint32_t stream, uint64_t end);

	/* Ask for a wake-up through the descriptors with the next record (once), or for none. */
	void (*wake)(struct source *source, int wanted);

	/* Change what is captured. */
	int (*limit)(struct source *source, const struct source_limits *limits);

	/*
	 * Begin a snapshot of the running tasks: a descriptor to read() records from (the caller
	 * closes it), or an errno.
	 */
	int (*snapshot)(struct source *source, uint64_t generation);

	/*
	 * Copy the counters.  WHOLE: also those that the kernel alone knows (skipped), which cost a
	 * system call each.
	 */
	void (*stats)(struct source *source, struct source_counters *counters, bool whole);

	/* Let go of everything; what others hold lives on. */
	void (*close)(struct source *source);
};

/* A source; what opens one embeds this. */
struct source {
	const struct source_ops *ops;
	uint32_t stream_count; /* stream 0 is the life lane; 1 + cpu the bulk lane of a CPU */
	uint32_t cpu_count;
	uint64_t bytes;        /* of all streams */
	int fds[SOURCE_FDS_MAX]; /* readable when a wake-up came; owned by the source */
	uint32_t fd_count;
};

#endif
