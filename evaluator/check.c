/* SPDX-License-Identifier: Apache-2.0 */
/* Checking rule files.  See check.h. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "checkjson.h"
#include "loadresult.h"
#include "log.h"

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

/* Read the file at PATH; why it can not be read stands in DIAGS then. */
static int
file_open(struct ruleset_file *file, const char *path, struct diags *diags)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	(void)snprintf(file->name, sizeof(file->name), "%s", path);
	err = fd < 0 ? -errno : ruleset_file_read(file, fd);
	if (fd >= 0)
		(void)close(fd);
	if (err < 0)
		(void)diags_add(diags, DIAG_ERROR, load_code_name(LOAD_ERR_FILE_READ), file->name,
		    0, 0, NULL, 0, "can not be read: %s", strerror(-err));
	return err;
}

/* Check COUNT files at PATHS.  Returns the exit code. */
static int
check_files(char *const *paths, size_t count, bool json)
{
	static struct ruleset_file files[RULESET_FILES_MAX];
	static struct ruleset_result results[RULESET_FILES_MAX];
	const struct ruleset_options options = { .priority = PRIORITY_DEBUG };
	struct ruleset ruleset; /* made only to see whether it can be */
	bool readable = true;
	int err;

	evtcode_init();
	layout_init();
	for (size_t i = 0; i < count; i++)
		readable = file_open(&files[i], paths[i], &results[i].diags) == 0 && readable;
	/* A file that can not be read is an empty one to those behind it. */
	err = ruleset_load(&ruleset, files, count, &options, results);
	ruleset_fini(&ruleset);
	for (size_t i = 0; i < count; i++)
		results[i].valid = results[i].valid && results[i].diags.error_count == 0;
	if (json)
		checkjson_print(stdout, files, results, count);
	else
		print_text(files, results, count);
	for (size_t i = 0; i < count; i++) {
		diags_fini(&results[i].diags);
		free(files[i].bytes);
	}
	return err < 0 || !readable ? EXIT_NO : EXIT_DONE;
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
