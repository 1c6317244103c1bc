/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of names.  See namelist.h. */
#include "namelist.h"

#include <stdlib.h>

void
namelist_clear(struct namelist *list)
{
	list->count = 0;
}

void
namelist_add(struct namelist *list, struct span name)
{
	if (list->count < NAMELIST_MAX)
		list->names[list->count++] = name;
}

void
namelist_add_json(struct namelist *list, const json_t *names)
{
	const json_t *item;
	size_t i;

	json_array_foreach (names, i, item)
		namelist_add(list, (struct span){ json_string_value(item),
		    json_string_length(item) });
}

static int
name_order(const void *left, const void *right)
{
	const struct span *a = left, *b = right;
	size_t len = a->len < b->len ? a->len : b->len;
	int order = len > 0 ? memcmp(a->ptr, b->ptr, len) : 0;

	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

void
namelist_make_set(struct namelist *list)
{
	size_t kept = 0;

	qsort(list->names, list->count, sizeof(list->names[0]), name_order);
	for (size_t i = 0; i < list->count; i++)
		if (kept == 0 || !span_equal(list->names[kept - 1], list->names[i]))
			list->names[kept++] = list->names[i];
	list->count = kept;
}

struct span
namelist_text(struct namelist *list)
{
	struct text text;

	text_init(&text, list->buf, sizeof(list->buf));
	for (size_t i = 0; i < list->count; i++) {
		text_string(&text, i > 0 ? " " : "");
		text_bytes(&text, list->names[i].ptr, list->names[i].len);
	}
	return (struct span){ list->buf, text.len };
}
