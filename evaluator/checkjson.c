/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Load results as JSON.  Each file is parsed again for this: what stands at the place of a
 * diagnostic is asked of its tree.
 */
#include "checkjson.h"

#include "jsonout.h"
#include "loadresult.h"
#include "locate.h"
#include "schema.h"

enum { CHECKJSON_BYTES_MAX = 512 << 20 };

/* The trees of all files; NULL for one that is no YAML. */
struct trees {
	struct arena arena;
	const struct ruleset_file *files;
	const struct rulefile *trees[RULESET_FILES_MAX];
	size_t count;
};

static void
trees_init(struct trees *trees, const struct ruleset_file *files, size_t count)
{
	struct diags ignored = DIAGS_NONE;

	arena_init(&trees->arena, CHECKJSON_BYTES_MAX);
	trees->files = files;
	trees->count = count;
	for (size_t i = 0; i < count; i++)
		if (rulefile_parse(&trees->arena, files[i].name,
		        (struct span){ files[i].bytes, files[i].len }, &ignored,
		        &trees->trees[i]) < 0)
			trees->trees[i] = NULL;
	diags_fini(&ignored);
}

/* The number of the file that DIAG is about, or the count of files. */
static size_t
file_of(const struct trees *trees, const struct diag *diag)
{
	size_t i = 0;

	while (i < trees->count && strcmp(trees->files[i].name, diag->file) != 0)
		i++;
	return i;
}

/* Byte offset of LINE and COLUMN (both from 1; 0: unknown) in TEXT. */
static uint32_t
offset_of(struct span text, int line, int column)
{
	size_t at = 0;

	for (; line > 1 && at < text.len; at++)
		line -= text.ptr[at] == '\n';
	return (uint32_t)(at + (column > 0 ? (size_t)column - 1 : 0));
}

static void
write_position(struct jsonout *json, const char *name, const struct location *location)
{
	jsonout_object(json, "position");
	jsonout_number(json, "column", location->column);
	jsonout_number(json, "line", location->line);
	jsonout_string(json, "name", name);
	jsonout_number(json, "offset", location->offset);
	jsonout_object_end(json);
}

static void
write_location(struct jsonout *json, const char *file, const struct location *location)
{
	jsonout_object(json, NULL);
	jsonout_span(json, "item_name", location->name);
	jsonout_string(json, "item_type", location->type);
	write_position(json, file, location);
	jsonout_object_end(json);
}

/*
 * The place in the expression: that of the YAML value plus that in the text, of which line and
 * column count from 1.
 */
static void
write_inner(struct jsonout *json, const struct diag_inner *inner, const struct location *last)
{
	bool output = strcmp(last->type, "rule output") == 0;
	struct location location = {
		.type = output ? "rule output expression" : "condition expression",
		.line = last->line + (uint32_t)inner->line,
		.column = last->column + (uint32_t)inner->column,
		.offset = last->offset + inner->offset,
	};
	char name[DIAG_INNER_NAME_MAX + 2];

	(void)snprintf(name, sizeof(name), "\"%s\"", inner->name);
	write_location(json, name, &location);
}

static void
write_context(struct jsonout *json, const struct trees *trees, const struct diag *diag)
{
	struct location chain[LOCATE_MAX] = { { .type = "rules content" } };
	size_t at = file_of(trees, diag);
	struct span text = SPAN_NONE;
	char excerpt[DIAG_EXCERPT_MAX];
	uint32_t offset = 0, count = 1;

	if (at < trees->count) {
		text = (struct span){ trees->files[at].bytes, trees->files[at].len };
		offset = offset_of(text, diag->line, diag->column);
	}
	if (at < trees->count && trees->trees[at] != NULL && diag->line > 0)
		count = locate(trees->trees[at], offset, chain);
	diag_excerpt(excerpt, text.ptr, text.len, offset);
	jsonout_object(json, "context");
	jsonout_array(json, "locations");
	for (uint32_t i = 0; i < count; i++)
		write_location(json, diag->file, &chain[i]);
	if (diag->inner.name[0] != '\0')
		write_inner(json, &diag->inner, &chain[count - 1]);
	jsonout_array_end(json);
	jsonout_string(json, "snippet", diag->inner.name[0] ? diag->inner.excerpt : excerpt);
	jsonout_object_end(json);
}

static void
write_diag(struct jsonout *json, const struct trees *trees, const struct diag *diag)
{
	enum load_code code = load_code_find(diag->code);
	bool error = diag->level == DIAG_ERROR;

	jsonout_object(json, NULL);
	jsonout_string(json, "code", diag->code);
	jsonout_string(json, "codedesc", error ? load_code_text(code) : load_code_meaning(code));
	write_context(json, trees, diag);
	if (diag->subject[0] != '\0')
		jsonout_string(json, "deprecated_field", diag->subject);
	jsonout_string(json, "message", diag->text);
	jsonout_object_end(json);
}

/* What has no code is not about the file: it is told beside the result. */
static void
write_diags(struct jsonout *json, const char *key, const struct trees *trees,
    const struct diags *diags, enum diag_level level)
{
	jsonout_array(json, key);
	for (size_t i = 0; i < diags->count; i++)
		if (diags->items[i].level == level && diags->items[i].code[0] != '\0')
			write_diag(json, trees, &diags->items[i]);
	jsonout_array_end(json);
}

static void
write_schema(struct jsonout *json, const struct rulefile *tree)
{
	struct diags faults = DIAGS_NONE;

	if (tree != NULL && schema_check(tree, &faults)) {
		jsonout_bool(json, "schema_valid", faults.count == 0);
		jsonout_array(json, "schema_warnings");
		for (size_t i = 0; i < faults.count; i++) {
			char text[DIAG_TEXT_MAX + 32];

			(void)snprintf(text, sizeof(text), "%d:%d: %s", faults.items[i].line,
			    faults.items[i].column, faults.items[i].text);
			jsonout_string(json, NULL, text);
		}
		jsonout_array_end(json);
	}
	diags_fini(&faults);
}

static bool
is_successful(const struct diags *diags)
{
	for (size_t i = 0; i < diags->count; i++)
		if (diags->items[i].level == DIAG_ERROR && diags->items[i].code[0] != '\0')
			return false;
	return true;
}

void
checkjson_results(struct jsonout *json, const struct ruleset_file *files,
    const struct ruleset_result *results, size_t count)
{
	static struct trees trees; /* too large for the stack */

	trees_init(&trees, files, count);
	jsonout_array(json, "falco_load_results");
	for (size_t i = 0; i < count; i++) {
		const struct diags *diags = &results[i].diags;

		jsonout_object(json, NULL);
		write_diags(json, "errors", &trees, diags, DIAG_ERROR);
		jsonout_string(json, "name", files[i].name);
		write_schema(json, trees.trees[i]);
		jsonout_bool(json, "successful", is_successful(diags));
		write_diags(json, "warnings", &trees, diags, DIAG_WARNING);
		jsonout_object_end(json);
		for (size_t j = 0; j < diags->count; j++)
			if (diags->items[j].code[0] == '\0')
				diag_print(&diags->items[j], stderr);
	}
	jsonout_array_end(json);
	arena_fini(&trees.arena);
}

void
checkjson_print(FILE *out, const struct ruleset_file *files, const struct ruleset_result *results,
    size_t count)
{
	struct jsonout json = { .out = out };

	jsonout_object(&json, NULL);
	checkjson_results(&json, files, results, count);
	jsonout_object_end(&json);
	(void)fputc('\n', out);
}
