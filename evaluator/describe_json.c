/* SPDX-License-Identifier: Apache-2.0 */
/* Rules described as JSON.  See describe.h. */
#include <errno.h>
#include <stdio.h>

#include "canon.h"
#include "describe.h"
#include "facts.h"
#include "jsonout.h"

enum { DESCRIBE_BYTES_MAX = 256 << 20, VERSION_TEXT_MAX = 48 };

static void
write_names(struct jsonout *json, const char *key, const struct nameset *set)
{
	jsonout_array(json, key);
	for (uint32_t i = 0; i < set->count; i++)
		jsonout_span(json, NULL, set->names[i]);
	jsonout_array_end(json);
}

static void
write_version(struct jsonout *json, const char *key, const struct rule_version *version)
{
	char text[VERSION_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%u.%u.%u", version->part[0], version->part[1],
	    version->part[2]);
	jsonout_string(json, key, text);
}

static int
write_canon(struct jsonout *json, struct arena *arena, const struct ast_node *tree)
{
	struct span text = canon_new(arena, tree);

	if (text.ptr == NULL)
		return -ENOMEM;
	jsonout_span(json, "condition_compiled", text);
	return 0;
}

static void
write_rule_info(struct jsonout *json, const struct rule *rule)
{
	jsonout_object(json, "info");
	jsonout_bool(json, "capture", rule->capture);
	jsonout_number(json, "capture_duration", rule->capture_duration_ms);
	jsonout_span(json, "condition", rule->condition.text);
	jsonout_span(json, "description", rule->desc);
	jsonout_bool(json, "enabled", rule->enabled);
	jsonout_span(json, "name", rule->name);
	jsonout_span(json, "output", rule->output);
	jsonout_string(json, "priority", rule_priority_text(rule->priority));
	jsonout_span(json, "source", rule->source);
	jsonout_array(json, "tags");
	for (uint32_t i = 0; i < rule->tag_count; i++)
		jsonout_span(json, NULL, rule->tags[i]);
	jsonout_array_end(json);
	jsonout_object_end(json);
}

static int
write_rule(struct jsonout *json, struct arena *arena, const struct rules *rules,
    const struct rule *rule)
{
	struct facts facts = { .arena = arena };
	int err = facts_of_rule(&facts, rules, rule);

	if (err < 0)
		return err;
	jsonout_object(json, NULL);
	jsonout_object(json, "details");
	if ((err = write_canon(json, arena, rule->tree)) < 0)
		return err;
	write_names(json, "condition_fields", &facts.fields);
	write_names(json, "condition_operators", &facts.operators);
	write_names(json, "events", &facts.events);
	write_names(json, "exception_fields", &facts.exception_fields);
	write_names(json, "exception_names", &facts.exceptions);
	write_names(json, "exception_operators", &facts.exception_operators);
	write_names(json, "lists", &facts.lists);
	write_names(json, "macros", &facts.macros);
	jsonout_span(json, "output_compiled", rule->output);
	write_names(json, "output_fields", &facts.outputs);
	write_names(json, "plugins", &facts.plugins);
	jsonout_object_end(json);
	write_rule_info(json, rule);
	jsonout_object_end(json);
	return 0;
}

static int
write_macro(struct jsonout *json, struct arena *arena, const struct rules *rules,
    const struct rule_macro *macro)
{
	struct facts facts = { .arena = arena };
	int err = facts_of_macro(&facts, rules, macro);

	if (err < 0)
		return err;
	jsonout_object(json, NULL);
	jsonout_object(json, "details");
	if ((err = write_canon(json, arena, macro->tree)) < 0)
		return err;
	write_names(json, "condition_fields", &facts.fields);
	write_names(json, "condition_operators", &facts.operators);
	write_names(json, "events", &facts.events);
	write_names(json, "lists", &facts.lists);
	write_names(json, "macros", &facts.macros);
	write_names(json, "plugins", &(struct nameset){ NULL, 0, 0 });
	jsonout_bool(json, "used", macro->used);
	jsonout_object_end(json);
	jsonout_object(json, "info");
	jsonout_span(json, "condition", macro->condition.text);
	jsonout_span(json, "name", macro->name);
	jsonout_object_end(json);
	jsonout_object_end(json);
	return 0;
}

/* The items of LIST that are lists (NAMED), or those that are not. */
static void
write_items(struct jsonout *json, const char *key, const struct rules *rules,
    const struct rule_list *list, bool named)
{
	jsonout_array(json, key);
	for (uint32_t i = 0; i < list->item_count; i++)
		if ((facts_item_list(rules, list, list->items[i]->text) != NULL) == named)
			jsonout_span(json, NULL, list->items[i]->text);
	jsonout_array_end(json);
}

static void
write_list(struct jsonout *json, const struct rules *rules, const struct rule_list *list)
{
	jsonout_object(json, NULL);
	jsonout_object(json, "details");
	jsonout_array(json, "items_compiled");
	for (uint32_t i = 0; i < list->value_count; i++)
		jsonout_span(json, NULL, list->values[i]);
	jsonout_array_end(json);
	write_items(json, "lists", rules, list, true);
	write_names(json, "plugins", &(struct nameset){ NULL, 0, 0 });
	jsonout_bool(json, "used", list->used);
	jsonout_object_end(json);
	jsonout_object(json, "info");
	write_items(json, "items", rules, list, false);
	jsonout_span(json, "name", list->name);
	jsonout_object_end(json);
	jsonout_object_end(json);
}

static void
write_plugin(struct jsonout *json, const struct rule_plugin *plugin)
{
	jsonout_span(json, "name", plugin->name);
	write_version(json, "version", &plugin->version);
}

static void
write_requirements(struct jsonout *json, const struct rules *rules)
{
	write_version(json, "required_engine_version", &rules->engine_required);
	jsonout_array(json, "required_plugin_versions");
	for (uint32_t i = 0; i < rules->requirement_count; i++) {
		const struct rule_requirement *requirement = &rules->requirements[i];

		jsonout_object(json, NULL);
		jsonout_array(json, "alternatives");
		for (uint32_t at = 1; at < requirement->plugin_count; at++) {
			jsonout_object(json, NULL);
			write_plugin(json, &requirement->plugins[at]);
			jsonout_object_end(json);
		}
		jsonout_array_end(json);
		write_plugin(json, &requirement->plugins[0]);
		jsonout_object_end(json);
	}
	jsonout_array_end(json);
}

/* All rules, or the one called NAME. */
static int
write_rules(struct jsonout *json, struct arena *arena, const struct rules *rules, const char *name)
{
	bool found = false;
	int err = 0;

	jsonout_array(json, "rules");
	for (uint32_t i = 0; err == 0 && i < rules->rule_count; i++) {
		struct arena_mark mark = arena_mark(arena);

		if (name != NULL && !span_equal(rules->rules[i].name, span_text(name)))
			continue;
		found = true;
		err = write_rule(json, arena, rules, &rules->rules[i]);
		arena_reset(arena, mark);
	}
	jsonout_array_end(json);
	return err == 0 && name != NULL && !found ? -ENOENT : err;
}

static int
write_macros(struct jsonout *json, struct arena *arena, const struct rules *rules)
{
	int err = 0;

	jsonout_array(json, "macros");
	for (uint32_t i = 0; err == 0 && i < rules->macro_count; i++) {
		struct arena_mark mark = arena_mark(arena);

		err = write_macro(json, arena, rules, &rules->macros[i]);
		arena_reset(arena, mark);
	}
	jsonout_array_end(json);
	return err;
}

int
describe_rules(struct jsonout *json, const struct rules *rules, const char *name)
{
	struct arena arena;
	int err;

	arena_init(&arena, DESCRIBE_BYTES_MAX);
	if (name != NULL) {
		err = write_rules(json, &arena, rules, name);
		arena_fini(&arena);
		return err;
	}
	jsonout_array(json, "lists");
	for (uint32_t i = 0; i < rules->list_count; i++)
		write_list(json, rules, &rules->lists[i]);
	jsonout_array_end(json);
	if ((err = write_macros(json, &arena, rules)) == 0) {
		write_requirements(json, rules);
		err = write_rules(json, &arena, rules, NULL);
	}
	arena_fini(&arena);
	return err;
}
