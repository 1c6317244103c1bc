/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a parser says of bad input: where (file, line, column), what it expected and what it got,
 * and the source line with a caret below the column.  A file may have many errors, so diagnostics
 * are collected in a list of bounded length and printed together.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stddef.h>
#include <stdio.h>

enum {
	DIAG_TEXT_MAX = 512,
	DIAG_SOURCE_MAX = 240,
	DIAG_CODE_MAX = 40,
	DIAG_FILE_MAX = 256,
	DIAG_LIST_MAX = 1000
};

enum diag_level { DIAG_ERROR, DIAG_WARNING };

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
 * Print one as `file:line:column: error: text [CODE]`, then the source line and the caret.
 * Colour on a terminal, unless the environment has NO_COLOR.
 */
void diag_print(const struct diag *diag, FILE *out);

/* Print all of them in order, then a line with the number dropped, if any. */
void diags_print(const struct diags *diags, FILE *out);

/* Free the list; harmless on DIAGS_NONE and twice. */
void diags_fini(struct diags *diags);

#endif
