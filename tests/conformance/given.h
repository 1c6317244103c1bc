/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values that a case gives to fields: in the event's record and contexts where fields
 * have a place there, beside the record for all others.
 */
#ifndef TESTS_GIVEN_H
#define TESTS_GIVEN_H

#include <jansson.h>

#include "material.h"
#include "stream.h"

struct given {
	struct arena arena;
	struct stream_event event;
	struct material material;
};

/* Make the fields test.* known.  Once, before any rule is loaded. */
void given_register(void);

/*
 * Read the event of a case (`type` and `fields`, borrowed) into GIVEN.  Returns 0, or -EINVAL
 * with WHY naming the field that can not be given.
 */
int given_read(struct given *given, const json_t *event, struct text *why);

/* Give the memory of GIVEN back. */
void given_fini(struct given *given);

#endif
