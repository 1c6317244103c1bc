/* SPDX-License-Identifier: Apache-2.0 */
/* Run all cases of a file and count.  Exit codes: 0 all passed, 1 not all, 100 used wrongly. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"
#include "given.h"
#include "log.h"
#include "stream.h"

struct counts {
	uint32_t passed, failed, skipped;
};

static const struct {
	const char *kind;
	void (*run)(const json_t *test, struct stream *stream, struct verdict *verdict);
} drivers[] = {
	{ "parse", run_parse },
	{ "unescape", run_unescape },
	{ "prefix", run_prefix },
	{ "wildcard", run_wildcard },
	{ "compile", run_compile },
	{ "load", run_load },
	{ "evttypes", run_evttypes },
	{ "eval", run_eval },
	{ "format", run_format },
};

void
verdict_compare(struct verdict *verdict, const char *what, struct span expected, struct span got)
{
	if (span_equal(expected, got))
		return;
	text_format(&verdict->text, "  %s\n    expected: ", what);
	text_visible(&verdict->text, expected.ptr, expected.len);
	text_string(&verdict->text, "\n    got:      ");
	text_visible(&verdict->text, got.ptr, got.len);
	text_char(&verdict->text, '\n');
	verdict->differences++;
}

void
verdict_bool(struct verdict *verdict, const char *what, bool expected, bool got)
{
	verdict_compare(verdict, what, span_text(expected ? "true" : "false"),
	    span_text(got ? "true" : "false"));
}

struct span
json_span(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_string(value))
		return SPAN_NONE;
	return (struct span){ json_string_value(value), json_string_length(value) };
}

const json_t *
case_expect(const json_t *test, const char *key)
{
	return json_object_get(json_object_get(test, "expect"), key);
}

bool
case_expect_ok(const json_t *test)
{
	return json_is_true(case_expect(test, "ok"));
}

/* A case of a kind that nothing drives is skipped, and said. */
static void
run_case(const json_t *test, struct stream *stream, struct counts *counts)
{
	static struct verdict verdict;
	const char *id = json_string_value(json_object_get(test, "id"));
	const char *kind = json_string_value(json_object_get(test, "kind"));

	verdict.differences = 0;
	text_init(&verdict.text, verdict.buf, sizeof(verdict.buf));
	for (size_t i = 0; kind != NULL && i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		if (strcmp(drivers[i].kind, kind) != 0)
			continue;
		drivers[i].run(test, stream, &verdict);
		if (verdict.differences == 0) {
			counts->passed++;
			return;
		}
		counts->failed++;
		(void)printf("FAIL %s (%s)\n%s", id ? id : "?", kind, verdict.buf);
		return;
	}
	counts->skipped++;
	(void)printf("SKIP %s: no driver for the kind \"%s\"\n", id ? id : "?", kind ? kind : "");
}

/* Returns whether the whole file could be read. */
static bool
run_lines(FILE *file, const char *path, struct stream *stream, struct counts *counts)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int number = 0;
	bool good = true;

	while ((len = getline(&line, &size, file)) > 0) {
		json_error_t error;
		json_t *test = json_loadb(line, (size_t)len, JSON_ALLOW_NUL, &error);

		number++;
		if (test == NULL || !json_is_object(test)) {
			log_warnx("%s:%d:%d: expected a JSON object: %s", path, number,
			    test ? 1 : error.column, test ? "got another value" : error.text);
			good = false;
		} else {
			run_case(test, stream, counts);
		}
		json_decref(test);
	}
	free(line);
	return good && !ferror(file);
}

int
main(int argc, char *argv[])
{
	static struct stream stream; /* too large for the stack */
	struct counts counts = { 0, 0, 0 };
	FILE *file;
	bool good;

	log_init("conformance", 0);
	if (argc != 2) {
		(void)fprintf(stderr, "usage: conformance CASES\n");
		return EXIT_USAGE;
	}
	if ((file = fopen(argv[1], "re")) == NULL)
		fatalx("%s: %s", argv[1], strerror(errno));
	given_register();
	stream_open(&stream);
	good = run_lines(file, argv[1], &stream, &counts);
	(void)fclose(file);
	stream_close(&stream);
	(void)printf("%u passed, %u failed, %u skipped\n", counts.passed, counts.failed,
	    counts.skipped);
	return good && counts.failed == 0 && counts.passed > 0 ? EXIT_DONE : EXIT_NO;
}
