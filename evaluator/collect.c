/* SPDX-License-Identifier: Apache-2.0 */
/* Items of a rule file: which kind each is, the keys it may have, lists and macros. */
#include <errno.h>

#include "assemble.h"
#include "collect.h"
#include "lex.h"
#include "override.h"
#include "scalar.h"

static int collect_list(struct collect *c, const struct rulefile_node *item);
static int collect_macro(struct collect *c, const struct rulefile_node *item);

static const char *const no_keys[] = { NULL };
static const char *const list_keys[] = { "items", "append", "override", NULL };
static const char *const macro_keys[] = { "condition", "append", "override", NULL };
static const char *const rule_keys[] = { "desc", "condition", "output", "priority", "source",
	"enabled", "capture", "capture_duration", "warn_evttypes", "skip-if-unknown-filter",
	"tags", "exceptions", "append", "override", NULL };

/* In the order in which an item's kind is decided. */
static const struct item_kind {
	const char *key;
	int (*collect)(struct collect *c, const struct rulefile_node *item);
	const char *const *keys; /* the others that it knows */
} kinds[] = {
	{ "required_engine_version", collect_engine, no_keys },
	{ "required_plugin_versions", collect_plugins, no_keys },
	{ "list", collect_list, list_keys },
	{ "macro", collect_macro, macro_keys },
	{ "rule", collect_rule, rule_keys },
};

/* --- reporting --- */

int
collect_fail(struct collect *c, enum load_code code, const struct rulefile_node *node,
    const char *format, ...)
{
	struct source_place place = rulefile_place(node);
	va_list args;

	va_start(args, format);
	load_report_list(c->diags, code, &place, format, args);
	va_end(args);
	return -EINVAL;
}

void
collect_warn(struct collect *c, enum load_code code, const struct rulefile_node *node,
    const char *format, ...)
{
	struct source_place place = rulefile_place(node);
	va_list args;

	va_start(args, format);
	load_report_list(c->diags, code, &place, format, args);
	va_end(args);
}

int
collect_fail_missing(struct collect *c, const struct rulefile_node *node, const char *kind,
    struct span name)
{
	if (names_find(&c->failed, name) != NAMES_NONE)
		return -EINVAL;
	return collect_fail(c, LOAD_ERR_VALIDATE, node, "no %s `%.*s` before this item",
	    kind, QUOTED(name));
}

/* --- keys --- */

int
collect_get_text(struct collect *c, const struct rulefile_node *item, const char *key,
    const struct rulefile_node **node)
{
	*node = rulefile_get(item, key);
	if (*node != NULL && !rulefile_is_text(*node))
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, *node,
		    "`%s` must be a text, got %s", key, rulefile_describe(*node));
	return 0;
}

int
collect_need_text(struct collect *c, const struct rulefile_node *item, const char *key,
    const struct rulefile_node **node)
{
	int err = collect_get_text(c, item, key, node);

	if (err == 0 && *node == NULL)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, item, "`%s` is missing", key);
	return err;
}

int
collect_get_bool(struct collect *c, const struct rulefile_node *item, const char *key, bool *value)
{
	const struct rulefile_node *node;
	int err = collect_get_text(c, item, key, &node);

	if (err < 0 || node == NULL)
		return err;
	if (!scalar_bool(node->text, value))
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, node,
		    "`%s` must be true or false, got `%.*s`", key, QUOTED(node->text));
	return 0;
}

int
collect_get_unsigned(struct collect *c, const struct rulefile_node *item, const char *key,
    uint32_t *value)
{
	const struct rulefile_node *node;
	int err = collect_get_text(c, item, key, &node);

	if (err < 0 || node == NULL)
		return err;
	if (!scalar_unsigned(node->text, value))
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, node,
		    "`%s` must be a number from 0 to 4294967295, got `%.*s`", key,
		    QUOTED(node->text));
	return 0;
}

int
collect_get_scalars(struct collect *c, const struct rulefile_node *item, const char *key,
    const struct rulefile_node **node)
{
	*node = rulefile_get(item, key);
	if (*node == NULL)
		return 0;
	if ((*node)->kind != RULEFILE_SEQUENCE)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, *node,
		    "`%s` must be a sequence, got %s", key, rulefile_describe(*node));
	for (uint32_t i = 0; i < (*node)->count; i++)
		if ((*node)->items[i]->kind != RULEFILE_SCALAR)
			return collect_fail(c, LOAD_ERR_YAML_VALIDATE, (*node)->items[i],
			    "expected a text in `%s`, got %s", key,
			    rulefile_describe((*node)->items[i]));
	return 0;
}

int
collect_get_append(struct collect *c, const struct rulefile_node *item, bool *append)
{
	int err;

	*append = false;
	if ((err = collect_get_bool(c, item, "append", append)) == 0 && *append)
		collect_warn(c, LOAD_DEPRECATED_ITEM, rulefile_get(item, "append"),
		    "`append: true` is deprecated, use `override`");
	return err;
}

/* --- lists and macros --- */

/* Can a condition name a list called NAME in every place? */
static bool
is_list_name(struct span name)
{
	struct span token;
	struct lex lex;

	lex_init(&lex, name, 0);
	return lex_bare(&lex, &token) && token.len == name.len;
}

static bool
is_macro_name(struct span name)
{
	struct span token;
	struct lex lex;

	lex_init(&lex, name, 0);
	return lex_identifier(&lex, &token) && token.len == name.len;
}

/* The items of FORMER (NULL for none), then those of NODE, as a list called as NAME says. */
static int
list_put(struct collect *c, const struct rulefile_node *name, const struct rule_list *former,
    const struct rulefile_node *node)
{
	struct rule_list *list = arena_alloc(c->collection->arena, sizeof(*list));
	const uint32_t before = former ? former->item_count : 0;
	const struct rulefile_node **items;

	items = arena_array(c->collection->arena, (size_t)before + node->count, sizeof(*items));
	if (list == NULL || items == NULL)
		return -ENOMEM;
	if (before > 0)
		memcpy(items, former->items, before * sizeof(*items));
	for (uint32_t i = 0; i < node->count; i++)
		items[before + i] = node->items[i];
	list->name = name->text;
	list->node = name;
	list->items = items;
	list->item_count = before + node->count;
	return collection_put_list(c->collection, list);
}

static int
collect_list(struct collect *c, const struct rulefile_node *item)
{
	static const struct override_key keys[] = { { "items", true } };
	const struct rulefile_node *name, *items;
	const struct rule_list *former;
	struct override override;
	bool append;
	int err;

	if ((err = collect_need_text(c, item, "list", &name)) < 0)
		return err;
	if (!is_list_name(name->text))
		collect_warn(c, LOAD_INVALID_LIST_NAME, name,
		    "list name `%.*s` holds characters that end a name",
		    QUOTED(name->text));
	if ((err = collect_get_scalars(c, item, "items", &items)) < 0)
		return err;
	if (items == NULL)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, item, "`items` is missing");
	if ((err = collect_get_append(c, item, &append)) < 0)
		return err;
	if ((err = override_read(c, item, keys, 1, append, &override)) < 0)
		return err;
	if (!append && override.append == 0)
		return list_put(c, name, NULL, items);
	if ((former = collection_list(c->collection, name->text)) == NULL)
		return collect_fail_missing(c, name, "list", name->text);
	return list_put(c, name, former, items);
}

/* The condition of FORMER (NULL for none) and a blank, then that of NODE. */
static int
macro_put(struct collect *c, const struct rulefile_node *name, const struct rule_macro *former,
    const struct rulefile_node *node)
{
	struct rule_macro *macro = arena_alloc(c->collection->arena, sizeof(*macro));
	int err;

	if (macro == NULL)
		return -ENOMEM;
	srcbuild_clear(&c->build);
	if (former != NULL) {
		srcbuild_slice(&c->build, &former->condition, 0, former->condition.text.len);
		srcbuild_made(&c->build, SPAN_OF(" "), node);
	}
	srcbuild_node(&c->build, node);
	if ((err = srcbuild_take(&c->build, c->collection->arena, &macro->condition)) == -E2BIG)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, node, "the condition is too long");
	if (err < 0)
		return err;
	macro->name = name->text;
	macro->node = name;
	return collection_put_macro(c->collection, macro);
}

static int
collect_macro(struct collect *c, const struct rulefile_node *item)
{
	static const struct override_key keys[] = { { "condition", true } };
	const struct rulefile_node *name, *condition;
	const struct rule_macro *former;
	struct override override;
	bool append;
	int err;

	if ((err = collect_need_text(c, item, "macro", &name)) < 0)
		return err;
	if (!is_macro_name(name->text))
		collect_warn(c, LOAD_INVALID_MACRO_NAME, name,
		    "no condition can refer to a macro called `%.*s`", QUOTED(name->text));
	if ((err = collect_need_text(c, item, "condition", &condition)) < 0)
		return err;
	if ((err = collect_get_append(c, item, &append)) < 0)
		return err;
	if ((err = override_read(c, item, keys, 1, append, &override)) < 0)
		return err;
	if (!append && override.append == 0)
		return macro_put(c, name, NULL, condition);
	if ((former = collection_macro(c->collection, name->text)) == NULL)
		return collect_fail_missing(c, name, "macro", name->text);
	return macro_put(c, name, former, condition);
}

/* --- items --- */

/* Warn of each key that an item of KIND does not know. */
static void
warn_unknown_keys(struct collect *c, const struct rulefile_node *item, const struct item_kind *kind)
{
	for (uint32_t i = 0; i < item->count; i++) {
		const struct rulefile_node *key = item->items[2 * i];
		const char *const *known = kind->keys;

		if (key->kind == RULEFILE_SCALAR && span_equal(key->text, span_text(kind->key)))
			continue;
		while (*known != NULL && key->kind == RULEFILE_SCALAR &&
		    !span_equal(key->text, span_text(*known)))
			known++;
		if (*known == NULL || key->kind != RULEFILE_SCALAR)
			collect_warn(c, LOAD_UNKNOWN_KEY, key,
			    "unknown key `%.*s` in an item of kind `%s`", QUOTED(key->text),
			    kind->key);
	}
}

/* Remember that the item that would define something has failed. */
static void
remember_failed(struct collect *c, const struct rulefile_node *item, const struct item_kind *kind)
{
	const struct rulefile_node *name = rulefile_get(item, kind->key);

	/* Without memory for it, a later item only gets an error that it could have been spared. */
	if (name->kind == RULEFILE_SCALAR)
		(void)names_set(&c->failed, name->text, 0);
}

static int
collect_item(struct collect *c, const struct rulefile_node *item)
{
	int err;

	if (item->kind == RULEFILE_NULL)
		return 0;
	if (item->kind != RULEFILE_MAPPING)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, item,
		    "an item must be a mapping, got %s", rulefile_describe(item));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (rulefile_get(item, kinds[i].key) == NULL)
			continue;
		if ((err = kinds[i].collect(c, item)) == -EINVAL)
			remember_failed(c, item, &kinds[i]);
		warn_unknown_keys(c, item, &kinds[i]);
		return err;
	}
	collect_warn(c, LOAD_UNKNOWN_ITEM, item, "an item of unknown kind is ignored");
	return 0;
}

/* As collect_item(), and keep the collection in SAVED when this is the first error of the file. */
static int
collect_next(struct collect *c, const struct rulefile_node *item, struct collection *saved,
    bool *failed)
{
	int err = collect_item(c, item);

	if (err == 0 || err == -ENOMEM)
		return err;
	if (!*failed && collection_save(c->collection, saved) < 0)
		return -ENOMEM;
	*failed = true;
	return err;
}

static int
collect_document(struct collect *c, const struct rulefile_node *document,
    struct collection *saved, bool *failed)
{
	int err;

	if (document->kind == RULEFILE_NULL)
		return 0;
	if (document->kind != RULEFILE_SEQUENCE) {
		collect_fail(c, LOAD_ERR_YAML_VALIDATE, document,
		    "a rule file must be a sequence of items, got %s",
		    rulefile_describe(document));
		if (!*failed && collection_save(c->collection, saved) < 0)
			return -ENOMEM;
		*failed = true;
		return -EINVAL;
	}
	for (uint32_t i = 0; i < document->count; i++) {
		err = collect_next(c, document->items[i], saved, failed);
		if (err == -ENOMEM || err == COLLECT_STOP)
			return err;
	}
	return 0;
}

/*
 * A file with an error is not loaded, but what else it holds is compiled all the same, for
 * the errors in it.
 */
static void
check_rest(struct collect *c)
{
	struct rules *rules = NULL;

	c->collection->excused = &c->failed;
	if (assemble_rules(c->collection, c->options, c->diags, &rules) == 0)
		rules_free(rules);
	c->collection->excused = NULL;
}

int
collect_file(struct collect *c, const struct rulefile *file)
{
	struct collection saved;
	bool failed = false;
	int err = 0;

	names_init(&c->failed, c->collection->arena, c->options->hash_key);
	for (uint32_t i = 0; i < file->document_count && err != -ENOMEM && err != COLLECT_STOP; i++)
		err = collect_document(c, file->documents[i], &saved, &failed);
	if (err == -ENOMEM)
		return err;
	if (!failed)
		return 0;
	if (err != COLLECT_STOP)
		check_rest(c);
	return collection_restore(c->collection, &saved) < 0 ? -ENOMEM : -EINVAL;
}
