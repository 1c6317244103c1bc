/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What events do to the table of tasks.  Facts are taken from what the kernel told in the record,
 * never from the arguments of a call.  All of it is a function of the records alone, and applying a
 * record again changes nothing.
 *
 * Records are applied in stream order, so a snapshot that ran ahead of the stream is wound back by
 * the older record and forward again by the next.  A record marked late never winds back.
 */
#ifndef ENRICHER_LIFE_H
#define ENRICHER_LIFE_H

#include <stdbool.h>
#include <stdint.h>

#include "names.h"
#include "record.h"
#include "task.h"

struct life {
	struct tasks tasks;
	struct names names;
	struct state_head *head;
	uint64_t keep; /* bits of enum context_id: texts kept only while a rule reads them */
};

/* Applies RECORD; PARAM is the handler's own. */
struct life_handler {
	void (*apply)(struct life *life, const struct record *record, uint32_t param);
	uint32_t param;
	bool after; /* applied when the event has been passed on: it still sees the state before */
};

/*
 * Find everything again in a state region's CONTENT.  Startup only: allocates.  Returns 0 or a
 * negative errno; life_close() ends it.
 */
int life_open(struct life *life, void *content, size_t bytes, struct stats *stats);

/* Give the memory back; what the region has stays for a successor. */
void life_close(struct life *life);

/* What RECORD does to the tables; NULL when it changes nothing. */
const struct life_handler *life_handler(const struct record *record);

/* The task of HEAD, image and all; TASK_NONE when it is not known, or known by another image. */
uint32_t life_task(const struct life *life, const struct event_head *head);

/* The leader of HEAD's process, though the task itself may not be known; TASK_NONE for none. */
uint32_t life_leader(const struct life *life, const struct event_head *head);

/*
 * Bits of enum lost_bits that hold at this moment for the task at INDEX of the process at LEADER,
 * beside those of its context: the leader is not known, or life was lost since they were told.
 */
uint32_t life_lost(const struct life *life, uint32_t index, uint32_t leader);

/* Handlers of change.c, for life_handler() alone.  This one: the working directory. */
void change_directory(struct life *life, const struct record *record, uint32_t param);

/* The root directory. */
void change_root(struct life *life, const struct record *record, uint32_t param);

/* Users, groups and capabilities. */
void change_credentials(struct life *life, const struct record *record, uint32_t param);

/* The session. */
void change_session(struct life *life, const struct record *record, uint32_t param);

/* The process group. */
void change_group(struct life *life, const struct record *record, uint32_t param);

/* Handlers of snapshot.c, likewise.  This one: a task was told. */
void snapshot_task(struct life *life, const struct record *record, uint32_t param);

/* All tasks were told. */
void snapshot_end(struct life *life, const struct record *record, uint32_t param);

/* Life was lost. */
void snapshot_loss(struct life *life, const struct record *record, uint32_t param);

/* Time has passed. */
void snapshot_tick(struct life *life, const struct record *record, uint32_t param);

/* An entry for HEAD's task, marked as changing: the one that is there or, *FRESH, an empty one. */
uint32_t life_entry(struct life *life, const struct event_head *head, bool *fresh);

#endif
