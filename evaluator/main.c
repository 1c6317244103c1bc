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
#include "clock.h"
#include "describe.h"
#include "evaluator.h"
#include "log.h"
#include "observe.h"
#include "reload.h"
#include "ruletest.h"
#include "worker.h"

enum { WAIT_MAX_NS = 500 * 1000 * 1000, HEAR_NS = 20 * 1000 * 1000 };

static struct evaluator evaluator; /* too large for the stack */
static struct keeper keeper;
static struct reload reload;
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
		.costs = keeper_take_end(&keeper, REGION_COSTS),
	};

	if (evaluator_open_take(&evaluator, &ends, &config, keeper.stats,
	        keeper.skip_position) < 0)
		fatalx("the ends that the keeper gave can not be used");
	evaluator.stopping = stopping;
	evaluator.stopping_ctx = &keeper;
}

/* Load the rules and begin with them, or end. */
static void
load(void)
{
	int err = reload_open(&reload, &keeper, &config, &evaluator);

	if (err == 0)
		err = reload_begin(&reload, &evaluator);
	if (err < 0)
		exit(EXIT_NO);
}

/* Between two turns; the socket is looked at now and then. */
static void
hear(void)
{
	static uint64_t heard_ns;
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC_COARSE);

	if (evaluator.ruleset == reload.used && now_ns - heard_ns < HEAR_NS)
		return;
	heard_ns = now_ns;
	reload_turn(&reload, &evaluator);
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
	if (err == -ENOMEM)
		fatalx("the new rules can not be used");
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
	attach();
	load();
	if (keeper_ready(&keeper, worker_jail(&config, &jail)) < 0)
		log_warnx("the keeper is gone");

	while (!finished()) {
		hear();
		if ((err = evaluator_turn(&evaluator, WAIT_MAX_NS)) < 0)
			broken(err);
	}

	evaluator_end(&evaluator);
	evaluator_close(&evaluator);
	reload_close(&reload);
	keeper_leave(&keeper);
	return EXIT_DONE;
}
