/* SPDX-License-Identifier: Apache-2.0 */
/* Back-off, poison and hangs: arithmetic only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "life.h"

#define MS UINT64_C(1000000)

static void
pause_doubles_up_to_its_bound(void **state)
{
	static const uint32_t expected[] = { 50, 100, 200, 400, 500, 500 };
	uint32_t pause_ms = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		pause_ms = backoff_next(pause_ms, 50, 500);
		assert_int_equal(pause_ms, expected[i]);
	}
}

static void
pause_never_exceeds_a_bound_below_its_start(void **state)
{
	(void)state;
	assert_int_equal(backoff_next(0, 50, 20), 20);
	assert_int_equal(backoff_next(20, 50, 20), 20);
	assert_int_equal(backoff_next(UINT32_MAX, 1, UINT32_MAX), UINT32_MAX);
	assert_int_equal(backoff_next(0, 1, 1), 1);
	assert_int_equal(backoff_next(1, 1, 1), 1);
}

static void
second_end_at_a_position_makes_it_poison(void **state)
{
	struct poison poison = { 0, 0 };

	(void)state;
	assert_false(poison_judge(&poison, 7));
	assert_int_equal(poison.skip, 0);
	assert_true(poison_judge(&poison, 7));
	assert_int_equal(poison.skip, 7);
}

static void
poison_is_found_once(void **state)
{
	struct poison poison = { 7, 7 };

	(void)state;
	assert_false(poison_judge(&poison, 7));
	assert_int_equal(poison.skip, 7);
	assert_false(poison_judge(&poison, 9));
	assert_true(poison_judge(&poison, 9));
	assert_int_equal(poison.skip, 9);
}

static void
ends_elsewhere_or_idle_are_no_poison(void **state)
{
	struct poison poison = { 0, 0 };

	(void)state;
	assert_false(poison_judge(&poison, 0));
	assert_false(poison_judge(&poison, 0));
	assert_false(poison_judge(&poison, 7));
	assert_false(poison_judge(&poison, 8));
	assert_false(poison_judge(&poison, 7));
	assert_false(poison_judge(&poison, 0));
	assert_false(poison_judge(&poison, 7));
	assert_int_equal(poison.skip, 0);
}

static void
standing_still_with_input_is_a_hang(void **state)
{
	struct hang hang = { 0, 0, 0 };
	uint64_t now_ns = 5 * MS;

	(void)state;
	assert_false(hang_judge(&hang, 3, true, now_ns, 10 * MS, 30 * MS));
	assert_false(hang_judge(&hang, 3, true, now_ns += 10 * MS, 10 * MS, 30 * MS));
	assert_false(hang_judge(&hang, 3, true, now_ns += 10 * MS, 10 * MS, 30 * MS));
	assert_true(hang_judge(&hang, 3, true, now_ns += 10 * MS, 10 * MS, 30 * MS));
}

static void
turning_or_idle_is_no_hang(void **state)
{
	struct hang hang = { 0, 0, 0 };
	uint64_t now_ns = 5 * MS;

	(void)state;
	for (uint64_t i = 1; i < 100; i++)
		assert_false(hang_judge(&hang, i, true, now_ns += 10 * MS, 10 * MS, 15 * MS));
	for (uint64_t i = 0; i < 100; i++)
		assert_false(hang_judge(&hang, 99, false, now_ns += 10 * MS, 10 * MS, 15 * MS));
	assert_false(hang_judge(&hang, 99, true, now_ns += 10 * MS, 10 * MS, 15 * MS));
}

static void
keeper_that_was_held_up_condemns_nobody(void **state)
{
	struct hang hang = { 0, 0, 0 };

	(void)state;
	assert_false(hang_judge(&hang, 1, true, 1 * MS, 10 * MS, 30 * MS));
	assert_false(hang_judge(&hang, 1, true, 100000 * MS, 10 * MS, 30 * MS));
	assert_false(hang_judge(&hang, 2, true, 100010 * MS, 10 * MS, 30 * MS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pause_doubles_up_to_its_bound),
		cmocka_unit_test(pause_never_exceeds_a_bound_below_its_start),
		cmocka_unit_test(second_end_at_a_position_makes_it_poison),
		cmocka_unit_test(poison_is_found_once),
		cmocka_unit_test(ends_elsewhere_or_idle_are_no_poison),
		cmocka_unit_test(standing_still_with_input_is_a_hang),
		cmocka_unit_test(turning_or_idle_is_no_hang),
		cmocka_unit_test(keeper_that_was_held_up_condemns_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
