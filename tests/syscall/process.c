/* SPDX-License-Identifier: Apache-2.0 */
/* Process life. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "normal.h"
#include "syscall/harness.h"

/* What exec, fork and failed exec tell alike of the calling process. */
static void
expect_task(struct expect *e)
{
	char cwd[4096];

	if (getcwd(cwd, sizeof(cwd)))
		expect_text(e, "cwd", cwd);
	expect_number(e, "uid", geteuid());
	expect_number(e, "gid", getegid());
	expect_number(e, "sid", getsid(0));
	expect_number(e, "pgid", getpgrp());
	if (!harness_in_chroot())
		expect_text(e, "root", "/");
}

static void
expect_limit(struct expect *e)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	expect_number(e, "fdlimit", (int64_t)limit.rlim_cur);
}

static void
expect_exe(struct expect *e, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return;
	expect_text(e, "trusted_exepath", path);
	expect_number(e, "exe_ino", (int64_t)st.st_ino);
	expect_number(
	    e, "exe_ino_ctime", (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec);
	expect_number(
	    e, "exe_ino_mtime", (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec);
}

static char *const environment[] = { "ONE=1", "TWO=2", NULL };

static void
execve_act(struct expect *e)
{
	char *const args[] = { "a name", "-c", "exit 0", "", "last", NULL };
	char real[4096];

	expect_result(e, 0);
	expect_text(e, "exe", "a name");
	expect_bytes(e, "args", "-c\0exit 0\0\0last", 15);
	expect_number(e, "args_len", 16);
	expect_bytes(e, "env", "ONE=1\0TWO=2", 11);
	expect_number(e, "tid", getpid());
	expect_number(e, "pid", getpid());
	expect_number(e, "ptid", getppid());
	expect_number(e, "ns_tid", getpid());
	expect_number(e, "ns_pid", getpid());
	expect_text(e, "comm", "sh");
	expect_text(e, "filename", "/bin/sh");
	expect_task(e);
	expect_limit(e);
	if (realpath("/bin/sh", real))
		expect_exe(e, real);
	expect_lane(e, LANE_LIFE);
	execve("/bin/sh", args, environment);
	_exit(127);
}

static void
execve_executes(struct expect *e)
{
	harness_child(e, execve_act);
}

static void
execve_long_act(struct expect *e)
{
	static char big[100000];
	char *const args[] = { "sh", "-c", "exit 0", big, NULL };

	memset(big, 'x', sizeof(big) - 1);
	expect_text(e, "exe", "sh");
	expect_truncated(e, "args");
	expect_number(e, "args_len", 3 + 7 + sizeof(big));
	execve("/bin/sh", args, environment);
	_exit(127);
}

static void
execve_long(struct expect *e)
{
	harness_child(e, execve_long_act);
}

static void
execve_memfd_act(struct expect *e)
{
	char path[64];
	char *const args[] = { "true", NULL };
	int in = open("/bin/true", O_RDONLY), out = memfd_create("hidden", 0);
	char buf[65536];
	ssize_t got;

	while ((got = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)got) != got)
			abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", out);
	expect_text(e, "exe", "true");
	expect_text(e, "args", "");
	expect_text(e, "trusted_exepath", "memfd:hidden");
	expect_number(e, "flags", 1 | 4);
	execve(path, args, environment);
	_exit(127);
}

static void
execve_memfd(struct expect *e)
{
	harness_child(e, execve_memfd_act);
}

static void
execve_fails(struct expect *e)
{
	char *const args[] = { "name", "one", "two", NULL };

	expect_result(e, execve("/nonexistent", args, environment));
	expect_text(e, "exe", "name");
	expect_bytes(e, "args", "one\0two", 7);
	expect_bytes(e, "env", "ONE=1\0TWO=2", 11);
	expect_text(e, "filename", "/nonexistent");
	expect_text(e, "comm", "probe_test");
	expect_task(e);
	expect_lane(e, LANE_BULK);
}

SYSCALL_CASES(execve) = {
	{ "tells the new image, as an act of life", execve_executes },
	{ "marks a command line that is too long", execve_long },
	{ "says when the image comes from memory", execve_memfd },
	{ "fails on a path that is not there", execve_fails },
	{ NULL, NULL }
};

static void
execveat_fails(struct expect *e)
{
	char *const args[] = { "name", "one", NULL };

	expect_result(e, syscall(SYS_execveat, AT_FDCWD, "/nonexistent", args, environment, 0));
	expect_text(e, "exe", "name");
	expect_text(e, "args", "one");
	expect_text(e, "filename", "/nonexistent");
}

static void
execveat_act(struct expect *e)
{
	char *const args[] = { "true", NULL };

	e->event = EV_execve;
	expect_text(e, "exe", "true");
	syscall(SYS_execveat, AT_FDCWD, "/bin/true", args, environment, 0);
	_exit(127);
}

static void
execveat_executes(struct expect *e)
{
	harness_child(e, execveat_act);
}

SYSCALL_CASES(execveat) = {
	{ "is told as execve when it succeeds", execveat_executes },
	{ "fails on a path that is not there", execveat_fails },
	{ NULL, NULL }
};

/* A child that FORK makes is told once, in its own name. */
static void
forks(struct expect *e, long (*how)(void), uint32_t flags)
{
	long pid = how();

	waitpid((pid_t)pid, NULL, 0);
	e->tid = (uint32_t)pid;
	e->result = 0;
	expect_number(e, "tid", pid);
	expect_number(e, "pid", pid);
	expect_number(e, "vtid", pid);
	expect_number(e, "vpid", pid);
	expect_number(e, "ptid", getpid());
	expect_number(e, "flags", flags);
	expect_text(e, "comm", "probe_test");
	expect_task(e);
	expect_limit(e);
	expect_lane(e, LANE_LIFE);
}

/* The caller's side of the same call. */
static void
forks_caller(struct expect *e, long (*how)(void), uint32_t flags)
{
	long pid = how();

	waitpid((pid_t)pid, NULL, 0);
	e->result = pid;
	expect_number(e, "tid", getpid());
	expect_number(e, "flags", flags);
	expect_lane(e, LANE_BULK);
}

static long
by_clone(void)
{
	long pid = syscall(SYS_clone, SIGCHLD | CLONE_FS, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid;
}

static void
clone_forks(struct expect *e)
{
	forks(e, by_clone, normal_clone_flags(CLONE_FS));
}

static void
clone_caller(struct expect *e)
{
	forks_caller(e, by_clone, normal_clone_flags(CLONE_FS));
}

static void
clone_fails(struct expect *e)
{
	expect_result(e, syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0));
	expect_number(e, "flags", normal_clone_flags(CLONE_THREAD));
	expect_number(e, "tid", getpid());
	expect_lane(e, LANE_BULK);
}

static void
clone_namespace_act(struct expect *e)
{
	long pid = syscall(SYS_clone, SIGCHLD | CLONE_NEWPID, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	if (pid < 0) {
		expect_skip(e, "no namespace can be made");
		return;
	}
	waitpid((pid_t)pid, NULL, 0);
	e->tid = (uint32_t)pid;
	expect_number(e, "tid", pid);
	expect_number(e, "vtid", 1);
	expect_number(e, "vpid", 1);
	expect_number(e, "flags", normal_clone_flags(CLONE_NEWPID) | 536870912);
}

static void
clone_namespace(struct expect *e)
{
	clone_namespace_act(e);
}

SYSCALL_CASES(clone) = {
	{ "tells the child in its own name", clone_forks },
	{ "tells the caller's side where it is wanted", clone_caller },
	{ "tells the child's number in its own namespace", clone_namespace },
	{ "fails on flags that do not go together", clone_fails },
	{ NULL, NULL }
};

static long
by_clone3(void)
{
	struct clone_args args = { .flags = CLONE_FILES, .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		_exit(0);
	return pid;
}

static void
clone3_forks(struct expect *e)
{
	forks(e, by_clone3, normal_clone_flags(CLONE_FILES));
}

static void
clone3_fails(struct expect *e)
{
	struct clone_args args = { .flags = CLONE_THREAD };

	expect_result(e, syscall(SYS_clone3, &args, sizeof(args)));
	expect_number(e, "flags", normal_clone_flags(CLONE_THREAD));
}

SYSCALL_CASES(clone3) = {
	{ "tells the child in its own name", clone3_forks },
	{ "fails on flags that do not go together", clone3_fails },
	{ NULL, NULL }
};

static long
by_fork(void)
{
	long pid = syscall(SYS_fork);

	if (pid == 0)
		_exit(0);
	return pid;
}

static void
fork_forks(struct expect *e)
{
	forks(e, by_fork, 0);
}

static void
fork_caller(struct expect *e)
{
	forks_caller(e, by_fork, 0);
}

SYSCALL_CASES(fork) = {
	{ "tells the child in its own name", fork_forks },
	{ "tells the caller's side where it is wanted", fork_caller },
	{ NULL, NULL }
};

static long
by_vfork(void)
{
	long pid = vfork();

	if (pid == 0)
		_exit(0);
	return pid;
}

static void
vfork_forks(struct expect *e)
{
	forks(e, by_vfork, normal_clone_flags(CLONE_VFORK | CLONE_VM));
}

SYSCALL_CASES(vfork) = {
	{ "tells the child in its own name", vfork_forks },
	{ NULL, NULL }
};

static void
procexit_code_act(struct expect *e)
{
	(void)e;
	_exit(42);
}

static void
procexit_code(struct expect *e)
{
	harness_child(e, procexit_code_act);
	e->result = 42 << 8;
	expect_number(e, "ret", 42);
	expect_number(e, "sig", 0);
	expect_number(e, "core", 0);
	expect_number(e, "reaper_tid", 0);
	expect_number(e, "group_dead", 1);
	expect_lane(e, LANE_LIFE);
}

static void
procexit_signal_act(struct expect *e)
{
	(void)e;
	raise(SIGKILL);
}

static void
procexit_signal(struct expect *e)
{
	harness_child(e, procexit_signal_act);
	e->result = SIGKILL;
	expect_number(e, "ret", 0);
	expect_number(e, "sig", SIGKILL);
	expect_lane(e, LANE_LIFE);
}

/*
 * An orphan goes to the nearest subreaper, which the test's own process is for the time of the
 * case.
 */
static void
procexit_orphan_act(struct expect *e)
{
	pid_t pid = fork();

	if (pid == 0) {
		usleep(50000);
		_exit(0);
	}
	expect_number(e, "reaper_tid", getppid());
	_exit(0);
}

static void
procexit_orphan(struct expect *e)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		abort();
	harness_child(e, procexit_orphan_act);
	waitpid(-1, NULL, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	e->result = 0;
}

SYSCALL_CASES(procexit) = {
	{ "tells the exit code", procexit_code },
	{ "tells the signal", procexit_signal },
	{ "tells who takes the children", procexit_orphan },
	{ NULL, NULL }
};
