/* SPDX-License-Identifier: Apache-2.0 */
/* What two answers were given, and to what. */
#ifndef TESTS_REPORT_H
#define TESTS_REPORT_H

#include "oracle.h"
#include "ruleset.h"

/* Print to the standard error the rules, the event and both answers. */
void report_difference(const struct ruleset *ruleset, struct span rules, const struct eval *eval,
    const struct oracle *oracle, const struct event_view *view);

#endif
