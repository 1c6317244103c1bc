/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "text.h"

/* An append of LEN bytes, as text_json() and text_visible() are. */
typedef void append_fn(struct text *text, const char *bytes, size_t len);

static void
expect(append_fn *append, const char *bytes, size_t len, const char *expected)
{
	char buf[256];
	struct text text;

	text_init(&text, buf, sizeof(buf));
	append(&text, bytes, len);
	assert_string_equal(buf, expected);
	assert_int_equal(text.len, strlen(expected));
	assert_false(text.truncated);
}

#define EXPECT(append, literal, expected) \
	expect(append, literal, sizeof(literal) - 1, expected)

static void
bytes_that_fit_are_kept_and_one_more_is_cut(void **state)
{
	char buf[4];
	struct text text;

	(void)state;
	text_init(&text, buf, sizeof(buf));
	text_string(&text, "abc");
	assert_string_equal(buf, "abc");
	assert_false(text.truncated);
	text_char(&text, 'd');
	assert_string_equal(buf, "abc");
	assert_true(text.truncated);

	text_init(&text, buf, sizeof(buf));
	text_string(&text, "abcd");
	assert_string_equal(buf, "abc");
	assert_true(text.truncated);
}

static void
nothing_follows_a_cut(void **state)
{
	char buf[6];
	struct text text;

	(void)state;
	text_init(&text, buf, sizeof(buf));
	text_json(&text, "abc\x01", 4);
	assert_string_equal(buf, "abc");
	text_char(&text, 'd');
	text_u64(&text, 1);
	text_format(&text, "%d", 1);
	assert_string_equal(buf, "abc");
}

static void
buffer_of_one_byte_holds_the_terminator(void **state)
{
	char buf[1] = { 'x' };
	struct text text;

	(void)state;
	text_init(&text, buf, sizeof(buf));
	text_string(&text, "");
	text_string(&text, NULL);
	assert_false(text.truncated);
	text_format(&text, "%s", "a");
	assert_true(text.truncated);
	assert_int_equal(buf[0], 0);
	assert_int_equal(text.len, 0);
}

static void
numbers_reach_their_bounds(void **state)
{
	char buf[128];
	struct text text;

	(void)state;
	text_init(&text, buf, sizeof(buf));
	text_u64(&text, 0);
	text_char(&text, ' ');
	text_u64(&text, UINT64_MAX);
	text_char(&text, ' ');
	text_i64(&text, INT64_MIN);
	text_char(&text, ' ');
	text_i64(&text, -1);
	assert_string_equal(buf, "0 18446744073709551615 -9223372036854775808 -1");
}

static void
format_appends_and_is_cut_at_the_end(void **state)
{
	char buf[8];
	struct text text;

	(void)state;
	text_init(&text, buf, sizeof(buf));
	text_format(&text, "%s=%d", "ab", 7);
	assert_string_equal(buf, "ab=7");
	text_format(&text, "%s", "xyz");
	assert_string_equal(buf, "ab=7xyz");
	assert_false(text.truncated);
	text_init(&text, buf, sizeof(buf));
	text_format(&text, "%s", "12345678");
	assert_string_equal(buf, "1234567");
	assert_int_equal(text.len, 7);
	assert_true(text.truncated);
}

static void
json_escapes_what_json_forbids(void **state)
{
	(void)state;
	EXPECT(text_json, "plain /path", "plain /path");
	EXPECT(text_json, "\"\\", "\\\"\\\\");
	EXPECT(text_json, "\b\f\n\r\t", "\\b\\f\\n\\r\\t");
	EXPECT(text_json, "\x01\x1f\x1b", "\\u0001\\u001f\\u001b");
	EXPECT(text_json, "a\0b", "a\\u0000b");
	EXPECT(text_json, "\x7f", "\x7f");
	EXPECT(text_json, "\xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x85",
	    "\xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x85");
}

static void
json_replaces_each_maximal_invalid_sequence(void **state)
{
	(void)state;
	EXPECT(text_json, "\xff", "\xef\xbf\xbd");
	EXPECT(text_json, "\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd");
	EXPECT(text_json, "a\xe2\x82" "b", "a\xef\xbf\xbd" "b"); /* one for the beginning */
	EXPECT(text_json, "\xf0\x9f\xa6", "\xef\xbf\xbd");                  /* cut at the end */
	EXPECT(text_json, "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");          /* overlong */
	EXPECT(text_json, "\xe0\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	EXPECT(text_json, "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* surrogate */
	EXPECT(text_json, "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	EXPECT(text_json, "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf");
	EXPECT(text_json, "\xe2\"", "\xef\xbf\xbd\\\"");
}

static void
json_keeps_characters_whole_at_the_end_of_the_buffer(void **state)
{
	char buf[8];
	struct text text;

	(void)state;
	text_init(&text, buf, sizeof(buf));
	text_json(&text, "abcde\xe2\x82\xac", 8);
	assert_string_equal(buf, "abcde");
	assert_true(text.truncated);
	text_init(&text, buf, sizeof(buf));
	text_json(&text, "abcd\xe2\x82\xac", 7);
	assert_string_equal(buf, "abcd\xe2\x82\xac");
	assert_false(text.truncated);
}

static void
visible_text_has_no_control_character(void **state)
{
	(void)state;
	EXPECT(text_visible, "a\nb\tc\r", "a\\nb\\tc\\r");
	EXPECT(text_visible, "\x1b[31m", "\\x1b[31m");
	EXPECT(text_visible, "\x7f\xc2\x9b", "\\x7f\\xc2\\x9b");
	EXPECT(text_visible, "\xff\xe2\x82", "\\xff\\xe2\\x82");
	EXPECT(text_visible, "\"\\ \xc3\xa9", "\"\\ \xc3\xa9");
}

static void
utf8_accepts_each_code_point_and_nothing_else(void **state)
{
	uint32_t code;
	bool valid;

	(void)state;
	for (code = 0x10000; code <= 0x110000; code += 0x1fff) {
		char bytes[4] = { (char)(0xf0 | code >> 18), (char)(0x80 | (code >> 12 & 63)),
			(char)(0x80 | (code >> 6 & 63)), (char)(0x80 | (code & 63)) };
		size_t len = utf8_next(bytes, 4, &valid);

		assert_int_equal(valid, code < 0x110000);
		assert_int_equal(len, code < 0x110000 ? 4 : 1);
	}
	for (code = 0x800; code < 0x10000; code += 0x100) {
		char bytes[3] = { (char)(0xe0 | code >> 12), (char)(0x80 | (code >> 6 & 63)),
			(char)(0x80 | (code & 63)) };

		utf8_next(bytes, 3, &valid);
		assert_int_equal(valid, code < 0xd800 || code > 0xdfff);
	}
}

static void
hash_depends_on_bytes_and_key(void **state)
{
	(void)state;
	assert_true(bytes_hash("abc", 3, 1) == bytes_hash("abc", 3, 1));
	assert_true(bytes_hash("abc", 3, 1) != bytes_hash("abd", 3, 1));
	assert_true(bytes_hash("abc", 3, 1) != bytes_hash("abc", 3, 2));
	assert_true(bytes_hash("abc", 2, 1) != bytes_hash("abc", 3, 1));
	assert_true(bytes_hash(NULL, 0, 1) == bytes_hash("", 0, 1));
}

static void
spans_compare_by_bytes(void **state)
{
	(void)state;
	assert_true(span_equal(SPAN_NONE, span_text("")));
	assert_true(span_equal(SPAN_OF("abc"), span_text("abc")));
	assert_false(span_equal(SPAN_OF("abc"), span_text("ab")));
	assert_false(span_equal(SPAN_OF("abc"), span_text("abd")));
	assert_int_equal(span_text(NULL).len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_that_fit_are_kept_and_one_more_is_cut),
		cmocka_unit_test(nothing_follows_a_cut),
		cmocka_unit_test(buffer_of_one_byte_holds_the_terminator),
		cmocka_unit_test(numbers_reach_their_bounds),
		cmocka_unit_test(format_appends_and_is_cut_at_the_end),
		cmocka_unit_test(json_escapes_what_json_forbids),
		cmocka_unit_test(json_replaces_each_maximal_invalid_sequence),
		cmocka_unit_test(json_keeps_characters_whole_at_the_end_of_the_buffer),
		cmocka_unit_test(visible_text_has_no_control_character),
		cmocka_unit_test(utf8_accepts_each_code_point_and_nothing_else),
		cmocka_unit_test(hash_depends_on_bytes_and_key),
		cmocka_unit_test(spans_compare_by_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
