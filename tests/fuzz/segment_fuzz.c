/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a segment.  Twice: as they are, and with the hashes made right, so that what comes
 * after them is reached too.  What must hold: nothing is read or written out of bounds, and every
 * walk ends.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "alert.h"
#include "segment.h"
#include "segment_wire.h"

enum { INPUT_MAX = 1 << 16, FRAMES_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct segment_reader reader;
static char line[ALERT_LINE_MAX];

static void
walk_records(void)
{
	const struct alert_format format = {
		.json = true, .include_output = true, .include_message = true,
		.include_fields = true, .include_tags = true,
	};
	struct alert alert;
	struct text text;
	uint32_t len;

	for (uint32_t at = 0; at < reader.frame->plain_bytes; at += len) {
		memcpy(&len, reader.plain + at, sizeof(len));
		if (alert_read(&alert, reader.plain + at, len) < 0)
			continue;
		text_init(&text, line, sizeof(line));
		(void)alert_print(&text, &alert, &format);
		if (text.truncated || memchr(line, '\n', text.len) != line + text.len - 1)
			abort();
	}
}

static void
walk(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("segment", MFD_CLOEXEC), state, frames = 0;

	if (fd < 0 || segment_write(fd, bytes, size, 0) < 0)
		abort();
	if (segment_open_take(&reader, fd) < 0)
		return;
	while ((state = segment_next(&reader)) == SEGMENT_FRAME || state == SEGMENT_TORN) {
		if (state == SEGMENT_TORN && !segment_skip(&reader))
			break;
		if (state == SEGMENT_FRAME && segment_records(&reader) == 0)
			walk_records();
		if (frames++ == FRAMES_MAX)
			break;
	}
	(void)segment_check_seal(&reader, 1, 1);
	segment_close(&reader);
}

/* Make the hashes of head and frames right, as far as their lengths make sense. */
static void
repair(uint8_t *bytes, size_t size)
{
	struct segment_head *head = (void *)bytes;
	struct segment_frame *frame;
	uint64_t chain;
	size_t at;

	if (size < SEGMENT_HEAD_BYTES)
		return;
	head->magic = SEGMENT_MAGIC;
	head->version = SEGMENT_VERSION;
	head->kind = SEGMENT_ALERTS;
	head->schema = segment_schema(SEGMENT_ALERTS);
	head->head_bytes &= 0x1f8;
	if (head->head_bytes < SEGMENT_HEAD_BYTES || head->head_bytes > size)
		head->head_bytes = SEGMENT_HEAD_BYTES;
	chain = head->hash = segment_hash(head, head->head_bytes, &head->hash);
	for (at = head->head_bytes; size - at >= SEGMENT_FRAME_BYTES; at += frame->bytes) {
		frame = (void *)(bytes + at);
		frame->magic = SEGMENT_FRAME_MAGIC;
		if (frame->bytes < SEGMENT_FRAME_BYTES || frame->bytes % 8 != 0 ||
		    frame->bytes > size - at)
			break;
		frame->before = chain;
		chain = frame->hash = segment_hash(frame, frame->bytes, &frame->hash);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(8) uint8_t bytes[INPUT_MAX];

	if (size > INPUT_MAX)
		return 0;
	if (reader.frame == NULL && segment_reader_init(&reader) < 0)
		abort();
	walk(data, size);
	memcpy(bytes, data, size);
	repair(bytes, size);
	walk(bytes, size);
	return 0;
}
