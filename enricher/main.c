/* SPDX-License-Identifier: Apache-2.0 */
/* saker-enricher: raw events in, events with the context of their task out. */
#include <signal.h>
#include <stdio.h>

#include "enricher.h"
#include "log.h"
#include "worker.h"

enum { WAIT_MAX_NS = 500 * 1000 * 1000 };

static struct enricher enricher; /* too large for the stack */
static struct keeper keeper;

static void
attach(void)
{
	struct enricher_ends ends = {
		.raw_data = keeper_take_end(&keeper, REGION_RAW_DATA),
		.raw_tail = keeper_take_end(&keeper, REGION_RAW_TAIL),
		.contexts = keeper_take_end(&keeper, REGION_CONTEXTS),
		.state = keeper_take_end(&keeper, REGION_STATE),
		.tap_interest = keeper_take_end(&keeper, REGION_TAP_INTEREST),
		.dealt = keeper_take_end(&keeper, REGION_DEALT),
		.evaluators = keeper.control->evaluators,
	};

	if (ends.evaluators == 0 || ends.evaluators > EVALUATORS_MAX)
		fatalx("%u evaluators can not be", ends.evaluators);
	for (uint32_t i = 0; i < ends.evaluators; i++)
		ends.of[i] = (struct enricher_evaluator_ends){
			keeper_take_end_of(&keeper, REGION_FULL_DATA, i),
			keeper_take_end_of(&keeper, REGION_FULL_TAIL, i),
			keeper_take_end_of(&keeper, REGION_INTEREST, i)
		};

	if (enricher_open_take(&enricher, &ends, keeper.stats, keeper.skip_position) < 0)
		fatalx("the ends that the keeper gave can not be used");
}

/*
 * True when the stream is to end and has: by the keeper's wish or, without a keeper, by the
 * collector's.
 */
static bool
finished(void)
{
	static struct worker_stream stream;

	return keeper_stopping(&keeper) && worker_finished(&stream, &keeper,
	    enricher_drained(&enricher), ring_ended(&enricher.raw), enricher.position);
}

/*
 * A peer wrote what can not be.  What it had in the ring is given up, and a successor goes on
 * behind that.
 */
static noreturn void
broken(void)
{
	if (!enricher.raw.broken)
		fatalx("the full ring is broken: its reader's index can not be");
	stats_add(enricher.stats, STAT_ENRICHER_lost_bad, 1);
	ring_abandon(&enricher.raw);
	fatalx("the raw ring is broken: what it held is given up");
}

int
main(int argc, char *argv[])
{
	const struct jail jail = { .name = "enricher" };
	const struct config *config;
	struct region region;

	log_init("saker-enricher", 0);
	if (argc > 1) {
		(void)fprintf(stderr, "usage: saker-enricher    as a worker of saker-keeper\n");
		log_warnx("\"%s\" is not an option: there are none", argv[1]);
		return EXIT_USAGE;
	}
	(void)sigaction(SIGINT, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	if (keeper_join(&keeper, ROLE_ENRICHER) < 0)
		return EXIT_SYSTEM;
	config = worker_config(&keeper, &region);
	attach();
	if (keeper_ready(&keeper, worker_jail(config, &jail)) < 0)
		log_warnx("the keeper is gone");

	while (!finished())
		if (enricher_turn(&enricher, WAIT_MAX_NS) < 0)
			broken();

	enricher_end(&enricher);
	enricher_close(&enricher);
	region_close(&region);
	keeper_leave(&keeper);
	return EXIT_DONE;
}
