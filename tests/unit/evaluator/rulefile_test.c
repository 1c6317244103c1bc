/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "diag.h"
#include "rulefile.h"

enum { ARENA_BYTES = 64 << 20 };

static struct arena arena;
static struct diags diags;

static const struct rulefile *
parse(struct span text)
{
	const struct rulefile *file = NULL;
	int err = rulefile_parse(&arena, "t.yaml", text, &diags, &file);

	assert_int_equal(err == 0, file != NULL);
	return file;
}

static void
assert_refused(struct span text, int line, int column, const char *part)
{
	size_t before = diags.count;

	assert_null(parse(text));
	assert_int_equal(diags.count, before + 1);
	assert_string_equal(diags.items[before].code, "LOAD_ERR_YAML_PARSE");
	assert_int_equal(diags.items[before].line, line);
	assert_int_equal(diags.items[before].column, column);
	assert_non_null(strstr(diags.items[before].text, part));
}

static void
kinds_and_places_are_kept(void **state)
{
	const struct rulefile *file =
	    parse(SPAN_OF("# x\n- a: 1\n  'b': ~\n- [x, \"y\"]\n---\nnull\n"));
	const struct rulefile_node *items = file->documents[0];
	struct source_place place;

	(void)state;
	assert_int_equal(file->document_count, 2);
	assert_int_equal(file->documents[1]->kind, RULEFILE_NULL);
	assert_int_equal(items->kind, RULEFILE_SEQUENCE);
	assert_int_equal(items->count, 2);
	assert_int_equal(items->nodes, 9);
	assert_int_equal(rulefile_get(items->items[0], "b")->kind, RULEFILE_NULL);
	assert_null(rulefile_get(items->items[0], "c"));
	place = rulefile_place(items->items[1]->items[1]);
	assert_string_equal(place.file, "t.yaml");
	assert_int_equal(place.line, 4);
	assert_int_equal(place.column, 7);
	assert_int_equal(place.offset, 26);
}

static void
first_of_two_keys_counts(void **state)
{
	const struct rulefile *file = parse(SPAN_OF("{a: 1, a: 2}"));

	(void)state;
	assert_string_equal(rulefile_get(file->documents[0], "a")->text.ptr, "1");
}

static void
only_plain_words_are_null(void **state)
{
	const struct rulefile *file = parse(SPAN_OF("[null, Null, NULL, ~, 'null', \"\", nUll]"));

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(file->documents[0]->items[i]->kind, RULEFILE_NULL);
	for (int i = 4; i < 7; i++)
		assert_int_equal(file->documents[0]->items[i]->kind, RULEFILE_SCALAR);
}

static void
empty_files_have_no_documents(void **state)
{
	(void)state;
	assert_int_equal(parse(SPAN_OF(""))->document_count, 0);
	assert_int_equal(parse(SPAN_OF("# only a comment\n"))->document_count, 0);
	assert_int_equal(parse(SPAN_OF("---\n"))->document_count, 1);
}

static void
columns_count_bytes_behind_a_mark_and_umlauts(void **state)
{
	const struct rulefile *file = parse(SPAN_OF("\xef\xbb\xbf[a, \xc3\xa4\xc3\xb6, b]\n"));

	(void)state;
	assert_int_equal(rulefile_place(file->documents[0]->items[0]).column, 5);
	assert_int_equal(rulefile_place(file->documents[0]->items[2]).column, 14);
}

/* Each byte of the value that stands for itself is found at the place that the file has it. */
static void
assert_traced(const struct rulefile_node *node)
{
	for (size_t i = 0; i < node->text.len; i++) {
		const char c = node->text.ptr[i];
		struct source_place place = rulefile_place_in(node, i);

		if (c == ' ' || c == '\n' || c == '\t')
			continue;
		if (place.text.ptr[place.offset] != c)
			fail_msg("byte %zu `%c` of `%s` found at line %d column %d", i, c,
			    node->text.ptr, place.line, place.column);
	}
}

static void
bytes_of_scalars_are_found_again(void **state)
{
	static const char *const texts[] = {
		"a: one two\n  three\n\n  four   five\n",
		"a: 'it''s\n   one ''\n\n   two'\n",
		"a: \"x y \n   z \\\n   w\n\n  v\"\n",
		"a: |\n  one\n    two\n\n  three\n",
		"a: |+2 # comment\n     one\n  two\n\n",
		"a: >\n\n  one\n  two\n\n  three\n    four\n    five\n  six\n",
		"a: >-\n  one two\n\n\n  three",
		"a:\n    - &x !!str one\n    - &y # c\n      'two'\n    - *x\n",
		"a: >\r\n  one\r\n  two\r\n",
		"a: \xc3\xa4 \xf0\x9f\xa6\x85 b\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct rulefile *file = parse(span_text(texts[i]));
		const struct rulefile_node *value;

		assert_non_null(file);
		value = rulefile_get(file->documents[0], "a");
		for (uint32_t item = 0; item < value->count; item++)
			assert_traced(value->items[item]);
		assert_traced(value);
	}
}

static void
escapes_are_found_at_their_backslash(void **state)
{
	const struct rulefile *file = parse(SPAN_OF("\"a\\x41\\u00e4\\\"b\\\n  c\""));
	const struct rulefile_node *node = file->documents[0];

	(void)state;
	assert_string_equal(node->text.ptr, "aA\xc3\xa4\"bc");
	assert_int_equal(rulefile_place_in(node, 1).offset, 2);
	assert_int_equal(rulefile_place_in(node, 2).offset, 6);
	assert_int_equal(rulefile_place_in(node, 3).offset, 6);
	assert_int_equal(rulefile_place_in(node, 4).offset, 12);
	assert_int_equal(rulefile_place_in(node, 5).offset, 14);
	assert_int_equal(rulefile_place_in(node, 6).line, 2);
	assert_int_equal(rulefile_place_in(node, 6).column, 3);
}

static void
what_is_no_yaml_is_said_where(void **state)
{
	(void)state;
	assert_refused(SPAN_OF("a: b: c\n"), 1, 5, "mapping values are not allowed");
	assert_refused(SPAN_OF("- x\n- \xff\n"), 2, 3, "UTF-8");
	assert_refused(SPAN_OF("- *nobody\n"), 1, 3, "no anchor `nobody`");
	assert_refused(SPAN_OF("- &a [x, *a]\n"), 1, 10, "inside of what it stands for");
	assert_refused(SPAN_OF("- 'open\n"), 2, 1, "not YAML");
}

static void
anchors_end_with_their_document(void **state)
{
	(void)state;
	assert_non_null(parse(SPAN_OF("[&a x, *a]")));
	assert_refused(SPAN_OF("--- [&a x]\n--- [*a]\n"), 2, 6, "no anchor");
}

/* N opening brackets, N closing ones. */
static struct span
brackets(size_t n)
{
	char *text = arena_alloc(&arena, 2 * n);

	memset(text, '[', n);
	memset(text + n, ']', n);
	return (struct span){ text, 2 * n };
}

static void
nesting_is_bounded(void **state)
{
	(void)state;
	assert_non_null(parse(brackets(RULEFILE_DEPTH_MAX)));
	assert_refused(brackets(RULEFILE_DEPTH_MAX + 1), 1, RULEFILE_DEPTH_MAX + 1,
	    "nested too deeply");
	assert_refused(brackets(1000000), 1, RULEFILE_DEPTH_MAX + 1, "nested too deeply");
}

static void
alias_bombs_are_counted_out(void **state)
{
	char *buffer = arena_alloc(&arena, 1 << 12);
	struct text text;

	(void)state;
	text_init(&text, buffer, 1 << 12);
	text_string(&text, "- &a0 x\n");
	for (int level = 1; level < 10; level++) {
		text_format(&text, "- &a%d [", level);
		for (int i = 0; i < 10; i++)
			text_format(&text, "%s*a%d", i ? "," : "", level - 1);
		text_string(&text, "]\n");
	}
	assert_null(parse((struct span){ buffer, text.len }));
	assert_non_null(strstr(diags.items[0].text, "aliases counted out"));
}

static void
size_is_bounded(void **state)
{
	size_t len = RULEFILE_BYTES_MAX + 1;
	char *text = calloc(1, len);

	(void)state;
	assert_non_null(text);
	memset(text, '#', len);
	assert_refused((struct span){ text, len }, 0, 0, "too many");
	free(text);
}

static void
full_arena_is_an_error(void **state)
{
	const struct rulefile *file = NULL;
	struct arena small;

	(void)state;
	arena_init(&small, 0);
	assert_int_not_equal(rulefile_parse(&small, "t.yaml", SPAN_OF("a"), &diags, &file), 0);
	assert_non_null(strstr(diags.items[0].text, "no room"));
	arena_fini(&small);
}

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena, ARENA_BYTES);
	diags = DIAGS_NONE;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	diags_fini(&diags);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(kinds_and_places_are_kept),
		TEST(first_of_two_keys_counts),
		TEST(only_plain_words_are_null),
		TEST(empty_files_have_no_documents),
		TEST(columns_count_bytes_behind_a_mark_and_umlauts),
		TEST(bytes_of_scalars_are_found_again),
		TEST(escapes_are_found_at_their_backslash),
		TEST(what_is_no_yaml_is_said_where),
		TEST(anchors_end_with_their_document),
		TEST(nesting_is_bounded),
		TEST(alias_bombs_are_counted_out),
		TEST(size_is_bounded),
		TEST(full_arena_is_an_error),
	};

	return cmocka_run_group_tests_name("rulefile", tests, NULL, NULL);
}
