/* SPDX-License-Identifier: Apache-2.0 */
#include "events.h"

/* Each of these is judged by the engine too, and both have to agree: see events.h. */
struct expectation {
	const char *condition;
	bool holds;
};

static void
expect_each(const struct expectation *expectations, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (holds(&events, expectations[i].condition, NULL) != expectations[i].holds)
			fail_msg("%s", expectations[i].condition);
}

#define expect_all(rows) expect_each((rows), sizeof(rows) / sizeof((rows)[0]))

static void
texts_are_compared_as_the_language_says(void **state)
{
	static const struct expectation rows[] = {
		{ "proc.name = cat", true },
		{ "proc.name != cat", false },
		{ "proc.name < 9", false },
		{ "proc.name > 9", true },
		{ "proc.name <= 9", false },
		{ "proc.name >= 9", true },
		{ "proc.name contains a", true },
		{ "proc.name contains \"\"", true },
		{ "proc.name contains cats", false },
		{ "proc.name icontains AT", true },
		{ "proc.name icontains \"@\"", false },
		{ "proc.name startswith ca", true },
		{ "proc.name startswith at", false },
		{ "proc.name endswith at", true },
		{ "proc.name endswith ccat", false },
		{ "proc.name glob c?[!a-s]", true },
		{ "proc.name glob C*", false },
		{ "proc.name iglob C*", true },
		{ "proc.name iglob \"[[:upper:]]at\"", false },
		{ "proc.name iglob \"[[:lower:]]AT\"", true },
		{ "proc.name iglob \"[[=C=]]at\"", false },
		{ "proc.name iglob \"[[.c.]]AT\"", true },
		{ "proc.name regex c.t", true },
		{ "proc.name regex c.", false },
		{ "proc.name in (dog, cat)", true },
		{ "proc.name in ()", false },
		{ "proc.name intersects (cat)", true },
		{ "proc.exepath pmatch (/bin, /usr/b*)", true },
		{ "proc.exepath pmatch (/usr/bi)", false },
		{ "proc.name exists", true },
		{ "proc.pname exists", false },
		{ "proc.pname != x", false },
		{ "not proc.pname != x", true },
		{ "proc.name startswith oneof (c, ca)", false },
		{ "proc.name startswith anyof (x, ca)", true },
		{ "proc.name startswith allof (c, ca)", true },
		{ "proc.name startswith allof ()", false },
		{ "proc.name = tolower(\"CAT\")", true },
		{ "toupper(proc.name) = val(proc.name)", false },
		{ "len(proc.name) = 3", true },
	};
	uint64_t task = context_task(&events, 0, "cat", "", 0);

	(void)state;
	event_openat(&events, task, "/a", "/a");
	expect_all(rows);
}

static void
numbers_keep_their_sign(void **state)
{
	static const struct expectation rows[] = {
		{ "evt.rawres < 0", true },
		{ "evt.rawres > -3", true },
		{ "evt.rawres != -2", false },
		{ "evt.rawres in (5, -2)", true },
		{ "user.loginuid = 4294967295 or user.loginuid = -1", true },
		{ "user.uid >= 0", true },
		{ "evt.failed = true", true },
		{ "evt.around[1700000001000000000] = 0", true },
		{ "evt.around[1700000003000000000] = 1999", false },
		{ "evt.around[1700000003000000000] = 2000", true },
	};
	uint64_t task = context_task(&events, 0, "cat", "", 0);

	(void)state;
	event_openat(&events, task, "/a", NULL);
	expect_all(rows);
}

/* No choice of spelling hides an act, and none makes one of what is none. */
static void
either_spelling_is_enough_for_a_match_and_both_are_needed_against_one(void **state)
{
	static const struct expectation rows[] = {
		{ "fd.name = /k/x", true },
		{ "fd.name = /c/x", true },
		{ "fd.name = /o/x", false },
		{ "fd.name != /k/x", true },
		{ "not fd.name = /k/x", true },
		{ "not fd.name startswith /", false },
		{ "not not fd.name = /k/x", true },
		{ "not fd.name in (/k/x, /c/x)", false },
		{ "not fd.name in (/k/x, /o/x)", true },
		{ "not fd.name pmatch (/k, /c)", false },
		{ "not (fd.name = /k/x or proc.name = dog)", true },
		{ "fd.name startswith allof (/k, /k/)", true },
		{ "not fd.name startswith allof (/, /k)", true },
		{ "not fd.name startswith anyof (/, /k)", false },
		{ "fd.name startswith oneof (/k, /c)", true },
		{ "fd.name startswith allof (/k, /c)", false },
		{ "not fd.name startswith anyof (/k, /c)", false },
		{ "not fd.name startswith oneof (/k, /c)", false },
		{ "not fd.name startswith oneof (/k, /o)", true },
		{ "basename(fd.name) = x", true },
		{ "not basename(fd.name) = x", false },
		{ "len(fd.name) = 4", true },
	};
	uint64_t task = context_task(&events, 0, "cat", "", 0);

	(void)state;
	event_openat(&events, task, "/c/x", "/k/x");
	expect_all(rows);
}

static void
ancestors_and_lists_combine(void **state)
{
	static const struct expectation rows[] = {
		{ "proc.aname = init", true },
		{ "proc.aname != init", true },
		{ "not proc.aname = init", false },
		{ "proc.aname[2] = init", true },
		{ "proc.aname[2] != init", false },
		{ "proc.aname startswith oneof (in, ba)", false },
		{ "proc.aname regex i.*", true },
		{ "proc.args = \"-a b\"", true },
		{ "proc.aargs exists", true },
		{ "getopt((\"-a\", \"x\"), \"ab\") in (a, b)", true },
		{ "getopt((\"-ab\"), \"ab\") in (a)", false },
		{ "getopt((\"-ab\"), \"ab\") intersects (a)", true },
		{ "getopt((\"a\"), \"ab\") in (a)", true },
		{ "getopt((\"a\"), \"ab\") intersects (a)", false },
		{ "getopt((\"a\"), \"ab\") exists", true },
	};
	uint64_t init = context_task(&events, 0, "init", "", 0);
	uint64_t shell = context_task(&events, init, "bash", "", 0);
	uint64_t cat = context_task(&events, shell, "cat", "-a\0b", 5);

	(void)state;
	event_openat(&events, cat, "/a", "/a");
	expect_all(rows);
}

/* Load one file of rules. */
static void
load(struct ruleset *ruleset, const char *text)
{
	struct ruleset_options options = { .priority = PRIORITY_DEBUG };
	struct ruleset_file file = { .name = "rules.yaml", .bytes = (char *)(uintptr_t)text,
		.len = strlen(text) };
	struct ruleset_result result = { 0 };

	if (ruleset_load(ruleset, &file, 1, &options, &result) < 0)
		fail_msg("%s", result.diags.count > 0 ? result.diags.items[0].text : "no memory");
	diags_fini(&result.diags);
}

#define RULE(name, condition) \
	"- rule: " name "\n  desc: d\n  output: o\n  priority: info\n  condition: " condition "\n"

static const char four_rules[] =
    "- macro: cats\n  condition: proc.name in (cat, lion)\n"
    RULE("of others", "evt.type = mkdir and cats")
    RULE("not so", "evt.type = openat and not cats")
    RULE("disabled", "evt.type = openat and cats") "  enabled: false\n"
    RULE("second", "evt.type in (openat, mkdir) and cats")
    RULE("any event", "cats");

static void
rules_match_in_order_and_the_first_alone_when_asked(void **state)
{
	static struct oracle oracle;
	struct ruleset ruleset;
	uint64_t task = context_task(&events, 0, "cat", "", 0);

	(void)state;
	load(&ruleset, four_rules);
	event_openat(&events, task, "/a", "/a");
	assert_int_equal(oracle_init(&oracle, &ruleset, MATCH_ALL), 0);
	oracle_judge(&oracle, &events.view);
	assert_int_equal(oracle.match_count, 2);
	assert_int_equal(oracle.matches[0], 3);
	assert_int_equal(oracle.matches[1], 4);
	oracle_fini(&oracle);
	assert_int_equal(oracle_init(&oracle, &ruleset, MATCH_FIRST), 0);
	oracle_judge(&oracle, &events.view);
	assert_int_equal(oracle.match_count, 1);
	assert_int_equal(oracle.matches[0], 3);
	oracle_fini(&oracle);
	oracle_fini(&oracle);
	ruleset_fini(&ruleset);
}

/* What the engine borrows from the event stays as it is. */
static void
the_view_is_not_disturbed(void **state)
{
	static struct oracle oracle;
	struct ruleset ruleset;
	struct event_view before;
	uint64_t task = context_task(&events, 0, "cat", "", 0);
	struct span name;

	(void)state;
	load(&ruleset, RULE("r", "tolower(fd.name) = /a and concat(proc.name, fd.name) = CAT/A"));
	assert_int_equal(oracle_init(&oracle, &ruleset, MATCH_ALL), 0);
	event_openat(&events, task, "/A", "/A");
	name = (struct span){ scratch_take(&events.scratch, 4, 1), 4 };
	memcpy((char *)(uintptr_t)name.ptr, "kept", 4);
	before = events.view;
	for (int i = 0; i < 100000; i++)
		oracle_judge(&oracle, &events.view);
	assert_memory_equal(&before, &events.view, sizeof(before));
	assert_memory_equal(name.ptr, "kept", 4);
	assert_int_equal(events.scratch.used, 4);
	assert_int_equal(oracle.scratch.cut_count, 0);
	oracle_fini(&oracle);
	ruleset_fini(&ruleset);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, events_set_up, events_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(texts_are_compared_as_the_language_says),
		TEST(numbers_keep_their_sign),
		TEST(either_spelling_is_enough_for_a_match_and_both_are_needed_against_one),
		TEST(ancestors_and_lists_combine),
		TEST(rules_match_in_order_and_the_first_alone_when_asked),
		TEST(the_view_is_not_disturbed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
