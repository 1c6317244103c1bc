/* SPDX-License-Identifier: Apache-2.0 */
/* Values of fields from JSON.  See given.h. */
#include "given.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

#include "field.h"
#include "parse.h"

enum { GIVEN_BYTES_MAX = 16 << 20 };

#define FIELD_TEST(field, t, p, bits) \
	{ .name = "test." field, .meaning = "given by a case", .flags = (bits), \
	    .type = FIELD_##t, .print = FIELD_##p, .argument = ARGUMENT_NONE, \
	    .class = CLASS_EVENT, .live = true }

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

static int
address_take(struct address *address, const json_t *value)
{
	const char *text = json_string_value(value);

	memset(address, 0, sizeof(*address));
	if (text == NULL)
		return -EINVAL;
	address->family = strchr(text, ':') ? ADDRESS_IPV6 : ADDRESS_IPV4;
	return inet_pton(address->family == ADDRESS_IPV6 ? AF_INET6 : AF_INET, text,
	    address->bytes) == 1 ? 0 : -EINVAL;
}

static uint64_t
number_take(const struct accessor *accessor, const json_t *value)
{
	uint64_t bits;
	double real = json_number_value(value);

	if (accessor->group == GROUP_BOOL)
		return json_is_true(value);
	if (accessor->type != FIELD_DOUBLE)
		return (uint64_t)json_integer_value(value);
	memcpy(&bits, &real, sizeof(bits));
	return bits;
}

/* The bytes of a text, or of {"hex": "..."}. */
static int
text_take(struct arena *arena, struct span *text, const json_t *value)
{
	const json_t *hex = json_object_get(value, "hex");
	size_t len = json_string_length(hex) / 2;
	char *bytes;

	if (json_is_string(value)) {
		*text = (struct span){ json_string_value(value), json_string_length(value) };
		return 0;
	}
	if (hex == NULL || (bytes = arena_alloc(arena, len + 1)) == NULL)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		const char *digits = json_string_value(hex) + 2 * i;

		bytes[i] = (char)strtol((char[]){ digits[0], digits[1], '\0' }, NULL, 16);
	}
	*text = (struct span){ bytes, len };
	return 0;
}

/* Values of one field being read. */
struct taking {
	const struct accessor *accessor;
	struct span *texts;
	uint64_t *numbers;
	struct address *addresses;
};

static int
item_take(struct given *given, struct taking *taking, const json_t *value, uint32_t at)
{
	switch ((enum field_group)taking->accessor->group) {
	case GROUP_NUMBER:
	case GROUP_BOOL:
		taking->numbers[at] = number_take(taking->accessor, value);
		return 0;
	case GROUP_TEXT:
	case GROUP_BYTES:
		return text_take(&given->arena, &taking->texts[at], value);
	case GROUP_ADDRESS:
	case GROUP_NETWORK:
		return address_take(&taking->addresses[at], value);
	case GROUP_LIST:
	case GROUP_OPAQUE:
		break;
	}
	return -EINVAL;
}

/* COUNT values for ACCESSOR. */
static int
item_add(struct given *given, const struct accessor *accessor, const json_t *const *values,
    uint32_t count)
{
	struct taking taking = { .accessor = accessor,
		.texts = arena_array(&given->arena, count, sizeof(struct span)),
		.numbers = arena_array(&given->arena, count, sizeof(uint64_t)),
		.addresses = arena_array(&given->arena, count, sizeof(struct address)) };
	struct field_given *item = &given->items[given->count];

	if (given->count == GIVEN_MAX || taking.texts == NULL || taking.numbers == NULL ||
	    taking.addresses == NULL)
		return -EINVAL;
	for (uint32_t i = 0; i < count; i++)
		if (item_take(given, &taking, values[i], i) < 0)
			return -EINVAL;
	memset(item, 0, sizeof(*item));
	item->text = accessor->text;
	item->value.state = FIELD_VALUE;
	item->value.count = count;
	if (accessor->group == GROUP_NUMBER || accessor->group == GROUP_BOOL)
		item->value.numbers = taking.numbers;
	else if (accessor->group == GROUP_ADDRESS || accessor->group == GROUP_NETWORK)
		item->value.addresses = taking.addresses;
	else
		item->value.texts = taking.texts;
	given->count++;
	return 0;
}

static int
accessor_make(struct given *given, const char *name, struct accessor *accessor)
{
	struct parse_error syntax;
	struct ast_value *value;
	char error[FIELD_ERROR_MAX];

	if (parse_operand(&given->arena, span_text(name), false, &value, &syntax) < 0 ||
	    value->kind != VALUE_FIELD ||
	    field_compile(&given->arena, value->text, value->argument, value->has_argument,
	        accessor, error) != FIELD_FINE)
		return -EINVAL;
	return 0;
}

static int
value_add(struct given *given, const char *name, const json_t *value)
{
	const json_t **values = arena_array(&given->arena, json_array_size(value) + 1,
	    sizeof(const json_t *));
	uint32_t count = 0;
	struct accessor accessor;

	if (values == NULL || accessor_make(given, name, &accessor) < 0)
		return -EINVAL;
	if (!json_is_array(value))
		values[count++] = value;
	else
		for (; count < json_array_size(value); count++)
			values[count] = json_array_get(value, count);
	return item_add(given, &accessor, values, count);
}

/* The field NAME is read from record and contexts. */
static int
own_add(struct given *given, const char *name)
{
	if (given->count == GIVEN_MAX)
		return -EINVAL;
	given->items[given->count++] = (struct field_given){ .text = span_text(name),
		.own = true };
	return 0;
}

/* Fields that have no value of their own: both ends of a connection. */
static int
composites_add(struct given *given, const json_t *fields)
{
	static const char *const ends[][3] = {
		{ "fd.ip", "fd.cip", "fd.sip" },
		{ "fd.net", "fd.cip", "fd.sip" },
		{ "fd.port", "fd.cport", "fd.sport" },
	};
	int err = 0;

	for (size_t i = 0; err == 0 && i < sizeof(ends) / sizeof(ends[0]); i++) {
		const json_t *values[2];
		struct accessor accessor;
		uint32_t count = 0;

		for (int end = 1; end <= 2; end++)
			if ((values[count] = json_object_get(fields, ends[i][end])) != NULL)
				count++;
		if (count > 0 && json_object_get(fields, ends[i][0]) == NULL &&
		    (err = accessor_make(given, ends[i][0], &accessor)) == 0)
			err = item_add(given, &accessor, values, count);
	}
	return err;
}

int
given_read(struct given *given, const json_t *event, struct text *why)
{
	const json_t *fields = json_object_get(event, "fields"), *value;
	const json_t *type = json_object_get(event, "type");
	const char *name;
	int err = 0;

	memset(given, 0, sizeof(*given));
	arena_init(&given->arena, GIVEN_BYTES_MAX);
	given->event.type = span_text(json_string_value(type));
	given->event.chain_len = 1;
	if (own_add(given, "evt.type") < 0 || own_add(given, "syscall.type") < 0)
		return -EINVAL;
	json_object_foreach ((json_t *)fields, name, value) {
		err = event_take(&given->event, name, value) ? own_add(given, name)
		                                             : value_add(given, name, value);
		if (err < 0) {
			text_format(why, "  the field %s can not be given\n", name);
			return err;
		}
	}
	if (given->event.chain_len > 1 && (err = own_add(given, "proc.aname")) < 0)
		return err;
	return composites_add(given, fields);
}

void
given_fini(struct given *given)
{
	arena_fini(&given->arena);
}
