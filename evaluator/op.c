/* SPDX-License-Identifier: Apache-2.0 */
/* The operators.  Texts and bytes are compared byte by byte, without locale; see op.h. */
#include "op.h"

#include "glob.h"
#include "regex.h"

static const struct {
	uint32_t groups;
	bool modifiers;
} rows[] = {
#define YES true
#define NO false
#define OP(id, spelling, accepted, takes_modifiers, meaning) \
	[OP_##id] = { accepted, takes_modifiers },
#include "ops.def"
#undef YES
#undef NO
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) == OP_COUNT, "a row each");

uint32_t
op_groups(enum ast_op op)
{
	return rows[op].groups;
}

bool
op_takes_modifier(enum ast_op op)
{
	return rows[op].modifiers;
}

static bool
text_contains(struct span text, struct span part)
{
	return part.len == 0 ||
	    (part.len <= text.len && memmem(text.ptr, text.len, part.ptr, part.len) != NULL);
}

static bool
text_contains_folded(struct span text, struct span part)
{
	for (size_t start = 0; start + part.len <= text.len; start++) {
		size_t i = 0;

		while (i < part.len && ascii_lower(text.ptr[start + i]) == ascii_lower(part.ptr[i]))
			i++;
		if (i == part.len)
			return true;
	}
	return false;
}

static bool
text_begins(struct span text, struct span part)
{
	return part.len <= text.len && (part.len == 0 || memcmp(text.ptr, part.ptr, part.len) == 0);
}

static bool
text_ends(struct span text, struct span part)
{
	return part.len <= text.len &&
	    (part.len == 0 || memcmp(text.ptr + text.len - part.len, part.ptr, part.len) == 0);
}

static int
text_order(struct span a, struct span b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* The next component of PATH from *AT on; false at its end.  Empty ones do not count. */
static bool
component_next(struct span path, size_t *at, struct span *component)
{
	size_t end;

	while (*at < path.len && path.ptr[*at] == '/')
		(*at)++;
	if (*at == path.len)
		return false;
	end = *at;
	while (end < path.len && path.ptr[end] != '/')
		end++;
	*component = (struct span){ path.ptr + *at, end - *at };
	*at = end;
	return true;
}

bool
path_has_prefix(struct span path, struct span prefix)
{
	size_t path_at = 0, prefix_at = 0;
	struct span have, want;

	while (component_next(prefix, &prefix_at, &want)) {
		if (!component_next(path, &path_at, &have))
			return false;
		if (glob_is_pattern(want) ? !glob_match(want, have, false)
		                          : !span_equal(want, have))
			return false;
	}
	return true;
}

static bool
order_holds(enum ast_op op, int order)
{
	switch (op) {
	case OP_EQ: case OP_EQEQ: return order == 0;
	case OP_NE: return order != 0;
	case OP_LT: return order < 0;
	case OP_LE: return order <= 0;
	case OP_GT: return order > 0;
	case OP_GE: return order >= 0;
	case OP_EXISTS: case OP_CONTAINS: case OP_ICONTAINS: case OP_BCONTAINS: case OP_STARTSWITH:
	case OP_BSTARTSWITH:
	case OP_ENDSWITH:
	case OP_GLOB:
	case OP_IGLOB:
	case OP_REGEX:
	case OP_IN:
	case OP_INTERSECTS: case OP_PMATCH: case OP_COUNT:
		break;
	}
	return false;
}

static bool
text_holds(enum ast_op op, struct span text, struct span constant)
{
	switch (op) {
	case OP_EQ: case OP_EQEQ: case OP_IN: case OP_INTERSECTS: return span_equal(text, constant);
	case OP_NE: return !span_equal(text, constant);
	case OP_LT:
	case OP_LE:
	case OP_GT:
	case OP_GE: return order_holds(op, text_order(text, constant));
	case OP_CONTAINS: case OP_BCONTAINS: return text_contains(text, constant);
	case OP_ICONTAINS: return text_contains_folded(text, constant);
	case OP_STARTSWITH: case OP_BSTARTSWITH: return text_begins(text, constant);
	case OP_ENDSWITH: return text_ends(text, constant);
	case OP_GLOB: return glob_match(constant, text, false);
	case OP_IGLOB: return glob_match(constant, text, true);
	case OP_PMATCH: return path_has_prefix(text, constant);
	case OP_EXISTS: case OP_REGEX: case OP_COUNT: break;
	}
	return false;
}

static int
number_order(uint8_t type, uint64_t a, uint64_t b)
{
	double x, y;

	if (type == FIELD_DOUBLE) {
		memcpy(&x, &a, sizeof(x));
		memcpy(&y, &b, sizeof(y));
		return (x > y) - (x < y);
	}
	if (type <= FIELD_INT64)
		return ((int64_t)a > (int64_t)b) - ((int64_t)a < (int64_t)b);
	return (a > b) - (a < b);
}

static bool
number_holds(enum ast_op op, uint8_t type, uint64_t number, uint64_t constant)
{
	int order = number_order(type, number, constant);

	return order_holds(op == OP_IN || op == OP_INTERSECTS ? OP_EQ : op, order);
}

/* Is ADDRESS inside NETWORK?  Another family never is. */
static bool
network_has(const struct address *network, const struct address *address)
{
	size_t bytes = network->prefix / 8;
	unsigned int bits = network->prefix % 8;

	if (network->family != address->family ||
	    memcmp(network->bytes, address->bytes, bytes) != 0)
		return false;
	return bits == 0 ||
	    ((network->bytes[bytes] ^ address->bytes[bytes]) & (0xff << (8 - bits)) & 0xff) == 0;
}

static bool
address_holds(enum ast_op op, bool network, const struct address *address,
    const struct address *constant)
{
	bool same;

	if (network)
		same = network_has(constant, address);
	else
		same = address->family == constant->family &&
		    memcmp(address->bytes, constant->bytes, sizeof(address->bytes)) == 0;
	return op == OP_NE ? !same : same;
}

/* What operators see of a text: all but `in` stop at the first NUL. */
static struct span
text_seen(enum ast_op op, struct span text)
{
	if (op != OP_IN && op != OP_INTERSECTS && text.len > 0)
		text.len = strnlen(text.ptr, text.len);
	return text;
}

/* Does value INDEX satisfy the operator against one constant? */
static bool
single_holds(const struct comparison *comparison, const struct field_value *value, uint32_t index,
    const union constant *constant)
{
	enum ast_op op = (enum ast_op)comparison->op;

	switch ((enum field_group)comparison->group) {
	case GROUP_NUMBER:
	case GROUP_BOOL:
		return number_holds(op, comparison->type, value->numbers[index], constant->number);
	case GROUP_TEXT:
		if (op == OP_REGEX)
			return regex_matches(constant->regex, text_seen(op, value->texts[index]));
		return text_holds(op, text_seen(op, value->texts[index]), constant->text);
	case GROUP_BYTES:
		return text_holds(op, value->texts[index], constant->text);
	case GROUP_ADDRESS:
		return address_holds(op, false, &value->addresses[index], &constant->address);
	case GROUP_NETWORK:
		return address_holds(op, true, &value->addresses[index], &constant->address);
	case GROUP_LIST:
	case GROUP_OPAQUE:
		break;
	}
	return false;
}

/* Is value INDEX among the constants? */
static bool
set_holds(const struct comparison *comparison, const struct field_value *value, uint32_t index)
{
	const struct constants *constants = &comparison->constants;

	if (comparison->op != OP_PMATCH && comparison->group == GROUP_TEXT)
		return constants_have_text(constants, value->texts[index]);
	if (comparison->group == GROUP_NUMBER && comparison->type != FIELD_DOUBLE)
		return constants_have_number(constants, value->numbers[index]);
	for (uint32_t i = 0; i < constants->count; i++)
		if (single_holds(comparison, value, index, &constants->items[i]))
			return true;
	return false;
}

/* One constant against all values: some or every one must satisfy it. */
static bool
constant_holds(const struct comparison *comparison, const struct field_value *value,
    const union constant *constant)
{
	for (uint32_t i = 0; i < value->count; i++)
		if (single_holds(comparison, value, i, constant) != comparison->every)
			return !comparison->every;
	return comparison->every;
}

/* HELD of COUNT constants are satisfied. */
static bool
modifier_holds(enum ast_modifier modifier, uint32_t held, uint32_t count)
{
	switch (modifier) {
	case MODIFIER_ONEOF: return held == 1;
	case MODIFIER_ANYOF: return held > 0;
	case MODIFIER_ALLOF: return held > 0 && held == count;
	case MODIFIER_NONE: break;
	}
	return false;
}

/* Each spelling of a path is asked about all constants on its own. */
static bool
spellings_hold(const struct comparison *comparison, const struct field_value *value)
{
	const struct constants *constants = &comparison->constants;

	for (uint32_t i = 0; i < value->count; i++) {
		uint32_t held = 0;

		for (uint32_t k = 0; k < constants->count; k++)
			held += single_holds(comparison, value, i, &constants->items[k]);
		if (modifier_holds((enum ast_modifier)comparison->modifier, held,
		        constants->count) != comparison->every)
			return !comparison->every;
	}
	return comparison->every;
}

static bool
modified_holds(const struct comparison *comparison, const struct field_value *value)
{
	const struct constants *constants = &comparison->constants;
	uint32_t held = 0;

	if (comparison->spelled)
		return spellings_hold(comparison, value);
	for (uint32_t i = 0; i < constants->count; i++)
		held += constant_holds(comparison, value, &constants->items[i]);
	return modifier_holds((enum ast_modifier)comparison->modifier, held, constants->count);
}

bool
op_holds(const struct comparison *comparison, const struct field_value *value)
{
	if (value->state != FIELD_VALUE)
		return false;
	if (comparison->op == OP_EXISTS)
		return true;
	if (value->count == 0)
		return comparison->is_list && comparison->every;
	if (comparison->modifier != MODIFIER_NONE)
		return modified_holds(comparison, value);
	if (comparison->op != OP_IN && comparison->op != OP_INTERSECTS &&
	    comparison->op != OP_PMATCH)
		return constant_holds(comparison, value, &comparison->constants.items[0]);
	for (uint32_t i = 0; i < value->count; i++)
		if (set_holds(comparison, value, i) != comparison->every)
			return !comparison->every;
	return comparison->every;
}

/* Value INDEX of the right side as a constant of COMPARISON. */
static union constant
constant_of(const struct comparison *comparison, const struct field_value *right, uint32_t index)
{
	union constant constant = { .number = 0 };

	switch ((enum field_group)comparison->group) {
	case GROUP_NUMBER: case GROUP_BOOL:
		constant.number = right->numbers[index];
		break;
	case GROUP_TEXT:
		constant.text = text_seen((enum ast_op)comparison->op, right->texts[index]);
		break;
	case GROUP_BYTES:
		constant.text = right->texts[index];
		break;
	case GROUP_ADDRESS: case GROUP_NETWORK:
		constant.address = right->addresses[index];
		break;
	case GROUP_LIST: case GROUP_OPAQUE:
		break;
	}
	return constant;
}

bool
op_holds_between(const struct comparison *comparison, const struct field_value *left,
    const struct field_value *right)
{
	/* Of a list on the right one element is enough; of two spellings what the left needs. */
	const bool every = comparison->every && !comparison->is_list;

	if (left->state != FIELD_VALUE || right->state != FIELD_VALUE)
		return false;
	for (uint32_t i = 0; i < left->count; i++) {
		bool held = every;

		for (uint32_t j = 0; j < right->count && held == every; j++) {
			union constant constant = constant_of(comparison, right, j);

			held = single_holds(comparison, left, i, &constant);
		}
		if (held != comparison->every)
			return !comparison->every;
	}
	return comparison->every && (left->count > 0 || comparison->is_list);
}
