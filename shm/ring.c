/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ring of ring.h.  Orderings, each with its partner:
 *
 *   P1 store head (release)       – C1 load head (acquire): the entry's bytes are there
 *   C2 store tail (release)       – P2 load tail (acquire): the reader is done with the bytes
 *   P3 fence between head and flag – C3 fence between flag and head: one of the two sees the
 *                                   other (no lost wake-up)
 *   C4, P4: the same for a producer that waits for room
 */
#include "ring.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { IDLE_SLEEPS = 16 };

static const uint64_t timed_sleep_ns = 200 * 1000;

_Static_assert(sizeof(struct ring_mark) == REGION_PAGE, "a mark is a page");
_Static_assert(sizeof(struct ring_producer_page) <= REGION_PAGE, "fits its page");
_Static_assert(sizeof(struct ring_consumer_page) <= REGION_PAGE, "fits its page");

/* The futex word of an index is its low half (little-endian). */
static uint32_t *
index_word(uint64_t *index)
{
	return (uint32_t *)(void *)index;
}

static void
futex_wait(uint64_t *index, uint64_t seen, uint64_t timeout_ns)
{
	struct timespec ts = {
		(time_t)(timeout_ns / 1000000000u), (long)(timeout_ns % 1000000000u)
	};

	(void)syscall(SYS_futex, index_word(index), FUTEX_WAIT, (uint32_t)seen, &ts, NULL, 0);
}

static void
futex_wake(uint64_t *index)
{
	(void)syscall(SYS_futex, index_word(index), FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Map the data region again with its data part twice: control pages, data, data. */
static int
ring_map(struct ring *ring)
{
	int prot = PROT_READ | (ring->data.writable ? PROT_WRITE : 0);
	size_t control = REGION_PAGE + RING_CONTROL_BYTES, capacity = (size_t)ring->capacity;
	char *base = mmap(NULL, control + 2 * capacity, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		return -errno;
	if (mmap(base, control + capacity, prot, MAP_SHARED | MAP_FIXED,
	    ring->data.fd, 0) == MAP_FAILED ||
	    mmap(base + control + capacity, capacity, prot, MAP_SHARED | MAP_FIXED,
	    ring->data.fd, (off_t)control) == MAP_FAILED) {
		int err = -errno;

		(void)munmap(base, control + 2 * capacity);
		return err;
	}
	(void)munmap(ring->data.base, ring->data.bytes);
	ring->data.base = base;
	ring->producer = (void *)(base + REGION_PAGE);
	ring->marks = (void *)(base + 2 * REGION_PAGE);
	ring->bytes = (uint8_t *)base + control;
	ring->consumer = region_content(&ring->tail);
	return 0;
}

static int
ring_attach(struct ring *ring, int data_fd, int tail_fd, enum region_kind kind, bool producer)
{
	int err, tail_err;

	memset(ring, 0, sizeof(*ring));
	err = region_attach_take(&ring->data, data_fd, kind, producer);
	tail_err = region_attach_take(&ring->tail, tail_fd, kind + 1, !producer);
	if (err < 0 || (err = tail_err) < 0)
		goto fail;
	if (region_content_bytes(&ring->data) < RING_CONTROL_BYTES + RING_BYTES_MIN) {
		err = -EBADMSG;
		goto fail;
	}
	ring->capacity = region_content_bytes(&ring->data) - RING_CONTROL_BYTES;
	if ((ring->capacity & (ring->capacity - 1)) != 0) {
		err = -EBADMSG;
		goto fail;
	}
	if ((err = ring_map(ring)) < 0)
		goto fail;
	return 0;
fail:
	ring_detach(ring);
	return err;
}

/* Take over the words of the mark that belongs to the stored head, if one does. */
static void
ring_adopt_mark(struct ring *ring, uint64_t head)
{
	ring->position = __atomic_load_n(&ring->producer->position, __ATOMIC_RELAXED);
	for (uint32_t i = 0; i < 2; i++) {
		const struct ring_mark *mark = &ring->marks[i];

		if (mark->head != head || head == 0)
			continue;
		if (mark->position > ring->position)
			ring->position = mark->position;
		memcpy(ring->words, mark->words, 8 * (size_t)ring->mark_used);
		ring->mark_next = 1 - i;
	}
}

int
ring_attach_producer_take(struct ring *ring, int data_fd, int tail_fd, enum region_kind kind,
    uint32_t mark_words)
{
	int err = ring_attach(ring, data_fd, tail_fd, kind, true);

	if (err < 0)
		return err;
	ring->mark_used = mark_words < RING_MARK_WORDS ? mark_words : RING_MARK_WORDS;
	ring->own = ring->stored = __atomic_load_n(&ring->producer->head, __ATOMIC_RELAXED);
	ring->peer = __atomic_load_n(&ring->consumer->tail, __ATOMIC_ACQUIRE);
	if (ring->own - ring->peer > ring->capacity)
		ring->peer = ring->own < ring->capacity ? 0 : ring->own - ring->capacity;
	ring_adopt_mark(ring, ring->own);
	__atomic_store_n(&ring->producer->closed, 0, __ATOMIC_RELAXED);
	return 0;
}

int
ring_attach_consumer_take(struct ring *ring, int data_fd, int tail_fd, enum region_kind kind)
{
	int err = ring_attach(ring, data_fd, tail_fd, kind, false);

	if (err < 0)
		return err;
	ring->own = ring->stored = __atomic_load_n(&ring->consumer->tail, __ATOMIC_RELAXED);
	ring->peer = ring->own;
	ring->position = __atomic_load_n(&ring->consumer->position, __ATOMIC_RELAXED);
	__atomic_store_n(&ring->consumer->sleeping, RING_AWAKE, __ATOMIC_RELAXED);
	return 0;
}

void
ring_detach(struct ring *ring)
{
	if (ring->bytes && ring->data.base) {
		(void)munmap(ring->data.base,
		    REGION_PAGE + RING_CONTROL_BYTES + 2 * (size_t)ring->capacity);
		ring->data.base = NULL;
	}
	if (ring->data.kind != REGION_NONE_KIND)
		region_close(&ring->data);
	if (ring->tail.kind != REGION_NONE_KIND)
		region_close(&ring->tail);
	memset(ring, 0, sizeof(*ring));
}

/* P2: load the tail; false when it can not be. */
static bool
ring_load_tail(struct ring *ring)
{
	uint64_t tail = __atomic_load_n(&ring->consumer->tail, __ATOMIC_ACQUIRE);

	if (tail > ring->stored || tail < ring->peer)
		return false;
	ring->peer = tail;
	return true;
}

void *
ring_reserve(struct ring *ring, uint32_t len, int *err)
{
	*err = 0;
	if (ring_pending(ring) + len > ring->capacity / 4)
		return NULL;
	if (ring->own + len - ring->peer > ring->capacity && !ring_load_tail(ring)) {
		*err = -EBADMSG;
		return NULL;
	}
	if (ring->own + len - ring->peer > ring->capacity)
		return NULL;
	return ring->bytes + (ring->own & (ring->capacity - 1));
}

static void
ring_wake_consumer(struct ring *ring)
{
	uint32_t sleeping;

	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* P3 */
	sleeping = __atomic_load_n(&ring->consumer->sleeping, __ATOMIC_RELAXED);
	if (sleeping == RING_AWAKE)
		return;
	if (sleeping == RING_WAKE_EIGHTH) {
		(void)ring_load_tail(ring);
		if (ring->stored - ring->peer < ring->capacity / 8)
			return;
	}
	futex_wake(&ring->producer->head);
	ring->wake_count++;
}

void
ring_wake_word(uint64_t *word)
{
	futex_wake(word);
}

void
ring_publish(struct ring *ring, uint64_t position)
{
	struct ring_mark *mark = &ring->marks[ring->mark_next];

	ring->position = position;
	if (ring->own == ring->stored) {
		__atomic_store_n(&ring->producer->position, position, __ATOMIC_RELEASE);
		return;
	}
	mark->head = 0; /* while it changes it belongs to no head */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	mark->position = position;
	memcpy(mark->words, ring->words, 8 * (size_t)ring->mark_used);
	__atomic_store_n(&mark->head, ring->own, __ATOMIC_RELEASE);
	ring->mark_next = 1 - ring->mark_next;
	__atomic_store_n(&ring->producer->head, ring->own, __ATOMIC_RELEASE); /* P1 */
	__atomic_store_n(&ring->producer->position, position, __ATOMIC_RELEASE);
	ring->stored = ring->own;
	ring_wake_consumer(ring);
}

void
ring_end(struct ring *ring)
{
	__atomic_store_n(&ring->producer->closed, 1, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	futex_wake(&ring->producer->head);
}

int
ring_wait_room(struct ring *ring, uint32_t len, uint64_t timeout_ns)
{
	if (!ring_load_tail(ring))
		return -EBADMSG;
	if (ring->own + len - ring->peer <= ring->capacity)
		return 0;
	__atomic_store_n(&ring->producer->sleeping, RING_WAKE_ANY, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* P4 */
	if (ring_load_tail(ring) && ring->own + len - ring->peer > ring->capacity) {
		ring->sleep_count++;
		futex_wait(&ring->consumer->tail, ring->peer, timeout_ns);
	}
	__atomic_store_n(&ring->producer->sleeping, RING_AWAKE, __ATOMIC_RELAXED);
	return ring_load_tail(ring) ? 0 : -EBADMSG;
}

/* C1: load the head; false when it can not be. */
static bool
ring_load_head(struct ring *ring)
{
	uint64_t head = __atomic_load_n(&ring->producer->head, __ATOMIC_ACQUIRE);

	if (head < ring->peer || head - ring->stored > ring->capacity || head % 8 != 0)
		return false;
	ring->peer = head;
	return true;
}

static int
ring_refuse(struct ring *ring)
{
	ring->broken = true;
	return -EBADMSG;
}

int
ring_peek(struct ring *ring, const void **entry)
{
	const uint8_t *at = ring->bytes + (ring->own & (ring->capacity - 1));
	uint32_t len;

	if (ring->own == ring->peer) {
		if (!ring_load_head(ring))
			return ring_refuse(ring);
		if (ring->own == ring->peer)
			return 0;
	}
	len = __atomic_load_n((const uint32_t *)(const void *)at, __ATOMIC_RELAXED);
	if (len < RING_ENTRY_MIN || len % 8 != 0 || len > ring->peer - ring->own)
		return ring_refuse(ring);
	*entry = at;
	ring->own += len;
	ring->idle = 0;
	return (int)len;
}

int
ring_next(struct ring *ring, void *buf, size_t size)
{
	const void *entry = NULL;
	int len = ring_peek(ring, &entry);

	if (len <= 0)
		return len;
	if ((size_t)len > size)
		return ring_refuse(ring);
	memcpy(buf, entry, (size_t)len);
	/* The length that was judged, not one that changed since. */
	*(uint32_t *)buf = (uint32_t)len;
	return len;
}

void
ring_abandon(struct ring *ring)
{
	uint64_t head = __atomic_load_n(&ring->producer->head, __ATOMIC_ACQUIRE) & ~(uint64_t)7;

	/* A head that can not be is not followed: what was last believed is the best there is. */
	ring->own = head >= ring->peer && head - ring->stored <= ring->capacity ? head : ring->peer;
	ring_release(ring, ring->position);
}

void
ring_release(struct ring *ring, uint64_t position)
{
	if (ring->own == ring->stored && position == ring->position)
		return;
	ring->position = position;
	__atomic_store_n(&ring->consumer->position, position, __ATOMIC_RELAXED);
	__atomic_store_n(&ring->consumer->tail, ring->own, __ATOMIC_RELEASE); /* C2 */
	ring->stored = ring->own;
	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* C4 */
	if (__atomic_load_n(&ring->producer->sleeping, __ATOMIC_RELAXED) != RING_AWAKE) {
		futex_wake(&ring->consumer->tail);
		ring->wake_count++;
	}
}

void
ring_release_but(struct ring *ring, uint64_t position, uint32_t keep)
{
	ring->own -= keep;
	ring_release(ring, position);
	ring->own += keep;
}

void
ring_wait(struct ring *ring, uint64_t timeout_ns)
{
	bool timed = ring->idle < IDLE_SLEEPS;
	uint64_t seen;

	__atomic_store_n(&ring->consumer->sleeping, timed ? RING_WAKE_EIGHTH : RING_WAKE_ANY,
	    __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* C3 */
	seen = __atomic_load_n(&ring->producer->head, __ATOMIC_RELAXED);
	if (seen == ring->own && !__atomic_load_n(&ring->producer->closed, __ATOMIC_RELAXED)) {
		ring->sleep_count++;
		futex_wait(&ring->producer->head, seen,
		    timed && timed_sleep_ns < timeout_ns ? timed_sleep_ns : timeout_ns);
	}
	__atomic_store_n(&ring->consumer->sleeping, RING_AWAKE, __ATOMIC_RELAXED);
	if (ring->idle < IDLE_SLEEPS)
		ring->idle++;
}

bool
ring_ended(struct ring *ring)
{
	/* closed is stored after the last head: load it first. */
	if (!__atomic_load_n(&ring->producer->closed, __ATOMIC_ACQUIRE))
		return false;
	return ring_load_head(ring) && ring->own == ring->peer;
}

uint64_t
ring_waiting(const struct ring *ring)
{
	uint64_t head = __atomic_load_n(&ring->producer->head, __ATOMIC_ACQUIRE);
	uint64_t tail = __atomic_load_n(&ring->consumer->tail, __ATOMIC_ACQUIRE);

	return head > tail ? head - tail : 0;
}

uint64_t
ring_position(const struct ring *ring)
{
	return __atomic_load_n(&ring->producer->position, __ATOMIC_ACQUIRE);
}

uint64_t
ring_released_position(const struct ring *ring)
{
	return __atomic_load_n(&ring->consumer->position, __ATOMIC_ACQUIRE);
}
