/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "evttypes.h"
#include "parse.h"

/* Types of this test: one bit a name, but `open` has two. */
enum { OPEN = 3, CLOSE = 4, READ = 8, ALL = 15, REFUSED = -1 };

static struct arena arena;

static void
universe(void *ctx, uint64_t *set, size_t words)
{
	(void)ctx;
	assert_int_equal(words, 2);
	set[0] = 0;
	set[1] = ALL;
}

static void
add_name(void *ctx, struct span name, bool syscall, uint64_t *set, size_t words)
{
	(void)ctx;
	assert_int_equal(words, 2);
	if (span_equal(name, SPAN_OF("open")))
		set[1] |= OPEN;
	else if (span_equal(name, SPAN_OF("close")))
		set[1] |= CLOSE;
	else if (span_equal(name, SPAN_OF("read")) && !syscall)
		set[1] |= READ;
}

static int
types_of(const char *condition)
{
	static const struct evttypes_ops ops = { NULL, universe, add_name };
	const struct ast_node *refused = NULL;
	struct parse_error error;
	struct ast_node *tree;
	uint64_t set[2] = { 0, 0 };

	assert_int_equal(parse_condition(&arena, span_text(condition), 0, 100, &tree, &error), 0);
	if (evttypes_compute(tree, &ops, set, 2, &refused) < 0) {
		assert_non_null(refused);
		return REFUSED;
	}
	assert_int_equal(set[0], 0);
	return (int)set[1];
}

static void
assert_types(const char *condition, int types)
{
	int found = types_of(condition);

	if (found != types)
		fail_msg("%s: got %d, expected %d", condition, found, types);
}

static void
checks_on_the_type_restrict(void **state)
{
	(void)state;
	assert_types("evt.type = open", OPEN);
	assert_types("evt.type == open", OPEN);
	assert_types("evt.type != open", CLOSE | READ);
	assert_types("not evt.type != open", OPEN);
	assert_types("evt.type in (open, close)", OPEN | CLOSE);
	assert_types("not evt.type in (open, close)", READ);
	assert_types("evt.type in open", OPEN);
	assert_types("evt.type in ()", 0);
	assert_types("evt.type = nothing", 0);
	assert_types("evt.type exists", ALL);
	assert_types("not evt.type exists", 0);
	assert_types("syscall.type = open", OPEN);
	assert_types("syscall.type = read", 0);
}

static void
everything_else_says_nothing(void **state)
{
	(void)state;
	assert_types("proc.name = x", ALL);
	assert_types("not proc.name = x", ALL);
	assert_types("evt.type startswith open", ALL);
	assert_types("not evt.type startswith open", ALL);
	assert_types("evt.type == anyof (open)", ALL);
	assert_types("evt.type.is[1] = open", ALL);
	assert_types("evt.type[x] = open", ALL);
	assert_types("tolower(proc.name) = open", ALL);
}

static void
nodes_combine_with_negation_pushed_down(void **state)
{
	(void)state;
	assert_types("evt.type = open or evt.type = close", OPEN | CLOSE);
	assert_types("evt.type in (open, close) and evt.type != close", OPEN);
	assert_types("evt.type = open and evt.type = close", 0);
	assert_types("evt.type = open and not proc.name = x", OPEN);
	assert_types("evt.type = open or proc.name = x", ALL);
	assert_types("not (evt.type = open or proc.name = x)", CLOSE | READ);
	assert_types("not (evt.type = open and proc.name = x)", ALL);
	assert_types("not(not(not(evt.type = open)))", CLOSE | READ);
}

static void
event_number_is_never_below_one(void **state)
{
	(void)state;
	assert_types("evt.num = 0", 0);
	assert_types("not evt.num = 0", ALL);
	assert_types("evt.num < 1", 0);
	assert_types("evt.num < 2", ALL);
	assert_types("evt.num <= 0", 0);
	assert_types("evt.num in (0, 00)", 0);
	assert_types("evt.num in ()", 0);
	assert_types("evt.num in (0, 1)", ALL);
	assert_types("not evt.num != 0", 0);
	assert_types("not evt.num > 0", 0);
	assert_types("not evt.num >= 1", 0);
	assert_types("not evt.num >= 2", ALL);
	assert_types("not evt.num = 1", ALL);
	assert_types("evt.num = -1", ALL);
	assert_types("evt.num < 0x0", ALL);
	assert_types("evt.num < 4294967297", ALL);
	assert_types("evt.type = open or evt.num = 0", OPEN);
}

static void
transformed_types_are_refused(void **state)
{
	(void)state;
	assert_types("b64(evt.type) = close", REFUSED);
	assert_types("evt.type = b64(proc.name)", REFUSED);
	assert_types("proc.name = x or not evt.type = val(proc.name)", REFUSED);
	assert_types("join(',', (proc.name, evt.type)) = x", REFUSED);
}

static void
too_many_words_are_refused(void **state)
{
	static const struct evttypes_ops ops = { NULL, universe, add_name };
	static uint64_t set[EVTTYPES_WORDS_MAX + 1];
	struct parse_error error;
	struct ast_node *tree;

	(void)state;
	assert_int_equal(parse_condition(&arena, SPAN_OF("a.b = 1"), 0, 100, &tree, &error), 0);
	assert_true(evttypes_compute(tree, &ops, set, EVTTYPES_WORDS_MAX + 1, NULL) < 0);
}

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena, 1 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(checks_on_the_type_restrict),
		TEST(everything_else_says_nothing),
		TEST(nodes_combine_with_negation_pushed_down),
		TEST(event_number_is_never_below_one),
		TEST(transformed_types_are_refused),
		TEST(too_many_words_are_refused),
	};

	return cmocka_run_group_tests_name("evttypes", tests, NULL, NULL);
}
