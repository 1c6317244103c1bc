/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "lex.h"

enum { ARENA_BYTES = 1 << 20 };

static struct lex
lex_of(const char *text)
{
	struct lex lex;

	lex_init(&lex, span_text(text), 0);
	return lex;
}

/* What TAKE takes at the beginning of TEXT, as text; "" for nothing. */
static const char *
taken(bool (*take)(struct lex *, struct span *), const char *text)
{
	static char token[64];
	struct lex lex = lex_of(text);
	struct span span = SPAN_NONE;

	if (!take(&lex, &span)) {
		assert_int_equal(lex.at.offset, 0);
		return "";
	}
	assert_int_equal(lex.at.offset, span.len);
	memcpy(token, span.ptr, span.len);
	token[span.len] = '\0';
	return token;
}

static void
identifiers_begin_with_a_letter(void **state)
{
	(void)state;
	assert_string_equal(taken(lex_identifier, "a_1-b"), "a_1");
	assert_string_equal(taken(lex_identifier, "_a"), "");
	assert_string_equal(taken(lex_identifier, "1a"), "");
	assert_string_equal(taken(lex_identifier, ""), "");
}

static void
field_names_have_a_dot(void **state)
{
	(void)state;
	assert_string_equal(taken(lex_field_name, "proc.name2.a_1 x"), "proc.name2.a_1");
	assert_string_equal(taken(lex_field_name, "proc.name."), "proc.name");
	assert_string_equal(taken(lex_field_name, "proc.name.1"), "proc.name");
	assert_string_equal(taken(lex_field_name, "proc"), "");
	assert_string_equal(taken(lex_field_name, "proc._name"), "");
}

static void
numbers_need_the_sign_of_an_exponent(void **state)
{
	(void)state;
	assert_string_equal(taken(lex_number, "0x1fG"), "0x1f");
	assert_string_equal(taken(lex_number, "0xg"), "0");
	assert_string_equal(taken(lex_number, "-1.2e+10x"), "-1.2e+10");
	assert_string_equal(taken(lex_number, "1e10"), "1");
	assert_string_equal(taken(lex_number, "1e+"), "1");
	assert_string_equal(taken(lex_number, "7.and"), "7.");
	assert_string_equal(taken(lex_number, "+"), "");
	assert_string_equal(taken(lex_number, ".5"), "");
}

static void
bare_texts_end_at_their_own_marks(void **state)
{
	(void)state;
	assert_string_equal(taken(lex_bare, "a[b]\\.*\x08,c"), "a[b]\\.*\x08");
	assert_string_equal(taken(lex_bare, "a\vb"), "a");
	assert_string_equal(taken(lex_bare, "=a"), "");
	assert_string_equal(taken(lex_argument, "a=(b),c]"), "a=(b),c");
	assert_string_equal(taken(lex_argument, "]"), "");
}

static void
quoted_text_looks_one_byte_back(void **state)
{
	struct lex lex = lex_of("'a\\'b' x");
	struct span token;

	(void)state;
	assert_int_equal(lex_quoted(&lex, &token), LEX_FOUND);
	assert_int_equal(token.len, 6);
	lex = lex_of("\"\"");
	assert_int_equal(lex_quoted(&lex, &token), LEX_FOUND);
	lex = lex_of("'x\\\\'");
	assert_int_equal(lex_quoted(&lex, &token), LEX_BROKEN);
	lex = lex_of("'");
	assert_int_equal(lex_quoted(&lex, &token), LEX_BROKEN);
	lex = lex_of("x'");
	assert_int_equal(lex_quoted(&lex, &token), LEX_NONE);
}

static void
positions_count_each_line_break(void **state)
{
	struct lex lex = lex_of(" \r\n\b x");

	(void)state;
	assert_true(lex_blanks(&lex));
	assert_int_equal(lex.at.offset, 5);
	assert_int_equal(lex.at.line, 3);
	assert_int_equal(lex.at.column, 3);
	assert_false(lex_blanks(&lex));
}

static void
not_takes_any_white_space(void **state)
{
	struct lex lex = lex_of("not\v x");

	(void)state;
	assert_true(lex_not(&lex));
	assert_int_equal(lex.at.offset, 5);
	lex = lex_of("notx");
	assert_false(lex_not(&lex));
	assert_int_equal(lex.at.offset, 0);
}

static void
text_ends_at_the_first_nul(void **state)
{
	struct lex lex;

	(void)state;
	lex_init(&lex, (struct span){ "a\0b", 3 }, 0);
	assert_true(lex_word(&lex, "a"));
	assert_true(lex_ended(&lex));
}

static void
escapes_decode_or_are_refused(void **state)
{
	static const struct {
		const char *token;
		const char *text; /* NULL: refused */
	} cases[] = {
		{ "\"\"", "" },
		{ "'plain \" \xff'", "plain \" \xff" },
		{ "\"\\b\\f\\n\\r\\t\\\\\\/\\\"\"", "\b\f\n\r\t\\/\"" },
		{ "'\\''", "'" },
		{ "\"\\'\"", NULL },
		{ "'\\\"'", NULL },
		{ "\"\\x41B\"", "AB" },
		{ "\"\\x4\"", NULL },
		{ "\"\\x4g\"", NULL },
		{ "\"a\\ b\"", "a\\b" },
		{ "\"\\u0041\"", NULL },
		{ "\"\\d\"", NULL },
	};
	struct arena arena;

	(void)state;
	arena_init(&arena, ARENA_BYTES);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct span text = SPAN_NONE;
		size_t bad = 0;
		int err = lex_unescape(&arena, span_text(cases[i].token), &text, &bad);

		assert_int_equal(err == 0, cases[i].text != NULL);
		if (cases[i].text)
			assert_true(span_equal(text, span_text(cases[i].text)));
		else
			assert_int_equal(cases[i].token[bad], '\\');
	}
	arena_fini(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identifiers_begin_with_a_letter),
		cmocka_unit_test(field_names_have_a_dot),
		cmocka_unit_test(numbers_need_the_sign_of_an_exponent),
		cmocka_unit_test(bare_texts_end_at_their_own_marks),
		cmocka_unit_test(quoted_text_looks_one_byte_back),
		cmocka_unit_test(positions_count_each_line_break),
		cmocka_unit_test(not_takes_any_white_space),
		cmocka_unit_test(text_ends_at_the_first_nul),
		cmocka_unit_test(escapes_decode_or_are_refused),
	};

	return cmocka_run_group_tests_name("lex", tests, NULL, NULL);
}
