/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a cursor file, and any cursor over a spool.  What must hold: a cursor that is wrong
 * is refused or followed to some frame of the spool or to none, and every walk ends.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cursor.h"
#include "follow.h"
#include "log.h"
#include "record.h"
#include "segment_wire.h"

enum { FRAMES_MAX = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[] = "/tmp/saker-fuzz-XXXXXX";
static int dir = -1;

static void
remove_spool(void)
{
	(void)unlinkat(dir, "0000000000000001.seg", 0);
	(void)unlinkat(dir, "0000000000000002.seg", 0);
	(void)rmdir(path);
}

/* Two segments of one frame each. */
static void
make_spool(void)
{
	static _Alignas(8) uint8_t plain[4096], packed[SEGMENT_FRAME_MAX];
	struct segment_spec spec = { .head = { .kind = SEGMENT_ALERTS }, .bytes = 1 << 16 };
	struct segment_frame *frame = (void *)packed;
	struct segment_packer *packer = segment_packer_new();
	struct segment_writer writer;
	struct record_writer record;
	int len;

	if (mkdtemp(path) == NULL || (dir = open(path, O_RDONLY | O_DIRECTORY)) < 0)
		abort();
	(void)atexit(remove_spool);
	record_begin(&record, plain, sizeof(plain), EV_alert, P_alert_COUNT);
	len = record_end(&record);
	if (packer == NULL || segment_writer_init(&writer) < 0)
		abort();
	for (spec.head.number = 1; spec.head.number <= 2; spec.head.number++) {
		if (segment_create(&writer, dir, &spec) < 0 ||
		    segment_pack(packer, frame, plain, (uint32_t)len) < 0)
			abort();
		frame->record_count = 1;
		if (segment_append(&writer, frame) < 0 || segment_seal(&writer, false) < 0)
			abort();
		spec.head.before_number = spec.head.number;
		spec.head.ordinal = 1;
	}
	segment_writer_fini(&writer);
	segment_packer_free(packer);
	log_limit(0);
}

static void
follow_any(const struct cursor *cursor)
{
	struct follow follow;
	int frames = 0;

	if (follow_open(&follow, dir, cursor) < 0)
		abort();
	while (follow_next(&follow) == 1) {
		if (frames++ == FRAMES_MAX)
			abort();
	}
	follow_close(&follow);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor cursor;
	uint64_t generation;
	int fd = memfd_create("cursor", MFD_CLOEXEC);

	if (dir < 0)
		make_spool();
	if (fd < 0 || segment_write(fd, data, size, 0) < 0)
		abort();
	if (cursor_read(fd, &cursor, &generation) == 0)
		follow_any(&cursor);
	(void)close(fd);
	if (size >= sizeof(cursor)) {
		memcpy(&cursor, data, sizeof(cursor));
		cursor.segment %= 4; /* mostly one that is there */
		follow_any(&cursor);
	}
	return 0;
}
