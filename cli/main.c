/* SPDX-License-Identifier: Apache-2.0 */
/* `saker`: a thin dispatcher over the table of verbs. */
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "text.h"
#include "verbs.h"

struct verb {
	const char *name;
	int (*run)(int argc, char *argv[]);
	const char *usage;
	const char *sentence;
};

static const struct verb verbs[] = {
	{ "run", verb_run, "[-c FILE] [-r FILE]... [-o KEY=VALUE]... [-- COMMAND...]",
	    "watch this machine, or COMMAND alone, and print alerts" },
	{ "check", verb_check, "[--json] FILE...", "check rule files" },
	{ "test", verb_test, "[--every-rule] FILE...", "rules against described events" },
	{ "rules", verb_rules, "list|describe|explain [-c FILE] [--rule NAME] [FILE...]",
	    "what the rules say: a table, JSON, or words" },
	{ "status", verb_status, "[--rules] [--json] [--run-dir DIR]",
	    "what a running saker does, or what each rule costs" },
	{ "reload", verb_reload, "[--run-dir DIR]", "load the rules of a running saker anew" },
	{ "tap", verb_tap, "[CONDITION] [-- COMMAND...]", "live events that match, one line each" },
	{ "spool", verb_spool, "ls|verify|cat [--json] DIR", "read the alert spool" },
	{ "events", verb_events, "", "events and their parameters" },
	{ "fields", verb_fields, "", "fields that conditions and outputs can name" },
	{ "config", verb_config, "", "settings, their defaults and bounds" },
};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

static void
usage(FILE *out)
{
	(void)fprintf(out, "usage: saker VERB [ARGUMENTS]\n\n");
	for (size_t i = 0; i < VERBS; i++)
		(void)fprintf(out, "  saker %s%s%s\n      %s\n", verbs[i].name,
		    verbs[i].usage[0] ? " " : "", verbs[i].usage, verbs[i].sentence);
	(void)fprintf(out, "  saker --version | --help\n\n"
	    "Exit codes: 0 done, 1 the answer is no, 100 used wrongly, 111 the system refused.\n");
}

static int
refuse(const char *verb)
{
	char buf[256];
	struct text names;

	text_init(&names, buf, sizeof(buf));
	for (size_t i = 0; i < VERBS; i++)
		text_format(&names, "%s%s", i > 0 ? ", " : "", verbs[i].name);
	log_warnx("\"%s\" is not a verb; expected one of %s", verb, buf);
	return EXIT_USAGE;
}

int
main(int argc, char *argv[])
{
	log_init("saker", 0);
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		usage(stdout);
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		(void)printf("saker %s (rules engine 0.63.0)\n", SAKER_VERSION);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(argc - 1, argv + 1);
	return refuse(argv[1]);
}
