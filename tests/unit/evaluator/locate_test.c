/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "diag.h"
#include "locate.h"
#include "schema.h"

static const char text[] =
    "- required_engine_version: 0.31.0\n"
    "- required_plugin_versions:\n"
    "  - name: json\n"
    "    version: 0.7.0\n"
    "    alternatives:\n"
    "    - {name: jsonng, version: 1.2.0}\n"
    "- list: shells\n"
    "  items: [sh, zsh]\n"
    "- macro: spawned\n"
    "  condition: evt.type = execve\n"
    "- rule: one\n"
    "  desc: first\n"
    "  condition: spawned\n"
    "  output: out\n"
    "  priority: INFO\n"
    "  override: {}\n"
    "  exceptions:\n"
    "  - name: x\n"
    "    fields: [proc.name]\n"
    "    values: [[aa], [bb]]\n"
    "- odd: 1\n";

static struct arena arena;
static const struct rulefile *file;

static const struct rulefile *
parse(const char *yaml)
{
	const struct rulefile *parsed;
	struct diags diags = DIAGS_NONE;

	assert_int_equal(rulefile_parse(&arena, "f", span_text(yaml), &diags, &parsed), 0);
	return parsed;
}

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena, 1 << 20);
	file = parse(text);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

/* The way to where MARK stands in the text, as "type name / type name". */
static const char *
way(const char *mark)
{
	static char buf[1024];
	struct location chain[LOCATE_MAX];
	const char *at = strstr(text, mark);
	uint32_t count;
	struct text out;

	assert_non_null(at);
	count = locate(file, (uint32_t)(at - text), chain);
	text_init(&out, buf, sizeof(buf));
	for (uint32_t i = 1; i < count; i++) {
		text_format(&out, "%s%s", i > 1 ? " / " : "", chain[i].type);
		if (chain[i].name.len > 0)
			text_format(&out, " %.*s", (int)chain[i].name.len, chain[i].name.ptr);
	}
	return buf;
}

static void
what_stands_somewhere_is_told_from_the_outside_in(void **state)
{
	(void)state;
	assert_string_equal(way("0.31.0"), "required_engine_version");
	assert_string_equal(way("0.7.0"), "required plugin versions / "
	    "required plugin versions entry json / value for version");
	assert_string_equal(way("1.2.0"), "required plugin versions / "
	    "required plugin versions entry json / required plugin versions alternative jsonng / "
	    "value for version");
	assert_string_equal(way("zsh"), "list shells / list item");
	assert_string_equal(way("evt.type"), "macro spawned / macro condition");
	assert_string_equal(way("one"), "rule one");
	assert_string_equal(way("first"), "rule one / value for desc");
	assert_string_equal(way("desc"), "rule one");
	assert_string_equal(way("out\n"), "rule one / rule output");
	assert_string_equal(way("INFO"), "rule one / rule priority");
	assert_string_equal(way("{}"), "rule one / overrides");
	assert_string_equal(way("[proc.name]"),
	    "rule one / exceptions / exception x / value for fields");
	assert_string_equal(way("bb"),
	    "rule one / exceptions / exception x / exception values / exception value");
	assert_string_equal(way("odd"), "rules content item");
}

static void
positions_count_from_0(void **state)
{
	struct location chain[LOCATE_MAX];
	const char *at = strstr(text, "zsh");

	(void)state;
	assert_int_equal(locate(file, (uint32_t)(at - text), chain), 3);
	assert_int_equal(chain[0].line, 0);
	assert_int_equal(chain[2].line, 7);
	assert_int_equal(chain[2].column, 14);
	assert_int_equal(chain[2].offset, at - text);
}

static void
a_file_without_items_is_a_place_too(void **state)
{
	struct location chain[LOCATE_MAX];

	(void)state;
	assert_int_equal(locate(parse(""), 0, chain), 1);
	assert_int_equal(locate(parse("a: b\n"), 3, chain), 1);
	assert_string_equal(chain[0].type, "rules content");
}

/* The first fault of YAML, "" for none, "-" when it was not checked. */
static const char *
fault_of(const char *yaml)
{
	static char buf[DIAG_TEXT_MAX];
	struct diags faults = DIAGS_NONE;
	bool checked = schema_check(parse(yaml), &faults);

	(void)snprintf(buf, sizeof(buf), "%s",
	    faults.count > 0 ? faults.items[0].text : checked ? "" : "-");
	diags_fini(&faults);
	return buf;
}

static void
the_schema_is_strict_about_keys_words_and_kinds(void **state)
{
	(void)state;
	assert_string_equal(fault_of(""), "-");
	assert_string_equal(fault_of("a: b\n"),
	    "the file holds a mapping, not a sequence of items");
	assert_string_equal(fault_of("- list: a\n  items: [1, true]\n"), "");
	assert_string_equal(fault_of("- list: a\n  itmes: []\n"), "`itmes` is no key of a list");
	assert_string_equal(fault_of("- list: a\n  items: [[b]]\n"),
	    "`items`: an element is a sequence");
	assert_string_equal(fault_of("- macro: a\n  condition: [b]\n"),
	    "`condition` is a sequence");
	assert_string_equal(fault_of("- rule: a\n  priority: INFO\n"), "");
	assert_string_equal(fault_of("- rule: a\n  priority: Info\n"),
	    "`priority`: `Info` is none of its words");
	assert_string_equal(fault_of("- rule: a\n  override: {}\n"), "an override without keys");
	assert_string_equal(fault_of("- rule: a\n  override: {source: append}\n"),
	    "`source` is no key of an override");
	assert_string_equal(fault_of("- rule: a\n  override: {tags: add}\n"),
	    "`tags`: `add` is none of its words");
	assert_string_equal(fault_of("- rule: a\n  exceptions: [{name: b, field: c}]\n"),
	    "`field` is no key of an exception");
	assert_string_equal(fault_of("- nothing: a\n"), "an item of no known kind");
	assert_string_equal(fault_of("- []\n"), "an item is a sequence");
	assert_string_equal(fault_of("- list: a\n---\n- odd: 1\n"), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_stands_somewhere_is_told_from_the_outside_in,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(positions_count_from_0, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_without_items_is_a_place_too, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(the_schema_is_strict_about_keys_words_and_kinds,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
