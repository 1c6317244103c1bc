/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operators once more, written to be seen to be right rather than to be fast.  See
 * oracle_op.h.
 */
#include "oracle_op.h"

#include <fnmatch.h>

#include "regex.h"

/* --- texts and bytes --- */

/* What text operators see: up to the first NUL.  `in` and `intersects` see all. */
static struct span
seen(const struct oracle_check *check, struct span text)
{
	if (check->group == GROUP_TEXT && check->op != OP_IN && check->op != OP_INTERSECTS &&
	    text.len > 0)
		text.len = strnlen(text.ptr, text.len);
	return text;
}

static char
folded(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Does PART stand in TEXT at AT? */
static bool
stands_at(struct span text, size_t at, struct span part, bool fold)
{
	if (at + part.len > text.len)
		return false;
	if (!fold)
		return part.len == 0 || memcmp(text.ptr + at, part.ptr, part.len) == 0;
	for (size_t i = 0; i < part.len; i++)
		if (folded(text.ptr[at + i]) != folded(part.ptr[i]))
			return false;
	return true;
}

static bool
occurs(struct span text, struct span part, bool fold)
{
	for (size_t at = 0; at + part.len <= text.len; at++) {
		if (part.len > 0 && folded(text.ptr[at]) != folded(part.ptr[0]))
			continue;
		if (stands_at(text, at, part, fold))
			return true;
	}
	return false;
}

static int
bytes_order(struct span a, struct span b)
{
	for (size_t i = 0; i < a.len && i < b.len; i++)
		if (a.ptr[i] != b.ptr[i])
			return (unsigned char)a.ptr[i] < (unsigned char)b.ptr[i] ? -1 : 1;
	return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}

/* TEXT with a NUL behind it, in ROOM of SIZE bytes; one that is too long is cut. */
static const char *
terminated(struct span text, char *room, size_t size)
{
	size_t len = text.len < size ? text.len : size - 1;

	if (len > 0)
		memcpy(room, text.ptr, len);
	room[len] = '\0';
	return room;
}

/* The language's patterns are those of fnmatch() in the C locale. */
static bool
fits(struct span pattern, struct span text, bool fold, char *room)
{
	const size_t size = ORACLE_TEXT_BYTES / 2;

	return fnmatch(terminated(pattern, room, size), terminated(text, room + size, size),
	           fold ? FNM_CASEFOLD : 0) == 0;
}

/* Component NUMBER of PATH, from 0; empty ones do not count.  False when it has not so many. */
static bool
component(struct span path, uint32_t number, struct span *found)
{
	size_t at = 0;

	for (;; number--) {
		size_t from;

		while (at < path.len && path.ptr[at] == '/')
			at++;
		if (at == path.len)
			return false;
		from = at;
		while (at < path.len && path.ptr[at] != '/')
			at++;
		*found = (struct span){ path.ptr + from, at - from };
		if (number == 0)
			return true;
	}
}

static bool
is_pattern(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '*' || text.ptr[i] == '?' || text.ptr[i] == '[')
			return true;
	return false;
}

static bool
is_below(struct span path, struct span above, char *room)
{
	struct span want, have;

	for (uint32_t i = 0; component(above, i, &want); i++) {
		if (!component(path, i, &have))
			return false;
		if (is_pattern(want) ? !fits(want, have, false, room)
		                     : bytes_order(want, have) != 0)
			return false;
	}
	return true;
}

/* --- one value, one constant --- */

static bool
order_fits(enum ast_op op, int order)
{
	switch ((int)op) {
	case OP_EQ: case OP_EQEQ: case OP_IN: case OP_INTERSECTS:
		return order == 0;
	case OP_NE:
		return order != 0;
	case OP_LT:
		return order < 0;
	case OP_LE:
		return order <= 0;
	case OP_GT:
		return order > 0;
	case OP_GE:
		return order >= 0;
	}
	return false;
}

static bool
text_fits(const struct oracle_check *check, struct span text, const union constant *constant,
    char *room)
{
	struct span other = constant->text;

	switch ((int)check->op) {
	case OP_EQ: case OP_EQEQ: case OP_IN: case OP_INTERSECTS:
		return text.len == other.len && stands_at(text, 0, other, false);
	case OP_CONTAINS: case OP_BCONTAINS:
		return occurs(text, other, false);
	case OP_ICONTAINS:
		return occurs(text, other, true);
	case OP_STARTSWITH: case OP_BSTARTSWITH:
		return stands_at(text, 0, other, false);
	case OP_ENDSWITH:
		return other.len <= text.len && stands_at(text, text.len - other.len, other, false);
	case OP_GLOB:
		return fits(other, text, false, room);
	case OP_IGLOB:
		return fits(other, text, true, room);
	case OP_REGEX:
		return regex_matches(constant->regex, text);
	case OP_PMATCH:
		return is_below(text, other, room);
	}
	return order_fits(check->op, bytes_order(text, other));
}

static int
number_order(enum field_type type, uint64_t a, uint64_t b)
{
	double real_a, real_b;

	switch ((int)type) {
	case FIELD_DOUBLE:
		memcpy(&real_a, &a, sizeof(a));
		memcpy(&real_b, &b, sizeof(b));
		return real_a < real_b ? -1 : real_a > real_b;
	case FIELD_INT8: case FIELD_INT16: case FIELD_INT32: case FIELD_INT64:
		return (int64_t)a < (int64_t)b ? -1 : (int64_t)a > (int64_t)b;
	}
	return a < b ? -1 : a > b;
}

static bool
number_fits(const struct oracle_check *check, uint64_t number, uint64_t constant)
{
	if (check->distance)
		return number <= constant;
	return order_fits(check->op, number_order(check->type, number, constant));
}

/* How many leading bits of an address have to be equal. */
static uint32_t
bits_that_count(const struct oracle_check *check, const struct address *constant)
{
	if (check->group == GROUP_NETWORK)
		return constant->prefix;
	return constant->family == ADDRESS_IPV4 ? 32 : 128;
}

static bool
address_fits(const struct oracle_check *check, const struct address *address,
    const struct address *constant)
{
	bool same = address->family == constant->family;

	for (uint32_t i = 0; same && i < bits_that_count(check, constant); i++)
		same = ((address->bytes[i / 8] ^ constant->bytes[i / 8]) >> (7 - i % 8) & 1) == 0;
	return same == (check->op != OP_NE);
}

/* Does value I of LEFT satisfy the operator against CONSTANT? */
static bool
one_holds(const struct oracle_check *check, const struct field_value *left, uint32_t i,
    const union constant *constant, char *room)
{
	switch (check->group) {
	case GROUP_NUMBER: case GROUP_BOOL:
		return number_fits(check, left->numbers[i], constant->number);
	case GROUP_TEXT: case GROUP_BYTES:
		return text_fits(check, seen(check, left->texts[i]), constant, room);
	case GROUP_ADDRESS: case GROUP_NETWORK:
		return address_fits(check, &left->addresses[i], &constant->address);
	case GROUP_LIST: case GROUP_OPAQUE:
		break;
	}
	return false;
}

/* --- many constants --- */

/* HELD of TRIED constants held. */
static bool
modifier_holds(enum ast_modifier modifier, uint32_t held, uint32_t tried)
{
	switch (modifier) {
	case MODIFIER_ONEOF:
		return held == 1;
	case MODIFIER_ALLOF:
		return tried > 0 && held == tried;
	case MODIFIER_ANYOF: case MODIFIER_NONE: /* a single constant, or `in` and its like */
		break;
	}
	return held > 0;
}

/* Is TEXT one of the constants?  The most common question by far. */
static bool
is_among(const struct oracle_check *check, struct span text)
{
	for (uint32_t k = 0; k < check->constant_count; k++)
		if (check->constants[k].text.len == text.len &&
		    stands_at(text, 0, check->constants[k].text, false))
			return true;
	return false;
}

/* Value I of LEFT against all constants. */
static bool
value_holds(const struct oracle_check *check, const struct field_value *left, uint32_t i,
    char *room)
{
	uint32_t held = 0;

	if (check->group == GROUP_TEXT && (check->op == OP_IN || check->op == OP_INTERSECTS))
		return is_among(check, left->texts[i]);
	for (uint32_t k = 0; k < check->constant_count; k++) {
		held += one_holds(check, left, i, &check->constants[k], room);
		if (held > 0 && check->modifier == MODIFIER_NONE)
			return true;
	}
	return modifier_holds(check->modifier, held, check->constant_count);
}

/* Two ends, or all ancestors: the operator asks all of them about one constant at a time. */
static bool
together_holds(const struct oracle_check *check, const struct field_value *left, char *room)
{
	const bool both = check->values == VALUES_EITHER && check->op == OP_NE;
	uint32_t held = 0;

	for (uint32_t k = 0; k < check->constant_count; k++) {
		uint32_t satisfy = 0;

		for (uint32_t i = 0; i < left->count; i++)
			satisfy += one_holds(check, left, i, &check->constants[k], room);
		held += both ? satisfy == left->count : satisfy > 0;
	}
	return modifier_holds(check->modifier, held, check->constant_count);
}

/* SATISFY of COUNT values did: is that enough? */
static bool
enough(const struct oracle_check *check, uint32_t satisfy, uint32_t count, bool against)
{
	if (check->values == VALUES_LIST ? check->op == OP_IN
	                                 : check->values == VALUES_SPELLINGS && against)
		return satisfy == count;
	return satisfy > 0;
}

/* --- a value on the right --- */

static union constant
constant_of(const struct oracle_check *check, const struct field_value *right, uint32_t j)
{
	union constant constant = { .number = 0 };

	if (check->group == GROUP_TEXT || check->group == GROUP_BYTES)
		constant.text = seen(check, right->texts[j]);
	else if (check->group == GROUP_ADDRESS || check->group == GROUP_NETWORK)
		constant.address = right->addresses[j];
	else
		constant.number = right->numbers[j];
	return constant;
}

/* Value I of LEFT against those of RIGHT: a list is a set, spellings are as those on the left. */
static bool
value_holds_between(const struct oracle_check *check, const struct field_value *left, uint32_t i,
    const struct field_value *right, bool against, char *room)
{
	uint32_t satisfy = 0;

	for (uint32_t j = 0; j < right->count; j++) {
		union constant constant = constant_of(check, right, j);

		satisfy += one_holds(check, left, i, &constant, room);
	}
	if (check->values == VALUES_SPELLINGS && against)
		return satisfy == right->count;
	return satisfy > 0;
}

bool
oracle_holds(const struct oracle_check *check, const struct field_value *left,
    const struct field_value *right, bool against, char *room)
{
	uint32_t satisfy = 0;

	if (left->state != FIELD_VALUE || (right != NULL && right->state != FIELD_VALUE))
		return false;
	if (check->op == OP_EXISTS)
		return true;
	if (left->count == 0 && check->values != VALUES_LIST)
		return false; /* a descriptor that has no ends */
	if (check->values == VALUES_EITHER || check->values == VALUES_ANCESTORS)
		return together_holds(check, left, room);
	for (uint32_t i = 0; i < left->count; i++)
		satisfy += right == NULL
		    ? value_holds(check, left, i, room)
		    : value_holds_between(check, left, i, right, against, room);
	return enough(check, satisfy, left->count, against);
}
