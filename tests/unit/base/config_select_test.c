/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "config_fixture.h"
#include "text.h"

/* All selections as "+rule,tag -rule,tag". */
static const char *
selections(void)
{
	static char buf[4096];
	struct text text;

	text_init(&text, buf, sizeof(buf));
	for (size_t i = 0; i < config.rules.count; i++)
		text_format(&text, "%s%c%s,%s", i > 0 ? " " : "",
		    config.rules.items[i].enable ? '+' : '-', config.rules.items[i].rule,
		    config.rules.items[i].tag);
	return buf;
}

/* What comes of YAML: the selections, or the first error. */
static const char *
parsed(const char *yaml)
{
	static char buf[DIAG_TEXT_MAX + 32];

	diags_fini(&diags);
	if (config_parse(&config, "t.yaml", yaml, strlen(yaml), &diags) == 0)
		return selections();
	(void)snprintf(buf, sizeof(buf), "%d:%d %s", diags.items[0].line, diags.items[0].column,
	    diags.items[0].text);
	return buf;
}

static const char *
set(const char *assignment)
{
	diags_fini(&diags);
	return config_set(&config, assignment, &diags) == 0 ? selections() : diags.items[0].text;
}

static void
a_file_selects_in_its_order(void **state)
{
	(void)state;
	assert_string_equal(parsed("rules:\n- disable: {rule: \"*\"}\n- enable:\n    tag: net\n"
	    "- enable: {rule: a b, tag: c}\n"), "-*, +,net +a b,c");
	assert_string_equal(parsed("rules:\n"), "");
	assert_string_equal(parsed("rules: []\n"), "");
}

static void
what_is_no_selection_is_refused_at_its_place(void **state)
{
	(void)state;
	assert_string_equal(parsed("rules: x\n"), "1:8 rules: expected a list, each entry like "
	    "{disable: {rule: NAME}} or {enable: {tag: NAME}}, got a single value");
	assert_string_equal(parsed("rules:\n- x\n"), "2:3 rules: expected a list, each entry like "
	    "{disable: {rule: NAME}} or {enable: {tag: NAME}}, got a single value");
	assert_string_equal(parsed("rules:\n- hide: {rule: a}\n"),
	    "2:3 rules: expected enable or disable, got \"hide\"");
	assert_string_equal(parsed("rules:\n- enable: a\n"),
	    "2:11 rules: expected rule or tag with a name, got a single value");
	assert_string_equal(parsed("rules:\n- enable: {}\n"),
	    "2:11 rules: expected rule or tag with a name, got a section");
	assert_string_equal(parsed("rules:\n- enable: {name: a}\n"),
	    "2:18 rules: expected rule or tag, got \"name\"");
	assert_string_equal(parsed("rules:\n- enable: {rule: }\n"),
	    "2:18 rules: expected a name, got nothing");
	assert_string_equal(parsed("rules:\n- enable: {rule: ''}\n"),
	    "2:18 rules: expected a name of 1 to 255 bytes, got \"\"");
	assert_string_equal(selections(), "");
}

static void
the_number_of_selections_has_a_bound(void **state)
{
	char yaml[8192];
	struct text text;

	(void)state;
	text_init(&text, yaml, sizeof(yaml));
	text_string(&text, "rules:\n");
	for (int i = 0; i < CONFIG_LIST_MAX; i++)
		text_string(&text, "- enable: {rule: a}\n");
	(void)parsed(yaml);
	assert_int_equal(config.rules.count, CONFIG_LIST_MAX);
	assert_string_equal(set("rules[].enable.rule=x"), "rules: expected at most 64 entries");
	text_string(&text, "- enable: {rule: a}\n");
	assert_string_equal(parsed(yaml), "66:3 rules: expected at most 64 entries");
}

static void
assignments_add_and_change_selections(void **state)
{
	(void)state;
	assert_string_equal(set("rules[].disable.rule=*"), "-*,");
	assert_string_equal(set("rules[].enable.tag=net"), "-*, +,net");
	assert_string_equal(set("rules[1].enable.rule=x"), "-*, +x,net");
	assert_string_equal(set("rules[1].disable.rule=y"), "-*, -y,");
	assert_string_equal(set("rules[]={enable: {tag: a}}"), "-*, -y, +,a");
	assert_string_equal(set("rules[0]={\"enable\": {\"rule\": \"b\"}}"), "+b, -y, +,a");
	assert_string_equal(set("rules=[{enable: {tag: c}}]"), "+,c");
}

static void
bad_assignments_are_refused(void **state)
{
	(void)state;
	assert_string_equal(set("rules[].enable=x"),
	    "expected enable.rule, enable.tag, disable.rule or disable.tag");
	assert_string_equal(set("rules[].enable.name=x"),
	    "rules: expected rule or tag, got \"name\"");
	assert_string_equal(set("rules[2].enable.rule=x"),
	    "rules: expected an index from 0 to 0, got 2");
	assert_string_equal(set("rules[]={enable: {tag: a}}, {enable: {tag: b}}"),
	    "expected one entry, and room for it");
	assert_string_equal(set("rules_files[].enable.rule=x"),
	    "rules_files: its entries have no keys");
	assert_string_equal(selections(), "");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_file_selects_in_its_order),
		TEST(what_is_no_selection_is_refused_at_its_place),
		TEST(the_number_of_selections_has_a_bound),
		TEST(assignments_add_and_change_selections),
		TEST(bad_assignments_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
