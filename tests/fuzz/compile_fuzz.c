/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a condition, and behind its first NUL any bytes as the record of an event.  What
 * must hold: no crash; a refusal says why, at a place inside of the text; what was accepted gives
 * one answer for a record, and the opposite answer when it is negated.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "judging.h"
#include "parse.h"

enum { ARENA_BYTES = 64 << 20, CONDITION_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Does the condition, or its negation, hold for the record?  -1 when it is refused. */
static int
judge(struct span text, bool negated, const struct record *record)
{
	struct compiler compiler;
	struct compile_error error;
	struct parse_error syntax;
	struct condition condition;
	struct program program;
	struct ast_node *tree, not = { .kind = AST_NOT, .children = &tree, .child_count = 1 };
	struct arena arena;
	struct eval eval;
	int result = -1;

	arena_init(&arena, ARENA_BYTES);
	compiler_init(&compiler, &arena, 1);
	compiler.undelivered = true;
	if (parse_condition(&arena, text, 0, PARSE_DEPTH_RULES, &tree, &syntax) == 0) {
		not.at = tree->at;
		if (compile_condition(&compiler, negated ? &not : tree, &condition, &error) == 0) {
			struct program_source source = { 0, condition.formula, evtcode_universe() };
			struct event_view view = { .contexts = &contexts, .scratch = &scratch,
				.clock = &now, .path_names = PATH_NAMES_KERNEL };

			if (program_build(&compiler, &source, 1, &program) < 0 ||
			    eval_init(&eval, &program, 1, MATCH_FIRST) < 0)
				abort();
			view_begin(&view, record);
			(void)eval_event(&eval, &view);
			result = eval.match_count > 0;
			eval_fini(&eval);
		} else if (error.text[0] == '\0' || error.at.offset > text.len) {
			abort();
		}
	}
	arena_fini(&arena);
	return result;
}

/* The bytes as a full record of a type that they choose, as far as they can be one. */
static bool
make_record(const uint8_t *data, size_t size, struct record *record)
{
	static _Alignas(8) uint8_t bytes[EVENT_RECORD_MAX];
	struct event_head *head = (void *)bytes;
	const struct event_info *info;
	size_t len = size < sizeof(bytes) ? size & ~(size_t)7 : sizeof(bytes);

	if (len < EVENT_HEAD_BYTES)
		return false;
	memcpy(bytes, data, len);
	head->type %= EVENT_TYPES_MAX;
	if ((info = event_info(head->type)) == NULL || info->category == CATEGORY_META)
		return false;
	head->len = (uint32_t)len;
	head->lane %= LANE_COUNT;
	head->reserved = 0;
	head->params = (uint8_t)(info->param_count + D_COUNT);
	return record_check(record, bytes, len, RECORD_FULL) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(8) uint8_t plain[EVENT_RECORD_MAX];
	struct span text = { (const char *)data, strnlen((const char *)data, size) };
	struct record_writer writer;
	struct record record;
	int holds, fails;

	judging_begin();
	if (text.len > CONDITION_MAX)
		return 0;
	if (text.len == size || !make_record(data + text.len + 1, size - text.len - 1, &record)) {
		record_begin(&writer, plain, sizeof(plain), EV_openat, P_openat_COUNT + D_COUNT);
		record_put_bytes(&writer, P_openat_name, "/etc/passwd", 11, PARAM_EXACT);
		(void)record_check(&record, plain, (size_t)record_end(&writer), RECORD_FULL);
	}
	holds = judge(text, false, &record);
	fails = judge(text, true, &record);
	if ((holds < 0) != (fails < 0) || (holds >= 0 && evtcode_is_judged(evtcode_of(&record)) &&
	    holds == fails))
		abort();
	return 0;
}
