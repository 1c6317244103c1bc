/* SPDX-License-Identifier: Apache-2.0 */
/* Checking rule files.  See check.h. */
#include "check.h"

#include <stdio.h>

#include "checkjson.h"
#include "log.h"
#include "rulepaths.h"

static int
usage(FILE *out, int code)
{
	(void)fprintf(out, "usage: saker-evaluator --check [--json] FILE...\n");
	return code;
}

static void
print_text(const struct ruleset_file *files, const struct ruleset_result *results, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *verdict = "Ok";

		if (!results[i].valid)
			verdict = "Invalid";
		else if (results[i].diags.count > 0)
			verdict = "Ok, with warnings";
		(void)printf("%s: %s\n", files[i].name, verdict);
		diags_print(&results[i].diags, stdout);
	}
}

/* Check the files and folders of COUNT PATHS.  Returns the exit code. */
static int
check_files(char *const *names, size_t count, bool json)
{
	static struct rulepaths paths; /* too large for the stack */
	const struct ruleset_options options = { .priority = PRIORITY_DEBUG };
	struct ruleset ruleset; /* made only to see whether it can be */
	int err;

	evtcode_init();
	layout_init();
	for (size_t i = 0; i < count; i++)
		if (rulepaths_add(&paths, names[i]) < 0)
			return EXIT_USAGE;
	/* A file that can not be read is an empty one to those behind it. */
	err = ruleset_load(&ruleset, paths.files, paths.count, &options, paths.results);
	ruleset_fini(&ruleset);
	for (size_t i = 0; i < paths.count; i++)
		paths.results[i].valid = paths.results[i].valid &&
		    paths.results[i].diags.error_count == 0;
	if (json)
		checkjson_print(stdout, paths.files, paths.results, paths.count);
	else
		print_text(paths.files, paths.results, paths.count);
	err = err < 0 || !rulepaths_good(&paths) ? EXIT_NO : EXIT_DONE;
	rulepaths_fini(&paths);
	return err;
}

int
check_main(int argc, char *argv[])
{
	char *paths[RULESET_FILES_MAX];
	size_t count = 0;
	bool json = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--check") == 0)
			continue;
		if (strcmp(argv[i], "--json") == 0) {
			json = true;
			continue;
		}
		if (strcmp(argv[i], "--help") == 0)
			return usage(stdout, EXIT_DONE);
		if (argv[i][0] == '-' && argv[i][1] != '\0')
			return usage(stderr, EXIT_USAGE);
		if (count == RULESET_FILES_MAX) {
			log_warnx("more than %d files", RULESET_FILES_MAX);
			return EXIT_USAGE;
		}
		paths[count++] = argv[i];
	}
	if (count == 0)
		return usage(stderr, EXIT_USAGE);
	return check_files(paths, count, json);
}
