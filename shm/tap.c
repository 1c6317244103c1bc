/* SPDX-License-Identifier: Apache-2.0 */
/* Observers of a ring.  See tap.h. */
#include "tap.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static uint64_t
tap_head(const struct tap *tap)
{
	return __atomic_load_n(&tap->producer->head, __ATOMIC_ACQUIRE);
}

/* True when the producer, with all it may have pending, can not have touched the byte at AT. */
static bool
tap_safe(const struct tap *tap, uint64_t head, uint64_t at)
{
	return head - at <= tap->capacity - tap->capacity / TAP_PENDING_SHARE;
}

int
tap_attach_take(struct tap *tap, int fd, enum region_kind kind)
{
	size_t control = REGION_PAGE + RING_CONTROL_BYTES;
	char *base;
	int err;

	memset(tap, 0, sizeof(*tap));
	if ((err = region_attach_take(&tap->data, fd, kind, false)) < 0)
		return err;
	tap->capacity = tap->data.bytes - control;
	if (tap->data.bytes < control + RING_BYTES_MIN ||
	    (tap->capacity & (tap->capacity - 1)) != 0) {
		tap_detach(tap);
		return -EBADMSG;
	}
	/* The data twice, as in ring_map(): an entry never wraps. */
	base = mmap(NULL, control + 2 * (size_t)tap->capacity, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED ||
	    mmap(base, tap->data.bytes, PROT_READ, MAP_SHARED | MAP_FIXED,
	    tap->data.fd, 0) == MAP_FAILED ||
	    mmap(base + tap->data.bytes, (size_t)tap->capacity, PROT_READ, MAP_SHARED | MAP_FIXED,
	    tap->data.fd, (off_t)control) == MAP_FAILED) {
		err = -errno;
		tap_detach(tap);
		return err;
	}
	(void)munmap(tap->data.base, tap->data.bytes);
	tap->data.base = base;
	tap->producer = (const void *)(base + REGION_PAGE);
	tap->bytes = (const uint8_t *)base + control;
	tap->at = tap_head(tap);
	return 0;
}

int
tap_next(struct tap *tap, void *buf, size_t size)
{
	const uint8_t *entry = tap->bytes + (tap->at & (tap->capacity - 1));
	uint64_t head = tap_head(tap);
	uint32_t len;

	if (head == tap->at)
		return 0;
	len = __atomic_load_n((const uint32_t *)(const void *)entry, __ATOMIC_RELAXED);
	if (len >= RING_ENTRY_MIN && len % 8 == 0 && len <= size && len <= head - tap->at)
		memcpy(buf, entry, len);
	else
		len = 0;
	__atomic_thread_fence(__ATOMIC_ACQUIRE); /* the copy before the second look at the head */
	if (!tap_safe(tap, tap_head(tap), tap->at)) {
		tap->at = tap_head(tap);
		tap->lapped_count++;
		return -EOVERFLOW;
	}
	if (len == 0)
		return -EBADMSG;
	*(uint32_t *)buf = len;
	tap->at += len;
	return (int)len;
}

bool
tap_ended(const struct tap *tap)
{
	if (!__atomic_load_n(&tap->producer->closed, __ATOMIC_ACQUIRE))
		return false;
	return tap_head(tap) == tap->at;
}

void
tap_detach(struct tap *tap)
{
	if (tap->bytes) {
		(void)munmap(tap->data.base,
		    REGION_PAGE + RING_CONTROL_BYTES + 2 * (size_t)tap->capacity);
		tap->data.base = NULL;
	}
	if (tap->data.kind != REGION_NONE_KIND)
		region_close(&tap->data);
	memset(tap, 0, sizeof(*tap));
}
