/* SPDX-License-Identifier: Apache-2.0 */
/* Events described by values.  See material.h. */
#include "material.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "constant.h"
#include "field.h"
#include "parse.h"

enum { MATERIAL_DIGITS_MAX = 64, MATERIAL_LEVELS_MAX = 64 };

/* Fields that are both of others, and fields that are all of an indexed one. */
static const struct {
	const char *field, *first, *second;
} ends[] = {
	{ "fd.ip", "fd.cip", "fd.sip" },
	{ "fd.net", "fd.cip", "fd.sip" },
	{ "fd.port", "fd.cport", "fd.sport" },
};
static const struct {
	const char *field, *parent; /* what the first ancestor has under another name */
} ancestors[] = {
	{ "proc.aname", "proc.pname" },
	{ "proc.aexe", "proc.pexe" },
	{ "proc.aexepath", "proc.pexepath" },
	{ "proc.acmdline", "proc.pcmdline" },
	{ "proc.apid", "proc.ppid" },
	{ "proc.aenv", NULL },
};

static struct field_given *
item_find(struct material *material, struct span field)
{
	for (uint32_t i = 0; i < material->count; i++)
		if (span_equal(material->items[i].text, field))
			return &material->items[i];
	return NULL;
}

/* The item of FIELD, a new one if there is none; NULL when there is no room. */
static struct field_given *
item_new(struct material *material, struct span field)
{
	struct field_given *item = item_find(material, field);

	if (item == NULL && material->count < MATERIAL_MAX)
		item = &material->items[material->count++];
	if (item != NULL) {
		memset(item, 0, sizeof(*item));
		item->text = field;
	}
	return item;
}

/* Values of one field, each group in its own form. */
struct material_values {
	struct span *texts;
	uint64_t *numbers;
	struct address *addresses;
};

static int
double_parse(struct span value, uint64_t *bits, char error[CONSTANT_ERROR_MAX])
{
	char digits[MATERIAL_DIGITS_MAX], *end;
	double number;

	(void)snprintf(digits, sizeof(digits), "%.*s", (int)value.len, value.ptr);
	number = strtod(digits, &end);
	memcpy(bits, &number, sizeof(*bits));
	if (value.len > 0 && value.len < sizeof(digits) && *end == '\0')
		return 0;
	(void)snprintf(error, CONSTANT_ERROR_MAX, "expected a number");
	return -EINVAL;
}

static int
value_parse(struct material *material, const struct accessor *accessor, struct span value,
    struct material_values *values, uint32_t at, char error[CONSTANT_ERROR_MAX])
{
	uint8_t type = accessor->type == FIELD_NETWORK ? FIELD_ADDRESS : accessor->type;
	union constant constant;
	int err;

	switch ((enum field_group)accessor->group) {
	case GROUP_TEXT: case GROUP_BYTES: case GROUP_LIST: case GROUP_OPAQUE:
		values->texts[at] = value;
		return 0;
	case GROUP_NUMBER: case GROUP_BOOL: case GROUP_ADDRESS: case GROUP_NETWORK:
		break;
	}
	if (type == FIELD_DOUBLE)
		return double_parse(value, &values->numbers[at], error);
	if ((err = constant_parse(material->arena, type, OP_EQ, value, &constant, error)) < 0)
		return err;
	if (type == FIELD_ADDRESS)
		values->addresses[at] = constant.address;
	else
		values->numbers[at] = constant.number;
	return 0;
}

static void
item_fill(struct field_given *item, const struct accessor *accessor,
    const struct material_values *values, uint32_t count)
{
	item->value.state = FIELD_VALUE;
	item->value.count = count;
	switch ((enum field_group)accessor->group) {
	case GROUP_NUMBER: case GROUP_BOOL:
		item->value.numbers = values->numbers;
		break;
	case GROUP_ADDRESS: case GROUP_NETWORK:
		item->value.addresses = values->addresses;
		break;
	case GROUP_TEXT: case GROUP_BYTES: case GROUP_LIST: case GROUP_OPAQUE:
		item->value.texts = values->texts;
		break;
	}
}

static int
accessor_make(struct material *material, struct span field, struct accessor *accessor,
    char error[MATERIAL_ERROR_MAX])
{
	struct parse_error syntax = { .text = "" };
	struct ast_value *value;
	char why[FIELD_ERROR_MAX] = "expected a field";

	if (parse_operand(material->arena, field, false, &value, &syntax) == 0 &&
	    value->kind == VALUE_FIELD &&
	    field_compile(material->arena, value->text, value->argument, value->has_argument,
	        accessor, why) == FIELD_FINE)
		return 0;
	(void)snprintf(error, MATERIAL_ERROR_MAX, "`%.*s`: %s",
	    (int)(field.len < 80 ? field.len : 80), field.ptr, why);
	return -EINVAL;
}

/* COUNT values for ACCESSOR. */
static int
values_add(struct material *material, const struct accessor *accessor, const struct span *texts,
    uint32_t count, char error[MATERIAL_ERROR_MAX])
{
	struct material_values values = {
		.texts = arena_array(material->arena, count + 1, sizeof(struct span)),
		.numbers = arena_array(material->arena, count + 1, sizeof(uint64_t)),
		.addresses = arena_array(material->arena, count + 1, sizeof(struct address)),
	};
	char why[CONSTANT_ERROR_MAX] = "no room";
	struct field_given *item;

	if (values.texts == NULL || values.numbers == NULL || values.addresses == NULL)
		goto fail;
	for (uint32_t i = 0; i < count; i++)
		if (value_parse(material, accessor, texts[i], &values, i, why) < 0)
			goto fail;
	if ((item = item_new(material, accessor->text)) == NULL)
		goto fail;
	item_fill(item, accessor, &values, count);
	return 0;
fail:
	(void)snprintf(error, MATERIAL_ERROR_MAX, "`%.*s`: %s",
	    (int)(accessor->text.len < 80 ? accessor->text.len : 80), accessor->text.ptr, why);
	return -EINVAL;
}

int
material_add(struct material *material, struct span field, const struct span *values,
    uint32_t count, char error[MATERIAL_ERROR_MAX])
{
	struct accessor accessor;

	if (accessor_make(material, field, &accessor, error) < 0)
		return -ENOENT;
	if (count != 1 && !accessor.is_list) {
		(void)snprintf(error, MATERIAL_ERROR_MAX,
		    "`%.*s`: expected one value: it is no list",
		    (int)(field.len < 80 ? field.len : 80), field.ptr);
		return -EINVAL;
	}
	return values_add(material, &accessor, values, count, error);
}

int
material_own(struct material *material, struct span field)
{
	struct field_given *item = item_new(material, field);

	if (item == NULL)
		return -E2BIG;
	item->own = true;
	return 0;
}

/* --- fields made of others --- */

/* Let FIELD have the first values of the COUNT items FROM, which are of one group. */
static int
join(struct material *material, const char *field, const struct field_given *const *from,
    uint32_t count)
{
	char error[MATERIAL_ERROR_MAX];
	struct material_values values = {
		.texts = arena_array(material->arena, count, sizeof(struct span)),
		.numbers = arena_array(material->arena, count, sizeof(uint64_t)),
		.addresses = arena_array(material->arena, count, sizeof(struct address)),
	};
	struct accessor accessor;
	struct field_given *item;

	if (values.texts == NULL || values.numbers == NULL || values.addresses == NULL ||
	    accessor_make(material, span_text(field), &accessor, error) < 0)
		return -E2BIG;
	for (uint32_t i = 0; i < count; i++) {
		if (accessor.group == GROUP_NUMBER || accessor.group == GROUP_BOOL)
			values.numbers[i] = from[i]->value.numbers[0];
		else if (accessor.group == GROUP_ADDRESS || accessor.group == GROUP_NETWORK)
			values.addresses[i] = from[i]->value.addresses[0];
		else
			values.texts[i] = from[i]->value.texts[0];
	}
	if ((item = item_new(material, accessor.text)) == NULL)
		return -E2BIG;
	item_fill(item, &accessor, &values, count);
	return 0;
}

/* The item of FIELD if it has a value of its own here. */
static const struct field_given *
item_with_value(struct material *material, const char *field)
{
	const struct field_given *item = item_find(material, span_text(field));

	return item != NULL && !item->own && item->value.count > 0 ? item : NULL;
}

static int
finish_ends(struct material *material, const char *field, const char *first, const char *second)
{
	const struct field_given *from[2];
	uint32_t count = 0;

	if ((from[count] = item_with_value(material, first)) != NULL)
		count++;
	if ((from[count] = item_with_value(material, second)) != NULL)
		count++;
	return count > 0 ? join(material, field, from, count) : 0;
}

static int
finish_ancestors(struct material *material, const char *field, const char *parent)
{
	const struct field_given *from[MATERIAL_LEVELS_MAX], *item;
	char name[MATERIAL_DIGITS_MAX];
	uint32_t count = 0;

	for (int level = 1; level <= MATERIAL_LEVELS_MAX; level++) {
		(void)snprintf(name, sizeof(name), "%s[%d]", field, level);
		item = item_with_value(material, name);
		if (item == NULL && level == 1 && parent != NULL)
			item = item_with_value(material, parent);
		if (item != NULL)
			from[count++] = item;
	}
	return count > 0 ? join(material, field, from, count) : 0;
}

int
material_finish(struct material *material)
{
	int err = 0;

	for (size_t i = 0; err == 0 && i < sizeof(ends) / sizeof(ends[0]); i++)
		if (item_find(material, span_text(ends[i].field)) == NULL)
			err = finish_ends(material, ends[i].field, ends[i].first, ends[i].second);
	for (size_t i = 0; err == 0 && i < sizeof(ancestors) / sizeof(ancestors[0]); i++)
		if (item_find(material, span_text(ancestors[i].field)) == NULL)
			err = finish_ancestors(material, ancestors[i].field, ancestors[i].parent);
	return err;
}

int
material_record(struct span type, void *buf, size_t size)
{
	const struct event_info *info = event_find(type);
	int nr = info == NULL ? syscall_number(type) : -1;
	struct record_writer writer;

	if ((info == NULL && nr < 0) || (info != NULL && info->category == CATEGORY_META))
		return -ENOENT;
	if (info == NULL)
		info = event_info(EV_syscall);
	record_begin(&writer, buf, size, info->id, info->param_count + D_COUNT);
	if (nr >= 0)
		record_put(&writer, P_syscall_ID, (uint64_t)nr);
	record_head(&writer)->position = 1;
	return record_end(&writer);
}

void
material_give(const struct material *material, struct event_view *view)
{
	view->given = material->items;
	view->given_count = material->count;
	view->given_only = true;
}
