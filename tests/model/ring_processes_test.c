/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two real processes, read-only ends and all, with checked sequence, for RING_SECONDS (60):
 * bursts and pauses, so that both sides sleep and wake; a tap follows as a third process and must
 * see entries in order wherever it is not lapped.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "seconds.h"
#include "tap.h"
#include "unit/shm/ring_fixture.h"

enum { CAPACITY = RING_BYTES_MIN * 2 };

static uint32_t
length_of(uint64_t number)
{
	return (uint32_t)(24 + 8 * (number * 2654435761u % 120));
}

static int
produce(struct ring *ring, double duration)
{
	double end = seconds_of(CLOCK_MONOTONIC) + duration;
	uint64_t number = 1;
	unsigned seed = 42;

	while (seconds_of(CLOCK_MONOTONIC) < end) {
		uint64_t burst = number + 1 + (uint64_t)rand_r(&seed) % 5000;

		while (number < burst) {
			if (ring_fixture_put(ring, length_of(number), number)) {
				number++;
				continue;
			}
			ring_publish(ring, number - 1);
			if (ring_wait_room(ring, length_of(number), 100000000) < 0)
				return 1;
		}
		ring_publish(ring, number - 1);
		if (rand_r(&seed) % 4 == 0)
			(void)nanosleep(&(struct timespec){ 0, rand_r(&seed) % 2000000 }, NULL);
	}
	ring_end(ring);
	return 0;
}

static bool
entry_good(const uint64_t *buf, int len, uint64_t number)
{
	if (len != (int)length_of(number) || buf[1] != number)
		return false;
	for (int i = 2; i < len / 8; i++)
		if (buf[i] != (number & 0xff) * 0x0101010101010101u)
			return false;
	return true;
}

static int
consume(struct ring *ring, uint64_t *count)
{
	static uint64_t buf[128];
	uint64_t expected = 1;

	while (!ring_ended(ring)) {
		int len = ring_next(ring, buf, sizeof(buf));

		if (len == 0) {
			ring_release(ring, expected - 1);
			ring_wait(ring, 50000000);
			continue;
		}
		if (!entry_good(buf, len, expected)) {
			fprintf(stderr, "entry %llu is wrong (%d)\n", (unsigned long long)expected,
			    len);
			return 1;
		}
		if (expected++ % 32 == 0)
			ring_release(ring, expected - 1);
	}
	*count = expected - 1;
	return 0;
}

static int
observe(int fd)
{
	static uint64_t buf[128];
	struct tap tap;
	uint64_t last = 0, seen = 0;

	if (tap_attach_take(&tap, fd, REGION_RAW_DATA) < 0)
		return 1;
	while (!tap_ended(&tap)) {
		int len = tap_next(&tap, buf, sizeof(buf));

		if (len == -EOVERFLOW)
			continue;
		if (len < 0)
			return 1;
		if (len == 0) {
			(void)nanosleep(&(struct timespec){ 0, 100000 }, NULL);
			continue;
		}
		if (buf[1] <= last || !entry_good(buf, len, buf[1])) {
			fprintf(stderr, "tap: %llu after %llu\n", (unsigned long long)buf[1],
			    (unsigned long long)last);
			return 1;
		}
		last = buf[1];
		seen++;
	}
	printf("tap: %llu entries seen, lapped %llu times\n", (unsigned long long)seen,
	    (unsigned long long)tap.lapped_count);
	return seen == 0;
}

int
main(void)
{
	const char *text = getenv("RING_SECONDS");
	double duration = text ? atof(text) : 60;
	struct ring_fixture f;
	uint64_t count = 0;
	pid_t producer, tap;
	int status, bad;

	ring_fixture_regions(&f, CAPACITY);
	if ((producer = fork()) == 0) {
		ring_fixture_producer(&f, 4);
		_exit(produce(&f.producer, duration));
	}
	if ((tap = fork()) == 0) {
		bad = observe(region_reopen(&f.data, false));
		(void)fflush(stdout);
		_exit(bad);
	}
	ring_fixture_consumer(&f);
	bad = consume(&f.consumer, &count);
	if (bad)
		(void)kill(producer, SIGKILL);
	(void)waitpid(producer, &status, 0);
	bad |= status;
	(void)waitpid(tap, &status, 0);
	bad |= status;
	printf("%llu entries in order in %.0f s; consumer slept %llu times\n",
	    (unsigned long long)count, duration, (unsigned long long)f.consumer.sleep_count);
	return bad || count == 0;
}
