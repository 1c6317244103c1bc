/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each message is one write(2), so that lines of several processes on one terminal do not mix.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "text.h"

static const char *log_name = "saker";
static int log_severity_max = LOG_SEVERITY_INFO;

void
log_init(const char *name, int debug)
{
	log_name = name;
	log_severity_max = debug ? LOG_SEVERITY_DEBUG : LOG_SEVERITY_INFO;
}

void
log_limit(int severity)
{
	log_severity_max = severity;
}

/* A name without malloc; an unknown number still says which it is. */
static void
log_append_errno(struct text *message, int error)
{
	const char *description = strerrordesc_np(error);

	text_string(message, ": ");
	if (description)
		text_string(message, description);
	else
		text_format(message, "error %d", error);
}

/* Standard error may be closed or full: there is nobody left to tell, so a failure ends the try. */
static void
log_write(const char *bytes, size_t len)
{
	ssize_t written;

	while (len > 0) {
		written = write(STDERR_FILENO, bytes, len);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return;
		bytes += written;
		len -= (size_t)written;
	}
}

/* ERROR is the errno to append the text of, or 0 for none. */
static void __attribute__((format(printf, 2, 0)))
log_line(int error, const char *format, va_list args)
{
	char raw[LOG_LINE_MAX + 1], line[LOG_LINE_MAX + sizeof("...\n")];
	struct text message, out;
	int len;

	text_init(&message, raw, sizeof(raw));
	len = vsnprintf(raw, sizeof(raw), format, args);
	message.truncated = len < 0 || (size_t)len >= sizeof(raw);
	message.len = strlen(raw);
	if (error)
		log_append_errno(&message, error);

	text_init(&out, line, LOG_LINE_MAX + 1 - strlen("..."));
	text_visible(&out, log_name, strlen(log_name));
	text_string(&out, ": ");
	text_visible(&out, message.buf, message.len);
	len = snprintf(line + out.len, sizeof(line) - out.len, "%s\n",
	    out.truncated || message.truncated ? "..." : "");
	log_write(line, out.len + (size_t)len);
}

/* The four that may be silenced differ only in severity and in whether errno is told. */
#define LOG_FUNCTION(function, severity, error) \
void \
function(const char *format, ...) \
{ \
	int errno_before = errno; \
	va_list args; \
\
	if ((severity) > log_severity_max) \
		return; \
	va_start(args, format); \
	log_line((error), format, args); \
	va_end(args); \
	errno = errno_before; \
}

LOG_FUNCTION(log_debug, LOG_SEVERITY_DEBUG, 0)
LOG_FUNCTION(log_info, LOG_SEVERITY_INFO, 0)
LOG_FUNCTION(log_warn, LOG_SEVERITY_WARN, errno_before)
LOG_FUNCTION(log_warnx, LOG_SEVERITY_WARN, 0)

void
fatal(const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	log_line(error, format, args);
	va_end(args);
	exit(EXIT_SYSTEM);
}

void
fatalx(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(0, format, args);
	va_end(args);
	exit(EXIT_SYSTEM);
}
