/* SPDX-License-Identifier: Apache-2.0 */
/* Reading `override`. */
#include "override.h"

/* Does MAPPING come to nothing?  Then the item is an ordinary definition. */
static bool
is_without_effect(const struct rulefile_node *mapping)
{
	return mapping == NULL || mapping->kind == RULEFILE_NULL ||
	    mapping->kind == RULEFILE_SCALAR ||
	    (mapping->kind == RULEFILE_MAPPING && mapping->count == 0);
}

static size_t
key_find(const struct override_key *keys, size_t key_count, struct span name)
{
	size_t at = 0;

	while (at < key_count && !span_equal(name, span_text(keys[at].name)))
		at++;
	return at;
}

/* One pair of the mapping. */
static int
override_entry(struct collect *c, const struct override_key *keys, size_t key_count,
    const struct rulefile_node *key, const struct rulefile_node *operation,
    struct override *override)
{
	bool append;
	size_t at;

	if (key->kind != RULEFILE_SCALAR)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, key,
		    "expected the name of a key here");
	if (operation->kind != RULEFILE_SCALAR)
		return collect_fail(c, LOAD_ERR_VALIDATE, operation,
		    "expected `append` or `replace` here");
	append = span_equal(operation->text, SPAN_OF("append"));
	if (!append && !span_equal(operation->text, SPAN_OF("replace")))
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, operation,
		    "expected `append` or `replace`, got `%.*s`", QUOTED(operation->text));
	at = key_find(keys, key_count, key->text);
	if (at == key_count)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, key,
		    "`%.*s` can not be overridden here", QUOTED(key->text));
	if (append && !keys[at].append)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, key,
		    "`%s` can be replaced, but not appended to", keys[at].name);
	if (append)
		override->append |= UINT32_C(1) << at;
	else
		override->replace |= UINT32_C(1) << at;
	return 0;
}

int
override_read(struct collect *c, const struct rulefile_node *item, const struct override_key *keys,
    size_t key_count, bool append, struct override *override)
{
	const struct rulefile_node *mapping = rulefile_get(item, "override");
	int err;

	*override = (struct override){ 0, 0 };
	if (is_without_effect(mapping))
		return 0;
	if (mapping->kind == RULEFILE_SEQUENCE)
		return collect_fail(c, LOAD_ERR_VALIDATE, mapping, "`override` must be a mapping");
	for (uint32_t i = 0; i < mapping->count; i++) {
		err = override_entry(c, keys, key_count, mapping->items[2 * i],
		    mapping->items[2 * i + 1], override);
		if (err < 0)
			return err;
	}
	if (append)
		return collect_fail(c, LOAD_ERR_YAML_VALIDATE, mapping,
		    "`override` and `append: true` can not be used together");
	for (size_t i = 0; i < key_count; i++)
		if (((override->append | override->replace) >> i & 1) &&
		    rulefile_get(item, keys[i].name) == NULL)
			return collect_fail(c, LOAD_ERR_YAML_VALIDATE, mapping,
			    "`override` names `%s`, but the item does not carry it", keys[i].name);
	return 0;
}
