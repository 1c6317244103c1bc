/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "events.h"

#include "parse.h"
#include "program.h"

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

/* Equal functions are one, and what only prints alike is not taken for equal. */
static void
equal_functions_are_one(void **state)
{
	(void)state;
	(void)compile("toupper(proc.name) = A and toupper( proc.name ) = B");
	assert_int_equal(compiler.accessor_count, 2);
	(void)compile("concat(\"a,b\", \"c\") = x or concat(\"a\", \"b,c\") = x");
	assert_int_equal(compiler.accessor_count, 2 + 4 + 2);
	(void)compile("getopt(fd.types, \"t:\")[t] = x or getopt(fd.types, \"t:\")[u] = x");
	assert_int_equal(compiler.accessor_count, 8 + 2 + 2);
	assert_int_equal(compiler.predicate_count, 6);
}

static void
equal_patterns_are_one(void **state)
{
	(void)state;
	(void)compile("proc.name regex 'a.*b' or proc.pname regex 'a.*b' or fd.name regex 'a.*'");
	assert_int_equal(compiler.regex_count, 2);
}

/* A predicate depends on what its arguments, and its right side, depend on. */
static void
functions_depend_on_their_arguments(void **state)
{
	const struct predicate *predicates;

	(void)state;
	(void)compile("toupper(proc.name) = A or concat(proc.name, fd.name) = x"
	              " or proc.name = val(proc.pname) or proc.name = val(fd.name)"
	              " or syscall.type = open");
	predicates = compiler.predicates;
	assert_int_equal(compiler.predicate_count, 5);
	assert_true(predicates[0].context_only);
	assert_false(predicates[1].context_only);
	assert_true(predicates[2].context_only);
	assert_false(predicates[3].context_only);
	assert_true(predicates[4].code_only);
}

static void
functions_must_fit_types(void **state)
{
	(void)state;
	assert_refused(&events, "toupper(evt.num) = A",
	    "takes a text here, and `evt.num` is a number");
	assert_refused(&events, "concat(proc.name) = A", "takes at least 2 arguments, got 1");
	assert_refused(&events, "tolower(proc.name, proc.pname) = a",
	    "takes exactly 1 argument, got 2");
	assert_refused(&events, "join(\"a\", \"b\", \"c\") = a",
	    "takes exactly 2 arguments, got 3");
	assert_refused(&events, "join(\"a\", proc.name) = a", "takes a list here");
	assert_refused(&events, "concat(fd.types, \"a\") = a", "`fd.types` is a list");
	assert_refused(&events, "toupper(fd.ip) = A", "`fd.ip` can not stand in a function");
	assert_refused(&events, "toupper(proc.nmae) = A", "nonexistent field `proc.nmae`");
	assert_refused(&events, "toupper(proc.name)[x] = A", "can not be followed by [...]");
	assert_refused(&events, "getopt(fd.types, \"t\")[tt] = A", "selects one option");
	assert_refused(&events, "getopt(fd.types, \"t\") = A",
	    "is a list, which `=` can not compare");
	assert_refused(&events, "toupper(evt.outputtime) = A", "for outputs only");
}

static void
fields_on_the_right_must_fit(void **state)
{
	(void)state;
	assert_refused(&events, "proc.pid = val(proc.name)",
	    "`proc.pid` has type INT64, and `proc.name` type TEXT");
	assert_refused(&events, "evt.num = val(proc.pid)", "type UINT64");
	assert_refused(&events, "fd.types in val(proc.name)", "`fd.types` is");
	assert_refused(&events, "proc.name in getopt(fd.types, \"a\")", "is a list, and");
	assert_refused(&events, "fd.cip = val(fd.ip)", "`fd.ip` can not stand on the right side");
	assert_refused(&events, "fd.net = val(fd.cnet)", "with constants only");
	assert_refused(&events, "proc.name regex val(proc.pname)", "`regex` takes constants only");
	assert_refused(&events, "proc.name pmatch val(proc.pname)",
	    "`pmatch` takes constants only");
	assert_refused(&events, "proc.name = val(proc.pname)[1]", "can not be followed by [...]");
	assert_refused(&events, "evt.type = val(proc.name)", "constants only");
	assert_refused(&events, "toupper(evt.type) = OPEN", "constants only");
}

static void
bad_patterns_are_refused(void **state)
{
	(void)state;
	assert_refused(&events, "proc.name regex 'a\\\\d'",
	    "not a regular expression: invalid escape");
	assert_refused(&events, "proc.name regex anyof (a, '(b')", "missing )");
	assert_refused(&events, "proc.name regex 'a{0,1001}'", "repetition");
	assert_refused(&events, "proc.name regex \"\\xff\"", "UTF-8");
}

/* Counts warnings by what they are about. */
static uint32_t warned[WARN_UNDELIVERED + 1];

static void
count_warning(void *ctx, enum compile_warning warning, const struct ast_value *value)
{
	(void)ctx;
	assert_true(value->text.len > 0);
	warned[warning]++;
}

static void
warnings_are_given_once_a_condition(void **state)
{
	(void)state;
	memset(warned, 0, sizeof(warned));
	compiler.warn = count_warning;
	(void)compile("evt.buffer contains a and len(evt.buffer) = 3 or evt.arg.cmd = x");
	assert_int_equal(warned[WARN_UNDELIVERED], 2);
	(void)compile("proc.name regex '^/etc/passwd$' or "
	              "proc.name regex anyof ('.*abc.*', 'a.b')");
	assert_int_equal(warned[WARN_PLAIN_REGEX], 2);
	(void)compile("proc.name regex 'a|b' or proc.name regex 'x\\\\.*'");
	assert_int_equal(warned[WARN_PLAIN_REGEX], 2);
	(void)compile("proc.name in (proc.pname, 'val(proc.pname)', \"toupper(proc.pname)\")");
	assert_int_equal(warned[WARN_LOOKS_LIKE_FIELD], 1);
	assert_int_equal(warned[WARN_LOOKS_LIKE_CALL], 2);
	compiler.undelivered = true;
	(void)compile("evt.buffer contains b");
	assert_int_equal(warned[WARN_UNDELIVERED], 2);
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
		TEST(equal_functions_are_one),
		TEST(equal_patterns_are_one),
		TEST(functions_depend_on_their_arguments),
		TEST(functions_must_fit_types),
		TEST(fields_on_the_right_must_fit),
		TEST(bad_patterns_are_refused),
		TEST(warnings_are_given_once_a_condition),
		TEST(places_are_exact),
		TEST(event_types_are_decided_ahead),
		TEST(an_empty_program_wants_nothing),
		TEST(large_conditions_compile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
