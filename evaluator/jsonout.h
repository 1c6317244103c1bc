/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing JSON to a stream, value by value; the commas are kept here.  A key stands before
 * each value of an object and is NULL in an array.
 */
#ifndef EVALUATOR_JSONOUT_H
#define EVALUATOR_JSONOUT_H

#include <stdio.h>

#include "text.h"

struct jsonout {
	FILE *out;
	bool comma; /* a value stands before the next one */
};

/* Begin an object, as member KEY of the one around it unless KEY is NULL. */
void jsonout_object(struct jsonout *json, const char *key);

/* End the object. */
void jsonout_object_end(struct jsonout *json);

/* Begin an array; as jsonout_object(). */
void jsonout_array(struct jsonout *json, const char *key);

/* End the array. */
void jsonout_array_end(struct jsonout *json);

/* Write a text of any bytes. */
void jsonout_span(struct jsonout *json, const char *key, struct span text);

/* Write a terminated text. */
void jsonout_string(struct jsonout *json, const char *key, const char *text);

/* Write a truth value. */
void jsonout_bool(struct jsonout *json, const char *key, bool value);

/* Write a number. */
void jsonout_number(struct jsonout *json, const char *key, uint64_t value);

#endif
