/* SPDX-License-Identifier: Apache-2.0 */
/* `saker check`, `saker test` and `saker spool`: verbs that another program answers alone. */
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "start.h"
#include "verbs.h"

static int
pass_on(const char *program, const char *mode, int argc, char *argv[])
{
	struct start_args args = { .count = 0 };

	start_arg(&args, mode);
	for (int i = 1; i < argc; i++)
		start_arg(&args, argv[i]);
	return start_exec(program, &args);
}

int
verb_check(int argc, char *argv[])
{
	if (argc < 2) {
		log_warnx("usage: saker check [--json] FILE...");
		return EXIT_USAGE;
	}
	return pass_on("saker-evaluator", "--check", argc, argv);
}

int
verb_test(int argc, char *argv[])
{
	if (argc < 2) {
		log_warnx("usage: saker test [--every-rule] FILE...");
		return EXIT_USAGE;
	}
	return pass_on("saker-evaluator", "--test", argc, argv);
}

/* Read the spool FOLDER in MODE: the folder is the argument of the spooler's own option. */
static int
spool_read(const char *mode, char *folder, char *option)
{
	char *argv[] = { NULL, folder, option };

	return pass_on("saker-spooler", mode, option ? 3 : 2, argv);
}

int
verb_spool(int argc, char *argv[])
{
	static const char *const modes[][2] = {
		{ "ls", "--ls" }, { "cat", "--cat" }, { "verify", "--verify" }
	};

	if (argc == 4 && strcmp(argv[1], "cat") == 0) {
		if (strcmp(argv[2], "--json") == 0)
			return spool_read("--cat", argv[3], argv[2]);
		if (strcmp(argv[3], "--json") == 0)
			return spool_read("--cat", argv[2], argv[3]);
	}
	for (size_t i = 0; argc == 3 && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(argv[1], modes[i][0]) == 0 && argv[2][0] != '-')
			return spool_read(modes[i][1], argv[2], NULL);
	log_warnx("usage: saker spool ls|verify DIR");
	log_warnx("       saker spool cat [--json] DIR");
	return EXIT_USAGE;
}
