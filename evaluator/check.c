/* SPDX-License-Identifier: Apache-2.0 */
/* Checking rule files.  See check.h. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "loadresult.h"
#include "log.h"
#include "ruleset.h"

enum { JSON_PIECE_MAX = 2 * DIAG_TEXT_MAX * 6 };

static int
usage(FILE *out, int code)
{
	(void)fprintf(out, "usage: saker-evaluator --check [--json] FILE...\n");
	return code;
}

/* Print TEXT as a JSON string. */
static void
print_string(const char *text)
{
	static char buf[JSON_PIECE_MAX];
	struct text out;

	text_init(&out, buf, sizeof(buf));
	text_json(&out, text, strlen(text));
	(void)printf("\"%s\"", buf);
}

/* The line that a diagnostic points into, and a caret under the place. */
static void
print_snippet(const struct diag *diag)
{
	char text[2 * DIAG_SOURCE_MAX + 4];
	struct text out;

	text_init(&out, text, sizeof(text));
	text_string(&out, diag->source);
	text_char(&out, '\n');
	for (int i = 0; i < diag->caret; i++)
		text_char(&out, ' ');
	if (diag->caret >= 0)
		text_string(&out, "^\n");
	print_string(text);
}

/* Positions in this form count from 0. */
static void
print_diag(const struct diag *diag)
{
	enum load_code code = load_code_find(diag->code);
	bool error = diag->level == DIAG_ERROR;

	(void)printf("{\"code\":");
	print_string(diag->code);
	(void)printf(",\"codedesc\":");
	print_string(code == LOAD_CODE_COUNT ? ""
	        : error                      ? load_code_text(code)
	                                     : load_code_meaning(code));
	(void)printf(
	    ",\"context\":{\"locations\":[{\"item_name\":\"\",\"item_type\":\"rules content\","
	    "\"position\":{\"column\":%d,\"line\":%d,\"name\":",
	    diag->column > 0 ? diag->column - 1 : 0, diag->line > 0 ? diag->line - 1 : 0);
	print_string(diag->file);
	(void)printf("}}],\"snippet\":");
	print_snippet(diag);
	(void)printf("},\"message\":");
	print_string(diag->text);
	(void)printf("}");
}

static void
print_diags(const struct diags *diags, enum diag_level level)
{
	bool any = false;

	for (size_t i = 0; i < diags->count; i++) {
		if (diags->items[i].level != level)
			continue;
		if (any)
			(void)printf(",");
		print_diag(&diags->items[i]);
		any = true;
	}
}

static void
print_json(const struct ruleset_file *files, const struct ruleset_result *results, size_t count)
{
	(void)printf("{\"falco_load_results\":[");
	for (size_t i = 0; i < count; i++) {
		(void)printf("%s{\"errors\":[", i > 0 ? "," : "");
		print_diags(&results[i].diags, DIAG_ERROR);
		(void)printf("],\"name\":");
		print_string(files[i].name);
		(void)printf(",\"successful\":%s,\"warnings\":[",
		    results[i].valid ? "true" : "false");
		print_diags(&results[i].diags, DIAG_WARNING);
		(void)printf("]}");
	}
	(void)printf("]}\n");
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
		print_json(files, results, count);
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
