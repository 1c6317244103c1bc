/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A build that judges twice notices when the engine is wrong.  tests/sanitize/checked_test.sh
 * builds this.
 */
#include "events.h"

#include <sys/wait.h>
#include <unistd.h>

#include "checked.h"
#include "log.h"

enum { SAID_BYTES = 8192 };

static const char rules[] =
	"- rule: reads\n  desc: d\n  condition: evt.type = openat and proc.name = cat\n"
	"  output: o\n  priority: INFO\n"
	"- rule: writes\n  desc: d\n  condition: evt.type = openat and fd.name = /b\n"
	"  output: o\n  priority: INFO\n";

static struct ruleset ruleset;
static struct eval eval;
static struct checked checked;

static int
set_up(void **state)
{
	static struct ruleset_file file = { .name = "a.yaml", .bytes = (char *)rules,
		.len = sizeof(rules) - 1 };
	const struct ruleset_options options = { .priority = PRIORITY_DEBUG };
	const struct eval_options plain = { .off = EVAL_NO_RESIDUALS };
	struct ruleset_result result = { 0 };

	(void)state;
	events_begin(&events);
	assert_int_equal(ruleset_load(&ruleset, &file, 1, &options, &result), 0);
	diags_fini(&result.diags);
	assert_int_equal(contexts_size_truth(&events.contexts, ruleset.program.predicate_count), 0);
	assert_int_equal(eval_init_with(&eval, &ruleset.program, 2, MATCH_ALL, &plain), 0);
	assert_int_equal(checked_init(&checked, &ruleset, MATCH_ALL), 0);
	event_openat(&events, context_task(&events, 0, "cat", "", 0), "/a", "/a");
	view_begin(&events.view, &events.record);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	checked_fini(&checked);
	eval_fini(&eval);
	ruleset_fini(&ruleset);
	events_end(&events);
	return 0;
}

static void
equal_answers_are_compared_and_pass(void **state)
{
	(void)state;
	assert_true(checked_event(&checked, &eval, &events.view));
	assert_int_equal(eval.match_count, 1);
	assert_int_equal(checked.compared_count, 1);
}

/* Judge in a process of its own; returns its exit code, and in SAID what it wrote. */
static int
judge_apart(char said[SAID_BYTES])
{
	size_t len = 0;
	ssize_t got;
	int ends[2], status;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		(void)dup2(ends[1], STDERR_FILENO);
		(void)checked_event(&checked, &eval, &events.view);
		_exit(0);
	}
	(void)close(ends[1]);
	while ((got = read(ends[0], said + len, SAID_BYTES - 1 - len)) > 0)
		len += (size_t)got;
	said[len] = '\0';
	(void)close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
a_wrong_memory_of_a_context_ends_the_program(void **state)
{
	static const char *const parts[] = { "openat of task", " name=/a", "engine: none",
		"oracle: \"reads\"", "rule \"reads\" reads", "proc.name: value \"cat\"",
		"the engine and the oracle differ" };
	struct context_entry *context;
	char said[SAID_BYTES];
	int code;

	(void)state;
	(void)checked_event(&checked, &eval, &events.view);
	view_begin(&events.view, &events.record);
	context = view_ancestor(&events.view, 0);
	assert_non_null(context);
	for (uint32_t i = 0; i < events.contexts.words; i++)
		context->truth[i] = 0;
	code = judge_apart(said);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(said, parts[i]) == NULL)
			fail_msg("\"%s\" is not in: %s", parts[i], said);
	assert_int_equal(code, EXIT_SYSTEM);
}

/* --- more than fits --- */

enum { LARGE_COUNT = 5, LARGE_TIMES = 40, LARGE_LEN = 1500, LARGE_RULE_BYTES = 16 * 1024 };

/* Checks on texts of FIELD that take more than half of the memory of an event. */
static void
large_checks(struct text *rule, const char *field)
{
	for (int i = 0; i < LARGE_COUNT; i++) {
		text_format(rule, " and concat(\"%d\"", i);
		for (int j = 0; j < LARGE_TIMES; j++)
			text_format(rule, ", %s", field);
		text_string(rule, ", \"z\") endswith z");
	}
}

static int
large_set_up(void **state)
{
	static char rule[LARGE_RULE_BYTES], name[LARGE_LEN + 1] = "/";
	static struct ruleset_file file = { .name = "a.yaml", .bytes = rule };
	const struct ruleset_options options = { .priority = PRIORITY_DEBUG };
	struct ruleset_result result = { 0 };
	struct text text;

	(void)state;
	_Static_assert(2 * LARGE_COUNT * LARGE_TIMES * LARGE_LEN > SCRATCH_BYTES, "both do not");
	_Static_assert(LARGE_COUNT * (LARGE_TIMES + 1) * (LARGE_LEN + 10) < SCRATCH_BYTES,
	    "one does");
	memset(name + 1, 'a', LARGE_LEN - 1);
	text_init(&text, rule, sizeof(rule));
	text_string(&text, "- rule: r\n  desc: d\n  output: o\n  priority: INFO\n"
	                   "  condition: evt.type = openat");
	large_checks(&text, "proc.cmdline");
	large_checks(&text, "fd.name");
	text_char(&text, '\n');
	assert_false(text.truncated);
	file.len = text.len;
	events_begin(&events);
	assert_int_equal(ruleset_load(&ruleset, &file, 1, &options, &result), 0);
	diags_fini(&result.diags);
	assert_int_equal(contexts_size_truth(&events.contexts, ruleset.program.predicate_count), 0);
	assert_int_equal(eval_init(&eval, &ruleset.program, 1, MATCH_ALL), 0);
	assert_int_equal(checked_init(&checked, &ruleset, MATCH_ALL), 0);
	event_openat(&events, context_task(&events, 0, "cat", name, LARGE_LEN), name, name);
	return 0;
}

/* What the engine remembers of a context needs no memory again; the oracle remembers nothing. */
static void
what_the_oracle_has_no_room_for_is_not_compared(void **state)
{
	uint64_t cuts;

	(void)state;
	(void)checked_event(&checked, &eval, &events.view);
	assert_int_not_equal(events.scratch.cut_count, 0);
	view_begin(&events.view, &events.record);
	cuts = events.scratch.cut_count;
	(void)checked_event(&checked, &eval, &events.view);
	assert_int_equal(events.scratch.cut_count, cuts);
	assert_int_equal(eval.match_count, 1);
	assert_int_equal(checked.compared_count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(equal_answers_are_compared_and_pass, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(a_wrong_memory_of_a_context_ends_the_program,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_the_oracle_has_no_room_for_is_not_compared,
		    large_set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
