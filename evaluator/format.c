/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling and printing output formats.  See format.h. */
#include "format.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiling.h"
#include "parse.h"

enum { TOKEN_TRIES_MAX = 64, TOKEN_BYTES_MAX = 1024 };

struct formatting {
	struct compiling c;
	struct compile_error why; /* of the last token that was refused */
	bool is_refused;          /* what stands at the `%` is well formed, and refused */
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
		struct format_piece *pieces = arena_array(f->c.compiler->arena, capacity,
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
 * Does OPERAND compile?  1 with its accessor; 0 when not, with the reason in f->why, and
 * none of its fields counted as used; or -ENOMEM.
 */
static int
operand_try(struct formatting *f, const struct ast_value *operand, uint32_t *accessor)
{
	uint32_t used = f->c.accessor_count;
	int err = compiling_operand(&f->c, operand, accessor);

	if (err == 0)
		return 1;
	f->c.accessor_count = used;
	return err == -EINVAL ? 0 : err;
}

/* Is TOKEN, all of it, a field or a call?  As operand_try(). */
static int
token_try(struct formatting *f, struct span token, uint32_t *accessor)
{
	struct parse_error syntax;
	struct ast_value *value;
	int err = parse_operand(f->c.compiler->arena, token, false, &value, &syntax);

	if (err < 0)
		return err == -EINVAL ? 0 : err;
	if (value->kind == VALUE_FIELD && !field_is_named(value->text))
		return 0;
	return operand_try(f, value, accessor);
}

/*
 * The call of *LEN bytes at the start of REST was refused: as token_longest(), without the
 * [...] at its end.
 */
static int
token_call(struct formatting *f, struct span rest, uint32_t *accessor, size_t *len)
{
	int found, tries = 0;

	for (; *len > 0 && tries < TOKEN_TRIES_MAX; (*len)--) {
		if (rest.ptr[*len - 1] != ')')
			continue;
		tries++;
		if ((found = token_try(f, (struct span){ rest.ptr, *len }, accessor)) != 0)
			return found;
	}
	return 0;
}

/*
 * The longest token that REST begins with: 1 with accessor and length, 0 for none.  First
 * as far as the grammar goes, then names, ever shorter.
 */
static int
token_longest(struct formatting *f, struct span rest, uint32_t *accessor, size_t *len)
{
	struct parse_error syntax;
	struct ast_value *value;
	int found;

	found = parse_operand_start(f->c.compiler->arena, rest, &value, len, &syntax);
	if (found == -ENOMEM)
		return found;
	if (found == 0) {
		if ((found = operand_try(f, value, accessor)) != 0)
			return found;
		f->is_refused = true;
		if (value->kind == VALUE_TRANSFORM)
			return token_call(f, rest, accessor, len);
	}
	for (*len = name_length(rest); *len > 0; (*len)--)
		if ((found = token_try(f, (struct span){ rest.ptr, *len }, accessor)) != 0)
			return found;
	return 0;
}

/* REST begins with no token: say why, by what it seems to be. */
static int
token_refuse(struct formatting *f, struct span rest)
{
	struct span name = { rest.ptr, name_length(rest) };

	if (rest.len == 0)
		return format_refuse(f, false, "a `%%` at the end: expected a field behind it");
	if (f->is_refused)
		return format_refuse(f, true, "unknown filter: %s", f->why.text);
	if (name.len == 0)
		return format_refuse(f, true,
		    "unknown filter: expected a field behind `%%`, got `%.*s`",
		    (int)(rest.len < 16 ? rest.len : 16), rest.ptr);
	return format_refuse(f, true, "unknown filter: `%.*s` is no field", SPAN_SHORT(name));
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
	f->is_refused = false;
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

/*
 * The fields that the tokens read, sorted by their text.  A function is not one of them, but
 * what it is made of is.
 */
static int
fields_collect(struct formatting *f, struct format *format)
{
	const struct accessor *accessors = f->c.compiler->accessors;
	uint32_t *fields = arena_array(f->c.compiler->arena, f->c.accessor_count + 1,
	    sizeof(*fields));

	if (fields == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < f->c.accessor_count; i++) {
		uint32_t at = i;

		for (; at > 0 && span_order(accessors[fields[at - 1]].text,
		    accessors[f->c.accessors[i]].text) > 0; at--)
			fields[at] = fields[at - 1];
		fields[at] = f->c.accessors[i];
	}
	format->fields = fields;
	format->field_count = f->c.accessor_count;
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
	struct formatting f = { .c = { .compiler = compiler, .printing = true }, .text = text,
		.error = error };
	int err = 0;

	f.c.error = &f.why;
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
