/* SPDX-License-Identifier: Apache-2.0 */
/* Values of fields as outputs show them. */
#include "field.h"

static bool
type_is_signed(uint8_t type)
{
	return type <= FIELD_INT64;
}

static void
number_print(struct text *out, const struct accessor *accessor, uint64_t number)
{
	double real;

	if (accessor->type == FIELD_DOUBLE) {
		memcpy(&real, &number, sizeof(real));
		text_format(out, "%.1f", real);
	} else if (accessor->info->print == FIELD_HEX) {
		text_format(out, "%llX", (unsigned long long)number);
	} else if (accessor->info->print == FIELD_OCT) {
		text_format(out, "%llo", (unsigned long long)number);
	} else if (accessor->info->print == FIELD_PAD9) {
		text_format(out, "%09llu", (unsigned long long)number);
	} else if (type_is_signed(accessor->type)) {
		text_i64(out, (int64_t)number);
	} else {
		text_u64(out, number);
	}
}

/* A text is shown up to its first NUL. */
static size_t
shown_len(struct span text)
{
	return text.len > 0 ? strnlen(text.ptr, text.len) : 0;
}

void
field_print_item(struct text *out, const struct accessor *accessor,
    const struct field_value *value, uint32_t index)
{
	switch ((enum field_group)accessor->group) {
	case GROUP_NUMBER:
		number_print(out, accessor, value->numbers[index]);
		break;
	case GROUP_BOOL:
		text_string(out, value->numbers[index] ? "true" : "false");
		break;
	case GROUP_TEXT:
	case GROUP_OPAQUE:
		if (accessor->type != FIELD_OPAQUE)
			text_bytes(out, value->texts[index].ptr, shown_len(value->texts[index]));
		break;
	case GROUP_BYTES:
		for (size_t i = 0; i < value->texts[index].len; i++) {
			char c = value->texts[index].ptr[i];

			text_char(out, c >= ' ' && c <= '~' ? c : '.');
		}
		break;
	case GROUP_ADDRESS:
	case GROUP_NETWORK:
		address_print(out, &value->addresses[index]);
		break;
	case GROUP_LIST:
		break;
	}
}

void
field_print(struct text *out, const struct accessor *accessor, const struct field_value *value)
{
	uint32_t count = value->count;

	if (value->state != FIELD_VALUE || accessor->info->flags & FIELD_FILTER_ONLY ||
	    (count == 0 && !accessor->is_list)) {
		text_string(out, "<NA>");
		return;
	}
	if (accessor->is_list)
		text_char(out, '(');
	else if (!accessor->any_ancestor)
		count = 1; /* of two spellings the kernel's comes first */
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0)
			text_char(out, accessor->is_list ? ',' : ' ');
		field_print_item(out, accessor, value, i);
	}
	if (accessor->is_list)
		text_char(out, ')');
}
