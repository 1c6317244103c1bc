/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sink: a cursor over the spool, a batch of alerts, and something that delivers them.  The
 * core reads, remembers and tries again; the ops know one kind of receiver.  Delivery is at
 * least once and in order.
 */
#ifndef OUTPUTS_SINK_H
#define OUTPUTS_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "alert.h"
#include "cursor.h"
#include "follow.h"
#include "stats.h"

enum {
	SINK_BATCH_MAX = 64,       /* alerts given to deliver() at once */
	SINK_CURSOR_EVERY = 256,   /* alerts after which the cursor is written although more wait */
	SINK_BACKOFF_MIN_MS = 10,
	SINK_BACKOFF_MAX_MS = 5000,
	SINK_LOCK_MS = 30000       /* how long a successor waits for the former sink */
};

struct sink;

/* All return 0 or a negative errno. */
struct sink_ops {
	const char *name; /* of its cursor too */

	/* Take what is needed from the system; before the jail. */
	int (*open)(struct sink *sink);

	/*
	 * Accept COUNT alerts in order, each noted with stats_work(); *DONE tells how many,
	 * also on failure.  -EAGAIN: the receiver is slow, come again; it waits a tenth of a
	 * second for the receiver at most.
	 */
	int (*deliver)(struct sink *sink, const struct alert *alerts, uint32_t count,
	    uint32_t *done);

	/* Deliver what was accepted and kept back.  0 only when nothing is left. */
	int (*flush)(struct sink *sink);

	void (*close)(struct sink *sink);
};

struct sink {
	const struct sink_ops *ops;
	void *state;                /* of the ops */
	struct alert_format format;
	bool buffered;              /* gather alerts before writing them */
	struct stats *stats;
	uint64_t skip_position;     /* an alert that ended the sink twice; 0: none */

	struct follow follow;
	struct cursor_file cursor;  /* as in the file */
	struct cursor place;        /* after the last alert accepted */
	uint32_t unsaved;           /* alerts accepted since the cursor was written */

	bool in_frame;              /* a frame of follow is being worked on */
	uint32_t frame_at;          /* byte and record reached in it */
	uint32_t frame_record;
	struct alert batch[SINK_BATCH_MAX];
	uint32_t batch_records[SINK_BATCH_MAX]; /* records of the frame up to and with the alert */
	uint32_t batch_count;
	uint32_t batch_done;

	uint32_t backoff_ms;        /* 0: the last delivery was fine */
	uint64_t retry_ns;          /* monotonic; not before this */
	uint64_t skipped_told;      /* of follow's counters, what is in stats */
	uint64_t bad_told;
};

/* The sinks there are. */
extern const struct sink_ops sink_stdout;

/*
 * Open SINK, whose ops, format, buffered, stats and skip_position are set and all else is
 * zero: the spool in DIR (borrowed), its cursor in CURSORS (borrowed).  0, or a negative errno
 * after a message.
 */
int sink_open(struct sink *sink, int dir, int cursors);

enum sink_turn { SINK_WORKED, SINK_IDLE, SINK_WAITING };

/*
 * One bounded step.  SINK_IDLE: all of the spool is delivered, and the cursor says so;
 * SINK_WAITING: the receiver is slow or fails; or a negative errno of the spool.
 */
int sink_turn(struct sink *sink, uint64_t now_ns);

/* Flush, write the cursor and close. */
void sink_close(struct sink *sink);

#endif
