/* SPDX-License-Identifier: Apache-2.0 */
/* Random checks, as text that the compiler accepts. */
#ifndef TESTS_CHECKS_H
#define TESTS_CHECKS_H

#include "choice.h"

/*
 * Append a check of any field, operator and constants to OUT.  EVENT (an event's id) decides
 * which parameters are likely to be there.
 */
void check_write(struct choice *choice, struct text *out, uint32_t event);

#endif
