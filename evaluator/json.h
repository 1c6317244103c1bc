/* SPDX-License-Identifier: Apache-2.0 */
/* Values of fields as JSON. */
#ifndef EVALUATOR_JSON_H
#define EVALUATOR_JSON_H

#include "format.h"

/*
 * Append the JSON object of FORMAT's fields for the event in VIEW, keys in byte order,
 * texts cut at TEXT_MAX bytes (0: whole); `null` when FORMAT has none.  Returns how many
 * texts were cut.
 */
uint32_t json_fields(struct text *out, const struct format *format, struct eval *eval,
    struct event_view *view, size_t text_max);

/* Append VALUE of ACCESSOR as JSON: numbers, true and false, texts, arrays, null. */
uint32_t json_value(struct text *out, const struct accessor *accessor,
    const struct field_value *value, const struct event_view *view, size_t text_max);

#endif
