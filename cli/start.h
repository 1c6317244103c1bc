/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting the other programs of the project, and holding a command until the pipeline is
 * ready for it.
 */
#ifndef CLI_START_H
#define CLI_START_H

#include <stddef.h>
#include <sys/types.h>

enum { ARGV_MAX = 256, START_PATH_MAX = 4096 };

/* Arguments being gathered for a program; a full list is remembered and refused by start_exec(). */
struct start_args {
	const char *items[ARGV_MAX + 1];
	size_t count;
	int overflow;
};

/* Append one argument, borrowed. */
void start_arg(struct start_args *args, const char *arg);

/*
 * Path of PROGRAM beside this program, or below ../libexec/saker; in PATH of
 * START_PATH_MAX bytes.  0 or -ENOENT.
 */
int start_find(const char *program, char *path);

/*
 * Replace this process by PROGRAM with ARGS (its argv[1]...).  Returns EXIT_SYSTEM after
 * a message.
 */
int start_exec(const char *program, struct start_args *args);

/* A command that waits to be let go. */
struct held {
	pid_t pid;
	int gate; /* writing end; closing it without a byte ends the command unstarted */
};

/*
 * Fork a child that waits at its gate and then becomes COMMAND (NULL-ended).  0 or a
 * negative errno.
 */
int held_start(struct held *held, char *const command[]);

/* Let the command go. */
void held_release(struct held *held);

/* Shell-like exit code of a waited-for status. */
int start_exit_code(int status);

#endif
