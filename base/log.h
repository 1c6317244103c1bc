/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of saker itself, for the person who runs it.  One line each on standard error, prefixed
 * by the program's name; never on standard output, which belongs to alerts.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdnoreturn.h>

/* Exit codes of every program of the project. */
enum {
	EXIT_DONE = 0,    /* did what was asked */
	EXIT_NO = 1,      /* the answer is no: a check failed */
	EXIT_USAGE = 100, /* used wrongly */
	EXIT_SYSTEM = 111 /* the system refused */
};

/* How severe a message is, numbered as in syslog(3): a lower number is more severe. */
enum log_severity {
	LOG_SEVERITY_FATAL = 2,
	LOG_SEVERITY_WARN = 4,
	LOG_SEVERITY_INFO = 6,
	LOG_SEVERITY_DEBUG = 7
};

enum { LOG_LINE_MAX = 1023 }; /* bytes of a line, without its newline */

/*
 * Name the program in every later message; NAME is borrowed for the life of the process.
 * With DEBUG false log_debug() prints nothing.
 */
void log_init(const char *name, int debug);

/*
 * Print from now on only messages of SEVERITY (0 to 7, as in syslog(3) and the key log_level) or
 * more severe.  What fatal() says is always printed.
 */
void log_limit(int severity);

/*
 * Print one line for who looks for a fault.  As the next three: does not allocate or change errno;
 * a line is cut at LOG_LINE_MAX bytes and then ends in "..."; control characters are escaped.
 */
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Print one line about what happens in order. */
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Print one line about what went wrong, with ": " and the text of the current errno behind it. */
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As log_warn(), without errno. */
void log_warnx(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As log_warn(), then exit with EXIT_SYSTEM.  For main() and startup only. */
noreturn void fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As log_warnx(), then exit with EXIT_SYSTEM.  For main() and startup only. */
noreturn void fatalx(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
