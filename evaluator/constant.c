/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing and looking up constants.  See constant.h. */
#include "constant.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>

#include "arena.h"
#include "glob.h"

enum { SET_SMALL = 4, ADDRESS_TEXT_MAX = 64 };

static int __attribute__((format(printf, 2, 3)))
refuse(char error[CONSTANT_ERROR_MAX], const char *format, ...)
{
	char buf[CONSTANT_ERROR_MAX];
	struct text text;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(buf, sizeof(buf), format, args);
	va_end(args);
	text_init(&text, error, CONSTANT_ERROR_MAX);
	text_visible(&text, buf, strlen(buf));
	return -EINVAL;
}

#define SPAN_ARG(span) (int)((span).len < 80 ? (span).len : 80), (span).ptr

/*
 * Optional blanks, an optional sign, decimal digits, and nothing else.  The magnitude is at
 * most MAX.
 */
static bool
decimal_parse(struct span text, uint64_t max, bool *negative, uint64_t *magnitude)
{
	size_t i = 0;

	*negative = false;
	*magnitude = 0;
	while (i < text.len && (text.ptr[i] == ' ' || text.ptr[i] == '\t'))
		i++;
	if (i < text.len && (text.ptr[i] == '+' || text.ptr[i] == '-'))
		*negative = text.ptr[i++] == '-';
	if (i == text.len)
		return false;
	for (; i < text.len; i++) {
		uint64_t digit = (uint64_t)(unsigned char)text.ptr[i] - '0';

		if (digit > 9 || *magnitude > (max - digit) / 10)
			return false;
		*magnitude = *magnitude * 10 + digit;
	}
	return true;
}

/* How many bits a type has, and how many its constants are read with: small ones wrap. */
static const struct {
	uint8_t bits, read_bits;
	bool is_signed;
} numbers[FIELD_TYPES] = {
	[FIELD_INT8] = { 8, 32, true },
	[FIELD_INT16] = { 16, 32, true },
	[FIELD_INT32] = { 32, 32, true },
	[FIELD_INT64] = { 64, 64, true },
	[FIELD_UINT8] = { 8, 32, false },
	[FIELD_UINT16] = { 16, 32, false },
	[FIELD_UINT32] = { 32, 32, false },
	[FIELD_UINT64] = { 64, 64, false },
	[FIELD_RELTIME] = { 64, 64, false },
	[FIELD_ABSTIME] = { 64, 64, false },
};

static uint64_t
number_wrap(uint64_t number, uint8_t bits, bool is_signed)
{
	unsigned int shift = 64u - bits;

	if (is_signed)
		return (uint64_t)((int64_t)(number << shift) >> shift);
	return number << shift >> shift;
}

static int
number_parse(uint8_t type, struct span text, uint64_t *number, char *error)
{
	unsigned int read = numbers[type].read_bits;
	uint64_t max = read == 64 ? UINT64_MAX : UINT32_MAX, magnitude;
	bool negative;

	if (!decimal_parse(text, max, &negative, &magnitude))
		return refuse(error, "expected a decimal number, got `%.*s`", SPAN_ARG(text));
	if (numbers[type].is_signed && magnitude > (max >> 1) + negative)
		return refuse(error, "`%.*s` does not fit %u bits", SPAN_ARG(text), read);
	if (negative)
		magnitude = 0 - magnitude;
	*number = number_wrap(magnitude, numbers[type].bits, numbers[type].is_signed);
	return 0;
}

static int
double_parse(struct span text, uint64_t *number, char *error)
{
	uint64_t magnitude;
	bool negative;
	double real;

	if (!decimal_parse(text, INT32_MAX, &negative, &magnitude))
		return refuse(error, "expected a whole number, got `%.*s`", SPAN_ARG(text));
	real = negative ? -(double)magnitude : (double)magnitude;
	memcpy(number, &real, sizeof(*number));
	return 0;
}

/* A number, cut to 16 bits, or the name of a service. */
static int
port_parse(struct span text, uint64_t *number, char *error)
{
	char name[CONSTANT_TEXT_MAX + 1];
	struct servent *service;
	bool negative;

	*number = 0;
	if (text.len == 0)
		return 0;
	if (text.ptr[0] >= '0' && text.ptr[0] <= '9') {
		if (!decimal_parse(text, INT32_MAX, &negative, number))
			return refuse(error, "expected a port, got `%.*s`", SPAN_ARG(text));
		*number &= UINT16_MAX;
		return 0;
	}
	if (text.len > CONSTANT_TEXT_MAX)
		return refuse(error, "no service is called `%.*s`", SPAN_ARG(text));
	memcpy(name, text.ptr, text.len);
	name[text.len] = '\0';
	if ((service = getservbyname(name, NULL)) == NULL)
		return refuse(error, "expected a port, and no service is called `%.*s`",
		    SPAN_ARG(text));
	*number = ntohs((uint16_t)service->s_port);
	return 0;
}

static int
address_parse(struct span text, struct address *address)
{
	bool ipv4 = text.len > 0 && memchr(text.ptr, '.', text.len) != NULL;
	char buf[ADDRESS_TEXT_MAX];

	memset(address, 0, sizeof(*address));
	if (text.len == 0 || text.len >= sizeof(buf))
		return -EINVAL;
	memcpy(buf, text.ptr, text.len);
	buf[text.len] = '\0';
	address->family = ipv4 ? ADDRESS_IPV4 : ADDRESS_IPV6;
	return inet_pton(ipv4 ? AF_INET : AF_INET6, buf, address->bytes) == 1 ? 0 : -EINVAL;
}

/* Clear the bits behind the prefix, so that networks compare by their bytes. */
static void
network_mask(struct address *network)
{
	for (size_t i = 0; i < sizeof(network->bytes); i++) {
		unsigned int from = (unsigned int)i * 8;

		if (from >= network->prefix)
			network->bytes[i] = 0;
		else if (from + 8 > network->prefix)
			network->bytes[i] &= (uint8_t)(0xff << (from + 8 - network->prefix));
	}
}

static int
network_parse(struct span text, struct address *network, char *error)
{
	const char *slash = text.len > 0 ? memchr(text.ptr, '/', text.len) : NULL;
	uint64_t prefix;
	bool negative;

	if (slash == NULL)
		return refuse(error, "expected a network such as 10.0.0.0/8, got `%.*s`",
		    SPAN_ARG(text));
	if (address_parse((struct span){ text.ptr, (size_t)(slash - text.ptr) }, network) < 0 ||
	    !decimal_parse((struct span){ slash + 1, text.len - (size_t)(slash + 1 - text.ptr) },
	        INT32_MAX, &negative, &prefix) ||
	    negative)
		return refuse(error, "expected a network such as 10.0.0.0/8, got `%.*s`",
		    SPAN_ARG(text));
	prefix &= UINT8_MAX; /* the language reads it as a byte */
	if (network->family == ADDRESS_IPV4 && prefix > 32)
		return refuse(error, "expected a prefix of 0 to 32 bits, got `%.*s`",
		    SPAN_ARG(text));
	if (network->family == ADDRESS_IPV6 && (prefix < 1 || prefix > 128))
		return refuse(error, "expected a prefix of 1 to 128 bits, got `%.*s`",
		    SPAN_ARG(text));
	network->prefix = (uint8_t)prefix;
	network_mask(network);
	return 0;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f')
		return ascii_lower(c) - 'a' + 10;
	return -1;
}

static int
hex_parse(struct arena *arena, struct span text, struct span *bytes, char *error)
{
	char *out = arena_alloc(arena, text.len / 2 + 1);

	if (out == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < text.len; i += 2) {
		int high = hex_digit(text.ptr[i]),
		    low = i + 1 < text.len ? hex_digit(text.ptr[i + 1]) : -1;

		if (high < 0 || low < 0)
			return refuse(error, "expected pairs of hexadecimal digits, got `%.*s`",
			    SPAN_ARG(text));
		out[i / 2] = (char)(high << 4 | low);
	}
	*bytes = (struct span){ out, text.len / 2 };
	return 0;
}

static int
text_parse(struct arena *arena, uint8_t type, enum ast_op op, struct span text, struct span *out,
    char *error)
{
	if (text.len > CONSTANT_TEXT_MAX)
		return refuse(error, "a constant of %zu bytes: at most %d are possible", text.len,
		    CONSTANT_TEXT_MAX);
	if (op == OP_BCONTAINS || op == OP_BSTARTSWITH)
		return hex_parse(arena, text, out, error);
	if (type == FIELD_TEXT && text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)
		return refuse(error, "a text can not hold a NUL byte: `%.*s`", SPAN_ARG(text));
	*out = text;
	return 0;
}

static int
bool_parse(struct span text, uint64_t *number, char *error)
{
	*number = span_equal(text, SPAN_OF("true"));
	if (*number == 0 && !span_equal(text, SPAN_OF("false")))
		return refuse(error, "expected `true` or `false`, got `%.*s`", SPAN_ARG(text));
	return 0;
}

int
constant_parse(struct arena *arena, uint8_t type, enum ast_op op, struct span text,
    union constant *constant, char error[CONSTANT_ERROR_MAX])
{
	memset(constant, 0, sizeof(*constant));
	switch ((enum field_type)type) {
	case FIELD_INT8: case FIELD_INT16: case FIELD_INT32: case FIELD_INT64:
	case FIELD_UINT8: case FIELD_UINT16: case FIELD_UINT32: case FIELD_UINT64:
	case FIELD_RELTIME: case FIELD_ABSTIME:
		return number_parse(type, text, &constant->number, error);
	case FIELD_PORT:
		return port_parse(text, &constant->number, error);
	case FIELD_DOUBLE:
		return double_parse(text, &constant->number, error);
	case FIELD_BOOL:
		return bool_parse(text, &constant->number, error);
	case FIELD_TEXT: case FIELD_BYTES:
		return text_parse(arena, type, op, text, &constant->text, error);
	case FIELD_ADDRESS:
		if (address_parse(text, &constant->address) < 0)
			return refuse(error, "expected an IP address, got `%.*s`", SPAN_ARG(text));
		return 0;
	case FIELD_NETWORK:
		return network_parse(text, &constant->address, error);
	case FIELD_PARAM: case FIELD_OPAQUE: case FIELD_TYPES:
		break;
	}
	return refuse(error, "this parameter can only be tested with `exists`");
}

static uint32_t
text_tag(struct span text, uint64_t key)
{
	return (uint32_t)(bytes_hash(text.ptr, text.len, key) >> 32);
}

static uint32_t
number_tag(uint64_t number, uint64_t key)
{
	number = (number ^ key) * 0x9e3779b97f4a7c15u;
	return (uint32_t)(number >> 32);
}

static uint64_t
length_bit(size_t len)
{
	return (uint64_t)1 << (len < 63 ? len : 63);
}

int
constants_index(struct arena *arena, enum field_group group, uint64_t hash_key,
    struct constants *constants)
{
	uint32_t slots = 8, *table, *tags;

	constants->hash_key = hash_key;
	for (uint32_t i = 0; group == GROUP_TEXT && i < constants->count; i++)
		constants->lengths |= length_bit(constants->items[i].text.len);
	if (constants->count <= SET_SMALL || (group != GROUP_TEXT && group != GROUP_NUMBER))
		return 0;
	while (slots < constants->count * 2)
		slots *= 2;
	table = arena_array(arena, slots, sizeof(*table));
	tags = arena_array(arena, constants->count, sizeof(*tags));
	if (table == NULL || tags == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < constants->count; i++) {
		uint32_t slot;

		tags[i] = group == GROUP_TEXT ? text_tag(constants->items[i].text, hash_key) :
		    number_tag(constants->items[i].number, hash_key);
		slot = tags[i] & (slots - 1);
		while (table[slot] != 0)
			slot = (slot + 1) & (slots - 1);
		table[slot] = i + 1;
	}
	constants->table = table;
	constants->tags = tags;
	constants->table_mask = slots - 1;
	return 0;
}

bool
constants_have_text(const struct constants *constants, struct span text)
{
	uint32_t tag, slot;

	if (!(constants->lengths & length_bit(text.len)))
		return false;
	if (constants->table_mask == 0) {
		for (uint32_t i = 0; i < constants->count; i++)
			if (span_equal(constants->items[i].text, text))
				return true;
		return false;
	}
	tag = text_tag(text, constants->hash_key);
	for (slot = tag & constants->table_mask; constants->table[slot] != 0;
	     slot = (slot + 1) & constants->table_mask) {
		uint32_t item = constants->table[slot] - 1;

		if (constants->tags[item] == tag && span_equal(constants->items[item].text, text))
			return true;
	}
	return false;
}

bool
constants_have_number(const struct constants *constants, uint64_t number)
{
	uint32_t slot;

	if (constants->table_mask == 0) {
		for (uint32_t i = 0; i < constants->count; i++)
			if (constants->items[i].number == number)
				return true;
		return false;
	}
	slot = number_tag(number, constants->hash_key) & constants->table_mask;
	for (; constants->table[slot] != 0; slot = (slot + 1) & constants->table_mask)
		if (constants->items[constants->table[slot] - 1].number == number)
			return true;
	return false;
}
