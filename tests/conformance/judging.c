/* SPDX-License-Identifier: Apache-2.0 */
/* Cases that judge or print an event, cold and again with warm caches. */
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

void
run_eval(const json_t *test, struct stream *stream, struct verdict *verdict)
{
	static const char *const rounds[] = { "match", "match with warm caches" };
	static struct given given;
	static struct oracle oracle;
	struct ruleset ruleset;
	struct eval eval;

	if (!rule_load(&ruleset, json_span(test, "condition"), SPAN_OF("x"), case_expect_ok(test),
	        verdict))
		return;
	if (event_make(&given, test, stream, verdict) &&
	    contexts_size_truth(&stream->contexts, ruleset.program.predicate_count) == 0 &&
	    eval_init(&eval, &ruleset.program, ruleset.rule_count, MATCH_FIRST) == 0) {
		for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
			stream_pass(stream);
			(void)eval_event(&eval, &stream->view);
			verdict_bool(verdict, rounds[i],
			    json_is_true(json_object_get(test, "match")),
			    eval.match_count > 0);
		}
		eval_fini(&eval);
		if (oracle_init(&oracle, &ruleset, MATCH_FIRST) == 0)
			oracle_judge(&oracle, &stream->view);
		verdict_bool(verdict, "match by the oracle",
		    json_is_true(json_object_get(test, "match")), oracle.match_count > 0);
		oracle_fini(&oracle);
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
