/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cost of a record through the ring between two processes: sizes, batches, with the consumer's
 * private copy and in place.  Median of RUNS; the ratio is against 64 bytes published one by one
 * in the same run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "bench.h"
#include "unit/shm/ring_fixture.h"

enum { RUNS = 7, CAPACITY = 1 << 20 };

struct setup {
	uint32_t len, batch;
	bool copy;
};

static void
produce(struct ring *ring, const struct setup *setup, uint64_t count)
{
	for (uint64_t i = 0; i < count;) {
		int err;
		uint64_t *entry = ring_reserve(ring, setup->len, &err);

		if (entry == NULL) {
			/* Both cores are ours: waiting for room would measure the scheduler. */
			ring_publish(ring, i);
			continue;
		}
		memset(entry, (int)i, setup->len); /* as a real producer writes every byte */
		entry[0] = setup->len;
		entry[1] = ++i;
		ring_commit(ring, setup->len);
		if (i % setup->batch == 0)
			ring_publish(ring, i);
	}
	ring_publish(ring, count);
	ring_end(ring);
}

static uint64_t
consume(struct ring *ring, const struct setup *setup)
{
	static uint64_t buf[128];
	const void *entry = NULL;
	uint64_t sum = 0, number = 0;

	while (!ring_ended(ring)) {
		int len = setup->copy ? ring_next(ring, buf, sizeof(buf)) : ring_peek(ring, &entry);

		if (len < 0)
			abort();
		if (len == 0) {
			ring_release(ring, number);
			continue;
		}
		sum += setup->copy ? buf[1] : ((const uint64_t *)entry)[1];
		if (++number % 32 == 0)
			ring_release(ring, number);
	}
	return sum;
}

static double
run(const struct setup *setup)
{
	uint64_t count = setup->len <= 256 ? 4000000 : 1000000, sum;
	struct ring_fixture f;
	double begin;
	pid_t pid;

	ring_fixture_regions(&f, CAPACITY);
	ring_fixture_consumer(&f);
	begin = bench_ns();
	if ((pid = fork()) == 0) {
		ring_fixture_producer(&f, 4);
		produce(&f.producer, setup, count);
		_exit(0);
	}
	sum = consume(&f.consumer, setup);
	begin = (bench_ns() - begin) / (double)count;
	(void)waitpid(pid, NULL, 0);
	if (sum != count * (count + 1) / 2)
		abort();
	ring_fixture_close(&f);
	return begin;
}

int
main(void)
{
	static const struct setup setups[] = {
		{ 64, 1, true }, { 64, 1, false }, { 64, 32, true }, { 64, 32, false },
		{ 256, 32, true }, { 256, 32, false }, { 1024, 32, true }, { 1024, 32, false }
	};
	double base = 0;

	printf("%6s %6s %6s %12s %12s %8s\n", "bytes", "batch", "copy", "ns/record", "M records/s",
	    "ratio");
	for (size_t i = 0; i < sizeof(setups) / sizeof(setups[0]); i++) {
		double runs[RUNS];

		for (int k = 0; k < RUNS; k++)
			runs[k] = run(&setups[i]);
		bench_sort(runs, RUNS);
		if (i == 0)
			base = runs[RUNS / 2];
		printf("%6u %6u %6s %12.1f %12.1f %8.2f\n", setups[i].len, setups[i].batch,
		    setups[i].copy ? "yes" : "no", runs[RUNS / 2], 1e3 / runs[RUNS / 2],
		    runs[RUNS / 2] / base);
	}
	return 0;
}
