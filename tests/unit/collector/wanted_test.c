/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>
#include <sys/syscall.h>

#include "wanted.h"

static struct interest evaluator, tap;
static struct wanted wanted;

static void
want(struct interest *shared, uint32_t event, uint64_t hash)
{
	struct interest interest = { .rules_hash = hash };

	interest.events[event / 64] |= UINT64_C(1) << (event % 64);
	interest_write(shared, &interest);
}

static void
start(void)
{
	memset(&evaluator, 0, sizeof(evaluator));
	memset(&tap, 0, sizeof(tap));
	wanted_init(&wanted, (const struct interest *[]){ &evaluator }, 1, &tap);
}

static void
nothing_written_wants_nothing(void **state)
{
	(void)state;
	start();
	assert_int_equal(wanted_look(&wanted, UINT64_MAX), WANTED_SAME);
	assert_false(wanted_syscall(&wanted.armed, SYS_openat));
}

static void
a_change_widens_then_tells_then_narrows(void **state)
{
	(void)state;
	start();
	want(&evaluator, EV_openat, 1);
	assert_int_equal(wanted_look(&wanted, 100), WANTED_WIDEN);
	wanted_armed(&wanted, 200);
	assert_int_equal(wanted_look(&wanted, 199), WANTED_SAME);
	assert_int_equal(wanted_look(&wanted, 200), WANTED_TELL);
	wanted_told(&wanted, 0);
	assert_int_equal(wanted_look(&wanted, 200), WANTED_NARROW);
	assert_int_equal(wanted_look(&wanted, 200), WANTED_SAME);

	want(&evaluator, EV_connect, 2);
	assert_int_equal(wanted_look(&wanted, 300), WANTED_WIDEN);
	assert_true(wanted_syscall(&wanted.armed, SYS_openat));
	assert_true(wanted_syscall(&wanted.armed, SYS_connect));
	wanted_armed(&wanted, 400);
	assert_int_equal(wanted_look(&wanted, 400), WANTED_TELL);
	assert_int_equal(wanted.evaluators.each[0].rules_hash, 2);
	assert_int_equal(wanted.evaluators.each[0].generation, evaluator.generation);
	wanted_told(&wanted, 0);
	assert_int_equal(wanted_look(&wanted, 400), WANTED_NARROW);
	assert_false(wanted_syscall(&wanted.armed, SYS_openat));
	assert_true(wanted_syscall(&wanted.armed, SYS_connect));
}

static void
a_newer_change_takes_the_place_of_one_under_way(void **state)
{
	(void)state;
	start();
	want(&evaluator, EV_openat, 1);
	assert_int_equal(wanted_look(&wanted, 100), WANTED_WIDEN);
	wanted_armed(&wanted, 200);
	want(&evaluator, EV_connect, 2);
	assert_int_equal(wanted_look(&wanted, 200), WANTED_WIDEN);
	assert_true(wanted_syscall(&wanted.armed, SYS_openat));
	assert_int_equal(wanted_look(&wanted, 300), WANTED_SAME);
	wanted_armed(&wanted, 400);
	assert_int_equal(wanted_look(&wanted, 400), WANTED_TELL);
	assert_int_equal(wanted.evaluators.each[0].rules_hash, 2);
}

static void
a_tap_adds_and_takes_away_without_a_record(void **state)
{
	(void)state;
	start();
	want(&evaluator, EV_openat, 1);
	assert_int_equal(wanted_look(&wanted, 100), WANTED_WIDEN);
	wanted_armed(&wanted, 100);
	assert_int_equal(wanted_look(&wanted, 100), WANTED_TELL);
	wanted_told(&wanted, 0);
	assert_int_equal(wanted_look(&wanted, 100), WANTED_NARROW);
	want(&tap, EV_connect, 0);
	assert_int_equal(wanted_look(&wanted, 100), WANTED_NARROW);
	assert_true(wanted_syscall(&wanted.armed, SYS_openat));
	assert_true(wanted_syscall(&wanted.armed, SYS_connect));
	want(&tap, EV_none, 0);
	assert_int_equal(wanted_look(&wanted, 100), WANTED_NARROW);
	assert_false(wanted_syscall(&wanted.armed, SYS_connect));
}

static void
a_half_written_interest_is_not_read(void **state)
{
	(void)state;
	start();
	evaluator.generation = 1;
	assert_int_equal(wanted_look(&wanted, 100), WANTED_SAME);
}

static void
other_calls_are_wanted_by_their_number(void **state)
{
	struct interest interest = { .rules_hash = 1 };

	(void)state;
	start();
	interest.events[EV_syscall / 64] |= UINT64_C(1) << (EV_syscall % 64);
	interest.syscalls[SYS_getppid / 64] |= UINT64_C(1) << (SYS_getppid % 64);
	assert_true(wanted_syscall(&interest, SYS_getppid));
	assert_false(wanted_syscall(&interest, SYS_getpid));
	assert_false(wanted_syscall(&interest, SYS_openat));
}

/* Of several evaluators the union is armed, and each whose wish changed is told of by itself. */
static void
each_evaluator_is_told_of(void **state)
{
	struct interest second;

	(void)state;
	start();
	memset(&second, 0, sizeof(second));
	wanted_init(&wanted, (const struct interest *[]){ &evaluator, &second }, 2, &tap);
	want(&evaluator, EV_openat, 1);
	want(&second, EV_connect, 1);
	assert_int_equal(wanted_look(&wanted, 100), WANTED_WIDEN);
	assert_true(wanted_syscall(&wanted.armed, SYS_openat));
	assert_true(wanted_syscall(&wanted.armed, SYS_connect));
	wanted_armed(&wanted, 200);
	assert_int_equal(wanted_look(&wanted, 200), WANTED_TELL);
	assert_int_equal(wanted.telling, 3);
	wanted_told(&wanted, 1);
	assert_int_equal(wanted_look(&wanted, 200), WANTED_TELL);
	assert_int_equal(wanted.telling, 1);
	wanted_told(&wanted, 0);
	assert_int_equal(wanted_look(&wanted, 200), WANTED_NARROW);
	assert_true(wanted_syscall(&wanted.armed, SYS_connect));
	want(&second, EV_openat, 2);
	assert_int_equal(wanted_look(&wanted, 300), WANTED_WIDEN);
	assert_int_equal(wanted.telling, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_written_wants_nothing),
		cmocka_unit_test(a_change_widens_then_tells_then_narrows),
		cmocka_unit_test(a_newer_change_takes_the_place_of_one_under_way),
		cmocka_unit_test(a_tap_adds_and_takes_away_without_a_record),
		cmocka_unit_test(a_half_written_interest_is_not_read),
		cmocka_unit_test(other_calls_are_wanted_by_their_number),
		cmocka_unit_test(each_evaluator_is_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
