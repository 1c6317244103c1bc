/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "diag.h"

static char printed[4096];

static const char *
print(const struct diags *diags)
{
	FILE *out = fmemopen(printed, sizeof(printed), "w");

	assert_non_null(out);
	diags_print(diags, out);
	fclose(out);
	return printed;
}

static struct diag *
add(struct diags *diags, int line, int column, const char *text)
{
	struct diag *diag = diags_add(diags, DIAG_ERROR, NULL, "f", line, column, text,
	    text ? strlen(text) : 0, "expected x, got y");

	assert_non_null(diag);
	return diag;
}

static void
print_shows_place_text_source_and_caret(void **state)
{
	struct diags diags = DIAGS_NONE;

	(void)state;
	diags_add(&diags, DIAG_ERROR, NULL, "a.yaml", 2, 3, "one\ntwo\nthree\n", 14,
	    "expected %s, got \"%s\"", "x", "y");
	diags_add(&diags, DIAG_WARNING, "LOAD_X", "b.yaml", 0, 0, NULL, 0, "odd");
	diags_add(&diags, DIAG_WARNING, NULL, NULL, 0, 0, NULL, 0, "nowhere");
	assert_string_equal(print(&diags),
	    "a.yaml:2:3: error: expected x, got \"y\"\n"
	    "two\n"
	    "  ^\n"
	    "b.yaml: warning: odd [LOAD_X]\n"
	    "warning: nowhere\n");
	assert_int_equal(diags.count, 3);
	assert_int_equal(diags.error_count, 1);
	diags_fini(&diags);
}

static void
caret_stands_below_the_character_it_means(void **state)
{
	struct diags diags = DIAGS_NONE;

	(void)state;
	add(&diags, 1, 5, "\ta\xc3\xa9" "b");
	assert_string_equal(print(&diags),
	    "f:1:5: error: expected x, got y\n a\xc3\xa9" "b\n   ^\n");
	diags_fini(&diags);
	add(&diags, 1, 2, "\x01" "b"); /* an escape widens what stands before */
	assert_string_equal(print(&diags), "f:1:2: error: expected x, got y\n\\x01b\n    ^\n");
	diags_fini(&diags);
}

static void
column_past_the_end_points_behind_the_line(void **state)
{
	struct diags diags = DIAGS_NONE;

	(void)state;
	assert_int_equal(add(&diags, 1, 99, "abc\r\ndef")->caret, 3);
	assert_string_equal(diags.items[0].source, "abc");
	diags_fini(&diags);
}

static void
line_that_is_not_there_shows_no_source(void **state)
{
	struct diags diags = DIAGS_NONE;

	(void)state;
	assert_int_equal(add(&diags, 3, 1, "a\nb")->caret, -1);
	assert_int_equal(add(&diags, -1, 1, "a\nb")->caret, -1);
	assert_string_equal(diags.items[0].source, "");
	assert_int_equal(add(&diags, 2, 0, "a\nb")->caret, -1);
	assert_string_equal(diags.items[2].source, "b");
	diags_fini(&diags);
}

static void
long_line_is_shown_around_the_column(void **state)
{
	struct diags diags = DIAGS_NONE;
	char line[2001];
	int column;

	(void)state;
	memset(line, 'x', 2000);
	line[2000] = '\0';
	line[999] = 'O';
	add(&diags, 1, 1000, line);
	assert_int_equal(diags.items[0].source[diags.items[0].caret], 'O');
	assert_int_equal(strncmp(diags.items[0].source, "...x", 4), 0);
	assert_string_equal(diags.items[0].source + strlen(diags.items[0].source) - 4, "x...");
	diags_fini(&diags);

	memset(line, 0x80, 2000); /* the widest escapes */
	for (column = 1; column < 400; column++) {
		struct diag *diag = add(&diags, 1, column, line);

		assert_true(diag->caret >= 0);
		assert_int_equal(strncmp(diag->source + diag->caret, "\\x80", 4), 0);
	}
	diags_fini(&diags);
}

static void
input_can_not_write_control_characters(void **state)
{
	struct diags diags = DIAGS_NONE;
	const char *at;

	(void)state;
	diags_add(&diags, DIAG_ERROR, "C\n", "f\x1b", 1, 1, "\x1b[2J\x7f", 5,
	    "got \"%s\"", "\n\x1b");
	for (at = print(&diags); *at; at++)
		assert_true(*at == '\n' || (*at >= ' ' && *at < 0x7f));
	diags_fini(&diags);
}

static void
list_is_bounded_and_counts_what_it_drops(void **state)
{
	struct diags diags = DIAGS_NONE;
	int i;

	(void)state;
	for (i = 0; i < DIAG_LIST_MAX; i++)
		add(&diags, 1, 1, "a");
	assert_int_equal(diags.dropped_count, 0);
	assert_null(diags_add(&diags, DIAG_ERROR, NULL, "f", 1, 1, NULL, 0, "more"));
	assert_null(diags_add(&diags, DIAG_WARNING, NULL, "f", 1, 1, NULL, 0, "more"));
	assert_int_equal(diags.count, DIAG_LIST_MAX);
	assert_int_equal(diags.error_count, DIAG_LIST_MAX + 1);
	assert_int_equal(diags.dropped_count, 2);
	diags_fini(&diags);
	diags_fini(&diags);
	assert_int_equal(diags.count, 0);
}

static void
dropped_count_is_printed_last(void **state)
{
	struct diags diags = DIAGS_NONE;

	(void)state;
	add(&diags, 0, 0, NULL);
	diags.dropped_count = 5;
	assert_string_equal(print(&diags), "f: error: expected x, got y\nand 5 more, not kept\n");
	diags_fini(&diags);
}

static void
an_excerpt_is_cut_on_both_sides_of_its_place(void **state)
{
	char line[400], out[DIAG_EXCERPT_MAX], want[DIAG_EXCERPT_MAX];

	(void)state;
	diag_excerpt(out, "one\ntwo\nthree", 13, 5);
	assert_string_equal(out, "two\n ^\n");
	diag_excerpt(out, "one", 3, 3);
	assert_string_equal(out, "one\n   ^\n");
	diag_excerpt(out, NULL, 0, 0);
	assert_string_equal(out, "\n^\n");
	memset(line, 'x', sizeof(line));
	line[200] = 'o';
	diag_excerpt(out, line, sizeof(line), 200);
	memset(want, 'x', sizeof(want));
	memcpy(want, "...", 3);
	want[83] = 'o';
	memcpy(want + 163, "...\n", 4);
	memset(want + 167, ' ', 83);
	memcpy(want + 250, "^\n", 3);
	assert_string_equal(out, want);
}

static void
an_inner_place_keeps_the_beginning_of_its_text(void **state)
{
	struct diags diags = DIAGS_NONE;
	struct diag *diag = add(&diags, 1, 1, "x");

	(void)state;
	diag_set_inner(NULL, "x", 1, 0, 1, 1);
	diag_set_inner(diag, "a.b = c and d", 13, 12, 1, 13);
	assert_string_equal(diag->inner.name, "a.b = c and d");
	assert_string_equal(diag->inner.excerpt, "a.b = c and d\n            ^\n");
	diag_set_inner(diag, "evt.type=open and proc.nosuch=1", 31, 18, 1, 19);
	assert_string_equal(diag->inner.name, "evt.type=open and...");
	assert_int_equal(diag->inner.column, 19);
	diags_fini(&diags);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(print_shows_place_text_source_and_caret),
		cmocka_unit_test(caret_stands_below_the_character_it_means),
		cmocka_unit_test(column_past_the_end_points_behind_the_line),
		cmocka_unit_test(line_that_is_not_there_shows_no_source),
		cmocka_unit_test(long_line_is_shown_around_the_column),
		cmocka_unit_test(input_can_not_write_control_characters),
		cmocka_unit_test(list_is_bounded_and_counts_what_it_drops),
		cmocka_unit_test(dropped_count_is_printed_last),
		cmocka_unit_test(an_excerpt_is_cut_on_both_sides_of_its_place),
		cmocka_unit_test(an_inner_place_keeps_the_beginning_of_its_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
