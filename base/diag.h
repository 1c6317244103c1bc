/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a parser says of bad input: where (file, line, column), what it expected and what it got,
 * and the source line with a caret below the column.  A file may have many errors, so diagnostics
 * are collected in a list of bounded length and printed together.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	DIAG_TEXT_MAX = 512,
	DIAG_SOURCE_MAX = 240,
	DIAG_CODE_MAX = 40,
	DIAG_SUBJECT_MAX = 64,
	DIAG_INNER_NAME_MAX = 24,
	DIAG_EXCERPT_MAX = 256, /* bytes of an excerpt, with its terminator */
	DIAG_EXCERPT_SIDE = 80, /* bytes that it shows before and behind the place */
	DIAG_FILE_MAX = 256,
	DIAG_LIST_MAX = 1000
};

enum diag_level { DIAG_ERROR, DIAG_WARNING };

/*
 * The place in a text that was put together from pieces of the file: line and column from 1, the
 * offset from 0.  `name` is the beginning of that text; empty: there is no such text.
 */
struct diag_inner {
	int line, column;
	uint32_t offset;
	char name[DIAG_INNER_NAME_MAX];
	char excerpt[DIAG_EXCERPT_MAX];
};

/* One diagnostic.  Lines and columns count from 1; 0 is unknown.  All text is owned, terminated. */
struct diag {
	enum diag_level level;
	int line;
	int column;                   /* in bytes */
	int caret;                    /* offset of the caret in source[], -1 for none */
	char code[DIAG_CODE_MAX];     /* such as LOAD_ERR_VALIDATE, or empty */
	char file[DIAG_FILE_MAX];
	char text[DIAG_TEXT_MAX];
	char source[DIAG_SOURCE_MAX]; /* the source line around the column, or empty */
	char subject[DIAG_SUBJECT_MAX]; /* the name it is about, for those who need only that */
	struct diag_inner inner;
};

/* A growing list; the caller owns it: start from DIAGS_NONE, end with diags_fini(). */
struct diags {
	struct diag *items;
	size_t count;
	size_t error_count;   /* all errors, also those past DIAG_LIST_MAX */
	size_t dropped_count; /* not kept because the list was full or memory short */
};

#define DIAGS_NONE ((struct diags){ NULL, 0, 0, 0 })

/*
 * Append a diagnostic at LINE and COLUMN of FILE.  TEXT is the whole of what was being parsed
 * (TEXT_LEN bytes), from which the source line is cut; it may be NULL, and so may CODE.  Control
 * characters are escaped.
 *
 * Returns the new entry, good until the next append, or NULL when it was dropped and counted.
 */
struct diag *diags_add(struct diags *diags, enum diag_level level, const char *code,
    const char *file, int line, int column, const char *text, size_t text_len,
    const char *format, ...) __attribute__((format(printf, 9, 10)));

/*
 * Say of DIAG (NULL: nothing is done) where the place is in TEXT, LEN bytes that were put together
 * from pieces of the file: at byte OFFSET, LINE and COLUMN (both from 1).
 */
void diag_set_inner(struct diag *diag, const char *text, size_t len, size_t offset, int line,
    int column);

/* Say of DIAG (NULL: nothing is done) what name it is about. */
void diag_set_subject(struct diag *diag, const char *name, size_t len);

/*
 * Write to OUT the line of TEXT (LEN bytes) that holds byte OFFSET, at most DIAG_EXCERPT_SIDE
 * bytes on each side, an ellipsis where it is cut, and in the next line a caret below the place.
 */
void diag_excerpt(char out[DIAG_EXCERPT_MAX], const char *text, size_t len, size_t offset);

/*
 * Print one as `file:line:column: error: text [CODE]`, then the source line and the caret.
 * Colour on a terminal, unless the environment has NO_COLOR.
 */
void diag_print(const struct diag *diag, FILE *out);

/* Print all of them in order, then a line with the number dropped, if any. */
void diags_print(const struct diags *diags, FILE *out);

/* Free the list; harmless on DIAGS_NONE and twice. */
void diags_fini(struct diags *diags);

#endif
