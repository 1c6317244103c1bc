/* SPDX-License-Identifier: Apache-2.0 */
/* Files of rule tests.  See ruletest.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "arena.h"
#include "diag.h"
#include "ruletest.h"

enum { NAMES_HASH_KEY = 0x7e57 };

static int __attribute__((format(printf, 3, 4)))
refuse(const struct ruletest_reader *reader, const struct rulefile_node *node,
    const char *format, ...)
{
	struct source_place place = rulefile_place(node);
	char text[DIAG_TEXT_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	(void)diags_add(reader->diags, DIAG_ERROR, NULL, place.file, place.line, place.column,
	    place.text.ptr, place.text.len, "%s", text);
	return -EINVAL;
}

void
ruletest_read(struct ruletest_reader *reader, struct arena *arena, const struct rulefile *file,
    struct diags *diags)
{
	memset(reader, 0, sizeof(*reader));
	reader->arena = arena;
	reader->file = file;
	reader->diags = diags;
	names_init(&reader->templates, arena, NAMES_HASH_KEY);
}

uint32_t
ruletest_elements(const struct rulefile_node *node)
{
	if (node == NULL || node->kind == RULEFILE_NULL)
		return 0;
	return node->kind == RULEFILE_SEQUENCE ? node->count : 1;
}

const struct rulefile_node *
ruletest_element(const struct rulefile_node *node, uint32_t at)
{
	return node->kind == RULEFILE_SEQUENCE ? node->items[at] : node;
}

/* NODE must be a scalar, or a sequence of them. */
static int
need_scalars(const struct ruletest_reader *reader, const char *key,
    const struct rulefile_node *node)
{
	for (uint32_t i = 0; i < ruletest_elements(node); i++) {
		const struct rulefile_node *element = ruletest_element(node, i);

		if (element->kind != RULEFILE_SCALAR)
			return refuse(reader, element, "%s: expected texts, got %s", key,
			    rulefile_describe(element));
	}
	return 0;
}

/* All keys of ITEM must be among those of KNOWN, which ends in NULL. */
static int
need_known_keys(const struct ruletest_reader *reader, const struct rulefile_node *item,
    const char *const *known)
{
	for (uint32_t i = 0; i < item->count; i++) {
		const struct rulefile_node *key = item->items[2 * i];
		const char *const *name = known;

		while (*name != NULL && !span_equal(span_text(*name), key->text))
			name++;
		if (*name == NULL)
			return refuse(reader, key, "`%.*s` is no key of this item",
			    (int)key->text.len, key->text.ptr);
	}
	return 0;
}

/* --- events --- */

/* Start from the template that LIKE names. */
static int
take_template(const struct ruletest_reader *reader, const struct rulefile_node *like,
    struct ruletest_event *event)
{
	uint32_t at = like->kind == RULEFILE_SCALAR ? names_find(&reader->templates, like->text)
	                                            : NAMES_NONE;

	if (at == NAMES_NONE)
		return refuse(reader, like, "like: expected the name of an event above, got %.*s",
		    like->kind == RULEFILE_SCALAR ? (int)like->text.len : 1,
		    like->kind == RULEFILE_SCALAR ? like->text.ptr : "?");
	*event = *reader->events[at];
	return 0;
}

static int
take_field(const struct ruletest_reader *reader, const struct ruletest_field *field,
    struct ruletest_event *event)
{
	for (uint32_t i = 0; i < event->count; i++)
		if (span_equal(event->fields[i].name->text, field->name->text)) {
			event->fields[i] = *field;
			return 0;
		}
	if (event->count == RULETEST_FIELDS_MAX)
		return refuse(reader, field->name, "more than %d fields", RULETEST_FIELDS_MAX);
	event->fields[event->count++] = *field;
	return 0;
}

static int
read_event(const struct ruletest_reader *reader, const struct rulefile_node *node,
    const struct ruletest_event **out)
{
	struct ruletest_event *event = arena_alloc(reader->arena, sizeof(*event));
	const struct rulefile_node *like;
	int err = 0;

	if (event == NULL)
		return -ENOMEM;
	if (node->kind != RULEFILE_MAPPING)
		return refuse(reader, node, "expected fields and their values, got %s",
		    rulefile_describe(node));
	if ((like = rulefile_get(node, "like")) != NULL)
		err = take_template(reader, like, event);
	for (uint32_t i = 0; err == 0 && i < node->count; i++) {
		const struct ruletest_field field = { node->items[2 * i], node->items[2 * i + 1] };

		if (field.name->kind != RULEFILE_SCALAR)
			return refuse(reader, field.name, "expected the name of a field, got %s",
			    rulefile_describe(field.name));
		if (field.value == like)
			continue;
		if (field.value->kind != RULEFILE_NULL)
			err = need_scalars(reader, "a field's value", field.value);
		if (err == 0)
			err = take_field(reader, &field, event);
	}
	*out = event;
	return err;
}

/* --- items --- */

/* `event: NAME` and `fields`: a template for the events below. */
static int
read_template(struct ruletest_reader *reader, const struct rulefile_node *item)
{
	static const char *const known[] = { "event", "fields", NULL };
	const struct rulefile_node *name = rulefile_get(item, "event");
	const struct rulefile_node *fields = rulefile_get(item, "fields");
	const struct ruletest_event **events;
	int err;

	if ((err = need_known_keys(reader, item, known)) < 0)
		return err;
	if (!rulefile_is_text(name) || fields == NULL)
		return refuse(reader, item, "expected the name of an event, and its fields");
	if (reader->event_count == reader->event_capacity) {
		uint32_t capacity = reader->event_capacity ? reader->event_capacity * 2 : 16;

		if ((events = arena_array(reader->arena, capacity, sizeof(*events))) == NULL)
			return -ENOMEM;
		if (reader->event_count > 0)
			memcpy(events, reader->events, reader->event_count * sizeof(*events));
		reader->events = events;
		reader->event_capacity = capacity;
	}
	err = read_event(reader, fields, &reader->events[reader->event_count]);
	return err < 0 ? err : names_set(&reader->templates, name->text, reader->event_count++);
}

static int
read_rules(const struct ruletest_reader *reader, const struct rulefile_node *item,
    struct ruletest_item *out)
{
	static const char *const known[] = { "rules", NULL };
	int err;

	out->kind = RULETEST_RULES;
	out->rules = rulefile_get(item, "rules");
	if ((err = need_known_keys(reader, item, known)) < 0 ||
	    (err = need_scalars(reader, "rules", out->rules)) < 0)
		return err;
	return ruletest_elements(out->rules) > 0 ? 1 : refuse(reader, item, "rules: which files?");
}

static int
read_test(const struct ruletest_reader *reader, const struct rulefile_node *item,
    struct ruletest_item *out)
{
	static const char *const known[] = { "test", "event", "fires", "silent", NULL };
	const struct rulefile_node *event = rulefile_get(item, "event");
	int err;

	out->kind = RULETEST_TEST;
	out->name = rulefile_get(item, "test");
	out->fires = rulefile_get(item, "fires");
	out->silent = rulefile_get(item, "silent");
	if ((err = need_known_keys(reader, item, known)) < 0)
		return err;
	if (!rulefile_is_text(out->name))
		return refuse(reader, out->name, "test: expected a name, got %s",
		    rulefile_describe(out->name));
	if (event == NULL || (out->fires == NULL && out->silent == NULL))
		return refuse(reader, item, "a test needs an event, and fires or silent");
	if ((err = need_scalars(reader, "fires", out->fires)) < 0 ||
	    (err = need_scalars(reader, "silent", out->silent)) < 0 ||
	    (err = read_event(reader, event, &out->event)) < 0)
		return err;
	return 1;
}

/* Returns as ruletest_next(); 0 for an item that only defines something. */
static int
read_item(struct ruletest_reader *reader, const struct rulefile_node *item,
    struct ruletest_item *out)
{
	if (item->kind != RULEFILE_MAPPING)
		return refuse(reader, item, "expected rules, event or test, got %s",
		    rulefile_describe(item));
	if (rulefile_get(item, "rules") != NULL)
		return read_rules(reader, item, out);
	if (rulefile_get(item, "test") != NULL)
		return read_test(reader, item, out);
	if (rulefile_get(item, "event") != NULL)
		return read_template(reader, item);
	return refuse(reader, item, "expected an item with rules, event or test");
}

int
ruletest_next(struct ruletest_reader *reader, struct ruletest_item *out)
{
	memset(out, 0, sizeof(*out));
	for (; reader->document < reader->file->document_count; reader->document++) {
		const struct rulefile_node *document = reader->file->documents[reader->document];
		int got;

		if (document->kind != RULEFILE_SEQUENCE && document->kind != RULEFILE_NULL) {
			reader->document++;
			return refuse(reader, document, "expected a sequence of items, got %s",
			    rulefile_describe(document));
		}
		while (document->kind == RULEFILE_SEQUENCE && reader->at < document->count)
			if ((got = read_item(reader, document->items[reader->at++], out)) != 0)
				return got;
		reader->at = 0;
	}
	return 0;
}
