/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about a compiled set. */
#include <stdlib.h>
#include <strings.h>

#include "diag.h"
#include "rules.h"
#include "scalar.h"

static const char *const priorities[] = {
	[PRIORITY_EMERGENCY] = "Emergency",
	[PRIORITY_ALERT] = "Alert",
	[PRIORITY_CRITICAL] = "Critical",
	[PRIORITY_ERROR] = "Error",
	[PRIORITY_WARNING] = "Warning",
	[PRIORITY_NOTICE] = "Notice",
	[PRIORITY_INFORMATIONAL] = "Informational",
	[PRIORITY_DEBUG] = "Debug",
};

const char *
rule_priority_text(enum rule_priority priority)
{
	return priorities[priority];
}

static bool
is_word(struct span text, const char *word)
{
	return text.len == strlen(word) && strncasecmp(text.ptr, word, text.len) == 0;
}

enum rule_priority
rule_priority_find(struct span name)
{
	enum rule_priority priority = 0;

	if (is_word(name, "info"))
		return PRIORITY_INFORMATIONAL;
	while (priority < PRIORITY_COUNT && !is_word(name, priorities[priority]))
		priority++;
	return priority;
}

/* The text that AT is a position in. */
static const struct srctext *
rule_source(const struct rule *rule, const struct ast_position *at)
{
	if (at->origin > 0 && at->origin <= rule->rules->macro_count)
		return &rule->rules->macros[at->origin - 1].text;
	return &rule->text;
}

struct source_place
rule_place(const struct rule *rule, const struct ast_position *at)
{
	return srctext_place(rule_source(rule, at), at->offset);
}

void
rule_place_inner(const struct rule *rule, const struct ast_position *at, struct diag *diag)
{
	struct span text = rule_source(rule, at)->text;

	diag_set_inner(diag, text.ptr, text.len, at->offset, (int)at->line, (int)at->column);
}

struct source_place
rule_output_place(const struct rule *rule, size_t offset)
{
	if (rule->output_text.piece_count == 0)
		return rulefile_place(rule->node);
	return srctext_place(&rule->output_text, offset);
}

uint32_t
rule_exception_field_count(const struct rule_exception *exception)
{
	return exception->fields->kind == RULEFILE_SEQUENCE ? exception->fields->count : 1;
}

struct span
rule_exception_field(const struct rule_exception *exception, uint32_t at)
{
	const struct rulefile_node *fields = exception->fields;

	return fields->kind == RULEFILE_SEQUENCE ? fields->items[at]->text : fields->text;
}

struct span
rule_exception_comp(const struct rule_exception *exception, uint32_t at)
{
	const struct rulefile_node *comps = exception->comps;

	if (comps == NULL)
		return exception->fields->kind == RULEFILE_SEQUENCE ? SPAN_OF("=") : SPAN_OF("in");
	return scalar_trim(comps->kind == RULEFILE_SEQUENCE ? comps->items[at]->text : comps->text);
}

void
rules_free(struct rules *rules)
{
	if (rules == NULL)
		return;
	arena_fini(&rules->arena);
	free(rules);
}
