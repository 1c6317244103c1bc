/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pipeline for a test: a keeper of its own with its own folders, scoped to one held command,
 * and means to look at it and to hurt it.  Everything a test leaves is below one temporary
 * folder.
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
	char bin[PIPE_BIN];      /* programs under test */
	char rules[PIPE_PATH];    /* dir/rules.yaml */
	char alerts[PIPE_PATH];   /* dir/alerts: the sink's standard output */
	char log[PIPE_PATH];      /* dir/log: standard error of all */
	const char *options[PIPE_OPTIONS]; /* more -o assignments, NULL-ended */
	pid_t keeper;
	pid_t command;
	int gate;                 /* lets the command go */
	int fault_fd;             /* memfd of the fault page, -1: none */
	int stdout_fd;            /* instead of the alerts file, -1: none */
};

/* 77 with a reason on standard output unless this process can load a probe. */
int pipe_needs_bpf(void);

/* Make the folder and write RULES (YAML text) into it.  BIN: folder of the programs. */
void pipe_init(struct pipe_run *run, const char *bin, const char *rules);

/* Hold COMMAND (NULL-ended argv); its standard output goes to dir/out. */
void pipe_hold(struct pipe_run *run, char *const command[]);

/*
 * Start a keeper (again), scoped to the held command, and wait until it is ready.  Exits
 * the test when it is not.
 */
void pipe_start(struct pipe_run *run);

/* Let the command go; wait for it and return its exit code. */
void pipe_release(struct pipe_run *run);
int pipe_wait_command(struct pipe_run *run);

/* Stop the keeper in order and return its exit code. */
int pipe_stop(struct pipe_run *run);

/* Process id of a worker now, 0 when there is none; value of a counter (-1: no answer). */
pid_t pipe_pid(const struct pipe_run *run, enum role role);
long long pipe_stat(const struct pipe_run *run, enum stat_id id);

/* Sum of all counters of severity LOSS over all roles, -1 without an answer. */
long long pipe_losses(const struct pipe_run *run);

/*
 * The equation of each hop, once nothing flows: attempted = in, in = out + filtered + lost -
 * repeated, and what one hop gives out the next takes in.  Prints what does not add up and
 * returns how many equations that are.
 */
int pipe_equations(const struct pipe_run *run);

/* Read all of PATH (NUL-terminated, the caller frees); count how often NEEDLE stands in TEXT. */
char *pipe_read(const char *path);
size_t pipe_count(const char *text, const char *needle);

/* Everything in the spool as JSON lines (the caller frees). */
char *pipe_spool(const struct pipe_run *run);

/* Remove the folder, unless the test FAILED: then say where it is and print the end of the log. */
void pipe_fini(struct pipe_run *run, bool failed);

#endif
