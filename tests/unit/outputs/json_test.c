/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/outputs/fixture.h"

#include "alert.h"
#include "json.h"

static char line[ALERT_LINE_MAX];

static const struct alert_format json_format = {
	.json = true, .include_output = true, .include_fields = true, .include_tags = true,
};

static struct alert
sample(void)
{
	return (struct alert){
		.key = { 1, 0, 0 }, .wall_ns = 1700000011726060287u, .utc_offset_s = -30600,
		.priority = 5, .rule = SPAN_OF("Shell run"), .source = SPAN_OF("syscall"),
		.hostname = SPAN_OF("h1"), .message = SPAN_OF("Shell bash"),
		.fields = SPAN_OF("{\"proc.name\":\"bash\"}"), .tags = SPAN_OF("shell"),
	};
}

static void
expect_line(const struct alert *alert, const struct alert_format *format, const char *expected)
{
	struct text text;

	text_init(&text, line, sizeof(line));
	assert_true(alert_print(&text, alert, format));
	assert_string_equal(line, expected);
}

static void
the_object_has_sorted_keys(void **state)
{
	struct alert alert = sample();

	(void)state;
	expect_line(&alert, &json_format, "{\"hostname\":\"h1\",\"output\":\"13:43:31.726060287: "
	    "Notice Shell bash\",\"output_fields\":{\"evt.time\":1700000011726060287,"
	    "\"proc.name\":\"bash\"},\"priority\":\"Notice\",\"rule\":\"Shell run\",\"source\":"
	    "\"syscall\",\"tags\":[\"shell\"],\"time\":\"2023-11-14T22:13:31.726060287Z\"}\n");
}

static void
rules_that_judged_are_named_when_asked_for(void **state)
{
	const struct alert_format format = { .json = true, .include_rules_hash = true };
	struct alert alert = sample();

	(void)state;
	alert.rules_hash = 0x1234abcdu;
	expect_line(&alert, &format, "{\"hostname\":\"h1\",\"priority\":\"Notice\",\"rule\":"
	    "\"Shell run\",\"rules_hash\":\"000000001234abcd\",\"source\":\"syscall\",\"time\":"
	    "\"2023-11-14T22:13:31.726060287Z\"}\n");
	/* No rule judged what the engine says of itself. */
	alert.source = SPAN_OF("internal");
	expect_line(&alert, &format, "{\"hostname\":\"h1\",\"priority\":\"Notice\",\"rule\":"
	    "\"Shell run\",\"source\":\"internal\",\"time\":"
	    "\"2023-11-14T22:13:31.726060287Z\"}\n");
}

static void
each_switch_switches_its_key(void **state)
{
	const struct alert_format bare = { .json = true };
	const struct alert_format message = { .json = true, .include_message = true };
	struct alert alert = sample();

	(void)state;
	expect_line(&alert, &bare, "{\"hostname\":\"h1\",\"priority\":\"Notice\",\"rule\":"
	    "\"Shell run\",\"source\":\"syscall\",\"time\":\"2023-11-14T22:13:31.726060287Z\"}\n");
	expect_line(&alert, &message,
	    "{\"hostname\":\"h1\",\"message\":\"Shell bash\",\"priority\":"
	    "\"Notice\",\"rule\":\"Shell run\",\"source\":\"syscall\",\"time\":"
	    "\"2023-11-14T22:13:31.726060287Z\"}\n");
}

static void
lost_fields_and_many_tags_are_lists(void **state)
{
	const struct alert_format format = { .json = true, .include_tags = true };
	struct alert alert = sample();

	(void)state;
	alert.lost = SPAN_OF("proc.cwd\0user.name");
	alert.tags = SPAN_OF("a\0b\"\0c");
	expect_line(&alert, &format, "{\"hostname\":\"h1\",\"lost_fields\":[\"proc.cwd\","
	    "\"user.name\"],\"priority\":\"Notice\",\"rule\":\"Shell run\",\"source\":\"syscall\","
	    "\"tags\":[\"a\",\"b\\\"\",\"c\"],\"time\":\"2023-11-14T22:13:31.726060287Z\"}\n");
	alert.lost = alert.tags = SPAN_NONE;
	expect_line(&alert, &format, "{\"hostname\":\"h1\",\"priority\":\"Notice\",\"rule\":"
	    "\"Shell run\",\"source\":\"syscall\",\"tags\":[],\"time\":"
	    "\"2023-11-14T22:13:31.726060287Z\"}\n");
}

static void
what_the_engine_says_of_itself_has_no_tags(void **state)
{
	const struct alert_format format = { .json = true, .include_tags = true };
	struct alert alert = sample();

	(void)state;
	alert.source = SPAN_OF("internal");
	expect_line(&alert, &format, "{\"hostname\":\"h1\",\"priority\":\"Notice\",\"rule\":"
	    "\"Shell run\",\"source\":\"internal\",\"time\":\"2023-11-14T22:13:31.726060287Z\"}\n");
}

static void
expect_with(const char *fields, const char *expected, bool valid)
{
	struct text text;

	text_init(&text, line, sizeof(line));
	assert_int_equal(json_object_with(&text, span_text(fields), SPAN_OF("evt.time"), 7), valid);
	assert_string_equal(line, expected);
}

static void
the_time_is_added_in_its_place(void **state)
{
	(void)state;
	expect_with("", "{\"evt.time\":7}", true);
	expect_with("null", "{\"evt.time\":7}", true);
	expect_with("{}", "{\"evt.time\":7}", true);
	expect_with("{\"a\":1}", "{\"a\":1,\"evt.time\":7}", true);
	expect_with("{\"z\":{\"b\":[1,\"x\"]}}", "{\"evt.time\":7,\"z\":{\"b\":[1,\"x\"]}}", true);
	expect_with("{\"a\":1,\"z\":2}", "{\"a\":1,\"evt.time\":7,\"z\":2}", true);
	expect_with("{\"evt.tim\":1,\"evt.time.s\":2}",
	    "{\"evt.tim\":1,\"evt.time\":7,\"evt.time.s\":2}", true);
	expect_with("{\"evt.time\":5}", "{\"evt.time\":5}", true);
}

/*
 * Fields come from another process: what is not strictly an object can not become part of
 * a line.
 */
static void
bad_fields_are_left_out(void **state)
{
	static const char *const bad[] = {
		"{", "}", "[]", "1", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1}x",
		"{\"a\":1}\n", "{ \"a\":1}", "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}",
		"{\"a\":\"\\u12g4\"}", "{\"a\":\"\xff\"}", "{\"a\":01}", "{\"a\":+1}",
		"{\"a\":.5}", "{\"a\":1.}", "{\"a\":1e}", "{\"a\":tru}", "{\"a\":nul}",
		"{\"a\":\"", "{a:1}", "{\"a\":[1,]}", "{\"a\":-}",
		"{\"a\":[[[[[[[[1]]]]]]]]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_with(bad[i], "{\"evt.time\":7}", false);
}

static void
valid_values_are_valid(void **state)
{
	static const char *const good[] = {
		"0", "-1", "12.5e-3", "1E+9", "true", "false", "null", "\"\"", "\"\\u00e9\\n\\\"\"",
		"[]", "[1,[2]]", "{}", "{\"a\":null}", "\"\xc3\xa9\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(json_valid(span_text(good[i])));
	assert_false(json_valid(SPAN_NONE));
}

/* The text line: prefix in the alert's zone, the rest escaped so that one alert is one line. */
static void
the_text_line_is_escaped(void **state)
{
	const struct alert_format plain = { .json = false };
	const struct alert_format iso = { .iso_8601 = true };
	struct alert alert = sample();

	(void)state;
	alert.utc_offset_s = 56400;
	alert.message = SPAN_OF("a \"b\" \\ \n \x01 \xff \xc3\xa9");
	expect_line(&alert, &plain, "13:53:31.726060287: Notice a \\\"b\\\" \\\\ \\n \\u0001 "
	    "\xef\xbf\xbd \xc3\xa9\n");
	expect_line(&alert, &iso, "2023-11-14T22:13:31.726060287+0000: Notice a \\\"b\\\" \\\\ \\n "
	    "\\u0001 \xef\xbf\xbd \xc3\xa9\n");
}

static void
priorities_have_their_names(void **state)
{
	(void)state;
	assert_string_equal(alert_priority_name(0), "Emergency");
	assert_string_equal(alert_priority_name(6), "Informational");
	assert_string_equal(alert_priority_name(7), "Debug");
	assert_string_equal(alert_priority_name(8), "Debug");
}

/* The longest record, every byte of which becomes six, twice. */
static void
the_longest_alert_fits_its_line(void **state)
{
	static char message[EVENT_RECORD_MAX];
	const struct alert_format format = {
		.json = true, .include_message = true, .include_output = true,
		.include_fields = true, .include_tags = true,
	};
	struct alert alert = sample();
	struct text text;

	(void)state;
	memset(message, 1, sizeof(message));
	alert.message = (struct span){ message, sizeof(message) };
	text_init(&text, line, sizeof(line));
	assert_true(alert_print(&text, &alert, &format));
	assert_false(text.truncated);
	assert_int_equal(line[text.len - 1], '\n');
}

static void
records_that_are_no_alerts_are_refused(void **state)
{
	struct alert alert;
	uint32_t len = fixture_alert(3, 2, "m", 1);

	(void)state;
	assert_int_equal(alert_read(&alert, fixture_record, len), 0);
	assert_int_equal(alert.key.position, 3);
	assert_int_equal(alert.key.index, 2);
	for (uint32_t cut = 0; cut < len; cut += 8)
		assert_int_equal(alert_read(&alert, fixture_record, cut), -EBADMSG);
	((struct event_head *)(void *)fixture_record)->type = EV_tick;
	assert_int_equal(alert_read(&alert, fixture_record, len), -EBADMSG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_object_has_sorted_keys),
		cmocka_unit_test(each_switch_switches_its_key),
		cmocka_unit_test(rules_that_judged_are_named_when_asked_for),
		cmocka_unit_test(lost_fields_and_many_tags_are_lists),
		cmocka_unit_test(what_the_engine_says_of_itself_has_no_tags),
		cmocka_unit_test(the_time_is_added_in_its_place),
		cmocka_unit_test(bad_fields_are_left_out),
		cmocka_unit_test(valid_values_are_valid),
		cmocka_unit_test(the_text_line_is_escaped),
		cmocka_unit_test(priorities_have_their_names),
		cmocka_unit_test(the_longest_alert_fits_its_line),
		cmocka_unit_test(records_that_are_no_alerts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
