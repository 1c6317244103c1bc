/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merge in place: the records of all streams, in time order, into the raw ring.
 *
 * Each stream has a window of its next records, sorted by time (by sequence number within a CPU's
 * lane), where they lie in the kernel's memory.  A heap of the windows' first records gives the
 * oldest of all.  What is older than now - hold goes out.  A stream whose next record is reserved
 * and not complete holds the others back, but no longer than `late`; what comes after younger
 * records have gone out is flagged EVENT_LATE.
 *
 * One more stream is fed from memory: the tasks of a snapshot, so that each stands in the time
 * order where it was read.
 */
#ifndef COLLECTOR_ORDER_H
#define COLLECTOR_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "gaps.h"
#include "raw.h"
#include "source.h"

enum {
	ORDER_WINDOW = 64,        /* records of a stream that are sorted; a power of two */
	ORDER_STREAMS_MAX = SOURCE_STREAMS_MAX + 1,
	ORDER_TURN_RECORDS = 2048 /* of one turn */
};

struct order_entry {
	const struct event_head *head;
	uint64_t ts;
	uint64_t begin; /* position in the stream */
	uint32_t len;
};

struct order_stream {
	struct order_entry entries[ORDER_WINDOW]; /* a ring: `count` from `first`, oldest first */
	uint32_t first;
	uint32_t count;
	uint64_t read;     /* position behind what is in the window */
	uint64_t released;
	uint64_t last_ts;  /* of the youngest record taken into the window */
	uint64_t clear_ns; /* when nothing was left outside of the window */
	uint64_t busy_ns;  /* since when its next record is incomplete; 0: it is not */
	uint64_t busy_at;  /* which one */
};

struct order {
	struct source *source; /* borrowed */
	struct raw *raw;       /* borrowed */
	struct stats *stats;   /* borrowed */
	struct gaps *gaps;     /* borrowed */
	uint64_t hold_ns;
	uint64_t late_ns;
	uint64_t now_ns;       /* of this turn */
	uint64_t youngest_ts;  /* of all that went out */
	uint64_t through_ns;   /* everything up to here went out */
	bool complete;         /* the last turn left nothing that could have gone out */
	uint64_t limit_ns;     /* what is younger had to stay, in the last turn */
	uint64_t drain_ns;     /* everything up to here goes out unheld; 0: not draining */
	bool poisoned;         /* `poison` was skipped and is to be declared */
	struct event_head poison;
	uint32_t stream_count; /* with the fed one, which is the last */
	const uint8_t *feed;
	uint64_t feed_len;
	uint32_t heap[ORDER_STREAMS_MAX]; /* streams by their first record, oldest at 0 */
	uint32_t heap_count;
	struct order_stream streams[ORDER_STREAMS_MAX];
};

/*
 * Begin to merge SOURCE into RAW; the marks of RAW say what went out before.  GAPS is begun or
 * resumed; it says how long an incomplete record may delay others.
 */
void order_init(struct order *order, struct source *source, struct raw *raw, struct gaps *gaps,
    uint64_t hold_ns);

/* The stream begins at NOW: nothing in it is older. */
void order_begin(struct order *order, uint64_t now_ns);

/*
 * Take what the streams have at NOW and put out what is due, at most ORDER_TURN_RECORDS; publish
 * it, then let the source have the room back.  Returns how many records went out.  Does not
 * block.
 */
uint32_t order_turn(struct order *order, uint64_t now_ns);

/* Let LEN bytes of records at FEED (borrowed until order_fed()) take part, from a snapshot. */
void order_feed(struct order *order, const void *feed, uint64_t len);

/* True when everything that was fed has gone out. */
bool order_fed(const struct order *order);

/* From now on put out what is not younger than UNTIL, held or not, and nothing else. */
void order_drain(struct order *order, uint64_t until_ns);

/* True when that has gone out; incomplete records are waited for no longer than ever. */
bool order_drained(const struct order *order);

/* True when no record is there that has not gone out. */
bool order_empty(const struct order *order);

/* True when STREAM waits for a record that is reserved and not complete. */
static inline bool
order_stuck(const struct order *order, uint32_t stream)
{
	return order->streams[stream].busy_ns != 0;
}

/*
 * Time for a record that the collector writes now: behind all that went out, before all that will
 * in order.
 */
static inline uint64_t
order_time(const struct order *order)
{
	return order->through_ns > order->youngest_ts ? order->through_ns : order->youngest_ts;
}

#endif
