/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a clock as one number, and sleeping by it. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds of CLOCK. */
static inline uint64_t
clock_ns(clockid_t clock)
{
	struct timespec ts;

	(void)clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Sleep for MS milliseconds, less when a signal comes. */
static inline void
clock_pause_ms(uint32_t ms)
{
	(void)nanosleep(&(struct timespec){ ms / 1000, (long)(ms % 1000) * 1000000 }, NULL);
}

#endif
