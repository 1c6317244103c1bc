/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core of every sink: spool to batches, batches to the ops, the cursor after them.  See
 * sink.h.
 */
#include <errno.h>
#include <string.h>

#include "fault.h"
#include "log.h"
#include "sink.h"

int
sink_open(struct sink *sink, int dir, int cursors)
{
	const char *what = "cursor";
	int err = cursor_open(&sink->cursor, cursors, sink->ops->name, SINK_LOCK_MS);

	if (err < 0)
		goto fail;
	sink->place = sink->cursor.cursor;
	/* From here on the spooler knows that there is a sink to keep alerts for. */
	if ((err = cursor_write(&sink->cursor)) < 0)
		goto fail;
	what = "spool";
	if ((err = follow_open(&sink->follow, dir, &sink->place)) < 0)
		goto fail;
	what = "receiver";
	if ((err = sink->ops->open(sink)) < 0)
		goto fail;
	return 0;
fail:
	log_warnx("sink %s: %s: %s", sink->ops->name, what,
	    err == -EWOULDBLOCK ? "another sink holds it" : strerror(-err));
	follow_close(&sink->follow);
	cursor_close(&sink->cursor);
	return err;
}

/* Flush, and remember what was delivered.  0 when nothing is left to remember. */
static int
sink_save(struct sink *sink)
{
	int err;

	if (sink->unsaved == 0)
		return 0;
	if ((err = sink->ops->flush(sink)) < 0)
		return err;
	sink->cursor.cursor = sink->place;
	if ((err = cursor_write(&sink->cursor)) < 0) {
		/* Delivered all the same: a successor will deliver it once more. */
		log_warnx("sink %s: cursor: %s", sink->ops->name, strerror(-err));
		stats_add(sink->stats, STAT_SINK_failures, 1);
	}
	sink->unsaved = 0;
	return 0;
}

void
sink_close(struct sink *sink)
{
	(void)sink_save(sink);
	sink->ops->close(sink);
	follow_close(&sink->follow);
	cursor_close(&sink->cursor);
}

/*
 * A record of the spool that an earlier sink delivered, though its segment was then written
 * anew.
 */
static bool
sink_had(const struct sink *sink, const struct alert *alert)
{
	return alert->key.position != 0 && sink->follow.reader.head.stream == sink->place.stream &&
	    !segment_key_after(alert->key, sink->place.key);
}

/* Judge one record and put it into the batch, or leave it out, counted. */
static void
sink_gather_record(struct sink *sink, const uint8_t *bytes, uint32_t len)
{
	struct alert *alert = &sink->batch[sink->batch_count];

	if (alert_read(alert, bytes, len) < 0) {
		stats_add(sink->stats, STAT_SINK_in, 1);
		stats_add(sink->stats, STAT_SINK_lost_bad, 1);
		return;
	}
	if (sink_had(sink, alert))
		return;
	stats_add(sink->stats, STAT_SINK_in, 1);
	if (sink->skip_position != 0 && alert->key.position == sink->skip_position) {
		stats_add(sink->stats, STAT_SINK_skipped, 1);
		return;
	}
	sink->batch_records[sink->batch_count++] = sink->frame_record;
}

/* Fill the batch from the frame that is being worked on. */
static void
sink_gather(struct sink *sink)
{
	const struct segment_reader *reader = &sink->follow.reader;
	uint32_t len;

	sink->batch_count = sink->batch_done = 0;
	while (sink->frame_at < reader->frame->plain_bytes && sink->batch_count < SINK_BATCH_MAX) {
		const uint8_t *bytes = reader->plain + sink->frame_at;

		memcpy(&len, bytes, sizeof(len));
		sink->frame_at += len;
		sink->frame_record++;
		if (sink->frame_record > sink->follow.skip)
			sink_gather_record(sink, bytes, len);
	}
}

static void
sink_count_spool(struct sink *sink)
{
	struct follow *follow = &sink->follow;

	stats_add(sink->stats, STAT_SINK_skipped, follow->skipped_count - sink->skipped_told);
	stats_add(sink->stats, STAT_SINK_lost_bad, follow->bad_count - sink->bad_told);
	sink->skipped_told = follow->skipped_count;
	sink->bad_told = follow->bad_count;
}

/* Accepted: the place moves, and the key that a repeated record is known by. */
static void
sink_accept(struct sink *sink, uint32_t count)
{
	for (uint32_t i = sink->batch_done; i < sink->batch_done + count; i++) {
		if (sink->batch[i].key.position == 0)
			continue;
		sink->place.key = sink->batch[i].key;
		sink->place.stream = sink->follow.reader.head.stream;
	}
	sink->batch_done += count;
	follow_tell(&sink->follow, sink->batch_records[sink->batch_done - 1], &sink->place);
	sink->unsaved += count;
	stats_add(sink->stats, STAT_SINK_out, count);
}

static int
sink_failed(struct sink *sink, int err, uint64_t now_ns)
{
	if (err == -EAGAIN)
		return SINK_WAITING;
	if (sink->backoff_ms == 0)
		log_warnx("sink %s: %s; trying again", sink->ops->name, strerror(-err));
	sink->backoff_ms = sink->backoff_ms == 0 ? SINK_BACKOFF_MIN_MS : 2 * sink->backoff_ms;
	if (sink->backoff_ms > SINK_BACKOFF_MAX_MS)
		sink->backoff_ms = SINK_BACKOFF_MAX_MS;
	sink->retry_ns = now_ns + (uint64_t)sink->backoff_ms * 1000000u;
	stats_add(sink->stats, STAT_SINK_failures, 1);
	return SINK_WAITING;
}

static int
sink_deliver(struct sink *sink, uint64_t now_ns)
{
	const struct alert *alerts = &sink->batch[sink->batch_done];
	uint32_t done = 0;
	int err;

	err = sink->ops->deliver(sink, alerts, sink->batch_count - sink->batch_done, &done);
	FAULT_POINT("sink_delivered");
	if (done > 0)
		sink_accept(sink, done);
	if (err < 0)
		return sink_failed(sink, err, now_ns);
	stats_work(sink->stats, 0);
	sink->backoff_ms = 0;
	return SINK_WORKED;
}

/* The frame is done: what was left out at its end is behind us too. */
static void
sink_end_frame(struct sink *sink)
{
	sink->in_frame = false;
	follow_tell(&sink->follow, sink->follow.reader.frame->record_count, &sink->place);
	if (sink->unsaved == 0)
		sink->unsaved = 1;
}

static int
sink_read(struct sink *sink)
{
	int found = follow_next(&sink->follow);

	sink_count_spool(sink);
	if (found <= 0)
		return found;
	sink->in_frame = true;
	sink->frame_at = sink->frame_record = 0;
	return 1;
}

int
sink_turn(struct sink *sink, uint64_t now_ns)
{
	int state;

	if (now_ns < sink->retry_ns)
		return SINK_WAITING;
	if (sink->batch_done < sink->batch_count)
		return sink_deliver(sink, now_ns);
	if (sink->unsaved >= SINK_CURSOR_EVERY && (state = sink_save(sink)) < 0)
		return sink_failed(sink, state, now_ns);
	if (!sink->in_frame) {
		if ((state = sink_read(sink)) < 0)
			return state;
		if (state == 0) {
			state = sink_save(sink);
			return state < 0 ? sink_failed(sink, state, now_ns) : SINK_IDLE;
		}
	}
	sink_gather(sink);
	if (sink->batch_count > 0)
		return sink_deliver(sink, now_ns);
	sink_end_frame(sink);
	return SINK_WORKED;
}
