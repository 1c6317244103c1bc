/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both ends of a ring, for tests: the regions as the keeper makes them, a producer and a
 * consumer attached.
 */
#ifndef TESTS_RING_FIXTURE_H
#define TESTS_RING_FIXTURE_H

#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "ring.h"

struct ring_fixture {
	struct region data, tail; /* the keeper's own, writable mappings */
	struct ring producer, consumer;
};

/* A fresh pair of regions with CAPACITY bytes of data. */
static inline void
ring_fixture_regions(struct ring_fixture *f, size_t capacity)
{
	memset(f, 0, sizeof(*f));
	assert(region_create(&f->data, REGION_RAW_DATA, RING_DATA_CONTENT(capacity)) == 0);
	assert(region_create(&f->tail, REGION_RAW_TAIL, RING_TAIL_CONTENT) == 0);
}

/* Attach the producer's end, as a worker that was started (again). */
static inline void
ring_fixture_producer(struct ring_fixture *f, uint32_t mark_words)
{
	assert(ring_attach_producer_take(&f->producer, region_reopen(&f->data, true),
	    region_reopen(&f->tail, false), REGION_RAW_DATA, mark_words) == 0);
}

static inline void
ring_fixture_consumer(struct ring_fixture *f)
{
	assert(ring_attach_consumer_take(&f->consumer, region_reopen(&f->data, false),
	    region_reopen(&f->tail, true), REGION_RAW_DATA) == 0);
}

static inline void
ring_fixture_open(struct ring_fixture *f, size_t capacity)
{
	ring_fixture_regions(f, capacity);
	ring_fixture_producer(f, 4);
	ring_fixture_consumer(f);
}

static inline void
ring_fixture_close(struct ring_fixture *f)
{
	ring_detach(&f->producer);
	ring_detach(&f->consumer);
	region_close(&f->data);
	region_close(&f->tail);
}

/* The producer's page as a hostile producer would scribble on it; likewise the consumer's. */
static inline struct ring_producer_page *
ring_fixture_producer_page(struct ring_fixture *f)
{
	return region_content(&f->data);
}

static inline struct ring_consumer_page *
ring_fixture_consumer_page(struct ring_fixture *f)
{
	return region_content(&f->tail);
}

/* Write one entry of LEN bytes that carries NUMBER; false when there is no room. */
static inline bool
ring_fixture_put(struct ring *ring, uint32_t len, uint64_t number)
{
	int err;
	uint8_t *entry = ring_reserve(ring, len, &err);

	assert(err == 0);
	if (entry == NULL)
		return false;
	memset(entry, (int)(number & 0xff), len);
	memcpy(entry, &len, 4);
	memcpy(entry + 8, &number, 8);
	ring_commit(ring, len);
	return true;
}

#endif
