/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which combinations of operator, type, state and dependency class a run has compared.  They
 * are printed at the end of it when the option `--counts` is given.
 */
#ifndef TESTS_COUNTS_H
#define TESTS_COUNTS_H

#include "oracle.h"

/* Print at the end of the process. */
void counts_at_exit(void);

/* Count each check that ORACLE has for the event in VIEW. */
void counts_add(struct oracle *oracle, const struct event_view *view);

#endif
