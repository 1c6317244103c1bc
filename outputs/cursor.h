/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a sink is in the spool: a small file a sink, in the directory "cursors".  The sink
 * writes it after it has delivered, so it is at or before what was delivered, and delivery is
 * at least once; the spooler reads it to learn what every sink has had.
 *
 * The file holds two slots, written in turns, so that a write cut short leaves the other one.
 * The valid slot with the higher generation counts.  All integers are little-endian.
 */
#ifndef OUTPUTS_CURSOR_H
#define OUTPUTS_CURSOR_H

#include <stdint.h>

#include "segment.h"

enum { CURSOR_SLOT_BYTES = 128, CURSOR_NAME_MAX = 64 };

/* The next record to deliver.  All zeros: the oldest that the spool has. */
struct cursor {
	uint64_t segment;       /* number; 0: from the start of the spool */
	uint64_t created_ns;    /* of that segment: a lost spool's numbers come again */
	uint64_t offset;        /* of its frame */
	uint32_t record;        /* in the frame */
	uint32_t reserved;
	uint64_t ordinal;       /* of the record */
	uint64_t stream;        /* of the newest key delivered */
	struct segment_key key;
};

struct cursor_file {
	int fd;
	uint64_t generation; /* of the newest slot */
	struct cursor cursor;
};

#define CURSOR_FILE_NONE ((struct cursor_file){ .fd = -1 })

/*
 * Open (create) cursor NAME in DIR for its sink, lock it, waiting at most TIMEOUT_MS for a
 * former sink, and read it. A file without a valid slot reads as all zeros and returns 1;
 * otherwise 0, or a negative errno.
 */
int cursor_open(struct cursor_file *file, int dir, const char *name, uint32_t timeout_ms);

/* Write file->cursor into the older slot.  0 or a negative errno. */
int cursor_write(struct cursor_file *file);

/* Close; harmless on CURSOR_FILE_NONE. */
void cursor_close(struct cursor_file *file);

/* Read the cursor behind FD.  Returns 0, -EBADMSG when no slot is valid, or a negative errno. */
int cursor_read(int fd, struct cursor *cursor, uint64_t *generation);

/*
 * The cursor in DIR that is farthest behind, by ordinal.  Returns the number of cursors (one
 * that can not be read counts as having had nothing) or a negative errno.  Does not allocate.
 */
int cursor_slowest(int dir, struct cursor *slowest);

#endif
