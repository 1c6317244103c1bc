/* SPDX-License-Identifier: Apache-2.0 */
/* `--describe`: its options, the files it is about, the table of rules.  See describe.h. */
#include "describe.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "config.h"
#include "evtcode.h"
#include "jsonout.h"
#include "log.h"
#include "rulepaths.h"

#define DEFAULT_CONFIG "/etc/saker/saker.yaml"

enum describe_form { FORM_TABLE, FORM_JSON, FORM_WORDS };

struct describe {
	enum describe_form form;
	const char *config_file, *rule;
	struct config config;
	struct selection selections[SELECTIONS_MAX];
	struct ruleset_options options;
	struct rulepaths paths;
	struct ruleset ruleset;
};

static int
usage(FILE *out, int code)
{
	(void)fprintf(out,
	    "usage: saker-evaluator --describe [--config FILE] [--json | --explain]\n"
	    "           [--rule NAME] [FILE...]\n");
	return code;
}

/* Returns an exit code, or -1 when there is nothing left to do. */
static int
describe_options(struct describe *d, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "describe", no_argument, NULL, 'd' },
		{ "config", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "explain", no_argument, NULL, 'e' },
		{ "rule", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
		switch (option) {
		case 'd':
			break;
		case 'c':
			d->config_file = optarg;
			break;
		case 'j':
			d->form = FORM_JSON;
			break;
		case 'e':
			d->form = FORM_WORDS;
			break;
		case 'r':
			d->rule = optarg;
			break;
		case 'h':
			(void)usage(stdout, EXIT_DONE);
			return -1;
		default:
			return usage(stderr, EXIT_USAGE);
		}
	}
	return EXIT_DONE;
}

/* What the pipeline would load: the files, the priority and the selections it is configured for. */
static int
describe_configure(struct describe *d)
{
	const char *file = d->config_file ? d->config_file : DEFAULT_CONFIG;
	struct diags diags = DIAGS_NONE;
	int err;

	config_defaults(&d->config);
	err = config_load(&d->config, file, &diags);
	if (diags.error_count > 0)
		diags_print(&diags, stderr);
	diags_fini(&diags);
	if (err == -ENOENT && d->config_file == NULL)
		err = 0;
	if (err < 0 && err != -EINVAL)
		log_warnx("%s: %s", file, strerror(-err));
	d->options.priority = (enum rule_priority)d->config.priority;
	d->options.selections = d->selections;
	for (size_t i = 0; i < d->config.rules.count && i < SELECTIONS_MAX; i++) {
		const struct config_selection *item = &d->config.rules.items[i];

		d->selections[i] = (struct selection){ item->enable, span_text(item->rule),
			span_text(item->tag) };
		d->options.selection_count = (uint32_t)i + 1;
	}
	return err < 0 ? EXIT_NO : EXIT_DONE;
}

/* The files on the command line, COUNT at PATHS, or those of the configuration. */
static int
describe_files(struct describe *d, char *const *paths, int count)
{
	size_t all = count > 0 ? (size_t)count : d->config.rules_files.count;

	for (size_t i = 0; i < all; i++)
		if (rulepaths_add(&d->paths,
		        count > 0 ? paths[i] : d->config.rules_files.items[i]) < 0)
			return EXIT_NO;
	if (ruleset_load(&d->ruleset, d->paths.files, d->paths.count, &d->options,
	        d->paths.results) == 0 && rulepaths_good(&d->paths))
		return EXIT_DONE;
	for (size_t i = 0; i < d->paths.count; i++)
		diags_print(&d->paths.results[i].diags, stderr);
	return EXIT_NO;
}

static bool
is_wanted(const struct describe *d, uint32_t rule)
{
	return d->rule == NULL || span_equal(d->ruleset.rules[rule].name, span_text(d->rule));
}

static void
print_row(const struct describe *d, uint32_t index)
{
	const struct rule *rule = &d->ruleset.loaded->rules[index];
	char name[1024];
	struct text text;

	text_init(&text, name, sizeof(name));
	text_visible(&text, rule->name.ptr, rule->name.len);
	(void)printf("%-13s %-8s %s", rule_priority_text(rule->priority),
	    d->ruleset.rules[index].active ? "active" : rule->enabled ? "-" : "disabled", name);
	for (uint32_t i = 0; i < rule->tag_count; i++) {
		text_init(&text, name, sizeof(name));
		text_visible(&text, rule->tags[i].ptr, rule->tags[i].len);
		(void)printf("%s%s", i > 0 ? ", " : "  (", name);
	}
	(void)printf("%s\n", rule->tag_count > 0 ? ")" : "");
}

static int
print_json(const struct describe *d)
{
	struct jsonout json = { .out = stdout };
	int err;

	jsonout_object(&json, NULL);
	err = describe_rules(&json, d->ruleset.loaded, d->rule);
	jsonout_object_end(&json);
	(void)printf("\n");
	return err;
}

/* Each rule that is wanted, as a row or in words. */
static int
print_rules(const struct describe *d)
{
	bool more = false;
	int err = 0;

	for (uint32_t i = 0; err == 0 && i < d->ruleset.rule_count; i++) {
		if (!is_wanted(d, i))
			continue;
		if (more && d->form == FORM_WORDS)
			(void)printf("\n");
		more = true;
		if (d->form == FORM_TABLE)
			print_row(d, i);
		else
			err = describe_explain(stdout, d->ruleset.loaded,
			    &d->ruleset.loaded->rules[i], d->ruleset.rules[i].active);
	}
	return err;
}

static bool
is_there(const struct describe *d)
{
	for (uint32_t i = 0; i < d->ruleset.rule_count; i++)
		if (is_wanted(d, i))
			return true;
	return d->rule == NULL;
}

static int
describe_print(const struct describe *d)
{
	int err;

	if (!is_there(d)) {
		log_warnx("no rule is called \"%s\"", d->rule);
		return EXIT_NO;
	}
	err = d->form == FORM_JSON ? print_json(d) : print_rules(d);
	if (err == 0)
		return EXIT_DONE;
	log_warnx("describing the rules: %s", strerror(-err));
	return EXIT_SYSTEM;
}

int
describe_main(int argc, char *argv[])
{
	static struct describe d; /* too large for the stack */
	int code = describe_options(&d, argc, argv);

	if (code != EXIT_DONE)
		return code < 0 ? EXIT_DONE : code;
	evtcode_init();
	layout_init();
	if ((code = describe_configure(&d)) == EXIT_DONE &&
	    (code = describe_files(&d, argv + optind, argc - optind)) == EXIT_DONE)
		code = describe_print(&d);
	ruleset_fini(&d.ruleset);
	rulepaths_fini(&d.paths);
	return code;
}
