/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The value and the text it was written as are walked together.  Each step consumes some
 * raw bytes and makes some bytes of the value:
 *
 *	plain, quoted	a line break with the blanks around it makes one space, or one LF
 *			for each further break; '' in single quotes makes one byte; an
 *			escape in double quotes makes one character
 *	literal, folded	the indentation makes nothing; a line break makes what the value
 *			has there: LF, space, nothing
 *
 * Wherever raw bytes stand for themselves they are compared; a difference ends the walk as
 * not alignable.
 */
#include "scalarmap.h"

struct walk {
	struct span file;
	struct span value;
	size_t raw;  /* offset in file */
	size_t made; /* bytes of the value that are accounted for */
	enum rulefile_style style;
};

static char
raw_at(const struct walk *w, size_t offset)
{
	return offset < w->file.len ? w->file.ptr[offset] : '\0';
}

/* The raw byte stands for itself.  Returns false when it does not. */
static bool
walk_copy(struct walk *w)
{
	if (w->raw >= w->file.len || w->made >= w->value.len ||
	    w->file.ptr[w->raw] != w->value.ptr[w->made])
		return false;
	w->raw++;
	w->made++;
	return true;
}

/*
 * Skip blanks and line breaks from RAW on; returns how many breaks there were, END is the
 * offset behind.
 */
static size_t
breaks_in_run(const struct walk *w, size_t raw, size_t *end)
{
	size_t breaks = 0;

	for (;; raw++) {
		char c = raw_at(w, raw);

		if (c == '\n' || (c == '\r' && raw_at(w, raw + 1) != '\n'))
			breaks++;
		else if (c != ' ' && c != '\t' && c != '\r')
			break;
	}
	*end = raw;
	return breaks;
}

/* How many bytes of the value an escape makes, and how many raw bytes it is long. */
static size_t
escape_makes(const struct walk *w, size_t *raw_len)
{
	const unsigned char first =
	    w->made < w->value.len ? (unsigned char)w->value.ptr[w->made] : 0;
	size_t utf8_len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	switch (raw_at(w, w->raw + 1)) {
	case 'x':
		*raw_len = 4;
		break;
	case 'u':
		*raw_len = 6;
		break;
	case 'U':
		*raw_len = 10;
		break;
	default:
		*raw_len = 2;
		break;
	}
	return utf8_len;
}

/* One step in a plain or quoted scalar.  Returns false when the value can not be followed. */
static bool
walk_flow(struct walk *w)
{
	const char c = raw_at(w, w->raw);
	size_t end, breaks, raw_len = 2;

	if (w->style == RULEFILE_DOUBLE && c == '\\') {
		/* An escaped line break makes nothing; breaks behind it are kept. */
		if (raw_at(w, w->raw + 1) == '\n' || raw_at(w, w->raw + 1) == '\r') {
			w->made += breaks_in_run(w, w->raw + 1, &end) - 1;
			w->raw = end;
			return true;
		}
		w->made += escape_makes(w, &raw_len);
		w->raw += raw_len;
		return true;
	}
	if (w->style == RULEFILE_SINGLE && c == '\'' && raw_at(w, w->raw + 1) == '\'') {
		w->made++;
		w->raw += 2;
		return true;
	}
	if ((c == ' ' || c == '\t' || c == '\n' || c == '\r') &&
	    (breaks = breaks_in_run(w, w->raw, &end)) > 0) {
		w->made += breaks == 1 ? 1 : breaks - 1;
		w->raw = end;
		return true;
	}
	return walk_copy(w);
}

/* Move to the first line of a block scalar and return how many spaces its lines are indented by. */
static size_t
block_begin(struct walk *w)
{
	size_t indent = 0, inside = 0, at = 0;

	while (w->raw < w->file.len && w->file.ptr[w->raw++] != '\n')
		continue;
	/*
	 * The first line that is not empty has the indentation and the leading spaces of
	 * the value.
	 */
	while (at < w->value.len && w->value.ptr[at] == '\n')
		at++;
	while (at + inside < w->value.len && w->value.ptr[at + inside] == ' ')
		inside++;
	for (size_t raw = w->raw; raw < w->file.len; raw++) {
		const char c = w->file.ptr[raw];

		if (c == ' ')
			indent++;
		else if (c == '\n' || c == '\r')
			indent = 0;
		else
			break;
	}
	return indent > inside ? indent - inside : 0;
}

static void
walk_indentation(struct walk *w, size_t indent)
{
	for (size_t i = 0; i < indent && raw_at(w, w->raw) == ' '; i++)
		w->raw++;
}

/* One step in a block scalar: a line break with the indentation behind it, or a byte. */
static bool
walk_block(struct walk *w, size_t indent)
{
	const char c = w->made < w->value.len ? w->value.ptr[w->made] : '\0';

	if (raw_at(w, w->raw) == '\r' && raw_at(w, w->raw + 1) == '\n')
		w->raw++;
	if (raw_at(w, w->raw) != '\n')
		return walk_copy(w);
	if (c == '\n' || (w->style == RULEFILE_FOLDED && c == ' '))
		w->made++;
	else if (w->style != RULEFILE_FOLDED)
		return false;
	w->raw++;
	walk_indentation(w, indent);
	return true;
}

size_t
scalarmap_offset(struct span file, size_t start, enum rulefile_style style,
    struct span value, size_t target)
{
	const bool block = style == RULEFILE_LITERAL || style == RULEFILE_FOLDED;
	struct walk w = { file, value, start, 0, style };
	size_t indent = 0;

	if (target > value.len)
		return start;
	if (block) {
		indent = block_begin(&w);
		walk_indentation(&w, indent);
	} else if (style != RULEFILE_PLAIN) {
		w.raw++;
	}
	/*
	 * Steps that make nothing (an indentation, an escaped line break) stand before the
	 * byte that is looked for.
	 */
	while (w.made < target || target < value.len) {
		struct walk next = w;

		if (w.raw >= file.len || !(block ? walk_block(&next, indent) : walk_flow(&next)))
			return start;
		if (next.made > target)
			break;
		w = next;
	}
	return w.raw;
}
