/* SPDX-License-Identifier: Apache-2.0 */
/* What a loaded set holds, against what a case expects of it. */
#include <stdlib.h>

#include "canon.h"
#include "conformance.h"
#include "namelist.h"
#include "rulesets.h"

enum { CANON_BYTES_MAX = 64 << 20 };

static const struct rule *
rule_find(const struct rules *rules, const char *name)
{
	for (uint32_t i = 0; i < rules->rule_count; i++)
		if (span_equal(rules->rules[i].name, span_text(name)))
			return &rules->rules[i];
	return NULL;
}

static const struct rule_list *
list_find(const struct rules *rules, const char *name)
{
	for (uint32_t i = 0; i < rules->list_count; i++)
		if (span_equal(rules->lists[i].name, span_text(name)))
			return &rules->lists[i];
	return NULL;
}

static void
compare_compiled(const struct rules *rules, const json_t *compiled, struct verdict *verdict)
{
	const json_t *item;
	const char *name;
	struct arena arena;

	arena_init(&arena, CANON_BYTES_MAX);
	json_object_foreach ((json_t *)compiled, name, item) {
		const struct rule *rule = rule_find(rules, name);

		verdict_compare(verdict, name,
		    (struct span){ json_string_value(item), json_string_length(item) },
		    rule ? canon_new(&arena, rule->tree) : SPAN_OF("no such rule"));
	}
	arena_fini(&arena);
}

static void
compare_outputs(const struct rules *rules, const json_t *outputs, struct verdict *verdict)
{
	const json_t *item;
	const char *name;

	json_object_foreach ((json_t *)outputs, name, item) {
		const struct rule *rule = rule_find(rules, name);

		verdict_compare(verdict, name,
		    (struct span){ json_string_value(item), json_string_length(item) },
		    rule ? rule->output : SPAN_OF("no such rule"));
	}
}

static json_t *
spans_json(const struct span *spans, uint32_t count)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < count; i++)
		json_array_append_new(list, json_stringn(spans[i].ptr, spans[i].len));
	return list;
}

static void
compare_lists(const struct rules *rules, const json_t *lists, struct verdict *verdict)
{
	static struct namelist want, got;
	const json_t *item;
	const char *name;

	json_object_foreach ((json_t *)lists, name, item) {
		const struct rule_list *list = list_find(rules, name);

		namelist_clear(&want);
		namelist_clear(&got);
		namelist_add_json(&want, item);
		for (uint32_t i = 0; list != NULL && i < list->value_count; i++)
			namelist_add(&got, list->values[i]);
		verdict_compare(verdict, name, namelist_text(&want), namelist_text(&got));
	}
}

/* The properties of RULE, as `expect.rules` names them. */
static json_t *
rule_properties(const struct rule *rule)
{
	json_t *all = json_object();
	const struct span texts[] = { rule->condition.text, rule->output, rule->desc,
		span_text(rule_priority_text(rule->priority)), rule->source };
	static const char *const keys[] = { "condition", "output", "description", "priority",
		"source" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		json_object_set_new(all, keys[i], json_stringn(texts[i].ptr, texts[i].len));
	json_object_set_new(all, "tags", spans_json(rule->tags, rule->tag_count));
	json_object_set_new(all, "enabled", json_boolean(rule->enabled));
	json_object_set_new(all, "capture", json_boolean(rule->capture));
	json_object_set_new(all, "capture_duration", json_integer(rule->capture_duration_ms));
	return all;
}

static void
compare_rules(const struct rules *rules, const json_t *expected, struct verdict *verdict)
{
	const char *name, *key;
	const json_t *item, *value;

	json_object_foreach ((json_t *)expected, name, item) {
		const struct rule *rule = rule_find(rules, name);
		json_t *all = rule ? rule_properties(rule) : json_object();

		json_object_foreach ((json_t *)item, key, value) {
			char *want = json_dumps(value, JSON_ENCODE_ANY);
			char *got = json_dumps(json_object_get(all, key), JSON_ENCODE_ANY);

			verdict_compare(verdict, key, span_text(want), span_text(got));
			free(want);
			free(got);
		}
		json_decref(all);
	}
}

static void
compare_enabled(const struct ruleset *ruleset, const json_t *enabled, struct verdict *verdict)
{
	static struct namelist want, got;

	namelist_clear(&want);
	namelist_clear(&got);
	namelist_add_json(&want, enabled);
	for (uint32_t i = 0; i < ruleset->rule_count; i++)
		if (ruleset->rules[i].active)
			namelist_add(&got, ruleset->rules[i].name);
	namelist_make_set(&want);
	namelist_make_set(&got);
	verdict_compare(verdict, "enabled rules", namelist_text(&want), namelist_text(&got));
}

void
compare_set(const struct ruleset *ruleset, const json_t *test, struct verdict *verdict)
{
	compare_compiled(ruleset->loaded, case_expect(test, "compiled"), verdict);
	compare_outputs(ruleset->loaded, case_expect(test, "outputs"), verdict);
	compare_lists(ruleset->loaded, case_expect(test, "lists"), verdict);
	compare_rules(ruleset->loaded, case_expect(test, "rules"), verdict);
	if (case_expect(test, "described") != NULL)
		compare_described(ruleset, case_expect(test, "described"), verdict);
	if (case_expect(test, "enabled") != NULL)
		compare_enabled(ruleset, case_expect(test, "enabled"), verdict);
}
