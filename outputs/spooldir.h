/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory of a spool: which segments there are.
 *
 *   0000000000000001.seg ...   segments, numbers growing; the oldest are deleted, the newest is
 *                              written
 *   reserve                    allocated room for one small segment, used when the disk is full
 *   lock                       held by the one writer
 */
#ifndef OUTPUTS_SPOOLDIR_H
#define OUTPUTS_SPOOLDIR_H

#include <stdbool.h>
#include <stdint.h>

/* Entries of a directory that are looked at; a spool has at most this many files. */
enum { SPOOLDIR_ENTRIES_MAX = 1 << 21 };

struct spooldir_range {
	uint64_t oldest; /* 0: there is no segment */
	uint64_t newest;
	uint64_t count;
	uint64_t bytes;  /* of all segments */
};

/* Look through DIR.  Returns 0 or a negative errno.  Does not allocate. */
int spooldir_range(int dir, struct spooldir_range *range);

/* The lowest segment number above AFTER in DIR, or 0 when there is none. */
uint64_t spooldir_after(int dir, uint64_t after);

/*
 * Call FILE for each entry of DIR that is no dot file, until it returns other than 0, and
 * return that.
 */
int spooldir_each(int dir, int (*file)(void *arg, int dir, const char *name), void *arg);

/*
 * Take the lock of DIR for writing STREAM; wait at most TIMEOUT_MS for another holder to end.
 * Returns the descriptor that holds it, -EWOULDBLOCK when it is still held, or a negative
 * errno.
 */
int spooldir_lock(int dir, uint64_t stream, uint32_t timeout_ms);

/* True while the spooler of STREAM holds the lock of DIR. */
bool spooldir_written(int dir, uint64_t stream);

#endif
