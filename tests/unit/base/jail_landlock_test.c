/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker can not reach although its system calls are allowed: by Landlock, by its root. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "jail.h"
#include "unit/base/jail_child.h"

static const char *const file_calls[] = { "openat", "socket", "bind", "connect", "unlink",
	"rename", "newfstatat", "fallocate", "mkdir", NULL };

static void
require_landlock(int abi)
{
	if (report.landlock_abi >= abi)
		return;
	print_message("skipped: no Landlock of version %d\n", abi);
	skip();
}

static void
try_landlock_nothing(void)
{
	REFUSED(open("/etc/passwd", O_RDONLY));
	REFUSED(open(directory, O_RDONLY | O_DIRECTORY));
}

static void
try_landlock_read(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/read", directory);
	HOLDS((fd = open(path, O_RDONLY)) >= 0);
	REFUSED(open(path, O_RDWR));
	REFUSED(open(path, O_RDONLY | O_TRUNC));
	REFUSED(unlink(path));
	snprintf(path, sizeof(path), "%s/new", directory);
	REFUSED(open(path, O_WRONLY | O_CREAT, 0600));
	REFUSED(open("/etc/passwd", O_RDONLY));
}

static void
try_landlock_write(void)
{
	char path[64], other[64];
	int fd;

	snprintf(path, sizeof(path), "%s/new", directory);
	snprintf(other, sizeof(other), "%s/other", directory);
	HOLDS((fd = open(path, O_WRONLY | O_CREAT, 0600)) >= 0);
	HOLDS(fallocate(fd, 0, 0, 4096) == 0);
	HOLDS(rename(path, other) == 0);
	HOLDS(unlink(other) == 0);
	REFUSED(open("/etc/passwd", O_RDONLY));
	REFUSED(mkdir(path, 0700));
}

static void
landlock_grants_what_a_path_says(void **state)
{
	struct jail jail = { .name = "test", .syscalls = (const char *const[]){ "openat", NULL } };
	int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	require_landlock(3);
	assert_true(fd >= 0);
	assert_int_equal(inside(&jail, try_landlock_nothing), CHILD_OK);
	jail.syscalls = (const char *const[]){ "openat", "unlink", NULL };
	jail.path_count = 1;
	jail.paths[0] = (struct jail_path){ directory, -1, JAIL_READ };
	assert_int_equal(inside(&jail, try_landlock_read), CHILD_OK);
	jail.paths[0] = (struct jail_path){ NULL, fd, JAIL_WRITE };
	jail.syscalls = file_calls;
	assert_int_equal(inside(&jail, try_landlock_write), CHILD_OK);
	close(fd);
	jail.paths[0] = (struct jail_path){ "/nowhere/at/all", -1, JAIL_READ };
	assert_int_equal(inside(&jail, nothing), CHILD_REFUSED_ENTRY);
}

static void
try_landlock_file(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/read", directory);
	HOLDS(open(path, O_RDWR) >= 0);
	REFUSED(open(directory, O_RDONLY | O_DIRECTORY));
}

static void
landlock_rule_may_name_a_file(void **state)
{
	char path[64];
	struct jail jail = { .name = "test", .syscalls = (const char *const[]){ "openat", NULL },
		.path_count = 1 };

	(void)state;
	require_landlock(3);
	snprintf(path, sizeof(path), "%s/read", directory);
	jail.paths[0] = (struct jail_path){ path, -1, JAIL_READ | JAIL_WRITE | JAIL_SOCKET };
	assert_int_equal(inside(&jail, try_landlock_file), CHILD_OK);
}

static void
try_port(bool allowed)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = 0 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	HOLDS(fd >= 0);
	if (allowed)
		HOLDS(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	else
		REFUSED(bind(fd, (struct sockaddr *)&address, sizeof(address)));
}

static void
try_port_refused(void)
{
	try_port(false);
}

static void
try_port_allowed(void)
{
	try_port(true);
}

static void
landlock_refuses_ports_unless_networked(void **state)
{
	struct jail jail = { .name = "test", .syscalls = file_calls, .path_count = 1,
		.paths = { { directory, -1, JAIL_WRITE } } };

	(void)state;
	require_landlock(4);
	assert_int_equal(inside(&jail, try_port_refused), CHILD_OK);
	jail.network = true;
	assert_int_equal(inside(&jail, try_port_allowed), CHILD_OK);
}

static void
try_empty_root(void)
{
	struct stat st;
	char path[64];

	snprintf(path, sizeof(path), "%s/read", directory);
	HOLDS(stat(path, &st) < 0 && errno == ENOENT);
	HOLDS(stat("/read", &st) == 0);
	HOLDS(stat("/../../etc", &st) < 0 && errno == ENOENT);
}

static void
root_becomes_the_directory_named(void **state)
{
	struct jail jail = { .name = "test", .syscalls = file_calls, .root = directory,
		.path_count = 1, .paths = { { directory, -1, JAIL_WRITE } } };

	(void)state;
	if (getuid() != 0) {
		print_message("skipped: only root can change its root directory\n");
		skip();
	}
	require_whole_jail();
	assert_int_equal(inside(&jail, try_empty_root), CHILD_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(landlock_grants_what_a_path_says),
		cmocka_unit_test(landlock_rule_may_name_a_file),
		cmocka_unit_test(landlock_refuses_ports_unless_networked),
		cmocka_unit_test(root_becomes_the_directory_named),
	};

	return cmocka_run_group_tests(tests, learn, forget);
}
