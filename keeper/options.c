/* SPDX-License-Identifier: Apache-2.0 */
/* The command line.  See options.h. */
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define DEFAULT_FILE "/etc/saker/saker.yaml"

enum { ASSIGNMENTS_MAX = 256, SCOPE_PID = 256, NOTIFY_FD, VERSION };

/* What the command line says, before the configuration file is read. */
struct line {
	const char *file; /* NULL: the default, if it is there */
	const char *rules[CONFIG_LIST_MAX];
	uint32_t rule_count;
	const char *assignments[ASSIGNMENTS_MAX];
	uint32_t assignment_count;
	long scope_pid;
	long notify_fd;
};

static int
usage(FILE *out, int code)
{
	(void)fprintf(out, "usage: saker-keeper [-c FILE] [-r FILE|DIR]... [-o KEY=VALUE]...\n"
	    "                    [--scope-pid PID] [--notify-fd FD]\n"
	    "       saker-keeper --help | --version\n");
	return code;
}

static int
line_number(const char *option, const char *text, long min, long *value)
{
	char *end;

	errno = 0;
	*value = strtol(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && *value >= min && *value <= 4194304)
		return 0;
	log_warnx("%s: expected a number from %ld to 4194304, got \"%s\"", option, min, text);
	return -EINVAL;
}

static int
line_append(const char *option, const char **items, uint32_t *count, uint32_t max, const char *item)
{
	if (*count == max) {
		log_warnx("%s \"%s\": at most %u of them", option, item, max);
		return -EINVAL;
	}
	items[(*count)++] = item;
	return 0;
}

static int
line_option(struct line *line, int option)
{
	switch (option) {
	case 'c':
		line->file = optarg;
		return 0;
	case 'r':
		return line_append("-r", line->rules, &line->rule_count, CONFIG_LIST_MAX, optarg);
	case 'o':
		return line_append("-o", line->assignments, &line->assignment_count,
		    ASSIGNMENTS_MAX, optarg);
	case SCOPE_PID:
		return line_number("--scope-pid", optarg, 1, &line->scope_pid);
	case NOTIFY_FD:
		return line_number("--notify-fd", optarg, 0, &line->notify_fd);
	default:
		return -EINVAL;
	}
}

/* Returns EXIT_DONE, or -1 with *CODE when the program is to end here. */
static int
line_read(struct line *line, int argc, char *argv[], int *code)
{
	static const struct option options[] = {
		{ "scope-pid", required_argument, NULL, SCOPE_PID },
		{ "notify-fd", required_argument, NULL, NOTIFY_FD },
		{ "version", no_argument, NULL, VERSION },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:r:o:h", options, NULL)) != -1) {
		if (option == 'h' || option == VERSION) {
			*code = EXIT_DONE;
			if (option == 'h')
				(void)usage(stdout, EXIT_DONE);
			else
				(void)printf("saker-keeper %s\n", SAKER_VERSION);
			return -1;
		}
		if (line_option(line, option) < 0) {
			*code = usage(stderr, EXIT_USAGE);
			return -1;
		}
	}
	if (optind == argc)
		return EXIT_DONE;
	log_warnx("\"%s\" is not an option", argv[optind]);
	*code = usage(stderr, EXIT_USAGE);
	return -1;
}

/* -r replaces what the file says. */
static void
apply_rules(struct config *config, const struct line *line, struct diags *diags)
{
	if (line->rule_count == 0)
		return;
	memset(&config->rules_files, 0, sizeof(config->rules_files));
	for (uint32_t i = 0; i < line->rule_count; i++) {
		size_t len = strlen(line->rules[i]);

		if (len == 0 || len >= CONFIG_TEXT_MAX) {
			diags_add(diags, DIAG_ERROR, NULL, "-r", 0, 0, NULL, 0,
			    "expected a path of 1 to %d bytes, got \"%s\"", CONFIG_TEXT_MAX - 1,
			    line->rules[i]);
			continue;
		}
		memcpy(config->rules_files.items[config->rules_files.count++], line->rules[i], len);
	}
}

static int
apply(struct options *options, const struct line *line, struct diags *diags)
{
	const char *file = line->file ? line->file : DEFAULT_FILE;
	int err = config_load(&options->config, file, diags);

	if (err == -ENOENT && !line->file)
		err = 0;
	if (err < 0 && err != -EINVAL) {
		errno = -err;
		log_warn("%s", file);
		return EXIT_SYSTEM;
	}
	for (uint32_t i = 0; i < line->assignment_count; i++)
		(void)config_set(&options->config, line->assignments[i], diags);
	apply_rules(&options->config, line, diags);
	options->scope_pid = line->scope_pid;
	(void)config_check(&options->config, file, diags);
	return diags->error_count > 0 ? EXIT_NO : EXIT_DONE;
}

int
options_read(struct options *options, int argc, char *argv[])
{
	struct line line = { .notify_fd = -1 };
	struct diags diags = DIAGS_NONE;
	int code;

	if (line_read(&line, argc, argv, &code) < 0)
		exit(code);
	config_defaults(&options->config);
	code = apply(options, &line, &diags);
	diags_print(&diags, stderr);
	diags_fini(&diags);
	options->rules_given = line.rule_count > 0;
	options->notify_fd = (int)line.notify_fd;
	if (code != EXIT_DONE || line.notify_fd < 0)
		return code;
	if (fcntl(options->notify_fd, F_SETFD, FD_CLOEXEC) == 0)
		return EXIT_DONE;
	log_warn("--notify-fd %d", options->notify_fd);
	return EXIT_USAGE;
}
