/* SPDX-License-Identifier: Apache-2.0 */
/* Values of fields from JSON.  See given.h. */
#include "given.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "fields.h"

enum { GIVEN_BYTES_MAX = 16 << 20 };

#define FIELD_TEST(field, t, p, bits) \
	{ .name = "test." field, .meaning = "given by a case", .flags = (bits), \
	    .type = FIELD_##t, .print = FIELD_##p, .argument = ARGUMENT_NONE, \
	    .class = CLASS_EVENT, .delivered = FIELD_LIVE }

static const struct field_info test_fields[] = {
	FIELD_TEST("int64", INT64, DEC, 0),
	FIELD_TEST("charbuf", TEXT, DEC, 0),
	FIELD_TEST("bytebuf", BYTES, DEC, 0),
	FIELD_TEST("list", TEXT, DEC, FIELD_LIST),
	FIELD_TEST("another_list", TEXT, DEC, FIELD_LIST),
	FIELD_TEST("numlist", UINT64, DEC, FIELD_LIST),
	FIELD_TEST("ip", ADDRESS, DEC, 0),
	FIELD_TEST("net", NETWORK, DEC, 0),
	FIELD_TEST("bool", BOOL, DEC, 0),
	FIELD_TEST("double", DOUBLE, DEC, 0),
	FIELD_TEST("uint8", UINT8, DEC, 0),
	FIELD_TEST("uint64", UINT64, DEC, 0),
	FIELD_TEST("hex32", UINT32, HEX, 0),
	FIELD_TEST("oct32", INT32, OCT, 0),
};

void
given_register(void)
{
	fields_extend(test_fields, sizeof(test_fields) / sizeof(test_fields[0]));
}

/* --- what record and contexts carry --- */

/* The level that NAME, an indexed name of an ancestor, asks for; -1 when it is none. */
static int
ancestor_level(const char *name)
{
	char *end;
	long level;

	if (strcmp(name, "proc.name") == 0)
		return 0;
	if (strcmp(name, "proc.pname") == 0)
		return 1;
	if (strncmp(name, "proc.aname[", 11) != 0)
		return -1;
	level = strtol(name + 11, &end, 10);
	return strcmp(end, "]") == 0 && level >= 0 && level < STREAM_CHAIN_MAX ? (int)level : -1;
}

/* Put the value into the record or a context, if there is a place for it. */
static bool
event_take(struct stream_event *event, const char *name, const json_t *value)
{
	struct span text = { json_string_value(value), json_string_length(value) };
	json_int_t number = json_integer_value(value);
	int level = ancestor_level(name);

	if (level >= 0 && json_is_string(value)) {
		event->comm[level] = text;
		if (event->chain_len <= (uint32_t)level)
			event->chain_len = (uint32_t)level + 1;
		return true;
	}
	if (strcmp(name, "proc.exepath") == 0 && json_is_string(value))
		event->exepath = text;
	else if (!json_is_integer(value) || number <= 0 || number > INT16_MAX)
		return false;
	else if (strcmp(name, "evt.num") == 0)
		event->number = (uint64_t)number;
	else if (strcmp(name, "evt.cpu") == 0)
		event->cpu = (uint16_t)number;
	else if (strcmp(name, "proc.pid") == 0)
		event->tgid = (uint32_t)number;
	else if (strcmp(name, "thread.tid") == 0)
		event->tid = (uint32_t)number;
	else
		return false;
	return true;
}

/* --- what goes beside the record --- */

/* The bytes of {"hex": "..."}. */
static struct span
hex_text(struct arena *arena, const json_t *hex)
{
	size_t len = json_string_length(hex) / 2;
	char *bytes = arena_alloc(arena, len + 1);

	for (size_t i = 0; bytes != NULL && i < len; i++) {
		const char *digits = json_string_value(hex) + 2 * i;

		bytes[i] = (char)strtol((char[]){ digits[0], digits[1], '\0' }, NULL, 16);
	}
	return (struct span){ bytes, len };
}

/* VALUE as a condition would have it. */
static struct span
json_text(struct arena *arena, const json_t *value)
{
	char digits[64];
	char *copy;

	if (json_is_string(value))
		return (struct span){ json_string_value(value), json_string_length(value) };
	if (json_is_object(value))
		return hex_text(arena, json_object_get(value, "hex"));
	if (json_is_boolean(value))
		return span_text(json_is_true(value) ? "true" : "false");
	if (json_is_integer(value))
		(void)snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT,
		    json_integer_value(value));
	else
		(void)snprintf(digits, sizeof(digits), "%.17g", json_real_value(value));
	copy = arena_copy(arena, span_text(digits));
	return span_text(copy);
}

static int
value_add(struct given *given, const char *name, const json_t *value, char *error)
{
	struct span *texts = arena_array(&given->arena, json_array_size(value) + 1,
	    sizeof(*texts));
	uint32_t count = 0;

	if (texts == NULL)
		return -ENOMEM;
	if (!json_is_array(value))
		texts[count++] = json_text(&given->arena, value);
	else
		for (; count < json_array_size(value); count++)
			texts[count] = json_text(&given->arena, json_array_get(value, count));
	return material_add(&given->material, span_text(name), texts, count, error);
}

int
given_read(struct given *given, const json_t *event, struct text *why)
{
	const json_t *fields = json_object_get(event, "fields"), *value;
	char error[MATERIAL_ERROR_MAX] = "too many fields";
	const char *name;
	int err;

	memset(given, 0, sizeof(*given));
	arena_init(&given->arena, GIVEN_BYTES_MAX);
	given->material.arena = &given->arena;
	given->event.type = span_text(json_string_value(json_object_get(event, "type")));
	given->event.chain_len = 1;
	if ((err = material_own(&given->material, SPAN_OF("evt.type"))) == 0)
		err = material_own(&given->material, SPAN_OF("syscall.type"));
	json_object_foreach ((json_t *)fields, name, value)
		if (err == 0)
			err = event_take(&given->event, name, value)
			    ? material_own(&given->material, span_text(name))
			    : value_add(given, name, value, error);
	if (err == 0 && given->event.chain_len > 1)
		err = material_own(&given->material, SPAN_OF("proc.aname"));
	if (err == 0)
		err = material_finish(&given->material);
	if (err < 0)
		text_format(why, "  %s\n", error);
	return err;
}

void
given_fini(struct given *given)
{
	arena_fini(&given->arena);
}
