/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "events.h"

static int
set_up(void **state)
{
	uint64_t parent, task;

	(void)state;
	events_begin(&events);
	parent = context_task(&events, 0, "aGVsbG8=", "", 0);
	task = context_task(&events, parent, "Cat", "-x\0-t\0b", 7);
	event_openat(&events, task, "etc/../Etc/Passwd", "/real/Passwd");
	return 0;
}

static void
letters_change_case(void **state)
{
	(void)state;
	assert_holds(&events, "toupper(proc.name) = CAT");
	assert_holds(&events, "tolower(proc.name) in (cat, dog)");
	assert_holds(&events, "tolower(toupper(proc.name)) startswith ca");
	assert_holds(&events, "toupper(\"aZ09\xc3\xa9\") = \"AZ09\xc3\xa9\"");
	assert_holds(&events, "tolower(\"\") = ''");
	assert_fails(&events, "toupper(proc.name) = Cat");
	assert_fails(&events, "tolower(evt.asynctype) exists");
	assert_shown(&events, "toupper(proc.name)", "CAT");
	assert_shown(&events, "proc.name", "Cat");
}

static void
base64_is_decoded_or_absent(void **state)
{
	static const char *const bad[] = { "a", "ab=c", "a=b=", "aGVsbG9=x", "aGV sbG8", "aGVsbG9",
		"aGVsbG8===", "a===", "====" };

	(void)state;
	assert_holds(&events, "b64(proc.pname) = hello");
	assert_holds(&events, "b64(\"aGVsbG8\") = hello");
	assert_holds(&events, "b64(\"YQ==\") = a");
	assert_holds(&events, "b64(\"\") = ''");
	assert_holds(&events, "b64(concat(\"YWFh\", \"YmJi\")) = aaabbb");
	assert_holds(&events, "b64(\"/+8=\") = \"\\xff\\xef\"");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char condition[128];

		(void)snprintf(condition, sizeof(condition), "b64(\"%s\") exists", bad[i]);
		if (holds(&events, condition, NULL) != 0)
			fail_msg("%s", condition);
	}
}

static void
lengths_are_bytes_or_elements(void **state)
{
	(void)state;
	assert_holds(&events, "len(proc.name) = 3");
	assert_holds(&events, "len(\"\xc3\xa9\") = 2");
	assert_holds(&events, "len(\"\") = 0");
	assert_holds(&events, "len(proc.name) in (2, 3)");
	assert_holds(&events, "len(proc.name) < 4");
	assert_holds(&events, "evt.num > len(proc.name)");
	assert_holds(&events, "len((\"a\", \"b\", proc.name)) = 3");
	assert_holds(&events, "len(getopt((\"x\"), \"a\")) = 0");
	assert_fails(&events, "len(fd.types) = 0");
	assert_shown(&events, "len(proc.name)", "3");
}

static void
names_are_what_follows_the_last_slash(void **state)
{
	(void)state;
	assert_holds(&events, "basename(proc.exepath) = program");
	assert_holds(&events, "basename(\"/a/\") = ''");
	assert_holds(&events, "basename(\"a\") = a");
	assert_holds(&events, "basename(\"\") = ''");
}

static void
texts_are_joined(void **state)
{
	(void)state;
	assert_holds(&events, "join(\",\", (proc.name, \"b\", 12)) = 'Cat,b,12'");
	assert_holds(&events, "join(\"-\", (proc.name, evt.num, evt.failed)) = Cat-7-false");
	assert_holds(&events, "join(\"\", ()) = ''");
	assert_holds(&events, "join(\",\", getopt((\"-ab\"), \"ab\")) = 'a,b'");
	assert_holds(&events, "concat(proc.name, \"-\", proc.name) = Cat-Cat");
	assert_holds(&events, "concat(\"a\", 1) = a1");
	assert_fails(&events, "join(\"-\", (proc.name, evt.asynctype)) exists");
	assert_fails(&events, "concat(proc.name, evt.asynctype) exists");
	assert_shown(&events, "join(\"-\", (proc.name, toupper(proc.name)))", "Cat-CAT");
}

/* Where a path has two spellings, so has what is made of it. */
static void
functions_keep_both_spellings(void **state)
{
	(void)state;
	assert_holds(&events, "toupper(fd.name) = /REAL/PASSWD");
	assert_holds(&events, "toupper(fd.name) contains /ETC/");
	assert_holds(&events, "not toupper(fd.name) = /REAL/PASSWD");
	assert_fails(&events, "not toupper(fd.name) endswith PASSWD");
	assert_holds(&events, "concat(\"x:\", fd.name) = x:/real/Passwd");
	assert_holds(&events, "concat(\"x:\", fd.name) = x:/home/u/Etc/Passwd");
	assert_holds(&events, "len(fd.name) = 12 and len(fd.name) = 18");
	assert_holds(&events, "fd.name regex '/real/.*' and fd.name regex '/home/.*'");
	assert_fails(&events, "not fd.name regex '.*Passwd'");
	assert_holds(&events, "join(\",\", (fd.name)) = /real/Passwd");
	assert_holds(&events, "join(\",\", (fd.name)) = /home/u/Etc/Passwd");
	assert_holds(&events, "join(\"-\", (proc.name, fd.name, len(fd.name))) = "
	                      "Cat-/real/Passwd-12");
	assert_holds(&events, "join(\"-\", (proc.name, fd.name, len(fd.name))) = "
	                      "Cat-/home/u/Etc/Passwd-18");
	assert_fails(&events, "not join(\"-\", (fd.name, 7)) endswith Passwd-7");
	assert_holds(&events, "not join(\"-\", (fd.name, 7)) startswith /real");
	assert_holds(&events, "join(fd.name, (1, 2)) in (1/real/Passwd2, \"1x2\")");
	assert_holds(&events, "join(fd.name, (1, 2)) = 1/home/u/Etc/Passwd2");
	assert_shown(&events, "join(\"-\", (fd.name, 7))", "/real/Passwd-7");
}

static void
fields_stand_on_the_right(void **state)
{
	(void)state;
	assert_holds(&events, "proc.name = val(proc.exe)");
	assert_holds(&events, "proc.name != val(proc.pname)");
	assert_holds(&events, "proc.name in val(proc.exe)");
	assert_holds(&events, "proc.exepath endswith basename(proc.exepath)");
	assert_holds(&events, "tolower(proc.name) = tolower(proc.exe)");
	assert_holds(&events, "proc.exeline startswith val(proc.name)");
	assert_holds(&events, "proc.name glob concat(\"C*\", \"t\")");
	assert_holds(&events, "proc.pid >= val(proc.pid) and not proc.pid > val(proc.pid)");
	assert_fails(&events, "proc.name = val(evt.asynctype)");
	assert_fails(&events, "evt.asynctype = val(proc.name)");
	assert_holds(&events, "not evt.asynctype = val(proc.name)");
	/* Either spelling will do, but for a `not` both must. */
	assert_holds(&events, "concat(\"/real/\", \"Passwd\") = val(fd.name)");
	assert_holds(&events, "concat(\"/home/u/Etc/\", \"Passwd\") = val(fd.name)");
	assert_holds(&events, "not concat(\"/real/\", \"Passwd\") = val(fd.name)");
	assert_fails(&events, "not concat(\"/real\", \"/x\") = concat(\"/real/\", \"x\")");
}

static void
options_are_found_in_command_lines(void **state)
{
	static const struct {
		const char *call, *shown;
	} rows[] = {
		{ "getopt((\"-nt\", \"x\"), \"nt:\")", "(n,t,x)" },
		{ "getopt((\"-tx\"), \"t:\")", "(t,x)" },
		{ "getopt((\"-z\", \"-n\"), \"n\")", "(?,n)" },
		{ "getopt((\"-n\", \"f\", \"-t\"), \"nt\")", "(n)" },
		{ "getopt((\"-t\"), \"t:\")", "()" },
		{ "getopt((\"-t\", \"a\", \"-t\", \"b\"), \"t:\")", "(t,a,t,b)" },
		{ "getopt((\"--\", \"-n\"), \"n\")", "()" },
		{ "getopt((\"--long\", \"-n\"), \"n\")", "(n)" },
		{ "getopt((\"-\", \"-n\"), \"n\")", "()" },
		{ "getopt((\"\", \"-n\"), \"n\")", "()" },
		{ "getopt((\"-t\", \"-n\"), \"t:n\")", "(t,-n)" },
		{ "getopt((\"-ab\"), \"aba:\")", "(a,b)" },
		{ "getopt((\"-:\"), \":a:\")", "(?)" },
		{ "getopt((\"-t\", \"a\", \"-tb\"), \"t:\")[t]", "b" },
		{ "getopt((\"-n\"), \"n\")[n]", "n" },
		{ "getopt((\"-t\"), \"t:\")[t]", "" },
		{ "getopt((\"-z\", \"-n\"), \"n\")[t]", "<NA>" },
		{ "getopt((\"-z\"), \"n\")[z]", "<NA>" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(shown(&events, rows[i].call), rows[i].shown) != 0)
			fail_msg("%s is %s", rows[i].call, shown(&events, rows[i].call));
	assert_holds(&events, "getopt((\"x\"), \"n\") exists");
	assert_holds(&events, "getopt((\"x\"), \"n\") in (n)");
	assert_fails(&events, "getopt((\"x\"), \"n\") intersects (n)");
	assert_holds(&events, "getopt((\"-n\"), \"n\") in (n)");
	assert_fails(&events, "getopt((proc.name, evt.asynctype), \"n\") exists");
	assert_fails(&events, "getopt((\"-n\"), \"n\")[t] != ''");
}

static void
lists_are_compared_with_lists(void **state)
{
	(void)state;
	assert_holds(&events, "getopt((\"-ab\"), \"ab\") in getopt((\"-bca\"), \"abc\")");
	assert_fails(&events, "getopt((\"-bca\"), \"abc\") in getopt((\"-ab\"), \"ab\")");
	assert_holds(&events, "getopt((\"-bca\"), \"abc\") intersects getopt((\"-xa\"), \"ax\")");
	assert_fails(&events, "getopt((\"-b\"), \"b\") intersects getopt((\"-a\"), \"a\")");
	assert_holds(&events, "toupper(getopt((\"-ab\"), \"ab\")) in (A, B)");
	assert_holds(&events, "getopt((\"x\"), \"a\") in getopt((\"x\"), \"a\")");
	assert_fails(&events, "getopt((\"-a\"), \"a\") in getopt((\"x\"), \"a\")");
}

/* What does not fit into the memory of an event is cut or lost, counted, and no crash. */
static void
memory_of_an_event_is_bounded(void **state)
{
	static char condition[4 * 1024 * 1024];
	char word[CONSTANT_TEXT_MAX + 1];
	struct text text;

	(void)state;
	memset(word, 'a', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	text_init(&text, condition, sizeof(condition));
	text_format(&text, "len(concat(\"%s\"", word);
	for (int i = 1; i < 256; i++)
		text_format(&text, ",\"%s\"", word);
	text_string(&text, ")) = 65280");
	assert_holds(&events, condition);
	assert_int_equal(events.scratch.cut_count, 0);
	text.len -= strlen(")) = 65280");
	text_format(&text, ",\"%s\",\"b\")) = 65535", word);
	assert_holds(&events, condition);
	assert_int_equal(events.scratch.cut_count, 1);
	/* Ten such texts are more than an event has memory for. */
	text_init(&text, condition, sizeof(condition));
	for (int i = 0; i < 10; i++) {
		text_format(&text, "%slen(concat(\"%d\"", i > 0 ? " and " : "", i);
		for (int j = 0; j < 256; j++)
			text_format(&text, ",\"%s\"", word);
		text_string(&text, ")) >= 0");
	}
	text_string(&text, " and getopt((\"-a\"), \"a\") exists");
	assert_false(text.truncated);
	assert_fails(&events, condition);
	assert_true(events.scratch.cut_count > 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, events_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(letters_change_case),
		TEST(base64_is_decoded_or_absent),
		TEST(lengths_are_bytes_or_elements),
		TEST(names_are_what_follows_the_last_slash),
		TEST(texts_are_joined),
		TEST(functions_keep_both_spellings),
		TEST(fields_stand_on_the_right),
		TEST(options_are_found_in_command_lines),
		TEST(lists_are_compared_with_lists),
		TEST(memory_of_an_event_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
