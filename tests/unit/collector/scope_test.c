/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scope.h"

static bool
holds(const uint32_t *pids, int count, pid_t pid)
{
	for (int i = 0; i < count; i++) {
		if (pids[i] == (uint32_t)pid)
			return true;
	}
	return false;
}

/* A child whose name tries to look like the end of the name field. */
static pid_t
child_start(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_NAME, "x) R 1 (y");
		(void)pause();
		_exit(0);
	}
	return pid;
}

static void
a_tree_is_the_process_and_its_children(void **state)
{
	uint32_t pids[64];
	pid_t first = child_start(), second = child_start();
	int count;

	(void)state;
	(void)usleep(20000); /* they take their names */
	count = scope_descendants((uint32_t)getpid(), pids, 64);
	(void)kill(first, SIGKILL);
	(void)kill(second, SIGKILL);
	(void)waitpid(first, NULL, 0);
	(void)waitpid(second, NULL, 0);
	assert_int_equal(count, 3);
	assert_int_equal(pids[0], getpid());
	assert_true(holds(pids, count, first) && holds(pids, count, second));
}

static void
a_tree_is_cut_at_the_room_there_is(void **state)
{
	uint32_t pids[1];
	pid_t child = child_start();
	int count = scope_descendants((uint32_t)getpid(), pids, 1);

	(void)state;
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	assert_int_equal(count, 1);
	assert_int_equal(pids[0], getpid());
}

static void
a_process_that_is_not_there_is_refused(void **state)
{
	uint32_t pids[4];
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(0);
	(void)waitpid(child, NULL, 0);
	assert_int_equal(scope_descendants((uint32_t)child, pids, 4), -ESRCH);
}

static void
what_is_no_cgroup_is_refused(void **state)
{
	static char path[8192];
	uint64_t id = 0;

	(void)state;
	assert_int_equal(scope_cgroup_id("/no/such/group", &id), -ENOENT);
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	assert_int_equal(scope_cgroup_id(path, &id), -ENAMETOOLONG);
	assert_int_equal(id, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_is_the_process_and_its_children),
		cmocka_unit_test(a_tree_is_cut_at_the_room_there_is),
		cmocka_unit_test(a_process_that_is_not_there_is_refused),
		cmocka_unit_test(what_is_no_cgroup_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
