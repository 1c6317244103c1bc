/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a spool after whatever happened to it, and beginning segments.  A spool that was
 * just opened has no segment open: the first frame begins one, so that no segment is written
 * by two processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "cursor.h"
#include "log.h"
#include "spool.h"
#include "spool_parts.h"
#include "spooldir.h"

/* Segments that can not be read, from the newest down, before recovery starts a new chain. */
enum { RECOVER_STEPS_MAX = 16 };

static const char reserve_name[] = "reserve";

/* Room for one segment that says what was lost, taken while there is some. */
static void
reserve_make(struct spool *spool)
{
	int fd;

	if (spool->reserve_ready)
		return;
	fd = openat(spool->dir, reserve_name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd < 0)
		return;
	spool->reserve_ready = fallocate(fd, 0, 0, SPOOL_RESERVE_BYTES) == 0;
	(void)close(fd);
	if (!spool->reserve_ready)
		(void)unlinkat(spool->dir, reserve_name, 0);
}

static void
spec_fill(const struct spool *spool, struct segment_spec *spec)
{
	const struct spool_mark *safe = &spool->safe;

	memset(spec, 0, sizeof(*spec));
	spec->head.number = spool->retention.newest + 1;
	spec->head.stream = spool->identity.stream;
	spec->head.after = safe->last;
	spec->head.ordinal = safe->ordinal;
	spec->head.utc_offset_s = spool->identity.utc_offset_s;
	spec->head.kind = SEGMENT_ALERTS;
	memcpy(spec->head.boot_id, spool->identity.boot_id, sizeof(spec->head.boot_id));
	spec->head.before_number = safe->number;
	spec->head.before_bytes = safe->bytes;
	spec->head.before_hash = safe->chain;
	spec->host = span_text(spool->identity.host);
	spec->bytes = spool->policy.segment_bytes;
}

/* Create the segment, deleting the oldest ones while the disk has no room. */
static int
begin_create(struct spool *spool, struct segment_spec *spec)
{
	int err = retention_room(&spool->retention, spec->bytes);

	if (err < 0)
		return err;
	for (;;) {
		int deleted;

		err = segment_create(&spool->writer, spool->dir, spec);
		if (err != -ENOSPC && err != -EDQUOT)
			return err;
		/* Ends when there is none left. */
		deleted = retention_delete_oldest(&spool->retention, true);
		if (deleted < 0)
			return deleted == -ENOENT ? err : deleted;
	}
}

static int
begin_reserve(struct spool *spool, struct segment_spec *spec)
{
	if (!spool->reserve_ready)
		return -ENOSPC;
	spool->reserve_ready = false;
	spec->bytes = SPOOL_RESERVE_BYTES;
	return segment_create_from(&spool->writer, spool->dir, reserve_name, spec);
}

int
spool_begin(struct spool *spool)
{
	struct segment_spec spec;
	int err;

	spec_fill(spool, &spec);
	err = begin_create(spool, &spec);
	if (err < 0 && err != -EAGAIN && begin_reserve(spool, &spec) == 0)
		err = 0;
	if (err < 0)
		return err;
	retention_add(&spool->retention, spec.head.number, spec.bytes);
	if (spec.bytes != SPOOL_RESERVE_BYTES)
		reserve_make(spool);
	/* The name must be as durable as what the file will hold. */
	if (spool->policy.sync != CONFIG_SYNC_NEVER && fsync(spool->dir) < 0)
		stats_add(spool->stats, STAT_SPOOLER_write_errors, 1);
	return 0;
}

void
spool_forget(struct spool *spool, uint64_t bytes)
{
	retention_resize(&spool->retention, bytes, 0);
	if (spool->retention.oldest == spool->retention.newest)
		spool->retention.oldest = 0;
}

/* Take what segment NUMBER says of the end of the spool; seal it when it is not. */
static int
recover_segment(struct spool *spool, uint64_t number)
{
	struct segment_writer *writer = &spool->writer;
	bool torn = false;
	int state = segment_resume(writer, spool->dir, number, &spool->reader, &torn);

	if (state < 0)
		return state;
	spool->safe = (struct spool_mark){
		.number = number,
		.bytes = writer->used,
		.chain = writer->chain,
		.ordinal = spool->reader.head.ordinal + writer->record_count,
	};
	if (spool->reader.head.stream == spool->identity.stream)
		spool->safe.last = writer->last;
	segment_close(&spool->reader);
	if (state == 0)
		return 0;
	if (torn) {
		log_warnx("spool: segment %llu ends in a torn frame, cut at byte %llu",
		    (unsigned long long)number, (unsigned long long)writer->used);
		stats_add(spool->stats, STAT_SPOOLER_torn, 1);
	}
	return segment_seal(writer, spool->policy.sync != CONFIG_SYNC_NEVER);
}

static int
recover_refuse(struct spool *spool, uint64_t number, int err)
{
	char name[SEGMENT_NAME_MAX];

	segment_name(name, number);
	if (err == -ENODATA) {
		/* It was created and never begun. */
		return unlinkat(spool->dir, name, 0) < 0 && errno != ENOENT ? -errno : 0;
	}
	if (err == -ENOENT)
		return 0;
	log_warnx("spool: segment %s can not be read (%s) and is left as it is", name,
	    err == -ENOTSUP ? "of another version" : strerror(-err));
	stats_add(spool->stats, STAT_SPOOLER_torn, 1);
	return err == -EBADMSG || err == -ENOTSUP ? 0 : err;
}

static int
spool_recover(struct spool *spool)
{
	struct spooldir_range range;
	struct cursor slowest = { 0 };
	int err = spooldir_range(spool->dir, &range), steps = RECOVER_STEPS_MAX;

	if (err < 0)
		return err;
	for (uint64_t number = range.newest; number > 0 && number >= range.oldest; number--) {
		if (steps-- == 0)
			break;
		if ((err = recover_segment(spool, number)) == 0)
			break;
		if ((err = recover_refuse(spool, number, err)) < 0)
			return err;
	}
	/* Ordinals never go back, so that no cursor seems to have read what is new. */
	if (cursor_slowest(spool->cursors, &slowest) > 0 && slowest.ordinal > spool->safe.ordinal)
		spool->safe.ordinal = slowest.ordinal;
	return retention_open(&spool->retention);
}

static int
spool_memory(struct spool *spool)
{
	spool->batch.plain = malloc(SEGMENT_PLAIN_MAX);
	spool->held.bytes = malloc(SPOOL_HELD_MAX);
	if (spool->batch.plain == NULL || spool->held.bytes == NULL)
		return -ENOMEM;
	if (segment_writer_init(&spool->writer) < 0 || segment_reader_init(&spool->reader) < 0)
		return -ENOMEM;
	return 0;
}

int
spool_open_take(struct spool *spool, int dir, int cursors, const struct spool_policy *policy,
    const struct spool_identity *identity, struct stats *stats)
{
	const char *what = "memory";
	int err;

	memset(spool, 0, sizeof(*spool));
	spool->dir = dir;
	spool->cursors = cursors;
	spool->lock = -1;
	spool->policy = *policy;
	spool->identity = *identity;
	spool->stats = stats;
	spool->writer = SEGMENT_WRITER_NONE;
	spool->reader = SEGMENT_READER_NONE;
	spool->retention = (struct retention){
		.dir = dir, .cursors = cursors, .bytes_max = policy->bytes_max,
		.age_max_s = policy->age_max_s, .block = policy->full == CONFIG_FULL_BLOCK,
		.reader = &spool->reader, .stats = stats,
	};
	if ((err = spool_memory(spool)) < 0)
		goto fail;
	what = "lock";
	if ((err = spool->lock = spooldir_lock(dir, identity->stream, SPOOL_LOCK_MS)) < 0)
		goto fail;
	what = "recovery";
	if ((err = spool_recover(spool)) < 0)
		goto fail;
	spool->retention.ordinal = spool->safe.ordinal;
	spool->last = spool->safe.last;
	spool->batch.last = spool->safe.last;
	reserve_make(spool);
	return 0;
fail:
	log_warnx("spool: %s: %s", what,
	    err == -EWOULDBLOCK ? "another spooler holds the lock" : strerror(-err));
	spool_close(spool);
	return err;
}

void
spool_close(struct spool *spool)
{
	if (spool->batch.plain == NULL && spool->held.bytes == NULL && spool->dir == 0)
		return;
	if (spool->writer.fd >= 0)
		spool_finish(spool);
	segment_writer_fini(&spool->writer);
	segment_reader_fini(&spool->reader);
	free(spool->batch.plain);
	free(spool->held.bytes);
	if (spool->lock >= 0)
		(void)close(spool->lock);
	if (spool->cursors >= 0)
		(void)close(spool->cursors);
	if (spool->dir >= 0)
		(void)close(spool->dir);
	memset(spool, 0, sizeof(*spool));
}
