/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "canon.h"
#include "loading.h"
#include "resolve.h"

static int
load(const char *file)
{
	diags_fini(&diags);
	return load_text(loader, file, &diags, &rules);
}

/* The canonical condition of the first rule after loading FILE with a loader of its own. */
static const char *
compiled(const char *file)
{
	loader_free(loader);
	rules_free(rules);
	rules = NULL;
	assert_non_null(loader = loader_new(NULL));
	if (load(file) < 0)
		fail_msg("%s: %s", file, diags.items[diags.count - 1].text);
	return canon_new(&rules->arena, rules->rules[0].tree).ptr;
}

/* The text of the first rule's condition with lists and exceptions put in. */
static const char *
expanded(const char *file)
{
	compiled(file);
	return rules->rules[0].text.text.ptr;
}

#define LIST(name, items) "- list: " name "\n  items: [" items "]\n"
#define MACRO(name, condition) "- macro: " name "\n  condition: " condition "\n"

static void
lists_are_put_in_as_text(void **state)
{
	(void)state;
	assert_string_equal(expanded(LIST("x", "i1, i2") RULE("r", "a.b in (x)")),
	    "a.b in ( i1, i2 )");
	assert_string_equal(expanded(LIST("x", "i1") MACRO("c", "a.b=1")
	    RULE("r", "a.b in x and c")), "a.b in i1 and c");
	assert_string_equal(expanded(LIST("x", "i1") RULE("r", "a.b=x")), "a.b= i1 ");
	assert_string_equal(expanded(LIST("x", "a.b") RULE("r", "x = 1")), "a.b = 1");
	assert_string_equal(expanded(LIST("x", "'y z', '\"q r\"'") RULE("r", "a.b in (x)")),
	    "a.b in ( \"y z\", \"q r\" )");
	assert_string_equal(expanded(LIST("x", "y") RULE("r", "a.b in (xy, a.x, 'x', x , x)")),
	    "a.b in (xy, a.x, 'x', y , y )");
	assert_string_equal(compiled(LIST("x", "y, z") RULE("r", "a.b=\"a x b\"")),
	    "a.b = \"a y, z b\"");
	assert_string_equal(compiled(LIST("two words", "open")
	    RULE("r", "a.b in (two words)")), "a.b in (open)");
}

static void
empty_lists_take_a_comma_with_them(void **state)
{
	(void)state;
	assert_string_equal(expanded(LIST("x", "") RULE("r", "a.b in (a, x, b)")),
	    "a.b in (a  , b)");
	assert_string_equal(expanded(LIST("x", "") RULE("r", "a.b in (x, b)")), "a.b in (   b)");
	assert_string_equal(expanded(LIST("x", "") RULE("r", "a.b in (x)")), "a.b in (  )");
	assert_string_equal(expanded(LIST("x", "") RULE("r", "a.b in (x,x)")), "a.b in (  )");
}

static void
later_lists_hit_what_earlier_ones_put_in(void **state)
{
	(void)state;
	assert_string_equal(compiled(LIST("c", "d") LIST("d", "q") RULE("r", "a.b in (c)")),
	    "a.b in (q)");
	assert_string_equal(compiled(LIST("l", "l") RULE("r", "a.b in (l)")), "a.b in (l)");
}

static void
lists_see_what_was_defined_before_their_last_change(void **state)
{
	(void)state;
	compiled(LIST("a", "x, y") LIST("b", "a, z") LIST("c", "d") LIST("d", "q")
	    RULE("r", "a.b in (b)"));
	assert_int_equal(rules->lists[1].value_count, 3);
	assert_string_equal(rules->lists[1].values[1].ptr, "y");
	assert_string_equal(rules->lists[2].values[0].ptr, "d");
	assert_true(rules->lists[0].used && rules->lists[1].used);
	assert_false(rules->lists[2].used || rules->lists[3].used);
	assert_int_equal(load("- list: c\n  items: [e]\n  override: {items: append}\n"), 0);
	assert_string_equal(rules->lists[2].values[0].ptr, "q");
	assert_int_equal(load("- list: a\n  items: [a]\n  override: {items: append}\n"), 0);
	assert_int_equal(rules->lists[0].value_count, 5);
}

static void
macros_are_put_in_as_trees(void **state)
{
	(void)state;
	assert_string_equal(compiled(MACRO("m", "a.b=1 or a.b=2") RULE("r", "m and c.d=1")),
	    "((a.b = 1 or a.b = 2) and c.d = 1)");
	assert_string_equal(compiled(RULE("r", "not m") MACRO("m", "not a.b=1")),
	    "not not a.b = 1");
	assert_string_equal(compiled(MACRO("m", "a.b=1") MACRO("n", "m and m") RULE("r", "n or m")),
	    "((a.b = 1 and a.b = 1) or a.b = 1)");
	assert_int_equal(rules->rules[0].parsed->children[0]->kind, AST_MACRO);
}

static void
undefined_and_circular_macros_are_refused(void **state)
{
	(void)state;
	assert_string_equal(load_codes(MACRO("m", "foo")), "ERR_VALIDATE");
	assert_string_equal(load_codes(MACRO("m", "m")), "ERR_VALIDATE");
	assert_string_equal(load_codes(MACRO("a", "b") MACRO("b", "c.d=1") RULE("r", "a")),
	    "ERR_VALIDATE");
	assert_string_equal(load_codes(MACRO("a", "c.d=1") MACRO("b", "a") MACRO("a", "b")),
	    "ERR_VALIDATE");
	assert_true(load(LIST("l", "x") RULE("r", "foo or not l2")) < 0);
	assert_non_null(strstr(diags.items[0].text, "no macro `foo`"));
	assert_int_equal(diags.items[0].column, 14);
	assert_true(load(MACRO("a", "c.d=1") MACRO("a", "a")) < 0);
	assert_non_null(strstr(diags.items[0].text, "in a circle"));
}

static void
broken_macro_is_told_once(void **state)
{
	(void)state;
	assert_true(load(MACRO("m", "a.b =") MACRO("n", "m") RULE("r", "m")
	    RULE("q", "n and")) < 0);
	assert_int_equal(diags.error_count, 2);
	assert_string_equal(diags.items[0].code, "LOAD_ERR_COMPILE_CONDITION");
	assert_non_null(strstr(diags.items[1].text, "rule `q`"));
}

static void
unused_is_told_in_order_and_only_without_error(void **state)
{
	(void)state;
	assert_string_equal(load_codes(LIST("l", "x") MACRO("m", "a.b=1") MACRO("n", "m")),
	    "UNUSED_MACRO UNUSED_LIST");
	assert_string_equal(load_codes(LIST("l", "x") RULE("r", "a.b=")), "ERR_COMPILE_CONDITION");
	assert_string_equal(load_codes(MACRO("m", "a.b=1") RULE("r", "m") "  source: other\n"),
	    "UNKNOWN_SOURCE UNUSED_MACRO");
}

static void
exceptions_are_pasted(void **state)
{
	(void)state;
	assert_string_equal(expanded(RULE("r", "a.b = 1") "  exceptions:\n"
	    "  - {name: pm, fields: [proc.name, fd.name], comps: [in, startswith],\n"
	    "     values: [[[dpkg, rpm], /etc/apt], [certbot, /etc/letsencrypt]]}\n"
	    "  - {name: none, fields: [a.b]}\n"
	    "  - {name: procs, fields: proc.name, comps: in, values: [puppet, chef]}\n"),
	    "(a.b = 1) and not ((proc.name in (dpkg, rpm) and fd.name startswith /etc/apt)"
	    " or (proc.name in (certbot) and fd.name startswith /etc/letsencrypt))"
	    " and not (proc.name in (puppet, chef))");
	assert_string_equal(expanded(RULE("r", "a.b = 1") "  exceptions:\n"
	    "  - {name: e, fields: [a.b, c.d, e.f], comps: [=, in, in],\n"
	    "     values: [['a b', 'x, y', '(z)'], ['\"q r\"', [v w, \"'t u'\"], l]]}\n"
	    LIST("l", "k")),
	    "(a.b = 1) and not ((a.b = \"a b\" and c.d in (x, y) and e.f in (z))"
	    " or (a.b = \"q r\" and c.d in (\"v w\", 't u') and e.f in ( k )))");
	assert_string_equal(expanded(RULE("r", "a.b = 1")
	    "  exceptions: [{name: e, fields: [a.b]}]\n"), "(a.b = 1)");
}

/* Where the error of loading FILE is. */
static void
assert_place(const char *file, int line, int column)
{
	assert_true(load(file) < 0);
	if (diags.items[0].line != line || diags.items[0].column != column)
		fail_msg("%s: %d:%d: %s", file, diags.items[0].line, diags.items[0].column,
		    diags.items[0].text);
}

static void
errors_are_shown_where_they_were_written(void **state)
{
	(void)state;
	assert_place(RULE("r", "a.b = 1 nd x"), 5, 22);
	assert_place(RULE("r", ">\n    a.b = 1 and\n\n    a.b !! 2"), 8, 9);
	assert_place(RULE("r", "|-\n    a.b = 1\n      nd c"), 7, 7);
	assert_place(RULE("r", "\"a.b = \\x41 and \\\n    c.d = 'x\""), 6, 11);
	assert_place(RULE("r", "'a.b = ''x'' and\n    c.d y'"), 6, 9);
	/* In what was appended, in an exception, at the name of a list, in a macro. */
	assert_place(RULE("r", "a.b = 1")
	    "- rule: r\n  condition: nd x\n  override: {condition: append}\n", 7, 14);
	assert_place(RULE("r", "a.b = 1") "  exceptions:\n  - name: e\n    fields: [a.b]\n"
	    "    values: [[x], [it's]]\n", 9, 22);
	assert_place("- list: l\n  items: [x, y]\n" RULE("r", "c.d in (l) and a.b = l"), 7, 35);
	assert_place("- macro: m\n  condition: n\n" RULE("r", "m"), 2, 14);
}

static void
positions_of_a_tree_lead_back_to_macro_and_rule(void **state)
{
	const struct ast_node *tree;
	struct source_place place;

	(void)state;
	compiled("- macro: m\n  condition: >\n    a.b = 1\n    or c.d = 2\n"
	    RULE("r", "e.f = 3 and m"));
	tree = rules->rules[0].tree;
	place = rule_place(&rules->rules[0], &tree->children[1]->children[1]->op_at);
	assert_int_equal(place.line, 4);
	assert_int_equal(place.column, 12);
	place = rule_place(&rules->rules[0], &tree->children[0]->right->at);
	assert_int_equal(place.line, 9);
	assert_int_equal(place.column, 20);
}

/* Load COUNT macros, each made from the one before by FORMAT (two numbers: before, before). */
static int
load_macros(int count, const char *tail)
{
	const size_t size = 1 << 20;
	char *file = malloc(size);
	struct text text;
	int err;

	assert_non_null(file);
	text_init(&text, file, size);
	text_string(&text, MACRO("m0", "a.b=1"));
	for (int i = 1; i < count; i++)
		text_format(&text, "- macro: m%d\n  condition: m%d and %s\n", i, i - 1,
		    tail ? tail : "");
	assert_false(text.truncated);
	err = load(file);
	free(file);
	return err;
}

static void
trees_without_end_are_refused(void **state)
{
	char *file = malloc(1 << 16);
	struct text text;

	(void)state;
	assert_non_null(file);
	text_init(&text, file, 1 << 16);
	text_string(&text, MACRO("m0", "a.b=1"));
	for (int i = 1; i < 64; i++)
		text_format(&text, "- macro: m%d\n  condition: m%d or m%d\n", i, i - 1, i - 1);
	assert_true(load(file) < 0);
	assert_non_null(strstr(diags.items[0].text, "too large"));
	free(file);
	assert_true(load_macros(RESOLVE_HEIGHT_MAX + 1, "c.d=1") < 0);
	assert_non_null(strstr(diags.items[0].text, "nested too deeply"));
}

static void
deep_but_bounded_trees_are_fine(void **state)
{
	(void)state;
	assert_int_equal(load_macros(RESOLVE_HEIGHT_MAX, "c.d=1"), 0);
	assert_int_equal(rules->macros[RESOLVE_HEIGHT_MAX - 1].height, RESOLVE_HEIGHT_MAX);
}

static void
container_info_is_removed_from_outputs(void **state)
{
	(void)state;
	assert_int_equal(load("- rule: r\n  desc: d\n  priority: info\n  condition: a.b=1\n"
	    "  output: x %container.info y %container.info\n"), 0);
	assert_string_equal(rules->rules[0].output.ptr, "x  y ");
	assert_string_equal(codes_of(&diags), "DEPRECATED_ITEM");
	assert_int_equal(rule_output_place(&rules->rules[0], 3).column, 29);
}

/* A back end that skips one rule and refuses another. */
static enum rule_verdict
judge_output(void *ctx, struct rule *rule, struct arena *arena, struct diags *list)
{
	(void)ctx;
	(void)arena;
	assert_null(rule->tree);
	if (!span_equal(rule->name, SPAN_OF("bad")))
		return RULE_GOOD;
	load_report(list, LOAD_ERR_COMPILE_OUTPUT, &(struct source_place){ .file = "x" }, "bad");
	return RULE_BAD;
}

static enum rule_verdict
judge_condition(void *ctx, const struct rule *rule, struct diags *list)
{
	(void)ctx;
	(void)list;
	assert_non_null(rule->tree);
	return span_equal(rule->name, SPAN_OF("skipped")) ? RULE_SKIPPED : RULE_GOOD;
}

static void
back_end_is_asked_in_order(void **state)
{
	const struct loader_options options = {
		.ops = { .check_output = judge_output, .check_condition = judge_condition }
	};

	(void)state;
	loader_free(loader);
	assert_non_null(loader = loader_new(&options));
	assert_int_equal(load(RULE("skipped", "a.b=1") RULE("good", "a.b=2")), 0);
	assert_int_equal(rules->rule_count, 1);
	assert_string_equal(rules->rules[0].name.ptr, "good");
	/* The output is judged before the condition is parsed; no error hides the next. */
	assert_true(load(RULE("bad", "a.b=") RULE("worse", "a.b=")) < 0);
	assert_int_equal(diags.error_count, 3);
	assert_string_equal(diags.items[0].code, "LOAD_ERR_COMPILE_OUTPUT");
	assert_string_equal(diags.items[1].code, "LOAD_ERR_COMPILE_CONDITION");
	assert_string_equal(diags.items[2].code, "LOAD_ERR_COMPILE_CONDITION");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, loading_set_up, loading_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lists_are_put_in_as_text),
		TEST(empty_lists_take_a_comma_with_them),
		TEST(later_lists_hit_what_earlier_ones_put_in),
		TEST(lists_see_what_was_defined_before_their_last_change),
		TEST(macros_are_put_in_as_trees),
		TEST(undefined_and_circular_macros_are_refused),
		TEST(broken_macro_is_told_once),
		TEST(unused_is_told_in_order_and_only_without_error),
		TEST(exceptions_are_pasted),
		TEST(errors_are_shown_where_they_were_written),
		TEST(positions_of_a_tree_lead_back_to_macro_and_rule),
		TEST(trees_without_end_are_refused),
		TEST(deep_but_bounded_trees_are_fine),
		TEST(container_info_is_removed_from_outputs),
		TEST(back_end_is_asked_in_order),
	};

	return cmocka_run_group_tests_name("resolve", tests, NULL, NULL);
}
