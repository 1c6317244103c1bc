/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From libyaml's events to a tree of nodes in an arena.  Sequences and mappings that are
 * still open stand on a stack of fixed depth; their items wait in one growing array until
 * the end of each tells how many there are. libyaml counts characters, a diagnostic counts
 * bytes: a cursor over the text converts as the events go by.
 */
#include <errno.h>
#include <stdlib.h>
#include <yaml.h>

#include "arena.h"
#include "diag.h"
#include "loadresult.h"
#include "names.h"
#include "rulefile.h"

enum { PENDING_START = 64 };

/* A sequence or mapping whose end has not come yet. */
struct open_node {
	struct rulefile_node *node;
	size_t first; /* of its items in pending[] */
};

struct reading {
	struct arena *arena;
	struct diags *diags;
	struct rulefile *file;
	yaml_parser_t parser;
	struct open_node open[RULEFILE_DEPTH_MAX];
	int depth;
	struct rulefile_node **pending;
	size_t pending_count, pending_capacity;
	struct names anchors;                /* of this document, to numbers in anchored[] */
	struct rulefile_node **anchored;
	size_t anchored_count, anchored_capacity;
	uint64_t node_count;                 /* of the documents before, aliases counted out */
	size_t skipped_bytes;                /* a byte order mark, which libyaml does not see */
	size_t cursor_bytes, cursor_chars;   /* the same place in the text, in both units */
};

/* --- places --- */

/* Remember where each line of the text begins. */
static int
find_lines(struct arena *arena, struct rulefile *file)
{
	uint32_t count = 1;

	for (size_t i = 0; i < file->text.len; i++)
		count += file->text.ptr[i] == '\n';
	if ((file->line_starts = arena_array(arena, count, sizeof(*file->line_starts))) == NULL)
		return -ENOMEM;
	count = 1;
	for (size_t i = 0; i < file->text.len; i++)
		if (file->text.ptr[i] == '\n')
			file->line_starts[count++] = (uint32_t)i + 1;
	file->line_count = count;
	return 0;
}

static bool
is_character_start(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/*
 * The byte offset of character CHARS of the text.  The cursor goes both ways; events are
 * nearly in order.
 */
static size_t
byte_offset(struct reading *r, size_t chars)
{
	const struct span text = r->file->text;

	while (r->cursor_chars < chars && r->cursor_bytes < text.len) {
		do
			r->cursor_bytes++;
		while (r->cursor_bytes < text.len &&
		    !is_character_start(text.ptr[r->cursor_bytes]));
		r->cursor_chars++;
	}
	while (r->cursor_chars > chars && r->cursor_bytes > 0) {
		do
			r->cursor_bytes--;
		while (r->cursor_bytes > 0 && !is_character_start(text.ptr[r->cursor_bytes]));
		r->cursor_chars--;
	}
	return r->cursor_bytes;
}

/*
 * Skip the anchor and the tag that libyaml counts to the node, and the comments and blanks
 * behind them.
 */
static size_t
skip_properties(struct span text, size_t start)
{
	size_t at = start;

	while (at < text.len && (text.ptr[at] == '&' || text.ptr[at] == '!')) {
		while (at < text.len && strchr(" \t\r\n", text.ptr[at]) == NULL)
			at++;
		while (at < text.len && strchr(" \t\r\n#", text.ptr[at]) != NULL) {
			if (text.ptr[at] == '#')
				while (at < text.len && text.ptr[at] != '\n')
					at++;
			else
				at++;
		}
	}
	return at < text.len ? at : start;
}

/* --- failing --- */

/* Refuse the file at byte OFFSET. */
static int __attribute__((format(printf, 3, 4)))
refuse(struct reading *r, size_t offset, const char *format, ...)
{
	struct source_place place = rulefile_place_at(r->file, offset);
	va_list args;

	va_start(args, format);
	load_report_list(r->diags, LOAD_ERR_YAML_PARSE, &place, format, args);
	va_end(args);
	return -EINVAL;
}

static int
refuse_event(struct reading *r, const yaml_event_t *event, const char *text)
{
	return refuse(r, byte_offset(r, event->start_mark.index), "%s", text);
}

static int
no_memory(struct reading *r, const yaml_event_t *event)
{
	refuse_event(r, event, "no room left for the nodes of this file");
	return -ENOMEM;
}

/* Report why libyaml does not go on. */
static int
refuse_yaml(struct reading *r)
{
	const yaml_parser_t *parser = &r->parser;

	switch (parser->error) {
	case YAML_MEMORY_ERROR:
		refuse(r, 0, "no memory left to parse this file");
		return -ENOMEM;
	case YAML_READER_ERROR:
		return refuse(r, parser->problem_offset + r->skipped_bytes,
		    "not UTF-8 text: %s", parser->problem);
	case YAML_NO_ERROR:
	case YAML_SCANNER_ERROR:
	case YAML_PARSER_ERROR:
	case YAML_COMPOSER_ERROR:
	case YAML_WRITER_ERROR:
	case YAML_EMITTER_ERROR:
		break;
	}
	return refuse(r, byte_offset(r, parser->problem_mark.index), "not YAML: %s%s%s",
	    parser->problem ? parser->problem : "unknown error",
	    parser->context ? " " : "", parser->context ? parser->context : "");
}

/* --- building --- */

/* Make room for one more pointer in *ITEMS. */
static bool
grow(struct rulefile_node ***items, size_t count, size_t *capacity)
{
	size_t wanted = *capacity ? *capacity * 2 : PENDING_START;
	struct rulefile_node **grown;

	if (count < *capacity)
		return true;
	if ((grown = reallocarray(*items, wanted, sizeof(*grown))) == NULL)
		return false;
	*items = grown;
	*capacity = wanted;
	return true;
}

/* Let NODE be an item of the innermost open node, or a document. */
static int
add_node(struct reading *r, const yaml_event_t *event, struct rulefile_node *node)
{
	uint64_t total = node->nodes + r->node_count;

	for (int i = 0; i < r->depth; i++)
		total += r->open[i].node->nodes;
	if (total > RULEFILE_NODES_MAX)
		return refuse_event(r, event,
		    "more nodes in this file than the limit, aliases counted out");
	if (!grow(&r->pending, r->pending_count, &r->pending_capacity))
		return no_memory(r, event);
	r->pending[r->pending_count++] = node;
	if (r->depth > 0)
		r->open[r->depth - 1].node->nodes += node->nodes;
	return 0;
}

static struct rulefile_node *
new_node(struct reading *r, const yaml_event_t *event, enum rulefile_kind kind)
{
	struct rulefile_node *node = arena_alloc(r->arena, sizeof(*node));

	if (node == NULL)
		return NULL;
	node->kind = kind;
	node->start = (uint32_t)skip_properties(r->file->text, byte_offset(r,
	    event->start_mark.index));
	node->nodes = 1;
	node->file = r->file;
	return node;
}

/* Let ANCHOR (NULL for none) name NODE from here on. */
static int
set_anchor(struct reading *r, const yaml_event_t *event, const yaml_char_t *anchor,
    struct rulefile_node *node)
{
	const char *name;

	if (anchor == NULL)
		return 0;
	if ((name = arena_copy(r->arena, span_text((const char *)anchor))) == NULL)
		return no_memory(r, event);
	if (!grow(&r->anchored, r->anchored_count, &r->anchored_capacity) ||
	    names_set(&r->anchors, span_text(name), (uint32_t)r->anchored_count) < 0)
		return no_memory(r, event);
	r->anchored[r->anchored_count++] = node;
	return 0;
}

static int
on_alias(struct reading *r, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	uint32_t at = names_find(&r->anchors, span_text(name));

	if (at == NAMES_NONE)
		return refuse(r, byte_offset(r, event->start_mark.index),
		    "no anchor `%s` before this alias", name);
	for (int i = 0; i < r->depth; i++)
		if (r->open[i].node == r->anchored[at])
			return refuse_event(r, event,
			    "this alias stands inside of what it stands for");
	return add_node(r, event, r->anchored[at]);
}

static enum rulefile_style
style_of(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return RULEFILE_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return RULEFILE_DOUBLE;
	case YAML_LITERAL_SCALAR_STYLE:
		return RULEFILE_LITERAL;
	case YAML_FOLDED_SCALAR_STYLE:
		return RULEFILE_FOLDED;
	case YAML_ANY_SCALAR_STYLE:
	case YAML_PLAIN_SCALAR_STYLE:
		break;
	}
	return RULEFILE_PLAIN;
}

static bool
is_null_word(struct span text)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (span_equal(text, span_text(words[i])))
			return true;
	return false;
}

static int
on_scalar(struct reading *r, const yaml_event_t *event)
{
	const struct span text = { (const char *)event->data.scalar.value,
		event->data.scalar.length };
	const enum rulefile_style style = style_of(event->data.scalar.style);
	bool null = style == RULEFILE_PLAIN && event->data.scalar.plain_implicit &&
	    is_null_word(text);
	struct rulefile_node *node = new_node(r, event, null ? RULEFILE_NULL : RULEFILE_SCALAR);
	int err;

	if (node == NULL || (node->text.ptr = arena_copy(r->arena, text)) == NULL)
		return no_memory(r, event);
	node->text.len = text.len;
	node->style = style;
	if ((err = set_anchor(r, event, event->data.scalar.anchor, node)) < 0)
		return err;
	return add_node(r, event, node);
}

static int
on_begin(struct reading *r, const yaml_event_t *event, enum rulefile_kind kind,
    const yaml_char_t *anchor)
{
	struct rulefile_node *node;

	if (r->depth == RULEFILE_DEPTH_MAX)
		return refuse_event(r, event, "sequences and mappings nested too deeply");
	if ((node = new_node(r, event, kind)) == NULL)
		return no_memory(r, event);
	r->open[r->depth++] = (struct open_node){ node, r->pending_count };
	return set_anchor(r, event, anchor, node);
}

static int
on_end(struct reading *r, const yaml_event_t *event)
{
	const struct open_node *open = &r->open[--r->depth];
	struct rulefile_node *node = open->node;
	size_t count = r->pending_count - open->first;

	if ((node->items = arena_array(r->arena, count, sizeof(*node->items))) == NULL)
		return no_memory(r, event);
	if (count > 0)
		memcpy(node->items, r->pending + open->first, count * sizeof(*node->items));
	node->count = (uint32_t)(node->kind == RULEFILE_MAPPING ? count / 2 : count);
	r->pending_count = open->first;
	return add_node(r, event, node);
}

static int
on_event(struct reading *r, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		names_init(&r->anchors, r->arena, r->anchors.hash_key);
		r->anchored_count = 0;
		break;
	case YAML_DOCUMENT_END_EVENT:
		if (r->pending_count > r->file->document_count)
			r->node_count += r->pending[r->file->document_count++]->nodes;
		break;
	case YAML_ALIAS_EVENT:
		return on_alias(r, event);
	case YAML_SCALAR_EVENT:
		return on_scalar(r, event);
	case YAML_SEQUENCE_START_EVENT:
		return on_begin(r, event, RULEFILE_SEQUENCE, event->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return on_begin(r, event, RULEFILE_MAPPING, event->data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_end(r, event);
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
		break;
	}
	return 0;
}

/* Handle all events; the documents are left in pending[]. */
static int
read_events(struct reading *r)
{
	yaml_event_t event;
	bool ended = false;
	int err = 0;

	while (!ended && err == 0) {
		if (!yaml_parser_parse(&r->parser, &event))
			return refuse_yaml(r);
		err = on_event(r, &event);
		ended = event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT;
		yaml_event_delete(&event);
	}
	return err;
}

static int
read_documents(struct reading *r)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct rulefile *file = r->file;
	int err;

	if (!yaml_parser_initialize(&r->parser))
		return refuse(r, 0, "no memory left to parse this file");
	if (file->text.len >= sizeof(mark) - 1 &&
	    memcmp(file->text.ptr, mark, sizeof(mark) - 1) == 0)
		r->skipped_bytes = r->cursor_bytes = sizeof(mark) - 1;
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser,
	    (const unsigned char *)file->text.ptr + r->skipped_bytes,
	    file->text.len - r->skipped_bytes);
	err = read_events(r);
	yaml_parser_delete(&r->parser);
	if (err < 0)
		return err;
	file->documents = arena_array(r->arena, r->pending_count, sizeof(*file->documents));
	if (file->documents == NULL) {
		refuse(r, 0, "no room left for the documents of this file");
		return -ENOMEM;
	}
	if (r->pending_count > 0)
		memcpy(file->documents, r->pending, r->pending_count * sizeof(*file->documents));
	return 0;
}

int
rulefile_parse(struct arena *arena, const char *name, struct span bytes, struct diags *diags,
    const struct rulefile **result)
{
	struct rulefile *file = arena_alloc(arena, sizeof(*file));
	struct reading r = { .arena = arena, .diags = diags, .file = file };
	int err;

	if (bytes.len > RULEFILE_BYTES_MAX) {
		load_report(diags, LOAD_ERR_YAML_PARSE, &(struct source_place){ .file = name },
		    "%zu bytes are too many for a rule file (limit %d)",
		    bytes.len, RULEFILE_BYTES_MAX);
		return -EINVAL;
	}
	if (file == NULL || (file->name = arena_copy(arena, span_text(name))) == NULL ||
	    (file->text.ptr = arena_copy(arena, bytes)) == NULL)
		goto no_room;
	file->text.len = bytes.len;
	if (find_lines(arena, file) < 0)
		goto no_room;
	err = read_documents(&r);
	free(r.pending);
	free(r.anchored);
	if (err == 0)
		*result = file;
	return err;
no_room:
	load_report(diags, LOAD_ERR_YAML_PARSE, &(struct source_place){ .file = name },
	    "no room left for this file");
	return -ENOMEM;
}
