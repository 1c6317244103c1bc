/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeping on the spooler's counter of frames.  See notice.h. */
#include "notice.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

/* Without the counter: what a sink sleeps between two looks, after none and after many in vain. */
enum { SLEEP_MIN_MS = 1, SLEEP_MAX_MS = 20 };

/* The futex word is the low half of the counter (little-endian). */
static const uint32_t *
notice_word(const struct stats *spooler)
{
	return (const uint32_t *)(const void *)&spooler->values[STAT_SPOOLER_frames];
}

void
notice_look(struct notice *notice)
{
	if (notice->spooler)
		notice->seen = stats_get(notice->spooler, STAT_SPOOLER_frames);
}

void
notice_wait(struct notice *notice, uint32_t timeout_ms)
{
	uint32_t ms = SLEEP_MIN_MS + notice->idle / 16;
	struct timespec ts;

	if (notice->idle < UINT32_MAX)
		notice->idle++;
	if (notice->spooler || ms > timeout_ms)
		ms = timeout_ms;
	else if (ms > SLEEP_MAX_MS)
		ms = SLEEP_MAX_MS;
	ts = (struct timespec){ ms / 1000, (long)(ms % 1000) * 1000000L };
	if (notice->spooler)
		(void)syscall(SYS_futex, notice_word(notice->spooler), FUTEX_WAIT,
		    (uint32_t)notice->seen, &ts, NULL, 0);
	else
		clock_pause_ms(ms);
}

void
notice_wake(struct stats *spooler)
{
	(void)syscall(SYS_futex, notice_word(spooler), FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}
