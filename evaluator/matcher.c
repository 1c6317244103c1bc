/* SPDX-License-Identifier: Apache-2.0 */
/* Asking all predicates on a text at once.  See matcher.h; how they are made: matcher_build.c. */
#include "matcher.h"

#include "compile.h"

static uint64_t
length_bit(size_t len)
{
	return (uint64_t)1 << (len < 63 ? len : 63);
}

static void
exact_find(const struct matcher *matcher, struct span text, uint64_t *truth)
{
	const struct exact_table *exact = &matcher->exact;
	uint32_t slot;

	if (!(exact->lengths & length_bit(text.len)))
		return;
	slot = (uint32_t)bytes_hash(text.ptr, text.len, matcher->hash_key) & exact->mask;
	for (; exact->slots[slot] != 0; slot = (slot + 1) & exact->mask) {
		uint32_t number = exact->slots[slot] - 1;

		if (!span_equal(exact->texts[number], text))
			continue;
		for (uint32_t i = 0; i < matcher->words; i++)
			truth[i] |= exact->sets[(size_t)number * matcher->words + i];
		return;
	}
}

/* Which predicates hold for TEXT, whatever other spelling there is. */
static void
text_judge(const struct matcher *matcher, struct span text, uint8_t ways, uint64_t *truth)
{
	for (uint32_t i = 0; i < matcher->words; i++)
		truth[i] = 0;
	if (ways & MATCHER_EXACT)
		exact_find(matcher, text, truth);
	if (ways & (MATCHER_BEGINS | MATCHER_GUARDED))
		automaton_scan(&matcher->begins, text, truth);
	if (ways & MATCHER_ENDS)
		automaton_scan(&matcher->ends, text, truth);
	if (ways & MATCHER_CONTAINS)
		automaton_scan(&matcher->contains, text, truth);
	if (ways & MATCHER_FOLDED)
		automaton_scan(&matcher->contains_folded, text, truth);
	for (uint32_t i = 0; i < matcher->words; i++)
		truth[i] = (truth[i] ^ matcher->inverted[i]) | matcher->always[i];
}

static void
ask(const struct matcher *matcher, uint32_t bit, const struct predicate *all,
    const struct field_value *value, uint64_t *truth)
{
	uint64_t mask = (uint64_t)1 << (bit % 64);

	if (op_holds(&all[matcher->predicates[bit]].comparison, value))
		truth[bit / 64] |= mask;
	else
		truth[bit / 64] &= ~mask;
}

/* Is BIT, which is asked one by one, to be asked: is it wanted, and does its guard hold? */
static bool
may_hold(const struct matcher *matcher, uint32_t bit, uint8_t ways, const uint64_t *truth)
{
	uint32_t guard = matcher->guard_of[bit] - 1;

	if (matcher->guard_of[bit] == 0)
		return (ways & MATCHER_ASKED) != 0;
	return ways & MATCHER_GUARDED && truth[guard / 64] >> (guard % 64) & 1;
}

/* A NUL ends a text for some operators and not for others. */
static bool
has_nul(const struct field_value *value)
{
	for (uint32_t i = 0; i < value->count; i++)
		if (value->texts[i].len > 0 &&
		    memchr(value->texts[i].ptr, '\0', value->texts[i].len) != NULL)
			return true;
	return false;
}

void
matcher_judge(const struct matcher *matcher, const struct predicate *all,
    const struct field_value *value, uint8_t ways, uint64_t *truth)
{
	uint64_t other[MATCHER_WORDS_MAX];

	if (has_nul(value)) {
		for (uint32_t bit = 0; bit < matcher->count; bit++)
			ask(matcher, bit, all, value, truth);
		return;
	}
	text_judge(matcher, value->texts[0], ways, truth);
	for (uint32_t k = 1; k < value->count; k++) {
		text_judge(matcher, value->texts[k], ways, other);
		for (uint32_t i = 0; i < matcher->words; i++)
			truth[i] = ((truth[i] | other[i]) & ~matcher->every[i]) |
			    (truth[i] & other[i] & matcher->every[i]);
	}
	for (uint32_t i = 0; ways & (MATCHER_GUARDED | MATCHER_ASKED) && i < matcher->asked_count;
	     i++)
		if (may_hold(matcher, matcher->asked[i], ways, truth))
			ask(matcher, matcher->asked[i], all, value, truth);
}
