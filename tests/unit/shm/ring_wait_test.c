/* SPDX-License-Identifier: Apache-2.0 */
/* One consumer of several rings. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "unit/shm/ring_fixture.h"

enum { RINGS = 3, FAR_NS = 2000000000, SOON_NS = 1000000000, PAUSE_MS = 50 };

static struct ring_fixture rings[RINGS];
static struct ring *consumers[RINGS];

static int
open_rings(void **state)
{
	(void)state;
	for (int i = 0; i < RINGS; i++) {
		ring_fixture_open(&rings[i], RING_BYTES_MIN);
		consumers[i] = &rings[i].consumer;
	}
	return 0;
}

static int
close_rings(void **state)
{
	(void)state;
	for (int i = 0; i < RINGS; i++)
		ring_fixture_close(&rings[i]);
	return 0;
}

static uint64_t
waited_ns(uint64_t timeout_ns)
{
	uint64_t begin = clock_ns(CLOCK_MONOTONIC);

	ring_wait_any(consumers, RINGS, timeout_ns);
	return clock_ns(CLOCK_MONOTONIC) - begin;
}

/* Use up the short sleeps, after which only a wake-up or the timeout ends one. */
static void
grow_idle(void)
{
	for (int i = 0; i < 16; i++)
		ring_wait_any(consumers, RINGS, 1000);
}

static void *
publish_later(void *arg)
{
	struct ring *producer = arg;

	clock_pause_ms(PAUSE_MS);
	(void)ring_fixture_put(producer, 64, 1);
	ring_publish(producer, 1);
	return NULL;
}

static void *
end_later(void *arg)
{
	clock_pause_ms(PAUSE_MS);
	ring_end(arg);
	return NULL;
}

static void
any_ring_wakes(void **state)
{
	(void)state;
	for (int i = 0; i < RINGS; i++) {
		uint8_t entry[64];
		pthread_t thread;

		grow_idle();
		assert_int_equal(pthread_create(&thread, NULL, publish_later, &rings[i].producer),
		    0);
		assert_true(waited_ns(FAR_NS) < SOON_NS);
		(void)pthread_join(thread, NULL);
		assert_int_equal(ring_next(consumers[i], entry, sizeof(entry)), 64);
	}
}

static void
entries_that_are_there_are_not_waited_for(void **state)
{
	(void)state;
	grow_idle();
	assert_true(ring_fixture_put(&rings[1].producer, 64, 1));
	ring_publish(&rings[1].producer, 1);
	assert_true(waited_ns(FAR_NS) < SOON_NS);
}

static void
a_sleep_has_a_bound(void **state)
{
	(void)state;
	grow_idle();
	assert_true(waited_ns(20 * 1000000) >= 19 * 1000000);
}

/* From here on futex_waitv() fails with ERROR. */
static bool
refuse_wait(uint16_t error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 449, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* Old kernels say the one, old containers the other. */
static void
without_the_system_call_it_still_sleeps(void **state)
{
	static const uint16_t errors[] = { ENOSYS, EPERM };

	(void)state;
	grow_idle();
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		pid_t pid = fork();
		int status;

		assert_true(pid >= 0);
		if (pid == 0)
			_exit(!refuse_wait(errors[i]) || waited_ns(FAR_NS) < 1000000);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

/* One that has ended says nothing more; when all have, there is nothing to wait for. */
static void
the_end_of_all_wakes(void **state)
{
	pthread_t thread;

	(void)state;
	ring_end(&rings[0].producer);
	ring_end(&rings[1].producer);
	grow_idle();
	assert_true(waited_ns(20 * 1000000) >= 19 * 1000000);
	assert_int_equal(pthread_create(&thread, NULL, end_later, &rings[2].producer), 0);
	assert_true(waited_ns(FAR_NS) < SOON_NS);
	(void)pthread_join(thread, NULL);
	assert_true(waited_ns(FAR_NS) < SOON_NS);
}

static void
what_is_kept_is_read_again(void **state)
{
	uint8_t entry[64];
	uint64_t number;

	(void)state;
	for (uint64_t i = 1; i <= 3; i++)
		assert_true(ring_fixture_put(&rings[0].producer, 64, i));
	ring_publish(&rings[0].producer, 3);
	for (int i = 0; i < 2; i++)
		assert_int_equal(ring_next(consumers[0], entry, sizeof(entry)), 64);
	ring_release_but(consumers[0], 1, 64);
	assert_int_equal(ring_waiting(consumers[0]), 128);
	assert_int_equal(ring_next(consumers[0], entry, sizeof(entry)), 64); /* goes on */
	memcpy(&number, entry + 8, 8);
	assert_int_equal(number, 3);
	ring_detach(consumers[0]);
	ring_fixture_consumer(&rings[0]); /* a successor */
	assert_int_equal(ring_next(consumers[0], entry, sizeof(entry)), 64);
	memcpy(&number, entry + 8, 8);
	assert_int_equal(number, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_rings, close_rings)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(any_ring_wakes),
		TEST(entries_that_are_there_are_not_waited_for),
		TEST(a_sleep_has_a_bound),
		TEST(without_the_system_call_it_still_sleeps),
		TEST(the_end_of_all_wakes),
		TEST(what_is_kept_is_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
