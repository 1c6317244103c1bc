/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source in memory, and a raw ring behind it, for tests: records are put into streams complete or
 * reserved only, and what comes out of the raw ring is read back.
 */
#ifndef TESTS_FAKE_SOURCE_H
#define TESTS_FAKE_SOURCE_H

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "order.h"
#include "raw.h"
#include "region.h"
#include "ring.h"
#include "source.h"
#include "stats.h"

enum { FAKE_CPUS = 2, FAKE_STREAMS = 1 + FAKE_CPUS };
enum { FAKE_RECORDS_MAX = 4096, FAKE_RECORD_BYTES = 128 };

struct fake_record {
	_Alignas(8) uint8_t bytes[FAKE_RECORD_BYTES];
	uint32_t len;
	int busy;
};

struct fake_stream {
	struct fake_record *records;
	uint64_t count;
	uint64_t read;
	uint64_t released;
};

struct fake_source {
	struct source source;
	struct fake_stream streams[FAKE_STREAMS];
};

/* One stage: source, order, both ends of a raw ring. */
struct fake {
	struct fake_source s;
	struct region data, tail, stats_region;
	struct ring consumer;
	struct raw raw;
	struct order order;
	struct gaps gaps; /* outlives a collector */
	struct stats stats;
	_Alignas(8) uint8_t out[EVENT_RECORD_MAX];
};

static inline enum source_look
fake_poll(struct source *source, uint32_t stream, struct source_record *record)
{
	struct fake_stream *s = &((struct fake_source *)(void *)source)->streams[stream];
	struct fake_record *r = &s->records[s->read];

	record->begin = record->end = s->read;
	if (s->read == s->count)
		return SOURCE_EMPTY;
	if (r->busy)
		return SOURCE_BUSY;
	record->head = (const void *)r->bytes;
	record->len = r->len;
	record->end = ++s->read;
	return SOURCE_READY;
}

static inline void
fake_release(struct source *source, uint32_t stream, uint64_t end)
{
	((struct fake_source *)(void *)source)->streams[stream].released = end;
}

static const struct source_ops fake_ops = {
	.name = "fake",
	.poll = fake_poll,
	.release = fake_release,
};

/* Put a record into the stream of its lane and CPU.  Returns it, so that a test can spoil it. */
static inline struct fake_record *
fake_put(struct fake *f, uint32_t lane, uint32_t cpu, uint64_t seq, uint64_t ts)
{
	struct fake_stream *s = &f->s.streams[lane == LANE_LIFE ? 0 : 1 + cpu];
	struct fake_record *r = &s->records[s->count++];
	struct event_head *head = (void *)r->bytes;

	assert(s->count <= FAKE_RECORDS_MAX);
	memset(r, 0, sizeof(*r));
	head->len = 64 + 8 * (uint32_t)(seq % 4);
	head->type = 12;
	head->lane = (uint8_t)lane;
	head->cpu = (uint16_t)cpu;
	head->seq = seq;
	head->ts = ts;
	r->len = head->len;
	return r;
}

/* A collector that starts (again) on the ring and the streams that are there. */
static inline void
fake_start(struct fake *f, uint64_t hold_ns, uint64_t late_ns)
{
	for (uint32_t i = 0; i < FAKE_STREAMS; i++)
		f->s.streams[i].read = f->s.streams[i].released;
	assert(raw_attach_take(&f->raw, region_reopen(&f->data, true),
	    region_reopen(&f->tail, false), FAKE_CPUS, &f->stats) == 0);
	gaps_resume(&f->gaps, FAKE_CPUS, late_ns, f->raw.position);
	order_init(&f->order, &f->s.source, &f->raw, &f->gaps, hold_ns);
}

static inline void
fake_open(struct fake *f, size_t capacity, uint64_t hold_ns, uint64_t late_ns)
{
	memset(f, 0, sizeof(*f));
	f->s.source.ops = &fake_ops;
	f->s.source.cpu_count = FAKE_CPUS;
	f->s.source.stream_count = FAKE_STREAMS;
	for (uint32_t i = 0; i < FAKE_STREAMS; i++) {
		f->s.streams[i].records = calloc(FAKE_RECORDS_MAX, sizeof(struct fake_record));
		assert(f->s.streams[i].records);
	}
	assert(region_create(&f->data, REGION_RAW_DATA, RING_DATA_CONTENT(capacity)) == 0);
	assert(region_create(&f->tail, REGION_RAW_TAIL, RING_TAIL_CONTENT) == 0);
	assert(ring_attach_consumer_take(&f->consumer, region_reopen(&f->data, false),
	    region_reopen(&f->tail, true), REGION_RAW_DATA) == 0);
	fake_start(f, hold_ns, late_ns);
}

/* The next record of the raw ring, or NULL. */
static inline const struct event_head *
fake_next(struct fake *f)
{
	int len = ring_next(&f->consumer, f->out, sizeof(f->out));

	assert(len >= 0);
	return len > 0 ? (const void *)f->out : NULL;
}

static inline void
fake_close(struct fake *f)
{
	for (uint32_t i = 0; i < FAKE_STREAMS; i++)
		free(f->s.streams[i].records);
	raw_detach(&f->raw);
	ring_detach(&f->consumer);
	region_close(&f->data);
	region_close(&f->tail);
}

#endif
