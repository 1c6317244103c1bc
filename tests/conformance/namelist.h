/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded list of names, for comparing as one text: in the order given, or as a set. */
#ifndef TESTS_NAMELIST_H
#define TESTS_NAMELIST_H

#include <jansson.h>

#include "text.h"

enum { NAMELIST_MAX = 4096, NAMELIST_BYTES_MAX = 64 * 1024 };

struct namelist {
	struct span names[NAMELIST_MAX]; /* borrowed */
	size_t count;
	char buf[NAMELIST_BYTES_MAX];
};

/* Begin empty. */
void namelist_clear(struct namelist *list);

/* Add NAME, borrowed. */
void namelist_add(struct namelist *list, struct span name);

/* Add the texts of the JSON array NAMES, borrowed. */
void namelist_add_json(struct namelist *list, const json_t *names);

/* Sort by bytes and keep each name once. */
void namelist_make_set(struct namelist *list);

/* All names with blanks between them; good until LIST changes. */
struct span namelist_text(struct namelist *list);

#endif
