/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule files by their paths, for programs that people start: a folder stands for its files
 * that end in .yaml or .yml, in the order of their names.
 */
#ifndef EVALUATOR_RULEPATHS_H
#define EVALUATOR_RULEPATHS_H

#include "ruleset.h"

/* Files and what came of loading each; zeroed at the start.  Too large for a stack. */
struct rulepaths {
	struct ruleset_file files[RULESET_FILES_MAX];
	struct ruleset_result results[RULESET_FILES_MAX];
	size_t count;
};

/*
 * Add the file or folder at PATH.  A file that can not be read is there, empty, with the error
 * in its result. Returns 0; -E2BIG, after a message, when there are too many files.
 */
int rulepaths_add(struct rulepaths *paths, const char *path);

/* Are all files without errors? */
bool rulepaths_good(const struct rulepaths *paths);

/* Free everything; PATHS is zeroed again. */
void rulepaths_fini(struct rulepaths *paths);

#endif
