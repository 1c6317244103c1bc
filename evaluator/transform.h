/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values made of other values: the functions of conditions and outputs, and the constants
 * and lists among their arguments.  Each is an accessor of its own, so that equal ones are
 * worked out once an event; what they need is taken from the event's scratch memory.
 */
#ifndef EVALUATOR_TRANSFORM_H
#define EVALUATOR_TRANSFORM_H

#include "eval.h"

enum transform_id {
#define TRANSFORM(name, arguments_min, arguments_max, meaning) TRANSFORM_##name,
#include "transforms.def"
	TRANSFORM_LITERAL, /* a constant */
	TRANSFORM_LIST,    /* (a, b): every value of the arguments, as texts */
	TRANSFORM_UTF8,    /* a text whose bytes that are not UTF-8 became U+FFFD */
	TRANSFORM_COUNT
};

struct transform {
	enum transform_id id;
	bool selects;              /* getopt(...)[selector] */
	char selector;
	uint32_t count;
	const uint32_t *arguments; /* accessors */
	struct span literal;
};

/* The function called NAME, or TRANSFORM_COUNT. */
enum transform_id transform_find(struct span name);

/* How many arguments the function ID takes at least. */
uint32_t transform_arguments_min(enum transform_id id);

/* And at most. */
uint32_t transform_arguments_max(enum transform_id id);

/*
 * Work out the value of ACCESSOR, which has a transform, for the event in VIEW.  Absent when
 * an argument is; lost, and counted, when the scratch memory has no room.  Recurses as deep
 * as calls nest, which the parser bounds.
 */
void transform_get(struct eval *eval, struct event_view *view, const struct accessor *accessor,
    struct field_value *value);

/*
 * The options in the command line ARGV by the rules of OPTIONS, as a list in VALUE; with
 * TRANSFORM's selector, the last of that option alone.
 */
void getopt_get(struct scratch *scratch, const struct transform *transform,
    const struct field_value *argv, struct span options, struct field_value *value);

#endif
