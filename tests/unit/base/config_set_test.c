/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "config_fixture.h"
#include "setting.h"
#include "setting_value.h"

static void
each_default_is_a_value_its_row_accepts(void **state)
{
	size_t count, i;
	const struct config_row *rows = config_rows(&count);

	(void)state;
	for (i = 0; i < count; i++) {
		char value[64], buf[512];
		struct text why;

		text_init(&why, buf, sizeof(buf));
		if (rows[i].type == CONFIG_SELECT)
			continue; /* none at first */
		if (rows[i].type == CONFIG_BOOL)
			snprintf(value, sizeof(value), "%s", rows[i].default_number ? "on" : "off");
		else if (rows[i].type == CONFIG_ENUM)
			snprintf(value, sizeof(value), "%s",
			    config_word(rows[i].unit, rows[i].default_number));
		else if (rows[i].default_text)
			snprintf(value, sizeof(value), "%s", rows[i].default_text);
		else
			snprintf(value, sizeof(value), "%lld", (long long)rows[i].default_number);
		assert_int_equal(setting_take(&rows[i], &config, 0, span_text(value), &why), 0);
		assert_int_equal(setting_find(rows[i].path).kind, SETTING_ROW);
		assert_ptr_equal(setting_find(rows[i].path).row, &rows[i]);
		assert_true(rows[i].min <= rows[i].max);
		assert_true(strlen(rows[i].path) < SETTING_PATH_MAX);
	}
}

static void
each_bound_is_accepted_and_what_is_past_it_refused(void **state)
{
	size_t count, i;
	const struct config_row *rows = config_rows(&count);
	char assignment[512];

	(void)state;
	for (i = 0; i < count; i++) {
		int64_t step = rows[i].type == CONFIG_SIZE ? rows[i].min : 1;

		if (rows[i].type != CONFIG_INT && rows[i].type != CONFIG_SIZE)
			continue;
		snprintf(assignment, sizeof(assignment), "%s=%lld", rows[i].path,
		    (long long)rows[i].min);
		assert_int_equal(config_set(&config, assignment, &diags), 0);
		snprintf(assignment, sizeof(assignment), "%s=%lld", rows[i].path,
		    (long long)rows[i].max);
		assert_int_equal(config_set(&config, assignment, &diags), 0);
		snprintf(assignment, sizeof(assignment), "%s=%lld", rows[i].path,
		    (long long)(rows[i].min - 1));
		assert_int_equal(config_set(&config, assignment, &diags), -EINVAL);
		snprintf(assignment, sizeof(assignment), "%s=%lld", rows[i].path,
		    (long long)(rows[i].max + step));
		assert_int_equal(config_set(&config, assignment, &diags), -EINVAL);
	}
}

static void
each_word_is_walked_both_ways(void **state)
{
	size_t count, i;
	const struct config_row *rows = config_rows(&count);
	char assignment[128];
	int64_t value;

	(void)state;
	for (i = 0; i < count; i++) {
		if (rows[i].type != CONFIG_ENUM)
			continue;
		for (value = rows[i].min; value <= rows[i].max; value++) {
			const char *word = config_word(rows[i].unit, value);

			assert_non_null(word);
			snprintf(assignment, sizeof(assignment), "%s=%s", rows[i].path, word);
			assert_int_equal(config_set(&config, assignment, &diags), 0);
			assert_int_equal(*(int *)((char *)&config + rows[i].offset), value);
		}
		assert_null(config_word(rows[i].unit, rows[i].max + 1));
	}
}

static void
numbers_are_read_whole(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "0x10", "1.5", "1e3", "1 ms",
		"99999999999999999999", "9223372036854775807", "-1", "1KiB" };
	char assignment[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(assignment, sizeof(assignment), "spool.frame_ms=%s", bad[i]);
		assert_int_equal(config_set(&config, assignment, &diags), -EINVAL);
	}
	assert_int_equal(config_set(&config, "spool.bytes_max=9007199254740993GiB", &diags),
	    -EINVAL);
	assert_int_equal(config_set(&config, "spool.bytes_max=1GiB", &diags), 0);
	assert_int_equal(config.spool_bytes_max, 1 << 30);
}

static void
texts_have_a_bound(void **state)
{
	char assignment[400] = "spool.dir=";

	(void)state;
	memset(assignment + 10, 'd', 255);
	assert_int_equal(config_set(&config, assignment, &diags), 0);
	assert_int_equal(strlen(config.spool_dir), 255);
	assignment[265] = 'd';
	assert_int_equal(config_set(&config, assignment, &diags), -EINVAL);
	assert_non_null(strstr(diags.items[0].text, "ddd\"..."));
	assert_int_equal(parse("spool: {dir: \"/a\\0b\"}"), -EINVAL);
}

static void
assignments_reach_values_and_entries(void **state)
{
	(void)state;
	assert_int_equal(config_set(&config, "spool.sync=never", &diags), 0);
	assert_int_equal(config.spool_sync, CONFIG_SYNC_NEVER);
	assert_int_equal(config_set(&config, "rules_files[]=/a=b", &diags), 0);
	assert_string_equal(config.rules_files.items[1], "/a=b");
	assert_int_equal(config_set(&config, "rules_files[0]=/c", &diags), 0);
	assert_string_equal(config.rules_files.items[0], "/c");
	assert_int_equal(config_set(&config, "rules_files[2]=/d", &diags), 0);
	assert_int_equal(config.rules_files.count, 3);
	assert_int_equal(config_set(&config, "rules_files=/e", &diags), 0);
	assert_int_equal(config.rules_files.count, 1);
	assert_string_equal(config.rules_files.items[0], "/e");
	assert_string_equal(config.rules_files.items[1], "");
	assert_int_equal(config_set(&config, "json\\_output=true", &diags), -EINVAL);
	assert_int_equal(config_set(&config, "scope.cgroup=", &diags), 0);
}

static void
bad_assignments_are_refused(void **state)
{
	(void)state;
	expect_set_error("json_output", 12, "expected KEY=VALUE, got no \"=\" here");
	expect_set_error("=x", 1, "expected a key before \"=\"");
	expect_set_error("", 1, "expected KEY=VALUE, got no \"=\" here");
	expect_set_error("rules_files[x]=1", 13, "expected [] or [NUMBER] of at most 4 digits");
	expect_set_error("rules_files[]x=1", 14, "expected KEY=VALUE, got no \"=\" here");
	expect_set_error("rules_files[2]=/x", 12,
	    "rules_files: expected an index from 0 to 1, got 2");
	expect_set_error("json_output[]=1", 12, "json_output: is not a list");
	expect_set_error("spool=1", 1, "\"spool\" is a section: name a key in it");
	expect_set_error("spool\\.sync=never", 1, "\"spool.sync\" is not a key; "
	    "did you mean \"spool.sync\"?");
	expect_set_error("spool.sink=never", 1,
	    "\"spool.sink\" is not a key; did you mean \"spool.sync\"?");
	assert_int_equal(config_set(&config, "metrics.enabled=true", &diags), 0);
	assert_int_equal(diags.count, 1);
	assert_int_equal(diags.items[0].level, DIAG_WARNING);
}

static void
keys_are_checked_against_each_other(void **state)
{
	static const char *const bad[][2] = { { "spool.bytes_max=1MiB", "" },
		{ "workers.backoff_ms=6000", "" }, { "collector.hold_us=20001", "" },
		{ "run_dir=run", "" }, { "spool.dir=s", "" }, { "scope.cgroup=c", "" },
		{ "scope.cgroup=/c", "scope.pid=1" } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		config_defaults(&config);
		assert_int_equal(config_set(&config, bad[i][0], &diags), 0);
		if (bad[i][1][0])
			assert_int_equal(config_set(&config, bad[i][1], &diags), 0);
		assert_int_equal(config_check(&config, "t.yaml", &diags), -EINVAL);
		assert_int_equal(diags.error_count, i + 1);
	}
	assert_string_equal(diags.items[0].text,
	    "spool.segment_bytes (1048576) must be at most half of "
	    "spool.bytes_max (1048576): the oldest segment can only be deleted beside the one "
	    "being written");
	config_defaults(&config);
	config.rules_files.count = 0;
	assert_int_equal(config_check(&config, "t.yaml", &diags), -EINVAL);
}

static void
describe_names_every_key(void **state)
{
	static char printed[65536];
	FILE *out = fmemopen(printed, sizeof(printed), "w");
	size_t count, i;
	const struct config_row *rows = config_rows(&count);

	(void)state;
	assert_non_null(out);
	config_describe(out);
	fclose(out);
	for (i = 0; i < count; i++) {
		assert_non_null(strstr(printed, rows[i].path));
		assert_non_null(strstr(printed, rows[i].sentence));
	}
	assert_non_null(strstr(printed, "spool.sync\n"));
	assert_non_null(strstr(printed, "Takes always, interval or never; default interval.\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_default_is_a_value_its_row_accepts),
		TEST(each_bound_is_accepted_and_what_is_past_it_refused),
		TEST(each_word_is_walked_both_ways),
		TEST(numbers_are_read_whole),
		TEST(texts_have_a_bound),
		TEST(assignments_reach_values_and_entries),
		TEST(bad_assignments_are_refused),
		TEST(keys_are_checked_against_each_other),
		TEST(describe_names_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
