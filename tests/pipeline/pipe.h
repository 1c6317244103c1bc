/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pipeline for a test: a keeper of its own with its own folders, scoped to one held command,
 * and means to look at it and to hurt it.  Everything a test leaves is below one temporary
 * folder.  With EVALUATORS=N in the environment a pipeline has so many, if the test does not say.
 */
#ifndef TESTS_PIPE_H
#define TESTS_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "stats.h"

enum { PIPE_PATH = 256, PIPE_BIN = 180, PIPE_OPTIONS = 16 };

struct pipe_run {
	char dir[64];             /* temporary folder, mode 0755 */
	char bin[PIPE_BIN];       /* programs under test */
	char rules[PIPE_PATH];    /* dir/rules.yaml */
	char alerts[PIPE_PATH];   /* dir/alerts: the sink's standard output */
	char log[PIPE_PATH];      /* dir/log: standard error of all */
	const char *options[PIPE_OPTIONS]; /* more -o assignments, NULL-ended */
	pid_t keeper;
	pid_t command;
	int gate;                 /* lets the command go */
	int fault_fd;             /* memfd of the fault page, -1: none */
	struct fault_page *faults;
	int stdout_fd;            /* instead of the alerts file, -1: none */
};

/* 77 with a reason on standard output unless this process can load a probe. */
int pipe_needs_bpf(void);

/* Path of BELOW in the build folder, which the environment names as B, as PATH. */
void pipe_path(char path[PIPE_PATH], const char *below);

/*
 * Make the folder and write RULES (YAML text) into it.  BIN: folder of the programs under test in
 * the build folder, "bin" or "faults/bin".  Exits the test on failure; pipe_fini() undoes it.
 */
void pipe_init(struct pipe_run *run, const char *bin, const char *rules);

/* Before pipe_start(): give RUN, of programs with fault points, the page that arms them. */
void pipe_arm(struct pipe_run *run);

/*
 * Wait up to WAIT_MS until a process passes fault point NAME for the PASSES-th time, and kill it
 * there.  False when none came.
 */
bool pipe_kill_at(struct pipe_run *run, const char *name, int passes, int wait_ms);

/* Hold COMMAND (NULL-ended argv); its standard output goes to dir/out. */
void pipe_hold(struct pipe_run *run, char *const command[]);

/*
 * Start a keeper (again), scoped to the held command, and wait until it is ready.  Exits
 * the test when it is not.
 */
void pipe_start(struct pipe_run *run);

/* Let the command go. */
void pipe_release(struct pipe_run *run);

/* Wait for the command and return its exit code, as a shell would. */
int pipe_wait_command(struct pipe_run *run);

/* Stop the keeper in order and return its exit code. */
int pipe_stop(struct pipe_run *run);

/* Process id of a worker that is ready now, 0 when there is none.  Of evaluators the first. */
pid_t pipe_pid(const struct pipe_run *run, enum role role);

/* The same of the evaluator INDEX. */
pid_t pipe_pid_of(const struct pipe_run *run, enum role role, uint32_t index);

/* Value of a counter now, -1 without an answer.  Of evaluators the sum. */
long long pipe_stat(const struct pipe_run *run, enum stat_id id);

/* Sum of all counters of severity LOSS over all roles, -1 without an answer. */
long long pipe_losses(const struct pipe_run *run);

/*
 * The equation of each hop, once nothing flows: attempted = in, in = out + filtered + lost -
 * repeated, and what one hop gives out the next takes in.  Prints what does not add up and
 * returns how many equations that are.
 */
int pipe_equations(const struct pipe_run *run);

/* Read all of PATH: a text that the caller frees, empty where there is no such file. */
char *pipe_read(const char *path);

/* How often NEEDLE stands in TEXT. */
size_t pipe_count(const char *text, const char *needle);

/* Everything in the spool as JSON lines (the caller frees). */
char *pipe_spool(const struct pipe_run *run);

/* End what still runs and remove the folder; if the test FAILED, print the end of the log first. */
void pipe_fini(struct pipe_run *run, bool failed);

#endif
