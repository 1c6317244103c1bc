/* SPDX-License-Identifier: Apache-2.0 */
/* Printing what two engines said.  See difference.h. */
#include "difference.h"

#include <stdio.h>

enum { VALUE_BYTES = 4096 };

static void
matches_print(const char *who, const struct ruleset *ruleset, const uint32_t *matches,
    uint32_t count)
{
	(void)fprintf(stderr, "%s: %s", who, count == 0 ? "none" : "");
	for (uint32_t i = 0; i < count; i++) {
		struct span name = ruleset->rules[matches[i]].name;

		(void)fprintf(stderr, "%s\"%.*s\"", i > 0 ? ", " : "", (int)name.len, name.ptr);
	}
	(void)fprintf(stderr, "\n");
}

static bool
is_among(uint32_t rule, const uint32_t *matches, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (matches[i] == rule)
			return true;
	return false;
}

/* What FIELD is in VIEW, one value after another. */
static void
field_show(const struct accessor *field, struct event_view *view)
{
	static const char *const states[] = { "absent", "value", "lost", "pending" };
	struct field_value value;
	char buf[VALUE_BYTES], shown[VALUE_BYTES];

	field_get(view, field, &value);
	(void)fprintf(stderr, "    %.*s: %s", (int)field->text.len, field->text.ptr,
	    states[value.state]);
	for (uint32_t i = 0; i < value.count; i++) {
		struct text text, visible;

		text_init(&text, buf, sizeof(buf));
		field_print_item(&text, field, &value, i);
		text_init(&visible, shown, sizeof(shown));
		text_visible(&visible, text.buf, text.len);
		(void)fprintf(stderr, " \"%.*s\"", (int)visible.len, visible.buf);
	}
	(void)fprintf(stderr, "\n");
}

/* All that the condition of RULE reads. */
static void
rule_print(const struct ruleset *ruleset, const struct ruleset_rule *rule,
    const struct event_view *view)
{
	static struct event_view own; /* too large for the stack */

	own = *view;
	(void)fprintf(stderr, "rule \"%.*s\" reads\n", (int)rule->name.len, rule->name.ptr);
	for (uint32_t i = 0; i < rule->condition.accessor_count; i++)
		field_show(&ruleset->compiler.accessors[rule->condition.accessors[i]], &own);
}

/* The parameters as the event carries them. */
static void
params_print(const struct event_view *view)
{
	char buf[VALUE_BYTES], shown[VALUE_BYTES];

	for (uint32_t i = 0; i < view->info->param_count; i++) {
		struct text text, visible;
		struct span bytes;
		uint64_t number;

		text_init(&text, buf, sizeof(buf));
		if (!param_type_is_bytes(view->info->params[i].type)) {
			if (slots_scalar(&view->record.slots, i, &number))
				text_u64(&text, number);
		} else if (slots_bytes(&view->record.slots, i, &bytes)) {
			text_bytes(&text, bytes.ptr, bytes.len);
		}
		text_init(&visible, shown, sizeof(shown));
		text_visible(&visible, text.buf, text.len);
		(void)fprintf(stderr, " %s=%.*s", view->info->params[i].name, (int)visible.len,
		    visible.buf);
	}
	(void)fprintf(stderr, "\n");
}

bool
difference_none(const struct eval *eval, const struct oracle *oracle)
{
	return eval->match_count == oracle->match_count &&
	    memcmp(eval->matches, oracle->matches,
	        eval->match_count * sizeof(*eval->matches)) == 0;
}

void
difference_print(const struct ruleset *ruleset, const struct eval *eval,
    const struct oracle *oracle, const struct event_view *view)
{
	const struct event_head *head = view->record.head;
	struct span name = evtcode_name(view->code);

	(void)fprintf(stderr, "event %llu: %.*s of task %llu, chain of %u%s:",
	    (unsigned long long)head->position, (int)name.len, name.ptr,
	    (unsigned long long)head->tid, view->chain_len,
	    view->chain_broken ? ", broken" : "");
	params_print(view);
	matches_print("engine", ruleset, eval->matches, eval->match_count);
	matches_print("oracle", ruleset, oracle->matches, oracle->match_count);
	for (uint32_t i = 0; i < ruleset->rule_count; i++)
		if (is_among(i, eval->matches, eval->match_count) !=
		    is_among(i, oracle->matches, oracle->match_count))
			rule_print(ruleset, &ruleset->rules[i], view);
}
