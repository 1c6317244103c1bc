/* SPDX-License-Identifier: Apache-2.0 */
/* Cases that load whole files: which codes come back, and what the set holds then. */
#include <stdio.h>
#include <stdlib.h>

#include "conformance.h"
#include "rulesets.h"

enum { FILES_MAX = 16, PLUGINS_MAX = 16 };

/* One load of all files of a case. */
struct loading {
	struct ruleset_file files[FILES_MAX];
	struct ruleset_result results[FILES_MAX];
	size_t count;
	struct loader_plugin plugins[PLUGINS_MAX];
	struct selection selections[SELECTIONS_MAX];
	struct ruleset_options options;
	struct ruleset ruleset;
	bool loaded;
};

/* Whether the reference would call the load good: no error but missing plugins. */
static bool
result_is_ok(const struct ruleset_result *result)
{
	for (size_t i = 0; i < result->diags.count; i++)
		if (result->diags.items[i].level == DIAG_ERROR &&
		    result->diags.items[i].code[0] != '\0')
			return false;
	return true;
}

static void
loading_files(struct loading *loading, const json_t *files)
{
	const json_t *item;
	size_t i;

	json_array_foreach (files, i, item) {
		struct ruleset_file *file = &loading->files[i];

		if (i >= FILES_MAX)
			break;
		(void)snprintf(file->name, sizeof(file->name), "file%zu.yaml", i + 1);
		file->len = json_string_length(item);
		file->bytes = malloc(file->len + 1);
		if (file->bytes != NULL)
			memcpy(file->bytes, json_string_value(item), file->len);
		loading->count = i + 1;
	}
}

static void
loading_plugins(struct loading *loading, const json_t *plugins)
{
	const json_t *item;
	size_t i;

	if (plugins == NULL)
		return;
	json_array_foreach (plugins, i, item) {
		struct loader_plugin *plugin = &loading->plugins[i];
		const char *version = json_string_value(json_object_get(item, "version"));

		if (i >= PLUGINS_MAX || version == NULL)
			break;
		plugin->name = json_string_value(json_object_get(item, "name"));
		(void)sscanf(version, "%u.%u.%u", &plugin->version.part[0],
		    &plugin->version.part[1], &plugin->version.part[2]);
		loading->options.plugin_count = i + 1;
	}
	loading->options.plugins = loading->plugins;
}

static void
loading_selections(struct loading *loading, const json_t *selections)
{
	const json_t *item;
	size_t i;

	json_array_foreach (selections, i, item) {
		const char *op = json_string_value(json_object_get(item, "op"));

		if (i >= SELECTIONS_MAX)
			break;
		loading->selections[i] = (struct selection){
			.enable = op != NULL && strcmp(op, "enable") == 0,
			.rule = json_span(item, "rule"),
			.tag = json_span(item, "tag"),
		};
		loading->options.selection_count = (uint32_t)i + 1;
	}
	loading->options.selections = loading->selections;
}

static void
compare_per_file(const struct loading *loading, const json_t *per_file, struct verdict *verdict)
{
	const json_t *item;
	char what[64];
	size_t i;

	json_array_foreach (per_file, i, item) {
		if (i >= loading->count)
			break;
		(void)snprintf(what, sizeof(what), "file %zu loads", i + 1);
		verdict_bool(verdict, what, json_is_true(json_object_get(item, "ok")),
		    result_is_ok(&loading->results[i]));
		(void)snprintf(what, sizeof(what), "errors of file %zu", i + 1);
		compare_codes(verdict, what, json_object_get(item, "errors"),
		    &loading->results[i], 1, DIAG_ERROR);
		(void)snprintf(what, sizeof(what), "warnings of file %zu", i + 1);
		compare_codes(verdict, what, json_object_get(item, "warnings"),
		    &loading->results[i], 1, DIAG_WARNING);
	}
}

static void
compare_result(const struct loading *loading, const json_t *test, struct verdict *verdict)
{
	bool ok = true;

	for (size_t i = 0; i < loading->count; i++)
		ok = ok && result_is_ok(&loading->results[i]);
	verdict_bool(verdict, "loading", case_expect_ok(test), ok);
	compare_codes(verdict, "errors", case_expect(test, "errors"), loading->results,
	    loading->count, DIAG_ERROR);
	compare_codes(verdict, "warnings", case_expect(test, "warnings"), loading->results,
	    loading->count, DIAG_WARNING);
	compare_per_file(loading, case_expect(test, "per_file"), verdict);
	if (case_expect(test, "plugins_ok") != NULL)
		verdict_bool(verdict, "plugins", json_is_true(case_expect(test, "plugins_ok")),
		    loading->loaded);
}

void
run_load(const json_t *test, struct stream *stream, struct verdict *verdict)
{
	static struct loading loading; /* too large for the stack */

	(void)stream;
	memset(&loading, 0, sizeof(loading));
	loading.options.priority = PRIORITY_DEBUG;
	loading.options.undelivered = true;
	if (json_object_get(test, "min_priority") != NULL)
		loading.options.priority = rule_priority_find(json_span(test, "min_priority"));
	loading_files(&loading, json_object_get(test, "files"));
	loading_plugins(&loading, json_object_get(test, "plugins"));
	loading_selections(&loading, json_object_get(test, "selection"));
	loading.loaded = ruleset_load(&loading.ruleset, loading.files, loading.count,
	    &loading.options, loading.results) == 0;
	compare_result(&loading, test, verdict);
	if (loading.loaded)
		compare_set(&loading.ruleset, test, verdict);
	for (size_t i = 0; i < loading.count; i++) {
		if (verdict->differences > 0)
			for (size_t j = 0; j < loading.results[i].diags.count; j++)
				text_format(&verdict->text, "    said:     %s: %s\n",
				    loading.results[i].diags.items[j].code,
				    loading.results[i].diags.items[j].text);
		diags_fini(&loading.results[i].diags);
		free(loading.files[i].bytes);
	}
	ruleset_fini(&loading.ruleset);
}
