/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions: RE2 behind a few C functions, so that time is linear in the value
 * whatever the pattern.  The syntax is that of POSIX egrep, over UTF-8.
 */
#ifndef EVALUATOR_REGEX_H
#define EVALUATOR_REGEX_H

#include "text.h"

enum { REGEX_ERROR_MAX = 160, REGEX_BYTES_MAX = 1 << 20 };

struct regex;

/*
 * Compile PATTERN, which must be UTF-8, into *REGEX, to be ended with regex_free().  It
 * never holds more than REGEX_BYTES_MAX bytes.  Returns 0; -EINVAL with ERROR saying what
 * is wrong, not terminated by a full stop; or -ENOMEM.
 */
int regex_new(struct span pattern, struct regex **regex, char error[REGEX_ERROR_MAX]);

/* Free a regular expression; NULL is fine. */
void regex_free(struct regex *regex);

/*
 * Does REGEX fit all of VALUE, which must be UTF-8?  States of the automaton that were not
 * needed before are made at their first use, within the regular expression's bound.
 */
bool regex_matches(const struct regex *regex, struct span value);

#endif
