/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `saker tap`: live events.  The evaluator's program does the work, as an observer of the full
 * ring: of the pipeline that runs already, or, with a command or when none runs, of one that is
 * started for it and has no rules.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper.h"
#include "log.h"
#include "session.h"
#include "verbs.h"

struct tap_options {
	const char *condition;
	const char *run_dir;
	struct start_args pass; /* what the observer gets */
	char **command;
};

static int
tap_usage(FILE *out, int code)
{
	(void)fprintf(out,
	    "usage: saker tap [--run-dir DIR] [--count N] [--output FORMAT] [CONDITION]\n"
	    "                 [-- COMMAND...]\n"
	    "Prints events that match CONDITION (all, without one) as they happen, one line each.\n"
	    "With COMMAND, only what it and its descendants do.\n");
	return code;
}

static int
tap_options(int argc, char *argv[], struct tap_options *tap)
{
	static const struct option options[] = {
		{ "run-dir", required_argument, NULL, 'd' },
		{ "count", required_argument, NULL, 'n' },
		{ "output", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	int option;

	while ((option = getopt_long(argc, argv, "+d:n:f:h", options, NULL)) != -1) {
		if (option == 'h')
			return tap_usage(stdout, -1);
		if (option != 'd' && option != 'n' && option != 'f')
			return tap_usage(stderr, EXIT_USAGE);
		if (option == 'd') {
			tap->run_dir = optarg;
			continue;
		}
		start_arg(&tap->pass, option == 'n' ? "--count" : "--output");
		start_arg(&tap->pass, optarg);
	}
	if (optind < argc && strcmp(argv[optind - 1], "--") != 0)
		tap->condition = argv[optind++];
	if (optind < argc && strcmp(argv[optind - 1], "--") != 0) {
		if (strcmp(argv[optind], "--") != 0) {
			log_warnx("\"%s\" is one argument too many: a condition is one, and a "
			    "command comes after --", argv[optind]);
			return tap_usage(stderr, EXIT_USAGE);
		}
		optind++;
	}
	if (optind < argc)
		tap->command = argv + optind;
	return EXIT_DONE;
}

static void
observer_args(const struct tap_options *tap, const char *run_dir, const char *notify,
    struct start_args *args)
{
	*args = tap->pass;
	start_arg(args, "--run-dir");
	start_arg(args, run_dir);
	if (notify) {
		start_arg(args, "--notify-fd");
		start_arg(args, notify);
	}
	start_arg(args, "--tap");
	if (tap->condition)
		start_arg(args, tap->condition);
}

/* Start the observer of DIR and wait until it is attached. */
static int
observer_start(const struct tap_options *tap, const char *run_dir, pid_t *pid)
{
	struct start_args args;
	char notify[16], line[16];
	int gate[2], status;
	ssize_t n;

	if (pipe(gate) < 0)
		return EXIT_SYSTEM;
	(void)fcntl(gate[0], F_SETFD, FD_CLOEXEC);
	(void)snprintf(notify, sizeof(notify), "%d", gate[1]);
	observer_args(tap, run_dir, notify, &args);
	if ((*pid = fork()) == 0)
		_exit(start_exec("saker-evaluator", &args));
	(void)close(gate[1]);
	do
		n = read(gate[0], line, sizeof(line));
	while (n < 0 && errno == EINTR);
	(void)close(gate[0]);
	if (n > 0)
		return EXIT_DONE;
	if (*pid < 0 || waitpid(*pid, &status, 0) < 0)
		return EXIT_SYSTEM;
	*pid = 0;
	return start_exit_code(status);
}

static int
tap_own(struct tap_options *tap)
{
	struct start_args args = { .count = 0 };
	struct session session;
	char run_dir[160];
	pid_t observer = 0;
	int code;

	if (!session_possible())
		return EXIT_SYSTEM;
	code = session_start(&session, &args, tap->command, true);
	if (code == EXIT_DONE)
		code = session_ready(&session);
	(void)snprintf(run_dir, sizeof(run_dir), "%s/run", session.dir);
	if (code == EXIT_DONE)
		code = observer_start(tap, run_dir, &observer);
	if (code == EXIT_DONE)
		code = session_observer(&session, observer);
	if (code == EXIT_DONE)
		code = session_wait(&session);
	session_end(&session);
	if (observer > 0)
		(void)waitpid(observer, NULL, 0);
	return code;
}

/* True when a pipeline with this run folder answers. */
static bool
tap_running(const char *run_dir)
{
	struct keeper keeper;

	if (keeper_connect(&keeper, run_dir, KEEPER_STATUS) < 0)
		return false;
	keeper_leave(&keeper);
	return true;
}

int
verb_tap(int argc, char *argv[])
{
	struct tap_options tap = { .run_dir = "/run/saker" };
	struct start_args args;
	int code = tap_options(argc, argv, &tap);

	if (code != EXIT_DONE)
		return code < 0 ? EXIT_DONE : code;
	if (tap.command || !tap_running(tap.run_dir))
		return tap_own(&tap);
	observer_args(&tap, tap.run_dir, NULL, &args);
	return start_exec("saker-evaluator", &args);
}
