/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event described by the values of its fields: what tests of rules give to a view instead of
 * records and contexts.  A field that is not named has no value.
 */
#ifndef EVALUATOR_MATERIAL_H
#define EVALUATOR_MATERIAL_H

#include "arena.h"
#include "view.h"

enum { MATERIAL_MAX = 256, MATERIAL_ERROR_MAX = 320 };

struct material {
	struct arena *arena; /* borrowed; owns what is made */
	struct field_given items[MATERIAL_MAX];
	uint32_t count;
};

/*
 * Let FIELD, with its argument, have COUNT values, written as in conditions; more than one for
 * lists only.  The texts are borrowed.  A value given again replaces the former.  Returns 0;
 * -ENOENT when there is no such field, or -EINVAL for a value that it can not have, with ERROR
 * filled in.
 */
int material_add(struct material *material, struct span field, const struct span *values,
    uint32_t count, char error[MATERIAL_ERROR_MAX]);

/* Let FIELD be read from the event itself.  Returns 0 or -E2BIG. */
int material_own(struct material *material, struct span field);

/*
 * Give values to the fields that are made of others which are there: both ends of a connection,
 * all ancestors.  Returns 0 or -E2BIG.
 */
int material_finish(struct material *material);

/*
 * Make in BUF (SIZE bytes, 8-aligned) the record of an event of TYPE, as evt.type has it, with
 * nothing else in it.  Returns its length; -ENOENT when there is no such event; -EMSGSIZE.
 */
int material_record(struct span type, void *buf, size_t size);

/* Let VIEW have MATERIAL (borrowed), and nothing else. */
void material_give(const struct material *material, struct event_view *view);

#endif
