/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two spellings of a path: a check that counts for a match holds when one spelling satisfies it;
 * one that counts against a match (under `not`, however it got there) holds it back only when both
 * do.
 * Each operator and form of list, each way under `not`, each field, each setting of path_names.
 */
#include "events.h"

enum { TEXT_MAX = 1024 };

/* A field with two spellings, and what the kernel and the caller call it. */
static const struct spelled {
	const char *field, *kernel, *caller;
	bool slash; /* begins with one */
} fields[] = {
	{ "fd.name", "/rea/rean", "/link/linkn", true },
	{ "fs.path.name", "/rea/rean", "/link/linkn", true },
	{ "fd.directory", "/rea", "/link", true },
	{ "fd.filename", "rean", "linkn", false },
};

enum only { ANY, SLASH, WORD, WHOLE };

/*
 * A check, and whether it holds of the kernel's spelling alone and of the caller's.  $F is the
 * field, $K and $C its spellings.
 */
static const struct row {
	const char *check;
	bool kernel, caller;
	enum only only; /* fields that it is about */
} rows[] = {
	{ "$F exists", true, true, ANY },
	{ "$F = $K", true, false, ANY },
	{ "$F == $C", false, true, ANY },
	{ "$F = other", false, false, ANY },
	{ "$F != $K", false, true, ANY },
	{ "$F != $C", true, false, ANY },
	{ "$F != other", true, true, ANY },
	{ "$F < 0", true, true, SLASH },
	{ "$F <= 0", true, true, SLASH },
	{ "$F > 0", false, false, SLASH },
	{ "$F > 0", true, true, WORD },
	{ "$F >= 0", true, true, WORD },
	{ "$F < 0", false, false, WORD },
	{ "$F < tolower(\"$K\")", false, true, ANY },
	{ "$F <= tolower(\"$K\")", true, true, ANY },
	{ "$F > tolower(\"$C\")", true, false, ANY },
	{ "$F >= tolower(\"$C\")", true, true, ANY },
	{ "$F contains rea", true, false, ANY },
	{ "$F icontains LINK", false, true, ANY },
	{ "$F startswith $K", true, false, ANY },
	{ "$F endswith $C", false, true, ANY },
	{ "$F glob *rea*", true, false, ANY },
	{ "$F iglob *LINK*", false, true, ANY },
	{ "$F regex .*rea.*", true, false, ANY },
	{ "$F regex '.*(rea|link).*'", true, true, ANY },
	{ "$F in ($K)", true, false, ANY },
	{ "$F in (other, $C)", false, true, ANY },
	{ "$F in ($K, $C)", true, true, ANY },
	{ "$F in ()", false, false, ANY },
	{ "$F intersects (other, $C)", false, true, ANY },
	{ "$F pmatch ($K)", true, false, ANY },
	{ "$F pmatch (/other, $C)", false, true, ANY },
	{ "$F pmatch (/)", true, true, ANY },
	{ "$F = oneof ($K, other)", true, false, ANY },
	{ "$F = oneof ($K, $C)", true, true, ANY },
	{ "$F = oneof ($K, $K)", false, false, ANY },
	{ "$F = anyof ($C, other)", false, true, ANY },
	{ "$F == allof ($K, $K)", true, false, ANY },
	{ "$F != anyof ($K, $C)", true, true, ANY },
	{ "$F != allof ($K, other)", false, true, ANY },
	{ "$F != oneof ($K, $K)", false, false, ANY },
	{ "$F contains oneof (rea, other)", true, false, ANY },
	{ "$F icontains allof (LIN, NK)", false, true, ANY },
	{ "$F startswith anyof ($K, $C)", true, true, ANY },
	{ "$F endswith oneof (n, other)", true, true, WHOLE },
	{ "$F glob allof (*rea*, *ea*)", true, false, ANY },
	{ "$F iglob anyof (*LIN*, *X*)", false, true, ANY },
	{ "$F regex anyof (.*rea.*, .*x.*)", true, false, ANY },
	{ "$F = tolower(\"$K\")", true, false, ANY },
	{ "$F in tolower(\"$C\")", false, true, ANY },
	{ "$F startswith concat(\"$K\", \"\")", true, false, ANY },
	{ "fd.nameraw = val($F)", false, true, WHOLE },
	{ "fd.nameraw != val($F)", true, false, WHOLE },
	{ "fd.nameraw in val($F)", false, true, WHOLE },
	{ "fd.nameraw startswith val($F)", false, true, WHOLE },
	{ "$F = val(fd.nameraw)", false, true, WHOLE },
	{ "$F in val(fd.nameraw)", false, true, WHOLE },
	{ "toupper($F) contains REA", true, false, ANY },
	{ "tolower($F) != $C", true, false, ANY },
	{ "basename($F) = rean", true, false, WHOLE },
	{ "len($F) = 9", true, false, WHOLE },
	{ "len($F) in (9, 11)", true, true, WHOLE },
	{ "concat($F, \"x\") endswith nx", true, true, WHOLE },
	{ "concat($F, \"x\") = \"$Kx\"", true, false, ANY },
	{ "join(\"-\", ($F, 7)) = \"$K-7\"", true, false, ANY },
	{ "join(\"-\", (7, $F)) endswith \"-$C\"", false, true, ANY },
	{ "join(\"-\", ($F, 7)) regex '.*(rea|link)n?-7'", true, true, ANY },
	{ "join($F, (1, 2)) = \"1$C\"", false, false, ANY },
	{ "join($F, (1, 2)) startswith \"1$C\"", false, true, ANY },
};

static bool
row_is_about(const struct row *row, const struct spelled *field)
{
	switch (row->only) {
	case ANY: return true;
	case SLASH: return field->slash;
	case WORD: return !field->slash;
	case WHOLE: return field->slash && strchr(field->kernel + 1, '/') != NULL;
	}
	return false;
}

/* Write TEMPLATE into BUF, which has TEXT_MAX bytes, with the words of FIELD put in. */
static const char *
expand(char *buf, const char *template, const struct spelled *field)
{
	struct text text;

	text_init(&text, buf, TEXT_MAX);
	for (; *template != '\0'; template++) {
		if (template[0] != '$') {
			text_char(&text, *template);
			continue;
		}
		template++;
		text_string(&text, *template == 'F' ? field->field
		    : *template == 'K'              ? field->kernel
		                                    : field->caller);
	}
	return buf;
}

/* Is the truth of FORM, which has %s for the check, EXPECTED? */
static void
expect_form(const char *form, const char *check, bool expected)
{
	char condition[2 * TEXT_MAX];
	const char *why = "";
	int result;

	(void)snprintf(condition, sizeof(condition), form, check);
	if ((result = holds(&events, condition, &why)) != (int)expected)
		fail_msg("%s: %s, expected %s", condition,
		    result < 0 ? why : result ? "holds" : "does not hold",
		    expected ? "that it holds" : "that it does not");
}

/* Each way to put a check under an even and an odd number of `not`. */
static void
expect_forms(const char *check, bool some, bool every)
{
	expect_form("%s", check, some);
	expect_form("evt.type = openat and (%s)", check, some);
	expect_form("not (not (%s))", check, some);
	expect_form("not not (%s)", check, some);
	expect_form("not (evt.type = close or not (%s))", check, some);
	expect_form("not (%s)", check, !every);
	expect_form("not not not (%s)", check, !every);
	expect_form("not (evt.type = openat and %s)", check, !every);
	expect_form("not (%s or evt.type = close)", check, !every);
	expect_form("not (not (not (%s)))", check, !every);
}

static void
begin_event(void)
{
	event_openat(&events, context_task(&events, 0, "cat", "", 0), "/link/linkn", "/rea/rean");
}

static void
each_operator_under_each_not(void **state)
{
	char check[TEXT_MAX];

	(void)state;
	begin_event();
	for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			const struct row *row = &rows[i];

			if (!row_is_about(row, &fields[f]))
				continue;
			(void)expand(check, row->check, &fields[f]);
			events.view.path_names = PATH_NAMES_BOTH;
			expect_forms(check, row->kernel || row->caller,
			    row->kernel && row->caller);
			events.view.path_names = PATH_NAMES_KERNEL;
			expect_forms(check, row->kernel, row->kernel);
			events.view.path_names = PATH_NAMES_CALLER;
			expect_forms(check, row->caller, row->caller);
		}
	}
	events.view.path_names = PATH_NAMES_BOTH;
}

/* Two spellings on both sides: some pair for a match, every pair against one. */
static void
both_sides_are_compared_pair_by_pair(void **state)
{
	(void)state;
	begin_event();
	expect_forms("fd.name = val(fs.path.name)", true, false);
	expect_forms("fd.name != val(fs.path.name)", true, false);
	expect_forms("fd.name in val(fs.path.name)", true, false);
	expect_forms("fd.name = concat(fd.directory, \"/linkn\")", true, false);
	expect_forms("fd.name startswith val(fd.directory)", true, false);
	expect_forms("fd.name contains val(fd.nameraw)", true, false);
}

/* Every field that is marked has a row here, so that a new one is not forgotten. */
static void
each_marked_field_is_tested(void **state)
{
	(void)state;
	for (uint32_t id = 0; id < F_COUNT; id++) {
		bool found = false;

		for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++)
			found = found || strcmp(fields[f].field, field_info(id)->name) == 0;
		if (found != ((field_info(id)->flags & FIELD_TWO_PATHS) != 0))
			fail_msg("%s", field_info(id)->name);
	}
	begin_event();
	for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++)
		assert_shown(&events, fields[f].field, fields[f].kernel);
}

/* --- rule files --- */

/* Does the only rule of TEXT match the event? */
static bool
file_matches(const char *text)
{
	const struct ruleset_options options = { .priority = PRIORITY_DEBUG };
	static struct ruleset_file file;
	struct ruleset_result result = { .valid = false };
	struct ruleset ruleset;
	struct eval eval;
	bool matched;

	(void)snprintf(file.name, sizeof(file.name), "rules.yaml");
	file.bytes = (char *)text;
	file.len = strlen(text);
	if (ruleset_load(&ruleset, &file, 1, &options, &result) < 0)
		fail_msg("%s: %s", text, result.diags.items[0].text);
	diags_fini(&result.diags);
	assert_int_equal(eval_init(&eval, &ruleset.program, 1, MATCH_FIRST), 0);
	assert_int_equal(contexts_size_truth(&events.contexts, ruleset.program.predicate_count), 0);
	view_begin(&events.view, &events.record);
	(void)eval_event(&eval, &events.view);
	matched = eval.match_count > 0;
	eval_fini(&eval);
	ruleset_fini(&ruleset);
	return matched;
}

#define REST "  desc: d\n  output: o\n  priority: INFO\n"

/* A rule of CONDITION behind the macros m, which is CHECK, and n, which is not m. */
static void
expect_macro(const char *condition, const char *check, bool expected)
{
	char text[4 * TEXT_MAX];

	(void)snprintf(text, sizeof(text),
	    "- macro: m\n  condition: >\n    %s\n- macro: n\n  condition: not m\n"
	    "- rule: r\n  condition: evt.type = openat and %s\n" REST, check, condition);
	if (file_matches(text) != expected)
		fail_msg("m: %s; %s", check, condition);
}

static void
macros_carry_the_not_into_their_checks(void **state)
{
	char check[TEXT_MAX];

	(void)state;
	begin_event();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool some = rows[i].kernel || rows[i].caller;
		bool every = rows[i].kernel && rows[i].caller;

		if (!row_is_about(&rows[i], &fields[0]))
			continue;
		(void)expand(check, rows[i].check, &fields[0]);
		expect_macro("m", check, some);
		expect_macro("not n", check, some);
		expect_macro("n", check, !every);
		expect_macro("not m", check, !every);
		expect_macro("(m or not m)", check, true);
		expect_macro("(m and not m)", check, some && !every);
	}
}

/* An exception excuses only what both spellings excuse. */
static void
exceptions_count_against_a_match(void **state)
{
	static const struct {
		const char *exception;
		bool excused;
	} cases[] = {
		{ "fields: $F, values: [$K]", false },
		{ "fields: $F, values: [$C]", false },
		{ "fields: $F, values: [$K, $C]", true },
		{ "fields: [$F], values: [[$K]]", false },
		{ "fields: [$F], values: [[$K], [$C]]", false },
		{ "fields: [$F], comps: ['!='], values: [[$K]]", false },
		{ "fields: [$F], comps: ['!='], values: [[other]]", true },
		{ "fields: [$F], comps: [in], values: [[[$K, $C]]]", true },
		{ "fields: [$F], comps: [startswith], values: [[$K]]", false },
		{ "fields: [$F], comps: [contains], values: [[n]]", false },
		{ "fields: [$F, evt.type], comps: [glob, '='], values: [['*', openat]]", true },
		{ "fields: [$F, evt.type], comps: [glob, '='], values: [['*rea*', openat]]",
		    false },
		{ "fields: $F, comps: pmatch, values: [$K, $C]", true },
		{ "fields: $F, comps: pmatch, values: [$C]", false },
		{ "fields: $F, comps: intersects, values: [$K, $C]", true },
		{ "fields: $F, comps: startswith anyof, values: [$K, $C]", true },
		{ "fields: $F, comps: startswith anyof, values: [$K]", false },
		{ "fields: [tolower($F)], values: [[$K]]", false },
		{ "fields: [tolower($F)], comps: [in], values: [[[$K, $C]]]", true },
	};
	char exception[TEXT_MAX], text[2 * TEXT_MAX];

	(void)state;
	begin_event();
	for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			bool excused = cases[i].excused;

			if (strstr(cases[i].exception, "[[n]]") != NULL)
				excused = strcmp(fields[f].field, "fd.directory") != 0;
			(void)snprintf(text, sizeof(text),
			    "- rule: r\n  condition: evt.type = openat\n" REST
			    "  exceptions:\n    - {name: e, %s}\n",
			    expand(exception, cases[i].exception, &fields[f]));
			if (file_matches(text) != !excused)
				fail_msg("%s", text);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, events_set_up, events_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_marked_field_is_tested),
		TEST(each_operator_under_each_not),
		TEST(both_sides_are_compared_pair_by_pair),
		TEST(macros_carry_the_not_into_their_checks),
		TEST(exceptions_count_against_a_match),
	};

	evtcode_init();
	layout_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
