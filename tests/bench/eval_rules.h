/* SPDX-License-Identifier: Apache-2.0 */
/* Rule files for the measurements of the evaluator. */
#ifndef TESTS_EVAL_RULES_H
#define TESTS_EVAL_RULES_H

#include "ruleset.h"

enum { BENCH_FILES_MAX = 8 };

struct bench_rules {
	struct ruleset_file files[BENCH_FILES_MAX];
	size_t count;
	uint32_t doubled, changed; /* rules that were repeated; of them, with another constant */
};

/* Read the COUNT files at PATHS.  Returns 0, or a negative errno and a file's name in *MISSING. */
int bench_rules_read(struct bench_rules *rules, const char *const *paths, size_t count,
    const char **missing);

/*
 * FROM with every rule twice: the second has another name and, where its condition or a macro in it
 * compares a text, another one in the first such comparison.  Returns 0 or -ENOMEM.
 */
int bench_rules_double(struct bench_rules *rules, const struct bench_rules *from);

/* Free the files' bytes. */
void bench_rules_free(struct bench_rules *rules);

/* Load RULES into RULESET.  Returns 0, or a negative errno after saying what is wrong. */
int bench_rules_load(const struct bench_rules *rules, struct ruleset *ruleset);

#endif
