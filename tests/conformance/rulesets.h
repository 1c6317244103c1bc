/* SPDX-License-Identifier: Apache-2.0 */
/* Rule sets of cases, and what is said of them. */
#ifndef TESTS_RULESETS_H
#define TESTS_RULESETS_H

#include <jansson.h>

#include "ruleset.h"

struct verdict;

/* Fill FILE with one rule of CONDITION and OUTPUT; its bytes are the caller's to free. */
void rule_file_make(struct span condition, struct span output, struct ruleset_file *file);

/*
 * Load that rule into RULESET.  Whether that went as EXPECTED goes to VERDICT.  Returns
 * whether it was loaded; ruleset_fini() ends it, also when it was not.
 */
bool rule_load(struct ruleset *ruleset, struct span condition, struct span output, bool expected,
    struct verdict *verdict);

/*
 * Compare the codes of LEVEL in COUNT RESULTS, each up to its first error, with the array
 * EXPECTED; NULL: nothing is expected.
 */
void compare_codes(struct verdict *verdict, const char *what, const json_t *expected,
    const struct ruleset_result *results, size_t count, enum diag_level level);

/* Compare what RULESET, which was loaded, holds with the expectations of TEST. */
void compare_set(const struct ruleset *ruleset, const json_t *test, struct verdict *verdict);

/*
 * Compare the description of RULESET with the object EXPECTED: of "rules", "macros" and "lists",
 * name to the members of info and details that count; all else whole.  Arrays are sets, and null
 * means that there is no such member.
 */
void compare_described(const struct ruleset *ruleset, const json_t *expected,
    struct verdict *verdict);

#endif
