/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "events.h"

#include "json.h"

static struct arena arena;
static struct compiler compiler;

static int
set_up(void **state)
{
	uint64_t task;

	(void)state;
	events_begin(&events);
	arena_init(&arena, 16 << 20);
	compiler_init(&compiler, &arena, 1);
	task = context_task(&events, 0, "x", "", 0);
	event_openat(&events, task, "/etc/a \"b\"", "/etc/a \"b\"");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_fini(&arena);
	events_end(&events);
	return 0;
}

/* What FORMAT prints; *WHOLE gets whether it went to its end, and JSON the object of its fields. */
static const char *
printed(const char *format, bool tolerant, bool *whole, char *json, size_t size)
{
	static char buf[4096];
	struct format_error error;
	struct program program;
	struct format compiled;
	struct text text;
	struct eval eval;

	if (format_compile(&compiler, span_text(format), tolerant, &compiled, &error) < 0) {
		(void)snprintf(buf, sizeof(buf), "%zu%s: %s", error.offset,
		    error.unknown ? " unknown" : "", error.text);
		return buf;
	}
	assert_int_equal(program_build(&compiler, NULL, 0, &program), 0);
	assert_int_equal(eval_init(&eval, &program, 0, MATCH_FIRST), 0);
	(void)eval_event(&eval, &events.view);
	text_init(&text, buf, sizeof(buf));
	*whole = format_print(&compiled, &eval, &events.view, &text);
	if (json != NULL) {
		struct text out;

		text_init(&out, json, size);
		(void)json_fields(&out, &compiled, &eval, &events.view, 0);
	}
	eval_fini(&eval);
	return buf;
}

static const char *
plain(const char *format)
{
	bool whole;

	return printed(format, true, &whole, NULL, 0);
}

static void
the_longest_token_wins(void **state)
{
	(void)state;
	assert_string_equal(plain("%proc.name."), "x.");
	assert_string_equal(plain("%proc.names"), "xs");
	assert_string_equal(plain("(%proc.name)"), "(x)");
	assert_string_equal(plain("%proc.name|%proc.name"), "x|x");
	assert_string_equal(plain("%proc.aname[0]]"), "x]");
	assert_string_equal(plain("%evt.arg.names"), "/etc/a \"b\"s");
	assert_string_equal(plain("%evt.count.errors"), "0s");
}

static void
a_star_in_front_makes_it_tolerant(void **state)
{
	bool whole;

	(void)state;
	assert_string_equal(printed("begin %proc.name %proc.pname stop", false, &whole, NULL, 0),
	    "begin x ");
	assert_false(whole);
	assert_string_equal(printed("*begin %proc.name %proc.pname stop", false, &whole, NULL, 0),
	    "begin x <NA> stop");
	assert_true(whole);
	assert_string_equal(plain("**%proc.name"), "*x");
	assert_string_equal(plain("*"), "");
	assert_string_equal(plain("*a*b"), "a*b");
}

static void
widths_cut_and_pad(void **state)
{
	(void)state;
	assert_string_equal(plain("%3proc.name|"), "x  |");
	assert_string_equal(plain("%4fd.name|"), "/etc|");
	assert_string_equal(plain("%2proc.pname|"), "<N|");
	assert_string_equal(plain("%0proc.name|"), "x|");
	assert_non_null(strstr(plain("%99999proc.name"), "a width of more than 4096 bytes"));
}

static void
bad_formats_say_where(void **state)
{
	(void)state;
	assert_string_equal(plain(""), "0: an output can not be empty");
	assert_string_equal(plain(" \n"), "0: an output can not be empty");
	assert_string_equal(plain("100% sure"),
	    "3 unknown: unknown filter: expected a field behind `%`, got ` sure`");
	assert_string_equal(plain("a %"), "2: a `%` at the end: expected a field behind it");
	assert_string_equal(plain("a %5"), "2: a `%` at the end: expected a field behind it");
	assert_string_equal(plain("%%"),
	    "0 unknown: unknown filter: expected a field behind `%`, got `%`");
	assert_string_equal(plain("%proc.nmae"),
	    "0 unknown: unknown filter: nonexistent field `proc.nmae`: did you mean `proc.name`?");
	assert_string_equal(plain("%toupper(evt.num)"),
	    "0 unknown: unknown filter: `toupper(...)` takes a text here, "
	    "and `evt.num` is a number");
	assert_string_equal(plain("%toupper (proc.name)"),
	    "0 unknown: unknown filter: `toupper` is no field");
	assert_string_equal(plain("%val(proc.name)"),
	    "0 unknown: unknown filter: `val` is no field");
}

static void
functions_print_and_leave_their_fields_in_json(void **state)
{
	char json[256];
	bool whole;

	(void)state;
	assert_string_equal(printed("%4toupper(fd.name)|%len(proc.name)|%toupper(proc.pname)", true,
	                        &whole, json, sizeof(json)),
	    "/ETC|1|<NA>");
	assert_string_equal(json,
	    "{\"fd.name\":\"/etc/a \\\"b\\\"\",\"proc.name\":\"x\",\"proc.pname\":null}");
	assert_string_equal(plain("%join(\"-\", (proc.name, proc.name, 7))]"), "x-x-7]");
	assert_string_equal(plain("%getopt((\"-a\", \"-b\"), \"ab\")"), "(a,b)");
	assert_string_equal(plain("%getopt((\"-a\"), \"a\")[a][b]"), "a[b]");
	assert_string_equal(plain("%getopt((\"-a\"), \"a\")[ab]"), "(a)[ab]");
	assert_string_equal(plain("%basename(fd.name))"), "a \"b\")");
	assert_string_equal(plain("%evt.buffer"), "<NA>");
}

/* What follows a token does not change what it is, however long that goes on. */
static void
tokens_do_not_depend_on_what_follows(void **state)
{
	char format[4096], expected[4096];
	struct text out, wanted;

	(void)state;
	text_init(&out, format, sizeof(format));
	text_init(&wanted, expected, sizeof(expected));
	text_string(&out, "%proc.aname[0]%toupper(proc.name)");
	text_string(&wanted, "xX");
	for (int i = 0; i < 1000; i++) {
		text_string(&out, ")]");
		text_string(&wanted, ")]");
	}
	assert_string_equal(plain(format), expected);
}

static void
fields_become_json(void **state)
{
	char json[4096];
	bool whole;

	(void)state;
	(void)printed(
	    "%proc.name %proc.pid %fd.name %proc.aname[2] %evt.time %fd.dev %evt.failed %proc.name",
	    true, &whole, json, sizeof(json));
	assert_string_equal(json,
	    "{\"evt.failed\":false,\"evt.time\":1700000001000000000,\"fd.dev\":\"FD01\","
	    "\"fd.name\":\"/etc/a \\\"b\\\"\",\"proc.aname[2]\":null,\"proc.name\":\"x\","
	    "\"proc.pid\":100}");
	(void)printed("no fields", true, &whole, json, sizeof(json));
	assert_string_equal(json, "null");
	(void)printed("%fd.ip", true, &whole, json, sizeof(json));
	assert_string_equal(json, "{\"fd.ip\":null}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_longest_token_wins),
		TEST(a_star_in_front_makes_it_tolerant),
		TEST(widths_cut_and_pad),
		TEST(bad_formats_say_where),
		TEST(functions_print_and_leave_their_fields_in_json),
		TEST(tokens_do_not_depend_on_what_follows),
		TEST(fields_become_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
