/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the segment format share: magic numbers, and whole reads and writes. */
#ifndef OUTPUTS_SEGMENT_WIRE_H
#define OUTPUTS_SEGMENT_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "segment.h"

#define SEGMENT_MAGIC 0x31676553726b6153u      /* "SakrSeg1" */
#define SEGMENT_FRAME_MAGIC 0x6d617246u        /* "Fram" */
#define SEGMENT_INDEX_MAGIC 0x78646e49u        /* "Indx" */
#define SEGMENT_FOOT_MAGIC 0x746f6f46u         /* "Foot" */

/* Bytes of index and foot over FRAMES frames. */
static inline uint64_t
seal_bytes(uint32_t frames)
{
	return sizeof(struct segment_index) + (uint64_t)frames * sizeof(struct segment_entry) +
	    sizeof(struct segment_foot);
}

/*
 * Write LEN bytes at offset AT, all of them.  0 or a negative errno (-ENOSPC when the disk
 * takes none).
 */
int segment_write(int fd, const void *bytes, size_t len, uint64_t at);

/*
 * Read up to LEN bytes at offset AT; fewer only at the end of the file.  Their number or a
 * negative errno.
 */
int segment_read(int fd, void *bytes, size_t len, uint64_t at);

#endif
