/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rule files: found and copied here, by who may, and read by the evaluator, who may not open
 * anything.  Nothing in this program looks into them.  What evaluators get is a copy of all of them
 * in one sealed memory file (rulesimage.h), so that all judge by the same bytes, and a successor by
 * what its predecessor had, whatever happens to the files.
 */
#ifndef KEEPER_RULEFILES_H
#define KEEPER_RULEFILES_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"

struct rulefiles {
	uint32_t count;
	int fd;           /* the copy, sealed; -1: none */
	uint64_t bytes;   /* of all files */
	uint64_t content; /* hash of the whole copy */
};

#define RULEFILES_NONE ((struct rulefiles){ 0, -1, 0, 0 })

/* Which files, and how they are looked for. */
struct rulefiles_wanted {
	const struct config_list *list;
	int dir;         /* where relative names begin; AT_FDCWD, or a descriptor (borrowed) */
	bool all_needed; /* an entry that is not there is an error, not left out with a warning */
	bool quiet;      /* what is left out is not told */
};

/*
 * Copy every file of WANTED in the order of its list; of a directory the regular files that end in
 * .yaml or .yml, in byte order, not those of its folders.
 *
 * Returns EXIT_DONE; EXIT_NO after a message for each entry that can not be, or when there is no
 * file at all; EXIT_SYSTEM when the system refused.  End with rulefiles_close() in all cases.
 */
int rulefiles_open(struct rulefiles *rulefiles, const struct rulefiles_wanted *wanted);

/* Close the copy; harmless on RULEFILES_NONE and twice. */
void rulefiles_close(struct rulefiles *rulefiles);

/* True for a name that a rule file has. */
bool rulefiles_named(const char *name);

#endif
