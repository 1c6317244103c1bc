/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an unprivileged program can do to the life lane: `flood SECONDS` loops over failing setns,
 * unshare, setresuid that changes nothing, ptrace peeks and open/close on every core, as nobody,
 * while the parent execs /bin/true with a number each time, as fast as it can.  Prints how many
 * it started.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seconds.h"

enum { FLOODERS_MAX = 64 };

static void
flood(void)
{
	if (setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0)
		_exit(111);
	for (;;) {
		(void)setns(-1, 0);
		(void)unshare(CLONE_NEWNS);     /* not permitted */
		(void)unshare(CLONE_FS);        /* permitted, changes no namespace */
		(void)syscall(SYS_setresuid, -1, -1, -1);
		(void)setuid(65534);
		(void)ptrace(PTRACE_PEEKDATA, 1, 0, 0);
		(void)close(open("/etc/hostname", O_RDONLY));
	}
}

/* Run /bin/true with NUMBER. */
static int
storm(long number)
{
	char text[32], *argv[] = { (char[]){ "true" }, text, NULL };
	pid_t pid;

	(void)snprintf(text, sizeof(text), "storm-%06ld", number);
	if (posix_spawn(&pid, "/bin/true", NULL, NULL, argv, NULL) != 0)
		return -1;
	(void)waitpid(pid, NULL, 0);
	return 0;
}

int
main(int argc, char *argv[])
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN), started = 0;
	pid_t flooders[FLOODERS_MAX];
	double end;

	if (argc != 2 || cores > FLOODERS_MAX)
		return 100;
	for (long i = 0; i < cores; i++)
		if ((flooders[i] = fork()) == 0)
			flood();
	end = seconds_of(CLOCK_MONOTONIC) + atof(argv[1]);
	while (seconds_of(CLOCK_MONOTONIC) < end) {
		if (storm(started) == 0)
			started++;
	}
	for (long i = 0; i < cores; i++) {
		(void)kill(flooders[i], SIGKILL);
		(void)waitpid(flooders[i], NULL, 0);
	}
	(void)printf("%ld\n", started);
	return 0;
}
