/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking at a spool from outside: what `saker spool` prints.  Read-only; the spooler may be
 * running.
 */
#ifndef OUTPUTS_SHOW_H
#define OUTPUTS_SHOW_H

#include <stdbool.h>

/* All return an exit code (log.h), after a message when it is not 0; DIR is a path. */

/* List the segments: number, begin, frames, alerts, bytes, state. */
int show_list(const char *dir);

/*
 * Print every alert, oldest first, as lines of text or JSON.  1 when something was damaged and
 * passed over.
 */
int show_alerts(const char *dir, bool json);

/*
 * Check every byte: heads, chain, hashes, records, ordinals, index.  1 when something is not
 * whole.
 */
int show_verify(const char *dir);

#endif
