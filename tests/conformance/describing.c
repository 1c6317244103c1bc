/* SPDX-License-Identifier: Apache-2.0 */
/* What the description output says, against the members that a case expects of it. */
#include <stdio.h>
#include <stdlib.h>

#include "conformance.h"
#include "describe.h"
#include "jsonout.h"
#include "rulesets.h"

/* The description of all RULES; NULL when there is none. */
static json_t *
description(const struct rules *rules)
{
	char *bytes = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&bytes, &len);
	struct jsonout json = { .out = out };
	json_t *described;
	int err;

	if (out == NULL)
		return NULL;
	jsonout_object(&json, NULL);
	err = describe_rules(&json, rules, NULL);
	jsonout_object_end(&json);
	(void)fclose(out);
	described = err < 0 ? NULL : json_loadb(bytes, len, 0, NULL);
	free(bytes);
	return described;
}

static bool
array_has(const json_t *array, const json_t *value)
{
	const json_t *item;
	size_t i;

	json_array_foreach (array, i, item)
		if (json_equal(item, value))
			return true;
	return false;
}

/* Are A and B equal, the order in arrays apart? */
static bool
values_agree(const json_t *a, const json_t *b)
{
	const json_t *item;
	size_t i;

	if (!json_is_array(a) || !json_is_array(b))
		return json_equal(a, b);
	if (json_array_size(a) != json_array_size(b))
		return false;
	json_array_foreach (a, i, item)
		if (!array_has(b, item))
			return false;
	return true;
}

static void
compare_member(const char *what, const json_t *expected, const json_t *got, struct verdict *verdict)
{
	char *want_text = json_dumps(expected, JSON_ENCODE_ANY | JSON_SORT_KEYS);
	char *got_text = json_dumps(got, JSON_ENCODE_ANY | JSON_SORT_KEYS);

	/* null: the member is missing */
	if (json_is_null(expected) ? got != NULL : !values_agree(expected, got))
		verdict_compare(verdict, what, span_text(want_text),
		    span_text(got_text ? got_text : "nothing"));
	free(want_text);
	free(got_text);
}

/* The element of ELEMENTS whose info.name is NAME, or NULL. */
static const json_t *
element_find(const json_t *elements, const char *name)
{
	const json_t *item;
	size_t i;

	json_array_foreach (elements, i, item) {
		const json_t *info = json_object_get(item, "info");
		const char *own = json_string_value(json_object_get(info, "name"));

		if (own != NULL && strcmp(own, name) == 0)
			return item;
	}
	return NULL;
}

/* EXPECTED: name to info and details, each with the members that count. */
static void
compare_elements(const json_t *expected, const json_t *elements, struct verdict *verdict)
{
	const char *name, *part, *key;
	const json_t *parts, *members, *value;
	char what[128];

	json_object_foreach ((json_t *)expected, name, parts) {
		const json_t *element = element_find(elements, name);

		json_object_foreach ((json_t *)parts, part, members) {
			const json_t *got = json_object_get(element, part);

			json_object_foreach ((json_t *)members, key, value) {
				(void)snprintf(what, sizeof(what), "%s: %s.%s", name, part, key);
				compare_member(what, value, json_object_get(got, key), verdict);
			}
		}
	}
}

void
compare_described(const struct ruleset *ruleset, const json_t *expected, struct verdict *verdict)
{
	json_t *described = description(ruleset->loaded);
	const char *key;
	const json_t *value;

	verdict_bool(verdict, "describing", true, described != NULL);
	json_object_foreach ((json_t *)expected, key, value) {
		const json_t *got = json_object_get(described, key);

		if (strcmp(key, "rules") == 0 || strcmp(key, "macros") == 0 ||
		    strcmp(key, "lists") == 0)
			compare_elements(value, got, verdict);
		else
			compare_member(key, value, got, verdict);
	}
	json_decref(described);
}
