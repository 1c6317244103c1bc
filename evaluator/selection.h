/* SPDX-License-Identifier: Apache-2.0 */
/* Turning rules on and off by their names and tags, after all files are read. */
#ifndef EVALUATOR_SELECTION_H
#define EVALUATOR_SELECTION_H

#include "rules.h"

enum { SELECTIONS_MAX = 64 };

/* Rules whose name fits `rule`, and rules that carry `tag`; an empty one stands for none. */
struct selection {
	bool enable;
	struct span rule;
	struct span tag;
};

/*
 * Does NAME fit PATTERN, in which `*` stands for any text?  Each piece between stars is
 * looked for leftmost and never again: `*a` does not fit "aXa".
 */
bool selection_matches(struct span pattern, struct span name);

/* Is RULE enabled after COUNT SELECTIONS, of which later ones win? */
bool selection_enabled(const struct selection *selections, uint32_t count, const struct rule *rule);

#endif
