/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output formats: literal text and `%field` tokens, compiled against the same accessors as
 * conditions, so that a field which both use is read once an event.
 */
#ifndef EVALUATOR_FORMAT_H
#define EVALUATOR_FORMAT_H

#include "eval.h"

enum { FORMAT_ERROR_MAX = 320, FORMAT_WIDTH_MAX = 4096, FORMAT_LITERAL = -1 };

struct format_piece {
	struct span literal;
	int32_t accessor; /* or FORMAT_LITERAL */
	uint32_t width;   /* bytes to cut or pad to; 0: as it comes */
};

struct format {
	bool tolerant; /* goes on, with <NA>, where a field has no value */
	const struct format_piece *pieces;
	uint32_t piece_count;
	const uint32_t *fields; /* accessors, each once, by the bytes of their text */
	uint32_t field_count;
};

struct format_error {
	size_t offset; /* in the text */
	bool unknown;  /* a token nobody knows: rules may ask to be skipped for it */
	char text[FORMAT_ERROR_MAX];
};

/*
 * Compile TEXT (borrowed for the life of FORMAT).  A leading `*` makes it tolerant; so does
 * TOLERANT. Returns 0; -EINVAL with ERROR filled in; or -ENOMEM likewise.
 */
int format_compile(struct compiler *compiler, struct span text, bool tolerant,
    struct format *format, struct format_error *error);

/*
 * Append the text of FORMAT for the event in VIEW.  Returns whether it is complete: false
 * when a field had no value and FORMAT is not tolerant.
 */
bool format_print(const struct format *format, struct eval *eval, struct event_view *view,
    struct text *out);

#endif
