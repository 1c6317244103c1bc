/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounded text.  The invariant of struct text: len < size, and buf[len] is the terminator.
 */
#define XXH_INLINE_ALL
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <xxhash.h>

#include "text.h"

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

void
text_init(struct text *text, char *buf, size_t size)
{
	*text = (struct text){ .buf = buf, .size = size };
	buf[0] = '\0';
}

static size_t
text_room(const struct text *text)
{
	return text->truncated ? 0 : text->size - 1 - text->len;
}

void
text_bytes(struct text *text, const char *bytes, size_t len)
{
	size_t room = text_room(text);

	if (len > room) {
		text->truncated = true;
		len = room;
	}
	if (len == 0)
		return;
	memcpy(text->buf + text->len, bytes, len);
	text->len += len;
	text->buf[text->len] = '\0';
}

/* Append all of BYTES, or nothing. */
static void
text_whole(struct text *text, const char *bytes, size_t len)
{
	if (len > text_room(text))
		text->truncated = true;
	else
		text_bytes(text, bytes, len);
}

void
text_string(struct text *text, const char *string)
{
	if (string)
		text_bytes(text, string, strlen(string));
}

void
text_char(struct text *text, char c)
{
	text_bytes(text, &c, 1);
}

void
text_u64(struct text *text, uint64_t value)
{
	char digits[20]; /* of UINT64_MAX */
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	text_bytes(text, digits + at, sizeof(digits) - at);
}

void
text_i64(struct text *text, int64_t value)
{
	uint64_t magnitude = (uint64_t)value;

	if (value < 0) {
		text_char(text, '-');
		magnitude = -magnitude;
	}
	text_u64(text, magnitude);
}

void
text_format(struct text *text, const char *format, ...)
{
	size_t room = text_room(text);
	va_list args;
	int len;

	if (text->truncated)
		return;
	va_start(args, format);
	len = vsnprintf(text->buf + text->len, room + 1, format, args);
	va_end(args);
	if (len < 0 || (size_t)len > room) {
		text->truncated = true;
		text->len += len < 0 ? 0 : room;
		text->buf[text->len] = '\0';
		return;
	}
	text->len += (size_t)len;
}

/*
 * What a lead byte allows: the length of the character, and the range of its second byte, which is
 * where overlong forms, surrogates and code points past U+10FFFF are refused.
 */
struct utf8_lead {
	uint8_t len, low, high;
};

static struct utf8_lead
utf8_lead(uint8_t byte)
{
	if (byte < 0x80)
		return (struct utf8_lead){ 1, 0, 0 };
	if (byte < 0xc2 || byte > 0xf4)
		return (struct utf8_lead){ 0, 0, 0 };
	if (byte < 0xe0)
		return (struct utf8_lead){ 2, 0x80, 0xbf };
	if (byte < 0xf0)
		return (struct utf8_lead){ 3, byte == 0xe0 ? 0xa0 : 0x80,
			byte == 0xed ? 0x9f : 0xbf };
	return (struct utf8_lead){ 4, byte == 0xf0 ? 0x90 : 0x80, byte == 0xf4 ? 0x8f : 0xbf };
}

size_t
utf8_next(const char *bytes, size_t len, bool *valid)
{
	struct utf8_lead lead = utf8_lead((uint8_t)bytes[0]);
	size_t at;

	*valid = false;
	if (lead.len == 0)
		return 1;
	for (at = 1; at < lead.len; at++) {
		uint8_t byte = at < len ? (uint8_t)bytes[at] : 0;
		uint8_t low = at == 1 ? lead.low : 0x80;
		uint8_t high = at == 1 ? lead.high : 0xbf;

		if (byte < low || byte > high)
			return at;
	}
	*valid = true;
	return at;
}

/* The letter that follows the backslash where C has a short form of C, or 0. */
static char
escape_letter(char c)
{
	switch (c) {
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return 0;
	}
}

static void
text_hex(struct text *text, const char *prefix, uint8_t byte)
{
	static const char digits[] = "0123456789abcdef";
	char escaped[8];
	size_t len = strlen(prefix);

	memcpy(escaped, prefix, len);
	escaped[len] = digits[byte >> 4];
	escaped[len + 1] = digits[byte & 15];
	text_whole(text, escaped, len + 2);
}

static void
text_json_escape(struct text *text, char c)
{
	char letter = c == '"' || c == '\\' ? c : escape_letter(c);

	if (letter)
		text_whole(text, (const char[]){ '\\', letter }, 2);
	else
		text_hex(text, "\\u00", (uint8_t)c);
}

/* How many bytes from the start need no escape in JSON and are ASCII. */
static size_t
json_plain(const char *bytes, size_t len)
{
	size_t at = 0;

	while (at < len && (uint8_t)bytes[at] >= 0x20 && (uint8_t)bytes[at] < 0x80 &&
	    bytes[at] != '"' && bytes[at] != '\\')
		at++;
	return at;
}

void
text_json(struct text *text, const char *bytes, size_t len)
{
	size_t at = 0, step;
	bool valid;

	while (at < len && !text->truncated) {
		step = json_plain(bytes + at, len - at);
		text_bytes(text, bytes + at, step);
		at += step;
		if (at == len)
			return;
		step = utf8_next(bytes + at, len - at, &valid);
		if (!valid)
			text_whole(text, replacement, sizeof(replacement) - 1);
		else if (step == 1)
			text_json_escape(text, bytes[at]);
		else
			text_whole(text, bytes + at, step);
		at += step;
	}
}

/* Whether the LEN bytes, one valid character, are a control character: C0, DEL or C1. */
static bool
utf8_control(const char *bytes, size_t len)
{
	uint8_t first = (uint8_t)bytes[0];

	return first < 0x20 || first == 0x7f ||
	    (len == 2 && first == 0xc2 && (uint8_t)bytes[1] < 0xa0);
}

static void
text_visible_escape(struct text *text, const char *bytes, size_t len)
{
	char letter = escape_letter(bytes[0]);
	size_t at;

	if (letter && len == 1) {
		text_whole(text, (const char[]){ '\\', letter }, 2);
		return;
	}
	for (at = 0; at < len; at++)
		text_hex(text, "\\x", (uint8_t)bytes[at]);
}

void
text_visible(struct text *text, const char *bytes, size_t len)
{
	size_t at, step;
	bool valid;

	for (at = 0; at < len && !text->truncated; at += step) {
		step = utf8_next(bytes + at, len - at, &valid);
		if (!valid || utf8_control(bytes + at, step))
			text_visible_escape(text, bytes + at, step);
		else
			text_whole(text, bytes + at, step);
	}
}

uint64_t
bytes_hash(const void *bytes, size_t len, uint64_t key)
{
	return XXH3_64bits_withSeed(bytes, len, key);
}
