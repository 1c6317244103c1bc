/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records that the collector writes: whatever downstream needs from the outside enters the raw
 * ring here.
 *
 * Users and groups are read once, before the jail closes, and told at the start: a collector
 * opens nothing afterwards. Names that are added later are known after its next start; until then
 * their numbers stand.
 */
#ifndef COLLECTOR_OWN_H
#define COLLECTOR_OWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gaps.h"
#include "order.h"
#include "raw.h"
#include "wanted.h"

enum {
	OWN_TABLES = 2,                  /* users, groups */
	OWN_TABLE_BYTES_MAX = 4 << 20,   /* of a file of names; more is cut at a line, and said */
	OWN_CHUNK_BYTES = 16 * 1024,
	OWN_RECORD_BYTES = OWN_CHUNK_BYTES + 1024
};

struct own_table {
	char *bytes; /* owned */
	size_t len;
};

struct own {
	struct raw *raw;             /* borrowed */
	const struct order *order;   /* borrowed */
	struct own_table tables[OWN_TABLES];
	char boot_id[64];
	char name[65];               /* of the machine, and its kernel's release */
	char kernel[65];
	uint64_t start_ns;
	uint64_t anchor_ns;          /* of the last anchor */
	int64_t wall_offset;         /* as last looked at */
	uint64_t tick_ns;            /* of the last tick */
	uint64_t tick_count;
	uint64_t tick_position;      /* the stream's position behind it */
	_Alignas(8) uint8_t record[OWN_RECORD_BYTES];
};

/*
 * Read what the outside says: names, boot id, time zone.  Before the jail; allocates.  A missing
 * file is an empty table.
 */
void own_open(struct own *own, struct raw *raw, const struct order *order);

/* CLOCK_BOOTTIME, ns. */
uint64_t own_clock(void);

/*
 * Tell host, anchor, users and groups.  Waits for room.  Returns 0 or what raw_put_own_wait()
 * says.
 */
int own_begin(struct own *own);

/*
 * What time asks for at NOW: an anchor each minute and at each step of the wall clock; a tick
 * each 10 ms while there is traffic, each second when there is none (an idle machine pays for no
 * more).  Does not wait: what finds no room is told at a later turn.
 */
void own_time(struct own *own, uint64_t now_ns);

/* Declare a gap.  Returns 0 or as raw_put(): try again later. */
int own_loss(struct own *own, const struct gap_due *due, enum loss_reason reason);

/* From here on the stream has what INTEREST wants.  Waits for room. */
int own_interest(struct own *own, uint32_t evaluator, const struct interest *interest);

/* All TASK_COUNT tasks of snapshot GENERATION, begun at BEGIN, were told.  Waits for room. */
int own_snapshot_end(struct own *own, uint64_t generation, uint64_t task_count, uint64_t begin_ns);

/* The stream ends here.  Waits for room. */
int own_end(struct own *own);

/*
 * Length of the next piece of LEN bytes of a table: whole lines, at most OWN_CHUNK_BYTES; a
 * longer line is cut.  0 at the end.
 */
size_t own_chunk(const char *bytes, size_t len);

/* Free the tables; harmless twice. */
void own_close(struct own *own);

#endif
