/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "selection.h"

static bool
fits(const char *pattern, const char *name)
{
	return selection_matches(span_text(pattern), span_text(name));
}

static void
a_pattern_without_a_star_is_the_whole_name(void **state)
{
	(void)state;
	assert_true(fits("shell", "shell"));
	assert_false(fits("shell", "shells"));
	assert_false(fits("shells", "shell"));
	assert_false(fits("Shell", "shell"));
	assert_true(fits("", ""));
	assert_false(fits("", "a"));
}

static void
a_star_stands_for_any_text(void **state)
{
	(void)state;
	assert_true(fits("*", ""));
	assert_true(fits("***", "anything"));
	assert_true(fits("run*", "run"));
	assert_true(fits("run*", "run shell"));
	assert_false(fits("run*", "a run"));
	assert_true(fits("*shell", "run shell"));
	assert_true(fits("*a*b*", "xxaxxbxx"));
	assert_false(fits("*a*b*", "xxbxxaxx"));
}

static void
a_piece_is_looked_for_once(void **state)
{
	(void)state;
	assert_false(fits("*a", "aXa"));
	assert_true(fits("*a*", "aXa"));
	assert_false(fits("a*ab", "aab_ab"));
}

static void
later_selections_win(void **state)
{
	static const struct span tags[] = { { "net", 3 } };
	const struct rule rule = { .name = SPAN_OF("scan"), .enabled = false, .tags = tags,
		.tag_count = 1 };
	const struct selection selections[] = {
		{ .enable = true, .tag = SPAN_OF("net") },
		{ .enable = false, .rule = SPAN_OF("s*"), .tag = SPAN_OF("other") },
		{ .enable = true, .rule = SPAN_OF("x"), .tag = SPAN_OF("net") },
		{ .enable = false, .tag = SPAN_OF("ne") },
	};

	(void)state;
	assert_false(selection_enabled(selections, 0, &rule));
	assert_true(selection_enabled(selections, 1, &rule));
	assert_false(selection_enabled(selections, 2, &rule));
	assert_true(selection_enabled(selections, 3, &rule));
	assert_true(selection_enabled(selections, 4, &rule));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pattern_without_a_star_is_the_whole_name),
		cmocka_unit_test(a_star_stands_for_any_text),
		cmocka_unit_test(a_piece_is_looked_for_once),
		cmocka_unit_test(later_selections_win),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
