/* SPDX-License-Identifier: Apache-2.0 */
/* Cases about text alone: conditions and their canonical form, escapes, paths, names. */
#include "arena.h"
#include "canon.h"
#include "conformance.h"
#include "lex.h"
#include "op.h"
#include "parse.h"
#include "selection.h"

enum { SYNTAX_BYTES_MAX = 16 << 20, HEX_MAX = 1024 };

void
run_parse(const json_t *test, struct stream *stream, struct verdict *verdict)
{
	struct parse_error error = { .text = "" };
	struct ast_node *tree;
	struct arena arena;
	bool good;

	(void)stream;
	arena_init(&arena, SYNTAX_BYTES_MAX);
	good = parse_condition(&arena, json_span(test, "condition"), 0, PARSE_DEPTH_BARE, &tree,
	    &error) == 0;
	verdict_bool(verdict, error.text[0] ? error.text : "parsing", case_expect_ok(test), good);
	if (good && case_expect(test, "canonical") != NULL)
		verdict_compare(verdict, "canonical text",
		    json_span(json_object_get(test, "expect"), "canonical"),
		    canon_new(&arena, tree));
	arena_fini(&arena);
}

void
run_unescape(const json_t *test, struct stream *stream, struct verdict *verdict)
{
	struct span input = json_span(test, "input"), token, value;
	char hex[HEX_MAX];
	struct arena arena;
	struct text text;
	struct lex lex;
	size_t bad;
	bool good;

	(void)stream;
	arena_init(&arena, SYNTAX_BYTES_MAX);
	lex_init(&lex, input, 0);
	good = lex_quoted(&lex, &token) == LEX_FOUND && lex_ended(&lex) &&
	    lex_unescape(&arena, token, &value, &bad) == 0;
	verdict_bool(verdict, "unescaping", case_expect_ok(test), good);
	if (good && case_expect(test, "value_hex") != NULL) {
		text_init(&text, hex, sizeof(hex));
		for (size_t i = 0; i < value.len; i++)
			text_format(&text, "%02x", (unsigned char)value.ptr[i]);
		verdict_compare(verdict, "bytes",
		    json_span(json_object_get(test, "expect"), "value_hex"),
		    (struct span){ hex, text.len });
	}
	arena_fini(&arena);
}

void
run_prefix(const json_t *test, struct stream *stream, struct verdict *verdict)
{
	const json_t *paths = json_object_get(test, "paths"), *path;
	bool matched = false;
	size_t i;

	(void)stream;
	json_array_foreach (paths, i, path)
		matched = matched || path_has_prefix(json_span(test, "input"),
		    (struct span){ json_string_value(path), json_string_length(path) });
	verdict_bool(verdict, "match", json_is_true(json_object_get(test, "match")), matched);
}

void
run_wildcard(const json_t *test, struct stream *stream, struct verdict *verdict)
{
	(void)stream;
	verdict_bool(verdict, "match", json_is_true(json_object_get(test, "match")),
	    selection_matches(json_span(test, "pattern"), json_span(test, "input")));
}
