/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writing side of a spool: alerts are gathered into a batch, packed into a frame, held
 * until the policy says that they are safe, and written to the newest segment.
 *
 *   spool_add ─► batch ─► held frames ─► segment ─► synced: forgotten here
 *                           ▲                │
 *                           └── write or sync failed: a new segment, from the last synced frame on
 *
 * Prefix-durable: frames are acknowledged in order, and never past one that is not safe.  One
 * process writes a spool (spooldir_lock); it may block on the disk.
 */
#ifndef OUTPUTS_SPOOL_H
#define OUTPUTS_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "loss.h"
#include "retention.h"
#include "segment.h"
#include "stats.h"

enum {
	SPOOL_BATCH_MAX = 64 << 10,   /* bytes of records after which a batch is written */
	SPOOL_HELD_MAX = 1 << 20,     /* bytes of frames that wait for a sync */
	SPOOL_RESERVE_BYTES = 256 << 10,
	SPOOL_LOCK_MS = 30000         /* how long a successor waits for the former spooler */
};

struct spool_policy {
	uint64_t segment_bytes;
	uint64_t bytes_max;
	uint64_t age_max_s;
	uint32_t sync_interval_ms;
	int sync; /* CONFIG_SYNC_* */
	int full; /* CONFIG_FULL_* */
};

struct spool_identity {
	uint64_t stream;      /* names the stream of positions */
	uint8_t boot_id[16];
	char host[256];
	int32_t utc_offset_s;
};

/* Where the frames of a segment end. */
struct spool_mark {
	uint64_t number;
	uint64_t bytes;
	uint64_t chain;
	uint64_t ordinal; /* of the next record */
	struct segment_key last;
};

struct spool_batch {
	uint8_t *plain; /* SEGMENT_PLAIN_MAX bytes */
	uint32_t bytes;
	uint32_t record_count;
	struct segment_key first; /* of the records that have a position */
	struct segment_key last;
};

struct spool_held {
	uint8_t *bytes;        /* frames, SPOOL_HELD_MAX */
	size_t used;
	size_t written;        /* what is in the segment */
};

struct spool {
	int dir;
	int cursors;
	int lock;
	struct spool_policy policy;
	struct spool_identity identity;
	struct stats *stats;
	struct segment_writer writer;
	struct segment_reader reader;
	struct retention retention;
	struct spool_batch batch;
	struct spool_held held;
	struct spool_mark safe;      /* the end of what is acknowledged */
	struct segment_key last;     /* newest key added */
	uint64_t begin_ordinal;      /* of the segment being written */
	uint64_t begin_wall_s;
	uint64_t synced_ns;          /* monotonic */
	uint64_t aged_ns;
	uint64_t told_ns;
	struct loss loss;            /* alerts that no disk could take, by rule */
	bool reserve_ready;
	bool refused;                /* alerts were given up, and no frame written since */
};

/*
 * Open the spool in directory DIR, with the sinks' cursors in CURSORS (both taken, closed by
 * spool_close()): lock it, find the end of the newest segment, cut a torn tail, seal it.
 * Returns 0, or a negative errno after a message.
 */
int spool_open_take(struct spool *spool, int dir, int cursors, const struct spool_policy *policy,
    const struct spool_identity *identity, struct stats *stats);

/* True when KEY is in the spool or the batch already. */
static inline bool
spool_has(const struct spool *spool, struct segment_key key)
{
	return !segment_key_after(key, spool->last);
}

/*
 * Add RECORD (LEN bytes, checked, with a key that spool_has() not) to the batch.  Not when
 * spool_full().
 */
void spool_add(struct spool *spool, const void *record, uint32_t len, struct segment_key key);

/* The batch is large enough to be written. */
bool spool_full(const struct spool *spool);

/* There is something to write. */
bool spool_pending(const struct spool *spool);

/*
 * Write the batch, and what an earlier call could not write.  NOW_NS is monotonic.  Returns 0
 * when all of it is in the segment (with sync `always`: on the disk); otherwise a negative
 * errno, and the call is to be repeated before anything is added.
 */
int spool_commit(struct spool *spool, uint64_t now_ns);

/* What is due: the sync of the interval, old segments.  As spool_commit(). */
int spool_tick(struct spool *spool, uint64_t now_ns);

/* When spool_tick() next has something to do, monotonic ns. */
uint64_t spool_due(const struct spool *spool);

/* Give up what could not be written, counted by rule. */
void spool_discard(struct spool *spool);

/* Write, sync and seal what is left, and close.  Harmless on a zeroed spool that failed to open. */
void spool_close(struct spool *spool);

#endif
