/* SPDX-License-Identifier: Apache-2.0 */
/* One look at a running saker: what `saker status` reads and prints. */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "keeper.h"
#include "stats.h"

enum { STATUS_RINGS = 1 + 2 * EVALUATORS_MAX, STATUS_NAME_MAX = 24 };

/* A process: of a role, and of several evaluators which. */
struct status_process {
	enum role role;
	uint32_t index;
	uint32_t seat;             /* in the tables of the control region */
	struct region region;
	const struct stats *stats; /* NULL: not there */
	uint64_t before[STAT_COUNT];
	uint64_t values[STAT_COUNT];
};

struct status_ring {
	const char *name;
	uint32_t index;            /* of its evaluator */
	enum region_kind kind;     /* of its data */
	struct region ends[2];
	uint64_t bytes, used, position;
};

struct status {
	struct keeper keeper;
	uint32_t process_count, ring_count;
	struct status_process processes[KEEPER_SEATS]; /* in the order of the stream */
	struct status_ring rings[STATUS_RINGS];
	uint64_t interval_ns;
};

/* Sum of counter ID over the processes that have it. */
uint64_t status_value(const struct status *status, uint32_t id);

/* Print STATUS as tables for a person. */
void status_print(const struct status *status, FILE *out);

/* Print STATUS as one JSON object on a line. */
void status_print_json(const struct status *status, FILE *out);

/*
 * Print what each rule costs, by the tables that KEEPER handed over, whose ends are taken: as a
 * table for a person or, when JSON, as one object on a line.  Returns 0 or -ENOMEM.
 */
int status_rules(struct keeper *keeper, bool json, FILE *out);

#endif
