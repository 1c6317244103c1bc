/* SPDX-License-Identifier: Apache-2.0 */
/* Values of fields as JSON.  See json.h. */
#include "json.h"

/* Append TEXT as a JSON string of at most TEXT_MAX bytes (0: whole).  Returns 1 when it was cut. */
static uint32_t
json_string(struct text *out, struct span text, size_t text_max)
{
	bool cut = text_max > 0 && text.len > text_max;

	text_char(out, '"');
	text_json(out, text.ptr, cut ? text_max : text.len);
	text_string(out, cut ? "...\"" : "\"");
	return cut;
}

/* Numbers that are shown in another base than ten are texts. */
static void
json_number(struct text *out, const struct accessor *accessor, uint64_t number)
{
	double real;

	if (accessor->info->print == FIELD_HEX) {
		text_format(out, "\"%llX\"", (unsigned long long)number);
	} else if (accessor->info->print == FIELD_OCT) {
		text_format(out, "\"%llo\"", (unsigned long long)number);
	} else if (accessor->info->print == FIELD_PAD9) {
		text_format(out, "\"%09llu\"", (unsigned long long)number);
	} else if (accessor->type == FIELD_DOUBLE) {
		memcpy(&real, &number, sizeof(real));
		text_format(out, "%.15g", real);
	} else if (accessor->type <= FIELD_INT64) {
		text_i64(out, (int64_t)number);
	} else {
		text_u64(out, number);
	}
}

static uint32_t
json_item(struct text *out, const struct accessor *accessor, const struct field_value *value,
    uint32_t index, size_t text_max)
{
	switch ((enum field_group)accessor->group) {
	case GROUP_NUMBER:
		json_number(out, accessor, value->numbers[index]);
		return 0;
	case GROUP_BOOL:
		text_string(out, value->numbers[index] ? "true" : "false");
		return 0;
	case GROUP_ADDRESS:
	case GROUP_NETWORK:
		text_char(out, '"');
		address_print(out, &value->addresses[index]);
		text_char(out, '"');
		return 0;
	case GROUP_TEXT:
	case GROUP_BYTES:
		return json_string(out, value->texts[index], text_max);
	case GROUP_LIST:
	case GROUP_OPAQUE:
		break;
	}
	text_string(out, "null");
	return 0;
}

/* The values of all ancestors are one text, as in outputs. */
static uint32_t
json_ancestors(struct text *out, const struct accessor *accessor, const struct field_value *value,
    size_t text_max)
{
	uint32_t cut = 0;

	text_char(out, '"');
	for (uint32_t i = 0; i < value->count; i++) {
		if (i > 0)
			text_char(out, ' ');
		if (accessor->group == GROUP_NUMBER) {
			json_number(out, accessor, value->numbers[i]);
		} else {
			bool long_text = text_max > 0 && value->texts[i].len > text_max;

			text_json(out, value->texts[i].ptr,
			    long_text ? text_max : value->texts[i].len);
			cut += long_text;
		}
	}
	text_char(out, '"');
	return cut;
}

uint32_t
json_value(struct text *out, const struct accessor *accessor, const struct field_value *value,
    const struct event_view *view, size_t text_max)
{
	uint32_t cut = 0;

	if (value->state != FIELD_VALUE || accessor->info->flags & FIELD_FILTER_ONLY ||
	    (value->count == 0 && !accessor->is_list)) {
		text_string(out, "null");
		return 0;
	}
	if (accessor->info->print == FIELD_TIME) {
		text_u64(out, view_wall(view, view->record.head->ts));
		return 0;
	}
	if (accessor->any_ancestor)
		return json_ancestors(out, accessor, value, text_max);
	if (!accessor->is_list)
		return json_item(out, accessor, value, 0, text_max);
	text_char(out, '[');
	for (uint32_t i = 0; i < value->count; i++) {
		if (i > 0)
			text_char(out, ',');
		cut += json_item(out, accessor, value, i, text_max);
	}
	text_char(out, ']');
	return cut;
}

uint32_t
json_fields(struct text *out, const struct format *format, struct eval *eval,
    struct event_view *view, size_t text_max)
{
	uint32_t cut = 0;

	if (format->field_count == 0) {
		text_string(out, "null");
		return 0;
	}
	text_char(out, '{');
	for (uint32_t i = 0; i < format->field_count; i++) {
		const struct accessor *accessor = &eval->program->accessors[format->fields[i]];

		text_string(out, i > 0 ? ",\"" : "\"");
		text_json(out, accessor->text.ptr, accessor->text.len);
		text_string(out, "\":");
		cut += json_value(out, accessor, eval_value(eval, view, format->fields[i]), view,
		    text_max);
	}
	text_char(out, '}');
	return cut;
}
