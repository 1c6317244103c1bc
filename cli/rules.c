/* SPDX-License-Identifier: Apache-2.0 */
/* `saker rules`: what the rules say, told by the program that judges by them. */
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "start.h"
#include "verbs.h"

static int
usage(FILE *out, int code)
{
	(void)fprintf(out,
	    "usage: saker rules list [-c FILE] [FILE...]\n"
	    "       saker rules describe [-c FILE] [--rule NAME] [FILE...]\n"
	    "       saker rules explain [-c FILE] [--rule NAME] [FILE...]\n");
	return code;
}

int
verb_rules(int argc, char *argv[])
{
	static const char *const forms[][2] = { { "list", NULL }, { "describe", "--json" },
		{ "explain", "--explain" } };
	struct start_args args = { .count = 0 };
	size_t form = 0;

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return usage(stdout, EXIT_DONE);
	while (argc > 1 && form < 3 && strcmp(argv[1], forms[form][0]) != 0)
		form++;
	if (argc < 2 || form == 3)
		return usage(stderr, EXIT_USAGE);
	start_arg(&args, "--describe");
	if (forms[form][1] != NULL)
		start_arg(&args, forms[form][1]);
	for (int i = 2; i < argc; i++)
		start_arg(&args, argv[i]);
	return start_exec("saker-evaluator", &args);
}
