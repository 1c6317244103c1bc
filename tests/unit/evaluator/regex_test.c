/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "events.h"

#include "regex.h"

/* 1 or 0: does PATTERN fit VALUE?  -1 when it is refused. */
static int
fits(const char *pattern, const char *value)
{
	char error[REGEX_ERROR_MAX] = "";
	struct regex *regex;
	int err = regex_new(span_text(pattern), &regex, error), result;

	if (err < 0) {
		assert_int_equal(err, -EINVAL);
		assert_true(error[0] != '\0');
		return -1;
	}
	result = regex_matches(regex, span_text(value));
	regex_free(regex);
	return result;
}

static void
the_whole_value_must_fit(void **state)
{
	(void)state;
	assert_int_equal(fits("C.t", "Cat"), 1);
	assert_int_equal(fits("C.", "Cat"), 0);
	assert_int_equal(fits("at", "Cat"), 0);
	assert_int_equal(fits("^C.t$", "Cat"), 1);
	assert_int_equal(fits("a|ab", "ab"), 1);
	assert_int_equal(fits("", ""), 1);
	assert_int_equal(fits("()", ""), 1);
	assert_int_equal(fits(".*", "a\nb"), 0);
}

static void
the_syntax_is_that_of_egrep(void **state)
{
	(void)state;
	assert_int_equal(fits("[[:alpha:]]+[[:^alpha:]]", "ab1"), 1);
	assert_int_equal(fits("a{2,3}", "aaa"), 1);
	assert_int_equal(fits("a{,3}", "a{,3}"), 1);
	assert_int_equal(fits("a**", "aaa"), 1);
	assert_int_equal(fits("a\\.b", "a.b"), 1);
	assert_int_equal(fits("\\x41\\102", "AB"), 1);
	assert_int_equal(fits("a{1000}", "a"), 0);
	assert_int_equal(fits("a{1001}", "a"), -1);
	assert_int_equal(fits("\\d", "1"), -1);
	assert_int_equal(fits("\\bab", "ab"), -1);
	assert_int_equal(fits("\\Aab", "ab"), -1);
	assert_int_equal(fits("\\C", "a"), -1);
	assert_int_equal(fits("\\pL", "a"), -1);
	assert_int_equal(fits("(?:a)", "a"), -1);
	assert_int_equal(fits("(?i)a", "a"), -1);
	assert_int_equal(fits("*a", "a"), -1);
	assert_int_equal(fits("(a", "a"), -1);
	assert_int_equal(fits("[a", "a"), -1);
	assert_int_equal(fits("\xff", "a"), -1);
}

/* What would take years by going back takes no time, and what would take memory is refused. */
static void
patterns_are_bounded(void **state)
{
	char value[4096];

	(void)state;
	memset(value, 'a', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	assert_int_equal(fits("(a*)*b", value), 0);
	assert_int_equal(fits("(a|a|aa)+b", value), 0);
	assert_int_equal(fits("((a{100}){100}){100}", "a"), -1);
}

static void
conditions_repair_what_is_not_utf8(void **state)
{
	uint64_t task = context_task(&events, 0, "a\xff" "b", "", 0);

	(void)state;
	event_openat(&events, task, "/x", "/x\xe2\x82/\xff\xff");
	assert_holds(&events, "proc.name regex 'a.b'");
	assert_holds(&events, "proc.name regex \"a\\xef\\xbf\\xbdb\"");
	assert_fails(&events, "proc.name regex 'a..b'");
	/* One replacement for each piece that could not go on. */
	assert_holds(&events, "fd.name regex '/x./..'");
	assert_fails(&events, "fd.name regex '/x/..'");
	assert_holds(&events, "proc.name regex oneof ('a.*', 'b.*')");
	assert_fails(&events, "proc.name regex allof ('a.*', 'b.*')");
	assert_holds(&events, "not proc.pname regex '.*'");
	assert_fails(&events, "proc.aname regex '.*'");
	assert_holds(&events, "evt.type regex openat");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_value_must_fit),
		cmocka_unit_test(the_syntax_is_that_of_egrep),
		cmocka_unit_test(patterns_are_bounded),
		cmocka_unit_test_setup_teardown(conditions_repair_what_is_not_utf8, events_set_up,
		    events_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
