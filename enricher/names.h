/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of users and groups, from the files' own bytes as the collector sent them.  The bytes stand
 * in the state region, bounded; the index by number is private and made when a file is complete.
 */
#ifndef ENRICHER_NAMES_H
#define ENRICHER_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"
#include "state.h"
#include "stats.h"

/* Kinds of an EV_names record. */
enum names_kind { NAMES_USERS, NAMES_GROUPS, NAMES_KINDS };

enum { NAMES_ENTRIES_MAX = 4096 };

/* Where the line of a number begins. */
struct names_entry {
	uint32_t id;
	uint32_t line; /* offset, counted from 1; 0: free */
};

struct names_table {
	struct state_names *file;
	uint32_t count;
	struct names_entry entries[2 * NAMES_ENTRIES_MAX];
};

struct names {
	struct names_table tables[NAMES_KINDS];
	struct stats *stats;
};

/* Borrowed from the state region until the next names record. */
struct names_user {
	struct span name;
	struct span home;
	struct span shell;
};

/* Find again what HEAD holds.  HEAD and STATS are borrowed. */
void names_open(struct names *names, struct state_head *head, struct stats *stats);

/*
 * Take the part of a file that RECORD (EV_names, checked) carries.  Returns true when the file is
 * complete by it.
 */
bool names_apply(struct names *names, const struct record *record);

/* What is known of user UID; false for nothing. */
bool names_user(const struct names *names, uint32_t uid, struct names_user *user);

/* The name of group GID; false for none. */
bool names_group(const struct names *names, uint32_t gid, struct span *name);

/* True when a number that is not found may still have a name: the file is cut, or not there yet. */
bool names_lost(const struct names *names, enum names_kind kind);

#endif
