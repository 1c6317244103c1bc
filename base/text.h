/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spans of text (pointer and length, never assumed terminated) and bounded building of text in a
 * buffer of the caller's.  No function here allocates.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes.  ptr may be NULL when len is 0. */
struct span {
	const char *ptr;
	size_t len;
};

#define SPAN_NONE ((struct span){ NULL, 0 })
#define SPAN_OF(literal) ((struct span){ (literal), sizeof(literal) - 1 })

static inline struct span
span_text(const char *text)
{
	return (struct span){ text, text ? strlen(text) : 0 };
}

static inline bool
span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/*
 * Text being built in a caller's buffer.  What does not fit is dropped and `truncated` says so;
 * nothing is appended after that, so what is kept is always a beginning, and terminated.
 */
struct text {
	char *buf;
	size_t size;    /* of buf, at least 1 */
	size_t len;     /* without the terminator */
	bool truncated;
};

/* Start building in BUF of SIZE bytes (at least 1). */
void text_init(struct text *text, char *buf, size_t size);

/* Append LEN bytes, as many of them as fit. */
void text_bytes(struct text *text, const char *bytes, size_t len);

/* Append a terminated string; NULL counts as empty. */
void text_string(struct text *text, const char *string);

/* Append one character. */
void text_char(struct text *text, char c);

/* Append a decimal number. */
void text_u64(struct text *text, uint64_t value);

/* Append a decimal number, with "-" where it is negative. */
void text_i64(struct text *text, int64_t value);

/* Append printf-formatted text; may block no one, and allocates only if printf(3) would. */
void text_format(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Append BYTES as the inside of a JSON string: `"` `\` and control characters escaped (lower-case
 * \u00xx), each maximal invalid UTF-8 sequence replaced by U+FFFD.  All or nothing per character.
 */
void text_json(struct text *text, const char *bytes, size_t len);

/*
 * Append BYTES for a person's terminal: control characters (also the C1 ones), and bytes that are
 * not UTF-8, are shown as \n \t \r or \xNN, so that no input can start a line or move a cursor.
 * A backslash stays as it is.  All or nothing per character.
 */
void text_visible(struct text *text, const char *bytes, size_t len);

/*
 * Length in bytes of the UTF-8 character at the start of BYTES (LEN at least 1); or, with *VALID
 * false, of the longest beginning of one that can not be completed.  Between 1 and 4.
 */
size_t utf8_next(const char *bytes, size_t len, bool *valid);

/* 64-bit hash of LEN bytes under KEY (XXH3); for hostile input KEY must be random per start. */
uint64_t bytes_hash(const void *bytes, size_t len, uint64_t key);

#endif
