/* SPDX-License-Identifier: Apache-2.0 */
/* Rules by name and tag.  See selection.h. */
#include "selection.h"

static struct span
span_from(struct span text, size_t at)
{
	return (struct span){ text.ptr + at, text.len - at };
}

/* PATTERN up to its first star. */
static struct span
piece_of(struct span pattern)
{
	const char *star = pattern.len > 0 ? memchr(pattern.ptr, '*', pattern.len) : NULL;

	return (struct span){ pattern.ptr, star ? (size_t)(star - pattern.ptr) : pattern.len };
}

bool
selection_matches(struct span pattern, struct span name)
{
	struct span piece = piece_of(pattern);
	const char *found;

	if (piece.len == pattern.len)
		return span_equal(pattern, name);
	if (piece.len > name.len || !span_equal(piece, (struct span){ name.ptr, piece.len }))
		return false;
	name = span_from(name, piece.len);
	pattern = span_from(pattern, piece.len);
	while (pattern.len > 0) {
		while (pattern.len > 0 && pattern.ptr[0] == '*')
			pattern = span_from(pattern, 1);
		if (pattern.len == 0)
			return true;
		piece = piece_of(pattern);
		found = name.len > 0 ? memmem(name.ptr, name.len, piece.ptr, piece.len) : NULL;
		if (found == NULL)
			return false;
		name = span_from(name, (size_t)(found - name.ptr) + piece.len);
		pattern = span_from(pattern, piece.len);
	}
	return name.len == 0;
}

static bool
is_tagged(const struct rule *rule, struct span tag)
{
	for (uint32_t i = 0; i < rule->tag_count; i++)
		if (span_equal(rule->tags[i], tag))
			return true;
	return false;
}

bool
selection_enabled(const struct selection *selections, uint32_t count, const struct rule *rule)
{
	bool enabled = rule->enabled;

	for (uint32_t i = 0; i < count; i++) {
		const struct selection *selection = &selections[i];

		if ((selection->rule.len > 0 && selection_matches(selection->rule, rule->name)) ||
		    (selection->tag.len > 0 && is_tagged(rule, selection->tag)))
			enabled = selection->enable;
	}
	return enabled;
}
