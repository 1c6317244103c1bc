/* SPDX-License-Identifier: Apache-2.0 */
/* Running rule tests.  See ruletest.h. */
#include "ruletest.h"

#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "checked.h"
#include "evtcode.h"
#include "log.h"
#include "material.h"
#include "rulepaths.h"

enum { RULETEST_BYTES_MAX = 256 << 20, RULETEST_RECORD_MAX = 4096, FIELD_VALUES_MAX = 1024 };

/* What runs; too large for a stack. */
struct ruletest {
	bool every_rule;
	uint32_t test_count, failed_count, error_count;
	struct arena arena;
	struct rulepaths paths;
	struct ruleset ruleset;
	bool loaded;
	bool *fired;              /* each rule, in some test */
	struct eval eval;
	struct checked checked;
	struct context_arena no_contexts;
	struct contexts contexts;
	struct scratch scratch;
	struct clock clock;
	struct event_view view;
	struct material material;
	_Alignas(8) uint8_t record[RULETEST_RECORD_MAX];
};

static int
usage(FILE *out, int code)
{
	(void)fprintf(out, "usage: saker-evaluator --test [--every-rule] FILE...\n");
	return code;
}

static void __attribute__((format(printf, 2, 3)))
tell(const struct rulefile_node *node, const char *format, ...)
{
	struct source_place place = rulefile_place(node);
	struct diags diags = DIAGS_NONE;
	char text[DIAG_TEXT_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	(void)diags_add(&diags, DIAG_ERROR, NULL, place.file, place.line, place.column,
	    place.text.ptr, place.text.len, "%s", text);
	diags_print(&diags, stdout);
	diags_fini(&diags);
}

/* --- rules --- */

/* What is said of rules that no test fired, when that is wanted. */
static void
rules_end(struct ruletest *t)
{
	for (uint32_t i = 0; t->loaded && t->every_rule && i < t->ruleset.rule_count; i++) {
		if (t->fired[i])
			continue;
		tell(t->ruleset.loaded->rules[i].node, "no test fires the rule `%.*s`",
		    (int)t->ruleset.rules[i].name.len, t->ruleset.rules[i].name.ptr);
		t->error_count++;
	}
	t->loaded = false;
	free(t->fired);
	t->fired = NULL;
	checked_fini(&t->checked);
	eval_fini(&t->eval);
	ruleset_fini(&t->ruleset);
	rulepaths_fini(&t->paths);
}

/* Add the file NODE names, from the folder of the file that NODE stands in. */
static int
rules_add(struct ruletest *t, const struct rulefile_node *node)
{
	char folder[RULESET_FILE_NAME_MAX], path[RULESET_FILE_NAME_MAX];
	int len;

	(void)snprintf(folder, sizeof(folder), "%s", node->file->name);
	len = snprintf(path, sizeof(path), "%s%s%.*s",
	    node->text.ptr[0] == '/' ? "" : dirname(folder), node->text.ptr[0] == '/' ? "" : "/",
	    (int)node->text.len, node->text.ptr);
	if (len < 0 || (size_t)len >= sizeof(path))
		return -ENAMETOOLONG;
	return rulepaths_add(&t->paths, path);
}

/* All rules count, also those that are disabled; each that matches fires. */
static void
rules_begin(struct ruletest *t, const struct rulefile_node *rules)
{
	const struct selection all = { .enable = true, .rule = SPAN_OF("*") };
	const struct ruleset_options options = { .priority = PRIORITY_DEBUG, .selections = &all,
		.selection_count = 1, .undelivered = true };
	int err = 0;

	rules_end(t);
	for (uint32_t i = 0; err == 0 && i < ruletest_elements(rules); i++)
		err = rules_add(t, ruletest_element(rules, i));
	if (err == 0)
		err = ruleset_load(&t->ruleset, t->paths.files, t->paths.count, &options,
		    t->paths.results);
	if (err == 0)
		err = eval_init(&t->eval, &t->ruleset.program, t->ruleset.rule_count, MATCH_ALL);
	if (err == 0)
		err = checked_init(&t->checked, &t->ruleset, MATCH_ALL);
	if (err == 0 && (t->fired = calloc(t->ruleset.rule_count + 1, sizeof(*t->fired))) == NULL)
		err = -ENOMEM;
	t->loaded = err == 0 && rulepaths_good(&t->paths);
	if (t->loaded)
		return;
	for (size_t i = 0; i < t->paths.count; i++)
		diags_print(&t->paths.results[i].diags, stdout);
	tell(rules, "these rules can not be loaded");
	t->error_count++;
}

/* --- one test --- */

static int
give_field(struct ruletest *t, const struct ruletest_field *field)
{
	struct span values[FIELD_VALUES_MAX];
	uint32_t count = ruletest_elements(field->value);
	char error[MATERIAL_ERROR_MAX];
	int err;

	if (field->value->kind == RULEFILE_NULL ||
	    span_equal(field->name->text, SPAN_OF("evt.type")))
		return 0;
	if (count > FIELD_VALUES_MAX) {
		tell(field->value, "more than %d values", FIELD_VALUES_MAX);
		return -EINVAL;
	}
	for (uint32_t i = 0; i < count; i++)
		values[i] = ruletest_element(field->value, i)->text;
	err = material_add(&t->material, field->name->text, values, count, error);
	if (err < 0)
		tell(err == -ENOENT ? field->name : field->value, "%s", error);
	return err;
}

/* Make the record; the type of the event is the one thing that it says. */
static int
make_record(struct ruletest *t, const struct ruletest_item *test, struct record *record)
{
	const struct rulefile_node *type = NULL;
	int len;

	for (uint32_t i = 0; i < test->event->count; i++)
		if (span_equal(test->event->fields[i].name->text, SPAN_OF("evt.type")))
			type = test->event->fields[i].value;
	if (type == NULL || type->kind != RULEFILE_SCALAR) {
		tell(test->name, "the event has no evt.type");
		return -EINVAL;
	}
	if ((len = material_record(type->text, t->record, sizeof(t->record))) < 0) {
		tell(type, "no event is called `%.*s`", (int)type->text.len, type->text.ptr);
		return -EINVAL;
	}
	return record_check(record, t->record, (size_t)len, RECORD_FULL);
}

/* Judge the event of TEST: the rules that match are in t->eval then. */
static int
judge(struct ruletest *t, const struct ruletest_item *test)
{
	struct record record;
	int err;

	memset(&t->material, 0, sizeof(t->material));
	t->material.arena = &t->arena;
	if ((err = make_record(t, test, &record)) < 0)
		return err;
	for (uint32_t i = 0; i < test->event->count; i++)
		if ((err = give_field(t, &test->event->fields[i])) < 0)
			return err;
	if (material_own(&t->material, SPAN_OF("evt.type")) < 0 ||
	    material_own(&t->material, SPAN_OF("syscall.type")) < 0 ||
	    material_finish(&t->material) < 0) {
		tell(test->name, "too many fields");
		return -E2BIG;
	}
	material_give(&t->material, &t->view);
	view_begin(&t->view, &record);
	(void)checked_event(&t->checked, &t->eval, &t->view);
	for (uint32_t i = 0; i < t->eval.match_count; i++)
		t->fired[t->eval.matches[i]] = true;
	return 0;
}

static bool
is_named(const struct rulefile_node *names, struct span rule)
{
	for (uint32_t i = 0; i < ruletest_elements(names); i++)
		if (selection_matches(ruletest_element(names, i)->text, rule))
			return true;
	return false;
}

static bool
has_fired(const struct ruletest *t, const struct rulefile_node *name)
{
	for (uint32_t i = 0; i < t->eval.match_count; i++)
		if (selection_matches(name->text, t->ruleset.rules[t->eval.matches[i]].name))
			return true;
	return false;
}

static bool
is_rule(const struct ruletest *t, const struct rulefile_node *name)
{
	for (uint32_t i = 0; i < t->ruleset.rule_count; i++)
		if (selection_matches(name->text, t->ruleset.rules[i].name))
			return true;
	return false;
}

/* Every name must be that of a rule: a test of a rule that is gone is no test. */
static bool
names_are_good(const struct ruletest *t, const struct rulefile_node *names)
{
	bool good = true;

	for (uint32_t i = 0; i < ruletest_elements(names); i++) {
		const struct rulefile_node *name = ruletest_element(names, i);

		if (is_rule(t, name))
			continue;
		tell(name, "no rule is called `%.*s`", (int)name->text.len, name->text.ptr);
		good = false;
	}
	return good;
}

/* What fired must be what was to fire; without `silent`, nothing else. */
static bool
fired_as_wanted(const struct ruletest *t, const struct ruletest_item *test)
{
	bool good = true;

	for (uint32_t i = 0; i < ruletest_elements(test->fires); i++) {
		const struct rulefile_node *name = ruletest_element(test->fires, i);

		if (has_fired(t, name))
			continue;
		tell(name, "`%.*s`: this rule did not fire", (int)test->name->text.len,
		    test->name->text.ptr);
		good = false;
	}
	for (uint32_t i = 0; i < t->eval.match_count; i++) {
		struct span rule = t->ruleset.rules[t->eval.matches[i]].name;

		if (is_named(test->fires, rule) ||
		    (test->silent != NULL && !is_named(test->silent, rule)))
			continue;
		tell(test->name, "the rule `%.*s` fired", (int)rule.len, rule.ptr);
		good = false;
	}
	return good;
}

static void
run_test(struct ruletest *t, const struct ruletest_item *test)
{
	struct arena_mark mark = arena_mark(&t->arena);
	bool good;

	t->test_count++;
	if (!t->loaded) {
		tell(test->name, "there are no rules to test");
		good = false;
	} else {
		good = names_are_good(t, test->fires) && names_are_good(t, test->silent) &&
		    judge(t, test) == 0 && fired_as_wanted(t, test);
	}
	t->failed_count += !good;
	arena_reset(&t->arena, mark);
}

/* --- files --- */

/* Print what DIAGS has, and forget it. */
static void
tell_all(struct ruletest *t, struct diags *diags)
{
	diags_print(diags, stdout);
	t->error_count += (uint32_t)diags->error_count;
	diags_fini(diags);
}

static void
run_items(struct ruletest *t, struct ruletest_reader *reader)
{
	struct ruletest_item item;
	int got;

	while ((got = ruletest_next(reader, &item)) != 0) {
		if (got == -ENOMEM)
			fatalx("%s: more tests than there is room for", reader->file->name);
		if (got < 0)
			tell_all(t, reader->diags);
		else if (item.kind == RULETEST_RULES)
			rules_begin(t, item.rules);
		else
			run_test(t, &item);
	}
	rules_end(t);
}

static void
run_file(struct ruletest *t, const char *path)
{
	static struct rulepaths tests; /* too large for the stack */
	struct diags *diags = &tests.results[0].diags;
	struct ruletest_reader reader;
	const struct rulefile *file;

	if (rulepaths_add(&tests, path) < 0 || tests.count != 1) {
		log_warnx("%s: expected a file of tests, got a folder", path);
		t->error_count++;
	} else if (diags->error_count == 0 && rulefile_parse(&t->arena, path,
	    (struct span){ tests.files[0].bytes, tests.files[0].len }, diags, &file) == 0) {
		ruletest_read(&reader, &t->arena, file, diags);
		run_items(t, &reader);
	}
	tell_all(t, diags);
	rulepaths_fini(&tests);
	arena_fini(&t->arena);
}

static int
run_files(struct ruletest *t, char *const *paths, int count)
{
	evtcode_init();
	layout_init();
	arena_init(&t->arena, RULETEST_BYTES_MAX);
	if (contexts_init(&t->contexts, &t->no_contexts) < 0 || scratch_init(&t->scratch) < 0)
		fatalx("memory: %s", strerror(ENOMEM));
	t->view.contexts = &t->contexts;
	t->view.scratch = &t->scratch;
	t->view.clock = &t->clock;
	for (int i = 0; i < count; i++)
		run_file(t, paths[i]);
	scratch_fini(&t->scratch);
	contexts_fini(&t->contexts);
	(void)printf("%u tests, %u failed\n", t->test_count, t->failed_count);
	return t->failed_count == 0 && t->error_count == 0 && t->test_count > 0 ? EXIT_DONE
	                                                                       : EXIT_NO;
}

int
ruletest_main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "test", no_argument, NULL, 't' },
		{ "every-rule", no_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static struct ruletest t;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h')
			return usage(stdout, EXIT_DONE);
		if (option == '?')
			return usage(stderr, EXIT_USAGE);
		t.every_rule = t.every_rule || option == 'e';
	}
	if (optind == argc)
		return usage(stderr, EXIT_USAGE);
	return run_files(&t, argv + optind, argc - optind);
}
