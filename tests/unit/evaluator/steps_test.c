/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "random.h"
#include "steps.h"

enum { KEY = 7 };

static uint32_t
made(struct steps *steps, uint32_t predicate, uint32_t on_true, uint32_t on_false)
{
	const struct step step = { predicate, on_true, on_false };
	uint32_t number = 12345;

	assert_int_equal(steps_make(steps, step, &number), 0);
	return number;
}

static void
equal_steps_are_one(void **state)
{
	struct steps steps;
	uint32_t first;

	(void)state;
	assert_int_equal(steps_init(&steps, 0, 100, KEY), 0);
	first = made(&steps, 1, PROGRAM_MATCH, PROGRAM_FAIL);
	assert_int_equal(first, 0);
	assert_int_equal(made(&steps, 1, PROGRAM_MATCH, PROGRAM_FAIL), first);
	assert_int_equal(made(&steps, 1, PROGRAM_FAIL, PROGRAM_MATCH), 1);
	assert_int_equal(made(&steps, 2, PROGRAM_MATCH, PROGRAM_FAIL), 2);
	assert_int_equal(made(&steps, 1, first, PROGRAM_FAIL), 3);
	assert_int_equal(steps.count, 4);
	steps_fini(&steps);
	steps_fini(&steps);
}

static void
a_step_with_one_end_is_that_end(void **state)
{
	struct steps steps;

	(void)state;
	assert_int_equal(steps_init(&steps, 0, 100, KEY), 0);
	assert_int_equal(made(&steps, 1, PROGRAM_MATCH, PROGRAM_MATCH), PROGRAM_MATCH);
	assert_int_equal(made(&steps, 1, PROGRAM_FAIL, PROGRAM_FAIL), PROGRAM_FAIL);
	(void)made(&steps, 1, PROGRAM_MATCH, PROGRAM_FAIL);
	assert_int_equal(made(&steps, 9, 0, 0), 0);
	assert_int_equal(steps.count, 1);
	steps_fini(&steps);
}

/* Numbers outlast the growing of the table, and content is found in it afterwards. */
static void
growing_keeps_numbers(void **state)
{
	struct steps steps;

	(void)state;
	assert_int_equal(steps_init(&steps, 1, 5000, KEY), 0);
	for (uint32_t round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 5000; i++)
			assert_int_equal(made(&steps, i % 70, PROGRAM_MATCH, i / 70), i);
	assert_int_equal(steps.count, 5000);
	assert_true(steps.table_slots >= 2 * steps.capacity);
	for (uint32_t i = 0; i < 5000; i++)
		assert_int_equal(steps.items[i].on_false, i / 70);
	steps_fini(&steps);
}

static void
the_bound_refuses_new_steps_only(void **state)
{
	const struct step fourth = { 4, PROGRAM_MATCH, PROGRAM_FAIL };
	struct steps steps;
	uint32_t number;

	(void)state;
	assert_int_equal(steps_init(&steps, 1, 3, KEY), 0);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(made(&steps, i, PROGRAM_MATCH, PROGRAM_FAIL), i);
	assert_int_equal(steps_make(&steps, fourth, &number), -E2BIG);
	assert_int_equal(steps.count, 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(made(&steps, i, PROGRAM_MATCH, PROGRAM_FAIL), i);
	assert_int_equal(made(&steps, 4, 1, 1), 1);
	steps_cut(&steps, 2);
	assert_int_equal(made(&steps, 4, PROGRAM_MATCH, PROGRAM_FAIL), 2);
	steps_fini(&steps);
}

static void
what_is_cut_is_forgotten(void **state)
{
	struct steps steps;

	(void)state;
	assert_int_equal(steps_init(&steps, 0, 5000, KEY), 0);
	steps_cut(&steps, 0); /* nothing was made yet */
	for (uint32_t i = 0; i < 3000; i++)
		(void)made(&steps, i, PROGRAM_MATCH, PROGRAM_FAIL);
	steps_cut(&steps, 1000);
	assert_int_equal(steps.count, 1000);
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(made(&steps, i, PROGRAM_MATCH, PROGRAM_FAIL), i);
	assert_int_equal(made(&steps, 2999, PROGRAM_MATCH, PROGRAM_FAIL), 1000);
	assert_int_equal(made(&steps, 1000, PROGRAM_MATCH, PROGRAM_FAIL), 1001);
	steps_cut(&steps, 0);
	assert_int_equal(made(&steps, 5, PROGRAM_MATCH, PROGRAM_FAIL), 0);
	steps_fini(&steps);
}

/* Steps made in any order: the number is that of the first one with the same content. */
static void
numbers_are_those_of_a_plain_search(void **state)
{
	struct random random = { 1 };
	struct step plain[600];
	struct steps steps;
	uint32_t count = 0;

	(void)state;
	assert_int_equal(steps_init(&steps, 8, 600, KEY), 0);
	for (int i = 0; i < 4000; i++) {
		const struct step step = { random_below(&random, 8), random_below(&random, 8),
			random_below(&random, 8) };
		uint32_t at = 0;

		while (at < count && memcmp(&plain[at], &step, sizeof(step)) != 0)
			at++;
		if (step.on_true == step.on_false)
			at = step.on_true;
		else if (at == count)
			plain[count++] = step;
		assert_int_equal(made(&steps, step.predicate, step.on_true, step.on_false), at);
	}
	assert_int_equal(steps.count, count);
	steps_fini(&steps);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_steps_are_one),
		cmocka_unit_test(a_step_with_one_end_is_that_end),
		cmocka_unit_test(growing_keeps_numbers),
		cmocka_unit_test(the_bound_refuses_new_steps_only),
		cmocka_unit_test(what_is_cut_is_forgotten),
		cmocka_unit_test(numbers_are_those_of_a_plain_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
