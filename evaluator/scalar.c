/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions of scalars. */
#include <strings.h>

#include "scalar.h"

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* Is TEXT the word in one of the three spellings? */
static bool
is_spelling(struct span text, const char *word)
{
	size_t lower = 0;

	if (text.len != strlen(word) || strncasecmp(text.ptr, word, text.len) != 0)
		return false;
	for (size_t i = 1; i < text.len; i++)
		lower += is_lower(text.ptr[i]);
	/* Behind the first letter all are small, or none is and the first is not either. */
	return lower == text.len - 1 || (lower == 0 && !is_lower(text.ptr[0]));
}

bool
scalar_bool(struct span text, bool *value)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{ "true", true },
		{ "false", false },
		{ "yes", true },
		{ "no", false },
		{ "on", true },
		{ "off", false },
		{ "y", true },
		{ "n", false },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!is_spelling(text, words[i].word))
			continue;
		*value = words[i].value;
		return true;
	}
	return false;
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Take the digits at the start of TEXT; false when there are none or they pass 32 bits. */
static bool
take_digits(struct span *text, int base, uint32_t *value)
{
	uint64_t number = 0;
	size_t len = 0;

	while (len < text->len && digit_value(text->ptr[len]) < base) {
		number = number * (unsigned)base + (unsigned)digit_value(text->ptr[len]);
		if (number > UINT32_MAX)
			return false;
		len++;
	}
	text->ptr += len;
	text->len -= len;
	*value = (uint32_t)number;
	return len > 0;
}

bool
scalar_unsigned(struct span text, uint32_t *value)
{
	uint32_t number;
	int base = 10;

	if (text.len > 1 && text.ptr[0] == '0') {
		const char second = text.ptr[1];
		const size_t prefix = strchr("xXoO", second) != NULL ? 2 : 1;

		base = second == 'x' || second == 'X' ? 16 : 8;
		text.ptr += prefix;
		text.len -= prefix;
	}
	if (!take_digits(&text, base, &number) || text.len > 0)
		return false;
	*value = number;
	return true;
}

bool
scalar_version(struct span text, struct rule_version *version)
{
	struct rule_version found;

	for (int i = 0; i < 3; i++) {
		if (i > 0) {
			if (text.len == 0 || text.ptr[0] != '.')
				return false;
			text.ptr++;
			text.len--;
		}
		if (!take_digits(&text, 10, &found.part[i]))
			return false;
	}
	*version = found;
	return true;
}

int
version_compare(const struct rule_version *a, const struct rule_version *b)
{
	for (int i = 0; i < 3; i++)
		if (a->part[i] != b->part[i])
			return a->part[i] < b->part[i] ? -1 : 1;
	return 0;
}

bool
version_meets(const struct rule_version *loaded, const struct rule_version *required)
{
	return loaded->part[0] == required->part[0] && version_compare(loaded, required) >= 0;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct span
scalar_trim(struct span text)
{
	while (text.len > 0 && is_space(text.ptr[0])) {
		text.ptr++;
		text.len--;
	}
	while (text.len > 0 && is_space(text.ptr[text.len - 1]))
		text.len--;
	return text;
}
