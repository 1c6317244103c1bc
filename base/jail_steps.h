/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two steps of jail_enter() that have a file of their own.
 */
#ifndef BASE_JAIL_STEPS_H
#define BASE_JAIL_STEPS_H

#include "jail.h"

/*
 * Build the Landlock rules of JAIL.  Returns a descriptor for jail_landlock_restrict(), -1 with the
 * bits of REPORT set when the kernel has no Landlock, or another negative errno when a path can not
 * be opened (it was logged).
 */
int jail_landlock_build(const struct jail *jail, struct jail_report *report);

/* Apply and close RULES.  Needs no_new_privs.  Returns 0 or a negative errno. */
int jail_landlock_restrict(int rules);

/* Load the seccomp filter of JAIL.  Returns 0 or a negative errno; bad names were logged. */
int jail_filter_load(const struct jail *jail);

#endif
