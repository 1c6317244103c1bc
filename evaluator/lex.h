/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens of a condition.  A struct lex is a place in a text; each function takes one
 * token at that place and moves past it, or leaves the place alone.  To go back, keep a
 * copy of the struct.
 */
#ifndef EVALUATOR_LEX_H
#define EVALUATOR_LEX_H

#include <stdbool.h>

#include "ast.h"
#include "text.h"

struct lex {
	struct span text;
	struct ast_position at;
};

enum lex_result {
	LEX_NONE,   /* the token does not start here */
	LEX_FOUND,  /* taken */
	LEX_BROKEN  /* a quote that never closes starts here */
};

/*
 * Start at the beginning of TEXT (borrowed, under 4 GiB); it ends at its first NUL.  ORIGIN
 * goes into positions.
 */
void lex_init(struct lex *lex, struct span text, uint32_t origin);

/* Has all text been taken? */
bool lex_ended(const struct lex *lex);

/* Skip space, tab, CR, LF and backspace; returns whether there were any. */
bool lex_blanks(struct lex *lex);

/* Take exactly WORD, whatever follows it. */
bool lex_word(struct lex *lex, const char *word);

/* Take the word `not` and the white space (any kind, at least one) behind it. */
bool lex_not(struct lex *lex);

/* Take an identifier. */
bool lex_identifier(struct lex *lex, struct span *token);

/* Take a field name: an identifier with at least one dot. */
bool lex_field_name(struct lex *lex, struct span *token);

/* Take a bare string. */
bool lex_bare(struct lex *lex, struct span *token);

/* Take the bare argument of a field. */
bool lex_argument(struct lex *lex, struct span *token);

/* Take a number. */
bool lex_number(struct lex *lex, struct span *token);

/* Take a quoted string; TOKEN includes the quotes. */
enum lex_result lex_quoted(struct lex *lex, struct span *token);

/*
 * Decode the quoted string TOKEN, quotes included, into ARENA; without escapes the result
 * borrows TOKEN's bytes. Returns 0; -EINVAL with BAD set to the offset of the escape that
 * is none; or -ENOMEM.
 */
int lex_unescape(struct arena *arena, struct span token, struct span *text, size_t *bad);

#endif
