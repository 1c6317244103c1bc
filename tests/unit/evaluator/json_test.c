/* SPDX-License-Identifier: Apache-2.0 */
#include "events.h"

#include "json.h"

static int
set_up(void **state)
{
	(void)state;
	events_begin(&events);
	event_openat(&events, context_task(&events, 0, "x", "", 0), "/a", "/a");
	return 0;
}

/* VALUE as FIELD has it; texts of more than MAX bytes are cut. */
static const char *
shown_as(const char *field, const struct field_value *value, size_t max, uint32_t *cut)
{
	static char buf[512];
	struct accessor accessor;
	char error[FIELD_ERROR_MAX];
	struct arena arena;
	struct text out;

	arena_init(&arena, 1 << 20);
	assert_int_equal(field_compile(&arena, span_text(field), SPAN_NONE, false, &accessor,
	    error), FIELD_FINE);
	text_init(&out, buf, sizeof(buf));
	*cut = json_value(&out, &accessor, value, &events.view, max);
	arena_fini(&arena);
	return buf;
}

static void
numbers_keep_their_kind(void **state)
{
	struct field_value value;
	double real = 2.5;
	uint64_t bits;
	uint32_t cut;

	(void)state;
	value_number(&value, (uint64_t)-7);
	assert_string_equal(shown_as("proc.pid", &value, 0, &cut), "-7");
	assert_string_equal(shown_as("evt.num", &value, 0, &cut), "18446744073709551609");
	value_number(&value, 0xfd01);
	assert_string_equal(shown_as("fd.dev", &value, 0, &cut), "\"FD01\"");
	assert_string_equal(shown_as("evt.rawtime.ns", &value, 0, &cut), "\"000064769\"");
	value_number(&value, 1);
	assert_string_equal(shown_as("evt.failed", &value, 0, &cut), "true");
	memcpy(&bits, &real, sizeof(bits));
	value_number(&value, bits);
	assert_string_equal(shown_as("thread.cpu", &value, 0, &cut), "2.5");
}

static void
texts_are_escaped_and_cut(void **state)
{
	struct field_value value;
	uint32_t cut;

	(void)state;
	value_text(&value, SPAN_OF("a\"\\\n\xff"));
	assert_string_equal(shown_as("proc.name", &value, 0, &cut), "\"a\\\"\\\\\\n\xef\xbf\xbd\"");
	assert_int_equal(cut, 0);
	value_text(&value, SPAN_OF("abcdef"));
	assert_string_equal(shown_as("proc.name", &value, 6, &cut), "\"abcdef\"");
	assert_int_equal(cut, 0);
	assert_string_equal(shown_as("proc.name", &value, 5, &cut), "\"abcde...\"");
	assert_int_equal(cut, 1);
}

static void
several_values_are_arrays_or_one_text(void **state)
{
	const struct span texts[] = { SPAN_OF("a"), SPAN_OF("b") };
	struct field_value value = { .state = FIELD_VALUE, .count = 2, .texts = texts };
	uint32_t cut;

	(void)state;
	assert_string_equal(shown_as("fd.types", &value, 0, &cut), "[\"a\",\"b\"]");
	assert_string_equal(shown_as("proc.aname", &value, 0, &cut), "\"a b\"");
	assert_string_equal(shown_as("fd.name", &value, 0, &cut), "\"a\"");
	value.count = 0;
	assert_string_equal(shown_as("fd.types", &value, 0, &cut), "[]");
}

static void
what_is_not_there_is_null(void **state)
{
	struct field_value value;
	uint32_t cut;

	(void)state;
	value_none(&value);
	assert_string_equal(shown_as("proc.name", &value, 0, &cut), "null");
	value_lost(&value);
	assert_string_equal(shown_as("fd.types", &value, 0, &cut), "null");
	value_address(&value, (struct address){ .family = ADDRESS_IPV4, .bytes = { 10, 1, 2, 3 } });
	assert_string_equal(shown_as("fd.sip", &value, 0, &cut), "\"10.1.2.3\"");
	assert_string_equal(shown_as("fd.ip", &value, 0, &cut), "null");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, events_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_keep_their_kind),
		TEST(texts_are_escaped_and_cut),
		TEST(several_values_are_arrays_or_one_text),
		TEST(what_is_not_there_is_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
