/* SPDX-License-Identifier: Apache-2.0 */
/* Shell patterns over bytes, in time bounded by pattern times value whatever the value is. */
#ifndef EVALUATOR_GLOB_H
#define EVALUATOR_GLOB_H

#include <stdbool.h>

#include "text.h"

/*
 * Does PATTERN fit all of VALUE?  `*` is any bytes, `?` one byte, `[...]` one of a set, a
 * backslash takes the next byte as it is; `/` and a leading dot are ordinary.  With FOLD
 * the case of ASCII letters does not count.
 */
bool glob_match(struct span pattern, struct span value, bool fold);

/* Has TEXT a byte that makes it a pattern in a path component? */
bool glob_is_pattern(struct span text);

/* VALUE without regard to the case of ASCII letters. */
static inline unsigned char
ascii_lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

#endif
