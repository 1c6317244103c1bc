/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each check is made by a child that enters a jail and then tries what must work and what must not.
 * A child that is surprised says where, and its exit status says that it was.
 */
#ifndef TESTS_JAIL_CHILD_H
#define TESTS_JAIL_CHILD_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "jail.h"

enum { CHILD_OK = 0, CHILD_REFUSED_ENTRY = 254, CHILD_SURPRISED = 255 };

static struct jail_report report;
static char directory[] = "/tmp/jail_test.XXXXXX";
static int shared_fd = -1; /* a memfd of one page */

/* Leave the child unless the condition holds. */
#define HOLDS(condition) \
	do { \
		if (!(condition)) { \
			dprintf(2, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, \
			    strerrordesc_np(errno)); \
			_exit(CHILD_SURPRISED); \
		} \
	} while (0)

#define REFUSED(call) HOLDS((call) < 0 && (errno == EPERM || errno == EACCES))

/* Run ATTEMPT in a child inside JAIL; its exit status, or CHILD_REFUSED_ENTRY. */
static int
inside(const struct jail *jail, void (*attempt)(void))
{
	pid_t child = fork();
	int status = 0;

	assert_true(child >= 0);
	if (child == 0) {
		struct jail_report own;

		if (jail_enter(jail, &own) < 0)
			_exit(CHILD_REFUSED_ENTRY);
		attempt();
		_exit(CHILD_OK);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
nothing(void)
{
}

static void
require_whole_jail(void)
{
	if (!(report.missing & JAIL_SANITIZER))
		return;
	print_message("skipped: a sanitizer build leaves the jail open\n");
	skip();
}

/* Learn once, from a child, what this kernel and this build offer. */
static int
learn(void **state)
{
	int ends[2];
	char path[64];
	pid_t child;

	(void)state;
	if (!mkdtemp(directory) || pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/read", directory);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	shared_fd = memfd_create("jail_test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (shared_fd < 0 || ftruncate(shared_fd, 4096) < 0)
		return -1;
	if ((child = fork()) == 0) {
		struct jail jail = { .name = "test" };
		struct jail_report own;

		if (jail_enter(&jail, &own) < 0 || write(ends[1], &own, sizeof(own)) < 0)
			_exit(CHILD_SURPRISED);
		_exit(CHILD_OK);
	}
	close(ends[1]);
	if (read(ends[0], &report, sizeof(report)) != (ssize_t)sizeof(report))
		return -1;
	close(ends[0]);
	return waitpid(child, NULL, 0) == child ? 0 : -1;
}

static int
forget(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/read", directory);
	unlink(path);
	rmdir(directory);
	close(shared_fd);
	return 0;
}

#endif
