/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small machine: tasks whose contexts come and go in an arena as the enricher would write
 * it, and events of theirs.  Ids never repeat in the life of the process; a slot is used again
 * when no task and no descendant names it; a context may be told of before it is written.
 */
#ifndef TESTS_MACHINE_H
#define TESTS_MACHINE_H

#include "choice.h"
#include "rulesets.h"
#include "view.h"

enum {
	MACHINE_TASKS = 6,
	MACHINE_DEPTH_SMALL = 8,
	MACHINE_LIVE_MAX = 96,
	MACHINE_RECORD_MAX = 32 * 1024,
	GIVEN_MAX = 3
};

/* A context: where it is, what it hangs on, and whether it was written. */
struct live {
	struct context_ref ref;
	uint32_t parent; /* in the table, plus one; 0: none */
	uint32_t depth;  /* contexts above it */
	bool withheld;
};

struct machine {
	struct region region;
	struct context_arena writer, reader;
	struct contexts contexts;
	struct scratch scratch;
	struct clock clock;
	struct event_view view;
	struct record record;
	struct field_given given[GIVEN_MAX]; /* of fields that no record carries */
	uint64_t next_id, position, ts, number;
	uint32_t depth_max; /* of new contexts: the cache has room for a few more */
	struct live live[MACHINE_LIVE_MAX];
	uint32_t tasks[MACHINE_TASKS]; /* numbers in the table, plus one */
	_Alignas(8) uint8_t made[MACHINE_RECORD_MAX];
};

/* Make the regions and tables, once. */
void machine_open(struct machine *machine);

/*
 * Begin a case: no task has a context.  In most, chains are short and the cache of contexts has
 * hardly more room than one takes.
 */
void machine_reset(struct machine *machine, struct choice *choice);

/* Something happens between events: tasks start, change, and what was withheld is written. */
void machine_step(struct machine *machine, struct choice *choice);

/* An event of one of KINDS; the view begins with it.  Returns whether it is one. */
bool machine_event(struct machine *machine, struct choice *choice, const struct kinds *kinds);

#endif
