/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The collector's end of the raw ring: gives out positions, copies each record once, publishes in
 * batches.
 *
 * The mark words hold, for each CPU and lane, the last sequence number that was published (word 2
 * * cpu + lane), so that a successor knows what went out; behind them the number of the last
 * snapshot, and the time that had passed in the stream.
 */
#ifndef COLLECTOR_RAW_H
#define COLLECTOR_RAW_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "keeper.h"
#include "ring.h"
#include "stats.h"

enum { RAW_BATCH_RECORDS = 64 };

struct raw {
	struct ring ring;
	struct stats *stats;    /* borrowed */
	struct keeper *keeper;  /* borrowed; NULL: nobody to ask while waiting, so never wait */
	uint64_t position;      /* last given out */
	uint64_t skip_position; /* a record that ended its worker twice; 0: none */
	uint32_t cpu_count;
	uint32_t pending_count; /* records committed and not published */
	uint64_t taken_count;   /* the source's among them; counted when they are published */
	uint64_t taken_bytes;
	bool full;              /* the last attempt found no room */
	bool broken;            /* the consumer's index can not be: nothing goes out any more */
};

/*
 * Attach to the ring behind the two descriptors (taken, also on failure) for CPU_COUNT CPUs and
 * go on where a former collector stopped.  Returns 0 or a negative errno.
 */
int raw_attach_take(struct raw *raw, int data_fd, int tail_fd, uint32_t cpu_count,
    struct stats *stats);

/* Words of the mark that a collector of CPU_COUNT CPUs uses. */
static inline uint32_t
raw_word_count(uint32_t cpu_count)
{
	return 2 * cpu_count + 2;
}

/* The word of a CPU's lane, of the snapshot number, and of the time. */
static inline uint64_t *
raw_word(struct raw *raw, uint32_t cpu, uint32_t lane)
{
	return &raw->ring.words[2 * cpu + lane];
}

static inline uint64_t *
raw_generation(struct raw *raw)
{
	return &raw->ring.words[2 * raw->cpu_count];
}

static inline uint64_t *
raw_through(struct raw *raw)
{
	return &raw->ring.words[2 * raw->cpu_count + 1];
}

/* Nothing is known of what went out before: the source counts anew.  The snapshot number stays. */
void raw_forget(struct raw *raw);

/*
 * Copy the record at HEAD, whose LEN bytes were judged, as the next of the stream, with FLAGS
 * added.  Publishes when the batch is full.  Returns 0; -EAGAIN when there is no room: all that
 * was committed is published then; -EBADMSG when the ring is broken.  Does not block.
 */
int raw_put(struct raw *raw, const struct event_head *head, uint32_t len, uint8_t flags);

/* As raw_put(), of a record that the collector wrote: the sequence number becomes the position. */
int raw_put_own(struct raw *raw, const struct event_head *head, uint32_t len);

/* As raw_put_own(), of a loss record that accounts for a CPU's lane up to number SEQ. */
int raw_put_loss(struct raw *raw, const struct event_head *head, uint32_t len, uint32_t cpu,
    uint32_t lane, uint64_t seq);

/*
 * As raw_put_own(), but waits for room, for as long as the keeper lets it: 5 s after it asked to
 * stop.
 */
int raw_put_own_wait(struct raw *raw, const struct event_head *head, uint32_t len);

/* The record at HEAD does not go out: its position is used up, its number counts as gone out. */
void raw_skip(struct raw *raw, const struct event_head *head);

/* Show everything committed, with the position. */
void raw_publish(struct raw *raw);

/* Sleep until there is room for the largest record, at most TIMEOUT_NS. */
void raw_wait(struct raw *raw, uint64_t timeout_ns);

/* Publish and say that nothing more will come. */
void raw_end(struct raw *raw);

/* Unmap; harmless on a zeroed one. */
void raw_detach(struct raw *raw);

#endif
