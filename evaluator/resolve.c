/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resolution of lists and macros.  What a name can see depends on the order of definition:
 * a counter over all kinds is a definition's index when it is first made and its visibility
 * when it is last changed, and a macro or list sees those whose index is below its
 * visibility.  A rule sees all macros.
 */
#include <errno.h>

#include "diag.h"
#include "loadresult.h"
#include "resolve.h"

enum macro_state { MACRO_OPEN, MACRO_BUSY, MACRO_DONE, MACRO_REFUSED };

/* A resolved subtree. */
struct resolved {
	struct ast_node *node;
	uint32_t height, nodes;
};

static int resolve_node(struct resolver *r, struct ast_node *node, uint32_t visibility,
    uint32_t depth, struct resolved *result);

/* --- lists --- */

/* The list that ITEM of LIST stands for, or NULL. */
static struct rule_list *
list_named(const struct names *names, struct rules *rules, const struct rule_list *list,
    struct span item)
{
	uint32_t at = names_find(names, item);

	return at != NAMES_NONE && rules->lists[at].index < list->visibility
	    ? &rules->lists[at]
	    : NULL;
}

static int
resolve_list(const struct names *names, struct rules *rules, struct rule_list *list)
{
	size_t count = 0;
	struct span *values;

	for (uint32_t i = 0; i < list->item_count; i++) {
		struct rule_list *named = list_named(names, rules, list, list->items[i]->text);

		count += named ? named->item_count : 1;
	}
	if (count > UINT32_MAX ||
	    (values = arena_array(&rules->arena, count, sizeof(*values))) == NULL)
		return -ENOMEM;
	list->values = values;
	list->value_count = (uint32_t)count;
	for (uint32_t i = 0; i < list->item_count; i++) {
		struct rule_list *named = list_named(names, rules, list, list->items[i]->text);

		if (named == NULL) {
			*values++ = list->items[i]->text;
			continue;
		}
		/*
		 * One level only: names among these items are left to the substitution in
		 * conditions.
		 */
		for (uint32_t j = 0; j < named->item_count; j++)
			*values++ = named->items[j]->text;
		named->used = true;
	}
	return 0;
}

int
resolve_lists(struct rules *rules, uint64_t hash_key)
{
	struct names names;
	int err = 0;

	names_init(&names, &rules->arena, hash_key);
	for (uint32_t i = 0; i < rules->list_count && err == 0; i++)
		err = names_set(&names, rules->lists[i].name, i);
	for (uint32_t i = 0; i < rules->list_count && err == 0; i++)
		err = resolve_list(&names, rules, &rules->lists[i]);
	return err;
}

/* --- macros --- */

/* Report CODE at AT of what is being resolved. */
static int __attribute__((format(printf, 4, 5))) resolve_fail(struct resolver *r,
    enum load_code code, const struct ast_position *at, const char *format, ...)
{
	const struct srctext *text =
	    at->origin > 0 ? &r->rules->macros[at->origin - 1].text : r->text;
	struct source_place place = srctext_place(text, at->offset);
	char message[DIAG_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	load_report(r->diags, code, &place, "%s `%.*s`: %s", r->kind, QUOTED(r->name), message);
	return -EINVAL;
}

/* Are the numbers of RESULT, which stands at DEPTH, within the bounds? */
static int
check_size(struct resolver *r, const struct ast_node *node, uint32_t depth,
    const struct resolved *result)
{
	if (depth + result->height > RESOLVE_HEIGHT_MAX)
		return resolve_fail(r, LOAD_ERR_COMPILE_CONDITION, &node->at,
		    "macros are nested too deeply (limit %d)", RESOLVE_HEIGHT_MAX);
	if (result->nodes > RESOLVE_NODES_MAX)
		return resolve_fail(r, LOAD_ERR_COMPILE_CONDITION, &node->at,
		    "too large with its macros (limit %d checks)", RESOLVE_NODES_MAX);
	return 0;
}

/* Why the macro that NODE names can not be referred to here; MACRO is it when it exists. */
static int
refuse_reference(struct resolver *r, const struct ast_node *node, const struct rule_macro *macro)
{
	if (macro != NULL)
		return resolve_fail(r, LOAD_ERR_VALIDATE, &node->at,
		    "macro `%.*s` is defined only after this one", QUOTED(node->name));
	for (uint32_t i = 0; i < r->rules->list_count; i++)
		if (span_equal(r->rules->lists[i].name, node->name))
			return resolve_fail(r, LOAD_ERR_VALIDATE, &node->at,
			    "`%.*s` is a list, expected a macro", QUOTED(node->name));
	if (r->excused && names_find(r->excused, node->name) != NAMES_NONE)
		return -EINVAL; /* its definition has its own error */
	return resolve_fail(r, LOAD_ERR_VALIDATE, &node->at, "no macro `%.*s`", QUOTED(node->name));
}

/* Resolve macro number AT, which is open. */
static int
resolve_macro(struct resolver *r, uint32_t at, uint32_t depth)
{
	struct rule_macro *macro = &r->rules->macros[at];
	struct resolved result;
	int err;

	r->states[at] = MACRO_BUSY;
	err = resolve_node(r, macro->parsed, macro->visibility, depth, &result);
	r->states[at] = err == 0 ? MACRO_DONE : MACRO_REFUSED;
	if (err < 0)
		return err;
	macro->tree = result.node;
	macro->height = result.height;
	macro->nodes = result.nodes;
	return 0;
}

/* The tree of the macro that NODE refers to. */
static int
resolve_reference(struct resolver *r, const struct ast_node *node, uint32_t visibility,
    uint32_t depth, struct resolved *result)
{
	uint32_t at = names_find(&r->macros, node->name);
	struct rule_macro *macro = at != NAMES_NONE ? &r->rules->macros[at] : NULL;
	int err;

	if (macro == NULL || macro->index >= visibility)
		return refuse_reference(r, node, macro);
	macro->used = true;
	if (r->states[at] == MACRO_BUSY)
		return resolve_fail(r, LOAD_ERR_VALIDATE, &node->at,
		    "macro `%.*s` refers to itself in a circle", QUOTED(node->name));
	if (r->states[at] == MACRO_OPEN && (err = resolve_macro(r, at, depth)) < 0)
		return err;
	if (r->states[at] == MACRO_REFUSED)
		return -EINVAL; /* reported where it was defined */
	*result = (struct resolved){ macro->tree, macro->height, macro->nodes };
	return 0;
}

/* A copy of NODE with children of its own, to be changed. */
static struct ast_node *
node_copy(struct resolver *r, const struct ast_node *node)
{
	struct ast_node *copy = arena_alloc(r->arena, sizeof(*copy));
	struct ast_node **children = arena_array(r->arena, node->child_count, sizeof(*children));

	if (copy == NULL || children == NULL)
		return NULL;
	memcpy(children, node->children, node->child_count * sizeof(*children));
	*copy = *node;
	copy->children = children;
	return copy;
}

/* Resolve the children of NODE; a node without references in it stays the same. */
static int
resolve_children(struct resolver *r, struct ast_node *node, uint32_t visibility, uint32_t depth,
    struct resolved *result)
{
	struct resolved whole = { node, 1, 1 };
	int err;

	for (uint32_t i = 0; i < node->child_count; i++) {
		struct resolved child;

		if ((err = resolve_node(r, node->children[i], visibility, depth + 1, &child)) < 0)
			return err;
		if (child.node != node->children[i]) {
			if (whole.node == node && (whole.node = node_copy(r, node)) == NULL)
				return -ENOMEM;
			whole.node->children[i] = child.node;
		}
		if (child.height + 1 > whole.height)
			whole.height = child.height + 1;
		whole.nodes += child.nodes;
		if ((err = check_size(r, node->children[i], depth, &whole)) < 0)
			return err;
	}
	*result = whole;
	return 0;
}

/* Resolve NODE, which stands DEPTH deep and sees macros whose index is below VISIBILITY. */
static int
resolve_node(struct resolver *r, struct ast_node *node, uint32_t visibility, uint32_t depth,
    struct resolved *result)
{
	*result = (struct resolved){ node, 1, 1 };
	if (depth >= RESOLVE_HEIGHT_MAX)
		return check_size(r, node, depth, result);
	switch (node->kind) {
	case AST_CHECK:
		return 0;
	case AST_MACRO:
		return resolve_reference(r, node, visibility, depth + 1, result);
	case AST_AND:
	case AST_OR:
	case AST_NOT:
		break;
	}
	return resolve_children(r, node, visibility, depth, result);
}

int
resolver_init(struct resolver *r, struct rules *rules, struct diags *diags, uint64_t hash_key)
{
	int err = 0;

	*r = (struct resolver){ .rules = rules, .arena = &rules->arena, .diags = diags };
	names_init(&r->macros, r->arena, hash_key);
	if ((r->states = arena_array(r->arena, rules->macro_count, sizeof(*r->states))) == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < rules->macro_count && err == 0; i++) {
		r->states[i] = rules->macros[i].parsed ? MACRO_OPEN : MACRO_REFUSED;
		err = names_set(&r->macros, rules->macros[i].name, i);
	}
	return err;
}

int
resolver_macros(struct resolver *r)
{
	int result = 0;

	for (uint32_t i = 0; i < r->rules->macro_count; i++) {
		int err = 0;

		r->kind = "macro";
		r->name = r->rules->macros[i].name;
		if (r->states[i] == MACRO_OPEN)
			err = resolve_macro(r, i, 0);
		if (err == -ENOMEM)
			return err;
		if (err < 0)
			result = err;
	}
	return result;
}

int
resolver_rule(struct resolver *r, struct rule *rule)
{
	struct resolved result;
	int err;

	r->kind = "rule";
	r->name = rule->name;
	r->text = &rule->text;
	if ((err = resolve_node(r, rule->parsed, UINT32_MAX, 0, &result)) == 0)
		rule->tree = result.node;
	return err;
}
