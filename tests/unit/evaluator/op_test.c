/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "glob.h"
#include "op.h"

static bool
glob(const char *pattern, const char *value)
{
	return glob_match(span_text(pattern), span_text(value), false);
}

static void
glob_takes_stars_marks_and_sets(void **state)
{
	(void)state;
	assert_true(glob("", ""));
	assert_false(glob("", "a"));
	assert_true(glob("*", ""));
	assert_true(glob("a*c*e", "abcde"));
	assert_true(glob("*.conf", ".conf"));
	assert_true(glob("/etc/*", "/etc/a/b"));
	assert_true(glob("C?t", "Cat"));
	assert_false(glob("C?t", "Ct"));
	assert_true(glob("[A-C]at", "Bat"));
	assert_false(glob("[!A-C]at", "Bat"));
	assert_true(glob("[^A-C]at", "Rat"));
	assert_true(glob("[]a]", "]"));
	assert_true(glob("[a-]", "-"));
	assert_true(glob("x[[:digit:]]", "x7"));
	assert_false(glob("x[[:digit:]]", "xa"));
	assert_true(glob("x[![:digit:][:space:]]", "xa"));
}

static void
glob_escapes_and_keeps_broken_brackets(void **state)
{
	(void)state;
	assert_true(glob("a\\*b", "a*b"));
	assert_false(glob("a\\*b", "axb"));
	assert_true(glob("a[b", "a[b"));
	assert_false(glob("a[b", "ab"));
	assert_true(glob("[\\]]", "]"));
	assert_false(glob("a\\", "a\\")); /* as fnmatch() has it */
}

static void
glob_folds_case_when_asked(void **state)
{
	(void)state;
	assert_true(glob_match(SPAN_OF("MY*"), SPAN_OF("myexe"), true));
	assert_true(glob_match(SPAN_OF("[a-c]X"), SPAN_OF("Bx"), true));
	assert_false(glob_match(SPAN_OF("MY*"), SPAN_OF("myexe"), false));
}

static void
glob_stays_fast_on_many_stars(void **state)
{
	char value[4096];

	(void)state;
	memset(value, 'a', sizeof(value));
	assert_false(glob_match(SPAN_OF("a*a*a*a*a*a*a*a*a*a*a*a*b"),
	    (struct span){ value, sizeof(value) }, false));
}

static bool
prefix(const char *path, const char *of)
{
	return path_has_prefix(span_text(path), span_text(of));
}

static void
path_prefixes_go_by_component(void **state)
{
	static const char value[] = "/opt/dir/sub/f";

	(void)state;
	assert_true(prefix(value, "/opt/dir"));
	assert_true(prefix(value, "/opt/dir/"));
	assert_true(prefix(value, "opt//dir"));
	assert_true(prefix(value, "/opt/*"));
	assert_true(prefix(value, "/opt/*/sub"));
	assert_true(prefix(value, "/opt/di?"));
	assert_true(prefix(value, "/"));
	assert_true(prefix(value, ""));
	assert_false(prefix(value, "/op"));
	assert_false(prefix(value, "/opt/dir/sub/f/x"));
	assert_false(prefix("/opt", "/opt/*"));
}

static uint64_t
number(uint8_t type, const char *text, int expected)
{
	char error[CONSTANT_ERROR_MAX];
	union constant constant;
	struct arena arena;

	arena_init(&arena, 1 << 20);
	assert_int_equal(constant_parse(&arena, type, OP_EQ, span_text(text), &constant, error),
	    expected);
	arena_fini(&arena);
	return expected == 0 ? constant.number : 0;
}

static void
numbers_wrap_and_refuse_as_the_language_says(void **state)
{
	(void)state;
	assert_int_equal(number(FIELD_UINT64, "05", 0), 5);
	assert_true(number(FIELD_UINT64, "-1", 0) == UINT64_MAX);
	assert_true(number(FIELD_UINT64, "18446744073709551615", 0) == UINT64_MAX);
	number(FIELD_UINT64, "18446744073709551616", -EINVAL);
	number(FIELD_INT64, "9223372036854775808", -EINVAL);
	assert_true((int64_t)number(FIELD_INT64, "-9223372036854775808", 0) == INT64_MIN);
	assert_int_equal(number(FIELD_UINT8, "257", 0), 1);
	assert_true((int64_t)number(FIELD_INT16, "65535", 0) == -1);
	number(FIELD_UINT64, "0x10", -EINVAL);
	number(FIELD_UINT64, "1.5", -EINVAL);
	number(FIELD_UINT64, "", -EINVAL);
	number(FIELD_UINT64, "5 ", -EINVAL);
	assert_int_equal(number(FIELD_PORT, "", 0), 0);
	assert_int_equal(number(FIELD_PORT, "65537", 0), 1);
	number(FIELD_PORT, "no-such-service", -EINVAL);
	assert_int_equal(number(FIELD_BOOL, "true", 0), 1);
	number(FIELD_BOOL, "True", -EINVAL);
	number(FIELD_DOUBLE, "1.0", -EINVAL);
}

static struct address
address(uint8_t type, const char *text, int expected)
{
	char error[CONSTANT_ERROR_MAX];
	union constant constant = { .number = 0 };
	struct arena arena;

	arena_init(&arena, 1 << 20);
	assert_int_equal(constant_parse(&arena, type, OP_EQ, span_text(text), &constant, error),
	    expected);
	arena_fini(&arena);
	return constant.address;
}

static void
addresses_and_networks_parse(void **state)
{
	(void)state;
	assert_int_equal(address(FIELD_ADDRESS, "10.1.2.3", 0).family, ADDRESS_IPV4);
	assert_int_equal(address(FIELD_ADDRESS, "::1", 0).family, ADDRESS_IPV6);
	address(FIELD_ADDRESS, "::ffff:10.0.0.1", -EINVAL);
	address(FIELD_ADDRESS, "10.0.0.0/8", -EINVAL);
	assert_int_equal(address(FIELD_NETWORK, "10.9.9.9/8", 0).bytes[1], 0);
	assert_int_equal(address(FIELD_NETWORK, "10.0.0.0/256", 0).prefix, 0);
	address(FIELD_NETWORK, "10.0.0.0/33", -EINVAL);
	address(FIELD_NETWORK, "10.0.0.0", -EINVAL);
	address(FIELD_NETWORK, "2001:db8::/0", -EINVAL);
	assert_int_equal(address(FIELD_NETWORK, "2001:db8::/32", 0).prefix, 32);
	address(FIELD_NETWORK, "2001:db8::/129", -EINVAL);
}

static void
texts_have_a_longest_and_a_first_refused(void **state)
{
	char error[CONSTANT_ERROR_MAX], bytes[CONSTANT_TEXT_MAX + 1];
	union constant constant;
	struct arena arena;

	(void)state;
	memset(bytes, 'a', sizeof(bytes));
	arena_init(&arena, 1 << 20);
	assert_int_equal(constant_parse(&arena, FIELD_TEXT, OP_EQ,
	                     (struct span){ bytes, CONSTANT_TEXT_MAX }, &constant, error),
	    0);
	assert_int_equal(constant_parse(&arena, FIELD_TEXT, OP_EQ,
	                     (struct span){ bytes, sizeof(bytes) }, &constant, error),
	    -EINVAL);
	bytes[3] = '\0';
	assert_int_equal(
	    constant_parse(&arena, FIELD_TEXT, OP_EQ, (struct span){ bytes, 8 }, &constant, error),
	    -EINVAL);
	assert_int_equal(
	    constant_parse(&arena, FIELD_BYTES, OP_EQ, (struct span){ bytes, 8 }, &constant, error),
	    0);
	assert_int_equal(
	    constant_parse(&arena, FIELD_BYTES, OP_BCONTAINS, SPAN_OF("2g"), &constant, error),
	    -EINVAL);
	assert_int_equal(
	    constant_parse(&arena, FIELD_BYTES, OP_BCONTAINS, SPAN_OF("abc"), &constant, error),
	    -EINVAL);
	assert_int_equal(
	    constant_parse(&arena, FIELD_BYTES, OP_BCONTAINS, SPAN_OF("6Ac0"), &constant, error),
	    0);
	assert_memory_equal(constant.text.ptr, "\x6a\xc0", 2);
	arena_fini(&arena);
}

/* A set is looked through when small and hashed when large; both must agree at the border. */
static void
sets_find_what_they_hold_at_any_size(void **state)
{
	enum { MOST = 300 };
	union constant texts[MOST], numbers[MOST];
	char names[MOST][8];
	struct arena arena;

	(void)state;
	arena_init(&arena, 1 << 20);
	for (uint32_t i = 0; i < MOST; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "n%u", i);
		texts[i].text = span_text(names[i]);
		numbers[i].number = (uint64_t)i * i;
	}
	for (uint32_t count = 0; count <= MOST; count = count < 8 ? count + 1 : count + 97) {
		struct constants by_text = { .items = texts, .count = count };
		struct constants by_number = { .items = numbers, .count = count };

		assert_int_equal(constants_index(&arena, GROUP_TEXT, 5, &by_text), 0);
		assert_int_equal(constants_index(&arena, GROUP_NUMBER, 5, &by_number), 0);
		for (uint32_t i = 0; i < MOST; i++) {
			assert_int_equal(constants_have_text(&by_text, texts[i].text), i < count);
			assert_int_equal(constants_have_number(&by_number, (uint64_t)i * i),
			    i < count);
		}
		assert_false(constants_have_text(&by_text, SPAN_OF("")));
		assert_false(constants_have_number(&by_number, 7));
	}
	arena_fini(&arena);
}

static void
absent_values_satisfy_nothing(void **state)
{
	struct comparison comparison = { .op = OP_NE, .group = GROUP_NUMBER, .type = FIELD_UINT64 };
	union constant one = { .number = 1 };
	struct field_value value;

	(void)state;
	comparison.constants = (struct constants){ .items = &one, .count = 1 };
	value_none(&value);
	assert_false(op_holds(&comparison, &value));
	value_lost(&value);
	assert_false(op_holds(&comparison, &value));
	comparison.op = OP_EXISTS;
	assert_false(op_holds(&comparison, &value));
	value_number(&value, 2);
	assert_true(op_holds(&comparison, &value));
	comparison.op = OP_NE;
	assert_true(op_holds(&comparison, &value));
}

/* All operators of texts stop at a NUL, but for those that look a text up. */
static void
texts_end_at_a_nul_but_in_sets(void **state)
{
	struct comparison comparison = { .op = OP_EQ, .group = GROUP_TEXT, .type = FIELD_TEXT };
	union constant constant = { .text = SPAN_OF("ab") };
	struct field_value value, other;

	(void)state;
	value_text(&value, SPAN_OF("ab\0c"));
	value_text(&other, SPAN_OF("ab\0d"));
	comparison.constants = (struct constants){ .items = &constant, .count = 1,
		.lengths = 1 << 2 };
	assert_true(op_holds(&comparison, &value));
	assert_true(op_holds_between(&comparison, &value, &other));
	comparison.op = OP_ENDSWITH;
	assert_true(op_holds(&comparison, &value));
	comparison.op = OP_IN;
	assert_false(op_holds(&comparison, &value));
	assert_false(op_holds_between(&comparison, &value, &other));
	assert_true(op_holds_between(&comparison, &value, &value));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(glob_takes_stars_marks_and_sets),
		cmocka_unit_test(glob_escapes_and_keeps_broken_brackets),
		cmocka_unit_test(glob_folds_case_when_asked),
		cmocka_unit_test(glob_stays_fast_on_many_stars),
		cmocka_unit_test(path_prefixes_go_by_component),
		cmocka_unit_test(numbers_wrap_and_refuse_as_the_language_says),
		cmocka_unit_test(addresses_and_networks_parse),
		cmocka_unit_test(texts_have_a_longest_and_a_first_refused),
		cmocka_unit_test(sets_find_what_they_hold_at_any_size),
		cmocka_unit_test(absent_values_satisfy_nothing),
		cmocka_unit_test(texts_end_at_a_nul_but_in_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
