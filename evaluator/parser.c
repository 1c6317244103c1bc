/* SPDX-License-Identifier: Apache-2.0 */
/* What all productions share: failing, counting depth, making nodes. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "parser.h"

enum {
	GOT_BYTES_MAX = 24, /* of the text that is quoted in a message */
	LIST_START = 4
};

int
parser_fail_at(struct parser *p, struct ast_position at, const char *format, ...)
{
	va_list args;

	p->error->at = at;
	va_start(args, format);
	vsnprintf(p->error->text, sizeof(p->error->text), format, args);
	va_end(args);
	return -EINVAL;
}

int
parser_fail(struct parser *p, const char *expected)
{
	struct span rest = { p->lex.text.ptr + p->lex.at.offset,
		p->lex.text.len - p->lex.at.offset };
	const char *more = "";
	size_t len = 0;

	if (rest.len == 0)
		return parser_fail_at(p, p->lex.at,
		    "expected %s, got the end of the condition", expected);
	while (len < rest.len && len < GOT_BYTES_MAX && rest.ptr[len] != '\n' &&
	    rest.ptr[len] != '\r')
		len++;
	if (len < rest.len && len > 0)
		more = "...";
	return parser_fail_at(p, p->lex.at, "expected %s, got `%.*s%s`", expected, (int)len,
	    rest.ptr, more);
}

int
parser_no_memory(struct parser *p)
{
	parser_fail_at(p, p->lex.at, "no room left for this condition");
	return -ENOMEM;
}

int
parser_enter(struct parser *p, uint32_t cost)
{
	p->depth += cost;
	if (p->depth >= p->depth_max)
		return parser_fail_at(p, p->lex.at, "nested too deeply (depth limit %u)",
		    p->depth_max);
	return 0;
}

int
parser_push(struct parser *p, struct parser_list *list, void *item)
{
	uint32_t capacity = list->capacity ? list->capacity * 2 : LIST_START;
	void **items;

	if (list->count == list->capacity) {
		if ((items = arena_array(p->arena, capacity, sizeof(*items))) == NULL)
			return parser_no_memory(p);
		if (list->count > 0)
			memcpy(items, list->items, list->count * sizeof(*items));
		list->items = items;
		list->capacity = capacity;
	}
	list->items[list->count++] = item;
	return 0;
}

int
parser_new_value(struct parser *p, enum ast_value_kind kind, struct ast_value **value)
{
	if ((*value = arena_alloc(p->arena, sizeof(**value))) == NULL)
		return parser_no_memory(p);
	(*value)->kind = kind;
	(*value)->at = p->lex.at;
	return 0;
}

int
parser_new_node(struct parser *p, enum ast_kind kind, struct ast_position at,
    struct ast_node **node)
{
	if ((*node = arena_alloc(p->arena, sizeof(**node))) == NULL)
		return parser_no_memory(p);
	(*node)->kind = kind;
	(*node)->at = at;
	return 0;
}
