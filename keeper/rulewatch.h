/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watching the rule files: whether something happened where they are looked for.  It knows no more
 * than that; who is told looks at the files again and compares what they hold.
 *
 * Watched are folders: that of each name, those in which a symbolic link on its way stands, and the
 * folder itself where a name is one.  So a file that is replaced, one that appears, and a link
 * that is turned over, such as a mounted ConfigMap's `..data`, are all seen.
 */
#ifndef KEEPER_RULEWATCH_H
#define KEEPER_RULEWATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "rulefiles.h"

/* Changes come in several steps: look when it has been quiet, and not later than the second. */
#define RULEWATCH_QUIET_NS UINT64_C(100000000)
#define RULEWATCH_LATE_NS UINT64_C(2000000000)

struct rulewatch {
	int fd;            /* inotify; -1: nothing is watched */
	uint64_t first_ns; /* of what happened since the last look; 0: nothing did */
	uint64_t last_ns;
	bool told;         /* that something can not be watched: said once */
};

#define RULEWATCH_NONE ((struct rulewatch){ -1, 0, 0, false })

/*
 * Watch (again) all that leads to the files of WANTED; forgets what happened before.  What can not
 * be watched is said once.
 */
void rulewatch_arm(struct rulewatch *watch, const struct rulefiles_wanted *wanted);

/* Something happened: take it in, at NOW.  Does not block. */
void rulewatch_read(struct rulewatch *watch, uint64_t now_ns);

/* When to look at the files; UINT64_MAX: nothing happened. */
uint64_t rulewatch_due(const struct rulewatch *watch);

/* Stop watching; harmless twice. */
void rulewatch_close(struct rulewatch *watch);

#endif
