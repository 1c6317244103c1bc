/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lexical rules of the condition language.  Two classes of white space differ on purpose:
 * blanks separate tokens, space characters end a bare one (so a vertical tab ends a word
 * and then is in the way).
 */
#include <errno.h>
#include <string.h>

#include "arena.h"
#include "lex.h"

enum { HEX_DIGITS = 2 };

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\b';
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte AHEAD of the current place, NUL behind the end. */
static char
lex_peek(const struct lex *lex, size_t ahead)
{
	size_t offset = lex->at.offset + ahead;

	return offset < lex->text.len ? lex->text.ptr[offset] : '\0';
}

/* Move past LEN bytes and return them. */
static struct span
lex_take(struct lex *lex, size_t len)
{
	struct span token = { lex->text.ptr + lex->at.offset, len };

	for (size_t i = 0; i < len; i++) {
		lex->at.column++;
		if (token.ptr[i] == '\n' || token.ptr[i] == '\r') {
			lex->at.line++;
			lex->at.column = 1;
		}
	}
	lex->at.offset += (uint32_t)len;
	return token;
}

void
lex_init(struct lex *lex, struct span text, uint32_t origin)
{
	text.len = text.len ? strnlen(text.ptr, text.len) : 0;
	*lex = (struct lex){ text, { .line = 1, .column = 1, .origin = origin } };
}

bool
lex_ended(const struct lex *lex)
{
	return lex->at.offset >= lex->text.len;
}

bool
lex_blanks(struct lex *lex)
{
	size_t len = 0;

	while (is_blank(lex_peek(lex, len)))
		len++;
	lex_take(lex, len);
	return len > 0;
}

bool
lex_word(struct lex *lex, const char *word)
{
	size_t len = strlen(word);

	if (lex->text.len - lex->at.offset < len ||
	    memcmp(lex->text.ptr + lex->at.offset, word, len) != 0)
		return false;
	lex_take(lex, len);
	return true;
}

bool
lex_not(struct lex *lex)
{
	struct lex start = *lex;
	size_t len = 0;

	if (!lex_word(lex, "not"))
		return false;
	while (is_space(lex_peek(lex, len)) || is_blank(lex_peek(lex, len)))
		len++;
	if (len == 0) {
		*lex = start;
		return false;
	}
	lex_take(lex, len);
	return true;
}

/* The length of the identifier that starts AHEAD of the current place, 0 for none. */
static size_t
identifier_length(const struct lex *lex, size_t ahead)
{
	size_t len = 0;
	char c;

	if (!is_letter(lex_peek(lex, ahead)))
		return 0;
	do {
		len++;
		c = lex_peek(lex, ahead + len);
	} while (is_letter(c) || is_digit(c) || c == '_');
	return len;
}

static bool
lex_length(struct lex *lex, size_t len, struct span *token)
{
	if (len == 0)
		return false;
	*token = lex_take(lex, len);
	return true;
}

bool
lex_identifier(struct lex *lex, struct span *token)
{
	return lex_length(lex, identifier_length(lex, 0), token);
}

bool
lex_field_name(struct lex *lex, struct span *token)
{
	size_t len = identifier_length(lex, 0);
	size_t part;
	bool dotted = false;

	while (len > 0 && lex_peek(lex, len) == '.' &&
	    (part = identifier_length(lex, len + 1)) > 0) {
		len += 1 + part;
		dotted = true;
	}
	return dotted && lex_length(lex, len, token);
}

/* Take all bytes up to a space character or one of ENDS. */
static bool
lex_until(struct lex *lex, const char *ends, struct span *token)
{
	size_t left = lex->text.len - lex->at.offset;
	size_t len = 0;

	while (len < left && !is_space(lex_peek(lex, len)) &&
	    strchr(ends, lex_peek(lex, len)) == NULL)
		len++;
	return lex_length(lex, len, token);
}

bool
lex_bare(struct lex *lex, struct span *token)
{
	return lex_until(lex, "()\"'=,", token);
}

bool
lex_argument(struct lex *lex, struct span *token)
{
	return lex_until(lex, "[]\"'", token);
}

static size_t
digits_length(const struct lex *lex, size_t ahead)
{
	size_t len = 0;

	while (is_digit(lex_peek(lex, ahead + len)))
		len++;
	return len;
}

static size_t
hex_length(const struct lex *lex)
{
	size_t len = 2;

	if (lex_peek(lex, 0) != '0' || (lex_peek(lex, 1) != 'x' && lex_peek(lex, 1) != 'X'))
		return 0;
	while (hex_value(lex_peek(lex, len)) >= 0)
		len++;
	return len > 2 ? len : 0;
}

static size_t
decimal_length(const struct lex *lex)
{
	size_t sign = lex_peek(lex, 0) == '+' || lex_peek(lex, 0) == '-';
	size_t len = sign + digits_length(lex, sign);
	size_t exponent;
	char c;

	if (len == sign)
		return 0;
	if (lex_peek(lex, len) == '.')
		len += 1 + digits_length(lex, len + 1);
	/* An exponent needs its sign and a digit; otherwise it is not part of the number. */
	if ((c = lex_peek(lex, len)) != 'e' && c != 'E')
		return len;
	if ((c = lex_peek(lex, len + 1)) != '+' && c != '-')
		return len;
	exponent = digits_length(lex, len + 2);
	return exponent ? len + 2 + exponent : len;
}

bool
lex_number(struct lex *lex, struct span *token)
{
	size_t len = hex_length(lex);

	return lex_length(lex, len ? len : decimal_length(lex), token);
}

enum lex_result
lex_quoted(struct lex *lex, struct span *token)
{
	const char quote = lex_peek(lex, 0);
	size_t left = lex->text.len - lex->at.offset;

	if (quote != '"' && quote != '\'')
		return LEX_NONE;
	for (size_t i = 1; i < left; i++) {
		/* One byte back only: a text that ends in an escaped backslash does not close. */
		if (lex_peek(lex, i) != quote || lex_peek(lex, i - 1) == '\\')
			continue;
		*token = lex_take(lex, i + 1);
		return LEX_FOUND;
	}
	return LEX_BROKEN;
}

/*
 * Decode the escape at *IN, which ends before END.  Returns the byte, or -1 for no escape;
 * *IN moves past it.
 */
static int
unescape_one(const char **in, const char *end, char quote)
{
	static const char names[] = "bfnrt\\/ ";
	static const char bytes[] = "\b\f\n\r\t\\/\\";
	const char *name;
	char c;

	if (end - *in < 2)
		return -1;
	c = (*in)[1];
	*in += 2;
	if (c == quote)
		return (unsigned char)c;
	if (c == 'x') {
		int high, low;

		if (end - *in < HEX_DIGITS || (high = hex_value((*in)[0])) < 0 ||
		    (low = hex_value((*in)[1])) < 0)
			return -1;
		*in += HEX_DIGITS;
		return high << 4 | low;
	}
	if (c == '\0' || (name = strchr(names, c)) == NULL)
		return -1;
	return (unsigned char)bytes[name - names];
}

int
lex_unescape(struct arena *arena, struct span token, struct span *text, size_t *bad)
{
	const char *in = token.ptr + 1;
	const char *end = token.ptr + token.len - 1;
	const size_t len = (size_t)(end - in);
	const char *escape;
	char *out, *buffer;
	int byte;

	if (len == 0 || memchr(in, '\\', len) == NULL) {
		*text = (struct span){ in, len };
		return 0;
	}
	if ((out = buffer = arena_alloc(arena, len)) == NULL)
		return -ENOMEM;
	while (in < end) {
		if (*in != '\\') {
			*out++ = *in++;
			continue;
		}
		escape = in;
		if ((byte = unescape_one(&in, end, token.ptr[0])) < 0) {
			*bad = (size_t)(escape - token.ptr);
			return -EINVAL;
		}
		*out++ = (char)byte;
	}
	*text = (struct span){ buffer, (size_t)(out - buffer) };
	return 0;
}
