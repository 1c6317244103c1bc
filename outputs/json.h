/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON of alerts: the object of an alert, and the strict check of the field object that an
 * evaluator made, which is only passed on when it can not break the line it becomes part of.
 */
#ifndef OUTPUTS_JSON_H
#define OUTPUTS_JSON_H

#include <stdbool.h>

#include "alert.h"
#include "text.h"

enum { JSON_DEPTH_MAX = 8 };

/*
 * True when BYTES are exactly one JSON value: no blanks between tokens, valid UTF-8, bounded
 * depth.
 */
bool json_valid(struct span bytes);

/*
 * Append FIELDS, a JSON object (or `null`, or nothing: an empty one), with KEY: NUMBER added
 * at its place in byte order unless it has that key.  Returns false when FIELDS is not a valid
 * object; then the result has KEY alone.
 */
bool json_object_with(struct text *out, struct span fields, struct span key, uint64_t number);

/* Append ALERT as an object, keys in byte order, without a newline.  Returns as alert_print(). */
bool json_alert(struct text *out, const struct alert *alert, const struct alert_format *format);

#endif
