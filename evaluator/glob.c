/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shell patterns.  Only the last star is ever gone back to: an earlier one has nothing to
 * gain from taking more, so the work is at most pattern times value.
 */
#include "glob.h"

#include <ctype.h>

static const struct {
	const char *name;
	int (*test)(int);
} classes[] = {
	{ "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank }, { "cntrl", iscntrl },
	{ "digit", isdigit }, { "graph", isgraph }, { "lower", islower }, { "print", isprint },
	{ "punct", ispunct }, { "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit },
};

static bool
class_has(struct span name, unsigned char c)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (!span_equal(span_text(classes[i].name), name))
			continue;
		return c < 0x80 && classes[i].test(c);
	}
	return false;
}

/*
 * `[:name:]`, `[.c.]` or `[=c=]` at *AT of PATTERN: moves past it and says whether C is in it.  As
 * in the C library, these tell upper from lower case even where case is ignored.
 */
static bool
bracket_named(struct span pattern, size_t *at, unsigned char c, bool *in)
{
	char kind = pattern.ptr[*at + 1];
	size_t end = *at + 2;

	while (end + 1 < pattern.len && !(pattern.ptr[end] == kind && pattern.ptr[end + 1] == ']'))
		end++;
	if (end + 1 >= pattern.len)
		return false;
	if (kind == ':')
		*in |= class_has((struct span){ pattern.ptr + *at + 2, end - *at - 2 }, c);
	else if (end - *at == 3)
		*in |= c == (unsigned char)pattern.ptr[*at + 2];
	*at = end + 2;
	return true;
}

/* One byte of a set, escapes taken off. */
static unsigned char
bracket_byte(struct span pattern, size_t *at, bool fold)
{
	if (pattern.ptr[*at] == '\\' && *at + 1 < pattern.len)
		(*at)++;
	return fold ? ascii_lower(pattern.ptr[(*at)++]) : (unsigned char)pattern.ptr[(*at)++];
}

/*
 * The set whose `[` is at *AT.  Returns whether byte C is in it and moves past its `]`; a
 * set that never ends is an ordinary bracket, which leaves *AT alone.
 */
static bool
bracket_match(struct span pattern, size_t *at, unsigned char c, bool fold)
{
	size_t i = *at + 1, first;
	bool negated = i < pattern.len && (pattern.ptr[i] == '!' || pattern.ptr[i] == '^');
	unsigned char own = c;
	bool in = false;

	if (fold)
		c = ascii_lower((char)c);
	if (negated)
		i++;
	first = i;
	while (i < pattern.len && (pattern.ptr[i] != ']' || i == first)) {
		unsigned char low, high;

		if (pattern.ptr[i] == '[' && i + 1 < pattern.len &&
		    strchr(":.=", pattern.ptr[i + 1]) != NULL &&
		    bracket_named(pattern, &i, own, &in))
			continue;
		low = high = bracket_byte(pattern, &i, fold);
		if (i + 1 < pattern.len && pattern.ptr[i] == '-' && pattern.ptr[i + 1] != ']') {
			i++;
			high = bracket_byte(pattern, &i, fold);
		}
		in |= c >= low && c <= high;
	}
	if (i >= pattern.len)
		return false;
	*at = i + 1;
	return in != negated;
}

/* Does what stands at *AT of PATTERN, which is no star, take byte C?  Moves past it if so. */
static bool
glob_step(struct span pattern, size_t *at, char c, bool fold)
{
	size_t next = *at;
	char p = pattern.ptr[next];

	if (p == '?') {
		(*at)++;
		return true;
	}
	if (p == '[') {
		bool in = bracket_match(pattern, &next, (unsigned char)c, fold);

		if (next != *at) {
			*at = next;
			return in;
		}
	}
	if (p == '\\' && next + 1 == pattern.len)
		return false; /* it takes away the meaning of nothing */
	if (p == '\\')
		p = pattern.ptr[++next];
	if (fold ? ascii_lower(p) != ascii_lower(c) : p != c)
		return false;
	*at = next + 1;
	return true;
}

bool
glob_match(struct span pattern, struct span value, bool fold)
{
	size_t p = 0, v = 0, star = SIZE_MAX, resume = 0;

	while (v < value.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = ++p;
			resume = v;
		} else if (p < pattern.len && glob_step(pattern, &p, value.ptr[v], fold)) {
			v++;
		} else if (star != SIZE_MAX) {
			p = star;
			v = ++resume;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}

bool
glob_is_pattern(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '*' || text.ptr[i] == '?' || text.ptr[i] == '[')
			return true;
	return false;
}
