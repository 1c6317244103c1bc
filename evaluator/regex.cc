/* SPDX-License-Identifier: Apache-2.0 */
/* The one place that speaks to RE2, which is written in C++.  See regex.h. */
#include <cerrno>
#include <cstdio>
#include <new>

#include <re2/re2.h>

extern "C" {
#include "regex.h"
}

struct regex {
	explicit regex(const re2::StringPiece &pattern, const re2::RE2::Options &options)
	    : program(pattern, options)
	{
	}
	re2::RE2 program;
};

static re2::RE2::Options
regex_options()
{
	re2::RE2::Options options;

	options.set_posix_syntax(true);
	options.set_never_capture(true);
	options.set_log_errors(false);
	options.set_max_mem(REGEX_BYTES_MAX);
	return options;
}

static bool
regex_run(const re2::RE2 &program, const re2::StringPiece &value)
{
	return program.Match(value, 0, value.size(), re2::RE2::ANCHOR_BOTH, nullptr, 0);
}

extern "C" int
regex_new(struct span pattern, struct regex **made, char error[REGEX_ERROR_MAX])
{
	struct regex *regex = new (std::nothrow)
	    struct regex(re2::StringPiece(pattern.ptr, pattern.len), regex_options());

	if (regex == nullptr)
		return -ENOMEM;
	if (!regex->program.ok()) {
		(void)snprintf(error, REGEX_ERROR_MAX, "%s", regex->program.error().c_str());
		delete regex;
		return -EINVAL;
	}
	/* What is made at the first use is made here, not when an event waits. */
	(void)regex_run(regex->program, re2::StringPiece());
	*made = regex;
	return 0;
}

extern "C" void
regex_free(struct regex *regex)
{
	delete regex;
}

extern "C" bool
regex_matches(const struct regex *regex, struct span value)
{
	return regex_run(regex->program, re2::StringPiece(value.ptr, value.len));
}
