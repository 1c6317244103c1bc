/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "events.h"

#include "parse.h"
#include "program.h"

static struct events events;
static struct arena arena;
static struct compiler compiler;

static int
set_up(void **state)
{
	(void)state;
	events_begin(&events);
	event_begin(&events, EV_openat, context_task(&events, 0, "cat", "", 0));
	event_end(&events, 3);
	arena_init(&arena, 64 << 20);
	compiler_init(&compiler, &arena, 1);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_fini(&arena);
	events_end(&events);
	return 0;
}

static struct condition
compile(const char *text)
{
	struct compile_error error;
	struct parse_error syntax;
	struct condition condition;
	struct ast_node *tree;

	assert_int_equal(
	    parse_condition(&arena, span_text(text), 0, PARSE_DEPTH_RULES, &tree, &syntax), 0);
	if (compile_condition(&compiler, tree, &condition, &error) < 0)
		fail_msg("%s: %s", text, error.text);
	return condition;
}

static void
equal_predicates_are_one(void **state)
{
	(void)state;
	(void)compile("proc.name = cat and fd.name startswith /etc");
	assert_int_equal(compiler.predicate_count, 2);
	(void)compile("proc.name == cat or not proc.name = cat or proc.name = \"cat\"");
	assert_int_equal(compiler.predicate_count, 2);
	(void)compile("proc.name in (a, b) and proc.name intersects (a, b)");
	assert_int_equal(compiler.predicate_count, 3);
	(void)compile("proc.name in (b, a)");
	assert_int_equal(compiler.predicate_count, 4);
	assert_int_equal(compiler.accessor_count, 2);
	/*
	 * A path that counts for a match and one that counts against it are not the same
	 * question.
	 */
	(void)compile("not fd.name startswith /etc");
	assert_int_equal(compiler.predicate_count, 5);
}

/* Constants that only look alike must not be taken for each other. */
static void
constants_keep_their_borders(void **state)
{
	(void)state;
	(void)compile("proc.name in (ab, c)");
	(void)compile("proc.name in (a, bc)");
	(void)compile("proc.name in (abc)");
	(void)compile("proc.name = abc");
	assert_int_equal(compiler.predicate_count, 4);
}

static void
negation_goes_to_the_leaves(void **state)
{
	struct condition condition = compile(
	    "not (proc.name = a and not (proc.name = b or proc.name = c))");
	const struct formula *formula = condition.formula;

	(void)state;
	assert_int_equal(formula->kind, FORMULA_OR);
	assert_true(formula->children[0]->negated);
	assert_int_equal(formula->children[1]->kind, FORMULA_OR);
	assert_false(formula->children[1]->children[0]->negated);
	assert_int_equal(condition.accessor_count, 1);
}

static void
operators_must_fit_types(void **state)
{
	(void)state;
	assert_refused(&events, "proc.pid contains 1",
	    "is a number, which `contains` can not compare");
	assert_refused(&events, "evt.failed < 1", "true or false");
	assert_refused(&events, "fd.sip startswith 10", "an address");
	assert_refused(&events, "fd.name bcontains 00", "a text");
	assert_refused(&events, "fd.sip regex anyof (a)", "an address");
	assert_refused(&events, "proc.pid = x", "expected a decimal number, got `x`");
	assert_refused(&events, "evt.type = nosuchevent", "unknown event type `nosuchevent`");
	assert_refused(&events, "evt.type contains zzz", "unknown event type `zzz`");
	assert_refused(&events, "evt.rawarg.tuple = x", "can only exist");
	assert_refused(&events, "evt.around[5] > 3", "with `=` only");
	assert_int_equal(holds(&events, "syscall.type = nosuchevent", NULL), 0);
	assert_int_equal(holds(&events, "evt.type in (switch, pread, container, vm86)", NULL), 0);
}

static void
what_is_not_there_yet_is_named(void **state)
{
	(void)state;
	assert_refused(&events, "proc.name regex 'a.*'", "not supported yet: the operator `regex`");
	assert_refused(&events, "toupper(proc.name) = A",
	    "not supported yet: the transformer `toupper(...)`");
	assert_refused(&events, "proc.name = val(proc.pname)", "not supported yet");
	assert_refused(&events, "proc.name in toupper(proc.pname)", "not supported yet");
}

static void
places_are_exact(void **state)
{
	struct parse_error syntax;
	struct compile_error error;
	struct condition condition;
	struct ast_node *tree;

	(void)state;
	assert_int_equal(parse_condition(&arena,
	                     SPAN_OF("proc.name = a\n  and proc.pid contains 1"), 0, 1000, &tree,
	                     &syntax),
	    0);
	assert_int_equal(compile_condition(&compiler, tree, &condition, &error), -EINVAL);
	assert_int_equal(error.at.line, 2);
	assert_int_equal(error.at.column, 16);
	assert_false(error.unknown);
	assert_int_equal(parse_condition(&arena, SPAN_OF("a.b = a"), 0, 1000, &tree, &syntax), 0);
	assert_int_equal(compile_condition(&compiler, tree, &condition, &error), -EINVAL);
	assert_true(error.unknown);
}

static uint64_t all_codes[EVTCODE_WORDS];

static struct program
program_of(const char *const *conditions, uint32_t count)
{
	struct program_source sources[8];
	struct program program;

	memcpy(all_codes, evtcode_universe(), sizeof(all_codes));
	for (uint32_t i = 0; i < count; i++)
		sources[i] = (struct program_source){ i, compile(conditions[i]).formula,
			all_codes };
	assert_int_equal(program_build(&compiler, sources, count, &program), 0);
	return program;
}

/* What the event code decides is not asked again. */
static void
event_types_are_decided_ahead(void **state)
{
	const char *conditions[] = {
		"evt.type in (open, openat) and proc.name = cat",
		"evt.type = mkdir",
		"proc.name = cat",
	};
	struct program program = program_of(conditions, 3);
	const struct program_class *class = &program.classes[program.class_of[EV_openat]];

	(void)state;
	assert_int_equal(class->rule_count, 2);
	/* what is left of both is the same */
	assert_int_equal(class->rules[0].entry, class->rules[1].entry);
	assert_int_equal(program.class_of[EV_open], program.class_of[EV_openat]);
	class = &program.classes[program.class_of[EV_mkdir]];
	assert_int_equal(class->rule_count, 2);
	assert_true(class->rules[0].entry == PROGRAM_MATCH);
	assert_int_equal(program.class_of[EV_unlink], program.class_of[EV_rename]);
	assert_int_equal(program.step_count, 1);
	/* open, mkdir, all others, and what is no event */
	assert_int_equal(program.class_count, 4);
}

static void
an_empty_program_wants_nothing(void **state)
{
	struct program program;

	(void)state;
	assert_int_equal(program_build(&compiler, NULL, 0, &program), 0);
	for (uint32_t code = 0; code < EVTCODE_COUNT; code++)
		assert_false(program_wants(&program, code));
}

/* Deep and wide conditions are work, not stack. */
static void
large_conditions_compile(void **state)
{
	static char text[512 * 1024];
	struct text out;
	const char *conditions[1] = { text };

	(void)state;
	text_init(&out, text, sizeof(text));
	for (int i = 0; i < 190; i++)
		text_string(&out, "(");
	text_string(&out, "proc.name = a");
	for (int i = 0; i < 190; i++)
		text_format(&out, " or proc.name = n%d)", i);
	for (int i = 0; i < 5000; i++)
		text_format(&out, " and proc.pid != %d", i);
	assert_false(out.truncated);
	(void)program_of(conditions, 1);
	assert_true(compiler.predicate_count > 5000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(equal_predicates_are_one),
		TEST(constants_keep_their_borders),
		TEST(negation_goes_to_the_leaves),
		TEST(operators_must_fit_types),
		TEST(what_is_not_there_yet_is_named),
		TEST(places_are_exact),
		TEST(event_types_are_decided_ahead),
		TEST(an_empty_program_wants_nothing),
		TEST(large_conditions_compile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
