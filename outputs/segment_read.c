/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of segments.  The bytes may be anything: every length is bounded before it is
 * used, and a part counts only after its hash is right.  Reading goes on while the spooler
 * writes: what is not whole yet looks torn, and is looked at again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "event.h"
#include "segment.h"
#include "segment_wire.h"

int
segment_reader_init(struct segment_reader *reader)
{
	*reader = SEGMENT_READER_NONE;
	reader->frame = malloc(SEGMENT_FRAME_MAX);
	reader->plain = malloc(SEGMENT_PLAIN_MAX);
	reader->packer = segment_packer_new();
	if (reader->frame && reader->plain && reader->packer)
		return 0;
	segment_reader_fini(reader);
	return -ENOMEM;
}

void
segment_reader_fini(struct segment_reader *reader)
{
	segment_close(reader);
	free(reader->frame);
	free(reader->plain);
	segment_packer_free(reader->packer);
	*reader = SEGMENT_READER_NONE;
}

void
segment_close(struct segment_reader *reader)
{
	if (reader->fd >= 0)
		(void)close(reader->fd);
	reader->fd = -1;
}

/* Walk the sections between struct and first frame; take the host name. */
static int
reader_sections(struct segment_reader *reader, const uint8_t *bytes, size_t len)
{
	size_t at = SEGMENT_HEAD_BYTES;
	uint32_t word[2];

	reader->host[0] = '\0';
	while (at < len) {
		if (len - at < sizeof(word))
			return -EBADMSG;
		memcpy(word, bytes + at, sizeof(word));
		at += sizeof(word);
		if (word[1] > len - at || ((word[1] + 7) & ~7u) > len - at)
			return -EBADMSG;
		if (word[0] == SECTION_HOST && word[1] < sizeof(reader->host)) {
			memcpy(reader->host, bytes + at, word[1]);
			reader->host[word[1]] = '\0';
		}
		at += (word[1] + 7) & ~7u;
	}
	return 0;
}

static bool
reader_zero(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static int
reader_head(struct segment_reader *reader)
{
	struct segment_head *head = (void *)reader->frame;
	int len = segment_read(reader->fd, head, SEGMENT_HEAD_MAX, 0);

	if (len < 0)
		return len;
	if (reader_zero((const uint8_t *)head, len < SEGMENT_HEAD_BYTES ?
	    (size_t)len : SEGMENT_HEAD_BYTES))
		return -ENODATA;
	if (len < SEGMENT_HEAD_BYTES || head->magic != SEGMENT_MAGIC)
		return -EBADMSG;
	if (head->version != SEGMENT_VERSION)
		return -ENOTSUP;
	if (head->head_bytes < SEGMENT_HEAD_BYTES || head->head_bytes % 8 != 0 ||
	    head->head_bytes > (uint32_t)len)
		return -EBADMSG;
	if (head->hash != segment_hash(head, head->head_bytes, &head->hash))
		return -EBADMSG;
	if (head->kind != SEGMENT_ALERTS || head->schema != segment_schema(SEGMENT_ALERTS))
		return -ENOTSUP;
	reader->head = *head;
	reader->at = head->head_bytes;
	reader->chain = head->hash;
	return reader_sections(reader, (const uint8_t *)head, head->head_bytes);
}

int
segment_open_take(struct segment_reader *reader, int fd)
{
	int err;

	segment_close(reader);
	reader->fd = fd;
	if ((err = reader_head(reader)) < 0)
		segment_close(reader);
	return err;
}

int
segment_open(struct segment_reader *reader, int dir, uint64_t number)
{
	char name[SEGMENT_NAME_MAX];
	int fd, err;

	segment_name(name, number);
	if ((fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) < 0)
		return -errno;
	if ((err = segment_open_take(reader, fd)) < 0)
		return err;
	if (reader->head.number == number)
		return 0;
	segment_close(reader);
	return -EBADMSG;
}

/* What the struct at the front of a frame may say. */
static bool
frame_form(const struct segment_frame *frame)
{
	return frame->magic == SEGMENT_FRAME_MAGIC && frame->bytes <= SEGMENT_FRAME_MAX &&
	    frame->bytes % 8 == 0 && frame->bytes >= SEGMENT_FRAME_BYTES &&
	    frame->packed_bytes <= frame->bytes - SEGMENT_FRAME_BYTES &&
	    frame->plain_bytes <= SEGMENT_PLAIN_MAX && frame->reserved == 0 &&
	    frame->first.reserved == 0 && frame->last.reserved == 0 &&
	    frame->record_count <= frame->plain_bytes / EVENT_HEAD_BYTES;
}

/*
 * The foot of an index that begins at reader->at.  The index alone is not enough: its write
 * may be torn.
 */
static int
reader_foot(struct segment_reader *reader, struct segment_foot *foot)
{
	off_t end = lseek(reader->fd, 0, SEEK_END);
	int len;

	if (end < 0)
		return -errno;
	if ((uint64_t)end < reader->at + sizeof(*foot))
		return -ENODATA;
	len = segment_read(reader->fd, foot, sizeof(*foot), (uint64_t)end - sizeof(*foot));
	if (len < 0)
		return len;
	if (len != sizeof(*foot) || foot->magic != SEGMENT_FOOT_MAGIC ||
	    foot->index_offset != reader->at)
		return -ENODATA;
	if (foot->frame_count > SEGMENT_FRAMES_MAX ||
	    foot->index_offset + seal_bytes(foot->frame_count) != (uint64_t)end)
		return -EBADMSG;
	return 0;
}

/*
 * Not a frame: the index of a sealed segment, zeros, or what a crash or a write in progress
 * left.
 */
static int
reader_end(struct segment_reader *reader, int len)
{
	struct segment_frame *frame = reader->frame;
	struct segment_foot foot;
	int err;

	if (reader_zero((const uint8_t *)frame, (size_t)len))
		return SEGMENT_OPEN;
	if (len < (int)sizeof(struct segment_index) || frame->magic != SEGMENT_INDEX_MAGIC)
		return SEGMENT_TORN;
	err = reader_foot(reader, &foot);
	if (err == -ENODATA || err == -EBADMSG)
		return SEGMENT_TORN;
	return err < 0 ? err : SEGMENT_SEALED;
}

int
segment_next(struct segment_reader *reader)
{
	struct segment_frame *frame = reader->frame;
	int len = segment_read(reader->fd, frame, SEGMENT_FRAME_BYTES, reader->at);

	if (len < 0)
		return len;
	if (len < SEGMENT_FRAME_BYTES || !frame_form(frame))
		return reader_end(reader, len);
	len = segment_read(reader->fd, frame, frame->bytes, reader->at);
	if (len < 0)
		return len;
	/* It may have been written between the two reads: judge what the second one brought. */
	if (len < SEGMENT_FRAME_BYTES || !frame_form(frame) || (uint32_t)len < frame->bytes)
		return SEGMENT_TORN;
	if (frame->hash != segment_hash(frame, frame->bytes, &frame->hash))
		return SEGMENT_TORN;
	if (reader->chain != 0 && frame->before != reader->chain)
		return SEGMENT_TORN;
	reader->at += frame->bytes;
	reader->chain = frame->hash;
	return SEGMENT_FRAME;
}

void
segment_seek(struct segment_reader *reader, uint64_t at)
{
	if (at == reader->at)
		return;
	reader->at = at;
	reader->chain = 0;
}

bool
segment_skip(struct segment_reader *reader)
{
	struct segment_frame *frame = reader->frame;
	uint64_t at = reader->at;
	int len = segment_read(reader->fd, frame, SEGMENT_FRAME_BYTES, at);

	if (len != SEGMENT_FRAME_BYTES || !frame_form(frame))
		return false;
	at += frame->bytes;
	len = segment_read(reader->fd, frame, SEGMENT_FRAME_BYTES, at);
	if (len < (int)sizeof(struct segment_index) ||
	    (frame->magic != SEGMENT_FRAME_MAGIC && frame->magic != SEGMENT_INDEX_MAGIC))
		return false;
	segment_seek(reader, at);
	return true;
}

int
segment_records(struct segment_reader *reader)
{
	uint32_t count = 0, plain = reader->frame->plain_bytes, at = 0, len;
	int err = segment_unpack(reader->packer, reader->frame, reader->plain);

	if (err < 0)
		return err;
	while (at < plain) {
		if (plain - at < EVENT_HEAD_BYTES)
			return -EBADMSG;
		memcpy(&len, reader->plain + at, sizeof(len));
		if (len < EVENT_HEAD_BYTES || len % 8 != 0 || len > plain - at)
			return -EBADMSG;
		at += len;
		count++;
	}
	return count == reader->frame->record_count ? 0 : -EBADMSG;
}

static int
index_check(const uint8_t *bytes, const struct segment_foot *foot)
{
	const struct segment_index *index = (const void *)bytes;
	const struct segment_entry *entry = (const void *)(index + 1);
	uint64_t records = 0, offset = SEGMENT_HEAD_BYTES;

	if (index->magic != SEGMENT_INDEX_MAGIC || index->reserved != 0 ||
	    index->bytes != sizeof(*index) + foot->frame_count * sizeof(*entry))
		return -EBADMSG;
	for (uint32_t i = 0; i < foot->frame_count; i++, entry++) {
		if (entry->offset < offset || entry->offset >= foot->index_offset)
			return -EBADMSG;
		offset = entry->offset + SEGMENT_FRAME_BYTES;
		records += entry->record_count;
	}
	return records == foot->record_count ? 0 : -EBADMSG;
}

int
segment_check_seal(struct segment_reader *reader, uint32_t frame_count, uint64_t record_count)
{
	struct segment_foot foot, *end;
	size_t len;
	uint8_t *bytes;
	int err = reader_foot(reader, &foot);

	if (err < 0)
		return err;
	len = (size_t)seal_bytes(foot.frame_count);
	if ((bytes = malloc(len)) == NULL)
		return -ENOMEM;
	end = (void *)(bytes + len - sizeof(foot));
	err = segment_read(reader->fd, bytes, len, reader->at);
	if (err >= 0)
		err = (size_t)err == len && end->hash == segment_hash(bytes, len, &end->hash) &&
		    foot.frame_count == frame_count && foot.record_count == record_count &&
		    foot.chain == reader->chain ? index_check(bytes, &foot) : -EBADMSG;
	free(bytes);
	return err;
}
