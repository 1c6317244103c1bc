/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rule files: found and opened here, by who may, and read by the evaluator, who may not open
 * anything.  Nothing in this program looks into them.
 */
#ifndef KEEPER_RULEFILES_H
#define KEEPER_RULEFILES_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "keeper.h"

struct rulefiles {
	uint32_t count;
	struct keeper_named files[KEEPER_DEPOSIT_MAX]; /* named "rules:PATH" */
};

/*
 * Open every file of LIST in its order; of a directory the regular files that end in .yaml or .yml,
 * in byte order, not those of its folders.  An entry that is not there is left out with a warning,
 * or, with ALL_NEEDED, an error.
 *
 * Returns EXIT_DONE; EXIT_NO after a message for each entry that can not be, or when there is no
 * file at all; EXIT_SYSTEM when the system refused.  End with rulefiles_close() in all cases.
 */
int rulefiles_open(struct rulefiles *rulefiles, const struct config_list *list, bool all_needed);

/* Set every file to its beginning, for a reader that starts anew. */
void rulefiles_rewind(const struct rulefiles *rulefiles);

/* Close them; harmless when zeroed and twice. */
void rulefiles_close(struct rulefiles *rulefiles);

/* True for a name that a rule file has. */
bool rulefiles_named(const char *name);

#endif
