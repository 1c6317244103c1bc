/* SPDX-License-Identifier: Apache-2.0 */
/* Rule sets of one rule; cases that compile a condition, and that ask for its events. */
#include <stdio.h>
#include <stdlib.h>

#include "conformance.h"
#include "evtcode.h"
#include "namelist.h"
#include "parse.h"
#include "rulesets.h"

enum { ANALYSIS_BYTES_MAX = 64 << 20 };

void
rule_file_make(struct span condition, struct span output, struct ruleset_file *file)
{
	/* A JSON string is a YAML scalar in double quotes. */
	json_t *texts[] = { json_stringn(condition.ptr, condition.len),
		json_stringn(output.ptr, output.len) };
	char *quoted[2];
	int len;

	for (int i = 0; i < 2; i++) {
		quoted[i] = json_dumps(texts[i], JSON_ENCODE_ANY);
		json_decref(texts[i]);
	}
	(void)snprintf(file->name, sizeof(file->name), "case.yaml");
	len = asprintf(&file->bytes,
	    "- rule: r1\n  desc: d\n  condition: %s\n  output: %s\n  priority: info\n"
	    "  warn_evttypes: false\n", quoted[0] ? quoted[0] : "", quoted[1] ? quoted[1] : "");
	file->len = len < 0 ? 0 : (size_t)len;
	free(quoted[0]);
	free(quoted[1]);
}

/*
 * Add to NAMES the codes in DIAGS that are of LEVEL, up to the first error: the reference
 * engine stops there.
 */
static void
codes_add(struct namelist *names, const struct diags *diags, enum diag_level level)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *diag = &diags->items[i];

		if (diag->code[0] == '\0')
			continue; /* plugins that are missing: said beside the result */
		if (diag->level == level)
			namelist_add(names, span_text(diag->code));
		if (diag->level == DIAG_ERROR)
			break;
	}
}

void
compare_codes(struct verdict *verdict, const char *what, const json_t *expected,
    const struct ruleset_result *results, size_t count, enum diag_level level)
{
	static struct namelist want, got;

	if (expected == NULL)
		return;
	namelist_clear(&want);
	namelist_clear(&got);
	namelist_add_json(&want, expected);
	for (size_t i = 0; i < count; i++)
		codes_add(&got, &results[i].diags, level);
	verdict_compare(verdict, what, namelist_text(&want), namelist_text(&got));
}

/* --- one rule --- */

/* The first error, for people. */
static const char *
first_error(const struct diags *diags)
{
	for (size_t i = 0; i < diags->count; i++)
		if (diags->items[i].level == DIAG_ERROR)
			return diags->items[i].text;
	return "compiling";
}

bool
rule_load(struct ruleset *ruleset, struct span condition, struct span output, bool expected,
    struct verdict *verdict)
{
	const struct ruleset_options options = { .priority = PRIORITY_DEBUG, .undelivered = true };
	static struct ruleset_result result;
	static struct ruleset_file file;
	bool good;

	memset(&result, 0, sizeof(result));
	rule_file_make(condition, output, &file);
	good = ruleset_load(ruleset, &file, 1, &options, &result) == 0;
	verdict_bool(verdict, first_error(&result.diags), expected, good);
	diags_fini(&result.diags);
	free(file.bytes);
	return good;
}

void
run_compile(const json_t *test, struct stream *stream, struct verdict *verdict)
{
	const struct ruleset_options options = { .priority = PRIORITY_DEBUG, .undelivered = true };
	static struct ruleset_result result;
	static struct ruleset_file file;
	struct ruleset ruleset;

	(void)stream;
	memset(&result, 0, sizeof(result));
	rule_file_make(json_span(test, "condition"), SPAN_OF("x"), &file);
	verdict_bool(verdict, "compiling", case_expect_ok(test),
	    ruleset_load(&ruleset, &file, 1, &options, &result) == 0);
	compare_codes(verdict, "errors", case_expect(test, "errors"), &result, 1, DIAG_ERROR);
	compare_codes(verdict, "warnings", case_expect(test, "warnings"), &result, 1, DIAG_WARNING);
	if (verdict->differences > 0 && result.diags.error_count > 0)
		text_format(&verdict->text, "    because:  %s\n", first_error(&result.diags));
	diags_fini(&result.diags);
	free(file.bytes);
	ruleset_fini(&ruleset);
}

/* --- event types --- */

static bool
codes_have(const uint64_t *codes, uint32_t code)
{
	return codes[code / 64] >> (code % 64) & 1;
}

static struct span
codes_text(struct namelist *names, const uint64_t *codes)
{
	namelist_clear(names);
	for (uint32_t code = 0; code < EVTCODE_COUNT; code++)
		if (evtcode_is_judged(code) && codes_have(codes, code))
			namelist_add(names, evtcode_name(code));
	namelist_make_set(names);
	return namelist_text(names);
}

/* The codes of all names in the array LIST. */
static void
codes_of(const json_t *list, uint64_t *codes)
{
	const json_t *item;
	size_t i;

	memset(codes, 0, EVTCODE_WORDS * sizeof(*codes));
	json_array_foreach (list, i, item)
		(void)evtcode_find((struct span){ json_string_value(item),
		    json_string_length(item) }, codes);
}

static void
expected_codes(const json_t *expected, uint64_t *codes)
{
	const json_t *except = json_object_get(expected, "all_except");

	codes_of(except != NULL ? except : json_object_get(expected, "only"), codes);
	if (json_is_string(expected) && strcmp(json_string_value(expected), "all") == 0)
		memcpy(codes, evtcode_universe(), EVTCODE_WORDS * sizeof(*codes));
	for (uint32_t i = 0; except != NULL && i < EVTCODE_WORDS; i++)
		codes[i] = evtcode_universe()[i] & ~codes[i];
}

void
run_evttypes(const json_t *test, struct stream *stream, struct verdict *verdict)
{
	static struct namelist want_names, got_names;
	uint64_t want[EVTCODE_WORDS], got[EVTCODE_WORDS];
	const struct ast_node *refused;
	struct parse_error error;
	struct ast_node *tree;
	struct arena arena;
	bool good;

	(void)stream;
	arena_init(&arena, ANALYSIS_BYTES_MAX);
	good = parse_condition(&arena, json_span(test, "condition"), 0, PARSE_DEPTH_RULES, &tree,
	    &error) == 0 && rulecheck_codes(tree, got, &refused) == 0;
	verdict_bool(verdict, "analysis", case_expect_ok(test), good);
	if (good && case_expect_ok(test)) {
		expected_codes(case_expect(test, "evttypes"), want);
		verdict_compare(verdict, "events", codes_text(&want_names, want),
		    codes_text(&got_names, got));
	}
	arena_fini(&arena);
}
