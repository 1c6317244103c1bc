/* SPDX-License-Identifier: Apache-2.0 */
/*
 * saker-evaluator: events with their context in, alerts out.  Also checks rules, and
 * watches events by a condition.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "describe.h"
#include "evaluator.h"
#include "log.h"
#include "observe.h"
#include "ruletest.h"
#include "worker.h"

enum { WAIT_MAX_NS = 500 * 1000 * 1000 };

static struct evaluator evaluator; /* too large for the stack */
static struct keeper keeper;
static struct ruleset ruleset;
static struct config config;

/* What is asked on the command line; comes back only when nothing is. */
static void
options(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--check") == 0)
			exit(check_main(argc, argv));
		if (strcmp(argv[i], "--describe") == 0)
			exit(describe_main(argc, argv));
		if (strcmp(argv[i], "--test") == 0)
			exit(ruletest_main(argc, argv));
		if (strcmp(argv[i], "--tap") == 0)
			exit(observe_main(argc, argv));
	}
	if (argc == 1)
		return;
	(void)fprintf(stderr,
	    "usage: saker-evaluator                          as a worker of saker-keeper\n"
	    "       saker-evaluator --check [--json] FILE...\n"
	    "       saker-evaluator --describe [OPTION...] [FILE...]\n"
	    "       saker-evaluator --test [--every-rule] FILE...\n"
	    "       saker-evaluator [OPTION...] --tap [CONDITION]\n");
	exit(EXIT_USAGE);
}

static void
configure(void)
{
	struct region region;

	config = *worker_config(&keeper, &region);
	region_close(&region);
}

/* Take the rule files that the keeper opened.  Returns their number. */
static size_t
take_files(struct ruleset_file *files)
{
	static const char prefix[] = "rules:";
	size_t count = 0;

	_Static_assert((int)RULESET_FILES_MAX >= (int)KEEPER_DEPOSIT_MAX,
	    "room for all that can come");
	for (uint32_t i = 0; i < keeper.deposit_count; i++) {
		char name[KEEPER_NAME_MAX];
		int fd, err;

		(void)snprintf(name, sizeof(name), "%s", keeper.deposits[i].name);
		if (strncmp(name, prefix, sizeof(prefix) - 1) != 0 ||
		    (fd = keeper_take_deposit(&keeper, name)) < 0)
			continue;
		(void)snprintf(files[count].name, sizeof(files[count].name), "%s",
		    name + sizeof(prefix) - 1);
		err = ruleset_file_read(&files[count], fd);
		(void)close(fd);
		if (err < 0)
			fatalx("%s: %s", files[count].name, strerror(-err));
		count++;
	}
	return count;
}

/*
 * Of a file's result, what is not repeated from the files before it.  All evaluators read the same
 * rules: warnings are the first one's to say.
 */
static void
tell_result(const struct ruleset_file *file, const struct ruleset_result *result)
{
	for (size_t i = 0; i < result->diags.count; i++) {
		const struct diag *diag = &result->diags.items[i];

		if (diag->level == DIAG_ERROR ||
		    (keeper.index == 0 && strcmp(diag->file, file->name) == 0))
			diag_print(diag, stderr);
	}
}

/* The rules that the configuration turns on and off. */
static uint32_t
take_selections(struct selection *selections)
{
	uint32_t count = 0;

	_Static_assert((int)SELECTIONS_MAX >= (int)CONFIG_LIST_MAX, "room for all");
	for (; count < config.rules.count && count < SELECTIONS_MAX; count++) {
		const struct config_selection *item = &config.rules.items[count];

		selections[count] = (struct selection){ item->enable, span_text(item->rule),
			span_text(item->tag) };
	}
	return count;
}

/* Load the rules, or end. */
static void
load(void)
{
	static struct ruleset_file files[RULESET_FILES_MAX];
	static struct ruleset_result results[RULESET_FILES_MAX];
	static struct selection selections[SELECTIONS_MAX];
	const struct ruleset_options wanted = { .priority = (enum rule_priority)config.priority,
		.selections = selections,
		.selection_count = take_selections(selections) };
	size_t count = take_files(files);
	int err = ruleset_load(&ruleset, files, count, &wanted, results);

	for (size_t i = 0; i < count; i++) {
		tell_result(&files[i], &results[i]);
		diags_fini(&results[i].diags);
		free(files[i].bytes);
	}
	if (err < 0)
		exit(EXIT_NO);
}

static bool
stopping(void *ctx)
{
	/* The spooler ends after us: with a keeper there is always somebody who makes room. */
	return keeper_stopping(ctx) && keeper_orphaned(ctx);
}

static void
attach(void)
{
	const struct evaluator_ends ends = {
		.full_data = keeper_take_end(&keeper, REGION_FULL_DATA),
		.full_tail = keeper_take_end(&keeper, REGION_FULL_TAIL),
		.alert_data = keeper_take_end(&keeper, REGION_ALERT_DATA),
		.alert_tail = keeper_take_end(&keeper, REGION_ALERT_TAIL),
		.contexts = keeper_take_end(&keeper, REGION_CONTEXTS),
		.interest = keeper_take_end(&keeper, REGION_INTEREST),
	};

	if (evaluator_open_take(&evaluator, &ends, &ruleset, &config, keeper.stats,
	        keeper.skip_position) < 0)
		fatalx("the ends that the keeper gave can not be used");
	evaluator.stopping = stopping;
	evaluator.stopping_ctx = &keeper;
}

/*
 * True when the stream is to end and has: by the keeper's wish, or without a keeper, by the
 * enricher's.
 */
static bool
finished(void)
{
	static struct worker_stream stream;

	return keeper_stopping(&keeper) && worker_finished(&stream, &keeper,
	    evaluator_drained(&evaluator), ring_ended(&evaluator.full), evaluator.position);
}

/*
 * A peer wrote what can not be.  What it had in the ring is given up, and a successor goes on
 * behind that.
 */
static noreturn void
broken(int err)
{
	if (!evaluator.full.broken)
		fatalx("the alert ring is broken: %s", strerror(-err));
	stats_add(evaluator.stats, STAT_EVALUATOR_lost_bad, 1);
	ring_abandon(&evaluator.full);
	fatalx("the full ring is broken: what it held is given up");
}

int
main(int argc, char *argv[])
{
	const struct jail jail = { .name = "evaluator" };
	int err;

	log_init("saker-evaluator", 0);
	options(argc, argv);
	(void)sigaction(SIGINT, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	evtcode_init();
	layout_init();
	if (keeper_join(&keeper, ROLE_EVALUATOR) < 0)
		return EXIT_SYSTEM;
	configure();
	load();
	attach();
	if (keeper_ready(&keeper, worker_jail(&config, &jail)) < 0)
		log_warnx("the keeper is gone");

	while (!finished())
		if ((err = evaluator_turn(&evaluator, WAIT_MAX_NS)) < 0)
			broken(err);

	evaluator_end(&evaluator);
	evaluator_close(&evaluator);
	ruleset_fini(&ruleset);
	keeper_leave(&keeper);
	return EXIT_DONE;
}
