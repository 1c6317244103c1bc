/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of single rules while files are loaded.  See rulecheck.h. */
#include "rulecheck.h"

#include <errno.h>

#include "evtcode.h"
#include "evttypes.h"
#include "loadresult.h"
#include "parse.h"
#include "rulewarn.h"

enum { CHECK_BYTES_MAX = 256 << 20, CODES_WARN = 100, CHECK_HASH_KEY = 0x5a6b };

static void
check_compiler(struct compiler *compiler, struct arena *arena,
    const struct rulecheck_settings *settings)
{
	compiler_init(compiler, arena, CHECK_HASH_KEY);
	compiler->undelivered = settings->undelivered;
}

static bool
check_field(void *ctx, struct span source, struct span text)
{
	struct compile_error error;
	struct parse_error syntax;
	struct compiler compiler;
	struct ast_value *value;
	struct arena arena;
	bool valid;

	(void)source;
	arena_init(&arena, CHECK_BYTES_MAX);
	check_compiler(&compiler, &arena, ctx);
	valid = parse_operand(&arena, text, false, &value, &syntax) == 0 &&
	    compile_operand(&compiler, value, &error) == 0;
	arena_fini(&arena);
	return valid;
}

/* Say where byte OFFSET of RULE's output is. */
static void
set_inner_output(struct diag *diag, const struct rule *rule, size_t offset)
{
	int line = 1, column = 1;

	for (size_t i = 0; i < offset && i < rule->output.len; i++) {
		column++;
		if (rule->output.ptr[i] != '\n')
			continue;
		line++;
		column = 1;
	}
	diag_set_inner(diag, rule->output.ptr, rule->output.len, offset, line, column);
}

static enum rule_verdict
check_output(void *ctx, struct rule *rule, struct arena *arena, struct diags *diags)
{
	struct source_place place;
	struct format_error error;
	struct compiler compiler;
	struct format format;
	struct arena own;
	struct diag *diag;
	bool skip;
	int err;

	(void)arena;
	arena_init(&own, CHECK_BYTES_MAX);
	check_compiler(&compiler, &own, ctx);
	err = format_compile(&compiler, rule->output, true, &format, &error);
	if (err == 0)
		rulewarn_output(&(struct rulewarn){ rule, diags }, &compiler, &format);
	arena_fini(&own);
	if (err == 0)
		return RULE_GOOD;
	place = rule_output_place(rule, error.offset);
	skip = error.unknown && rule->skip_if_unknown_filter;
	diag = load_report(diags, skip ? LOAD_UNKNOWN_FILTER : LOAD_ERR_COMPILE_OUTPUT, &place,
	    skip ? "%s: the rule is skipped" : "%s", error.text);
	set_inner_output(diag, rule, error.offset);
	return skip ? RULE_SKIPPED : RULE_BAD;
}

static void
codes_universe(void *ctx, uint64_t *set, size_t words)
{
	(void)ctx;
	memcpy(set, evtcode_universe(), words * sizeof(*set));
}

static void
codes_add(void *ctx, struct span name, bool syscall, uint64_t *set, size_t words)
{
	uint64_t named[EVTCODE_WORDS] = { 0 };

	(void)ctx;
	(void)evtcode_find(name, named);
	for (uint32_t code = 0; syscall && code < EVTCODE_COUNT; code++)
		if (!evtcode_is_syscall(code))
			named[code / 64] &= ~((uint64_t)1 << (code % 64));
	for (size_t i = 0; i < words; i++)
		set[i] |= named[i];
}

int
rulecheck_codes(const struct ast_node *tree, uint64_t *codes, const struct ast_node **refused)
{
	static const struct evttypes_ops ops = { NULL, codes_universe, codes_add };

	return evttypes_compute(tree, &ops, codes, EVTCODE_WORDS, refused);
}

static enum rule_verdict
check_codes(const struct rule *rule, struct diags *diags)
{
	uint64_t codes[EVTCODE_WORDS];
	const struct ast_node *refused;
	struct source_place place;
	uint32_t count = 0;

	if (rulecheck_codes(rule->tree, codes, &refused) < 0) {
		place = rule_place(rule, &refused->at);
		rule_place_inner(rule, &refused->at,
		    load_report(diags, LOAD_ERR_COMPILE_CONDITION, &place,
		        "`evt.type` can be compared with constants only"));
		return RULE_BAD;
	}
	for (uint32_t i = 0; i < EVTCODE_WORDS; i++)
		count += (uint32_t)__builtin_popcountll(codes[i]);
	/* The bound counts the entry and the exit of each call. */
	if (rule->warn_evttypes && count * 2 > CODES_WARN) {
		place = rule_place(rule, &rule->tree->at);
		load_report(diags, LOAD_NO_EVTTYPE, &place,
		    "rule `%.*s` is tried on %u kinds of events: restrict it "
		    "with evt.type",
		    (int)rule->name.len, rule->name.ptr, count);
	}
	return RULE_GOOD;
}

static enum rule_verdict
report_condition(const struct rule *rule, const struct compile_error *error, struct diags *diags)
{
	struct source_place place = rule_place(rule, &error->at);
	bool skip = error->unknown && rule->skip_if_unknown_filter;

	rule_place_inner(rule, &error->at,
	    load_report(diags, skip ? LOAD_UNKNOWN_FILTER : LOAD_ERR_COMPILE_CONDITION, &place,
	        skip ? "%s: the rule is skipped" : "%s", error->text));
	return skip ? RULE_SKIPPED : RULE_BAD;
}

static enum rule_verdict
check_condition(void *ctx, const struct rule *rule, struct diags *diags)
{
	struct rulewarn warn = { rule, diags };
	struct compile_error error;
	struct condition condition;
	struct compiler compiler;
	struct arena arena;
	int err;

	rulewarn_tree(&warn);
	arena_init(&arena, CHECK_BYTES_MAX);
	check_compiler(&compiler, &arena, ctx);
	err = compile_condition(&compiler, rule->tree, &condition, &error);
	if (err == 0) {
		/* Only a condition that compiles is worth a word about its constants. */
		arena_fini(&arena);
		check_compiler(&compiler, &arena, ctx);
		compiler.warn = rulewarn_value;
		compiler.warn_ctx = &warn;
		err = compile_condition(&compiler, rule->tree, &condition, &error);
	}
	arena_fini(&arena);
	return err < 0 ? report_condition(rule, &error, diags) : check_codes(rule, diags);
}

struct loader_ops
rulecheck_ops(struct rulecheck_settings *settings)
{
	return (struct loader_ops){ .ctx = settings,
		.field_valid = check_field,
		.check_output = check_output,
		.check_condition = check_condition };
}
