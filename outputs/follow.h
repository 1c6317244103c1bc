/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Following a spool from a cursor on, read-only, while its spooler writes: frame after frame,
 * segment after segment, past what is damaged and what was deleted, each counted.
 */
#ifndef OUTPUTS_FOLLOW_H
#define OUTPUTS_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "cursor.h"
#include "segment.h"

struct follow {
	int dir;                      /* borrowed */
	struct segment_reader reader;
	bool open;                    /* reader is in segment `number` */
	uint64_t number;              /* 0: none yet */
	uint64_t limit;               /* where its successor says it ends; UINT64_MAX: not known */
	uint64_t offset;              /* of the frame in reader */
	uint64_t ordinal;             /* of that frame's first record */
	uint64_t next_ordinal;        /* of the record after it */
	uint32_t past;                /* records of the next frame that the cursor is past */
	uint32_t skip;                /* the same of the frame in reader */
	uint64_t skipped_count;       /* records that were gone */
	uint64_t bad_count;           /* frames that were damaged */
};

/* Follow DIR from CURSOR on.  0, -ENOMEM, or a negative errno. */
int follow_open(struct follow *follow, int dir, const struct cursor *cursor);

/*
 * The next frame, checked and unpacked in follow->reader.  Returns 1; 0 when there is none
 * now; or a negative errno that the system gave.  Does not wait.
 */
int follow_next(struct follow *follow);

/*
 * Set the place in CURSOR to record RECORD of the frame that follow_next() returned last (its
 * count: after it).
 */
void follow_tell(const struct follow *follow, uint32_t record, struct cursor *cursor);

/* Close; harmless on a zeroed one. */
void follow_close(struct follow *follow);

#endif
