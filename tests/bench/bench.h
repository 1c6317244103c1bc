/* SPDX-License-Identifier: Apache-2.0 */
/* What measurements share. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stdlib.h>

#include "clock.h"

/* Nanoseconds of the monotonic clock. */
static inline double
bench_ns(void)
{
	return (double)clock_ns(CLOCK_MONOTONIC);
}

static inline int
bench_ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sort COUNT numbers, the least first: the median is then in the middle. */
static inline void
bench_sort(double *numbers, size_t count)
{
	qsort(numbers, count, sizeof(*numbers), bench_ascending);
}

#endif
