/* SPDX-License-Identifier: Apache-2.0 */
/* Time for tests and measurements. */
#ifndef TESTS_SECONDS_H
#define TESTS_SECONDS_H

#include "clock.h"

/* Seconds of CLOCK. */
static inline double
seconds_of(clockid_t clock)
{
	return (double)clock_ns(clock) / 1e9;
}

#endif
