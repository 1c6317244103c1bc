/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loading.h"

/* A file and the codes of loading it alone, up to the first error. */
struct load_case {
	const char *file;
	const char *codes;
};

static void
assert_loads(const struct load_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *codes = load_codes(cases[i].file);

		if (strcmp(codes, cases[i].codes) != 0)
			fail_msg("%s: got `%s`, expected `%s`", cases[i].file, codes,
			    cases[i].codes);
	}
}

#define ASSERT_LOADS(cases) assert_loads(cases, sizeof(cases) / sizeof((cases)[0]))
#define LIST "- list: l\n  items: [a]\n"
#define BASE RULE("r", "evt.type = open")
#define UPDATE "- rule: r\n"

static void
kinds_of_items_are_told_by_their_keys(void **state)
{
	static const struct load_case cases[] = {
		{ "", "" },
		{ "# nothing\n", "" },
		{ "-\n- null\n", "" },
		{ "---\n---\n" BASE, "" },
		{ "words\n", "ERR_YAML_VALIDATE" },
		{ "rule: r\n", "ERR_YAML_VALIDATE" },
		{ "- words\n", "ERR_YAML_VALIDATE" },
		{ "- {}\n", "UNKNOWN_ITEM" },
		{ "- thing: 1\n", "UNKNOWN_ITEM" },
		{ BASE "  typo: 1\n  other: 2\n", "UNKNOWN_KEY UNKNOWN_KEY" },
		{ "- macro: m\n  condition: a.b = 1\n  list: l\n", "ERR_YAML_VALIDATE" },
		{ "- list: l\n  items: []\n  macro: m\n", "UNKNOWN_KEY UNUSED_LIST" },
		{ "- x: [\n", "ERR_YAML_PARSE" },
	};

	(void)state;
	ASSERT_LOADS(cases);
}

static void
keys_must_be_what_they_should(void **state)
{
	static const struct load_case cases[] = {
		{ "- list:\n  items: [a]\n", "ERR_YAML_VALIDATE" },
		{ "- list: ''\n  items: [a]\n", "ERR_YAML_VALIDATE" },
		{ "- list: l\n", "ERR_YAML_VALIDATE" },
		{ "- list: l\n  items: a\n", "ERR_YAML_VALIDATE" },
		{ "- list: l\n  items: [[a]]\n", "ERR_YAML_VALIDATE" },
		{ "- list: l\n  items: [null]\n", "ERR_YAML_VALIDATE" },
		{ "- list: 'a b'\n  items: []\n", "INVALID_LIST_NAME UNUSED_LIST" },
		{ "- macro: a-b\n  condition: a.b = 1\n", "INVALID_MACRO_NAME UNUSED_MACRO" },
		{ "- macro: m\n", "ERR_YAML_VALIDATE" },
		{ BASE "  enabled: maybe\n", "ERR_YAML_VALIDATE" },
		{ BASE "  enabled:\n", "ERR_YAML_VALIDATE" },
		{ BASE "  capture: 'yes'\n  capture_duration: 0x10\n", "" },
		{ BASE "  capture_duration: -1\n", "ERR_YAML_VALIDATE" },
		{ BASE "  tags: [a, [b]]\n", "ERR_YAML_VALIDATE" },
		{ BASE "  tags: a\n", "ERR_YAML_VALIDATE" },
		{ BASE "  source:\n", "ERR_YAML_VALIDATE" },
		{ BASE "  source: other\n", "UNKNOWN_SOURCE" },
		{ "- rule: r\n  desc: d\n  output: o\n  priority: URGENT\n  condition: a\n",
		    "ERR_YAML_VALIDATE" },
		{ "- rule: r\n  desc: d\n  output: o\n  priority: info\n",
		    "ERR_YAML_VALIDATE" },
		{ "- rule: r\n  tags: [x]\n", "ERR_YAML_VALIDATE" },
		{ "- rule: r\n  enabled: true\n", "DEPRECATED_ITEM ERR_VALIDATE" },
		{ BASE UPDATE "  enabled: false\n", "DEPRECATED_ITEM" },
	};

	(void)state;
	ASSERT_LOADS(cases);
}

static void
versions_are_checked(void **state)
{
	static const struct load_case cases[] = {
		{ "- required_engine_version: 26\n", "" },
		{ "- required_engine_version: 0.63.0\n", "" },
		{ "- required_engine_version: 0.63.1\n- 7\n", "ERR_VALIDATE" },
		{ "- required_engine_version: 1.0.0\n", "ERR_VALIDATE" },
		{ "- required_engine_version: seven\n", "ERR_YAML_VALIDATE" },
		{ "- required_plugin_versions: x\n", "ERR_YAML_VALIDATE" },
		{ "- required_plugin_versions: [{name: a}]\n", "ERR_YAML_VALIDATE" },
		{ "- required_plugin_versions: [{name: a, version: 0.1}]\n", "ERR_VALIDATE" },
		{ "- required_plugin_versions: [{name: a, version: 0.1.0}]\n", "" },
		{ "- required_plugin_versions:\n  - {name: a, version: 1.0.0,\n"
		    "     alternatives: [{name: a, version: 1.0.0}]}\n", "ERR_VALIDATE" },
	};

	(void)state;
	ASSERT_LOADS(cases);
}

static void
appending_needs_something_to_append_to(void **state)
{
	static const struct load_case cases[] = {
		{ "- list: l\n  items: [a]\n  append: true\n", "DEPRECATED_ITEM ERR_VALIDATE" },
		{ LIST "- list: l\n  items: [a]\n  append: true\n",
		    "DEPRECATED_ITEM UNUSED_LIST" },
		{ LIST "- list: l\n  items: [a]\n  append: false\n", "UNUSED_LIST" },
		{ UPDATE "  append: true\n  condition: and a\n",
		    "DEPRECATED_ITEM ERR_VALIDATE" },
		{ BASE UPDATE "  append: true\n  output: o\n", "DEPRECATED_ITEM ERR_VALIDATE" },
		{ BASE UPDATE "  append: true\n  condition: ''\n",
		    "DEPRECATED_ITEM ERR_YAML_VALIDATE" },
		{ BASE UPDATE "  append: true\n  condition: and a.b = 1\n  source: ''\n",
		    "DEPRECATED_ITEM" },
		{ BASE UPDATE "  append: true\n  condition: and a.b = 1\n  source: k\n",
		    "DEPRECATED_ITEM ERR_VALIDATE" },
		{ BASE UPDATE "  append: true\n  condition: and a.b = 1\n"
		    "  override: {condition: append}\n",
		    "DEPRECATED_ITEM ERR_YAML_VALIDATE" },
	};

	(void)state;
	ASSERT_LOADS(cases);
}

static void
overrides_name_what_they_change(void **state)
{
	static const struct load_case cases[] = {
		{ LIST "- list: l\n  items: [b]\n  override: {items: append}\n",
		    "UNUSED_LIST" },
		{ "- list: l\n  items: [b]\n  override: {items: append}\n", "ERR_VALIDATE" },
		{ "- list: l\n  items: [b]\n  override: {items: replace}\n", "UNUSED_LIST" },
		{ LIST "- list: l\n  items: [b]\n  override: {condition: append}\n",
		    "ERR_YAML_VALIDATE" },
		{ UPDATE "  desc: x\n  override: {desc: replace}\n", "ERR_VALIDATE" },
		{ BASE UPDATE "  desc: x\n  override: {desc: replace}\n", "" },
		{ BASE UPDATE "  desc: x\n  override: {desc: merge}\n", "ERR_YAML_VALIDATE" },
		{ BASE UPDATE "  desc: x\n  override: {desc: [a]}\n", "ERR_VALIDATE" },
		{ BASE UPDATE "  desc: x\n  override: [desc]\n", "ERR_VALIDATE" },
		{ BASE UPDATE "  desc: x\n  override: {}\n", "ERR_YAML_VALIDATE" },
		{ BASE UPDATE "  desc: x\n  override: {desc: replace, tags: append}\n",
		    "ERR_YAML_VALIDATE" },
		{ BASE UPDATE "  desc: x\n  tags: [a]\n  override: {desc: replace}\n",
		    "ERR_YAML_VALIDATE" },
		{ BASE UPDATE "  priority: info\n  override: {priority: append}\n",
		    "ERR_YAML_VALIDATE" },
		{ BASE UPDATE "  source: x\n  override: {source: replace}\n",
		    "ERR_YAML_VALIDATE" },
	};

	(void)state;
	ASSERT_LOADS(cases);
}

#define EXCEPTIONS(text) BASE "  exceptions:\n  - {name: e, " text "}\n"

static void
exceptions_fit_their_fields(void **state)
{
	static const struct load_case cases[] = {
		{ BASE "  exceptions:\n", "" },
		{ BASE "  exceptions: [x]\n", "ERR_YAML_VALIDATE" },
		{ BASE "  exceptions: [{fields: a.b}]\n", "ERR_YAML_VALIDATE" },
		{ BASE "  exceptions: [{name: e}]\n", "ERR_YAML_VALIDATE" },
		{ EXCEPTIONS("fields: a.b, values: [x]"), "" },
		{ EXCEPTIONS("fields: a.b, values: x"), "ERR_YAML_VALIDATE" },
		{ EXCEPTIONS("fields: [a.b], values: [['']]"), "ERR_YAML_VALIDATE" },
		{ EXCEPTIONS("fields: []"), "ERR_VALIDATE" },
		{ EXCEPTIONS("fields: a.b, comps: ="), "ERR_VALIDATE" },
		{ EXCEPTIONS("fields: a.b, comps: [in]"), "ERR_VALIDATE" },
		{ EXCEPTIONS("fields: a.b, comps: ' startswith  oneof ', values: [x]"), "" },
		{ EXCEPTIONS("fields: [a.b, c.d], comps: [in]"), "ERR_VALIDATE" },
		{ EXCEPTIONS("fields: [a.b], comps: ['>= oneof']"), "ERR_VALIDATE" },
		{ EXCEPTIONS("fields: [a.b], comps: [exists]"), "" },
		{ EXCEPTIONS("fields: [a.b], values: [x]"), "ERR_VALIDATE" },
		{ EXCEPTIONS("fields: [a.b, c.d], values: [[x]]"), "ERR_VALIDATE" },
		{ EXCEPTIONS("fields: a.b, values: [[x]]"), "ERR_VALIDATE" },
		{ EXCEPTIONS("fields: [a.b], values: [[[[x]]]]"), "ERR_VALIDATE" },
		{ EXCEPTIONS("fields: [a.b]}\n  - {name: e, fields: [a.b]"),
		    "EXCEPTION_NAME_NOT_UNIQUE" },
	};

	(void)state;
	ASSERT_LOADS(cases);
}

#define APPEND_EXCEPTION(text)                                                             \
	EXCEPTIONS("fields: [a.b]")                                                        \
	UPDATE "  exceptions: [{" text "}]\n  override: {exceptions: append}\n"

static void
appended_exceptions_bring_values(void **state)
{
	static const struct load_case cases[] = {
		{ APPEND_EXCEPTION("name: e, values: [[x]]"), "" },
		{ APPEND_EXCEPTION("name: e"), "APPEND_NO_VALUES" },
		{ APPEND_EXCEPTION("name: e, comps: [in], values: [[x]]"), "ERR_VALIDATE" },
		{ APPEND_EXCEPTION("name: f, values: [x]"), "ERR_VALIDATE" },
		{ APPEND_EXCEPTION("name: f, fields: c.d"), "APPEND_NO_VALUES ERR_VALIDATE" },
		{ APPEND_EXCEPTION("name: f, fields: c.d, values: []"), "ERR_VALIDATE" },
		{ APPEND_EXCEPTION("name: f, fields: c.d, values: [x]"), "" },
		{ APPEND_EXCEPTION("values: [x]"), "ERR_YAML_VALIDATE" },
	};

	(void)state;
	ASSERT_LOADS(cases);
}

/* --- what is kept --- */

static int
load(const char *file)
{
	diags_fini(&diags);
	return load_text(loader, file, &diags, &rules);
}

static void
changes_end_up_in_the_rule(void **state)
{
	const struct rule *rule;

	(void)state;
	assert_int_equal(load("- rule: r\n  desc: d\n  condition: evt.type=open\n  output: ' o '\n"
	    "  priority: eMErgency\n  tags: [z, a, z]\n  capture: on\n  capture_duration: 7\n"
	    "- rule: r\n  desc: more\n  output: ' p '\n  tags: [m, a]\n"
	    "  condition: and a.b=1\n  enabled: no\n"
	    "  warn_evttypes: n\n  skip-if-unknown-filter: y\n  priority: Info\n"
	    "  override: {desc: append, output: append, tags: append, condition: append,\n"
	    "    enabled: replace, warn_evttypes: replace, skip-if-unknown-filter: replace,\n"
	    "    priority: replace}\n"), 0);
	assert_int_equal(rules->rule_count, 1);
	rule = &rules->rules[0];
	assert_string_equal(rule->desc.ptr, "d more");
	assert_string_equal(rule->output.ptr, "o  p ");
	assert_string_equal(rule->condition.text.ptr, "evt.type=open and a.b=1");
	assert_int_equal(rule->priority, PRIORITY_INFORMATIONAL);
	assert_int_equal(rule->tag_count, 3);
	assert_string_equal(rule->tags[0].ptr, "a");
	assert_string_equal(rule->tags[2].ptr, "z");
	assert_false(rule->enabled || rule->warn_evttypes);
	assert_true(rule->skip_if_unknown_filter && rule->capture);
	assert_int_equal(rule->capture_duration_ms, 7);
}

static void
redefinition_keeps_the_place_and_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(load(RULE("a", "a.b = 1") "  enabled: false\n  tags: [t]\n"
	    RULE("b", "a.b = 2")), 0);
	assert_int_equal(load(RULE("a", "a.b = 3")), 0);
	assert_int_equal(rules->rule_count, 2);
	assert_string_equal(rules->rules[0].name.ptr, "a");
	assert_string_equal(rules->rules[0].condition.text.ptr, "a.b = 3");
	assert_true(rules->rules[0].enabled);
	assert_int_equal(rules->rules[0].tag_count, 0);
}

static void
all_errors_are_told_but_nothing_behind_the_first_is_kept(void **state)
{
	(void)state;
	assert_int_equal(load(RULE("kept", "a.b = 1")), 0);
	assert_true(load(RULE("before", "a.b = 1") "- list: l\n  items: x\n"
	    RULE("behind", "a.b = 1")
	    "- list: l\n  items: [y]\n  override: {items: append}\n"
	    "- macro: m\n" RULE("kept", "a.b = 2")) < 0);
	/* The list that would be appended to has an error of its own: one message, not two. */
	assert_int_equal(diags.error_count, 2);
	assert_int_equal(rules->rule_count, 1);
	assert_int_equal(load(""), 0);
	assert_int_equal(rules->rule_count, 2);
	assert_string_equal(rules->rules[0].condition.text.ptr, "a.b = 1");
	assert_string_equal(rules->rules[1].name.ptr, "before");
	assert_int_equal(load(RULE("behind", "a.b = 4")), 0);
	assert_int_equal(rules->rule_count, 3);
}

static void
failed_load_leaves_the_former_set(void **state)
{
	const struct rules *former;

	(void)state;
	assert_int_equal(load(RULE("a", "a.b = 1")), 0);
	former = rules;
	assert_true(load(RULE("b", "a.b =")) < 0);
	assert_ptr_equal(rules, former);
	assert_int_equal(rules->rule_count, 1);
	assert_string_equal(rules->rules[0].text.text.ptr, "a.b = 1");
}

static void
plugin_requirements_add_up(void **state)
{
	static const struct loader_plugin plugins[] = { { "a", { { 0, 2, 0 } } },
		{ "b", { { 1, 0, 0 } } } };
	const struct loader_options options = { .plugins = plugins, .plugin_count = 2 };

	(void)state;
	assert_int_equal(load("- required_plugin_versions: [{name: container, version: 0.4.0}]\n"),
	    0);
	assert_true(loader_plugins_met(loader, &diags));
	loader_free(loader);
	assert_non_null(loader = loader_new(&options));
	assert_int_equal(load("- required_plugin_versions:\n  - {name: x, version: 9.0.0,\n"
	    "     alternatives: [{name: a, version: 0.1.0}]}\n"), 0);
	assert_true(loader_plugins_met(loader, &diags));
	/* The first that is loaded decides. */
	assert_int_equal(load("- required_plugin_versions:\n  - {name: a, version: 0.3.0,\n"
	    "     alternatives: [{name: b, version: 1.0.0}]}\n"), 0);
	assert_false(loader_plugins_met(loader, &diags));
	assert_int_equal(diags.error_count, 1);
}

static bool
only_known_field(void *ctx, struct span source, struct span text)
{
	(void)ctx;
	return span_equal(source, SPAN_OF("syscall")) && span_equal(text, SPAN_OF("known.field"));
}

static void
fields_of_exceptions_are_asked_for(void **state)
{
	const struct loader_options options = { .ops.field_valid = only_known_field };

	(void)state;
	loader_free(loader);
	assert_non_null(loader = loader_new(&options));
	assert_int_equal(load(BASE "  exceptions: [{name: e, fields: [known.field]}]\n"), 0);
	assert_true(load(BASE "  exceptions: [{name: e, fields: [other.field]}]\n") < 0);
	assert_string_equal(codes_of(&diags), "ERR_VALIDATE");
	assert_int_equal(load(RULE("q", "a")
	    "  source: other\n  exceptions: [{name: e, fields: [other.field]}]\n"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, loading_set_up, loading_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_of_items_are_told_by_their_keys),
		cmocka_unit_test(keys_must_be_what_they_should),
		cmocka_unit_test(versions_are_checked),
		cmocka_unit_test(appending_needs_something_to_append_to),
		cmocka_unit_test(overrides_name_what_they_change),
		cmocka_unit_test(exceptions_fit_their_fields),
		cmocka_unit_test(appended_exceptions_bring_values),
		TEST(changes_end_up_in_the_rule),
		TEST(redefinition_keeps_the_place_and_nothing_else),
		TEST(all_errors_are_told_but_nothing_behind_the_first_is_kept),
		TEST(failed_load_leaves_the_former_set),
		TEST(plugin_requirements_add_up),
		TEST(fields_of_exceptions_are_asked_for),
	};

	return cmocka_run_group_tests_name("collect", tests, NULL, NULL);
}
