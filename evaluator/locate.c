/* SPDX-License-Identifier: Apache-2.0 */
/* What stands where in a rule file.  See locate.h. */
#include "locate.h"

/* What is being looked at; decides what its keys and elements are called. */
enum locate_kind {
	LOCATE_NOTHING, /* no step further */
	LOCATE_ENGINE,
	LOCATE_PLUGINS,
	LOCATE_LIST,
	LOCATE_MACRO,
	LOCATE_RULE,
	LOCATE_REQUIREMENTS,
	LOCATE_REQUIREMENT,
	LOCATE_ALTERNATIVES,
	LOCATE_ALTERNATIVE,
	LOCATE_ITEMS,
	LOCATE_OVERRIDES,
	LOCATE_EXCEPTIONS,
	LOCATE_EXCEPTION,
	LOCATE_VALUES
};

/* The kinds of items, by the key that tells them. */
static const struct {
	const char *key, *type;
	enum locate_kind kind;
} items[] = {
	{ "required_engine_version", "required_engine_version", LOCATE_ENGINE },
	{ "required_plugin_versions", "required plugin versions", LOCATE_PLUGINS },
	{ "list", "list", LOCATE_LIST },
	{ "macro", "macro", LOCATE_MACRO },
	{ "rule", "rule", LOCATE_RULE },
};

/* A key of a mapping: what its value is called, or NULL when it is the mapping's own name. */
static const struct {
	enum locate_kind in;
	const char *key, *type;
	enum locate_kind kind;
} keys[] = {
	{ LOCATE_ENGINE, "required_engine_version", NULL, LOCATE_NOTHING },
	{ LOCATE_PLUGINS, "required_plugin_versions", NULL, LOCATE_REQUIREMENTS },
	{ LOCATE_LIST, "list", NULL, LOCATE_NOTHING },
	{ LOCATE_LIST, "items", NULL, LOCATE_ITEMS },
	{ LOCATE_LIST, "override", "overrides", LOCATE_OVERRIDES },
	{ LOCATE_MACRO, "macro", NULL, LOCATE_NOTHING },
	{ LOCATE_MACRO, "condition", "macro condition", LOCATE_NOTHING },
	{ LOCATE_MACRO, "override", "overrides", LOCATE_OVERRIDES },
	{ LOCATE_RULE, "rule", NULL, LOCATE_NOTHING },
	{ LOCATE_RULE, "condition", "rule condition", LOCATE_NOTHING },
	{ LOCATE_RULE, "output", "rule output", LOCATE_NOTHING },
	{ LOCATE_RULE, "priority", "rule priority", LOCATE_NOTHING },
	{ LOCATE_RULE, "override", "overrides", LOCATE_OVERRIDES },
	{ LOCATE_RULE, "exceptions", "exceptions", LOCATE_EXCEPTIONS },
	{ LOCATE_REQUIREMENT, "alternatives", NULL, LOCATE_ALTERNATIVES },
	{ LOCATE_EXCEPTION, "name", NULL, LOCATE_NOTHING },
	{ LOCATE_EXCEPTION, "values", "exception values", LOCATE_VALUES },
};

/* What the elements of a sequence are called. */
static const struct {
	enum locate_kind in;
	const char *type;
	enum locate_kind kind;
} elements[] = {
	{ LOCATE_REQUIREMENTS, "required plugin versions entry", LOCATE_REQUIREMENT },
	{ LOCATE_ALTERNATIVES, "required plugin versions alternative", LOCATE_ALTERNATIVE },
	{ LOCATE_ITEMS, "list item", LOCATE_NOTHING },
	{ LOCATE_EXCEPTIONS, "exception", LOCATE_EXCEPTION },
	{ LOCATE_VALUES, "exception value", LOCATE_NOTHING },
};

struct locating {
	uint32_t offset;
	struct location *chain;
	uint32_t count;
};

static void
step_add(struct locating *l, const char *type, struct span name, const struct rulefile_node *node)
{
	struct source_place place = rulefile_place(node);

	if (l->count < LOCATE_MAX)
		l->chain[l->count++] = (struct location){ type, name, (uint32_t)place.line - 1,
			(uint32_t)place.column - 1, place.offset };
}

/* The last of COUNT nodes, every STEPth of NODES, that begins at the offset or before it. */
static uint32_t
last_before(const struct locating *l, struct rulefile_node *const *nodes, uint32_t count,
    uint32_t step)
{
	uint32_t found = UINT32_MAX;

	for (uint32_t i = 0; i < count; i++)
		if (nodes[i * step]->start <= l->offset)
			found = i;
	return found;
}

/* A name of its own, for an exception or a plugin. */
static struct span
name_of(const struct rulefile_node *node, const char *key)
{
	const struct rulefile_node *name = NULL;

	if (node->kind == RULEFILE_MAPPING)
		name = rulefile_get(node, key);
	return name != NULL && name->kind == RULEFILE_SCALAR ? name->text : SPAN_NONE;
}

/* Step to the value of a key of NODE, a mapping of kind IN; returns what it is. */
static enum locate_kind
step_key(struct locating *l, enum locate_kind in, const struct rulefile_node **node)
{
	uint32_t at = last_before(l, (*node)->items, (*node)->count, 2);
	const struct rulefile_node *key, *value;

	if (at == UINT32_MAX)
		return LOCATE_NOTHING;
	key = (*node)->items[2 * at];
	value = (*node)->items[2 * at + 1];
	if (value->start > l->offset || value->start < key->start)
		return LOCATE_NOTHING; /* the key itself, or an alias */
	*node = value;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i].in != in || !span_equal(span_text(keys[i].key), key->text))
			continue;
		if (keys[i].type != NULL)
			step_add(l, keys[i].type, SPAN_NONE, value);
		return keys[i].kind;
	}
	step_add(l, "value for", key->text, value);
	return LOCATE_NOTHING;
}

/* Step to an element of NODE, a sequence of kind IN. */
static enum locate_kind
step_element(struct locating *l, enum locate_kind in, const struct rulefile_node **node)
{
	uint32_t at = last_before(l, (*node)->items, (*node)->count, 1);

	for (size_t i = 0; at != UINT32_MAX && i < sizeof(elements) / sizeof(elements[0]); i++) {
		if (elements[i].in != in || (*node)->items[at]->start < (*node)->start)
			continue;
		*node = (*node)->items[at];
		step_add(l, elements[i].type, name_of(*node, "name"), *node);
		return elements[i].kind;
	}
	return LOCATE_NOTHING;
}

static enum locate_kind
step_item(struct locating *l, const struct rulefile_node **node)
{
	uint32_t at = last_before(l, (*node)->items, (*node)->count, 1);

	if (at == UINT32_MAX)
		return LOCATE_NOTHING;
	*node = (*node)->items[at];
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		if ((*node)->kind != RULEFILE_MAPPING || rulefile_get(*node, items[i].key) == NULL)
			continue;
		step_add(l, items[i].type,
		    items[i].kind >= LOCATE_LIST ? name_of(*node, items[i].key) : SPAN_NONE, *node);
		return items[i].kind;
	}
	step_add(l, "rules content item", SPAN_NONE, *node);
	return LOCATE_NOTHING;
}

uint32_t
locate(const struct rulefile *file, uint32_t offset, struct location chain[LOCATE_MAX])
{
	struct locating l = { .offset = offset, .chain = chain, .count = 1 };
	uint32_t document = last_before(&l, file->documents, file->document_count, 1);
	const struct rulefile_node *node;
	enum locate_kind kind = LOCATE_NOTHING;

	chain[0] = (struct location){ .type = "rules content" };
	if (document == UINT32_MAX)
		return 1;
	node = file->documents[document];
	if (node->kind == RULEFILE_SEQUENCE)
		kind = step_item(&l, &node);
	while (kind != LOCATE_NOTHING && l.count < LOCATE_MAX &&
	    (node->kind == RULEFILE_SEQUENCE || node->kind == RULEFILE_MAPPING))
		kind = node->kind == RULEFILE_SEQUENCE ? step_element(&l, kind, &node)
		                                       : step_key(&l, kind, &node);
	return l.count;
}
