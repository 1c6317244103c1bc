/* SPDX-License-Identifier: Apache-2.0 */
/* The strict shape of rule files, as tables of keys.  See schema.h. */
#include "schema.h"

#include <stdarg.h>
#include <stdio.h>

#include "diag.h"

enum { SCHEMA_SCALAR = 1, SCHEMA_SEQUENCE = 2, SCHEMA_MAPPING = 4 };

struct schema_shape;

/* A key: the kinds of node that may be its value, and what these hold. */
struct schema_key {
	const char *name;
	int kinds;
	const char *const *words;           /* of a scalar; NULL: anything */
	const struct schema_shape *inside;  /* of a mapping, or of each element; NULL: anything */
	int elements;                       /* kinds of elements; 0: anything */
};

struct schema_shape {
	const char *name;
	const struct schema_key *keys; /* the last one has no name */
	bool filled;                   /* a mapping without keys is a fault */
};

static const char *const operations[] = { "append", "replace", NULL };
static const char *const priorities[] = { "EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING",
	"NOTICE", "INFO", "INFORMATIONAL", "DEBUG", NULL };

#define SCALAR_KEY(key) { key, SCHEMA_SCALAR, NULL, NULL, 0 }
#define WORD_KEY(key, words) { key, SCHEMA_SCALAR, words, NULL, 0 }
#define MAPPING_KEY(key, shape) { key, SCHEMA_MAPPING, NULL, shape, 0 }
#define LIST_KEY(key) { key, SCHEMA_SEQUENCE, NULL, NULL, SCHEMA_SCALAR }
#define SHAPES_KEY(key, shape) { key, SCHEMA_SEQUENCE, NULL, shape, SCHEMA_MAPPING }
#define EITHER_KEY(key) { key, SCHEMA_SCALAR | SCHEMA_SEQUENCE, NULL, NULL, SCHEMA_SCALAR }
#define ANY_LIST_KEY(key) { key, SCHEMA_SEQUENCE, NULL, NULL, 0 }
#define LAST_KEY { NULL, 0, NULL, NULL, 0 }

static const struct schema_key alternative_keys[] = {
	SCALAR_KEY("name"), SCALAR_KEY("version"), LAST_KEY
};
static const struct schema_shape alternative = { "an alternative", alternative_keys, false };

static const struct schema_key plugin_keys[] = {
	SCALAR_KEY("name"), SCALAR_KEY("version"), SHAPES_KEY("alternatives", &alternative),
	LAST_KEY
};
static const struct schema_shape plugin = { "a required plugin", plugin_keys, false };

static const struct schema_key list_override_keys[] = { WORD_KEY("items", operations), LAST_KEY };
static const struct schema_shape list_override = { "an override", list_override_keys, true };

static const struct schema_key macro_override_keys[] = {
	WORD_KEY("condition", operations), LAST_KEY
};
static const struct schema_shape macro_override = { "an override", macro_override_keys, true };

static const struct schema_key rule_override_keys[] = {
	WORD_KEY("condition", operations), WORD_KEY("output", operations),
	WORD_KEY("desc", operations), WORD_KEY("priority", operations),
	WORD_KEY("enabled", operations), WORD_KEY("capture", operations),
	WORD_KEY("capture_duration", operations), WORD_KEY("warn_evttypes", operations),
	WORD_KEY("skip-if-unknown-filter", operations), WORD_KEY("tags", operations),
	WORD_KEY("exceptions", operations), LAST_KEY
};
static const struct schema_shape rule_override = { "an override", rule_override_keys, true };

static const struct schema_key exception_keys[] = {
	SCALAR_KEY("name"), EITHER_KEY("fields"), EITHER_KEY("comps"), ANY_LIST_KEY("values"),
	LAST_KEY
};
static const struct schema_shape exception = { "an exception", exception_keys, false };

static const struct schema_key engine_keys[] = { SCALAR_KEY("required_engine_version"), LAST_KEY };
static const struct schema_key plugins_keys[] = {
	SHAPES_KEY("required_plugin_versions", &plugin), LAST_KEY
};
static const struct schema_key list_keys[] = {
	SCALAR_KEY("list"), LIST_KEY("items"), SCALAR_KEY("append"),
	MAPPING_KEY("override", &list_override), LAST_KEY
};
static const struct schema_key macro_keys[] = {
	SCALAR_KEY("macro"), SCALAR_KEY("condition"), SCALAR_KEY("append"),
	MAPPING_KEY("override", &macro_override), LAST_KEY
};
static const struct schema_key rule_keys[] = {
	SCALAR_KEY("rule"), SCALAR_KEY("desc"), SCALAR_KEY("condition"), SCALAR_KEY("output"),
	WORD_KEY("priority", priorities), SCALAR_KEY("source"), SCALAR_KEY("enabled"),
	SCALAR_KEY("capture"), SCALAR_KEY("capture_duration"), SCALAR_KEY("warn_evttypes"),
	SCALAR_KEY("skip-if-unknown-filter"), LIST_KEY("tags"),
	SHAPES_KEY("exceptions", &exception), SCALAR_KEY("append"),
	MAPPING_KEY("override", &rule_override), LAST_KEY
};

/* The kinds of items: the first key of each tells which it is. */
static const struct schema_shape items[] = {
	{ "a required engine version", engine_keys, false },
	{ "required plugin versions", plugins_keys, false },
	{ "a list", list_keys, false },
	{ "a macro", macro_keys, false },
	{ "a rule", rule_keys, false },
};

static void __attribute__((format(printf, 3, 4)))
fault(struct diags *faults, const struct rulefile_node *node, const char *format, ...)
{
	struct source_place place = rulefile_place(node);
	char text[DIAG_TEXT_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	(void)diags_add(faults, DIAG_WARNING, NULL, place.file, place.line, place.column, NULL, 0,
	    "%s", text);
}

static int
kind_of(const struct rulefile_node *node)
{
	switch (node->kind) {
	case RULEFILE_SCALAR:
		return SCHEMA_SCALAR;
	case RULEFILE_SEQUENCE:
		return SCHEMA_SEQUENCE;
	case RULEFILE_MAPPING:
		return SCHEMA_MAPPING;
	case RULEFILE_NULL:
		break;
	}
	return 0;
}

static bool
is_word(const char *const *words, struct span text)
{
	for (; *words != NULL; words++)
		if (span_equal(span_text(*words), text))
			return true;
	return false;
}

static void check_shape(const struct schema_shape *shape, const struct rulefile_node *node,
    struct diags *faults);

static void
check_elements(const struct schema_key *key, const struct rulefile_node *node, struct diags *faults)
{
	for (uint32_t i = 0; i < node->count; i++) {
		const struct rulefile_node *element = node->items[i];

		if (key->elements != 0 && !(kind_of(element) & key->elements))
			fault(faults, element, "`%s`: an element is %s", key->name,
			    rulefile_describe(element));
		else if (key->inside != NULL)
			check_shape(key->inside, element, faults);
	}
}

static void
check_value(const struct schema_key *key, const struct rulefile_node *node, struct diags *faults)
{
	if (!(kind_of(node) & key->kinds))
		fault(faults, node, "`%s` is %s", key->name, rulefile_describe(node));
	else if (node->kind == RULEFILE_SEQUENCE)
		check_elements(key, node, faults);
	else if (node->kind == RULEFILE_MAPPING && key->inside != NULL)
		check_shape(key->inside, node, faults);
	else if (key->words != NULL && !is_word(key->words, node->text))
		fault(faults, node, "`%s`: `%.*s` is none of its words", key->name,
		    (int)node->text.len, node->text.ptr);
}

static const struct schema_key *
key_find(const struct schema_shape *shape, const struct rulefile_node *name)
{
	const struct schema_key *key = shape->keys;

	while (key->name != NULL && !span_equal(span_text(key->name), name->text))
		key++;
	return key->name != NULL ? key : NULL;
}

static void
check_shape(const struct schema_shape *shape, const struct rulefile_node *node,
    struct diags *faults)
{
	if (shape->filled && node->count == 0)
		fault(faults, node, "%s without keys", shape->name);
	for (uint32_t i = 0; i < node->count; i++) {
		const struct rulefile_node *name = node->items[2 * i];
		const struct schema_key *key = key_find(shape, name);

		if (key == NULL)
			fault(faults, name, "`%.*s` is no key of %s", (int)name->text.len,
			    name->text.ptr, shape->name);
		else
			check_value(key, node->items[2 * i + 1], faults);
	}
}

static void
check_item(const struct rulefile_node *node, struct diags *faults)
{
	if (node->kind != RULEFILE_MAPPING) {
		fault(faults, node, "an item is %s", rulefile_describe(node));
		return;
	}
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
		if (rulefile_get(node, items[i].keys[0].name) != NULL) {
			check_shape(&items[i], node, faults);
			return;
		}
	fault(faults, node, "an item of no known kind");
}

bool
schema_check(const struct rulefile *file, struct diags *faults)
{
	const struct rulefile_node *document;

	if (file->document_count == 0)
		return false;
	document = file->documents[0];
	if (document->kind == RULEFILE_NULL)
		return false;
	if (document->kind != RULEFILE_SEQUENCE) {
		fault(faults, document, "the file holds %s, not a sequence of items",
		    rulefile_describe(document));
		return true;
	}
	for (uint32_t i = 0; i < document->count; i++)
		check_item(document->items[i], faults);
	return true;
}
