/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about the nodes of a rule file. */
#include "rulefile.h"
#include "scalarmap.h"

/* The number of the line (from 0) that holds OFFSET. */
static uint32_t
line_of(const struct rulefile *file, size_t offset)
{
	uint32_t low = 0, high = file->line_count;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (file->line_starts[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

struct source_place
rulefile_place_at(const struct rulefile *file, size_t offset)
{
	uint32_t line = line_of(file, offset);

	return (struct source_place){
		.file = file->name,
		.text = file->text,
		.line = (int)line + 1,
		.column = (int)(offset - file->line_starts[line]) + 1,
		.offset = (uint32_t)offset,
	};
}

struct source_place
rulefile_place(const struct rulefile_node *node)
{
	return rulefile_place_at(node->file, node->start);
}

struct source_place
rulefile_place_in(const struct rulefile_node *node, size_t offset)
{
	const struct rulefile *file = node->file;

	if (node->kind != RULEFILE_SCALAR)
		return rulefile_place(node);
	return rulefile_place_at(file,
	    scalarmap_offset(file->text, node->start, node->style, node->text, offset));
}

const struct rulefile_node *
rulefile_get(const struct rulefile_node *mapping, const char *key)
{
	struct span wanted = span_text(key);

	for (uint32_t i = 0; i < mapping->count; i++) {
		const struct rulefile_node *found = mapping->items[2 * i];

		if (found->kind == RULEFILE_SCALAR && span_equal(found->text, wanted))
			return mapping->items[2 * i + 1];
	}
	return NULL;
}

bool
rulefile_is_text(const struct rulefile_node *node)
{
	return node->kind == RULEFILE_SCALAR && node->text.len > 0;
}

const char *
rulefile_describe(const struct rulefile_node *node)
{
	switch (node->kind) {
	case RULEFILE_NULL:
		return "nothing";
	case RULEFILE_SCALAR:
		return node->text.len > 0 ? "a scalar" : "an empty text";
	case RULEFILE_SEQUENCE:
		return "a sequence";
	case RULEFILE_MAPPING:
		break;
	}
	return "a mapping";
}
