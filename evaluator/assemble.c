/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiling: lists, then macros, then each rule on its own; an error of one does not hide
 * those of the next.
 */
#include <errno.h>
#include <stdlib.h>

#include "assemble.h"
#include "diag.h"
#include "exception.h"
#include "listsub.h"
#include "loadresult.h"
#include "parse.h"
#include "resolve.h"

struct assembly {
	const struct collection *collection;
	const struct loader_options *options;
	struct diags *diags;
	struct rules *rules;
	struct listsub listsub;
	struct resolver resolver;
	struct srcbuild build; /* scratch */
};

/* --- texts and trees --- */

/*
 * Put the lists into what has been built and keep the text.  KIND, NAME and NODE tell whose
 * condition it is.
 */
static int
finish_text(struct assembly *a, const char *kind, struct span name,
    const struct rulefile_node *node, struct srctext *text)
{
	struct source_place place = rulefile_place(node);
	int err;

	listsub_apply(&a->listsub, &a->build);
	if ((err = srcbuild_take(&a->build, &a->rules->arena, text)) != -E2BIG)
		return err;
	load_report(a->diags, LOAD_ERR_COMPILE_CONDITION, &place,
	    "%s `%.*s`: the condition with its lists is longer than %d bytes", kind,
	    QUOTED(name), SRCTEXT_BYTES_MAX);
	return -EINVAL;
}

static int
parse_text(struct assembly *a, const char *kind, struct span name,
    const struct srctext *text, uint32_t origin, struct ast_node **tree)
{
	struct parse_error error;
	struct source_place place;
	struct diag *diag;
	int err = parse_condition(&a->rules->arena, text->text, origin, PARSE_DEPTH_RULES,
	    tree, &error);

	if (err != -EINVAL)
		return err;
	place = srctext_place(text, error.at.offset);
	diag = load_report(a->diags, LOAD_ERR_COMPILE_CONDITION, &place, "%s `%.*s`: %s", kind,
	    QUOTED(name), error.text);
	diag_set_inner(diag, text->text.ptr, text->text.len, error.at.offset, (int)error.at.line,
	    (int)error.at.column);
	return err;
}

/* --- macros --- */

static int
assemble_macro(struct assembly *a, uint32_t at)
{
	struct rule_macro *macro = &a->rules->macros[at];
	int err;

	srcbuild_clear(&a->build);
	srcbuild_slice(&a->build, &macro->condition, 0, macro->condition.text.len);
	if ((err = finish_text(a, "macro", macro->name, macro->node, &macro->text)) < 0)
		return err;
	return parse_text(a, "macro", macro->name, &macro->text, at + 1, &macro->parsed);
}

static int
assemble_macros(struct assembly *a)
{
	int result = 0, err;

	for (uint32_t i = 0; i < a->rules->macro_count; i++) {
		if ((err = assemble_macro(a, i)) == -ENOMEM)
			return err;
		if (err < 0)
			result = err;
	}
	if ((err = resolver_init(&a->resolver, a->rules, a->diags, a->options->hash_key)) < 0)
		return err;
	a->resolver.excused = a->collection->excused;
	err = resolver_macros(&a->resolver);
	return err < 0 ? err : result;
}

/* --- rules --- */

/* Remove every `%container.info` from the output: what it printed is no longer a field. */
static int
strip_output(struct assembly *a, struct rule *rule)
{
	static const char removed[] = "%container.info";
	const struct srctext former = rule->output_text;
	const char *end = former.text.ptr + former.text.len;
	const char *at = former.text.ptr;
	struct source_place place;
	const char *hit;
	int err;

	if ((hit = memmem(at, (size_t)(end - at), removed, sizeof(removed) - 1)) == NULL)
		return 0;
	place = rule_output_place(rule, (size_t)(hit - at));
	load_report(a->diags, LOAD_DEPRECATED_ITEM, &place,
	    "rule `%.*s`: %s is deprecated and removed", QUOTED(rule->name), removed);
	srcbuild_clear(&a->build);
	for (; hit != NULL; hit = memmem(at, (size_t)(end - at), removed, sizeof(removed) - 1)) {
		srcbuild_slice(&a->build, &former, (size_t)(at - former.text.ptr),
		    (size_t)(hit - at));
		at = hit + sizeof(removed) - 1;
	}
	srcbuild_slice(&a->build, &former, (size_t)(at - former.text.ptr), (size_t)(end - at));
	if ((err = srcbuild_take(&a->build, &a->rules->arena, &rule->output_text)) < 0)
		return err;
	rule->output = rule->output_text.text;
	return 0;
}

static int
assemble_text(struct assembly *a, struct rule *rule)
{
	int err;

	srcbuild_clear(&a->build);
	if ((err = exceptions_expand(rule, &a->build, a->diags)) < 0)
		return err;
	return finish_text(a, "rule", rule->name, rule->node, &rule->text);
}

static int
verdict_error(enum rule_verdict verdict)
{
	switch (verdict) {
	case RULE_GOOD:
		return 0;
	case RULE_BAD:
		return -EINVAL;
	case RULE_SKIPPED:
		break;
	}
	return -ECANCELED;
}

static int
judge_output(struct assembly *a, struct rule *rule)
{
	const struct loader_ops *ops = &a->options->ops;

	if (ops->check_output == NULL)
		return 0;
	return verdict_error(ops->check_output(ops->ctx, rule, &a->rules->arena, a->diags));
}

static int
judge_condition(struct assembly *a, const struct rule *rule)
{
	const struct loader_ops *ops = &a->options->ops;

	if (ops->check_condition == NULL)
		return 0;
	return verdict_error(ops->check_condition(ops->ctx, rule, a->diags));
}

/*
 * Compile RULE.  Returns -ECANCELED when it is to be left out.  A bad output does not hide what is
 * wrong with the condition.
 */
static int
assemble_rule(struct assembly *a, struct rule *rule)
{
	int err, output_err;

	if ((err = assemble_text(a, rule)) < 0 || (err = strip_output(a, rule)) < 0)
		return err;
	if ((output_err = judge_output(a, rule)) < 0 && output_err != -EINVAL)
		return output_err;
	if ((err = parse_text(a, "rule", rule->name, &rule->text, 0, &rule->parsed)) < 0)
		return err;
	if ((err = resolver_rule(&a->resolver, rule)) < 0)
		return err;
	err = judge_condition(a, rule);
	return output_err < 0 ? output_err : err;
}

static int
assemble_all_rules(struct assembly *a)
{
	const struct collection_table *table = &a->collection->rules;
	struct rules *rules = a->rules;
	int result = 0;

	for (uint32_t i = 0; i < table->count; i++) {
		const struct rule *collected = table->items[i];
		struct rule *rule = &rules->rules[rules->rule_count];
		int err;

		if (!collected->source_known)
			continue;
		*rule = *collected;
		rule->rules = rules;
		if ((err = assemble_rule(a, rule)) == -ENOMEM)
			return err;
		if (err == 0)
			rules->rule_count++;
		else if (err != -ECANCELED)
			result = err;
	}
	return result;
}

/* --- the whole --- */

/* Copy the records of a table, which hold SIZE bytes each. */
static void *
copy_records(struct assembly *a, const struct collection_table *table, size_t size)
{
	char *records = arena_array(&a->rules->arena, table->count, size);

	for (uint32_t i = 0; records != NULL && i < table->count; i++)
		memcpy(records + i * size, table->items[i], size);
	return records;
}

static int
copy_collection(struct assembly *a)
{
	const struct collection *from = a->collection;
	struct rules *rules = a->rules;

	rules->lists = copy_records(a, &from->lists, sizeof(*rules->lists));
	rules->list_count = from->lists.count;
	rules->macros = copy_records(a, &from->macros, sizeof(*rules->macros));
	rules->macro_count = from->macros.count;
	rules->requirements = copy_records(a, &from->requirements, sizeof(*rules->requirements));
	rules->requirement_count = from->requirements.count;
	rules->engine_required = from->engine_required;
	rules->rules = arena_array(&rules->arena, from->rules.count, sizeof(*rules->rules));
	if (rules->lists == NULL || rules->macros == NULL || rules->requirements == NULL ||
	    rules->rules == NULL)
		return -ENOMEM;
	return 0;
}

static void
warn_unused(struct assembly *a)
{
	struct rules *rules = a->rules;

	for (uint32_t i = 0; i < rules->macro_count; i++) {
		struct source_place place = rulefile_place(rules->macros[i].node);

		if (!rules->macros[i].used)
			load_report(a->diags, LOAD_UNUSED_MACRO, &place, "macro `%.*s` is not used",
			    QUOTED(rules->macros[i].name));
	}
	for (uint32_t i = 0; i < rules->list_count; i++) {
		struct source_place place = rulefile_place(rules->lists[i].node);

		if (!rules->lists[i].used)
			load_report(a->diags, LOAD_UNUSED_LIST, &place, "list `%.*s` is not used",
			    QUOTED(rules->lists[i].name));
	}
}

static int
assemble(struct assembly *a)
{
	int macros_err, err;

	if ((err = copy_collection(a)) < 0)
		return err;
	if ((err = resolve_lists(a->rules, a->options->hash_key)) < 0)
		return err;
	err = listsub_init(&a->listsub, &a->rules->arena, a->rules->lists, a->rules->list_count,
	    a->options->hash_key);
	if (err < 0)
		return err;
	if ((macros_err = assemble_macros(a)) == -ENOMEM)
		return macros_err;
	if ((err = assemble_all_rules(a)) < 0 || (err = macros_err) < 0)
		return err;
	if (a->collection->excused == NULL)
		warn_unused(a);
	return 0;
}

int
assemble_rules(const struct collection *collection, const struct loader_options *options,
    struct diags *diags, struct rules **rules)
{
	struct assembly a = {
		.collection = collection,
		.options = options,
		.diags = diags,
		.build = SRCBUILD_NONE,
		.rules = calloc(1, sizeof(*a.rules)),
	};
	int err = -ENOMEM;

	if (a.rules != NULL) {
		arena_init(&a.rules->arena, LOADER_PRODUCT_BYTES_MAX);
		err = assemble(&a);
	}
	listsub_fini(&a.listsub);
	srcbuild_fini(&a.build);
	if (err == 0) {
		*rules = a.rules;
		return 0;
	}
	if (err == -ENOMEM)
		load_report(diags, LOAD_ERR_VALIDATE, &(struct source_place){ .file = NULL },
		    "no room left for the compiled rules (limit %d bytes)",
		    LOADER_PRODUCT_BYTES_MAX);
	rules_free(a.rules);
	return err;
}
