/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer of segments.  A file is allocated whole before its first byte, so that a frame
 * that was accepted has its room; after an error a segment is never written or synced again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "segment.h"
#include "segment_wire.h"

/* Everything up to and beyond any record must be addressable as off_t. */
static const uint64_t bytes_max = (uint64_t)1 << 40;

int
segment_writer_init(struct segment_writer *writer)
{
	*writer = SEGMENT_WRITER_NONE;
	writer->entries = calloc(SEGMENT_FRAMES_MAX, sizeof(*writer->entries));
	return writer->entries ? 0 : -ENOMEM;
}

void
segment_writer_fini(struct segment_writer *writer)
{
	segment_abandon(writer);
	free(writer->entries);
	*writer = SEGMENT_WRITER_NONE;
}

void
segment_abandon(struct segment_writer *writer)
{
	if (writer->fd >= 0)
		(void)close(writer->fd);
	writer->fd = -1;
}

/* Head and host section; the hash over both. */
static int
writer_head(struct segment_writer *writer, const struct segment_spec *spec)
{
	struct {
		struct segment_head head;
		uint32_t type, len;
		char host[256];
	} out;
	size_t len = spec->host.len < sizeof(out.host) ? spec->host.len : sizeof(out.host);
	int err;

	memset(&out, 0, sizeof(out));
	out.head = spec->head;
	out.head.magic = SEGMENT_MAGIC;
	out.head.version = SEGMENT_VERSION;
	out.head.head_bytes = (uint32_t)(SEGMENT_HEAD_BYTES + 8 + ((len + 7) & ~(size_t)7));
	out.head.schema = segment_schema((enum segment_kind)spec->head.kind);
	out.head.created_ns = clock_ns(CLOCK_REALTIME);
	out.type = SECTION_HOST;
	out.len = (uint32_t)len;
	if (len > 0)
		memcpy(out.host, spec->host.ptr, len);
	out.head.hash = segment_hash(&out, out.head.head_bytes, &out.head.hash);
	if ((err = segment_write(writer->fd, &out, out.head.head_bytes, 0)) < 0)
		return err;
	writer->number = spec->head.number;
	writer->bytes = spec->bytes;
	writer->used = out.head.head_bytes;
	writer->chain = out.head.hash;
	writer->last = spec->head.after;
	writer->record_count = 0;
	writer->frame_count = 0;
	return 0;
}

/* Where a file system can not preallocate, a write finds out that the disk is full. */
static int
writer_allocate(int fd, uint64_t bytes)
{
	if (fallocate(fd, 0, 0, (off_t)bytes) == 0)
		return 0;
	if (errno != EOPNOTSUPP)
		return -errno;
	return ftruncate(fd, (off_t)bytes) < 0 ? -errno : 0;
}

int
segment_create(struct segment_writer *writer, int dir, const struct segment_spec *spec)
{
	char name[SEGMENT_NAME_MAX];
	int err;

	segment_name(name, spec->head.number);
	writer->fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (writer->fd < 0)
		return -errno;
	if ((err = writer_allocate(writer->fd, spec->bytes)) < 0 ||
	    (err = writer_head(writer, spec)) < 0)
		goto fail;
	return 0;
fail:
	segment_abandon(writer);
	(void)unlinkat(dir, name, 0);
	return err;
}

int
segment_create_from(struct segment_writer *writer, int dir, const char *from,
    const struct segment_spec *spec)
{
	char name[SEGMENT_NAME_MAX];
	int err;

	segment_name(name, spec->head.number);
	if ((writer->fd = openat(dir, from, O_RDWR | O_CLOEXEC | O_NOFOLLOW)) < 0)
		return -errno;
	if ((err = writer_head(writer, spec)) < 0)
		goto fail;
	if (renameat(dir, from, dir, name) < 0) {
		err = -errno;
		goto fail;
	}
	return 0;
fail:
	segment_abandon(writer);
	return err;
}

static void
writer_count(struct segment_writer *writer, const struct segment_frame *frame, uint64_t offset)
{
	writer->entries[writer->frame_count] = (struct segment_entry){
		.offset = offset,
		.first_position = frame->first.position,
		.first_index = frame->first.index,
		.record_count = frame->record_count,
	};
	writer->frame_count++;
	writer->record_count += frame->record_count;
	writer->used = offset + frame->bytes;
	writer->chain = frame->hash;
	writer->last = frame->last;
}

int
segment_resume(struct segment_writer *writer, int dir, uint64_t number,
    struct segment_reader *reader, bool *torn)
{
	char name[SEGMENT_NAME_MAX];
	int state = segment_open(reader, dir, number);

	if (state < 0)
		return state;
	writer->number = number;
	writer->used = reader->at;
	writer->chain = reader->head.hash;
	writer->last = reader->head.after;
	writer->record_count = 0;
	writer->frame_count = 0;
	while (writer->frame_count < SEGMENT_FRAMES_MAX && writer->used < bytes_max) {
		if ((state = segment_next(reader)) != SEGMENT_FRAME)
			break;
		writer_count(writer, reader->frame, writer->used);
	}
	*torn = state == SEGMENT_TORN;
	if (state < 0 || state == SEGMENT_SEALED)
		return state < 0 ? state : 0;
	segment_name(name, number);
	writer->fd = openat(dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	return writer->fd < 0 ? -errno : 1;
}

bool
segment_fits(const struct segment_writer *writer, uint32_t bytes)
{
	return writer->frame_count < SEGMENT_FRAMES_MAX &&
	    writer->used + bytes + seal_bytes(writer->frame_count + 1) <= writer->bytes;
}

int
segment_append(struct segment_writer *writer, struct segment_frame *frame)
{
	int err;

	frame->before = writer->chain;
	frame->hash = segment_hash(frame, frame->bytes, &frame->hash);
	if ((err = segment_write(writer->fd, frame, frame->bytes, writer->used)) < 0)
		return err;
	writer_count(writer, frame, writer->used);
	return 0;
}

int
segment_sync(struct segment_writer *writer)
{
	return fdatasync(writer->fd) < 0 ? -errno : 0;
}

/* Index and foot are one write: a reader sees both or a torn tail. */
static int
writer_seal(struct segment_writer *writer)
{
	size_t len = (size_t)seal_bytes(writer->frame_count);
	size_t entries = writer->frame_count * sizeof(struct segment_entry);
	uint8_t *out = calloc(1, len);
	struct segment_index *index;
	struct segment_foot *foot;
	int err;

	if (out == NULL)
		return -ENOMEM;
	index = (void *)out;
	foot = (void *)(out + len - sizeof(*foot));
	index->magic = SEGMENT_INDEX_MAGIC;
	index->bytes = (uint32_t)(sizeof(*index) + entries);
	memcpy(index + 1, writer->entries, entries);
	foot->magic = SEGMENT_FOOT_MAGIC;
	foot->frame_count = writer->frame_count;
	foot->index_offset = writer->used;
	foot->record_count = writer->record_count;
	foot->chain = writer->chain;
	foot->sealed_ns = clock_ns(CLOCK_REALTIME);
	foot->hash = segment_hash(out, len, &foot->hash);
	if ((err = segment_write(writer->fd, out, len, writer->used)) == 0 &&
	    ftruncate(writer->fd, (off_t)(writer->used + len)) < 0)
		err = -errno;
	free(out);
	return err;
}

int
segment_seal(struct segment_writer *writer, bool sync)
{
	int err = writer_seal(writer);

	if (err == 0 && sync)
		err = segment_sync(writer);
	if (close(writer->fd) < 0 && err == 0)
		err = -errno;
	writer->fd = -1;
	return err;
}
