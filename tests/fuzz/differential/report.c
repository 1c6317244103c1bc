/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of differences.  See report.h. */
#include "report.h"

#include <stdio.h>


enum { VALUE_BYTES = 4096 };

static void
matches_print(const char *who, const uint32_t *matches, uint32_t count)
{
	(void)fprintf(stderr, "%s:", who);
	for (uint32_t i = 0; i < count; i++)
		(void)fprintf(stderr, " r%u", matches[i]);
	(void)fprintf(stderr, "%s\n", count == 0 ? " none" : "");
}

static bool
is_among(uint32_t rule, const uint32_t *matches, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (matches[i] == rule)
			return true;
	return false;
}

/* All that the condition of RULE reads, as values one by one. */
static void
fields_print(const struct ruleset *ruleset, const struct ruleset_rule *rule,
    const struct event_view *view)
{
	static const char *const states[] = { "absent", "value", "lost", "pending" };
	static struct event_view own;

	own = *view;
	for (uint32_t i = 0; i < rule->condition.accessor_count; i++) {
		const struct accessor *field =
		    &ruleset->compiler.accessors[rule->condition.accessors[i]];
		struct field_value value;
		char buf[VALUE_BYTES];
		struct text text;

		field_get(&own, field, &value);
		(void)fprintf(stderr, "    %.*s: %s", (int)field->text.len, field->text.ptr,
		    states[value.state]);
		for (uint32_t k = 0; k < value.count; k++) {
			char shown[VALUE_BYTES];
			struct text visible;

			text_init(&text, buf, sizeof(buf));
			field_print_item(&text, field, &value, k);
			text_init(&visible, shown, sizeof(shown));
			text_visible(&visible, text.buf, text.len);
			(void)fprintf(stderr, " \"%.*s\"", (int)visible.len, visible.buf);
		}
		(void)fprintf(stderr, "\n");
	}
}

void
report_difference(const struct ruleset *ruleset, struct span rules, const struct eval *eval,
    const struct oracle *oracle, const struct event_view *view)
{
	struct span name = evtcode_name(view->code);

	(void)fprintf(stderr, "--- rules\n%.*s--- event %llu: %.*s, task %llu, chain of %u%s\n",
	    (int)rules.len, rules.ptr, (unsigned long long)view->record.head->position,
	    (int)name.len, name.ptr, (unsigned long long)view->record.head->tid, view->chain_len,
	    view->chain_broken ? ", broken" : "");
	matches_print("engine", eval->matches, eval->match_count);
	matches_print("oracle", oracle->matches, oracle->match_count);
	for (uint32_t i = 0; i < ruleset->rule_count; i++) {
		const struct ruleset_rule *rule = &ruleset->rules[i];

		if (is_among(i, eval->matches, eval->match_count) ==
		    is_among(i, oracle->matches, oracle->match_count))
			continue;
		(void)fprintf(stderr, "--- rule %.*s\n", (int)rule->name.len, rule->name.ptr);
		fields_print(ruleset, rule, view);
	}
}
