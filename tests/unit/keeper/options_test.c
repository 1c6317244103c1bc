/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: what it refuses, with which exit code, and what wins over what. */
#include <fcntl.h>
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "log.h"
#include "options.h"

enum { ARGS_MAX = 300 };

static char file[] = "/tmp/options_test.XXXXXX";
static struct options options;

/* Read LINE, split at spaces, as the command line behind "-c FILE". */
static int
read_line(const char *line)
{
	static char text[4096];
	char *argv[ARGS_MAX + 4] = { (char *)"saker-keeper", (char *)"-c", file };
	char *rest = text, *word;
	int argc = 3;

	(void)snprintf(text, sizeof(text), "%s", line);
	while ((word = strsep(&rest, " ")) && argc < ARGS_MAX)
		if (*word)
			argv[argc++] = word;
	optind = 0;
	memset(&options, 0, sizeof(options));
	return options_read(&options, argc, argv);
}

/* Exit code of a command line that ends the program; a child reads it. */
static int
code_of(const char *line)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		if (!freopen("/dev/null", "w", stderr) || !freopen("/dev/null", "w", stdout))
			_exit(90);
		_exit(read_line(line) == EXIT_DONE ? 91 : 92);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WEXITSTATUS(status);
}

static void
write_config(const char *text)
{
	int fd = open(file, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

static void
wrong_use_is_100(void **state)
{
	(void)state;
	write_config("");
	assert_int_equal(code_of("--nonsense"), EXIT_USAGE);
	assert_int_equal(code_of("argument"), EXIT_USAGE);
	assert_int_equal(code_of("--scope-pid 0"), EXIT_USAGE);
	assert_int_equal(code_of("--scope-pid 12x"), EXIT_USAGE);
	assert_int_equal(code_of("--scope-pid 99999999999999999999"), EXIT_USAGE);
	assert_int_equal(code_of("--notify-fd -1"), EXIT_USAGE);
	assert_int_equal(code_of("-r"), EXIT_USAGE);
	assert_int_equal(code_of("--help"), EXIT_DONE);
	assert_int_equal(code_of("--version"), EXIT_DONE);
}

static void
wrong_configuration_is_1(void **state)
{
	(void)state;
	write_config("");
	assert_int_equal(read_line("-o rings.raw_bytes=17"), EXIT_NO);
	assert_int_equal(read_line("-o nonsense=1"), EXIT_NO);
	assert_int_equal(read_line("-o run_dir=relative"), EXIT_NO);
	write_config("rings: [");
	assert_int_equal(read_line(""), EXIT_NO);
	write_config("");
	assert_int_equal(read_line("-c /nonexistent/saker.yaml"), EXIT_SYSTEM);
	assert_int_equal(read_line("--notify-fd 987"), EXIT_USAGE);
}

static void
assignments_win_over_the_file_and_rules_over_both(void **state)
{
	(void)state;
	write_config("rings:\n  raw_bytes: 262144\nrules_files: [/file.yaml]\n");
	assert_int_equal(read_line(""), EXIT_DONE);
	assert_int_equal(options.config.rings_raw_bytes, 262144);
	assert_string_equal(options.config.rules_files.items[0], "/file.yaml");
	assert_false(options.rules_given);
	assert_int_equal(options.notify_fd, -1);
	assert_int_equal(read_line("-r a.yaml -o rings.raw_bytes=524288 -r b.yaml"), EXIT_DONE);
	assert_int_equal(options.config.rings_raw_bytes, 524288);
	assert_int_equal(options.config.rules_files.count, 2);
	assert_string_equal(options.config.rules_files.items[0], "a.yaml");
	assert_string_equal(options.config.rules_files.items[1], "b.yaml");
	assert_true(options.rules_given);
}

static void
scope_and_notification_are_taken(void **state)
{
	int fds[2];
	char line[64];

	(void)state;
	write_config("");
	assert_int_equal(pipe(fds), 0);
	(void)snprintf(line, sizeof(line), "--scope-pid 4194304 --notify-fd %d", fds[1]);
	assert_int_equal(read_line(line), EXIT_DONE);
	assert_int_equal(options.scope_pid, 4194304);
	assert_int_equal(options.notify_fd, fds[1]);
	assert_true(fcntl(fds[1], F_GETFD) & FD_CLOEXEC);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void
too_many_rules_are_refused(void **state)
{
	char line[4096] = "";

	(void)state;
	write_config("");
	for (int i = 0; i < CONFIG_LIST_MAX; i++)
		(void)snprintf(line + strlen(line), 16, "-r %d.yaml ", i);
	assert_int_equal(read_line(line), EXIT_DONE);
	(void)snprintf(line + strlen(line), 16, "-r more.yaml");
	assert_int_equal(code_of(line), EXIT_USAGE);
}

static int
build(void **state)
{
	int fd = mkstemp(file);

	(void)state;
	(void)close(fd);
	return fd < 0 ? -1 : 0;
}

static int
clean(void **state)
{
	(void)state;
	return unlink(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_use_is_100),
		cmocka_unit_test(wrong_configuration_is_1),
		cmocka_unit_test(assignments_win_over_the_file_and_rules_over_both),
		cmocka_unit_test(scope_and_notification_are_taken),
		cmocka_unit_test(too_many_rules_are_refused),
	};

	return cmocka_run_group_tests(tests, build, clean);
}
