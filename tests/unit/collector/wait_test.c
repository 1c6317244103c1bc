/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "wait.h"

enum { SLEEPS = 5 };

static const uint64_t ms = 1000000;

static uint64_t
clock_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* False where the kernel, or a container around the test, refuses this kind. */
static bool
start(struct wait *wait, int *fd, enum wait_kind kind)
{
	*fd = eventfd(0, EFD_NONBLOCK);
	assert_true(*fd >= 0);
	if (wait_open_kind(wait, fd, 1, kind) == 0)
		return true;
	(void)close(*fd);
	return false;
}

static void
sleeps_as_long_as_nothing_comes(enum wait_kind kind)
{
	struct wait wait;
	uint64_t longest = 0;
	int fd;

	if (!start(&wait, &fd, kind))
		skip();
	/* Another ring that is being taken down may interrupt a sleep, which is its right. */
	for (int i = 0; i < SLEEPS && longest < 4 * ms; i++) {
		uint64_t begin = clock_ns(), slept;

		assert_false(wait_for(&wait, 5 * ms));
		slept = clock_ns() - begin;
		longest = slept > longest ? slept : longest;
	}
	assert_true(longest >= 4 * ms);
	wait_close(&wait);
	wait_close(&wait);
	(void)close(fd);
}

static void
wakes_once_for_each_announcement(enum wait_kind kind)
{
	struct wait wait;
	int fd;

	if (!start(&wait, &fd, kind))
		skip();
	for (int i = 0; i < 3; i++) {
		assert_int_equal(eventfd_write(fd, 1), 0);
		assert_true(wait_for(&wait, 1000 * ms));
		/* What is still there and was announced does not wake again. */
		assert_false(wait_for(&wait, 2 * ms));
	}
	wait_close(&wait);
	(void)close(fd);
}

static void
io_uring_sleeps(void **state)
{
	(void)state;
	sleeps_as_long_as_nothing_comes(WAIT_IO_URING);
}

static void
io_uring_wakes_once(void **state)
{
	(void)state;
	wakes_once_for_each_announcement(WAIT_IO_URING);
}

static void
epoll_sleeps(void **state)
{
	(void)state;
	sleeps_as_long_as_nothing_comes(WAIT_EPOLL);
}

static void
epoll_wakes_once(void **state)
{
	(void)state;
	wakes_once_for_each_announcement(WAIT_EPOLL);
}

static void
one_of_the_two_is_always_there(void **state)
{
	struct wait wait;

	(void)state;
	assert_int_equal(wait_open(&wait, NULL, 0), 0);
	assert_true(wait.kind == WAIT_IO_URING || wait.kind == WAIT_EPOLL);
	wait_close(&wait);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(io_uring_sleeps),
		cmocka_unit_test(io_uring_wakes_once),
		cmocka_unit_test(epoll_sleeps),
		cmocka_unit_test(epoll_wakes_once),
		cmocka_unit_test(one_of_the_two_is_always_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
