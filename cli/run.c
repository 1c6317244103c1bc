/* SPDX-License-Identifier: Apache-2.0 */
/* `saker run`: the pipeline in the foreground. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "session.h"
#include "verbs.h"

static int
run_usage(FILE *out, int code)
{
	(void)fprintf(out,
	    "usage: saker run [-c FILE] [-r FILE]... [-o KEY=VALUE]... [-- COMMAND...]\n"
	    "  -c, --config FILE      configuration (default /etc/saker/saker.yaml, if there)\n"
	    "  -r, --rules FILE       rule file or folder instead of rules_files; repeatable\n"
	    "  -o, --option KEY=VALUE one setting; repeatable\n"
	    "Alerts go to standard output.  With COMMAND, only it and what it starts are watched,\n"
	    "from its exec on, and the exit status is the command's.\n");
	return code;
}

/* Options as the keeper takes them too: they are passed on as they are. */
static int
run_options(int argc, char *argv[], struct start_args *args)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "rules", required_argument, NULL, 'r' },
		{ "option", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	static const char *const flags[] = { ['c'] = "-c", ['r'] = "-r", ['o'] = "-o" };
	int option;

	while ((option = getopt_long(argc, argv, "+c:r:o:h", options, NULL)) != -1) {
		if (option == 'h')
			return run_usage(stdout, -1); /* shown: nothing more to do */
		if (option != 'c' && option != 'r' && option != 'o')
			return run_usage(stderr, EXIT_USAGE);
		start_arg(args, flags[option]);
		start_arg(args, optarg);
	}
	if (optind < argc && strcmp(argv[optind - 1], "--") != 0) {
		log_warnx("\"%s\" is not an option; a command comes after --", argv[optind]);
		return run_usage(stderr, EXIT_USAGE);
	}
	return EXIT_DONE;
}

int
verb_run(int argc, char *argv[])
{
	struct start_args args = { .count = 0 };
	struct session session;
	int code = run_options(argc, argv, &args);

	if (code != EXIT_DONE)
		return code < 0 ? EXIT_DONE : code;
	if (!session_possible())
		return EXIT_SYSTEM;
	code = session_start(&session, &args, optind < argc ? argv + optind : NULL, false);
	if (code == EXIT_DONE)
		code = session_ready(&session);
	if (code == EXIT_DONE)
		code = session_wait(&session);
	session_end(&session);
	return code;
}
