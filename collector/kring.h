/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A BPF ring buffer, mapped and read in place.  libbpf's reader moves the consumer's position
 * with each record; here it moves only when the caller says that the records before it are safe
 * elsewhere.
 *
 *   page 0: consumer position (ours)   page 1: producer position (read-only)   then the data,
 *   mapped twice by the kernel
 *
 * A record is 8 bytes of head (length with a BUSY and a DISCARD bit, page offset) and the sample,
 * 8-aligned.
 */
#ifndef COLLECTOR_KRING_H
#define COLLECTOR_KRING_H

#include <stddef.h>
#include <stdint.h>

#include "source.h"

struct kring {
	uint64_t *consumer;       /* page 0; NULL: no ring */
	const uint64_t *producer; /* in page 1 */
	const uint8_t *bytes;
	uint64_t size;            /* a power of two */
	uint64_t read;
	uint64_t released;
};

/*
 * Map the ring behind FD (borrowed), of SIZE bytes, and begin at its consumer's position.
 * Returns 0 or a negative errno.
 */
int kring_map(struct kring *ring, int fd, uint64_t size);

/*
 * Show the next record and move the read position behind it; discarded ones are passed over.  As
 * source_ops.poll.
 */
enum source_look kring_poll(struct kring *ring, struct source_record *record);

/* Give the room before position END back to the kernel. */
void kring_release(struct kring *ring, uint64_t end);

/* Bytes that wait to be released. */
uint64_t kring_waiting(const struct kring *ring);

/* Unmap; harmless twice and on a zeroed one. */
void kring_unmap(struct kring *ring);

#endif
