/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of records by name. */
#include <errno.h>

#include "collection.h"

enum { TABLE_START = 64 };

/* table_rename() finds the name of a record of any kind at its beginning. */
_Static_assert(offsetof(struct rule_list, name) == 0, "a list begins with its name");
_Static_assert(offsetof(struct rule_macro, name) == 0, "a macro begins with its name");
_Static_assert(offsetof(struct rule, name) == 0, "a rule begins with its name");

void
collection_init(struct collection *c, struct arena *arena, uint64_t hash_key)
{
	*c = (struct collection){ .arena = arena };
	names_init(&c->lists.names, arena, hash_key);
	names_init(&c->macros.names, arena, hash_key);
	names_init(&c->rules.names, arena, hash_key);
}

static const void *
table_find(const struct collection_table *table, struct span name)
{
	uint32_t at = names_find(&table->names, name);

	return at == NAMES_NONE ? NULL : table->items[at];
}

const struct rule_list *
collection_list(const struct collection *c, struct span name)
{
	return table_find(&c->lists, name);
}

const struct rule_macro *
collection_macro(const struct collection *c, struct span name)
{
	return table_find(&c->macros, name);
}

const struct rule *
collection_rule(const struct collection *c, struct span name)
{
	return table_find(&c->rules, name);
}

static int
table_reserve(struct collection *c, struct collection_table *table)
{
	uint32_t capacity = table->capacity ? table->capacity * 2 : TABLE_START;
	const void **items;

	if (table->count < table->capacity)
		return 0;
	if ((items = arena_array(c->arena, capacity, sizeof(*items))) == NULL)
		return -ENOMEM;
	if (table->count > 0)
		memcpy(items, table->items, table->count * sizeof(*items));
	table->items = items;
	table->capacity = capacity;
	return 0;
}

/* Put RECORD, called NAME, where it belongs. */
static int
table_put(struct collection *c, struct collection_table *table, struct span name,
    const void *record)
{
	uint32_t at = names_find(&table->names, name);
	int err;

	c->counter++;
	if (at != NAMES_NONE) {
		table->items[at] = record;
		return 0;
	}
	if ((err = table_reserve(c, table)) < 0 ||
	    (err = names_set(&table->names, name, table->count)) < 0)
		return err;
	table->items[table->count++] = record;
	return 0;
}

int
collection_put_list(struct collection *c, struct rule_list *list)
{
	const struct rule_list *former = collection_list(c, list->name);

	list->index = former ? former->index : c->counter;
	list->visibility = c->counter;
	return table_put(c, &c->lists, list->name, list);
}

int
collection_put_macro(struct collection *c, struct rule_macro *macro)
{
	const struct rule_macro *former = collection_macro(c, macro->name);

	macro->index = former ? former->index : c->counter;
	macro->visibility = c->counter;
	return table_put(c, &c->macros, macro->name, macro);
}

int
collection_put_rule(struct collection *c, struct rule *rule)
{
	const struct rule *former = collection_rule(c, rule->name);

	rule->index = former ? former->index : c->counter;
	return table_put(c, &c->rules, rule->name, rule);
}

int
collection_add_requirement(struct collection *c, const struct rule_requirement *requirement)
{
	int err = table_reserve(c, &c->requirements);

	if (err == 0)
		c->requirements.items[c->requirements.count++] = requirement;
	return err;
}

static int
table_save(const struct collection *c, struct collection_table *table)
{
	const void **items = arena_array(c->arena, table->count, sizeof(*items));

	if (items == NULL)
		return -ENOMEM;
	if (table->count > 0)
		memcpy(items, table->items, table->count * sizeof(*items));
	table->items = items;
	table->capacity = table->count;
	return 0;
}

int
collection_save(const struct collection *c, struct collection *saved)
{
	int err;

	*saved = *c;
	if ((err = table_save(c, &saved->lists)) < 0 || (err = table_save(c, &saved->macros)) < 0 ||
	    (err = table_save(c, &saved->rules)) < 0)
		return err;
	return table_save(c, &saved->requirements);
}

/*
 * The names of a saved table: what was added since is still in the hash, pointing behind
 * the end or at a place that another name has.  Make them anew.
 */
static int
table_rename(struct collection *c, struct collection_table *table)
{
	int err = 0;

	names_init(&table->names, c->arena, table->names.hash_key);
	for (uint32_t i = 0; i < table->count && err == 0; i++)
		err = names_set(&table->names, *(const struct span *)table->items[i], i);
	return err;
}

int
collection_restore(struct collection *c, const struct collection *saved)
{
	int err;

	*c = *saved;
	if ((err = table_rename(c, &c->lists)) < 0 || (err = table_rename(c, &c->macros)) < 0)
		return err;
	return table_rename(c, &c->rules);
}
