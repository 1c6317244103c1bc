/* SPDX-License-Identifier: Apache-2.0 */
/* What the text of a YAML scalar can be read as.  Quotes make no difference here. */
#ifndef EVALUATOR_SCALAR_H
#define EVALUATOR_SCALAR_H

#include <stdbool.h>

#include "rules.h"

/*
 * Read TEXT as a truth value: y, yes, true, on, n, no, false, off; lower case, upper case or
 * capitalised.  Returns whether it is one; only then *VALUE is written, here and below.
 */
bool scalar_bool(struct span text, bool *value);

/* Read TEXT as an unsigned number: decimal, 0x, 0 or 0o. */
bool scalar_unsigned(struct span text, uint32_t *value);

/* Read TEXT as a version: x.y.z; what follows is ignored. */
bool scalar_version(struct span text, struct rule_version *version);

/* Is LOADED good enough where REQUIRED is wanted: the same major number, and not older? */
bool version_meets(const struct rule_version *loaded, const struct rule_version *required);

/* Less than, equal to or greater than 0, as A is older than, the same as or newer than B. */
int version_compare(const struct rule_version *a, const struct rule_version *b);

/* TEXT without white space at both ends. */
struct span scalar_trim(struct span text);

#endif
