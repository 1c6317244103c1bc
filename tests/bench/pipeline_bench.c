/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole pipeline, measured as its user meets it: time from a system call to its alert on
 * standard output, CPU of each process, memory (sum of PSS, kernel rings apart), idle cost, and
 * `saker run -- true` from start to end.
 *
 * Latency is the clock at the alert's line less the event's own time, for acts spread over a load
 * of RATE opens a second, all of which pass through every process but the last two.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "clock.h"
#include "pipeline/acts.h"
#include "seconds.h"

enum { ACTS_MAX = 4000 };

static double latency_ms[ACTS_MAX];

/* CPU seconds of a process so far. */
static double
cpu_of(pid_t pid)
{
	char path[64], *text, *at;
	unsigned long user = 0, kernel = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "r");
	char line[1024] = "";

	if (file && fgets(line, sizeof(line), file) && (at = strrchr(line, ')')) != NULL) {
		text = at + 2;
		(void)sscanf(text, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
		    &kernel);
	}
	if (file)
		(void)fclose(file);
	return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static double
pss_mib(pid_t pid)
{
	char path[64], line[256];
	unsigned long kib = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	if ((file = fopen(path, "r")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Pss: %lu", &kib) == 1)
			break;
	(void)fclose(file);
	return (double)kib / 1024;
}

/* Read alert lines until the end; note each one's latency. */
static int
read_alerts(FILE *in)
{
	char line[8192];
	int count = 0;

	while (fgets(line, sizeof(line), in)) {
		double now = seconds_of(CLOCK_REALTIME);
		const char *at = strstr(line, "\"evt.time\":");

		if (at && count < ACTS_MAX)
			latency_ms[count++] =
			    (now - (double)strtoull(at + 11, NULL, 10) / 1e9) * 1e3;
	}
	return count;
}

static void
print_latency(const char *what, int count, int acts)
{
	bench_sort(latency_ms, (size_t)count);
	if (count == 0) {
		(void)printf("%s no alerts\n", what);
		return;
	}
	(void)printf("%s %6d/%-6d %9.2f %9.2f %9.2f", what, count, acts, latency_ms[count / 2],
	    latency_ms[count * 99 / 100], latency_ms[count - 1]);
}

/* By role; of several evaluators the sum. */
struct costs {
	double cpu[ROLE_COUNT];
	double pss[ROLE_COUNT];
};

static void
costs_read(const struct pipe_run *run, struct costs *costs)
{
	memset(costs, 0, sizeof(*costs));
	for (int role = 0; role < ROLE_COUNT; role++) {
		uint32_t count = role == ROLE_EVALUATOR ? EVALUATORS_MAX : 1;

		for (uint32_t index = 0; index < count; index++) {
			pid_t pid = pipe_pid_of(run, (enum role)role, index);

			if (pid <= 0)
				break;
			costs->cpu[role] += cpu_of(pid);
			costs->pss[role] += pss_mib(pid);
		}
	}
}

/* Let the held command go and wait for it.  Returns the seconds it took. */
static double
command_measure(struct pipe_run *run, struct costs *before, struct costs *after)
{
	double begin, length;

	costs_read(run, before);
	begin = seconds_of(CLOCK_MONOTONIC);
	pipe_release(run);
	(void)pipe_wait_command(run);
	length = seconds_of(CLOCK_MONOTONIC) - begin;
	costs_read(run, after);
	return length;
}

/* One load; the alerts are read by a child so that reading is never late because of measuring. */
static void
load_run(const char *option, int rate, int acts)
{
	char what[64];
	struct pipe_run run;
	struct costs before, after;
	long long lost;
	double length;
	int pipes[2];
	FILE *in;
	pid_t reader;

	pipe_init(&run, "bin", acts_rules);
	run.options[0] = option;
	if (pipe(pipes) < 0)
		exit(111);
	(void)fcntl(pipes[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(pipes[1], F_SETFD, FD_CLOEXEC);
	run.stdout_fd = pipes[1];
	acts_hold(&run, acts, rate, 5);
	pipe_start(&run);
	(void)close(pipes[1]);
	(void)snprintf(what, sizeof(what), "%-24s %8d", option, rate);
	(void)fflush(stdout);
	if ((reader = fork()) == 0) {
		in = fdopen(pipes[0], "r");
		print_latency(what, read_alerts(in), acts);
		(void)fflush(stdout);
		_exit(0);
	}
	(void)close(pipes[0]);
	length = command_measure(&run, &before, &after);
	(void)usleep(300000);
	lost = pipe_losses(&run);
	(void)pipe_stop(&run);
	(void)waitpid(reader, NULL, 0);
	(void)printf("   loss %lld   CPU%%", lost);
	for (int role = 0; role < ROLE_COUNT; role++)
		(void)printf(" %s %.1f", role_name((enum role)role),
		    (after.cpu[role] - before.cpu[role]) / length * 100);
	(void)printf("\n");
	pipe_fini(&run, false);
}

static void
idle_run(void)
{
	char *command[] = { (char[]){ "sleep" }, (char[]){ "10" }, NULL };
	char *default_rules = pipe_read("rules/saker_rules.yaml");
	struct pipe_run run;
	struct costs before, after;
	double pss = 0, cpu = 0, length;

	pipe_init(&run, "bin", default_rules);
	run.options[0] = "collector.hold_us=2000";
	pipe_start(&run); /* whole machine, as in production */
	(void)usleep(1000000);
	pipe_hold(&run, command);
	length = command_measure(&run, &before, &after);
	(void)printf("\n%-12s %10s %12s\n", "process", "PSS MiB", "idle CPU %");
	for (int role = 0; role < ROLE_COUNT; role++) {
		(void)printf("%-12s %10.2f %12.3f\n", role_name((enum role)role), after.pss[role],
		    (after.cpu[role] - before.cpu[role]) / length * 100);
		pss += after.pss[role];
		cpu += after.cpu[role] - before.cpu[role];
	}
	(void)printf("%-12s %10.2f %12.3f   (kernel rings apart: %.1f MiB)\n", "all", pss,
	    cpu / length * 100, (double)pipe_stat(&run, STAT_COLLECTOR_kernel_bytes) / 1048576);
	(void)pipe_stop(&run);
	pipe_fini(&run, false);
	free(default_rules);
}

static void
start_run(void)
{
	char command[PIPE_PATH];
	double runs[7];

	pipe_path(command, "bin/saker run -r rules -- true");
	for (size_t i = 0; i < 7; i++) {
		runs[i] = seconds_of(CLOCK_MONOTONIC);
		if (system(command) != 0)
			(void)printf("saker run -- true failed\n");
		runs[i] = seconds_of(CLOCK_MONOTONIC) - runs[i];
	}
	bench_sort(runs, 7);
	(void)printf("\nsaker run -- true: median %.3f s, worst %.3f s\n", runs[3], runs[6]);
}

int
main(void)
{
	int skip = pipe_needs_bpf();

	if (skip)
		return skip;
	(void)printf("%-24s %8s %13s %9s %9s %9s\n", "setting", "opens/s", "alerts", "median ms",
	    "p99 ms", "worst ms");
	load_run("collector.hold_us=2000", 1000, 1000);
	load_run("collector.hold_us=0", 1000, 1000);
	load_run("collector.hold_us=2000", 20000, 1000);
	load_run("collector.hold_us=0", 20000, 1000);
	load_run("collector.hold_us=2000", 200000, 1000);
	load_run("evaluators=3", 1000, 1000);
	load_run("evaluators=3", 20000, 1000);
	load_run("evaluators=3", 200000, 1000);
	idle_run();
	start_run();
	return 0;
}
