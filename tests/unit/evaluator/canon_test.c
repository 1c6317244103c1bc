/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "canon.h"
#include "parse.h"

enum { ARENA_BYTES = 1 << 20 };

static void
canonical_text_is_this(void **state)
{
	static const char *const cases[][2] = {
		{ "a", "a" },
		{ "proc.name=a and not(fd.name in ('b c',d) or x)",
		    "(proc.name = a and not (fd.name in (\"b c\", d) or x))" },
		{ "a.b == 1 and (c.d>=0x1)", "(a.b == 1 and c.d >= 0x1)" },
		{ "not(not(a.b exists))", "not not a.b exists" },
		{ "a.b == oneof (a, b)", "a.b == oneof (a, b)" },
		{ "a.b startswith anyof names", "a.b startswith anyof names" },
		{ "a.b in names", "a.b in names" },
		{ "join( '-' , ( a.b , 'c d' , 3)) = x", "join(-,(a.b,\"c d\",3)) = x" },
		{ "getopt(a.b, 'nt:')[\"t\"] in ()", "getopt(a.b,nt:)[t] in ()" },
		{ "a.b[\"\"] = val( c.d[\"e f\"] )", "a.b[\"\"] = val(c.d[\"e f\"])" },
		{ "a.b = ''", "a.b = " },
		{ "a.b in ('a(,)b')", "a.b in (a(,)b)" },
		{ "a.b = \"\\b\\f\\n\\r\\t\\\\\\\"'\"", "a.b = \"\\b\\f\\n\\r\\t\\\\\\\"'\"" },
	};
	struct arena arena;

	(void)state;
	arena_init(&arena, ARENA_BYTES);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct parse_error error;
		struct ast_node *tree;
		struct span text;

		assert_int_equal(parse_condition(&arena, span_text(cases[i][0]), 0,
		    PARSE_DEPTH_BARE, &tree, &error), 0);
		text = canon_new(&arena, tree);
		assert_string_equal(text.ptr, cases[i][1]);
		assert_int_equal(text.len, strlen(cases[i][1]));
	}
	arena_fini(&arena);
}

static void
short_buffers_are_cut_and_full_arenas_said(void **state)
{
	struct parse_error error;
	struct ast_node *tree;
	struct arena arena;
	struct text text;
	char buffer[6];

	(void)state;
	arena_init(&arena, ARENA_BYTES);
	assert_int_equal(parse_condition(&arena, SPAN_OF("a and b"), 0, PARSE_DEPTH_BARE,
	    &tree, &error), 0);
	text_init(&text, buffer, sizeof(buffer));
	canon_condition(tree, &text);
	assert_true(text.truncated);
	assert_string_equal(buffer, "(a an");
	text_init(&text, buffer, sizeof(buffer));
	arena.bytes_max = 0;
	for (struct span last = SPAN_OF("x"); last.ptr != NULL; )
		last = canon_new(&arena, tree);
	arena_fini(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canonical_text_is_this),
		cmocka_unit_test(short_buffers_are_cut_and_full_arenas_said),
	};

	return cmocka_run_group_tests_name("canon", tests, NULL, NULL);
}
