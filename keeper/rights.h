/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper's own rights.  After its start it holds what it needs to start and end workers, and
 * uses it only while it does.  It has no system call filter: what it would forbid itself, workers
 * would inherit, and each of them has a narrower one of its own.
 */
#ifndef KEEPER_RIGHTS_H
#define KEEPER_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

/* True when this process may give workers ids of their own. */
bool rights_may_change_ids(void);

/*
 * For good: no new privileges, no core dump, no ptrace by the same user; of the capabilities keep
 * those of the process table and those for changing ids and signalling, permitted and not
 * effective. Returns 0 or a negative errno.
 */
int rights_drop(void);

/* Make what is permitted effective, for starting or killing: until rights_lower(). */
void rights_raise(void);

/* Make nothing effective any more. */
void rights_lower(void);

/* Of CAPS (bits by number) those this process is permitted. */
uint64_t rights_permitted(uint64_t caps);

#endif
