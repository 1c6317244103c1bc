/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule items.  An item is one of four: a definition, an append, an override, or the switch
 * of an earlier rule. All but the last read some keys into a struct rule_update, which is
 * then appended to a copy of the rule or replaces parts of it; a definition replaces all of
 * an empty rule.
 */
#include <errno.h>
#include <stdlib.h>

#include "exception.h"
#include "override.h"
#include "scalar.h"

/* The keys that can be overridden; the bits of struct override and struct rule_update. */
enum rule_key {
	KEY_CONDITION,
	KEY_OUTPUT,
	KEY_DESC,
	KEY_PRIORITY,
	KEY_TAGS,
	KEY_EXCEPTIONS,
	KEY_ENABLED,
	KEY_WARN_EVTTYPES,
	KEY_SKIP,
	KEY_CAPTURE,
	KEY_CAPTURE_DURATION,
	KEY_COUNT
};

#define KEY_BIT(key) (UINT32_C(1) << (key))
#define KEYS_OBLIGATORY \
	(KEY_BIT(KEY_CONDITION) | KEY_BIT(KEY_OUTPUT) | KEY_BIT(KEY_DESC) | KEY_BIT(KEY_PRIORITY))
#define KEYS_APPEND (KEY_BIT(KEY_CONDITION) | KEY_BIT(KEY_EXCEPTIONS))

static const struct override_key keys[] = {
	[KEY_CONDITION] = { "condition", true },
	[KEY_OUTPUT] = { "output", true },
	[KEY_DESC] = { "desc", true },
	[KEY_PRIORITY] = { "priority", false },
	[KEY_TAGS] = { "tags", true },
	[KEY_EXCEPTIONS] = { "exceptions", true },
	[KEY_ENABLED] = { "enabled", false },
	[KEY_WARN_EVTTYPES] = { "warn_evttypes", false },
	[KEY_SKIP] = { "skip-if-unknown-filter", false },
	[KEY_CAPTURE] = { "capture", false },
	[KEY_CAPTURE_DURATION] = { "capture_duration", false },
};
_Static_assert(sizeof(keys) / sizeof(keys[0]) == KEY_COUNT, "a row for each key");

/* What an item says of the keys in `keys`. */
struct rule_update {
	uint32_t keys;
	bool append;
	const struct rulefile_node *condition, *output, *desc, *tags;
	enum rule_priority priority;
	struct exception_list exceptions;
	bool enabled, warn_evttypes, skip, capture;
	uint32_t capture_duration_ms;
};

/* The bits of all keys that ITEM carries. */
static uint32_t
keys_of(const struct rulefile_node *item)
{
	uint32_t found = 0;

	for (int key = 0; key < KEY_COUNT; key++)
		if (rulefile_get(item, keys[key].name) != NULL)
			found |= KEY_BIT(key);
	return found;
}

/* --- reading --- */

static int
read_priority(struct collect *c, const struct rulefile_node *item, enum rule_priority *priority)
{
	const struct rulefile_node *node;
	int err = collect_need_text(c, item, "priority", &node);

	if (err < 0)
		return err;
	if ((*priority = rule_priority_find(node->text)) == PRIORITY_COUNT)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, node,
		    "expected a priority from EMERGENCY to DEBUG, got `%.*s`", QUOTED(node->text));
	return 0;
}

/* Read KEY of ITEM, which is there, into UPDATE. */
static int
read_key(struct collect *c, const struct rulefile_node *item, enum rule_key key,
    struct rule_update *update)
{
	const char *name = keys[key].name;

	switch (key) {
	case KEY_CONDITION:
		return collect_need_text(c, item, name, &update->condition);
	case KEY_OUTPUT:
		return collect_need_text(c, item, name, &update->output);
	case KEY_DESC:
		return collect_need_text(c, item, name, &update->desc);
	case KEY_PRIORITY:
		return read_priority(c, item, &update->priority);
	case KEY_TAGS:
		return collect_get_scalars(c, item, name, &update->tags);
	case KEY_EXCEPTIONS:
		return exceptions_read(c, item, update->append, &update->exceptions);
	case KEY_ENABLED:
		return collect_get_bool(c, item, name, &update->enabled);
	case KEY_WARN_EVTTYPES:
		return collect_get_bool(c, item, name, &update->warn_evttypes);
	case KEY_SKIP:
		return collect_get_bool(c, item, name, &update->skip);
	case KEY_CAPTURE:
		return collect_get_bool(c, item, name, &update->capture);
	case KEY_CAPTURE_DURATION:
		return collect_get_unsigned(c, item, name, &update->capture_duration_ms);
	case KEY_COUNT:
		break;
	}
	return 0;
}

/* Read those keys of WANTED that ITEM carries. */
static int
read_update(struct collect *c, const struct rulefile_node *item, uint32_t wanted, bool append,
    struct rule_update *update)
{
	int err = 0;

	*update = (struct rule_update){ .keys = wanted & keys_of(item), .append = append };
	for (int key = 0; key < KEY_COUNT && err == 0; key++)
		if (update->keys & KEY_BIT(key))
			err = read_key(c, item, (enum rule_key)key, update);
	return err;
}

/* The source that ITEM gives, or nothing.  An item that updates a rule may leave it empty. */
static int
read_source(struct collect *c, const struct rulefile_node *item, bool updating, struct span *source)
{
	const struct rulefile_node *node = rulefile_get(item, "source");
	int err;

	*source = SPAN_NONE;
	if (updating && node != NULL &&
	    (node->kind == RULEFILE_NULL || (node->kind == RULEFILE_SCALAR && node->text.len == 0)))
		return 0;
	if ((err = collect_get_text(c, item, "source", &node)) == 0 && node != NULL)
		*source = node->text;
	return err;
}

/* --- changing --- */

/* Let TEXT be what FORMER was (if APPEND), a blank, and the value of NODE. */
static int
set_text(struct collect *c, struct srctext *text, const struct rulefile_node *node, bool append)
{
	const struct srctext former = *text;
	int err;

	srcbuild_clear(&c->build);
	if (append) {
		srcbuild_slice(&c->build, &former, 0, former.text.len);
		srcbuild_made(&c->build, SPAN_OF(" "), node);
	}
	srcbuild_node(&c->build, node);
	if ((err = srcbuild_take(&c->build, c->collection->arena, text)) == -E2BIG)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, node, "this text is too long");
	return err;
}

/* Take the white space off both ends of TEXT. */
static int
trim_text(struct collect *c, struct srctext *text)
{
	const struct srctext former = *text;
	struct span inner = scalar_trim(former.text);

	srcbuild_clear(&c->build);
	srcbuild_slice(&c->build, &former, (size_t)(inner.ptr - former.text.ptr), inner.len);
	return srcbuild_take(&c->build, c->collection->arena, text);
}

static int
set_desc(struct collect *c, struct rule *rule, const struct rulefile_node *node, bool append)
{
	size_t before = append ? rule->desc.len + 1 : 0;
	char *desc;

	if (!append) {
		rule->desc = node->text;
		return 0;
	}
	if ((desc = arena_alloc(c->collection->arena, before + node->text.len + 1)) == NULL)
		return -ENOMEM;
	memcpy(desc, rule->desc.ptr, rule->desc.len);
	desc[rule->desc.len] = ' ';
	memcpy(desc + before, node->text.ptr, node->text.len);
	rule->desc = (struct span){ desc, before + node->text.len };
	return 0;
}

static int
compare_tags(const void *a, const void *b)
{
	const struct span *left = a, *right = b;
	size_t len = left->len < right->len ? left->len : right->len;
	int order = len > 0 ? memcmp(left->ptr, right->ptr, len) : 0;

	if (order != 0)
		return order;
	return left->len < right->len ? -1 : left->len > right->len;
}

/* Let the tags of RULE be those of NODE, and its former ones if APPEND: sorted, each once. */
static int
set_tags(struct collect *c, struct rule *rule, const struct rulefile_node *node, bool append)
{
	uint32_t count = append ? rule->tag_count : 0;
	uint32_t kept = 0;
	struct span *tags;

	tags = arena_array(c->collection->arena, (size_t)count + node->count, sizeof(*tags));
	if (tags == NULL)
		return -ENOMEM;
	if (count > 0)
		memcpy(tags, rule->tags, count * sizeof(*tags));
	for (uint32_t i = 0; i < node->count; i++)
		tags[count++] = node->items[i]->text;
	qsort(tags, count, sizeof(*tags), compare_tags);
	for (uint32_t i = 0; i < count; i++)
		if (kept == 0 || !span_equal(tags[i], tags[kept - 1]))
			tags[kept++] = tags[i];
	rule->tags = tags;
	rule->tag_count = kept;
	return 0;
}

static int
set_key(struct collect *c, struct rule *rule, enum rule_key key, const struct rule_update *update)
{
	int err;

	switch (key) {
	case KEY_CONDITION:
		return set_text(c, &rule->condition, update->condition, update->append);
	case KEY_OUTPUT:
		err = set_text(c, &rule->output_text, update->output, update->append);
		rule->output = rule->output_text.text;
		return err;
	case KEY_DESC:
		return set_desc(c, rule, update->desc, update->append);
	case KEY_TAGS:
		return set_tags(c, rule, update->tags, update->append);
	case KEY_EXCEPTIONS:
		if (update->append)
			return exceptions_append(c, rule, &update->exceptions);
		return exceptions_set(c, rule, &update->exceptions);
	case KEY_PRIORITY:
		rule->priority = update->priority;
		break;
	case KEY_ENABLED:
		rule->enabled = update->enabled;
		break;
	case KEY_WARN_EVTTYPES:
		rule->warn_evttypes = update->warn_evttypes;
		break;
	case KEY_SKIP:
		rule->skip_if_unknown_filter = update->skip;
		break;
	case KEY_CAPTURE:
		rule->capture = update->capture;
		break;
	case KEY_CAPTURE_DURATION:
		rule->capture_duration_ms = update->capture_duration_ms;
		break;
	case KEY_COUNT:
		break;
	}
	return 0;
}

static int
set_update(struct collect *c, struct rule *rule, const struct rule_update *update)
{
	int err = 0;

	for (int key = 0; key < KEY_COUNT && err == 0; key++)
		if (update->keys & KEY_BIT(key))
			err = set_key(c, rule, (enum rule_key)key, update);
	return err;
}

/* A copy of the rule that NAME names, to be changed; reports when there is none. */
static int
rule_edit(struct collect *c, const struct rulefile_node *name, struct rule **rule)
{
	const struct rule *former = collection_rule(c->collection, name->text);

	if (former == NULL)
		return collect_fail_missing(c, name, "rule", name->text);
	if ((*rule = arena_alloc(c->collection->arena, sizeof(**rule))) == NULL)
		return -ENOMEM;
	**rule = *former;
	(*rule)->node = name;
	return 0;
}

/* Does SOURCE, as an item gives it (or nothing), agree with that of the rule's earlier items? */
static int
check_source(struct collect *c, const struct rulefile_node *name, const struct rule *former,
    struct span source)
{
	if (former == NULL || source.len == 0 || span_equal(former->source, source))
		return 0;
	return collect_fail(c, LOAD_ERR_VALIDATE, name,
	    "rule `%.*s` has source %.*s already, not %.*s", QUOTED(name->text),
	    QUOTED(former->source), QUOTED(source));
}

/* --- the four kinds --- */

/* Update an earlier rule by those keys of ITEM that are in WANTED. */
static int
rule_update(struct collect *c, const struct rulefile_node *item, const struct rulefile_node *name,
    uint32_t wanted, bool append)
{
	struct rule_update update;
	struct rule *rule;
	struct span source;
	int err;

	if ((err = read_source(c, item, true, &source)) < 0)
		return err;
	if ((err = read_update(c, item, wanted, append, &update)) < 0)
		return err;
	if (wanted == KEYS_APPEND && update.condition == NULL && update.exceptions.count == 0)
		return collect_fail(c, LOAD_ERR_VALIDATE, name,
		    "nothing to append: neither `condition` nor `exceptions`");
	if ((err = rule_edit(c, name, &rule)) < 0)
		return err;
	if ((err = check_source(c, name, rule, source)) < 0)
		return err;
	if ((err = set_update(c, rule, &update)) < 0)
		return err;
	return collection_put_rule(c->collection, rule);
}

static int
rule_override(struct collect *c, const struct rulefile_node *item, const struct rulefile_node *name,
    const struct override *override)
{
	uint32_t extra = keys_of(item) & ~(override->append | override->replace);
	int err = 0;

	for (int key = 0; key < KEY_COUNT; key++)
		if (extra & KEY_BIT(key))
			return collect_fail(c, LOAD_ERR_YAML_VALIDATE,
			    rulefile_get(item, keys[key].name),
			    "the item overrides, but `override` does not name `%s`",
			    keys[key].name);
	if (override->append != 0)
		err = rule_update(c, item, name, override->append, true);
	if (err == 0 && override->replace != 0)
		err = rule_update(c, item, name, override->replace, false);
	return err;
}

/* The deprecated item that only enables or disables an earlier rule. */
static int
rule_switch(struct collect *c, const struct rulefile_node *item, const struct rulefile_node *name)
{
	struct rule *rule;
	bool enabled;
	int err;

	if (rulefile_get(item, "enabled") == NULL)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, item,
		    "`condition`, `output`, `desc` and `priority` are missing");
	if ((err = collect_get_bool(c, item, "enabled", &enabled)) < 0)
		return err;
	collect_warn(c, LOAD_DEPRECATED_ITEM, name,
	    "an item that only enables or disables a rule is deprecated, "
	    "use `override`");
	if ((err = rule_edit(c, name, &rule)) < 0)
		return err;
	rule->enabled = enabled;
	return collection_put_rule(c->collection, rule);
}

static bool
is_known_source(const struct loader_options *options, struct span source)
{
	if (options->sources == NULL)
		return span_equal(source, SPAN_OF("syscall"));
	for (size_t i = 0; i < options->source_count; i++)
		if (span_equal(source, span_text(options->sources[i])))
			return true;
	return false;
}

static int
rule_define(struct collect *c, const struct rulefile_node *item, const struct rulefile_node *name)
{
	struct rule_update update;
	struct span source;
	struct rule *rule;
	int err;

	for (int key = 0; key < KEY_COUNT; key++)
		if (KEYS_OBLIGATORY & ~keys_of(item) & KEY_BIT(key))
			return collect_fail(c, LOAD_ERR_YAML_VALIDATE, item,
			    "`%s` is missing", keys[key].name);
	if ((err = read_source(c, item, false, &source)) < 0)
		return err;
	if ((err = read_update(c, item, ~UINT32_C(0), false, &update)) < 0)
		return err;
	if (source.len == 0)
		source = SPAN_OF("syscall");
	if ((err = check_source(c, name, collection_rule(c->collection, name->text), source)) < 0)
		return err;
	if ((rule = arena_alloc(c->collection->arena, sizeof(*rule))) == NULL)
		return -ENOMEM;
	*rule = (struct rule){
		.name = name->text,
		.source = source,
		.enabled = true,
		.warn_evttypes = true,
		.node = name,
		.source_known = is_known_source(c->options, source),
	};
	if (!rule->source_known)
		collect_warn(c, LOAD_UNKNOWN_SOURCE, name,
		    "unknown source %.*s: the rule is not used", QUOTED(source));
	if ((err = set_update(c, rule, &update)) < 0 ||
	    (err = trim_text(c, &rule->output_text)) < 0)
		return err;
	rule->output = rule->output_text.text;
	return collection_put_rule(c->collection, rule);
}

int
collect_rule(struct collect *c, const struct rulefile_node *item)
{
	const struct rulefile_node *name;
	struct override override;
	bool append;
	int err;

	if ((err = collect_need_text(c, item, "rule", &name)) < 0)
		return err;
	if ((err = collect_get_append(c, item, &append)) < 0)
		return err;
	if ((err = override_read(c, item, keys, KEY_COUNT, append, &override)) < 0)
		return err;
	if (override.append != 0 || override.replace != 0)
		return rule_override(c, item, name, &override);
	if (append)
		return rule_update(c, item, name, KEYS_APPEND, true);
	if ((keys_of(item) & KEYS_OBLIGATORY) == 0)
		return rule_switch(c, item, name);
	return rule_define(c, item, name);
}
