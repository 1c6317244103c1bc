/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing the spool: batch, frames, segments, syncs.  See spool.h; opening and recovery are in
 * spool_open.c.
 *
 * Invariants: spool->safe is the end of what is acknowledged; held.bytes begins with the first
 * frame after it; the first held.written bytes of those are in the segment that is open.
 */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "config.h"
#include "log.h"
#include "record.h"
#include "segment_wire.h"
#include "spool_parts.h"

static const uint64_t age_look_ns = 60u * 1000000000u;
static const uint64_t tell_pause_ns = 1000000000u;

static struct segment_frame *
held_frame(const struct spool *spool, size_t at)
{
	return (struct segment_frame *)(void *)(spool->held.bytes + at);
}

static struct spool_mark
writer_mark(const struct spool *spool)
{
	return (struct spool_mark){
		.number = spool->writer.number,
		.bytes = spool->writer.used,
		.chain = spool->writer.chain,
		.ordinal = spool->begin_ordinal + spool->writer.record_count,
		.last = spool->writer.last,
	};
}

/* What is in the segment is as safe as the policy asks: forget it here. */
static void
spool_acknowledge(struct spool *spool)
{
	struct spool_held *held = &spool->held;
	uint64_t records = spool->begin_ordinal + spool->writer.record_count - spool->safe.ordinal;

	if (held->written == 0)
		return;
	stats_add(spool->stats, STAT_SPOOLER_out, records);
	spool->safe = writer_mark(spool);
	memmove(held->bytes, held->bytes + held->written, held->used - held->written);
	held->used -= held->written;
	held->written = 0;
}

/*
 * The segment took a write or sync badly.  What the kernel says of it from now on is worth
 * nothing, so it is left at its last safe frame; everything after that goes to a new segment.
 */
static int
spool_fail(struct spool *spool, int err, const char *what)
{
	uint64_t bytes = spool->writer.bytes, number = spool->writer.number;
	char name[SEGMENT_NAME_MAX];
	bool empty = spool->safe.number != number;

	segment_name(name, number);
	log_warnx("spool: %s %s: %s; going on in a new segment", what, name, strerror(-err));
	stats_add(spool->stats, STAT_SPOOLER_write_errors, 1);
	if (!empty && spool->writer.fd >= 0 &&
	    ftruncate(spool->writer.fd, (off_t)spool->safe.bytes) == 0)
		retention_resize(&spool->retention, bytes, spool->safe.bytes);
	segment_abandon(&spool->writer);
	if (empty && unlinkat(spool->dir, name, 0) == 0)
		spool_forget(spool, bytes);
	spool->held.written = 0;
	spool->retention.ordinal = spool->safe.ordinal;
	return err;
}

static int
spool_sync(struct spool *spool, uint64_t now_ns)
{
	int err;

	spool->synced_ns = now_ns;
	if (spool->held.written == 0)
		return 0;
	if ((err = segment_sync(&spool->writer)) < 0)
		return spool_fail(spool, err, "sync of");
	spool_acknowledge(spool);
	return 0;
}

/* Seal the segment that is open. */
static int
spool_rotate(struct spool *spool)
{
	uint64_t from = spool->writer.bytes, to;
	int err = segment_seal(&spool->writer, spool->policy.sync != CONFIG_SYNC_NEVER);

	if (err < 0)
		return spool_fail(spool, err, "sealing");
	to = spool->writer.used + seal_bytes(spool->writer.frame_count);
	retention_resize(&spool->retention, from, to);
	spool_acknowledge(spool);
	return 0;
}

static bool
spool_writable(const struct spool *spool, uint32_t bytes)
{
	/* So an alert is kept at most a quarter too long. */
	uint64_t age_max_s = spool->policy.age_max_s / 4;

	return spool->writer.fd >= 0 && segment_fits(&spool->writer, bytes) &&
	    clock_ns(CLOCK_REALTIME) / 1000000000u < spool->begin_wall_s + age_max_s;
}

/* Have a segment open in which a frame of BYTES fits. */
static int
spool_ensure(struct spool *spool, uint32_t bytes)
{
	int err;

	if (spool_writable(spool, bytes))
		return 0;
	if (spool->writer.fd >= 0 && (err = spool_rotate(spool)) < 0)
		return err;
	if ((err = spool_begin(spool)) < 0)
		return err;
	spool->begin_ordinal = spool->safe.ordinal;
	spool->begin_wall_s = clock_ns(CLOCK_REALTIME) / 1000000000u;
	stats_add(spool->stats, STAT_SPOOLER_segments, 1);
	return segment_fits(&spool->writer, bytes) ? 0 : -EMSGSIZE;
}

static int
spool_write(struct spool *spool)
{
	struct segment_frame *frame = held_frame(spool, spool->held.written);
	int err = spool_ensure(spool, frame->bytes);

	if (err < 0)
		return err;
	/* A rotation may have moved the frames that are held. */
	frame = held_frame(spool, spool->held.written);
	if ((err = segment_append(&spool->writer, frame)) < 0) {
		(void)spool_fail(spool, err, "write to");
		if (err == -ENOSPC || err == -EDQUOT)
			(void)retention_delete_oldest(&spool->retention, false);
		return err;
	}
	spool->held.written += frame->bytes;
	spool->retention.ordinal = spool->begin_ordinal + spool->writer.record_count;
	stats_add(spool->stats, STAT_SPOOLER_out_bytes, frame->bytes);
	stats_add(spool->stats, STAT_SPOOLER_frames, 1);
	return 0;
}

static bool
sync_due(const struct spool *spool, uint64_t now_ns)
{
	if (spool->policy.sync == CONFIG_SYNC_ALWAYS)
		return true;
	return spool->policy.sync == CONFIG_SYNC_INTERVAL &&
	    now_ns - spool->synced_ns >= (uint64_t)spool->policy.sync_interval_ms * 1000000u;
}

static int
spool_flush(struct spool *spool, uint64_t now_ns)
{
	int err = 0;

	while (err == 0 && spool->held.written < spool->held.used) {
		err = spool_write(spool);
		if (err == 0)
			spool->refused = false;
		if (err == 0 && spool->policy.sync == CONFIG_SYNC_NEVER)
			spool_acknowledge(spool);
	}
	if (err == 0 && sync_due(spool, now_ns))
		err = spool_sync(spool, now_ns);
	return err;
}

/* Pack the batch into a held frame. */
static int
spool_pack(struct spool *spool)
{
	struct spool_batch *batch = &spool->batch;
	struct segment_frame *frame = held_frame(spool, spool->held.used);
	int err = segment_pack(spool->reader.packer, frame, batch->plain, batch->bytes);

	if (err < 0)
		return err;
	frame->record_count = batch->record_count;
	frame->first = batch->first;
	frame->last = batch->last;
	frame->wall_ns = clock_ns(CLOCK_REALTIME);
	stats_add(spool->stats, STAT_SPOOLER_plain_bytes, batch->bytes);
	spool->held.used += frame->bytes;
	batch->bytes = 0;
	batch->record_count = 0;
	batch->first = (struct segment_key){ 0 };
	return 0;
}

static void
batch_add(struct spool_batch *batch, const void *record, uint32_t len)
{
	memcpy(batch->plain + batch->bytes, record, len);
	batch->bytes += len;
	batch->record_count++;
}

/*
 * What was lost since the last time becomes an alert of its own, but none that the same disk would
 * refuse too.
 */
static void
spool_tell(struct spool *spool, uint64_t now_ns)
{
	_Alignas(8) uint8_t record[LOSS_RECORD_MAX];
	struct retention *retention = &spool->retention;
	int len;

	if (spool->refused || spool->loss.count + retention->dropped_segments == 0 ||
	    (spool->told_ns != 0 && now_ns - spool->told_ns < tell_pause_ns))
		return;
	len = loss_record(&spool->loss, retention->dropped_segments, retention->dropped_alerts,
	    span_text(spool->identity.host), spool->identity.utc_offset_s, record);
	if (len < 0)
		return;
	batch_add(&spool->batch, record, (uint32_t)len);
	spool->told_ns = now_ns;
	spool->loss = (struct loss){ 0 };
	retention->dropped_segments = 0;
	retention->dropped_alerts = 0;
}

void
spool_add(struct spool *spool, const void *record, uint32_t len, struct segment_key key)
{
	batch_add(&spool->batch, record, len);
	if (spool->batch.first.position == 0)
		spool->batch.first = key;
	spool->batch.last = key;
	spool->last = key;
}

bool
spool_full(const struct spool *spool)
{
	/* A frame fits even the smallest segment, however badly it packs. */
	uint64_t max = spool->policy.segment_bytes / 4;

	return spool->batch.bytes >= (max < SPOOL_BATCH_MAX ? max : SPOOL_BATCH_MAX);
}

bool
spool_pending(const struct spool *spool)
{
	return spool->batch.record_count > 0 || spool->held.written < spool->held.used;
}

int
spool_commit(struct spool *spool, uint64_t now_ns)
{
	int err;

	/* Frames that wait for a sync and leave no room for one more: sync now. */
	if (spool->held.used + SEGMENT_FRAME_MAX > SPOOL_HELD_MAX &&
	    ((err = spool_flush(spool, now_ns)) < 0 || (err = spool_sync(spool, now_ns)) < 0))
		return err;
	if (spool->batch.record_count > 0) {
		spool_tell(spool, now_ns);
		if ((err = spool_pack(spool)) < 0)
			return err;
	}
	return spool_flush(spool, now_ns);
}

int
spool_tick(struct spool *spool, uint64_t now_ns)
{
	if (now_ns - spool->aged_ns >= age_look_ns) {
		spool->aged_ns = now_ns;
		retention_age(&spool->retention, clock_ns(CLOCK_REALTIME) / 1000000000u);
	}
	return spool->held.used > 0 && sync_due(spool, now_ns) ? spool_flush(spool, now_ns) : 0;
}

uint64_t
spool_due(const struct spool *spool)
{
	if (spool->held.used > 0 && spool->policy.sync == CONFIG_SYNC_INTERVAL)
		return spool->synced_ns + (uint64_t)spool->policy.sync_interval_ms * 1000000u;
	return spool->aged_ns + age_look_ns;
}

/* Count the records of one frame by rule. */
static void
discard_frame(struct spool *spool, const struct segment_frame *frame)
{
	struct segment_reader *reader = &spool->reader;
	struct record record;
	uint32_t len;

	memcpy(reader->frame, frame, frame->bytes);
	if (segment_records(reader) < 0)
		return;
	for (uint32_t at = 0; at < frame->plain_bytes; at += len) {
		memcpy(&len, reader->plain + at, sizeof(len));
		if (record_check(&record, reader->plain + at, len, RECORD_RAW) == 0)
			loss_count(&spool->loss, slots_bytes_or_none(&record.slots, P_alert_rule));
	}
}

void
spool_discard(struct spool *spool)
{
	uint64_t before = spool->loss.count;
	const struct segment_frame *frame;

	if (spool->batch.record_count > 0 && spool->held.used + SEGMENT_FRAME_MAX <= SPOOL_HELD_MAX)
		(void)spool_pack(spool);
	for (size_t at = spool->held.written; at < spool->held.used; at += frame->bytes) {
		frame = held_frame(spool, at);
		discard_frame(spool, frame);
	}
	spool->held.used = spool->held.written;
	spool->refused = true;
	stats_add(spool->stats, STAT_SPOOLER_dropped_alerts, spool->loss.count - before);
}

void
spool_finish(struct spool *spool)
{
	if (spool_flush(spool, spool->synced_ns) == 0 && spool->writer.fd >= 0)
		(void)spool_rotate(spool);
}
