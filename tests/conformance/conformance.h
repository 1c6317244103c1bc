/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runner of rule-language cases: one JSON object a line, each driven through the loader,
 * the compiler, the evaluator and the formatter as the evaluator itself uses them.
 *
 *   main.c      lines to cases, cases to drivers, the count
 *   syntax.c    parse, unescape, prefix, wildcard
 *   rulesets.c  compile, load, evttypes
 *   judging.c   eval, format: an event, judged cold and again with warm caches
 *   given.c     the values of an event's fields, from JSON
 *   stream.c    rings and contexts in real regions, which the event goes through
 */
#ifndef TESTS_CONFORMANCE_H
#define TESTS_CONFORMANCE_H

#include <jansson.h>
#include <stdbool.h>

#include "diag.h"
#include "text.h"

struct stream;

enum { VERDICT_TEXT_MAX = 16 * 1024 };

/* What came of a case: everything that was not as expected. */
struct verdict {
	uint32_t differences;
	char buf[VERDICT_TEXT_MAX];
	struct text text;
};

/* Note a difference in WHAT unless EXPECTED and GOT are equal. */
void verdict_compare(struct verdict *verdict, const char *what, struct span expected,
    struct span got);

/* The same for two truth values. */
void verdict_bool(struct verdict *verdict, const char *what, bool expected, bool got);

/* The member KEY of OBJECT as bytes; empty when it is missing or no text. */
struct span json_span(const json_t *object, const char *key);

/* What `expect` says of KEY, or NULL. */
const json_t *case_expect(const json_t *test, const char *key);

/* Whether `expect` says `ok`. */
bool case_expect_ok(const json_t *test);

/* Drivers, one a kind.  This one: does a condition parse, and to which tree. */
void run_parse(const json_t *test, struct stream *stream, struct verdict *verdict);

/* What a quoted text stands for. */
void run_unescape(const json_t *test, struct stream *stream, struct verdict *verdict);

/* Whether a path has one of a set of prefixes. */
void run_prefix(const json_t *test, struct stream *stream, struct verdict *verdict);

/* Whether a pattern with wildcards fits a text. */
void run_wildcard(const json_t *test, struct stream *stream, struct verdict *verdict);

/* What rule files compile to. */
void run_compile(const json_t *test, struct stream *stream, struct verdict *verdict);

/* What loading rule files says. */
void run_load(const json_t *test, struct stream *stream, struct verdict *verdict);

/* Which event types a condition can be true for. */
void run_evttypes(const json_t *test, struct stream *stream, struct verdict *verdict);

/* Whether a condition holds for an event. */
void run_eval(const json_t *test, struct stream *stream, struct verdict *verdict);

/* What an output prints for an event. */
void run_format(const json_t *test, struct stream *stream, struct verdict *verdict);

#endif
