/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "random.h"
#include "texts.h"

enum { KEY = 11, ALIKE = 1 << 20 /* a hash plus it has the same place in the index */ };

static struct texts texts;

static int
set_up(void **state)
{
	(void)state;
	return texts_init(&texts, TEXTS_BYTES_MIN, KEY);
}

static int
tear_down(void **state)
{
	(void)state;
	texts_fini(&texts);
	texts_fini(&texts);
	return 0;
}

/* TEXT alone; good until many more are asked for. */
static struct field_value
one(const char *text)
{
	static struct span spans[16];
	static uint32_t next;
	struct span *span = &spans[next++ % 16];

	*span = span_text(text);
	return (struct field_value){ .state = FIELD_VALUE, .count = 1, .texts = span };
}

/* Borrows SPANS, which are two. */
static struct field_value
two(struct span spans[2], const char *first, const char *second)
{
	spans[0] = span_text(first);
	spans[1] = span_text(second);
	return (struct field_value){ .state = FIELD_VALUE, .count = 2, .texts = spans };
}

/* Keep MARK for VALUE, under HASH. */
static void
keep_under(uint64_t hash, uint32_t accessor, const struct field_value *value, uint64_t mark)
{
	uint64_t *bits = texts_add(&texts, accessor, value, hash, 2);

	assert_non_null(bits);
	bits[0] = mark;
	bits[1] = ~mark;
}

static void
keep(uint32_t accessor, const struct field_value *value, uint64_t mark)
{
	keep_under(texts_hash(&texts, accessor, value), accessor, value, mark);
}

/* The mark kept for VALUE; 0 when nothing is. */
static uint64_t
kept_under(uint64_t hash, uint32_t accessor, const struct field_value *value)
{
	const uint64_t *bits = texts_find(&texts, accessor, value, hash);

	if (bits == NULL)
		return 0;
	assert_int_equal(bits[1], ~bits[0]);
	return bits[0];
}

static uint64_t
kept(uint32_t accessor, const struct field_value *value)
{
	return kept_under(texts_hash(&texts, accessor, value), accessor, value);
}

static void
what_was_kept_is_found(void **state)
{
	struct field_value a = one("a"), b = one("b"), empty = one("");

	(void)state;
	assert_int_equal(kept(3, &a), 0);
	keep(3, &a, 1);
	keep(3, &empty, 2);
	assert_int_equal(kept(3, &a), 1);
	assert_int_equal(kept(3, &empty), 2);
	assert_int_equal(kept(3, &b), 0);
	assert_int_equal(kept(4, &a), 0);
}

/* A hash that is the same says nothing: every byte, the count and the accessor must be. */
static void
only_equal_texts_are_found(void **state)
{
	struct span spans[2], others[2], crossed[2], halves[2];
	struct field_value pair = two(spans, "/usr/bin", "cat"), other = one("/usr/biN");
	struct field_value joined = one("/usr/bincat"), first = one("/usr/bin");
	struct field_value swapped = two(others, "cat", "/usr/bin");
	struct field_value moved = two(crossed, "/usr/binc", "at");
	struct field_value half = two(halves, "/usr/bin", "");

	(void)state;
	keep_under(5, 1, &pair, 7);
	assert_int_equal(kept_under(5, 1, &pair), 7);
	assert_int_equal(kept_under(5, 1, &other), 0);
	assert_int_equal(kept_under(5, 1, &joined), 0);
	assert_int_equal(kept_under(5, 1, &first), 0);
	assert_int_equal(kept_under(5, 1, &swapped), 0);
	assert_int_equal(kept_under(5, 1, &moved), 0);
	assert_int_equal(kept_under(5, 1, &half), 0);
	assert_int_equal(kept_under(5, 2, &pair), 0);
	assert_int_equal(kept_under(ALIKE + 5, 1, &pair), 0);
	keep_under(6, 1, &first, 8);
	assert_int_equal(kept_under(6, 1, &half), 0);
	assert_int_equal(kept_under(6, 1, &first), 8);
}

/* Two entries for one place of the index; a third puts the older one out. */
static void
of_a_pair_the_older_makes_room(void **state)
{
	struct field_value a = one("a"), b = one("b"), c = one("c"), d = one("d");

	(void)state;
	keep_under(8, 1, &a, 1);
	keep_under(9, 1, &b, 2);
	assert_int_equal(kept_under(8, 1, &a), 1);
	assert_int_equal(kept_under(9, 1, &b), 2);
	keep_under(8, 1, &c, 3);
	assert_int_equal(kept_under(8, 1, &a), 0);
	assert_int_equal(kept_under(9, 1, &b), 2);
	assert_int_equal(kept_under(8, 1, &c), 3);
	keep_under(8, 1, &d, 4);
	assert_int_equal(kept_under(9, 1, &b), 0);
	assert_int_equal(kept_under(8, 1, &c), 3);
	assert_int_equal(kept_under(8, 1, &d), 4);
}

static void
the_longest_is_kept_and_the_next_refused(void **state)
{
	static char bytes[TEXTS_LEN_MAX + 1];
	struct span spans[2] = { { bytes, TEXTS_LEN_MAX - 1 }, { bytes, 1 } };
	struct field_value value = { .state = FIELD_VALUE, .count = 1, .texts = spans };

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	spans[0].len = TEXTS_LEN_MAX;
	keep(1, &value, 1);
	assert_int_equal(kept(1, &value), 1);
	spans[0].len++;
	assert_null(texts_add(&texts, 1, &value, texts_hash(&texts, 1, &value), 2));
	value.count = 2;
	spans[0].len = TEXTS_LEN_MAX - 1;
	keep(1, &value, 2);
	assert_int_equal(kept(1, &value), 2);
	spans[1].len++;
	assert_null(texts_add(&texts, 1, &value, texts_hash(&texts, 1, &value), 2));
	assert_int_equal(kept(1, &value), 0);
}

/* Text NUMBER: of a length of its own, in one spelling or two. */
static struct field_value
numbered(uint32_t number, char *buf, size_t size, struct span spans[2])
{
	int len = snprintf(buf, size, "%u/", number);

	assert_true(len > 0);
	memset(buf + len, 'a' + (int)(number % 26), size - (size_t)len);
	spans[0] = (struct span){ buf, (size_t)len + number * 37 % 700 };
	spans[1] = (struct span){ buf, number % 11 };
	return (struct field_value){ .state = FIELD_VALUE, .count = 1 + number % 2,
		.texts = spans };
}

/* Far more than the ring holds: what is found is right, the newest are, the oldest are not. */
static void
the_newest_lie_over_the_oldest(void **state)
{
	enum { MANY = 20000 };
	struct random random = { 3 };
	char buf[720];
	struct span spans[2];

	(void)state;
	for (uint32_t i = 1; i <= MANY; i++) {
		struct field_value value = numbered(i, buf, sizeof(buf), spans);
		uint32_t ago = random_below(&random, 400);

		assert_int_equal(kept(i % 3, &value), 0);
		keep(i % 3, &value, i);
		assert_int_equal(kept(i % 3, &value), i);
		if (ago >= i)
			continue;
		value = numbered(i - ago, buf, sizeof(buf), spans);
		if (kept((i - ago) % 3, &value) != 0)
			assert_int_equal(kept((i - ago) % 3, &value), i - ago);
		else
			assert_true(ago > 2);
	}
	for (uint32_t i = 1; i <= MANY; i++) {
		struct field_value value = numbered(i, buf, sizeof(buf), spans);
		uint64_t mark = kept(i % 3, &value);

		assert_true(mark == 0 || mark == i);
		if (i < MANY / 2)
			assert_int_equal(mark, 0);
	}
	assert_true(texts.head > 100 * texts.bytes);
}

/* Entry NUMBER of those that fill the ring to its last byte; its text is good until the next. */
static struct field_value
filling(uint32_t number)
{
	static char text[64 - 16 - 16 + 1]; /* entries of 64 bytes, with two words of bits */

	(void)snprintf(text, sizeof(text), "%0*u", (int)sizeof(text) - 1, number);
	return one(text);
}

/* Two entries for each pair of the index, and no byte to spare: then the first is written over. */
static void
the_ring_is_used_to_its_last_byte(void **state)
{
	enum { COUNT = TEXTS_BYTES_MIN / 64 };
	struct field_value value;

	(void)state;
	assert_int_equal(texts.mask + 1, COUNT);
	for (uint32_t i = 0; i < COUNT; i++) {
		value = filling(i);
		keep_under(2 * i, 1, &value, i + 1);
	}
	assert_int_equal(texts.head, 2 * texts.bytes);
	for (uint32_t i = 0; i < COUNT; i++) {
		value = filling(i);
		assert_int_equal(kept_under(2 * i, 1, &value), i + 1);
	}
	value = filling(COUNT);
	keep_under(2, 1, &value, COUNT + 1); /* entry 1 lost its place in the index to it */
	assert_int_equal(kept_under(2, 1, &value), COUNT + 1);
	for (uint32_t i = 0; i < 4; i++) {
		value = filling(i);
		assert_int_equal(kept_under(2 * i, 1, &value), i < 2 ? 0 : i + 1);
	}
}

static void
a_size_that_is_no_power_of_two_will_do(void **state)
{
	struct field_value value = one("/etc/passwd");

	(void)state;
	texts_fini(&texts);
	assert_int_equal(texts_init(&texts, TEXTS_BYTES_MIN + 13, KEY), 0);
	for (uint64_t i = 1; i < 5000; i++) {
		keep_under(2 * i, 1, &value, i);
		assert_int_equal(kept_under(2 * i, 1, &value), i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_kept_is_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_equal_texts_are_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(of_a_pair_the_older_makes_room, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_longest_is_kept_and_the_next_refused, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(the_newest_lie_over_the_oldest, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_ring_is_used_to_its_last_byte, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(a_size_that_is_no_power_of_two_will_do, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
