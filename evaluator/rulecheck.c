/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of single rules while files are loaded, with their warnings.  See rulecheck.h. */
#include "rulecheck.h"

#include <errno.h>

#include "evtcode.h"
#include "evttypes.h"
#include "format.h"
#include "loadresult.h"
#include "parse.h"

enum { CHECK_BYTES_MAX = 256 << 20, CODES_WARN = 100, CHECK_HASH_KEY = 0x5a6b };

/* The rule at hand, for warnings. */
struct rulecheck {
	const struct rule *rule;
	struct diags *diags;
};

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
	struct accessor accessor;
	struct parse_error syntax;
	struct ast_value *value;
	struct arena arena;
	char error[FIELD_ERROR_MAX];
	bool valid;

	(void)ctx;
	(void)source;
	arena_init(&arena, CHECK_BYTES_MAX);
	valid = parse_operand(&arena, text, false, &value, &syntax) == 0 &&
	    (value->kind != VALUE_FIELD ||
	        field_compile(&arena, value->text, value->argument, value->has_argument, true,
	            &accessor, error) == FIELD_FINE);
	arena_fini(&arena);
	return valid;
}

/* Deprecated fields count wherever their name occurs in an output. */
static void
warn_output_fields(struct diags *diags, const struct rule *rule)
{
	for (uint32_t id = 0; id < F_COUNT; id++) {
		const struct field_info *info = field_info(id);
		size_t len = strlen(info->name);
		const char *found;
		struct source_place place;

		if (!(info->flags & FIELD_DEPRECATED) || rule->output.len < len)
			continue;
		if ((found = memmem(rule->output.ptr, rule->output.len, info->name, len)) == NULL)
			continue;
		place = rule_output_place(rule, (size_t)(found - rule->output.ptr));
		load_report(diags, LOAD_DEPRECATED_ITEM, &place, "the field `%s` is deprecated",
		    info->name);
	}
}

static enum rule_verdict
check_output(void *ctx, struct rule *rule, struct arena *arena, struct diags *diags)
{
	struct source_place place;
	struct format_error error;
	struct compiler compiler;
	struct format format;
	struct arena own;
	int err;

	(void)arena;
	arena_init(&own, CHECK_BYTES_MAX);
	check_compiler(&compiler, &own, ctx);
	err = format_compile(&compiler, rule->output, true, &format, &error);
	arena_fini(&own);
	if (err == 0) {
		warn_output_fields(diags, rule);
		return RULE_GOOD;
	}
	place = rule_output_place(rule, error.offset);
	if (error.unknown && rule->skip_if_unknown_filter) {
		load_report(diags, LOAD_UNKNOWN_FILTER, &place, "%s: the rule is skipped",
		    error.text);
		return RULE_SKIPPED;
	}
	load_report(diags, LOAD_ERR_COMPILE_OUTPUT, &place, "%s", error.text);
	return RULE_BAD;
}

static void
warn_constant(void *ctx, enum compile_warning warning, const struct ast_value *constant)
{
	const struct rulecheck *check = ctx;
	struct source_place place = rule_place(check->rule, &constant->at);
	int len = (int)(constant->text.len < 80 ? constant->text.len : 80);

	if (warning == WARN_LOOKS_LIKE_FIELD)
		load_report(check->diags, LOAD_COMPILE_CONDITION, &place,
		    "`%.*s` is compared as text, though it is a field: was val(%.*s) meant?", len,
		    constant->text.ptr, len, constant->text.ptr);
	else
		load_report(check->diags, LOAD_COMPILE_CONDITION, &place,
		    "`%.*s` is compared as text, though it looks like a call: is a quote too much?",
		    len, constant->text.ptr);
}

/* Give each deprecated field of the tree one warning; SEEN holds those that had theirs. */
static void
warn_deprecated(const struct rulecheck *check, const struct ast_node *node, bool seen[F_COUNT])
{
	struct source_place place;
	enum field_id field;

	for (uint32_t i = 0; i < node->child_count; i++)
		warn_deprecated(check, node->children[i], seen);
	if (node->kind != AST_CHECK || node->left->kind != VALUE_FIELD)
		return;
	field = field_find(node->left->text);
	if (field >= F_COUNT || seen[field] || !(field_info(field)->flags & FIELD_DEPRECATED))
		return;
	seen[field] = true;
	place = rule_place(check->rule, &node->left->at);
	load_report(check->diags, LOAD_DEPRECATED_ITEM, &place, "the field `%s` is deprecated",
	    field_info(field)->name);
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
		load_report(diags, LOAD_ERR_COMPILE_CONDITION, &place,
		    "`evt.type` can be compared with constants only");
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

	if (error->unknown && rule->skip_if_unknown_filter) {
		load_report(diags, LOAD_UNKNOWN_FILTER, &place, "%s: the rule is skipped",
		    error->text);
		return RULE_SKIPPED;
	}
	load_report(diags, LOAD_ERR_COMPILE_CONDITION, &place, "%s", error->text);
	return RULE_BAD;
}

static enum rule_verdict
check_condition(void *ctx, const struct rule *rule, struct diags *diags)
{
	struct rulecheck check = { rule, diags };
	bool seen[F_COUNT] = { false };
	struct compile_error error;
	struct condition condition;
	struct compiler compiler;
	struct arena arena;
	int err;

	warn_deprecated(&check, rule->tree, seen);
	arena_init(&arena, CHECK_BYTES_MAX);
	check_compiler(&compiler, &arena, ctx);
	err = compile_condition(&compiler, rule->tree, &condition, &error);
	if (err == 0) {
		/* Only a condition that compiles is worth a word about its constants. */
		arena_fini(&arena);
		check_compiler(&compiler, &arena, ctx);
		compiler.warn = warn_constant;
		compiler.warn_ctx = &check;
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
