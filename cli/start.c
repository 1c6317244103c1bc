/* SPDX-License-Identifier: Apache-2.0 */
/* Starting programs.  See start.h. */
#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"

void
start_arg(struct start_args *args, const char *arg)
{
	if (args->count == ARGV_MAX) {
		args->overflow = 1;
		return;
	}
	args->items[args->count++] = arg;
	args->items[args->count] = NULL;
}

int
start_find(const char *program, char *path)
{
	static const char *const places[] = { "%.*s/%s", "%.*s/../libexec/saker/%s" };
	char self[START_PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *slash;

	if (len <= 0)
		return -ENOENT;
	self[len] = '\0';
	slash = strrchr(self, '/');
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		int n = snprintf(path, START_PATH_MAX, places[i], (int)(slash - self), self,
		    program);
#pragma GCC diagnostic pop

		if (n > 0 && n < START_PATH_MAX && access(path, X_OK) == 0)
			return 0;
	}
	return -ENOENT;
}

int
start_exec(const char *program, struct start_args *args)
{
	char path[START_PATH_MAX];
	char *argv[ARGV_MAX + 2];

	if (args->overflow) {
		log_warnx("more than %d arguments", ARGV_MAX);
		return EXIT_SYSTEM;
	}
	if (start_find(program, path) < 0) {
		log_warnx("%s is not beside this program and not in ../libexec/saker", program);
		return EXIT_SYSTEM;
	}
	argv[0] = path;
	for (size_t i = 0; i <= args->count; i++)
		argv[i + 1] = i == args->count ? NULL : (char *)(uintptr_t)args->items[i];
	(void)execv(path, argv);
	log_warn("%s", path);
	return EXIT_SYSTEM;
}

/* The child's side: nothing of saker's is left in it but the gate. */
static void
held_child(int gate, char *const command[])
{
	char byte;
	ssize_t n;

	do
		n = read(gate, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(EXIT_SYSTEM);
	(void)execvp(command[0], command);
	log_warn("%s", command[0]);
	_exit(errno == ENOENT ? 127 : 126);
}

int
held_start(struct held *held, char *const command[])
{
	int gate[2];

	if (pipe2(gate, O_CLOEXEC) < 0)
		return -errno;
	held->pid = fork();
	if (held->pid < 0) {
		int err = -errno;

		(void)close(gate[0]);
		(void)close(gate[1]);
		return err;
	}
	if (held->pid == 0) {
		(void)close(gate[1]);
		held_child(gate[0], command);
	}
	(void)close(gate[0]);
	held->gate = gate[1];
	return 0;
}

void
held_release(struct held *held)
{
	if (held->gate < 0)
		return;
	/* A command that a signal ended while it was held is told by its status. */
	if (write(held->gate, "", 1) != 1 && errno != EPIPE)
		log_warn("letting the command go");
	(void)close(held->gate);
	held->gate = -1;
}

int
start_exit_code(int status)
{
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}
