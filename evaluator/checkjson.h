/* SPDX-License-Identifier: Apache-2.0 */
/* Load results as JSON, in the shape that existing tools read. */
#ifndef EVALUATOR_CHECKJSON_H
#define EVALUATOR_CHECKJSON_H

#include <stdio.h>

#include "ruleset.h"

struct jsonout;

/* Append the array `falco_load_results` of COUNT FILES to the object that JSON is in. */
void checkjson_results(struct jsonout *json, const struct ruleset_file *files,
    const struct ruleset_result *results, size_t count);

/* Print an object with that array alone. */
void checkjson_print(FILE *out, const struct ruleset_file *files,
    const struct ruleset_result *results, size_t count);

#endif
