/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "canon.h"
#include "parse.h"

enum { ARENA_BYTES = 16 << 20, NEST_MAX = 10000 };

static struct arena arena;
static struct parse_error error;

static struct ast_node *
parse(const char *text, uint32_t depth_max)
{
	struct ast_node *tree = NULL;
	int err = parse_condition(&arena, span_text(text), 0, depth_max, &tree, &error);

	assert_int_equal(err == 0, tree != NULL);
	return tree;
}

static void
assert_accepts(const char *text)
{
	if (parse(text, PARSE_DEPTH_BARE) == NULL)
		fail_msg("refused: %s: %s", text, error.text);
}

static void
assert_refuses(const char *text, uint32_t column)
{
	if (parse(text, PARSE_DEPTH_BARE) != NULL)
		fail_msg("accepted: %s", text);
	if (error.at.column != column)
		fail_msg("%s: column %u: %s", text, error.at.column, error.text);
}

static void
chains_are_one_node_and_parentheses_another(void **state)
{
	struct ast_node *tree = parse("a or b and c and d or (e or f)", PARSE_DEPTH_BARE);

	(void)state;
	assert_int_equal(tree->kind, AST_OR);
	assert_int_equal(tree->child_count, 3);
	assert_int_equal(tree->children[1]->kind, AST_AND);
	assert_int_equal(tree->children[1]->child_count, 3);
	assert_int_equal(tree->children[2]->kind, AST_OR);
}

static void
runs_of_not_collapse_by_parity(void **state)
{
	(void)state;
	assert_int_equal(parse("not not a", 100)->kind, AST_MACRO);
	assert_int_equal(parse("not not(a)", 100)->kind, AST_MACRO);
	assert_int_equal(parse("not not (a)", 100)->kind, AST_MACRO);
	assert_int_equal(parse("not not not a", 100)->kind, AST_NOT);
	assert_int_equal(parse("not (not a)", 100)->children[0]->kind, AST_NOT);
	assert_int_equal(parse("nota", 100)->kind, AST_MACRO);
}

static void
values_keep_what_they_were(void **state)
{
	struct ast_node *tree = parse("a.b[x y] = 1", 100);

	(void)state;
	assert_null(tree);
	tree = parse("a.b[\"x y\"] == 'c d'", 100);
	assert_int_equal(tree->op, OP_EQEQ);
	assert_true(tree->left->has_argument);
	assert_true(span_equal(tree->left->argument, SPAN_OF("x y")));
	assert_true(span_equal(tree->left->text, SPAN_OF("a.b")));
	assert_true(tree->right->quoted);
	assert_int_equal(tree->op_at.column, 12);
	assert_int_equal(parse("a.b > 0x1", 100)->right->kind, VALUE_NUMBER);
	assert_int_equal(parse("a.b in c", 100)->right->kind, VALUE_NAME);
	assert_int_equal(parse("a.b in (c, d)", 100)->right->item_count, 2);
	assert_int_equal(parse("a.b = val(c.d)", 100)->right->items[0]->kind, VALUE_FIELD);
	assert_int_equal(parse("a.b exists", 100)->op, OP_EXISTS);
	assert_null(parse("a.b exists", 100)->right);
}

static void
modifiers_are_words_without_a_list(void **state)
{
	(void)state;
	assert_int_equal(parse("a.b == oneof (x)", 100)->modifier, MODIFIER_ONEOF);
	assert_int_equal(parse("a.b contains allof names", 100)->modifier, MODIFIER_ALLOF);
	assert_int_equal(parse("a.b == oneof oneof", 100)->modifier, MODIFIER_ONEOF);
	assert_int_equal(parse("a.b == oneof", 100)->modifier, MODIFIER_NONE);
	assert_int_equal(parse("a.b == anyof and m", 100)->kind, AST_AND);
	assert_int_equal(parse("a.b == anyof android", 100)->modifier, MODIFIER_ANYOF);
	assert_refuses("a.b = oneof and_x", 16);
	assert_refuses("a.b == oneof(x)", 13);
	assert_refuses("a.b ==oneof (x)", 13);
}

static void
blanks_matter_where_they_do(void **state)
{
	(void)state;
	assert_accepts("a.b in(x)");
	assert_accepts("a.b inxyz");
	assert_accepts("a.b existsand m");
	assert_accepts("(a)and(b)");
	assert_accepts("a.b>1and c");
	assert_accepts("a.b='x'and c");
	assert_refuses("a.b=1and c", 10);
	assert_refuses("a.b contains'x'", 13);
	assert_refuses("a.b = (x)", 7);
	assert_refuses("b64 (a.b) exists", 5);
	assert_refuses("a and b)", 8);
	assert_refuses("a or(b) and c", 9);
	assert_refuses("", 1);
	assert_refuses("a.b = 'x", 7);
	assert_refuses("a.b in (x,)", 11);
	assert_refuses("a.b['']=x", 5);
}

/* PREFIX n times, INSIDE, `)` n times. */
static const char *
nested(const char *prefix, int n, const char *inside)
{
	static char text[NEST_MAX * 6];
	struct text out;

	text_init(&out, text, sizeof(text));
	for (int i = 0; i < n; i++)
		text_string(&out, prefix);
	text_string(&out, inside);
	for (int i = 0; i < n; i++)
		text_string(&out, ")");
	assert_false(out.truncated);
	return text;
}

static void
depth_is_counted_not_felt(void **state)
{
	(void)state;
	assert_non_null(parse(nested("(", 19, "m"), PARSE_DEPTH_BARE));
	assert_null(parse(nested("(", 20, "m"), PARSE_DEPTH_BARE));
	assert_non_null(parse(nested("(", 198, "evt.type=open"), PARSE_DEPTH_RULES));
	assert_null(parse(nested("(", 199, "evt.type=open"), PARSE_DEPTH_RULES));
	assert_non_null(parse(nested("not(", 23, "m"), PARSE_DEPTH_BARE));
	assert_null(parse(nested("not(", 24, "m"), PARSE_DEPTH_BARE));
	assert_null(parse(nested("(", NEST_MAX, "m"), PARSE_DEPTH_RULES));
	assert_null(parse(nested("b64(", NEST_MAX, "a.b"), PARSE_DEPTH_RULES));
	assert_non_null(strstr(error.text, "depth limit 1000"));
}

static void
full_arena_is_an_error(void **state)
{
	struct ast_node *tree;
	struct arena small;

	(void)state;
	arena_init(&small, 0);
	assert_int_not_equal(parse_condition(&small, SPAN_OF("a"), 0, 100, &tree, &error), 0);
	assert_non_null(strstr(error.text, "no room"));
	arena_fini(&small);
}

static void
operands_stand_alone(void **state)
{
	struct ast_value *value;

	(void)state;
	assert_int_equal(parse_operand(&arena, SPAN_OF("proc.aname[2]"), false, &value, &error), 0);
	assert_int_equal(parse_operand(&arena, SPAN_OF("len( a.b )"), false, &value, &error), 0);
	assert_int_equal(value->kind, VALUE_TRANSFORM);
	assert_int_equal(parse_operand(&arena, SPAN_OF("val(a.b)"), true, &value, &error), 0);
	assert_true(parse_operand(&arena, SPAN_OF("val(a.b)"), false, &value, &error) < 0);
	assert_true(parse_operand(&arena, SPAN_OF("a.b "), false, &value, &error) < 0);
	assert_true(parse_operand(&arena, SPAN_OF("a"), true, &value, &error) < 0);
}

static int
arena_setup(void **state)
{
	(void)state;
	arena_init(&arena, ARENA_BYTES);
	return 0;
}

static int
arena_teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, arena_setup, arena_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(chains_are_one_node_and_parentheses_another),
		TEST(runs_of_not_collapse_by_parity),
		TEST(values_keep_what_they_were),
		TEST(modifiers_are_words_without_a_list),
		TEST(blanks_matter_where_they_do),
		TEST(depth_is_counted_not_felt),
		TEST(full_arena_is_an_error),
		TEST(operands_stand_alone),
	};

	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
