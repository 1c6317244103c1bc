/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Printing of trees.  The text is written twice by canon_new(): once into nothing, to learn
 * how long it is.
 */
#include "arena.h"
#include "canon.h"

/* Where text goes: counted always, stored when there is a buffer. */
struct canon_out {
	struct text *text; /* NULL: count only */
	size_t len;
};

static void
out_bytes(struct canon_out *out, const char *bytes, size_t len)
{
	out->len += len;
	if (out->text != NULL && len > 0)
		text_bytes(out->text, bytes, len);
}

static void
out_string(struct canon_out *out, const char *string)
{
	out_bytes(out, string, strlen(string));
}

/* The letter that stands for C behind a backslash in a quoted string, or NUL for none. */
static char
escape_letter(char c)
{
	static const char bytes[] = "\b\f\n\r\t\\\"";
	static const char letters[] = "bfnrt\\\"";
	const char *at = c ? strchr(bytes, c) : NULL;

	return at ? letters[at - bytes] : '\0';
}

static bool
needs_quotes(struct span string)
{
	for (size_t i = 0; i < string.len; i++)
		if (string.ptr[i] == '\0' || strchr("\b\f\n\r\t =\\\"'", string.ptr[i]) != NULL)
			return true;
	return false;
}

static void
canon_quoted(struct canon_out *out, struct span string)
{
	out_string(out, "\"");
	for (size_t i = 0; i < string.len; i++) {
		char letter = escape_letter(string.ptr[i]);

		if (letter != '\0')
			out_bytes(out, (char[]){ '\\', letter }, 2);
		else
			out_bytes(out, &string.ptr[i], 1);
	}
	out_string(out, "\"");
}

static void
canon_string(struct canon_out *out, struct span string)
{
	if (needs_quotes(string))
		canon_quoted(out, string);
	else
		out_bytes(out, string.ptr, string.len);
}

static void canon_out_value(struct canon_out *out, const struct ast_value *value,
    const char *comma);

static void
canon_items(struct canon_out *out, const struct ast_value *value, const char *comma)
{
	out_string(out, "(");
	for (uint32_t i = 0; i < value->item_count; i++) {
		if (i > 0)
			out_string(out, comma);
		canon_out_value(out, value->items[i], comma);
	}
	out_string(out, ")");
}

/* COMMA separates the items of a list; those of a transformer are always joined by a bare one. */
static void
canon_out_value(struct canon_out *out, const struct ast_value *value, const char *comma)
{
	switch (value->kind) {
	case VALUE_NONE:
		break;
	case VALUE_NUMBER:
	case VALUE_STRING:
		canon_string(out, value->text);
		break;
	case VALUE_LIST:
		canon_items(out, value, comma);
		break;
	case VALUE_NAME:
	case VALUE_FIELD:
		out_bytes(out, value->text.ptr, value->text.len);
		break;
	case VALUE_TRANSFORM:
		out_bytes(out, value->text.ptr, value->text.len);
		canon_items(out, value, ",");
		break;
	}
	if (!value->has_argument)
		return;
	out_string(out, "[");
	if (value->argument.len == 0)
		out_string(out, "\"\"");
	canon_string(out, value->argument);
	out_string(out, "]");
}

static void
canon_check(struct canon_out *out, const struct ast_node *check)
{
	canon_out_value(out, check->left, ", ");
	out_string(out, " ");
	out_string(out, ast_op_text(check->op));
	if (check->modifier != MODIFIER_NONE) {
		out_string(out, " ");
		out_string(out, ast_modifier_text(check->modifier));
	}
	if (check->right != NULL) {
		out_string(out, " ");
		canon_out_value(out, check->right, ", ");
	}
}

static void
canon_node(struct canon_out *out, const struct ast_node *node)
{
	switch (node->kind) {
	case AST_AND:
	case AST_OR:
		out_string(out, "(");
		for (uint32_t i = 0; i < node->child_count; i++) {
			if (i > 0)
				out_string(out, node->kind == AST_AND ? " and " : " or ");
			canon_node(out, node->children[i]);
		}
		out_string(out, ")");
		break;
	case AST_NOT:
		out_string(out, "not ");
		canon_node(out, node->children[0]);
		break;
	case AST_CHECK:
		canon_check(out, node);
		break;
	case AST_MACRO:
		out_bytes(out, node->name.ptr, node->name.len);
		break;
	}
}

void
canon_condition(const struct ast_node *tree, struct text *text)
{
	canon_node(&(struct canon_out){ .text = text }, tree);
}

void
canon_value(const struct ast_value *value, struct text *text)
{
	canon_out_value(&(struct canon_out){ .text = text }, value, ", ");
}

struct span
canon_new(struct arena *arena, const struct ast_node *tree)
{
	struct canon_out count = { 0 };
	struct text text;
	char *buffer;

	canon_node(&count, tree);
	if ((buffer = arena_alloc(arena, count.len + 1)) == NULL)
		return SPAN_NONE;
	text_init(&text, buffer, count.len + 1);
	canon_condition(tree, &text);
	return (struct span){ buffer, text.len };
}

struct span
canon_new_value(struct arena *arena, const struct ast_value *value)
{
	struct canon_out count = { 0 };
	struct text text;
	char *buffer;

	canon_out_value(&count, value, ", ");
	if ((buffer = arena_alloc(arena, count.len + 1)) == NULL)
		return SPAN_NONE;
	text_init(&text, buffer, count.len + 1);
	canon_value(value, &text);
	return (struct span){ buffer, text.len };
}
