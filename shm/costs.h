/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each rule of one evaluator costs: a table in shared memory, one writer, read at any time by
 * anyone entitled.  Names change only when another rule set is loaded, under a generation that is
 * odd meanwhile; counters are whole words that only grow.  A successor with the same rule set goes
 * on where the former evaluator last wrote.
 *
 *   head | row 0 | row 1 | ...     row: counters, hash of the whole name, name
 */
#ifndef SHM_COSTS_H
#define SHM_COSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "region.h"
#include "text.h"

enum {
	COSTS_RULES_MAX = 4096,    /* rules beyond have no row */
	COSTS_NAME_MAX = 88        /* with its terminator; longer names are cut */
};

/* What one rule took so far. */
struct rule_cost {
	uint64_t evaluations; /* events of the types that it judges */
	uint64_t hits;        /* those for which it held */
	uint64_t sampled_ns;  /* spent on those for which its condition was timed alone */
	uint64_t samples;     /* how many these were */
};

struct costs_row {
	struct rule_cost cost;
	uint64_t name_hash; /* of the whole name: also where two are cut to the same text */
	char name[COSTS_NAME_MAX];
};

_Static_assert(sizeof(struct costs_row) == 128, "two cache lines, no hidden padding");

/* Content of a costs region. */
struct costs {
	uint64_t generation; /* odd: names are being written; 0: never written */
	uint64_t rules_hash;
	uint32_t rule_count; /* of the rule set; rows there are for the first COSTS_RULES_MAX */
	uint32_t reserved;
	uint64_t padding[5];
	struct costs_row rows[COSTS_RULES_MAX];
};

_Static_assert(sizeof(struct costs) % 64 == 0, "rows begin at cache lines");

enum { COSTS_CONTENT = sizeof(struct costs) };

/* Writer: does the table stand whole for COUNT rules of the set RULES_HASH? */
bool costs_stands(const struct costs *costs, uint64_t rules_hash, uint32_t count);

/*
 * Writer: begin the table anew for COUNT rules of the set RULES_HASH, all counters zero; then
 * costs_name() for each, then costs_end().
 */
void costs_begin(struct costs *costs, uint64_t rules_hash, uint32_t count);

/* Writer: rule INDEX is called NAME.  Returns false when there is no row for it or NAME was cut. */
bool costs_name(struct costs *costs, uint32_t index, struct span name);

/* Writer: all names stand. */
void costs_end(struct costs *costs);

/* How many rows a table for COUNT rules has. */
static inline uint32_t
costs_rows(uint32_t count)
{
	return count < COSTS_RULES_MAX ? count : COSTS_RULES_MAX;
}

/* Writer: let row INDEX (below costs_rows()) say COST. */
void costs_put(struct costs *costs, uint32_t index, const struct rule_cost *cost);

/* What row INDEX (below costs_rows()) says; nothing is known of how the values hang together. */
struct rule_cost costs_get(const struct costs *costs, uint32_t index);

/*
 * Reader: copy what COSTS says into OUT, bounded and terminated whatever stands there.  Returns
 * false when it was never written, or is being written again.
 */
bool costs_read(const struct costs *costs, struct costs *out);

#endif
