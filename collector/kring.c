/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a BPF ring buffer in place.  See kring.h. */
#include "kring.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int
kring_map(struct kring *ring, int fd, uint64_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *consumer, *producer;

	memset(ring, 0, sizeof(*ring));
	consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (consumer == MAP_FAILED)
		return -errno;
	producer = mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, fd, (off_t)page);
	if (producer == MAP_FAILED) {
		int err = -errno;

		(void)munmap(consumer, page);
		return err;
	}
	ring->consumer = consumer;
	ring->producer = producer;
	ring->bytes = (const uint8_t *)producer + page;
	ring->size = size;
	ring->read = ring->released = *ring->consumer;
	return 0;
}

enum source_look
kring_poll(struct kring *ring, struct source_record *record)
{
	uint64_t end;

	record->begin = record->end = ring->read;
	if (!ring->consumer)
		return SOURCE_EMPTY;
	/* Pairs with the kernel's store after it has marked the new record busy. */
	end = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
	while (ring->read < end) {
		const uint8_t *at = ring->bytes + (ring->read & (ring->size - 1));
		/* Pairs with the commit, which clears the bit after the record is written. */
		uint32_t head =
		    __atomic_load_n((const uint32_t *)(const void *)at, __ATOMIC_ACQUIRE);
		uint32_t len = head & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

		record->begin = record->end = ring->read;
		if (head & BPF_RINGBUF_BUSY_BIT)
			return SOURCE_BUSY;
		ring->read += (len + BPF_RINGBUF_HDR_SZ + 7) & ~UINT64_C(7);
		record->end = ring->read;
		if (head & BPF_RINGBUF_DISCARD_BIT)
			continue;
		record->head = (const void *)(at + BPF_RINGBUF_HDR_SZ);
		record->len = len;
		return SOURCE_READY;
	}
	return SOURCE_EMPTY;
}

void
kring_release(struct kring *ring, uint64_t end)
{
	if (!ring->consumer)
		return;
	/* After the copies of what stood there, and after the raw head that shows them. */
	__atomic_store_n(ring->consumer, end, __ATOMIC_RELEASE);
	ring->released = end;
}

uint64_t
kring_waiting(const struct kring *ring)
{
	if (!ring->consumer)
		return 0;
	return __atomic_load_n(ring->producer, __ATOMIC_RELAXED) - ring->released;
}

void
kring_unmap(struct kring *ring)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (!ring->consumer)
		return;
	(void)munmap(ring->consumer, page);
	(void)munmap((char *)(uintptr_t)ring->producer, page + 2 * ring->size);
	memset(ring, 0, sizeof(*ring));
}
