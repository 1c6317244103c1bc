/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A full ring and an arena of contexts as the keeper makes them, with both ends in this
 * process: what an event goes through before it is judged.
 */
#ifndef TESTS_STREAM_H
#define TESTS_STREAM_H

#include "ring.h"
#include "view.h"

enum { STREAM_CHAIN_MAX = 16, STREAM_RECORD_MAX = 4096 };

/* What of an event its record and contexts carry.  A text without bytes may be absent: ptr NULL. */
struct stream_event {
	struct span type;                   /* as evt.type has it */
	struct span comm[STREAM_CHAIN_MAX]; /* of the task, its parent ... */
	uint32_t chain_len;                 /* tasks; at least 1 */
	struct span exepath;
	uint64_t number;                    /* evt.num; 0: absent */
	uint32_t tid, tgid;
	uint16_t cpu;
};

struct stream {
	struct region data, tail, contexts_region;
	struct ring producer, consumer;
	struct context_arena writer, reader;
	struct contexts contexts;
	struct scratch scratch;
	struct clock clock;
	struct event_view view;
	struct record record;
	uint64_t position, next_context;
	int made_len;
	_Alignas(8) uint8_t made[STREAM_RECORD_MAX];
	_Alignas(8) uint8_t got[EVENT_RECORD_MAX];
};

/* Make everything, or end the program with a message.  Once. */
void stream_open(struct stream *stream);

/* Give everything back. */
void stream_close(struct stream *stream);

/*
 * Write the contexts of EVENT, new ones, and make its record.  Returns whether there is an
 * event of that type.
 */
bool stream_make(struct stream *stream, const struct stream_event *event);

/* Send the record that was made, with the next position, and begin to look at what comes out. */
void stream_pass(struct stream *stream);

#endif
