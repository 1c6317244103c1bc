/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process table: which workers there are, who they are, and what each may read and write.  The
 * table is the design: nothing else decides which end of which region goes to whom.
 */
#ifndef KEEPER_PROCS_H
#define KEEPER_PROCS_H

#include <stdbool.h>
#include <stdint.h>

#include "region.h"
#include "stats.h"

enum {
	PROC_COUNT = ROLE_COUNT - 1,
	PROC_PROGRAM_MAX = 32,
	WORKERS_MAX = PROC_COUNT + EVALUATORS_MAX - 1
};

/* Named descriptors that a worker gets beside its regions. */
enum proc_named {
	NAMED_DEPOSITS = 1 << 0, /* what a former collector deposited */
	NAMED_HANDOVER = 1 << 1, /* the socket at which a later keeper asks for it */
	NAMED_RULES = 1 << 2,
	NAMED_SPOOL = 1 << 3,
	NAMED_CURSORS = 1 << 4
};

struct proc_def {
	enum role role;
	const char *user;       /* whose ids it has */
	uint32_t uid_offset;    /* from workers.uid_base, where that user does not exist */
	uint32_t reads, writes; /* regions: bits by enum region_kind */
	uint32_t named;         /* of enum proc_named */
	enum region_kind input; /* the data region of the ring it drains, or REGION_NONE_KIND */
	uint64_t caps;          /* capabilities it starts with: bits by number */
	bool starts_as_root;    /* and becomes its user by itself, after what only root can do */
	bool starts_last;       /* when all others are ready */
	bool keeps_stdout;
	bool many;              /* as many as `evaluators` says, each with ends of its own */
};

/* The rows, in the order in which they start. */
extern const struct proc_def procs[PROC_COUNT];

/* The row of a role; ROLE_KEEPER and what is no role have none: NULL. */
const struct proc_def *proc_find(enum role role);

/* What a client of the keeper gets: bits by enum region_kind. */
extern const uint32_t procs_status_reads, procs_tap_reads, procs_tap_writes;

/* All capabilities of the rows. */
uint64_t procs_caps(void);

#endif
