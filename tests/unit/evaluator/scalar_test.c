/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalar.h"

static int
truth(const char *text)
{
	bool value;

	return scalar_bool(span_text(text), &value) ? value : -1;
}

static void
truth_values_have_three_spellings(void **state)
{
	static const char *const yes[] = { "y", "Y", "yes", "Yes", "YES", "true", "True",
		"TRUE", "on", "On", "ON" };
	static const char *const no[] = { "n", "N", "no", "No", "NO", "false", "False",
		"FALSE", "off", "Off", "OFF" };
	static const char *const none[] = { "", "1", "0", "tRuE", "yES", "oN", "truex", "t" };

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_int_equal(truth(yes[i]), 1);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_int_equal(truth(no[i]), 0);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(truth(none[i]), -1);
}

static int64_t
number(const char *text)
{
	uint32_t value;

	return scalar_unsigned(span_text(text), &value) ? (int64_t)value : -1;
}

static void
numbers_are_unsigned_and_32_bits(void **state)
{
	(void)state;
	assert_int_equal(number("0"), 0);
	assert_int_equal(number("26"), 26);
	assert_int_equal(number("0x1F"), 31);
	assert_int_equal(number("010"), 8);
	assert_int_equal(number("0o10"), 8);
	assert_int_equal(number("4294967295"), 4294967295);
	assert_int_equal(number("4294967296"), -1);
	assert_int_equal(number("99999999999999999999999"), -1);
	assert_int_equal(number("-1"), -1);
	assert_int_equal(number("0x"), -1);
	assert_int_equal(number("08"), -1);
	assert_int_equal(number("1x"), -1);
	assert_int_equal(number(""), -1);
}

static void
versions_have_three_numbers(void **state)
{
	struct rule_version version;

	(void)state;
	assert_true(scalar_version(SPAN_OF("0.31.7-beta"), &version));
	assert_int_equal(version.part[1], 31);
	assert_int_equal(version.part[2], 7);
	assert_false(scalar_version(SPAN_OF("0.31"), &version));
	assert_false(scalar_version(SPAN_OF("0.31."), &version));
	assert_false(scalar_version(SPAN_OF("v0.31.1"), &version));
	assert_false(scalar_version(SPAN_OF("0.1.4294967296"), &version));
}

static void
versions_meet_within_a_major_number(void **state)
{
	const struct rule_version loaded = { { 0, 4, 2 } };

	(void)state;
	assert_true(version_meets(&loaded, &(struct rule_version){ { 0, 4, 2 } }));
	assert_true(version_meets(&loaded, &(struct rule_version){ { 0, 3, 9 } }));
	assert_false(version_meets(&loaded, &(struct rule_version){ { 0, 4, 3 } }));
	assert_false(version_meets(&loaded, &(struct rule_version){ { 1, 0, 0 } }));
}

static void
trimming_takes_all_white_space(void **state)
{
	(void)state;
	assert_true(span_equal(scalar_trim(SPAN_OF(" \t\r\n\v\fa b\n ")), SPAN_OF("a b")));
	assert_int_equal(scalar_trim(SPAN_OF(" \n ")).len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(truth_values_have_three_spellings),
		cmocka_unit_test(numbers_are_unsigned_and_32_bits),
		cmocka_unit_test(versions_have_three_numbers),
		cmocka_unit_test(versions_meet_within_a_major_number),
		cmocka_unit_test(trimming_takes_all_white_space),
	};

	return cmocka_run_group_tests_name("scalar", tests, NULL, NULL);
}
