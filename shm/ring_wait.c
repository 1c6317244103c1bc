/* SPDX-License-Identifier: Apache-2.0 */
/* One consumer that waits for several rings.  See ring.h; orderings as in ring.c. */
#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "ring.h"

enum {
	IDLE_SLEEPS = 16,          /* as ring_wait() */
	TIMED_SLEEP_NS = 200000,
	POLL_SLEEP_NS = 5000000    /* without a way to wait for several words */
};

/* The kernel's struct futex_waitv and system call, which headers before Linux 5.16 lack. */
struct wait_word {
	uint64_t seen;
	uint64_t address;
	uint32_t flags;
	uint32_t reserved;
};

enum { WAIT_WORD_U32 = 2, SYS_wait_words = 449 };

static void
sleep_for(uint64_t ns)
{
	(void)nanosleep(&(struct timespec){ .tv_sec = (time_t)(ns / 1000000000u),
	    .tv_nsec = (long)(ns % 1000000000u) }, NULL);
}

static void
wait_words(struct wait_word *words, uint32_t count, uint64_t timeout_ns)
{
	uint64_t until = clock_ns(CLOCK_MONOTONIC) + timeout_ns;
	struct timespec ts = { (time_t)(until / 1000000000u), (long)(until % 1000000000u) };

	if (syscall(SYS_wait_words, words, count, 0, &ts, CLOCK_MONOTONIC) >= 0 ||
	    errno == EAGAIN || errno == ETIMEDOUT || errno == EINTR)
		return;
	/* ENOSYS; or EPERM, of containers that refuse what they do not know. */
	sleep_for(timeout_ns < POLL_SLEEP_NS ? timeout_ns : POLL_SLEEP_NS);
}

static void
set_sleeping(struct ring *const *rings, uint32_t count, uint32_t how)
{
	for (uint32_t i = 0; i < count; i++)
		__atomic_store_n(&rings[i]->consumer->sleeping, how, __ATOMIC_RELAXED);
}

/* Fill WORDS with the heads.  False when nobody should sleep: entries, or all have ended. */
static bool
look(struct ring *const *rings, uint32_t count, struct wait_word *words)
{
	bool open = false;

	for (uint32_t i = 0; i < count; i++) {
		struct ring_producer_page *producer = rings[i]->producer;
		uint64_t head = __atomic_load_n(&producer->head, __ATOMIC_RELAXED);

		if (head != rings[i]->own)
			return false;
		open |= !__atomic_load_n(&producer->closed, __ATOMIC_RELAXED);
		words[i] = (struct wait_word){ .seen = (uint32_t)head,
			.address = (uint64_t)(uintptr_t)&producer->head, .flags = WAIT_WORD_U32 };
	}
	return open;
}

void
ring_wait_any(struct ring *const *rings, uint32_t count, uint64_t timeout_ns)
{
	struct wait_word words[RING_WAIT_MAX];
	bool timed = false;

	for (uint32_t i = 0; i < count; i++)
		timed |= rings[i]->idle < IDLE_SLEEPS;
	set_sleeping(rings, count, timed ? RING_WAKE_EIGHTH : RING_WAKE_ANY);
	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* C3 */
	if (look(rings, count, words)) {
		rings[0]->sleep_count++;
		wait_words(words, count,
		    timed && TIMED_SLEEP_NS < timeout_ns ? TIMED_SLEEP_NS : timeout_ns);
	}
	set_sleeping(rings, count, RING_AWAKE);
	for (uint32_t i = 0; i < count; i++)
		rings[i]->idle += rings[i]->idle < IDLE_SLEEPS;
}
