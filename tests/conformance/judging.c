/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases that judge or print an event, cold and again with warm caches; what is judged, also with
 * each part of the engine switched off.
 */
#include <stdio.h>
#include <stdlib.h>

#include "conformance.h"
#include "formatnames.h"
#include "given.h"
#include "json.h"
#include "namelist.h"
#include "oracle.h"
#include "rulesets.h"

enum { JUDGING_BYTES_MAX = 16 << 20, JUDGING_TEXT_MAX = 16 * 1024 };

/* Make the case's event and let the view have what is given.  Returns whether that could be. */
static bool
event_make(struct given *given, const json_t *test, struct stream *stream,
    struct verdict *verdict)
{
	if (given_read(given, json_object_get(test, "event"), &verdict->text) < 0 ||
	    !stream_make(stream, &given->event)) {
		verdict_bool(verdict, "the event can be made", true, false);
		return false;
	}
	material_give(&given->material, &stream->view);
	return true;
}

/* How a case is judged: all on, then without one part of the engine after another. */
static const struct {
	const char *what;
	uint32_t off;
} engines[] = {
	{ "match", 0 },
	{ "match without residuals", EVAL_NO_RESIDUALS },
	{ "match without remembered texts", EVAL_NO_TEXTS },
	{ "match without remembered roots", EVAL_NO_ROOTS },
	{ "match without matchers", EVAL_NO_MATCHERS },
	{ "match without remembered contexts", EVAL_NO_CONTEXTS },
};

/* Judge the event of STREAM twice by an engine that begins with empty caches. */
static void
judge_twice(const struct ruleset *ruleset, size_t which, struct stream *stream, bool expected,
    struct verdict *verdict)
{
	const struct eval_options options = { .off = engines[which].off };
	struct eval eval;

	if (contexts_size_truth(&stream->contexts, ruleset->program.predicate_count) < 0 ||
	    eval_init_with(&eval, &ruleset->program, ruleset->rule_count, MATCH_FIRST,
	        &options) < 0) {
		verdict_bool(verdict, "memory", true, false);
		return;
	}
	for (int round = 0; round < 2; round++) {
		stream_pass(stream);
		(void)eval_event(&eval, &stream->view);
		verdict_bool(verdict, round == 0 ? engines[which].what : "match with warm caches",
		    expected, eval.match_count > 0);
	}
	eval_fini(&eval);
}

static void
judge_plainly(const struct ruleset *ruleset, struct stream *stream, bool expected,
    struct verdict *verdict)
{
	static struct oracle oracle;

	stream_pass(stream);
	if (oracle_init(&oracle, ruleset, MATCH_FIRST) == 0)
		oracle_judge(&oracle, &stream->view);
	verdict_bool(verdict, "match by the oracle", expected, oracle.match_count > 0);
	oracle_fini(&oracle);
}

void
run_eval(const json_t *test, struct stream *stream, struct verdict *verdict)
{
	bool expected = json_is_true(json_object_get(test, "match"));
	static struct given given;
	struct ruleset ruleset;

	if (!rule_load(&ruleset, json_span(test, "condition"), SPAN_OF("x"), case_expect_ok(test),
	        verdict))
		return;
	if (event_make(&given, test, stream, verdict)) {
		for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
			judge_twice(&ruleset, i, stream, expected, verdict);
		judge_plainly(&ruleset, stream, expected, verdict);
	}
	given_fini(&given);
	ruleset_fini(&ruleset);
}

/* A format and what is needed to print it. */
struct printing {
	struct arena arena;
	struct compiler compiler;
	struct program program;
	struct format format;
	struct eval eval;
};

static bool
printing_init(struct printing *printing, struct span output)
{
	struct format_error error;

	memset(printing, 0, sizeof(*printing));
	arena_init(&printing->arena, JUDGING_BYTES_MAX);
	compiler_init(&printing->compiler, &printing->arena, 1);
	printing->compiler.undelivered = true;
	return format_compile(&printing->compiler, output, false, &printing->format, &error) == 0 &&
	    program_build(&printing->compiler, NULL, 0, &printing->program) == 0 &&
	    eval_init(&printing->eval, &printing->program, 0, MATCH_FIRST) == 0;
}

static void
printing_fini(struct printing *printing)
{
	eval_fini(&printing->eval);
	arena_fini(&printing->arena);
}

static void
compare_json(const struct printing *printing, struct stream *stream, const json_t *expected,
    struct verdict *verdict)
{
	static char buf[JUDGING_TEXT_MAX];
	struct text text;
	json_t *got;
	char *want;

	if (expected == NULL)
		return;
	text_init(&text, buf, sizeof(buf));
	(void)json_fields(&text, &printing->format, (struct eval *)&printing->eval, &stream->view,
	    0);
	got = json_loadb(buf, text.len, JSON_DECODE_ANY, NULL);
	want = json_dumps(expected, JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_COMPACT);
	if (!json_equal(got, expected))
		verdict_compare(verdict, "JSON", span_text(want), (struct span){ buf, text.len });
	json_decref(got);
	free(want);
}

static void
add_name(void *ctx, struct span text)
{
	namelist_add(ctx, text);
}

/* The names that the format refers to, in order. */
static void
compare_names(const struct printing *printing, const json_t *expected, struct verdict *verdict)
{
	static struct namelist want, got;

	if (expected == NULL)
		return;
	namelist_clear(&want);
	namelist_clear(&got);
	namelist_add_json(&want, expected);
	format_names(&printing->format, printing->compiler.accessors, add_name, &got);
	verdict_compare(verdict, "fields", namelist_text(&want), namelist_text(&got));
}

static void
print_once(struct printing *printing, const json_t *test, struct stream *stream,
    struct verdict *verdict)
{
	static char buf[JUDGING_TEXT_MAX];
	struct text text;
	bool complete;

	stream_pass(stream);
	(void)eval_event(&printing->eval, &stream->view);
	text_init(&text, buf, sizeof(buf));
	complete = format_print(&printing->format, &printing->eval, &stream->view, &text);
	verdict_compare(verdict, "text", json_span(json_object_get(test, "expect"), "text"),
	    (struct span){ buf, text.len });
	verdict_bool(verdict, "complete", json_is_true(case_expect(test, "complete")), complete);
	compare_json(printing, stream, case_expect(test, "json"), verdict);
}

void
run_format(const json_t *test, struct stream *stream, struct verdict *verdict)
{
	static struct printing printing;
	static struct given given;
	bool good = printing_init(&printing, json_span(test, "output"));

	verdict_bool(verdict, "compiling", case_expect_ok(test), good);
	if (good && case_expect_ok(test)) {
		compare_names(&printing, case_expect(test, "fields"), verdict);
		if (event_make(&given, test, stream, verdict) &&
		    contexts_size_truth(&stream->contexts, 0) == 0) {
			print_once(&printing, test, stream, verdict);
			print_once(&printing, test, stream, verdict);
		}
		given_fini(&given);
	}
	printing_fini(&printing);
}
