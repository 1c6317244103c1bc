/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lossy observer of a ring: maps the data region read-only, follows the head, and is never seen
 * by the producer.  It copies an entry and then checks that the producer can not have reached it
 * meanwhile.
 */
#ifndef SHM_TAP_H
#define SHM_TAP_H

#include "ring.h"

/*
 * A producer publishes before this share of the capacity is pending, so that a tap knows
 * what may be overwritten.
 */
enum { TAP_PENDING_SHARE = 4 };

struct tap {
	struct region data;
	const struct ring_producer_page *producer;
	const uint8_t *bytes;
	uint64_t capacity;
	uint64_t at;          /* next byte to read */
	uint64_t lapped_count; /* times the producer overtook us */
};

/*
 * Attach to the data region behind FD (taken), at the newest entry.  Errors as
 * ring_attach_consumer_take().
 */
int tap_attach_take(struct tap *tap, int fd, enum region_kind kind);

/*
 * Copy the next entry into BUF.  Returns its length; 0 when there is none; -EOVERFLOW when the
 * producer overtook us (then the tap is at the newest entry again); -EBADMSG when a length can
 * not be.
 */
int tap_next(struct tap *tap, void *buf, size_t size);

/* Position up to which the producer has passed everything on: look before tap_next(). */
static inline uint64_t
tap_position(const struct tap *tap)
{
	return __atomic_load_n(&tap->producer->position, __ATOMIC_ACQUIRE);
}

/* True when the producer has ended and everything was read. */
bool tap_ended(const struct tap *tap);

/* Unmap; harmless on a zeroed tap. */
void tap_detach(struct tap *tap);

#endif
