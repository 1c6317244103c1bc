/* SPDX-License-Identifier: Apache-2.0 */
/* Standard error is replaced by a pipe around each call; what comes out is compared whole. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "log.h"

static char seen[8192];
static int stderr_saved, pipe_read;

static void
capture_start(void)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	stderr_saved = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	pipe_read = ends[0];
}

static const char *
capture_end(void)
{
	ssize_t len;

	dup2(stderr_saved, STDERR_FILENO);
	close(stderr_saved);
	len = read(pipe_read, seen, sizeof(seen) - 1);
	close(pipe_read);
	seen[len < 0 ? 0 : len] = '\0';
	return seen;
}

static void
line_has_name_text_and_newline(void **state)
{
	(void)state;
	log_init("unit", 0);
	capture_start();
	log_info("ring of %d bytes", 4096);
	assert_string_equal(capture_end(), "unit: ring of 4096 bytes\n");
}

static void
warn_appends_errno_and_keeps_it(void **state)
{
	(void)state;
	log_init("unit", 0);
	capture_start();
	errno = ENOENT;
	log_warn("open %s", "/x");
	assert_int_equal(errno, ENOENT);
	log_warnx("no errno");
	errno = 4242;
	log_warn("odd");
	assert_string_equal(capture_end(),
	    "unit: open /x: No such file or directory\nunit: no errno\nunit: odd: error 4242\n");
}

static void
severity_decides_what_is_printed(void **state)
{
	(void)state;
	capture_start();
	log_init("unit", 0);
	log_debug("unseen");
	log_init("unit", 1);
	log_debug("seen");
	log_limit(LOG_SEVERITY_WARN);
	log_info("unseen");
	log_warnx("warned");
	log_limit(3);
	log_warnx("unseen");
	assert_string_equal(capture_end(), "unit: seen\nunit: warned\n");
}

static void
control_characters_can_not_forge_a_line(void **state)
{
	(void)state;
	log_init("unit", 0);
	capture_start();
	log_warnx("got \"%s\"", "a\nunit: all is well\x1b[2J");
	assert_string_equal(capture_end(), "unit: got \"a\\nunit: all is well\\x1b[2J\"\n");
}

static void
long_line_is_cut_and_says_so(void **state)
{
	char longest[4000];
	const char *line;

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	log_init("unit", 0);
	capture_start();
	log_info("%s", longest);
	line = capture_end();
	assert_int_equal(strlen(line), LOG_LINE_MAX + 1);
	assert_string_equal(line + LOG_LINE_MAX - 4, "x...\n");

	longest[LOG_LINE_MAX - strlen("unit: ") - 3] = '\0';
	capture_start();
	log_info("%s", longest);
	line = capture_end();
	assert_null(strchr(line, '.'));
	assert_int_equal(strlen(line), LOG_LINE_MAX - 3 + 1);
}

static void
fatal_exits_with_the_code_of_a_refusing_system(void **state)
{
	int status;
	pid_t child;

	(void)state;
	log_init("unit", 0);
	capture_start();
	if ((child = fork()) == 0) {
		log_limit(0);
		errno = EACCES;
		fatal("open");
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_string_equal(capture_end(), "unit: open: Permission denied\n");
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_SYSTEM);
}

static void
closed_standard_error_is_survived(void **state)
{
	int saved = dup(STDERR_FILENO);

	(void)state;
	close(STDERR_FILENO);
	log_warnx("nobody hears this");
	dup2(saved, STDERR_FILENO);
	close(saved);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_has_name_text_and_newline),
		cmocka_unit_test(warn_appends_errno_and_keeps_it),
		cmocka_unit_test(severity_decides_what_is_printed),
		cmocka_unit_test(control_characters_can_not_forge_a_line),
		cmocka_unit_test(long_line_is_cut_and_says_so),
		cmocka_unit_test(fatal_exits_with_the_code_of_a_refusing_system),
		cmocka_unit_test(closed_standard_error_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
