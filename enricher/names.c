/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of users and groups.  See names.h. */
#include "names.h"

#include <string.h>

/* The text up to the next COLON (or the end) of LINE, taken off its front. */
static struct span
field_take(struct span *line)
{
	const char *colon = line->len > 0 ? memchr(line->ptr, ':', line->len) : NULL;
	struct span field = *line;

	if (colon == NULL) {
		*line = SPAN_NONE;
		return field;
	}
	field.len = (size_t)(colon - line->ptr);
	line->ptr = colon + 1;
	line->len -= field.len + 1;
	return field;
}

static bool
number_parse(struct span text, uint32_t *number)
{
	uint64_t value = 0;

	if (text.len == 0 || text.len > 10)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(text.ptr[i] - '0');
	}
	*number = (uint32_t)value;
	return value <= UINT32_MAX;
}

/* The line that begins at OFFSET, without its end. */
static struct span
line_at(const struct state_names *file, uint32_t offset)
{
	struct span line = { file->bytes + offset, file->len - offset };
	const char *end = line.len > 0 ? memchr(line.ptr, '\n', line.len) : NULL;

	if (end)
		line.len = (size_t)(end - line.ptr);
	return line;
}

/* Both files begin alike: NAME:PASSWORD:NUMBER.  A name with + or - is for another name service. */
static bool
line_parse(struct span *line, struct span *name, uint32_t *id)
{
	*name = field_take(line);
	(void)field_take(line);
	return name->len > 0 && name->ptr[0] != '+' && name->ptr[0] != '-' && name->ptr[0] != '#' &&
	    number_parse(field_take(line), id);
}

/* The place of ID: its entry, or the free one where it belongs. */
static uint32_t
names_place(const struct names_table *table, uint32_t id)
{
	uint32_t at = (id * 0x9e3779b1u) % (2 * NAMES_ENTRIES_MAX);

	while (table->entries[at].line != 0 && table->entries[at].id != id)
		at = (at + 1) % (2 * NAMES_ENTRIES_MAX);
	return at;
}

static void
names_index(struct names *names, struct names_table *table)
{
	struct state_names *file = table->file;
	uint32_t offset = 0;

	memset(table->entries, 0, sizeof(table->entries));
	table->count = 0;
	while (file->complete && offset < file->len) {
		struct span line = line_at(file, offset), rest = line, name;
		uint32_t id, at;

		if (line_parse(&rest, &name, &id)) {
			at = names_place(table, id);
			if (table->entries[at].line == 0 && table->count == NAMES_ENTRIES_MAX) {
				file->cut++;
				stats_add(names->stats, STAT_ENRICHER_names_full, 1);
			} else if (table->entries[at].line == 0) { /* the first counts */
				table->entries[at] = (struct names_entry){ id, offset + 1 };
				table->count++;
			}
		}
		offset += (uint32_t)line.len + 1;
	}
}

void
names_open(struct names *names, struct state_head *head, struct stats *stats)
{
	names->stats = stats;
	names->tables[NAMES_USERS].file = &head->users;
	names->tables[NAMES_GROUPS].file = &head->groups;
	for (uint32_t i = 0; i < NAMES_KINDS; i++) {
		struct state_names *file = names->tables[i].file;

		if (file->changing || file->len > STATE_NAMES_BYTES)
			memset(file, 0, sizeof(*file));
		names_index(names, &names->tables[i]);
	}
}

/* Keep BYTES at OFFSET; beyond the bound, whole lines that fit. */
static void
names_keep(struct names *names, struct state_names *file, uint64_t offset, struct span bytes)
{
	size_t room = STATE_NAMES_BYTES - (size_t)offset, fits = bytes.len;
	uint32_t cut = 0;

	if (fits > room) {
		for (fits = room; fits > 0 && bytes.ptr[fits - 1] != '\n'; fits--)
			;
		for (size_t i = fits; i < bytes.len; i++)
			cut += bytes.ptr[i] == '\n';
	}
	file->cut += cut;
	stats_add(names->stats, STAT_ENRICHER_names_full, cut);
	if (fits > 0)
		memcpy(file->bytes + offset, bytes.ptr, fits);
	file->len = (uint32_t)(offset + fits);
}

bool
names_apply(struct names *names, const struct record *record)
{
	const struct slots *slots = &record->slots;
	uint64_t kind = slots_scalar_or(slots, P_names_kind, NAMES_KINDS);
	uint64_t generation = slots_scalar_or(slots, P_names_generation, 0);
	uint64_t offset = slots_scalar_or(slots, P_names_offset, UINT64_MAX);
	struct span bytes = slots_bytes_or_none(slots, P_names_bytes);
	struct state_names *file;

	if (kind >= NAMES_KINDS)
		return false;
	file = names->tables[kind].file;
	state_change_begin(&file->changing);
	if (offset == 0) {
		file->generation = generation;
		file->len = file->cut = file->complete = 0;
	}
	if (file->generation == generation && !file->complete) {
		if (offset == file->len)
			names_keep(names, file, offset, bytes);
		else if (bytes.len > 0)
			file->cut++; /* behind what was cut */
		file->complete = offset + bytes.len >= slots_scalar_or(slots, P_names_total, 0);
	}
	state_change_end(&file->changing);
	names_index(names, &names->tables[kind]);
	return file->complete;
}

/* The line of ID behind its number, and its name; false when there is none. */
static bool
names_find(const struct names_table *table, uint32_t id, struct span *name, struct span *rest)
{
	uint32_t line = table->entries[names_place(table, id)].line;

	if (line == 0)
		return false;
	*rest = line_at(table->file, line - 1);
	return line_parse(rest, name, &id);
}

bool
names_user(const struct names *names, uint32_t uid, struct names_user *user)
{
	struct span rest;

	if (!names_find(&names->tables[NAMES_USERS], uid, &user->name, &rest))
		return false;
	(void)field_take(&rest); /* the group */
	(void)field_take(&rest); /* the comment */
	user->home = field_take(&rest);
	user->shell = field_take(&rest);
	return true;
}

bool
names_group(const struct names *names, uint32_t gid, struct span *name)
{
	struct span rest;

	return names_find(&names->tables[NAMES_GROUPS], gid, name, &rest);
}

bool
names_lost(const struct names *names, enum names_kind kind)
{
	const struct state_names *file = names->tables[kind].file;

	return !file->complete || file->cut > 0;
}
