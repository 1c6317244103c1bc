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
	wanted_init(&wanted, (const struct interest *[]){ &evaluator }, 1, &tap, false);
}

static void
nothing_written_wants_nothing(void **state)
{
	(void)state;
	start();
	assert_int_equal(wanted_look(&wanted, UINT64_MAX, false), WANTED_SAME);
	assert_false(wanted_syscall(&wanted.armed, SYS_openat));
}

static void
a_change_widens_then_tells_then_narrows(void **state)
{
	(void)state;
	start();
	want(&evaluator, EV_openat, 1);
	assert_int_equal(wanted_look(&wanted, 100, false), WANTED_WIDEN);
	wanted_armed(&wanted, 200);
	assert_int_equal(wanted_look(&wanted, 199, false), WANTED_SAME);
	assert_int_equal(wanted_look(&wanted, 200, false), WANTED_TELL);
	wanted_told(&wanted);
	assert_int_equal(wanted_look(&wanted, 200, false), WANTED_NARROW);
	assert_int_equal(wanted_look(&wanted, 200, false), WANTED_SAME);

	want(&evaluator, EV_connect, 2);
	assert_int_equal(wanted_look(&wanted, 300, false), WANTED_WIDEN);
	assert_true(wanted_syscall(&wanted.armed, SYS_openat));
	assert_true(wanted_syscall(&wanted.armed, SYS_connect));
	wanted_armed(&wanted, 400);
	assert_int_equal(wanted_look(&wanted, 400, false), WANTED_TELL);
	assert_int_equal(wanted.evaluators.each[0].rules_hash, 2);
	assert_int_equal(wanted.evaluators.each[0].generation, evaluator.generation);
	wanted_told(&wanted);
	assert_int_equal(wanted_look(&wanted, 400, false), WANTED_NARROW);
	assert_false(wanted_syscall(&wanted.armed, SYS_openat));
	assert_true(wanted_syscall(&wanted.armed, SYS_connect));
}

static void
a_newer_change_takes_the_place_of_one_under_way(void **state)
{
	(void)state;
	start();
	want(&evaluator, EV_openat, 1);
	assert_int_equal(wanted_look(&wanted, 100, false), WANTED_WIDEN);
	wanted_armed(&wanted, 200);
	want(&evaluator, EV_connect, 2);
	assert_int_equal(wanted_look(&wanted, 200, false), WANTED_WIDEN);
	assert_true(wanted_syscall(&wanted.armed, SYS_openat));
	assert_int_equal(wanted_look(&wanted, 300, false), WANTED_SAME);
	wanted_armed(&wanted, 400);
	assert_int_equal(wanted_look(&wanted, 400, false), WANTED_TELL);
	assert_int_equal(wanted.evaluators.each[0].rules_hash, 2);
}

static void
a_tap_adds_and_takes_away_without_a_record(void **state)
{
	(void)state;
	start();
	want(&evaluator, EV_openat, 1);
	assert_int_equal(wanted_look(&wanted, 100, false), WANTED_WIDEN);
	wanted_armed(&wanted, 100);
	assert_int_equal(wanted_look(&wanted, 100, false), WANTED_TELL);
	wanted_told(&wanted);
	assert_int_equal(wanted_look(&wanted, 100, false), WANTED_NARROW);
	want(&tap, EV_connect, 0);
	assert_int_equal(wanted_look(&wanted, 100, false), WANTED_NARROW);
	assert_true(wanted_syscall(&wanted.armed, SYS_openat));
	assert_true(wanted_syscall(&wanted.armed, SYS_connect));
	want(&tap, EV_none, 0);
	assert_int_equal(wanted_look(&wanted, 100, false), WANTED_NARROW);
	assert_false(wanted_syscall(&wanted.armed, SYS_connect));
}

static void
a_half_written_interest_is_not_read(void **state)
{
	(void)state;
	start();
	evaluator.generation = 1;
	assert_int_equal(wanted_look(&wanted, 100, false), WANTED_SAME);
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

/* Read a context parameter that is kept only while it is wanted. */
static void
want_context(struct interest *shared, uint32_t context, uint64_t hash)
{
	struct interest interest = { .rules_hash = hash, .contexts = UINT64_C(1) << context };

	interest.events[EV_openat / 64] |= UINT64_C(1) << (EV_openat % 64);
	interest_write(shared, &interest);
}

/* Begin with rules 1 told. */
static void
start_told(bool successor)
{
	start();
	want_context(&evaluator, C_comm, 1);
	wanted_init(&wanted, (const struct interest *[]){ &evaluator }, 1, &tap, successor);
	assert_int_equal(wanted_look(&wanted, 100, false), WANTED_WIDEN);
	wanted_armed(&wanted, 100);
	if (successor)
		return;
	assert_int_equal(wanted_look(&wanted, 100, true), WANTED_TELL);
	wanted_told(&wanted);
	assert_int_equal(wanted_look(&wanted, 100, true), WANTED_NARROW);
}

static void
what_tasks_must_tell_more_is_announced_and_waited_for(void **state)
{
	(void)state;
	start_told(false);
	want_context(&evaluator, C_env, 2);
	assert_int_equal(wanted_look(&wanted, 200, false), WANTED_WIDEN);
	wanted_armed(&wanted, 200);
	assert_int_equal(wanted_look(&wanted, 200, false), WANTED_ANNOUNCE);
	assert_int_equal(wanted.told_hash, 1);
	wanted_announced(&wanted);
	assert_int_equal(wanted_look(&wanted, 300, true), WANTED_SAME);
	assert_int_equal(wanted_look(&wanted, 300, false), WANTED_TELL);
	wanted_told(&wanted);
	assert_int_equal(wanted.told_hash, 2);
	assert_int_equal(wanted_look(&wanted, 300, false), WANTED_NARROW);
	/* Less is only told. */
	want_context(&evaluator, C_env, 3);
	assert_int_equal(wanted_look(&wanted, 400, false), WANTED_WIDEN);
	wanted_armed(&wanted, 400);
	assert_int_equal(wanted_look(&wanted, 400, true), WANTED_TELL);
}

static void
successor_takes_nothing_for_told(void **state)
{
	(void)state;
	start_told(true);
	assert_int_equal(wanted_look(&wanted, 100, true), WANTED_ANNOUNCE);
	assert_int_equal(wanted.told_hash, 0);
	wanted_announced(&wanted);
	assert_int_equal(wanted_look(&wanted, 100, true), WANTED_SAME);
	assert_int_equal(wanted_look(&wanted, 100, false), WANTED_TELL);
}

static void
record_waits_until_all_evaluators_say_the_same(void **state)
{
	static struct interest other;

	(void)state;
	start();
	memset(&other, 0, sizeof(other));
	want(&evaluator, EV_openat, 1);
	want(&other, EV_openat, 1);
	wanted_init(&wanted, (const struct interest *[]){ &evaluator, &other }, 2, &tap, false);
	assert_int_equal(wanted_look(&wanted, 100, false), WANTED_WIDEN);
	wanted_armed(&wanted, 100);
	assert_int_equal(wanted_look(&wanted, 100, false), WANTED_TELL);
	wanted_told(&wanted);
	assert_int_equal(wanted_look(&wanted, 100, false), WANTED_NARROW);
	want(&other, EV_mkdir, 2);
	assert_int_equal(wanted_look(&wanted, 200, false), WANTED_WIDEN);
	wanted_armed(&wanted, 200);
	assert_int_equal(wanted_look(&wanted, 300, false), WANTED_SAME);
	assert_true(wanted_syscall(&wanted.armed, SYS_openat));
	assert_true(wanted_syscall(&wanted.armed, SYS_mkdir));
	want(&evaluator, EV_mkdir, 2);
	assert_int_equal(wanted_look(&wanted, 400, false), WANTED_WIDEN);
	wanted_armed(&wanted, 400);
	assert_int_equal(wanted_look(&wanted, 400, false), WANTED_TELL);
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
		cmocka_unit_test(what_tasks_must_tell_more_is_announced_and_waited_for),
		cmocka_unit_test(successor_takes_nothing_for_told),
		cmocka_unit_test(record_waits_until_all_evaluators_say_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
