/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "events.h"

#include "loadresult.h"

/* Load TEXTS as files a.yaml, b.yaml ...; CODES gets what was said, joined by blanks. */
static int
load(struct ruleset *ruleset, const char *const *texts, size_t count, enum rule_priority priority,
    char codes[512])
{
	const struct ruleset_options options = { .priority = priority };
	struct ruleset_result results[4] = { 0 };
	static struct ruleset_file files[4];
	struct text out;
	int err;

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(files[i].name, sizeof(files[i].name), "%c.yaml", (char)('a' + i));
		files[i].bytes = (char *)texts[i];
		files[i].len = strlen(texts[i]);
	}
	err = ruleset_load(ruleset, files, count, &options, results);
	text_init(&out, codes, 512);
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < results[i].diags.count; j++) {
			const struct diag *diag = &results[i].diags.items[j];

			text_format(&out, "%s%s:%d:%d %s", out.len > 0 ? " " : "", diag->file,
			    diag->line, diag->column, diag->code);
		}
		diags_fini(&results[i].diags);
	}
	return err;
}

#define RULE(name, condition, more) \
	"- rule: " name "\n" \
	"  desc: d\n" \
	"  condition: " condition "\n" \
	"  output: o %proc.name\n" \
	"  priority: WARNING\n" more

static void
a_good_file_becomes_a_program(void **state)
{
	const char *texts[] = {
		"- list: readers\n  items: [cat, dd]\n"
		"- macro: opened\n  condition: evt.type in (open, openat)\n"
		RULE("one", "opened and proc.name in (readers)", "  tags: [b, a]\n")
		RULE("two", "evt.type = splice and proc.aname = x", "")
		RULE("off", "evt.type = mkdir and proc.cwd = /", "  enabled: false\n")
	};
	struct ruleset ruleset;
	char codes[512];

	(void)state;
	assert_int_equal(load(&ruleset, texts, 1, PRIORITY_DEBUG, codes), 0);
	assert_string_equal(codes, "");
	assert_int_equal(ruleset.rule_count, 3);
	assert_int_equal(ruleset.active_count, 2);
	assert_memory_equal(ruleset.rules[0].tags.ptr, "a\0b", 3);
	assert_true(interest_event(&ruleset.interest, EV_openat));
	assert_false(interest_event(&ruleset.interest, EV_mkdir));
	assert_true(interest_wants(&ruleset.interest, EV_syscall,
	    (uint32_t)syscall_number(SPAN_OF("splice"))));
	assert_false(interest_wants(&ruleset.interest, EV_syscall,
	    (uint32_t)syscall_number(SPAN_OF("read"))));
	assert_true(ruleset.interest.derived & 1 << D_context);
	assert_true(ruleset.interest.contexts & 1 << C_comm);
	assert_false(ruleset.interest.contexts & 1 << C_cwd);
	assert_true(ruleset.interest.rules_hash == ruleset.hash && ruleset.hash != 0);
	ruleset_fini(&ruleset);
	ruleset_fini(&ruleset);
}

static void
priorities_leave_rules_out(void **state)
{
	const char *texts[] = { RULE("one", "evt.type = mkdir", "") };
	uint64_t hash;
	struct ruleset ruleset;
	char codes[512];

	(void)state;
	assert_int_equal(load(&ruleset, texts, 1, PRIORITY_WARNING, codes), 0);
	assert_int_equal(ruleset.active_count, 1);
	hash = ruleset.hash;
	ruleset_fini(&ruleset);
	assert_int_equal(load(&ruleset, texts, 1, PRIORITY_ERROR, codes), 0);
	assert_int_equal(ruleset.active_count, 0);
	assert_true(hash != ruleset.hash);
	ruleset_fini(&ruleset);
}

static void
errors_have_codes_and_places(void **state)
{
	const char *texts[] = {
		RULE("one", "evt.type = execve and proc.nmae = x", "")
		RULE("two", "evt.type = execve and\n    proc.pid = x", "")
		"- rule: three\n  desc: d\n  condition: evt.type = execve\n"
		"  output: \"at %nothing\"\n  priority: INFO\n"
	};
	struct ruleset ruleset;
	char codes[512];

	(void)state;
	assert_int_equal(load(&ruleset, texts, 1, PRIORITY_DEBUG, codes), -EINVAL);
	assert_string_equal(codes, "a.yaml:3:36 LOAD_ERR_COMPILE_CONDITION "
	    "a.yaml:9:16 LOAD_ERR_COMPILE_CONDITION a.yaml:15:15 LOAD_ERR_COMPILE_OUTPUT");
}

static void
errors_of_rules_come_with_errors_of_the_file(void **state)
{
	const char *texts[] = {
		RULE("one", "evt.type = execve and proc.nmae = x", "")
		"- rule: two\n  desc: d\n  condition: evt.type = execve\n"
		"  output: o\n  priority: LOUD\n"
	};
	struct ruleset ruleset;
	char codes[512];

	(void)state;
	assert_int_equal(load(&ruleset, texts, 1, PRIORITY_DEBUG, codes), -EINVAL);
	assert_non_null(strstr(codes, "a.yaml:10:13 LOAD_ERR_YAML_VALIDATE"));
	assert_non_null(strstr(codes, "a.yaml:3:36 LOAD_ERR_COMPILE_CONDITION"));
}

static void
rules_may_ask_to_be_skipped(void **state)
{
	const char *texts[] = {
		RULE("one", "evt.type = execve and proc.nmae = x",
		    "  skip-if-unknown-filter: true\n")
		RULE("two", "evt.type = execve and proc.pid = 1", "")
	};
	struct ruleset ruleset;
	char codes[512];

	(void)state;
	assert_int_equal(load(&ruleset, texts, 1, PRIORITY_DEBUG, codes), 0);
	assert_string_equal(codes, "a.yaml:3:36 LOAD_UNKNOWN_FILTER");
	assert_int_equal(ruleset.rule_count, 1);
	ruleset_fini(&ruleset);
	texts[0] = RULE("one", "evt.type = execve and toupper(proc.nmae) = X",
	    "  skip-if-unknown-filter: true\n");
	assert_int_equal(load(&ruleset, texts, 1, PRIORITY_DEBUG, codes), 0);
	assert_string_equal(codes, "a.yaml:3:44 LOAD_UNKNOWN_FILTER");
	ruleset_fini(&ruleset);
	texts[0] = RULE("one", "evt.type = execve and toupper(proc.pid) = X",
	    "  skip-if-unknown-filter: true\n");
	assert_int_equal(load(&ruleset, texts, 1, PRIORITY_DEBUG, codes), -EINVAL);
}

/* A field that nothing delivers is known: the rule stays, with a warning that has no code. */
static void
undelivered_fields_get_a_warning(void **state)
{
	const char *texts[] = {
		RULE("one", "evt.type = execve and fd.sip.name = x",
		    "  skip-if-unknown-filter: true\n")
	};
	struct ruleset ruleset;
	char codes[512];

	(void)state;
	assert_int_equal(load(&ruleset, texts, 1, PRIORITY_DEBUG, codes), 0);
	assert_string_equal(codes, "a.yaml:3:36 ");
	assert_int_equal(ruleset.rule_count, 1);
	ruleset_fini(&ruleset);
}

static void
suspicious_rules_get_warnings(void **state)
{
	const char *texts[] = {
		RULE("one", "proc.name = cat", "")
		RULE("two", "evt.type = open and proc.name = proc.pname", "")
		RULE("three", "evt.type = open and evt.dir = <", "")
	};
	struct ruleset ruleset;
	char codes[512];

	(void)state;
	assert_int_equal(load(&ruleset, texts, 1, PRIORITY_DEBUG, codes), 0);
	assert_string_equal(codes, "a.yaml:3:14 LOAD_NO_EVTTYPE a.yaml:8:46 LOAD_COMPILE_CONDITION "
	    "a.yaml:13:34 LOAD_DEPRECATED_ITEM");
	ruleset_fini(&ruleset);
}

static void
files_build_on_each_other(void **state)
{
	const char *texts[] = {
		"- list: readers\n  items: [cat]\n"
		RULE("one", "evt.type = open and proc.name in (readers)", ""),
		"- list: readers\n  items: [dd]\n  override: {items: append}\n",
	};
	uint64_t task = context_task(&events, 0, "dd", "", 0);
	struct ruleset ruleset;
	struct eval eval;
	char codes[512];

	(void)state;
	assert_int_equal(load(&ruleset, texts, 2, PRIORITY_DEBUG, codes), 0);
	assert_int_equal(eval_init(&eval, &ruleset.program, ruleset.rule_count, MATCH_FIRST), 0);
	assert_int_equal(contexts_size_truth(&events.contexts, ruleset.program.predicate_count), 0);
	event_begin(&events, EV_open, task);
	event_end(&events, 3);
	(void)eval_event(&eval, &events.view);
	assert_int_equal(eval.match_count, 1);
	eval_fini(&eval);
	ruleset_fini(&ruleset);
}

static void
no_rules_are_a_rule_set_too(void **state)
{
	struct ruleset ruleset;
	char codes[512];

	(void)state;
	assert_int_equal(load(&ruleset, NULL, 0, PRIORITY_DEBUG, codes), 0);
	assert_int_equal(ruleset.rule_count, 0);
	assert_false(interest_event(&ruleset.interest, EV_open));
	ruleset_fini(&ruleset);
}

static struct alert_room room;
static _Alignas(8) uint8_t alert_bytes[ALERT_BYTES_MAX];

static bool
alert(struct ruleset *ruleset, struct record *record)
{
	struct eval eval;
	uint32_t len;
	bool cut;

	assert_int_equal(eval_init(&eval, &ruleset->program, ruleset->rule_count, MATCH_FIRST), 0);
	assert_int_equal(contexts_size_truth(&events.contexts,
	    ruleset->program.predicate_count), 0);
	(void)eval_event(&eval, &events.view);
	assert_int_equal(eval.match_count, 1);
	len = alert_write(ruleset, eval.matches[0], 4, &eval, &events.view, &room, alert_bytes,
	    &cut);
	assert_int_equal(record_check(record, alert_bytes, len, RECORD_RAW), 0);
	eval_fini(&eval);
	return cut;
}

static void
assert_slot(const struct record *record, uint32_t slot, const char *text)
{
	struct span bytes = slots_bytes_or_none(&record->slots, slot);

	if (!span_equal(bytes, span_text(text)))
		fail_msg("`%.*s` is not `%s`", (int)bytes.len, bytes.ptr, text);
}

static void
alerts_say_all_of_it(void **state)
{
	const char *texts[] = {
		RULE("Reads", "evt.type = openat and fd.name startswith /etc", "  tags: [b, a]\n")
	};
	uint64_t task = context_task(&events, 0, "cat", "", 0);
	struct ruleset ruleset;
	struct record record;
	char codes[512];
	uint64_t number;

	(void)state;
	assert_int_equal(load(&ruleset, texts, 1, PRIORITY_DEBUG, codes), 0);
	event_openat(&events, task, "/etc/passwd", "/etc/passwd");
	assert_false(alert(&ruleset, &record));
	assert_int_equal(record.head->position, 1);
	assert_true(slots_scalar(&record.slots, P_alert_index, &number) && number == 4);
	assert_true(slots_scalar(&record.slots, P_alert_priority, &number));
	assert_int_equal(number, PRIORITY_WARNING);
	assert_true(slots_scalar(&record.slots, P_alert_wall_ts, &number));
	assert_int_equal(number, 1700000001000000000);
	assert_true(slots_scalar(&record.slots, P_alert_rules_hash, &number));
	assert_true(number == ruleset.hash);
	assert_slot(&record, P_alert_rule, "Reads");
	assert_slot(&record, P_alert_source, "syscall");
	assert_slot(&record, P_alert_hostname, "falconry");
	assert_slot(&record, P_alert_message, "o cat");
	assert_slot(&record, P_alert_fields, "{\"proc.name\":\"cat\"}");
	assert_int_equal(slots_bytes_or_none(&record.slots, P_alert_tags).len, 3);
	assert_int_equal(slots_state(&record.slots, P_alert_lost), PARAM_ABSENT);
	ruleset_fini(&ruleset);
}

static void
alerts_name_what_was_lost(void **state)
{
	const char *texts[] = { RULE("Reads", "evt.type = openat and not proc.pname = sh", "") };
	struct ruleset ruleset;
	struct span lost;
	struct record record;
	char codes[512];

	(void)state;
	assert_int_equal(load(&ruleset, texts, 1, PRIORITY_DEBUG, codes), 0);
	event_openat(&events, 0, "/etc/passwd", "/etc/passwd");
	(void)alert(&ruleset, &record);
	lost = slots_bytes_or_none(&record.slots, P_alert_lost);
	assert_true(span_equal(lost, SPAN_OF("proc.pname\0proc.name")));
	ruleset_fini(&ruleset);
}

/* Fields that do not fit are cut, the rest of the alert stays. */
static void
large_alerts_are_cut_and_say_so(void **state)
{
	const char *texts[] = {
		"- rule: Long\n  desc: d\n  condition: evt.type = openat\n"
		"  output: \"%fd.name %fd.directory %fd.nameraw %evt.arg.name %evt.args "
		"%fd.containername\"\n"
		"  priority: INFO\n"
	};
	uint64_t task = context_task(&events, 0, "cat", "", 0);
	static char path[4000];
	struct ruleset ruleset;
	struct record record;
	char codes[512];
	struct span fields;

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	assert_int_equal(load(&ruleset, texts, 1, PRIORITY_DEBUG, codes), 0);
	event_openat(&events, task, path, path);
	assert_true(alert(&ruleset, &record));
	fields = slots_bytes_or_none(&record.slots, P_alert_fields);
	assert_in_range(fields.len, 2000, ALERT_FIELDS_MAX);
	assert_int_equal(fields.ptr[fields.len - 1], '}');
	assert_int_equal(slots_bytes_or_none(&record.slots, P_alert_message).len,
	    ALERT_MESSAGE_MAX - 1);
	assert_int_equal(slots_state(&record.slots, P_alert_message), PARAM_TRUNCATED);
	ruleset_fini(&ruleset);
}

static void
conditions_alone_tell_what_nothing_delivers(void **state)
{
	struct diags diags = DIAGS_NONE;
	struct format unused = { 0 };
	struct ruleset ruleset;

	(void)state;
	assert_int_equal(ruleset_from_condition(&ruleset,
	    SPAN_OF("evt.num > 0 and evt.buffer exists"),
	    SPAN_OF("a %len(evt.buffer)"), SPAN_NONE, &unused, &diags), 0);
	assert_int_equal(diags.count, 2);
	assert_int_equal(diags.error_count, 0);
	assert_string_equal(diags.items[0].file, "condition");
	assert_int_equal(diags.items[0].column, 17);
	assert_string_equal(diags.items[1].file, "output");
	assert_int_equal(diags.items[1].column, 8);
	diags_fini(&diags);
	ruleset_fini(&ruleset);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, events_set_up, events_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_good_file_becomes_a_program),
		TEST(priorities_leave_rules_out),
		TEST(errors_have_codes_and_places),
		TEST(errors_of_rules_come_with_errors_of_the_file),
		TEST(rules_may_ask_to_be_skipped),
		TEST(undelivered_fields_get_a_warning),
		TEST(conditions_alone_tell_what_nothing_delivers),
		TEST(suspicious_rules_get_warnings),
		TEST(files_build_on_each_other),
		TEST(no_rules_are_a_rule_set_too),
		TEST(alerts_say_all_of_it),
		TEST(alerts_name_what_was_lost),
		TEST(large_alerts_are_cut_and_say_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
