/* SPDX-License-Identifier: Apache-2.0 */
/* One look at a running saker: what `saker status` reads and prints. */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include <stdint.h>
#include <stdio.h>

#include "keeper.h"
#include "stats.h"

enum { STATUS_RINGS = 3 };

struct status {
	struct keeper keeper;
	struct region stats_regions[ROLE_COUNT];
	const struct stats *stats[ROLE_COUNT]; /* NULL: not there */
	struct region rings[STATUS_RINGS][2];
	uint64_t ring_bytes[STATUS_RINGS];
	uint64_t ring_used[STATUS_RINGS];
	uint64_t ring_position[STATUS_RINGS];
	uint64_t before[STAT_COUNT];
	uint64_t values[STAT_COUNT];
	uint64_t interval_ns;
};

/* Print STATUS as tables for a person. */
void status_print(const struct status *status, FILE *out);

/* Print STATUS as one JSON object on a line. */
void status_print_json(const struct status *status, FILE *out);

#endif
