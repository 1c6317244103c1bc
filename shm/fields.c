/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of fields.h.  Looking up by name is for loading rules: it walks the table. */
#include "fields.h"

static const struct field_info fields[] = {
#define FIELD(id, field, t, p, arg, bits, cl, from, text) \
	[F_##id] = { .name = field, .meaning = text, .flags = (bits), .type = FIELD_##t, \
	    .print = FIELD_##p, .argument = ARGUMENT_##arg, .class = CLASS_##cl, \
	    .delivered = FIELD_##from },
#include "fields.def"
};

_Static_assert(sizeof(fields) / sizeof(fields[0]) == F_COUNT, "a row each");

static const struct op_info ops[] = {
#define OP(id, spelling, accepted, modifiers, text) \
	{ .name = spelling, .meaning = text, .groups = accepted },
#include "ops.def"
};

static const struct {
	const char *name;
	enum field_group group;
} types[FIELD_TYPES] = {
	[FIELD_INT8] = { "INT8", GROUP_NUMBER },
	[FIELD_INT16] = { "INT16", GROUP_NUMBER },
	[FIELD_INT32] = { "INT32", GROUP_NUMBER },
	[FIELD_INT64] = { "INT64", GROUP_NUMBER },
	[FIELD_UINT8] = { "UINT8", GROUP_NUMBER },
	[FIELD_UINT16] = { "UINT16", GROUP_NUMBER },
	[FIELD_UINT32] = { "UINT32", GROUP_NUMBER },
	[FIELD_UINT64] = { "UINT64", GROUP_NUMBER },
	[FIELD_PORT] = { "PORT", GROUP_NUMBER },
	[FIELD_RELTIME] = { "RELTIME", GROUP_NUMBER },
	[FIELD_ABSTIME] = { "ABSTIME", GROUP_NUMBER },
	[FIELD_DOUBLE] = { "DOUBLE", GROUP_NUMBER },
	[FIELD_BOOL] = { "BOOL", GROUP_BOOL },
	[FIELD_TEXT] = { "TEXT", GROUP_TEXT },
	[FIELD_BYTES] = { "BYTES", GROUP_BYTES },
	[FIELD_ADDRESS] = { "ADDRESS", GROUP_ADDRESS },
	[FIELD_NETWORK] = { "NETWORK", GROUP_NETWORK },
	[FIELD_PARAM] = { "PARAM", GROUP_OPAQUE },
	[FIELD_OPAQUE] = { "OPAQUE", GROUP_OPAQUE },
};

static const char *const arguments[] = {
	[ARGUMENT_NONE] = "",
	[ARGUMENT_INDEX] = "[N] or nothing",
	[ARGUMENT_VARIABLE] = "[NAME], [N] or nothing",
	[ARGUMENT_PARAM] = ".NAME or [N]",
	[ARGUMENT_PARAM_NAME] = ".NAME",
	[ARGUMENT_EVENT_NAME] = ".NAME",
	[ARGUMENT_TIME] = "[NANOSECONDS]",
	[ARGUMENT_SIDE] = ".src, .dst or nothing",
	[ARGUMENT_DOTTED] = ".NAME",
	[ARGUMENT_KEY] = "[KEY]",
	[ARGUMENT_KEY_DOTTED] = "[KEY] or .KEY",
};

/* Fields that a program brought along: the first has the id after F_COUNT. */
static struct {
	const struct field_info *rows;
	uint32_t count;
} more;

void
fields_extend(const struct field_info *rows, uint32_t count)
{
	more.rows = rows;
	more.count = count;
}

const struct field_info *
field_info(uint32_t id)
{
	if (id < F_COUNT)
		return &fields[id];
	return id > F_COUNT && id - F_COUNT <= more.count ? &more.rows[id - F_COUNT - 1] : NULL;
}

enum field_id
field_find(struct span name)
{
	for (uint32_t id = 0; id < F_COUNT; id++)
		if (span_equal(span_text(fields[id].name), name))
			return (enum field_id)id;
	for (uint32_t i = 0; i < more.count; i++)
		if (span_equal(span_text(more.rows[i].name), name))
			return (enum field_id)(F_COUNT + 1 + i);
	return F_COUNT;
}

enum { SUGGEST_NAME_MAX = 48, SUGGEST_EDITS_MAX = 3 };

static uint32_t
smallest(uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Edits (insert, remove, replace) between A and B, both at most SUGGEST_NAME_MAX long. */
static uint32_t
edit_distance(struct span a, struct span b)
{
	uint32_t row[SUGGEST_NAME_MAX + 1];

	for (uint32_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (uint32_t i = 1; i <= a.len; i++) {
		uint32_t corner = row[0];

		row[0] = i;
		for (uint32_t j = 1; j <= b.len; j++) {
			uint32_t replaced = corner + (a.ptr[i - 1] != b.ptr[j - 1]);

			corner = row[j];
			row[j] = smallest(row[j] + 1, row[j - 1] + 1, replaced);
		}
	}
	return row[b.len];
}

const struct field_info *
field_suggest(struct span name)
{
	uint32_t best = SUGGEST_EDITS_MAX + 1;
	const struct field_info *found = NULL;

	if (name.len > SUGGEST_NAME_MAX)
		return NULL;
	for (uint32_t id = 0; id < F_COUNT; id++) {
		struct span known = span_text(fields[id].name);
		uint32_t edits;

		if (known.len > SUGGEST_NAME_MAX ||
		    fields[id].delivered == FIELD_NOT_YET || fields[id].flags & FIELD_OBSOLETE)
			continue;
		if ((edits = edit_distance(name, known)) < best) {
			best = edits;
			found = &fields[id];
		}
	}
	return found;
}

const char *
field_type_name(uint32_t type)
{
	return type < FIELD_TYPES ? types[type].name : "?";
}

enum field_group
field_type_group(uint32_t type)
{
	return type < FIELD_TYPES ? types[type].group : GROUP_OPAQUE;
}

const char *
field_group_text(uint32_t group)
{
	switch (group) {
	case GROUP_NUMBER: return "a number";
	case GROUP_BOOL: return "true or false";
	case GROUP_TEXT: return "a text";
	case GROUP_BYTES: return "bytes";
	case GROUP_ADDRESS: return "an address";
	case GROUP_NETWORK: return "a network";
	case GROUP_LIST: return "a list";
	}
	return "a value that can only exist";
}

const char *
field_argument_text(uint32_t argument)
{
	return argument <= ARGUMENT_KEY_DOTTED ? arguments[argument] : "";
}

const char *
field_delivered_text(uint32_t delivered)
{
	static const char *const names[] = {
		[FIELD_LIVE] = "live", [FIELD_REPLAY] = "replay", [FIELD_NOT_YET] = "nothing"
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == FIELD_DELIVERED_COUNT, "a name each");
	return delivered < FIELD_DELIVERED_COUNT ? names[delivered] : "?";
}

const struct op_info *
op_info(uint32_t index)
{
	return index < sizeof(ops) / sizeof(ops[0]) ? &ops[index] : NULL;
}
