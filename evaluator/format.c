/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling and printing output formats.  See format.h. */
#include "format.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "parse.h"

enum { TOKEN_TRIES_MAX = 64, TOKEN_BYTES_MAX = 1024 };

struct formatting {
	struct compiler *compiler;
	struct span text;
	size_t at;
	struct format_piece *pieces;
	uint32_t count, capacity;
	struct format_error *error;
};

static int __attribute__((format(printf, 3, 4)))
format_refuse(struct formatting *f, bool unknown, const char *format, ...)
{
	char buf[FORMAT_ERROR_MAX];
	struct text text;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(buf, sizeof(buf), format, args);
	va_end(args);
	text_init(&text, f->error->text, sizeof(f->error->text));
	text_visible(&text, buf, strlen(buf));
	f->error->offset = f->at;
	f->error->unknown = unknown;
	return -EINVAL;
}

static int
piece_add(struct formatting *f, struct format_piece piece)
{
	if (f->count == f->capacity) {
		uint32_t capacity = f->capacity ? f->capacity * 2 : 16;
		struct format_piece *pieces = arena_array(f->compiler->arena, capacity,
		    sizeof(*pieces));

		if (pieces == NULL)
			return -ENOMEM;
		if (f->count > 0)
			memcpy(pieces, f->pieces, f->count * sizeof(*pieces));
		f->pieces = pieces;
		f->capacity = capacity;
	}
	f->pieces[f->count++] = piece;
	return 0;
}

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_' || c == '.';
}

/* The bytes at the start of TEXT that can belong to a field's name. */
static size_t
name_length(struct span text)
{
	size_t len = 0;

	while (len < text.len && len < TOKEN_BYTES_MAX && is_name_char(text.ptr[len]))
		len++;
	return len;
}

/*
 * Is TOKEN a field?  1 with its accessor, 0 when nobody knows it, or -EINVAL for one that
 * can not be used.
 */
static int
token_try(struct formatting *f, struct span token, uint32_t *accessor)
{
	struct parse_error syntax;
	struct ast_value *value;
	char error[FIELD_ERROR_MAX];
	int err = parse_operand(f->compiler->arena, token, false, &value, &syntax);

	if (err < 0)
		return err == -EINVAL ? 0 : err;
	if (value->kind != VALUE_FIELD || !field_is_named(value->text))
		return 0;
	switch (compiler_accessor(f->compiler, value->text, value->argument, value->has_argument,
	    accessor, error)) {
	case FIELD_FINE:
		return 1;
	case FIELD_UNKNOWN:
		return 0;
	case FIELD_UNDELIVERED:
		return format_refuse(f, false, "%s", error);
	case FIELD_NO_MEMORY:
		break;
	}
	return -ENOMEM;
}

/*
 * The longest field at the start of REST, its argument included: 1 with accessor and
 * length, 0 for none.
 */
static int
token_longest(struct formatting *f, struct span rest, uint32_t *accessor, size_t *len)
{
	size_t name = name_length(rest), end;
	int tries = 0, found;

	if (name < rest.len && rest.ptr[name] == '[') {
		end = rest.len < TOKEN_BYTES_MAX ? rest.len : TOKEN_BYTES_MAX;
		for (; end > name && tries < TOKEN_TRIES_MAX; end--) {
			if (rest.ptr[end - 1] != ']')
				continue;
			tries++;
			if ((found = token_try(f, (struct span){ rest.ptr, end }, accessor)) != 0) {
				*len = end;
				return found;
			}
		}
	}
	for (end = name; end > 0; end--)
		if ((found = token_try(f, (struct span){ rest.ptr, end }, accessor)) != 0) {
			*len = end;
			return found;
		}
	return 0;
}

/* Is REST a call of a transformer?  Its name, then. */
static bool
is_call(struct formatting *f, struct span rest)
{
	size_t len = name_length(rest);
	struct parse_error error;
	struct ast_value *value;

	if (len >= rest.len || rest.ptr[len] != '(')
		return false;
	for (size_t end = rest.len < TOKEN_BYTES_MAX ? rest.len : TOKEN_BYTES_MAX; end > len; end--)
		if (rest.ptr[end - 1] == ')' &&
		    parse_operand(f->compiler->arena, (struct span){ rest.ptr, end }, false, &value,
		        &error) == 0)
			return true;
	return false;
}

static int
token_refuse(struct formatting *f, struct span rest)
{
	struct span name = { rest.ptr, name_length(rest) };
	struct accessor accessor;
	char error[FIELD_ERROR_MAX];

	if (rest.len == 0)
		return format_refuse(f, false, "a `%%` at the end: expected a field behind it");
	if (is_call(f, rest))
		return format_refuse(f, false, "not supported yet: the transformer `%.*s(...)`",
		    (int)name.len, name.ptr);
	while (name.len > 0 && name.ptr[name.len - 1] == '.')
		name.len--;
	if (name.len == 0)
		return format_refuse(f, true,
		    "unknown filter: expected a field behind `%%`, got `%.*s`",
		    (int)(rest.len < 16 ? rest.len : 16), rest.ptr);
	if (field_compile(f->compiler->arena, name, SPAN_NONE, false, false, &accessor, error) ==
	    FIELD_FINE)
		(void)snprintf(error, sizeof(error), "`%.*s` can not have this argument",
		    (int)name.len, name.ptr);
	return format_refuse(f, true, "unknown filter: %s", error);
}

/* `%`, a width, and a field. */
static int
token_compile(struct formatting *f)
{
	struct format_piece piece = { .width = 0 };
	size_t at = f->at + 1, len;
	uint32_t accessor;
	struct span rest;
	int found;

	for (; at < f->text.len && f->text.ptr[at] >= '0' && f->text.ptr[at] <= '9'; at++) {
		piece.width = piece.width * 10 + (uint32_t)(f->text.ptr[at] - '0');
		if (piece.width > FORMAT_WIDTH_MAX)
			return format_refuse(f, false, "a width of more than %d bytes",
			    FORMAT_WIDTH_MAX);
	}
	rest = (struct span){ f->text.ptr + at, f->text.len - at };
	if ((found = token_longest(f, rest, &accessor, &len)) < 0)
		return found;
	if (found == 0)
		return token_refuse(f, rest);
	piece.accessor = (int32_t)accessor;
	f->at = at + len;
	return piece_add(f, piece);
}

static int
literal_compile(struct formatting *f)
{
	size_t start = f->at;

	while (f->at < f->text.len && f->text.ptr[f->at] != '%')
		f->at++;
	return piece_add(f,
	    (struct format_piece){ .literal = { f->text.ptr + start, f->at - start },
	        .accessor = FORMAT_LITERAL });
}

static int
span_order(struct span a, struct span b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Insert ACCESSOR among FIELDS, which are sorted by their text; nothing when it is there. */
static void
fields_insert(const struct compiler *compiler, uint32_t *fields, uint32_t *count, uint32_t accessor)
{
	uint32_t at = *count;

	for (uint32_t i = 0; i < *count; i++)
		if (fields[i] == accessor)
			return;
	while (at > 0 &&
	    span_order(compiler->accessors[fields[at - 1]].text,
	        compiler->accessors[accessor].text) > 0) {
		fields[at] = fields[at - 1];
		at--;
	}
	fields[at] = accessor;
	(*count)++;
}

static int
fields_collect(struct formatting *f, struct format *format)
{
	uint32_t *fields = arena_array(f->compiler->arena, f->count + 1, sizeof(*fields));

	if (fields == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < f->count; i++)
		if (f->pieces[i].accessor != FORMAT_LITERAL)
			fields_insert(f->compiler, fields, &format->field_count,
			    (uint32_t)f->pieces[i].accessor);
	format->fields = fields;
	return 0;
}

static bool
is_blank(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (strchr(" \t\r\n\v\f", text.ptr[i]) == NULL)
			return false;
	return true;
}

int
format_compile(struct compiler *compiler, struct span text, bool tolerant, struct format *format,
    struct format_error *error)
{
	struct formatting f = { .compiler = compiler, .text = text, .error = error };
	int err = 0;

	memset(format, 0, sizeof(*format));
	memset(error, 0, sizeof(*error));
	if (is_blank(text))
		return format_refuse(&f, false, "an output can not be empty");
	format->tolerant = tolerant || text.ptr[0] == '*';
	f.at = text.ptr[0] == '*';
	while (err == 0 && f.at < text.len)
		err = text.ptr[f.at] == '%' ? token_compile(&f) : literal_compile(&f);
	if (err == 0)
		err = fields_collect(&f, format);
	if (err == -ENOMEM)
		(void)format_refuse(&f, false, "the rule set is too large");
	format->pieces = f.pieces;
	format->piece_count = f.count;
	return err;
}

/* Append a value, cut or padded to the width of PIECE. */
static void
piece_print(struct text *out, const struct format_piece *piece, const struct accessor *accessor,
    const struct field_value *value)
{
	size_t start = out->len, len;

	field_print(out, accessor, value);
	if (piece->width == 0)
		return;
	len = out->len - start;
	if (len > piece->width) {
		out->len = start + piece->width;
		out->buf[out->len] = '\0';
		out->truncated = false;
	}
	for (; len < piece->width; len++)
		text_char(out, ' ');
}

bool
format_print(const struct format *format, struct eval *eval, struct event_view *view,
    struct text *out)
{
	for (uint32_t i = 0; i < format->piece_count; i++) {
		const struct format_piece *piece = &format->pieces[i];
		const struct field_value *value;

		if (piece->accessor == FORMAT_LITERAL) {
			text_bytes(out, piece->literal.ptr, piece->literal.len);
			continue;
		}
		value = eval_value(eval, view, (uint32_t)piece->accessor);
		if (value->state != FIELD_VALUE && !format->tolerant)
			return false;
		piece_print(out, piece, &eval->program->accessors[piece->accessor], value);
	}
	return true;
}
