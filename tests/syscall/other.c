/* SPDX-License-Identifier: Apache-2.0 */
/* Tracing, kernel modules, every other call. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "syscall/harness.h"

/* A number or a signal with its tag. */
static void
expect_dynamic(struct expect *e, const char *param, uint8_t tag, uint64_t value)
{
	uint8_t bytes[9] = { tag };

	memcpy(bytes + 1, &value, sizeof(value));
	expect_bytes(e, param, bytes, tag == 1 ? 2 : 9);
}

static pid_t
sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	return pid;
}

static void
end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void
ptrace_attaches(struct expect *e)
{
	pid_t pid = sleeper();

	harness_want(e, false);
	expect_result(e, ptrace(PTRACE_SEIZE, pid, NULL, NULL));
	expect_number(e, "request", 20);
	expect_number(e, "pid", pid);
	expect_number(e, "target", pid);
	expect_dynamic(e, "addr", 0, 0);
	expect_dynamic(e, "data", 0, 0);
	expect_lane(e, LANE_LIFE);
	end(pid);
}

static uint64_t peeked = 0x1122334455667788u;

static void
ptrace_peeks(struct expect *e)
{
	pid_t pid = sleeper();
	uint64_t got = 0;

	ptrace(PTRACE_ATTACH, pid, NULL, NULL);
	waitpid(pid, NULL, 0);
	expect_result(e, syscall(SYS_ptrace, PTRACE_PEEKDATA, pid, &peeked, &got));
	expect_number(e, "request", 3);
	expect_number(e, "target", pid);
	expect_dynamic(e, "addr", 0, (uint64_t)(uintptr_t)&peeked);
	expect_dynamic(e, "data", 0, peeked);
	expect_lane(e, LANE_BULK);
	end(pid);
}

static void
ptrace_fails(struct expect *e)
{
	expect_result(e, syscall(SYS_ptrace, PTRACE_PEEKDATA, getppid(), 0x1234, 0x5678));
	expect_number(e, "request", 3);
	expect_number(e, "pid", getppid());
	expect_dynamic(e, "addr", 0, 0x1234);
	expect_dynamic(e, "data", 0, 0x5678);
	expect_absent(e, "target");
	expect_lane(e, LANE_BULK);
}

static void
ptrace_unwanted(struct expect *e)
{
	harness_want(e, false);
	expect_result(e, syscall(SYS_ptrace, PTRACE_PEEKDATA, getppid(), 0x1234, 0x5678));
	expect_nothing(e);
}

static void
ptrace_continues(struct expect *e)
{
	expect_result(e, syscall(SYS_ptrace, PTRACE_CONT, getppid(), 0, SIGUSR1));
	expect_number(e, "request", 8);
	expect_dynamic(e, "data", 1, SIGUSR1);
}

SYSCALL_CASES(ptrace) = {
	{ "is an act of life when it attaches", ptrace_attaches },
	{ "tells the word that was peeked", ptrace_peeks },
	{ "fails on a task that it does not trace", ptrace_fails },
	{ "is not told when it failed and no rule wants it", ptrace_unwanted },
	{ "tells a signal as one", ptrace_continues },
	{ NULL, NULL }
};

static void
init_module_fails(struct expect *e)
{
	char image[300];

	memset(image, 'm', sizeof(image));
	expect_result(e, syscall(SYS_init_module, image, sizeof(image), "param=1"));
	expect_truncated(e, "img");
	expect_number(e, "length", sizeof(image));
	expect_text(e, "uargs", "param=1");
	expect_lane(e, LANE_BULK);
}

SYSCALL_CASES(init_module) = {
	{ "fails on what is no module, and tells its first bytes", init_module_fails },
	{ NULL, NULL }
};

static void
finit_module_fails(struct expect *e)
{
	int fd = open("/etc/passwd", O_RDONLY);

	expect_result(e, syscall(SYS_finit_module, fd, "param=2", 1));
	expect_number(e, "fd", fd);
	expect_text(e, "uargs", "param=2");
	expect_number(e, "flags", 1);
	expect_file(e, fd);
	expect_lane(e, LANE_BULK);
	close(fd);
}

SYSCALL_CASES(finit_module) = {
	{ "fails on what is no module, and names the file", finit_module_fails },
	{ NULL, NULL }
};

static void
syscall_generic(struct expect *e)
{
	expect_result(e, syscall(SYS_getpriority, 0, 0x1111, 0x2222, 0x3333, 0x4444, 0x5555));
	expect_number(e, "ID", SYS_getpriority);
	expect_number(e, "nativeID", SYS_getpriority);
	expect_number(e, "arg0", 0);
	expect_number(e, "arg1", 0x1111);
	expect_number(e, "arg2", 0x2222);
	expect_number(e, "arg3", 0x3333);
	expect_number(e, "arg4", 0x4444);
	expect_number(e, "arg5", 0x5555);
}

SYSCALL_CASES(syscall) = {
	{ "tells the number and all arguments", syscall_generic },
	{ NULL, NULL }
};
