/* SPDX-License-Identifier: Apache-2.0 */
/* What rules are made of.  See facts.h. */
#include "facts.h"

#include <errno.h>

#include "canon.h"
#include "evtcode.h"
#include "formatnames.h"
#include "parse.h"
#include "rulecheck.h"

enum { FACTS_HASH_KEY = 0x5a6b };

bool
nameset_has(const struct nameset *set, struct span name)
{
	for (uint32_t i = 0; i < set->count; i++)
		if (span_equal(set->names[i], name))
			return true;
	return false;
}

int
nameset_add(struct nameset *set, struct arena *arena, struct span name)
{
	uint32_t capacity = set->capacity ? set->capacity * 2 : 16;
	struct span *names;

	if (nameset_has(set, name))
		return 0;
	if (set->count == set->capacity) {
		if ((names = arena_array(arena, capacity, sizeof(*names))) == NULL)
			return -ENOMEM;
		if (set->count > 0)
			memcpy(names, set->names, set->count * sizeof(*names));
		set->names = names;
		set->capacity = capacity;
	}
	set->names[set->count++] = name;
	return 0;
}

/* --- what the text names --- */

static int
add_list(struct facts *facts, const struct rules *rules, struct span name)
{
	for (uint32_t i = 0; i < rules->list_count; i++)
		if (span_equal(rules->lists[i].name, name))
			return nameset_add(&facts->lists, facts->arena, rules->lists[i].name);
	return 0;
}

static int
add_macro(struct facts *facts, const struct rules *rules, struct span name)
{
	for (uint32_t i = 0; i < rules->macro_count; i++)
		if (span_equal(rules->macros[i].name, name))
			return nameset_add(&facts->macros, facts->arena, rules->macros[i].name);
	return 0;
}

static int
add_named_lists(struct facts *facts, const struct rules *rules, const struct ast_value *right)
{
	int err = 0;

	if (right == NULL)
		return 0;
	if (right->kind == VALUE_NAME)
		return add_list(facts, rules, right->text);
	for (uint32_t i = 0; err == 0 && right->kind == VALUE_LIST && i < right->item_count; i++)
		err = add_list(facts, rules, right->items[i]->text);
	return err;
}

static int
add_named(struct facts *facts, const struct rules *rules, const struct ast_node *node)
{
	int err = 0;

	for (uint32_t i = 0; err == 0 && i < node->child_count; i++)
		err = add_named(facts, rules, node->children[i]);
	if (err == 0 && node->kind == AST_MACRO)
		err = add_macro(facts, rules, node->name);
	if (err == 0 && node->kind == AST_CHECK)
		err = add_named_lists(facts, rules, node->right);
	return err;
}

/* The condition as written, lists still names.  One that is no condition then names nothing. */
static int
facts_of_text(struct facts *facts, const struct rules *rules, struct span text)
{
	struct parse_error error;
	struct ast_node *tree;
	int err = parse_condition(facts->arena, text, 0, PARSE_DEPTH_RULES, &tree, &error);

	if (err < 0)
		return err == -ENOMEM ? err : 0;
	return add_named(facts, rules, tree);
}

/* --- the compiled condition --- */

static int
add_plugin(struct facts *facts, struct span field)
{
	static const struct span prefixes[] = { { "container.", 10 }, { "k8s.", 4 } };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (field.len > prefixes[i].len &&
		    memcmp(field.ptr, prefixes[i].ptr, prefixes[i].len) == 0)
			return nameset_add(&facts->plugins, facts->arena, SPAN_OF("container"));
	return 0;
}

/* The fields in VALUE, whatever functions stand around them. */
static int
add_fields(struct facts *facts, const struct ast_value *value)
{
	struct span text;
	int err = 0;

	for (uint32_t i = 0; err == 0 && i < value->item_count; i++)
		err = add_fields(facts, value->items[i]);
	if (err < 0 || value->kind != VALUE_FIELD)
		return err;
	if ((text = canon_new_value(facts->arena, value)).ptr == NULL)
		return -ENOMEM;
	err = nameset_add(&facts->fields, facts->arena, text);
	return err < 0 ? err : add_plugin(facts, text);
}

static int
add_check(struct facts *facts, const struct ast_node *check)
{
	int err = nameset_add(&facts->operators, facts->arena,
	    span_text(ast_op_text(check->op)));

	if (err == 0)
		err = add_fields(facts, check->left);
	if (err == 0 && check->right != NULL)
		err = add_fields(facts, check->right);
	return err;
}

static int
facts_of_tree(struct facts *facts, const struct ast_node *node)
{
	int err = node->kind == AST_CHECK ? add_check(facts, node) : 0;

	for (uint32_t i = 0; err == 0 && i < node->child_count; i++)
		err = facts_of_tree(facts, node->children[i]);
	return err;
}

static int
facts_of_events(struct facts *facts, const struct ast_node *tree)
{
	uint64_t codes[EVTCODE_WORDS] = { 0 };
	const struct ast_node *refused;
	int err = nameset_add(&facts->events, facts->arena, SPAN_OF("asyncevent"));

	if (rulecheck_codes(tree, codes, &refused) < 0)
		return err;
	for (uint32_t code = 0; err == 0 && code < EVTCODE_COUNT; code++)
		if (codes[code / 64] >> (code % 64) & 1)
			err = nameset_add(&facts->events, facts->arena, evtcode_name(code));
	return err;
}

/* --- outputs and exceptions --- */

struct outputs {
	struct facts *facts;
	int err;
};

static void
add_output(void *ctx, struct span text)
{
	struct outputs *outputs = ctx;

	if (outputs->err == 0)
		outputs->err = nameset_add(&outputs->facts->outputs, outputs->facts->arena, text);
	if (outputs->err == 0)
		outputs->err = add_plugin(outputs->facts, text);
}

static int
facts_of_output(struct facts *facts, const struct rule *rule)
{
	struct outputs outputs = { facts, 0 };
	struct format_error error;
	struct compiler compiler;
	struct format format;

	compiler_init(&compiler, facts->arena, FACTS_HASH_KEY);
	if (format_compile(&compiler, rule->output, true, &format, &error) < 0)
		return -ENOMEM; /* it was compiled before */
	format_names(&format, compiler.accessors, add_output, &outputs);
	return outputs.err;
}

static int
facts_of_exceptions(struct facts *facts, const struct rule *rule)
{
	int err = 0;

	for (uint32_t i = 0; err == 0 && i < rule->exception_count; i++) {
		const struct rule_exception *exception = rule->exceptions[i];
		uint32_t count = rule_exception_field_count(exception);

		err = nameset_add(&facts->exceptions, facts->arena, exception->name);
		for (uint32_t at = 0; err == 0 && at < count; at++) {
			err = nameset_add(&facts->exception_fields, facts->arena,
			    rule_exception_field(exception, at));
			if (err == 0)
				err = nameset_add(&facts->exception_operators, facts->arena,
				    rule_exception_comp(exception, at));
		}
	}
	return err;
}

int
facts_of_rule(struct facts *facts, const struct rules *rules, const struct rule *rule)
{
	int err = facts_of_text(facts, rules, rule->condition.text);

	if (err == 0)
		err = facts_of_tree(facts, rule->tree);
	if (err == 0)
		err = facts_of_events(facts, rule->tree);
	if (err == 0)
		err = facts_of_output(facts, rule);
	return err == 0 ? facts_of_exceptions(facts, rule) : err;
}

int
facts_of_macro(struct facts *facts, const struct rules *rules, const struct rule_macro *macro)
{
	int err = facts_of_text(facts, rules, macro->condition.text);

	if (err == 0)
		err = facts_of_tree(facts, macro->tree);
	return err == 0 ? facts_of_events(facts, macro->tree) : err;
}

const struct rule_list *
facts_item_list(const struct rules *rules, const struct rule_list *list, struct span item)
{
	for (uint32_t i = 0; i < rules->list_count; i++)
		if (rules->lists[i].index < list->visibility &&
		    span_equal(rules->lists[i].name, item))
			return &rules->lists[i];
	return NULL;
}
