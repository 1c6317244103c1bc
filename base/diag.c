/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics.  Everything that comes from the input is escaped when it is stored, so whoever
 * prints an entry, here or as JSON, prints harmless text.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"
#include "text.h"

enum {
	SOURCE_WHOLE_MAX = 120, /* longest line that is shown from its start */
	SOURCE_BEFORE_MAX = 48, /* bytes shown before the caret of a longer one; escaped, x4 */
	INNER_NAME_WHOLE = 20   /* longest text whose name is all of it */
};

static const char source_cut[] = "...";

static_assert(sizeof(source_cut) * 2 + SOURCE_BEFORE_MAX * 4 < DIAG_SOURCE_MAX,
    "the caret must fit behind the widest escape of what stands before it");

/* Line NUMBER (from 1) of TEXT, without its end; nothing when there are fewer lines. */
static struct span
source_line(const char *text, size_t text_len, int number)
{
	const char *end;
	struct span line = { text, text_len };

	if (!text || number < 1)
		return SPAN_NONE;
	for (; number > 1; number--) {
		if (!(end = memchr(line.ptr, '\n', line.len)))
			return SPAN_NONE;
		line.len -= (size_t)(end + 1 - line.ptr);
		line.ptr = end + 1;
	}
	if ((end = memchr(line.ptr, '\n', line.len)))
		line.len = (size_t)(end - line.ptr);
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* Append for display: a tab is a space, so that the caret below stays in its column. */
static void
source_append(struct text *out, const char *bytes, size_t len)
{
	const char *tab;

	while (len > 0 && (tab = memchr(bytes, '\t', len))) {
		text_visible(out, bytes, (size_t)(tab - bytes));
		text_char(out, ' ');
		len -= (size_t)(tab + 1 - bytes);
		bytes = tab + 1;
	}
	text_visible(out, bytes, len);
}

/* Move AT back to the start of the UTF-8 character it points into. */
static size_t
character_start(struct span line, size_t at)
{
	int back;

	for (back = 0; back < 3 && at > 0 && at < line.len; back++, at--) {
		if (((uint8_t)line.ptr[at] & 0xc0) != 0x80)
			break;
	}
	return at;
}

/* Show LINE from byte FROM on, with the caret at byte AT.  False if the caret does not fit. */
static bool
source_show(struct diag *diag, struct span line, size_t from, size_t at)
{
	struct text out;

	text_init(&out, diag->source, sizeof(diag->source) - strlen(source_cut));
	if (from > 0)
		text_string(&out, source_cut);
	source_append(&out, line.ptr + from, at - from);
	if (out.truncated)
		return false;
	diag->caret = (int)out.len;
	source_append(&out, line.ptr + at, line.len - at);
	if (out.truncated)
		memcpy(diag->source + out.len, source_cut, sizeof(source_cut));
	return true;
}

static void
source_set(struct diag *diag, const char *text, size_t text_len)
{
	struct span line = source_line(text, text_len, diag->line);
	size_t at = diag->column > 0 ? (size_t)diag->column - 1 : 0;

	if (!line.ptr)
		return;
	at = at > line.len ? line.len : character_start(line, at);
	if (line.len <= SOURCE_WHOLE_MAX && source_show(diag, line, 0, at))
		goto shown;
	source_show(diag, line,
	    at > SOURCE_BEFORE_MAX ? character_start(line, at - SOURCE_BEFORE_MAX) : 0, at);
shown:
	if (diag->column < 1)
		diag->caret = -1;
}

/* Room for one more entry: true, or false with nothing changed. */
static bool
diags_grow(struct diags *diags)
{
	size_t capacity = 8;
	struct diag *items;

	if (diags->count >= DIAG_LIST_MAX)
		return false;
	while (capacity < diags->count)
		capacity *= 2;
	if (diags->items && diags->count < capacity)
		return true;
	capacity = diags->items ? capacity * 2 : capacity;
	if (!(items = reallocarray(diags->items, capacity, sizeof(*items))))
		return false;
	diags->items = items;
	return true;
}

static void
copy_visible(char *buf, size_t size, const char *from)
{
	struct text out;

	text_init(&out, buf, size);
	if (from)
		text_visible(&out, from, strlen(from));
}

struct diag *
diags_add(struct diags *diags, enum diag_level level, const char *code, const char *file, int line,
    int column, const char *text, size_t text_len, const char *format, ...)
{
	char message[DIAG_TEXT_MAX];
	struct diag *diag;
	va_list args;

	diags->error_count += level == DIAG_ERROR;
	if (!diags_grow(diags)) {
		diags->dropped_count++;
		return NULL;
	}
	diag = &diags->items[diags->count++];
	memset(diag, 0, sizeof(*diag));
	diag->level = level;
	diag->line = line;
	diag->column = column;
	diag->caret = -1;
	copy_visible(diag->code, sizeof(diag->code), code);
	copy_visible(diag->file, sizeof(diag->file), file);
	va_start(args, format);
	if (vsnprintf(message, sizeof(message), format, args) < 0)
		message[0] = '\0';
	va_end(args);
	copy_visible(diag->text, sizeof(diag->text), message);
	source_set(diag, text, text_len);
	return diag;
}

/* Where the line begins that holds byte AT, or from where on it is shown. */
static size_t
excerpt_start(struct span text, size_t at)
{
	size_t start = at;

	while (start > 0 && at - start < DIAG_EXCERPT_SIDE && text.ptr[start - 1] != '\n')
		start--;
	return start > 0 && text.ptr[start - 1] != '\n' ? character_start(text, start) : start;
}

static size_t
excerpt_end(struct span text, size_t at)
{
	size_t end = at;

	while (end < text.len && end - at < DIAG_EXCERPT_SIDE && text.ptr[end] != '\n')
		end++;
	return end < text.len && text.ptr[end] != '\n' ? character_start(text, end) : end;
}

void
diag_excerpt(char buf[DIAG_EXCERPT_MAX], const char *text, size_t len, size_t offset)
{
	struct span all = { text, len };
	size_t at = offset < len ? offset : len, start = excerpt_start(all, at);
	size_t end = excerpt_end(all, at);
	bool cut = start > 0 && text[start - 1] != '\n';
	struct text out;

	static_assert(3 * DIAG_EXCERPT_SIDE + 3 * 3 + 4 <= DIAG_EXCERPT_MAX, "all of it fits");
	text_init(&out, buf, DIAG_EXCERPT_MAX);
	if (cut)
		text_string(&out, source_cut);
	text_bytes(&out, text + start, end - start);
	if (end < len && text[end] != '\n')
		text_string(&out, source_cut);
	text_char(&out, '\n');
	for (size_t i = start; i < at + (cut ? strlen(source_cut) : 0); i++)
		text_char(&out, ' ');
	text_string(&out, "^\n");
}

void
diag_set_inner(struct diag *diag, const char *text, size_t len, size_t offset, int line, int column)
{
	struct diag_inner *inner;
	struct text name;

	if (!diag)
		return;
	inner = &diag->inner;
	inner->line = line;
	inner->column = column;
	inner->offset = (uint32_t)offset;
	text_init(&name, inner->name, sizeof(inner->name));
	if (len <= INNER_NAME_WHOLE) {
		text_bytes(&name, text, len);
	} else {
		text_bytes(&name, text, character_start((struct span){ text, len },
		    INNER_NAME_WHOLE - strlen(source_cut)));
		text_string(&name, source_cut);
	}
	diag_excerpt(inner->excerpt, text, len, offset);
}

void
diag_set_subject(struct diag *diag, const char *name, size_t len)
{
	struct text out;

	if (!diag)
		return;
	text_init(&out, diag->subject, sizeof(diag->subject));
	text_bytes(&out, name, len);
}

static bool
colour_wanted(FILE *out)
{
	int fd = fileno(out);

	return fd >= 0 && isatty(fd) && !getenv("NO_COLOR");
}

static void
print_place(const struct diag *diag, FILE *out)
{
	if (diag->file[0])
		fprintf(out, "%s:", diag->file);
	if (diag->line > 0)
		fprintf(out, "%d:", diag->line);
	if (diag->line > 0 && diag->column > 0)
		fprintf(out, "%d:", diag->column);
	if (diag->file[0] || diag->line > 0)
		fputc(' ', out);
}

/* The caret stands below a character, so what counts before it is characters, not bytes. */
static void
print_caret(const struct diag *diag, bool colour, FILE *out)
{
	int at;

	for (at = 0; at < diag->caret; at++) {
		if (((uint8_t)diag->source[at] & 0xc0) != 0x80)
			fputc(' ', out);
	}
	fprintf(out, "%s^%s\n", colour ? "\033[1;32m" : "", colour ? "\033[0m" : "");
}

void
diag_print(const struct diag *diag, FILE *out)
{
	bool colour = colour_wanted(out);
	const char *tint = diag->level == DIAG_ERROR ? "\033[1;31m" : "\033[1;35m";

	print_place(diag, out);
	fprintf(out, "%s%s:%s %s", colour ? tint : "",
	    diag->level == DIAG_ERROR ? "error" : "warning", colour ? "\033[0m" : "", diag->text);
	if (diag->code[0])
		fprintf(out, " [%s]", diag->code);
	fputc('\n', out);
	if (!diag->source[0])
		return;
	fprintf(out, "%s\n", diag->source);
	if (diag->caret >= 0)
		print_caret(diag, colour, out);
}

void
diags_print(const struct diags *diags, FILE *out)
{
	size_t at;

	for (at = 0; at < diags->count; at++)
		diag_print(&diags->items[at], out);
	if (diags->dropped_count > 0)
		fprintf(out, "and %zu more, not kept\n", diags->dropped_count);
}

void
diags_fini(struct diags *diags)
{
	free(diags->items);
	*diags = DIAGS_NONE;
}
