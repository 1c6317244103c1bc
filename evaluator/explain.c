/* SPDX-License-Identifier: Apache-2.0 */
/* A rule explained to people.  See describe.h. */
#include <errno.h>
#include <stdio.h>

#include "canon.h"
#include "describe.h"
#include "facts.h"

enum { EXPLAIN_BYTES_MAX = 256 << 20, EXPLAIN_EVENTS_MAX = 24, EXPLAIN_WIDTH = 96, INDENT = 2,
	EXPLAIN_LEVELS_MAX = 24, FIELD_WIDTH = 28 };

/* Where the explanation goes. */
struct explaining {
	FILE *out;
	struct arena arena;
};

static void
print_visible(FILE *out, struct span text)
{
	char buf[16];
	struct text shown;
	size_t step;
	bool valid;

	for (size_t at = 0; at < text.len; at += step) {
		step = utf8_next(text.ptr + at, text.len - at, &valid);
		text_init(&shown, buf, sizeof(buf));
		text_visible(&shown, text.ptr + at, step);
		(void)fputs(buf, out);
	}
}

static void
print_indent(struct explaining *e, int level)
{
	(void)fprintf(e->out, "%*s", level * INDENT, "");
}

static int
print_leaf(struct explaining *e, const struct ast_node *node, bool negated)
{
	struct span text = canon_new(&e->arena, node);

	if (text.ptr == NULL)
		return -ENOMEM;
	(void)fputs(negated ? "not " : "", e->out);
	print_visible(e->out, text);
	(void)fputc('\n', e->out);
	return 0;
}

/*
 * The condition as a list of lists: a check is one line; of all the lines under `all of` each
 * must hold, of those under `any of` one.
 */
static int
print_node(struct explaining *e, const struct ast_node *node, int level)
{
	bool negated = false;
	int err = 0;

	for (; node->kind == AST_NOT; node = node->children[0])
		negated = !negated;
	print_indent(e, level);
	if (node->kind == AST_CHECK || level == EXPLAIN_LEVELS_MAX)
		return print_leaf(e, node, negated);
	(void)fprintf(e->out, "%s\n", node->kind == AST_AND ? negated ? "not all of" : "all of"
	                              : negated             ? "none of"
	                                                    : "any of");
	for (uint32_t i = 0; err == 0 && i < node->child_count; i++)
		err = print_node(e, node->children[i], level + 1);
	return err;
}

/* TITLE and the names behind it, in lines of a bounded width. */
static void
print_names(struct explaining *e, const char *title, const struct nameset *set, uint32_t max)
{
	size_t column = 0;

	if (set->count == 0)
		return;
	(void)fprintf(e->out, "\n%s\n", title);
	for (uint32_t i = 0; i < set->count && i < max; i++) {
		if (column > 0 && column + set->names[i].len + 2 > EXPLAIN_WIDTH) {
			(void)fputs(",\n", e->out);
			column = 0;
		}
		(void)fputs(column > 0 ? ", " : "  ", e->out);
		print_visible(e->out, set->names[i]);
		column += set->names[i].len + 2;
	}
	if (set->count > max)
		(void)fprintf(e->out, " and %u more", set->count - max);
	(void)fputc('\n', e->out);
}

/* What is said of the field TEXT, which may have an argument; or NULL. */
static const struct field_info *
field_of(struct span text)
{
	size_t len = 0;
	enum field_id id;

	while (len < text.len && text.ptr[len] != '[')
		len++;
	for (; len > 0; len--) {
		if (len < text.len && text.ptr[len] != '[' && text.ptr[len] != '.')
			continue;
		if ((id = field_find((struct span){ text.ptr, len })) != F_COUNT)
			return field_info(id);
	}
	return NULL;
}

static void
print_fields(struct explaining *e, const struct facts *facts)
{
	static const char *const delivered[FIELD_DELIVERED_COUNT] = {
		[FIELD_LIVE] = "",
		[FIELD_REPLAY] = "; only a replay delivers it",
		[FIELD_NOT_YET] = "; nothing delivers it",
	};

	if (facts->fields.count > 0)
		(void)fputs("\nreads\n", e->out);
	for (uint32_t i = 0; i < facts->fields.count; i++) {
		struct span name = facts->fields.names[i];
		const struct field_info *info = field_of(name);
		int pad = name.len < FIELD_WIDTH ? (int)(FIELD_WIDTH - name.len) : 1;

		(void)fputs("  ", e->out);
		print_visible(e->out, name);
		(void)fprintf(e->out, "%*s%s%s\n", pad, "", info ? info->meaning : "",
		    info ? delivered[info->delivered] : "");
	}
}

/* --- what it costs --- */

enum check_cost { COST_LOADED, COST_TASK, COST_EVENT, COST_COUNT };

struct costing {
	struct explaining *e;
	struct nameset checks[COST_COUNT]; /* by canonical text: each is asked once */
	int err;
};

/* What VALUE costs to read, in the classes of fields; constants cost nothing. */
static enum check_cost
value_cost(const struct ast_value *value)
{
	enum check_cost cost = COST_LOADED;

	if (value->kind == VALUE_FIELD) {
		const struct field_info *info = field_of(value->text);

		return info != NULL && info->class <= CLASS_NAME_TABLE ? COST_TASK : COST_EVENT;
	}
	for (uint32_t i = 0; i < value->item_count; i++) {
		enum check_cost item = value_cost(value->items[i]);

		cost = item > cost ? item : cost;
	}
	return cost;
}

static enum check_cost
check_cost(const struct ast_node *check)
{
	enum check_cost left = value_cost(check->left), right = COST_LOADED;

	if (check->right != NULL && check->right->kind == VALUE_TRANSFORM)
		right = value_cost(check->right);
	else if (check->left->kind == VALUE_FIELD && field_is_code(field_find(check->left->text)))
		return COST_LOADED;
	return left > right ? left : right;
}

static void
cost_node(struct costing *costing, const struct ast_node *node)
{
	struct arena *arena = &costing->e->arena;
	struct span text;

	for (uint32_t i = 0; i < node->child_count; i++)
		cost_node(costing, node->children[i]);
	if (node->kind != AST_CHECK || costing->err < 0)
		return;
	text = canon_new(arena, node);
	costing->err = text.ptr == NULL
	    ? -ENOMEM
	    : nameset_add(&costing->checks[check_cost(node)], arena, text);
}

static int
print_cost(struct explaining *e, const struct rule *rule, uint32_t event_count)
{
	static const char *const texts[COST_COUNT] = {
		[COST_LOADED] = "answered by the kind of event, before any comes",
		[COST_TASK] = "of the task, asked once while it stays what it is",
		[COST_EVENT] = "of the event, asked at most once an event",
	};
	struct costing costing = { .e = e };

	cost_node(&costing, rule->tree);
	if (costing.err < 0)
		return costing.err;
	(void)fprintf(e->out, "\ncosts\n  tried on %u kinds of event\n", event_count);
	for (uint32_t i = 0; i < COST_COUNT; i++)
		if (costing.checks[i].count > 0)
			(void)fprintf(e->out, "  %u check%s %s\n", costing.checks[i].count,
			    costing.checks[i].count == 1 ? "" : "s", texts[i]);
	return 0;
}

static void
print_head(struct explaining *e, const struct rule *rule, bool active)
{
	struct source_place place = rulefile_place(rule->node);

	print_visible(e->out, rule->name);
	(void)fputs("\n  ", e->out);
	print_visible(e->out, rule->desc);
	(void)fprintf(e->out, "\n  %s, %s; last changed in %s:%d\n",
	    rule_priority_text(rule->priority),
	    active          ? "active"
	    : rule->enabled ? "not active"
	                    : "disabled",
	    place.file, place.line);
	if (rule->tag_count > 0)
		(void)fputs("  tags: ", e->out);
	for (uint32_t i = 0; i < rule->tag_count; i++) {
		(void)fputs(i > 0 ? ", " : "", e->out);
		print_visible(e->out, rule->tags[i]);
	}
	(void)fputs(rule->tag_count > 0 ? "\n" : "", e->out);
}

/* Without the name that stands for no event of the kernel. */
static void
print_events(struct explaining *e, const struct nameset *events)
{
	struct nameset kernel = { events->names + 1, events->count - 1, 0 };

	if (kernel.count == 0)
		(void)fputs("\ntried on\n  no event: it never fires\n", e->out);
	print_names(e, "tried on", &kernel, EXPLAIN_EVENTS_MAX);
}

static int
explain(struct explaining *e, const struct rules *rules, const struct rule *rule, bool active)
{
	struct facts facts = { .arena = &e->arena };
	int err = facts_of_rule(&facts, rules, rule);

	if (err < 0)
		return err;
	print_head(e, rule, active);
	(void)fputs("\nfires when\n", e->out);
	if ((err = print_node(e, rule->tree, 1)) < 0)
		return err;
	print_events(e, &facts.events);
	print_fields(e, &facts);
	if ((err = print_cost(e, rule, facts.events.count - 1)) < 0)
		return err;
	(void)fputs("\nsays\n  ", e->out);
	print_visible(e->out, rule->output);
	(void)fputc('\n', e->out);
	print_names(e, "made with the macros", &facts.macros, UINT32_MAX);
	print_names(e, "made with the lists", &facts.lists, UINT32_MAX);
	print_names(e, "with the exceptions", &facts.exceptions, UINT32_MAX);
	return 0;
}

int
describe_explain(FILE *out, const struct rules *rules, const struct rule *rule, bool active)
{
	struct explaining e = { .out = out };
	int err;

	arena_init(&e.arena, EXPLAIN_BYTES_MAX);
	err = explain(&e, rules, rule, active);
	arena_fini(&e.arena);
	return err;
}
