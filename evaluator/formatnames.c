/* SPDX-License-Identifier: Apache-2.0 */
/* The names in output formats.  See formatnames.h. */
#include "formatnames.h"

#include "transform.h"

struct naming {
	const struct accessor *accessors;
	void (*name)(void *ctx, struct span text);
	void *ctx;
};

static void name_inside(const struct naming *n, const struct transform *transform);

/* Name ACCESSOR, and first what is inside. */
static void
name_all(const struct naming *n, const struct accessor *accessor)
{
	const struct transform *transform = accessor->transform;

	if (transform != NULL)
		name_inside(n, transform);
	if (transform == NULL ||
	    (transform->id != TRANSFORM_LITERAL && transform->id != TRANSFORM_LIST))
		n->name(n->ctx, accessor->text);
}

/* The argument of a function that has but one: a function in it is not named. */
static void
name_only_inside(const struct naming *n, const struct accessor *accessor)
{
	if (accessor->transform != NULL)
		name_inside(n, accessor->transform);
	else
		n->name(n->ctx, accessor->text);
}

static void
name_inside(const struct naming *n, const struct transform *transform)
{
	switch (transform->id) {
	case TRANSFORM_tolower: case TRANSFORM_toupper: case TRANSFORM_b64:
	case TRANSFORM_basename: case TRANSFORM_len: case TRANSFORM_UTF8:
		name_only_inside(n, &n->accessors[transform->arguments[0]]);
		break;
	case TRANSFORM_join: case TRANSFORM_concat: case TRANSFORM_getopt: case TRANSFORM_LIST:
		for (uint32_t i = 0; i < transform->count; i++)
			name_all(n, &n->accessors[transform->arguments[i]]);
		break;
	case TRANSFORM_LITERAL: case TRANSFORM_COUNT:
		break;
	}
}

void
format_names(const struct format *format, const struct accessor *accessors,
    void (*name)(void *ctx, struct span text), void *ctx)
{
	const struct naming naming = { accessors, name, ctx };

	for (uint32_t i = 0; i < format->piece_count; i++)
		if (format->pieces[i].accessor != FORMAT_LITERAL)
			name_all(&naming, &accessors[format->pieces[i].accessor]);
}
