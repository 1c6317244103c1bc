/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the probe adds to a system call: getppid (no rule wants it), open and close (wanted),
 * spawn and wait.  Each is timed without and with a pipeline that watches the whole machine;
 * median of RUNS, and the difference in ns.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "clock.h"
#include "pipeline/pipe.h"

enum { RUNS = 9, ACTS = 3 };

extern char **environ;

static const char rules[] =
    "- rule: act\n"
    "  desc: never true\n"
    "  condition: evt.type in (open, openat, close, execve) and proc.name = nobody-has-this-name\n"
    "  output: act\n"
    "  priority: NOTICE\n";

static double
time_getppid(void)
{
	enum { COUNT = 200000 };
	double begin = bench_ns();

	for (int i = 0; i < COUNT; i++)
		(void)syscall(SYS_getppid);
	return (bench_ns() - begin) / COUNT;
}

static double
time_open(void)
{
	enum { COUNT = 40000 };
	double begin = bench_ns();

	for (int i = 0; i < COUNT; i++)
		(void)close(open("/etc/hostname", O_RDONLY));
	return (bench_ns() - begin) / COUNT;
}

static double
time_spawn(void)
{
	enum { COUNT = 100 };
	double begin = bench_ns();

	for (int i = 0; i < COUNT; i++) {
		char *argv[] = { (char[]){ "/bin/true" }, NULL };
		pid_t pid;

		if (posix_spawn(&pid, argv[0], NULL, NULL, argv, environ) == 0)
			(void)waitpid(pid, NULL, 0);
	}
	return (bench_ns() - begin) / COUNT;
}

static void
measure(double medians[ACTS])
{
	static double (*const acts[ACTS])(void) = { time_getppid, time_open, time_spawn };

	for (int i = 0; i < ACTS; i++) {
		double runs[RUNS];

		for (int k = 0; k < RUNS; k++)
			runs[k] = acts[i]();
		bench_sort(runs, RUNS);
		medians[i] = runs[RUNS / 2];
	}
}

int
main(void)
{
	static const char *const names[ACTS] = { "getppid", "open+close", "spawn+wait" };
	double without[ACTS], with[ACTS], again[ACTS];
	struct pipe_run run;
	int skip = pipe_needs_bpf();

	if (skip)
		return skip;
	measure(without);
	pipe_init(&run, "bin", rules);
	run.options[0] = "collector.hold_us=2000";
	pipe_start(&run);
	clock_pause_ms(500);
	measure(with);
	(void)pipe_stop(&run);
	pipe_fini(&run, false);
	measure(again);
	(void)printf("%-12s %12s %12s %12s %10s %8s\n", "act", "without ns", "with ns", "again ns",
	    "added ns", "ratio");
	for (int i = 0; i < ACTS; i++) {
		double base = (without[i] + again[i]) / 2;

		(void)printf("%-12s %12.0f %12.0f %12.0f %10.0f %8.3f\n", names[i], without[i],
		    with[i], again[i], with[i] - base, with[i] / base);
	}
	return 0;
}
