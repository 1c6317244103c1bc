/* SPDX-License-Identifier: Apache-2.0 */
/* Items that require something of the engine: its version, its plugins. */
#include <errno.h>

#include "collect.h"
#include "scalar.h"

int
collect_engine(struct collect *c, const struct rulefile_node *item)
{
	const struct rule_version engine = {
		{ LOADER_ENGINE_MAJOR, LOADER_ENGINE_MINOR, LOADER_ENGINE_PATCH }
	};
	struct rule_version required = { { 0, 0, 0 } };
	const struct rulefile_node *node;
	int err;

	if ((err = collect_need_text(c, item, "required_engine_version", &node)) < 0)
		return err;
	if (!scalar_unsigned(node->text, &required.part[1]) &&
	    !scalar_version(node->text, &required))
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, node,
		    "expected a version such as 0.31.0, got `%.*s`", QUOTED(node->text));
	if (!version_meets(&engine, &required)) {
		collect_fail(c, LOAD_ERR_VALIDATE, node,
		    "needs engine version %.*s, this is %d.%d.%d", QUOTED(node->text),
		    LOADER_ENGINE_MAJOR, LOADER_ENGINE_MINOR, LOADER_ENGINE_PATCH);
		return COLLECT_STOP;
	}
	if (version_compare(&required, &c->collection->engine_required) > 0)
		c->collection->engine_required = required;
	return 0;
}

/* One plugin of a requirement, main or alternative. */
static int
collect_plugin(struct collect *c, const struct rulefile_node *entry,
    struct rule_plugin *plugins, uint32_t *count)
{
	const struct rulefile_node *name, *version;
	struct rule_plugin *plugin = &plugins[*count];
	int err;

	if (entry->kind != RULEFILE_MAPPING)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, entry,
		    "expected a mapping with `name` and `version`");
	if ((err = collect_need_text(c, entry, "name", &name)) < 0)
		return err;
	if ((err = collect_need_text(c, entry, "version", &version)) < 0)
		return err;
	if (!scalar_version(version->text, &plugin->version))
		return collect_fail(c, LOAD_ERR_VALIDATE, version,
		    "expected a version such as 0.4.0, got `%.*s`", QUOTED(version->text));
	for (uint32_t i = 0; i < *count; i++)
		if (span_equal(plugins[i].name, name->text))
			return collect_fail(c, LOAD_ERR_VALIDATE, name,
			    "plugin `%.*s` twice in one requirement", QUOTED(name->text));
	plugin->name = name->text;
	plugin->node = name;
	(*count)++;
	return 0;
}

static int
collect_requirement(struct collect *c, const struct rulefile_node *entry)
{
	const struct rulefile_node *others = NULL;
	struct rule_requirement *requirement;
	struct rule_plugin *plugins;
	uint32_t count = 0;
	int err;

	if (entry->kind == RULEFILE_MAPPING)
		others = rulefile_get(entry, "alternatives");
	if (others != NULL && others->kind != RULEFILE_SEQUENCE)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, others,
		    "`alternatives` must be a sequence, got %s", rulefile_describe(others));
	requirement = arena_alloc(c->collection->arena, sizeof(*requirement));
	plugins = arena_array(c->collection->arena, 1 + (others ? others->count : 0),
	    sizeof(*plugins));
	if (requirement == NULL || plugins == NULL)
		return -ENOMEM;
	if ((err = collect_plugin(c, entry, plugins, &count)) < 0)
		return err;
	for (uint32_t i = 0; others != NULL && i < others->count; i++)
		if ((err = collect_plugin(c, others->items[i], plugins, &count)) < 0)
			return err;
	*requirement = (struct rule_requirement){ plugins, count };
	return collection_add_requirement(c->collection, requirement);
}

int
collect_plugins(struct collect *c, const struct rulefile_node *item)
{
	const struct rulefile_node *entries = rulefile_get(item, "required_plugin_versions");
	int err = 0;

	if (entries->kind != RULEFILE_SEQUENCE)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, entries,
		    "`required_plugin_versions` must be a sequence, got %s",
		    rulefile_describe(entries));
	for (uint32_t i = 0; i < entries->count && err == 0; i++)
		err = collect_requirement(c, entries->items[i]);
	return err;
}
