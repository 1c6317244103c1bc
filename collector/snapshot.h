/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshots: all running tasks as records, read from the source's iterator in pieces and fed into
 * the time order; then the record that says that these were all.  One is made after the hooks are
 * armed, after an adoption, after a loss in the life lane.
 */
#ifndef COLLECTOR_SNAPSHOT_H
#define COLLECTOR_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "order.h"
#include "own.h"
#include "source.h"

enum { SNAPSHOT_BYTES = 256 * 1024 }; /* of a piece */

struct snapshot {
	struct source *source; /* borrowed, as the next three */
	struct order *order;
	struct own *own;
	struct stats *stats;
	int fd;                /* the iterator; -1: none is open */
	bool wanted;
	bool running;          /* begun, its end not told */
	bool failed;           /* the last one could not be made: said once */
	uint64_t task_count;
	uint64_t begin_ns;
	uint8_t *bytes;        /* owned, SNAPSHOT_BYTES */
	size_t fed;            /* bytes that take part in the order */
	size_t len;            /* bytes read: behind `fed` the beginning of a record */
};

/* Take the memory.  Returns 0 or -ENOMEM. */
int snapshot_open(struct snapshot *snapshot, struct order *order, struct own *own);

/* Ask for a snapshot; one that is running does not count, for it began too early. */
void snapshot_want(struct snapshot *snapshot);

/*
 * Go on at NOW: begin, feed a piece, or tell the end.  At most one begins a second.  May wait for
 * room in the raw ring.
 */
void snapshot_turn(struct snapshot *snapshot, uint64_t now_ns);

/* Close and free what snapshot_open() made; harmless twice. */
void snapshot_close(struct snapshot *snapshot);

#endif
