/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config_fixture.h"
#include "text.h"

/* YAML must give one error, at LINE and COLUMN, whose text is TEXT. */
static void
expect_error(const char *yaml, int line, int column, const char *text)
{
	struct config before = config;

	assert_int_equal(parse(yaml), -EINVAL);
	assert_int_equal(diags.count, 1);
	assert_string_equal(diags.items[0].text, text);
	assert_int_equal(diags.items[0].line, line);
	assert_int_equal(diags.items[0].column, column);
	assert_true(diags.items[0].caret >= 0);
	assert_memory_equal(&before, &config, sizeof(config));
	diags_fini(&diags);
}

static void
defaults_are_those_of_the_rows(void **state)
{
	(void)state;
	assert_int_equal(config.priority, CONFIG_PRIORITY_DEBUG);
	assert_int_equal(config.collector_hold_us, 2000);
	assert_int_equal(config.rings_alert_bytes, 1 << 20);
	assert_string_equal(config.run_dir, "/run/saker");
	assert_int_equal(config.rules_files.count, 1);
	assert_string_equal(config.rules_files.items[0], "/etc/saker/rules.d");
	assert_true(config.json_include_tags);
	assert_false(config.json_output);
	assert_int_equal(config_check(&config, "t.yaml", &diags), 0);
}

static void
file_sets_every_type(void **state)
{
	(void)state;
	assert_int_equal(parse(
	    "json_output: yes\n"
	    "priority: WARNING\n"
	    "spool: {sync: always, bytes_max: 64 MiB, dir: \"/s\"}\n"
	    "collector:\n"
	    "  hold_us: 0\n"
	    "rings: {raw_bytes: 131072, full_bytes: 2MiB}\n"
	    "rules_files: [/a, '/b c']\n"
	    "engine:\n  kind: modern_ebpf\n"
	    "stdout_output:\n"), 0);
	assert_int_equal(diags.count, 0);
	assert_true(config.json_output);
	assert_int_equal(config.priority, CONFIG_PRIORITY_WARNING);
	assert_int_equal(config.spool_sync, CONFIG_SYNC_ALWAYS);
	assert_int_equal(config.spool_bytes_max, 64 << 20);
	assert_string_equal(config.spool_dir, "/s");
	assert_int_equal(config.collector_hold_us, 0);
	assert_int_equal(config.rings_full_bytes, 2 << 20);
	assert_int_equal(config.rules_files.count, 2);
	assert_string_equal(config.rules_files.items[1], "/b c");
}

static void
empty_files_change_nothing(void **state)
{
	struct config before = config;

	(void)state;
	assert_int_equal(parse(""), 0);
	assert_int_equal(parse("# only a comment\n"), 0);
	assert_int_equal(parse("---\n...\n"), 0);
	assert_int_equal(parse("spool:\nengine: ~\n"), 0);
	assert_int_equal(parse("\xef\xbb\xbf" "json_output: false\n"), 0);
	assert_memory_equal(&before, &config, sizeof(config));
}

static void
errors_quote_the_value_and_name_its_place(void **state)
{
	(void)state;
	expect_error("spool:\n  frame_ms: 1001\n", 2, 13,
	    "spool.frame_ms: expected a whole number from 0 to 1000 (ms), got \"1001\"");
	expect_error("spool: {frame_ms: fast}", 1, 19,
	    "spool.frame_ms: expected a whole number from 0 to 1000 (ms), got \"fast\"");
	expect_error("rings: {raw_bytes: 65537}", 1, 20,
	    "rings.raw_bytes: expected a power of two from 131072 to 1073741824 (bytes), "
	    "got \"65537\"");
	expect_error("json_output: maybe", 1, 14,
	    "json_output: expected true or false, got \"maybe\"");
	expect_error("spool: {sync: Always}", 1, 15,
	    "spool.sync: expected always, interval or never, got \"Always\"");
	expect_error("spool: {dir: ''}", 1, 14,
	    "spool.dir: expected a path of 1 to 255 bytes, got \"\"");
	expect_error("\xc3\xa9\xc3\xa9: 1", 1, 1, "\"\xc3\xa9\xc3\xa9\" is not a key");
	expect_error("spool: {\"\xc3\xa9\": 1}", 1, 9, "\"spool.\xc3\xa9\" is not a key");
	expect_error("spool: {dir: \"\xc3\xa9\", sync: no}", 1, 26, /* columns count bytes */
	    "spool.sync: expected always, interval or never, got \"no\"");
}

static void
wrong_shapes_are_refused(void **state)
{
	(void)state;
	expect_error("json_output: [true]", 1, 14,
	    "json_output: expected true or false, got a list");
	expect_error("json_output:\n", 1, 13, "json_output: expected true or false, got nothing");
	expect_error("spool: 7", 1, 8, "spool: expected a section of keys, got a single value");
	expect_error("rules_files: {a: b}", 1, 14,
	    "rules_files: expected a list, each entry a path of 1 to 255 bytes, got a section");
	expect_error("rules_files: [[a]]", 1, 15,
	    "rules_files: expected a list, each entry a path of 1 to 255 bytes, got a list");
	expect_error("- a", 1, 1, "expected keys and values, got a list");
	expect_error("? [a]\n: b", 1, 3, "expected the name of a key, got a list");
	expect_error("a: 1\n---\nb: 2\n" + 5, 2, 1, "\"b\" is not a key");
	expect_error("spool.sync: never", 1, 1,
	    "expected the name of a key, without dots; got \"spool.sync\"");
	expect_error("---\njson_output: true\n---\njson_output: true\n", 4, 1,
	    "expected one document, got another");
}

static void
unknown_keys_suggest_the_near_one(void **state)
{
	(void)state;
	expect_error("prioritty: debug", 1, 1,
	    "\"prioritty\" is not a key; did you mean \"priority\"?");
	expect_error("spool:\n  snyc: never\n", 2, 3,
	    "\"spool.snyc\" is not a key; did you mean \"spool.sync\"?");
	expect_error("engin:\n  kind: x\n", 1, 1,
	    "\"engin\" is not a key; did you mean \"engine\"?");
	expect_error("webservers: 1", 1, 1,
	    "\"webservers\" is not a key; did you mean \"webserver\"?");
	expect_error("colour: red", 1, 1, "\"colour\" is not a key");
}

static void
very_long_keys_are_refused(void **state)
{
	char yaml[600];

	(void)state;
	memset(yaml, 'k', sizeof(yaml));
	strcpy(yaml + 500, ": 1\n");
	assert_int_equal(parse(yaml), -EINVAL);
	assert_int_equal(diags.count, 1);
	strcpy(yaml + 500, "=1");
	assert_int_equal(config_set(&config, yaml, &diags), -EINVAL);
}

static void
repeated_keys_are_errors(void **state)
{
	(void)state;
	expect_error("json_output: true\n\njson_output: true\n", 3, 1,
	    "\"json_output\" is set twice, first in line 1");
	expect_error("spool:\n  sync: never\n  sync: always\n", 3, 3,
	    "\"spool.sync\" is set twice, first in line 2");
}

static void
old_name_warns_and_clashes_with_the_new(void **state)
{
	(void)state;
	assert_int_equal(parse("rules_file: /r.yaml\n"), 0);
	assert_string_equal(config.rules_files.items[0], "/r.yaml");
	assert_int_equal(config.rules_files.count, 1);
	assert_int_equal(diags.count, 1);
	assert_int_equal(diags.items[0].level, DIAG_WARNING);
	diags_fini(&diags);
	assert_int_equal(parse("rules_file: /r\nrules_files: [/s]\n"), -EINVAL);
}

static void
all_errors_of_a_file_are_reported(void **state)
{
	(void)state;
	assert_int_equal(parse("a: 1\njson_output: x\nspool: {frame_ms: -1, what: 2}\n"), -EINVAL);
	assert_int_equal(diags.error_count, 4);
}

static void
syntax_errors_carry_their_place(void **state)
{
	(void)state;
	assert_int_equal(parse("json_output: true\n  bad: [\n"), -EINVAL);
	assert_int_equal(diags.count, 1);
	assert_int_equal(diags.items[0].line, 2);
	diags_fini(&diags);
	assert_int_equal(parse("a: \"\xff\"\n"), -EINVAL);
	assert_int_equal(diags.count, 1);
	diags_fini(&diags);
	assert_int_equal(parse("a: *nobody\n"), -EINVAL);
	assert_int_equal(parse("a: &x [*x]\nspool: *x\n"), -EINVAL);
}

static void
foreign_keys_are_warned_of_by_name(void **state)
{
	(void)state;
	assert_int_equal(parse("webserver:\n  enabled: true\n"
	    "engine:\n  kmod: {buf_size_preset: 4}\n"), 0);
	assert_int_equal(diags.count, 2);
	assert_int_equal(diags.error_count, 0);
	assert_string_equal(diags.items[0].text,
	    "\"webserver\" is not used: there is no web server");
	assert_string_equal(diags.items[1].text,
	    "\"engine.kmod\" is not used: there is no kernel module");
}

static void
other_engines_are_refused_with_the_reason(void **state)
{
	(void)state;
	expect_error("engine: {kind: kmod}", 1, 16, "engine.kind: \"kmod\" can not be used: "
	    "events come from eBPF only: use modern_ebpf");
	expect_error("engine: {kind: zeek}", 1, 16,
	    "engine.kind: expected modern_ebpf, got \"zeek\"");
}

static void
lists_have_a_bound(void **state)
{
	char yaml[4096];
	struct text text;
	int i;

	(void)state;
	text_init(&text, yaml, sizeof(yaml));
	text_string(&text, "rules_files:\n");
	for (i = 0; i < CONFIG_LIST_MAX; i++)
		text_format(&text, "- /r%d\n", i);
	assert_int_equal(parse(yaml), 0);
	assert_int_equal(config.rules_files.count, CONFIG_LIST_MAX);
	text_string(&text, "- /more\n- /most\n");
	expect_error(yaml, CONFIG_LIST_MAX + 2, 3, "rules_files: expected at most 64 entries");
	expect_set_error("rules_files[]=/more", 15, "rules_files: expected at most 64 entries");
	assert_int_equal(parse("rules_files:\n"), 0);
	assert_int_equal(config.rules_files.count, 0);
}

static void
variables_are_expanded_in_values(void **state)
{
	(void)state;
	setenv("CONFIG_TEST_A", "/x${CONFIG_TEST_B}", 1);
	setenv("CONFIG_TEST_B", "/y", 1);
	unsetenv("CONFIG_TEST_NONE");
	assert_int_equal(parse("spool: {dir: '${CONFIG_TEST_A}${CONFIG_TEST_NONE}/z'}"), 0);
	assert_string_equal(config.spool_dir, "/x/y/z");
	assert_int_equal(parse("spool: {dir: '/$${CONFIG_TEST_A}$HOME${'}"), 0);
	assert_string_equal(config.spool_dir, "/${CONFIG_TEST_A}$HOME${");
	setenv("CONFIG_TEST_A", "250", 1);
	assert_int_equal(config_set(&config, "collector.poll_us=${CONFIG_TEST_A}", &diags), 0);
	assert_int_equal(config.collector_poll_us, 250);
	setenv("CONFIG_TEST_A", "${CONFIG_TEST_A}", 1);
	expect_error("spool: {dir: '${CONFIG_TEST_A}'}", 1, 14,
	    "spool.dir: \"${CONFIG_TEST_A}\": variables expand without end");
	setenv("CONFIG_TEST_A", "x${CONFIG_TEST_A}${CONFIG_TEST_A}", 1);
	assert_int_equal(parse("spool: {dir: '${CONFIG_TEST_A}'}"), -EINVAL);
	unsetenv("CONFIG_TEST_A");
	unsetenv("CONFIG_TEST_B");
}

static void
load_reads_files_and_tells_what_it_can_not_read(void **state)
{
	char path[] = "/tmp/config_test.XXXXXX";
	int fd = mkstemp(path);
	char *big = calloc(1, CONFIG_FILE_BYTES_MAX + 1);

	(void)state;
	assert_true(fd >= 0);
	assert_non_null(big);
	assert_int_equal(write(fd, "json_output: true\n", 18), 18);
	assert_int_equal(config_load(&config, path, &diags), 0);
	assert_true(config.json_output);
	memset(big, '#', CONFIG_FILE_BYTES_MAX + 1);
	assert_int_equal(pwrite(fd, big, CONFIG_FILE_BYTES_MAX, 0), CONFIG_FILE_BYTES_MAX);
	assert_int_equal(config_load(&config, path, &diags), 0);
	assert_int_equal(pwrite(fd, big, CONFIG_FILE_BYTES_MAX + 1, 0), CONFIG_FILE_BYTES_MAX + 1);
	assert_int_equal(config_load(&config, path, &diags), -EINVAL);
	assert_int_equal(diags.count, 1);
	close(fd);
	unlink(path);
	free(big);
	assert_int_equal(config_load(&config, path, &diags), -ENOENT);
	assert_int_equal(config_load(&config, "/", &diags), -EISDIR);
	assert_int_equal(diags.count, 1);
}

static void
too_many_errors_end_the_walk(void **state)
{
	char *yaml = malloc(CONFIG_FILE_BYTES_MAX + 1);
	struct text text;
	int i;

	(void)state;
	assert_non_null(yaml);
	text_init(&text, yaml, CONFIG_FILE_BYTES_MAX + 1);
	for (i = 0; i < 30000; i++)
		text_format(&text, "%x:\n", i);
	assert_int_equal(parse(yaml), -EINVAL);
	assert_int_equal(diags.count, DIAG_LIST_MAX);
	free(yaml);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(defaults_are_those_of_the_rows),
		TEST(file_sets_every_type),
		TEST(empty_files_change_nothing),
		TEST(errors_quote_the_value_and_name_its_place),
		TEST(wrong_shapes_are_refused),
		TEST(unknown_keys_suggest_the_near_one),
		TEST(very_long_keys_are_refused),
		TEST(repeated_keys_are_errors),
		TEST(old_name_warns_and_clashes_with_the_new),
		TEST(all_errors_of_a_file_are_reported),
		TEST(syntax_errors_carry_their_place),
		TEST(foreign_keys_are_warned_of_by_name),
		TEST(other_engines_are_refused_with_the_reason),
		TEST(lists_have_a_bound),
		TEST(variables_are_expanded_in_values),
		TEST(load_reads_files_and_tells_what_it_can_not_read),
		TEST(too_many_errors_end_the_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
