/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Producer and consumer as two threads over one mapping, for ThreadSanitizer: it sees no relation
 * between two mappings of the same pages, so both ends are pointed at the same one.  Sequence and
 * content of every entry are checked.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit/shm/ring_fixture.h"

enum { ENTRIES = 400000, CAPACITY = RING_BYTES_MIN };

static void *
produce(void *arg)
{
	struct ring *ring = arg;

	for (uint64_t i = 1; i <= ENTRIES;) {
		uint32_t len = (uint32_t)(16 + 8 * (i * 7 % 64));

		if (ring_fixture_put(ring, len, i)) {
			if (i % 32 == 0)
				ring_publish(ring, i);
			i++;
			continue;
		}
		ring_publish(ring, i - 1);
		assert(ring_wait_room(ring, len, 10000000) == 0);
	}
	ring_publish(ring, ENTRIES);
	ring_end(ring);
	return NULL;
}

int
main(void)
{
	static uint64_t buf[128];
	struct ring_fixture f;
	pthread_t thread;
	uint64_t expected = 1;

	ring_fixture_open(&f, CAPACITY);
	f.consumer.producer = f.producer.producer;
	f.consumer.bytes = f.producer.bytes;
	f.producer.consumer = f.consumer.consumer;
	if (pthread_create(&thread, NULL, produce, &f.producer) != 0)
		return 111;
	while (expected <= ENTRIES) {
		int len = ring_next(&f.consumer, buf, sizeof(buf));

		if (len == 0) {
			ring_release(&f.consumer, expected - 1);
			ring_wait(&f.consumer, 10000000);
			continue;
		}
		if (len != (int)(16 + 8 * (expected * 7 % 64)) || buf[1] != expected) {
			fprintf(stderr, "entry %llu: length %d, number %llu\n",
			    (unsigned long long)expected, len, (unsigned long long)buf[1]);
			return 1;
		}
		if (expected++ % 16 == 0)
			ring_release(&f.consumer, expected);
	}
	(void)pthread_join(thread, NULL);
	printf("%d entries in order; %llu sleeps, %llu wakes\n", ENTRIES,
	    (unsigned long long)f.consumer.sleep_count, (unsigned long long)f.producer.wake_count);
	return 0;
}
