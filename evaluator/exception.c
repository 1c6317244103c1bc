/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions as they are collected. */
#include <errno.h>

#include "comparison.h"
#include "exception.h"

/* --- reading --- */

/* Is all of NODE texts that are not empty, in sequences of any depth?  Reports what is not. */
static int
check_texts(struct collect *c, const struct rulefile_node *node)
{
	int err = 0;

	if (node->kind != RULEFILE_SEQUENCE && !rulefile_is_text(node))
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, node,
		    "expected a text in an exception, got %s", rulefile_describe(node));
	for (uint32_t i = 0; i < node->count && err == 0; i++)
		err = check_texts(c, node->items[i]);
	return err;
}

/* Get KEY of an exception, a text or a sequence of texts; *NODE is NULL without it. */
static int
get_texts(struct collect *c, const struct rulefile_node *entry, const char *key,
    const struct rulefile_node **node)
{
	*node = rulefile_get(entry, key);
	if (*node == NULL)
		return 0;
	if ((*node)->kind == RULEFILE_SEQUENCE)
		for (uint32_t i = 0; i < (*node)->count; i++)
			if ((*node)->items[i]->kind == RULEFILE_SEQUENCE)
				return collect_fail(c, LOAD_ERR_YAML_VALIDATE, (*node)->items[i],
				    "expected a text in `%s`, got a sequence", key);
	return check_texts(c, *node);
}

static int
exception_read(struct collect *c, const struct rulefile_node *entry, bool appending,
    struct rule_exception *exception)
{
	const struct rulefile_node *values;
	int err;

	if (entry->kind != RULEFILE_MAPPING)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, entry,
		    "an exception must be a mapping, got %s", rulefile_describe(entry));
	if ((err = collect_need_text(c, entry, "name", &exception->node)) < 0)
		return err;
	exception->name = exception->node->text;
	if ((err = get_texts(c, entry, "fields", &exception->fields)) < 0)
		return err;
	if (exception->fields == NULL && !appending)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, entry,
		    "exception `%.*s` has no `fields`", QUOTED(exception->name));
	if ((err = get_texts(c, entry, "comps", &exception->comps)) < 0)
		return err;
	if ((values = rulefile_get(entry, "values")) == NULL)
		return 0;
	if (values->kind != RULEFILE_SEQUENCE)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, values,
		    "`values` must be a sequence, got %s", rulefile_describe(values));
	exception->values = (const struct rulefile_node *const *)values->items;
	exception->value_count = values->count;
	return check_texts(c, values);
}

/* The exception of NAME among the first COUNT ones of ITEMS, or COUNT. */
static uint32_t
exception_find(const struct rule_exception *const *items, uint32_t count, struct span name)
{
	uint32_t at = 0;

	while (at < count && !span_equal(items[at]->name, name))
		at++;
	return at;
}

int
exceptions_read(struct collect *c, const struct rulefile_node *item, bool appending,
    struct exception_list *list)
{
	const struct rulefile_node *entries = rulefile_get(item, "exceptions");
	struct rule_exception *exceptions;
	int err;

	*list = (struct exception_list){ NULL, 0 };
	if (entries == NULL || entries->kind == RULEFILE_NULL)
		return 0;
	if (entries->kind != RULEFILE_SEQUENCE)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, entries,
		    "`exceptions` must be a sequence, got %s", rulefile_describe(entries));
	if (entries->count > EXCEPTIONS_MAX)
		return collect_fail(c, LOAD_ERR_VALIDATE, entries,
		    "more than %d exceptions", EXCEPTIONS_MAX);
	exceptions = arena_array(c->collection->arena, entries->count, sizeof(*exceptions));
	list->items = arena_array(c->collection->arena, entries->count, sizeof(*list->items));
	if (exceptions == NULL || list->items == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < entries->count; i++) {
		if ((err = exception_read(c, entries->items[i], appending, &exceptions[i])) < 0)
			return err;
		if (exception_find(list->items, i, exceptions[i].name) < i)
			collect_warn(c, LOAD_EXCEPTION_NAME_NOT_UNIQUE, exceptions[i].node,
			    "another exception of this item is called `%.*s`",
			    QUOTED(exceptions[i].name));
		list->items[i] = &exceptions[i];
		list->count++;
	}
	return 0;
}

/* --- checking --- */

static int
check_comp(struct collect *c, const struct rule_exception *exception, uint32_t at)
{
	const bool single = exception->fields->kind == RULEFILE_SCALAR;
	struct span comp = rule_exception_comp(exception, at);
	struct comparison comparison;

	if (comparison_parse(comp, &comparison) && (!single || comparison_takes_list(&comparison)))
		return 0;
	if (single)
		return collect_fail(c, LOAD_ERR_VALIDATE, exception->comps,
		    "`%.*s` is not in, pmatch, intersects, or a string operator with a "
		    "modifier, as one field needs it", QUOTED(comp));
	return collect_fail(c, LOAD_ERR_VALIDATE, exception->comps->items[at],
	    "`%.*s` is not an operator, or a string operator with a modifier", QUOTED(comp));
}

static int
check_field(struct collect *c, const struct rule *rule,
    const struct rule_exception *exception, uint32_t at)
{
	const struct loader_ops *ops = &c->options->ops;
	const struct rulefile_node *fields = exception->fields;
	struct span field = rule_exception_field(exception, at);

	if (!rule->source_known || ops->field_valid == NULL ||
	    ops->field_valid(ops->ctx, rule->source, field))
		return 0;
	return collect_fail(c, LOAD_ERR_VALIDATE,
	    fields->kind == RULEFILE_SEQUENCE ? fields->items[at] : fields,
	    "`%.*s` is not a field of source %.*s", QUOTED(field), QUOTED(rule->source));
}

/* Do fields and comparisons of EXCEPTION fit each other and the source of RULE? */
static int
exception_check(struct collect *c, const struct rule *rule, const struct rule_exception *exception)
{
	const struct rulefile_node *fields = exception->fields, *comps = exception->comps;
	int err = 0;

	if (fields->kind == RULEFILE_SEQUENCE && fields->count == 0)
		return collect_fail(c, LOAD_ERR_VALIDATE, fields,
		    "exception `%.*s` has empty `fields`", QUOTED(exception->name));
	if (comps != NULL && comps->kind != fields->kind)
		return collect_fail(c, LOAD_ERR_VALIDATE, comps, fields->kind == RULEFILE_SCALAR ?
		    "`comps` must be one comparison, as `fields` is one field" :
		    "`comps` must be a sequence, as `fields` is one");
	if (comps != NULL && comps->kind == RULEFILE_SEQUENCE && comps->count != fields->count)
		return collect_fail(c, LOAD_ERR_VALIDATE, comps,
		    "%u `comps` for %u `fields`", comps->count, fields->count);
	for (uint32_t i = 0; i < rule_exception_field_count(exception) && err == 0; i++)
		if (comps == NULL || (err = check_comp(c, exception, i)) == 0)
			err = check_field(c, rule, exception, i);
	return err;
}

/* --- changing a rule --- */

int
exceptions_set(struct collect *c, struct rule *rule, const struct exception_list *list)
{
	int err = 0;

	for (uint32_t i = 0; i < list->count && err == 0; i++)
		err = exception_check(c, rule, list->items[i]);
	rule->exceptions = (const struct rule_exception *const *)list->items;
	rule->exception_count = list->count;
	return err;
}

/* What FORMER is with the values of ADDED, which may have nothing else. */
static int
exception_extend(struct collect *c, const struct rule_exception *former,
    const struct rule_exception *added, const struct rule_exception **result)
{
	const size_t count = (size_t)former->value_count + added->value_count;
	const struct rulefile_node **values;
	struct rule_exception *extended;

	if (added->fields != NULL || added->comps != NULL)
		return collect_fail(c, LOAD_ERR_VALIDATE,
		    added->fields ? added->fields : added->comps,
		    "exception `%.*s` is there already: only `values` can be added",
		    QUOTED(added->name));
	values = arena_array(c->collection->arena, count, sizeof(*values));
	extended = arena_alloc(c->collection->arena, sizeof(*extended));
	if (values == NULL || extended == NULL)
		return -ENOMEM;
	if (former->value_count > 0)
		memcpy(values, former->values, former->value_count * sizeof(*values));
	if (added->value_count > 0)
		memcpy(values + former->value_count, added->values,
		    added->value_count * sizeof(*values));
	*extended = *former;
	extended->values = values;
	extended->value_count = (uint32_t)count;
	*result = extended;
	return 0;
}

static int
exception_check_new(struct collect *c, const struct rule *rule, const struct rule_exception *added)
{
	if (added->fields == NULL || added->value_count == 0)
		return collect_fail(c, LOAD_ERR_VALIDATE, added->node,
		    "exception `%.*s` is new: it needs `fields` and `values`", QUOTED(added->name));
	return exception_check(c, rule, added);
}

int
exceptions_append(struct collect *c, struct rule *rule, const struct exception_list *list)
{
	const struct rule_exception **items;
	uint32_t count = rule->exception_count;
	int err;

	items = arena_array(c->collection->arena, (size_t)count + list->count, sizeof(*items));
	if (items == NULL)
		return -ENOMEM;
	if (count > 0)
		memcpy(items, rule->exceptions, count * sizeof(*items));
	for (uint32_t i = 0; i < list->count; i++) {
		const struct rule_exception *added = list->items[i];
		uint32_t at = exception_find(items, count, added->name);

		if (added->values == NULL)
			collect_warn(c, LOAD_APPEND_NO_VALUES, added->node,
			    "exception `%.*s` is given no `values`", QUOTED(added->name));
		if (at < count)
			err = exception_extend(c, items[at], added, &items[at]);
		else if ((err = exception_check_new(c, rule, added)) == 0)
			items[count++] = added;
		if (err < 0)
			return err;
	}
	if (count > EXCEPTIONS_MAX)
		return collect_fail(c, LOAD_ERR_VALIDATE, list->items[0]->node,
		    "more than %d exceptions", EXCEPTIONS_MAX);
	rule->exceptions = (const struct rule_exception *const *)items;
	rule->exception_count = count;
	return 0;
}
