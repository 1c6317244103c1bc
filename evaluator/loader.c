/* SPDX-License-Identifier: Apache-2.0 */
/* The loader: one arena, one collection, and what its owner said. */
#include <errno.h>
#include <stdlib.h>

#include "assemble.h"
#include "collect.h"
#include "scalar.h"

struct loader {
	struct arena arena;
	struct collection collection;
	struct loader_options options;
};

/* What the engine knows of containers by itself counts as this plugin. */
static const struct loader_plugin builtin_plugins[] = { { "container", { { 0, 7, 0 } } } };

struct loader *
loader_new(const struct loader_options *options)
{
	struct loader *loader = calloc(1, sizeof(*loader));

	if (loader == NULL)
		return NULL;
	if (options != NULL)
		loader->options = *options;
	if (loader->options.plugins == NULL) {
		loader->options.plugins = builtin_plugins;
		loader->options.plugin_count = sizeof(builtin_plugins) / sizeof(builtin_plugins[0]);
	}
	arena_init(&loader->arena, LOADER_PRODUCT_BYTES_MAX);
	collection_init(&loader->collection, &loader->arena, loader->options.hash_key);
	return loader;
}

void
loader_free(struct loader *loader)
{
	if (loader == NULL)
		return;
	arena_fini(&loader->arena);
	free(loader);
}

int
loader_file(struct loader *loader, const char *name, const char *bytes, size_t len,
    struct diags *diags)
{
	struct collect c = {
		.collection = &loader->collection,
		.options = &loader->options,
		.diags = diags,
		.build = SRCBUILD_NONE,
	};
	const struct rulefile *file;
	int err = rulefile_parse(&loader->arena, name, (struct span){ bytes, len }, diags, &file);

	if (err < 0)
		return err;
	err = collect_file(&c, file);
	srcbuild_fini(&c.build);
	if (err == -ENOMEM)
		load_report(diags, LOAD_ERR_VALIDATE, &(struct source_place){ .file = file->name },
		    "no room left for the rules (limit %d bytes)", LOADER_PRODUCT_BYTES_MAX);
	return err;
}

int
loader_compile(struct loader *loader, struct diags *diags, struct rules **rules)
{
	return assemble_rules(&loader->collection, &loader->options, diags, rules);
}

/* The loaded plugin called NAME, or NULL. */
static const struct loader_plugin *
plugin_find(const struct loader_options *options, struct span name)
{
	for (size_t i = 0; i < options->plugin_count; i++)
		if (span_equal(name, span_text(options->plugins[i].name)))
			return &options->plugins[i];
	return NULL;
}

/* The first plugin of a requirement that is loaded decides, even if a later one would do. */
static bool
is_met(const struct loader_options *options, const struct rule_requirement *requirement)
{
	for (uint32_t i = 0; i < requirement->plugin_count; i++) {
		const struct rule_plugin *wanted = &requirement->plugins[i];
		const struct loader_plugin *loaded = plugin_find(options, wanted->name);

		if (loaded != NULL)
			return version_meets(&loaded->version, &wanted->version);
	}
	return false;
}

bool
loader_plugins_met(const struct loader *loader, struct diags *diags)
{
	const struct collection_table *table = &loader->collection.requirements;
	bool met = true;

	for (uint32_t i = 0; i < table->count; i++) {
		const struct rule_requirement *requirement = table->items[i];
		const struct rule_plugin *first = &requirement->plugins[0];
		struct source_place place = rulefile_place(first->node);

		if (is_met(&loader->options, requirement))
			continue;
		met = false;
		diags_add(diags, DIAG_ERROR, NULL, place.file, place.line, place.column,
		    place.text.ptr, place.text.len,
		    "plugin `%.*s` %u.%u.%u or an alternative is required, but not loaded",
		    QUOTED(first->name), first->version.part[0], first->version.part[1],
		    first->version.part[2]);
	}
	return met;
}
