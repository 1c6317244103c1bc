/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a spool keeps: bounded by bytes and by age.  Segments go oldest first, so those that
 * every sink has had go before those that some sink has not; the latter only under the policy
 * drop_oldest, and counted.
 */
#ifndef OUTPUTS_RETENTION_H
#define OUTPUTS_RETENTION_H

#include <stdbool.h>
#include <stdint.h>

#include "segment.h"
#include "stats.h"

struct retention {
	int dir;                       /* borrowed */
	int cursors;                   /* directory of the sinks' cursors, borrowed */
	uint64_t bytes_max;
	uint64_t age_max_s;
	bool block;                    /* never delete what a sink has not had */
	struct segment_reader *reader; /* borrowed: for the heads of segments */
	struct stats *stats;

	uint64_t oldest;               /* 0: none */
	uint64_t newest;
	uint64_t bytes;                /* of all segments */
	uint64_t ordinal;              /* of the next record: the end of the newest segment */
	uint64_t dropped_segments;     /* not told of yet */
	uint64_t dropped_alerts;
};

/*
 * Look at the segments there are.  The configured members are set by the caller.  0 or a
 * negative errno.
 */
int retention_open(struct retention *retention);

/* Segment NUMBER of BYTES bytes was created. */
void retention_add(struct retention *retention, uint64_t number, uint64_t bytes);

/* A segment changed its size. */
void retention_resize(struct retention *retention, uint64_t from_bytes, uint64_t to_bytes);

/*
 * Delete the oldest segment.  Returns 0; -ENOENT when there is none but the newest and
 * WITH_NEWEST is false; -EAGAIN when a sink has not had it and the policy is to block; or a
 * negative errno.
 */
int retention_delete_oldest(struct retention *retention, bool with_newest);

/* Make room for BYTES more under bytes_max.  0, or as retention_delete_oldest(). */
int retention_room(struct retention *retention, uint64_t bytes);

/* Delete what was last written before WALL_S (s since 1970) minus the age; never the newest. */
void retention_age(struct retention *retention, uint64_t wall_s);

#endif
