/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shape of a rule file, more strictly than it is read: for information alone.  Editors
 * and people who keep rules for several engines want to know of every key that nobody reads.
 */
#ifndef EVALUATOR_SCHEMA_H
#define EVALUATOR_SCHEMA_H

#include "rulefile.h"

struct diags;

/*
 * Check the first document of FILE; each fault is a warning in FAULTS.  Returns false when
 * there is nothing to check.
 */
bool schema_check(const struct rulefile *file, struct diags *faults);

#endif
