/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a place in a rule file to what stands there, from the outside in: the file, the item,
 * its key, and what is inside of that.
 */
#ifndef EVALUATOR_LOCATE_H
#define EVALUATOR_LOCATE_H

#include "rulefile.h"

enum { LOCATE_MAX = 8 };

/* One step of the way; line, column and offset count from 0. */
struct location {
	const char *type;  /* such as "rule condition"; static text */
	struct span name;  /* of the item, where it has one */
	uint32_t line, column, offset;
};

/* Find what stands at byte OFFSET of FILE.  Returns how many steps CHAIN got, at least 1. */
uint32_t locate(const struct rulefile *file, uint32_t offset, struct location chain[LOCATE_MAX]);

#endif
