/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules described: `saker-evaluator --describe`.  As a table, in words, or as JSON in the shape
 * that existing tools read.
 */
#ifndef EVALUATOR_DESCRIBE_H
#define EVALUATOR_DESCRIBE_H

#include "ruleset.h"

struct jsonout;

/* Do what ARGV asks for.  Returns the exit code. */
int describe_main(int argc, char *argv[]);

/*
 * Write the description of RULES, all of it or of the rule called NAME alone, as members of the
 * object that JSON is in.  Returns 0; -ENOENT when there is no such rule; or -ENOMEM.
 */
int describe_rules(struct jsonout *json, const struct rules *rules, const char *name);

/*
 * Explain RULE of RULES to people: what has to hold for it, which events it is tried on, what it
 * reads. ACTIVE says whether it is judged.  Returns 0 or -ENOMEM.
 */
int describe_explain(FILE *out, const struct rules *rules, const struct rule *rule, bool active);

#endif
