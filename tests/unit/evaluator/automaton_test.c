/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "automaton.h"
#include "random.h"

enum { PATTERNS = 150, WORDS = 3, TEXT_MAX = 40, PATTERN_MAX = 6 };

static struct arena arena;

/* The byte as it counts. */
static uint8_t
seen_byte(char c, bool fold)
{
	return (uint8_t)(fold && c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool
lies_at(struct span text, size_t at, struct span pattern, bool fold)
{
	for (size_t i = 0; i < pattern.len; i++)
		if (at + i >= text.len ||
		    seen_byte(text.ptr[at + i], fold) != seen_byte(pattern.ptr[i], fold))
			return false;
	return true;
}

static bool
has_plainly(enum automaton_kind kind, bool fold, struct span text, struct span pattern)
{
	if (pattern.len > text.len)
		return false;
	if (kind == AUTOMATON_BEGINS)
		return lies_at(text, 0, pattern, fold);
	if (kind == AUTOMATON_ENDS)
		return lies_at(text, text.len - pattern.len, pattern, fold);
	for (size_t at = 0; at + pattern.len <= text.len; at++)
		if (lies_at(text, at, pattern, fold))
			return true;
	return false;
}

/* The automaton of PATTERNS says of TEXT what a plain search does, and leaves other bits alone. */
static void
assert_scan(const struct automaton *automaton, bool fold, const struct pattern *patterns,
    uint32_t count, struct span text)
{
	const uint64_t before = (uint64_t)1 << 63;
	uint64_t truth[WORDS] = { 0, 0, before }, expected[WORDS] = { 0, 0, before };

	for (uint32_t i = 0; i < count; i++)
		if (has_plainly(automaton->kind, fold, text, patterns[i].text))
			expected[patterns[i].bit / 64] |= (uint64_t)1 << (patterns[i].bit % 64);
	automaton_scan(automaton, text, truth);
	assert_memory_equal(truth, expected, sizeof(truth));
}

static void
assert_alike(struct random *random, enum automaton_kind kind, bool fold, struct span alphabet)
{
	static char bytes[PATTERNS][PATTERN_MAX];
	struct pattern patterns[PATTERNS];
	uint32_t count = 1 + random_below(random, PATTERNS);
	uint32_t longest = 1 + random_below(random, PATTERN_MAX);
	struct automaton automaton;
	char text[TEXT_MAX];

	for (uint32_t i = 0; i < count; i++)
		patterns[i] = (struct pattern){
			random_text(random, alphabet, longest, bytes[i]), i };
	for (uint32_t i = 0; i < count && random_below(random, 2) == 0; i++)
		if (patterns[i].text.len == 0) /* mostly it hides what else is found */
			patterns[i--] = patterns[--count];
	assert_int_equal(
	    automaton_build(&automaton, &arena, kind, fold, patterns, count, WORDS), 0);
	for (int i = 0; i < 40; i++)
		assert_scan(&automaton, fold, patterns, count,
		    random_text(random, alphabet, TEXT_MAX, text));
	for (uint32_t i = 0; i < count; i++)
		assert_scan(&automaton, fold, patterns, count, patterns[i].text);
	assert_scan(&automaton, fold, patterns, count, SPAN_NONE);
	arena_fini(&arena);
}

static struct span
all_bytes(void)
{
	static char bytes[256];

	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	return (struct span){ bytes, sizeof(bytes) };
}

static void
scans_say_what_a_plain_search_does(void **state)
{
	const struct span alphabets[] = { SPAN_OF("a"), SPAN_OF("ab"), SPAN_OF("abC"),
		SPAN_OF("aAbB"), SPAN_OF("@[`{\xc1\xe1zZ"), SPAN_OF("\0\xff/"), all_bytes() };
	struct random random = { 2 };

	(void)state;
	for (size_t a = 0; a < sizeof(alphabets) / sizeof(alphabets[0]); a++)
		for (int i = 0; i < 60; i++)
			for (int k = 0; k < 6; k++)
				assert_alike(&random, (enum automaton_kind)(k / 2), k % 2 == 1,
				    alphabets[a]);
}

/* Patterns in, over and behind each other, which only the links between states find. */
static void
patterns_may_overlap(void **state)
{
	static const char *const texts[] = { "he", "she", "his", "hers", "usher", "e", "ushe",
		"ahishershe", "sh", "s", "hishe", "ushers" };
	struct pattern patterns[6];
	struct automaton automaton;

	(void)state;
	for (uint32_t i = 0; i < 6; i++)
		patterns[i] = (struct pattern){ span_text(texts[i]), i };
	assert_int_equal(automaton_build(&automaton, &arena, AUTOMATON_CONTAINS, false, patterns, 6,
	    WORDS), 0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_scan(&automaton, false, patterns, 6, span_text(texts[i]));
	arena_fini(&arena);
}

/* With a bit in the last word, and two patterns for one bit. */
static void
bits_are_as_told(void **state)
{
	const struct pattern patterns[] = { { SPAN_OF("a"), 190 }, { SPAN_OF("bb"), 190 },
		{ SPAN_OF("a"), 0 }, { SPAN_OF("bb"), 63 }, { SPAN_OF("b"), 64 } };

	(void)state;
	for (int kind = AUTOMATON_BEGINS; kind <= AUTOMATON_CONTAINS; kind++) {
		struct automaton automaton;

		assert_int_equal(automaton_build(&automaton, &arena, (enum automaton_kind)kind,
		    false, patterns, 5, WORDS), 0);
		assert_scan(&automaton, false, patterns, 5, SPAN_OF("a"));
		assert_scan(&automaton, false, patterns, 5, SPAN_OF("bb"));
		assert_scan(&automaton, false, patterns, 5, SPAN_OF("ab"));
		assert_scan(&automaton, false, patterns, 5, SPAN_OF("c"));
	}
	arena_fini(&arena);
}

static void
no_pattern_finds_nothing(void **state)
{
	uint64_t truth[WORDS] = { 5, 0, 9 };
	struct automaton automaton;

	(void)state;
	assert_int_equal(
	    automaton_build(&automaton, &arena, AUTOMATON_CONTAINS, false, NULL, 0, WORDS), 0);
	automaton_scan(&automaton, SPAN_OF("abc"), truth);
	automaton_scan(&automaton, SPAN_NONE, truth);
	assert_int_equal(truth[0], 5);
	assert_int_equal(truth[2], 9);
}

/* One byte over and over: two columns; a state for each byte, two more, and no cell to spare. */
static void
the_largest_is_built_and_the_next_refused(void **state)
{
	enum { LARGEST = AUTOMATON_CELLS_MAX / 2 - 2 };
	char *bytes = malloc(LARGEST + 1);
	struct pattern pattern = { { bytes, LARGEST }, 1 };
	struct automaton automaton;

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 'a', LARGEST + 1);
	for (int kind = AUTOMATON_BEGINS; kind <= AUTOMATON_CONTAINS; kind++) {
		uint64_t truth = 0;

		pattern.text.len = LARGEST;
		assert_int_equal(automaton_build(&automaton, &arena, (enum automaton_kind)kind,
		    false, &pattern, 1, 1), 0);
		automaton_scan(&automaton, (struct span){ bytes, LARGEST - 1 }, &truth);
		assert_int_equal(truth, 0);
		automaton_scan(&automaton, pattern.text, &truth);
		assert_int_equal(truth, 2);
		arena_fini(&arena);
		pattern.text.len = LARGEST + 1;
		assert_int_equal(automaton_build(&automaton, &arena, (enum automaton_kind)kind,
		    false, &pattern, 1, 1), -E2BIG);
	}
	free(bytes);
}

/* Sets of bits have the same bound as the table. */
static void
sets_that_are_too_large_are_refused(void **state)
{
	enum { WIDE = 64, LARGEST = AUTOMATON_CELLS_MAX / WIDE - 2 };
	static char bytes[LARGEST + 1];
	struct pattern pattern = { { bytes, LARGEST }, WIDE * 64 - 1 };
	struct automaton automaton;

	(void)state;
	assert_int_equal(
	    automaton_build(&automaton, &arena, AUTOMATON_BEGINS, false, &pattern, 1, WIDE), 0);
	pattern.text.len++;
	assert_int_equal(automaton_build(&automaton, &arena, AUTOMATON_BEGINS, false, &pattern, 1,
	    WIDE), -E2BIG);
	arena_fini(&arena);
}

static void
a_full_arena_is_told(void **state)
{
	const struct pattern pattern = { SPAN_OF("abc"), 0 };
	struct automaton automaton;
	struct arena small;

	(void)state;
	arena_init(&small, 8);
	assert_int_equal(automaton_build(&automaton, &small, AUTOMATON_CONTAINS, false, &pattern, 1,
	    1), -ENOMEM);
	arena_fini(&small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scans_say_what_a_plain_search_does),
		cmocka_unit_test(patterns_may_overlap),
		cmocka_unit_test(bits_are_as_told),
		cmocka_unit_test(no_pattern_finds_nothing),
		cmocka_unit_test(the_largest_is_built_and_the_next_refused),
		cmocka_unit_test(sets_that_are_too_large_are_refused),
		cmocka_unit_test(a_full_arena_is_told),
	};

	arena_init(&arena, 64 << 20);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
