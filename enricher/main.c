/* SPDX-License-Identifier: Apache-2.0 */
/* saker-enricher: raw events in, events with the context of their task out. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "enricher.h"
#include "jail.h"
#include "keeper.h"
#include "log.h"

/* Without a keeper nobody starts a peer again: how many turns of WAIT_MAX_NS it is waited for. */
enum { WAIT_MAX_NS = 100 * 1000 * 1000, ORPHAN_TURNS = 100 };

static struct enricher enricher; /* too large for the stack */
static struct keeper keeper;

/* Set log level and ROOT, the empty directory, from the configuration. */
static void
configure(char *root, size_t size)
{
	struct region region;
	const struct config *config;
	int fd = keeper_take_end(&keeper, REGION_CONFIG);

	if (fd < 0 || region_attach_take(&region, fd, REGION_CONFIG, false) < 0)
		fatalx("no configuration from the keeper");
	if (region_content_bytes(&region) < sizeof(*config))
		fatalx("the configuration region is too small");
	config = region_content(&region);
	log_limit(config->log_level);
	(void)snprintf(root, size, "%s/empty", config->run_dir);
	region_close(&region);
}

static void
attach(void)
{
	const struct enricher_ends ends = {
		.raw_data = keeper_take_end(&keeper, REGION_RAW_DATA),
		.raw_tail = keeper_take_end(&keeper, REGION_RAW_TAIL),
		.full_data = keeper_take_end(&keeper, REGION_FULL_DATA),
		.full_tail = keeper_take_end(&keeper, REGION_FULL_TAIL),
		.contexts = keeper_take_end(&keeper, REGION_CONTEXTS),
		.state = keeper_take_end(&keeper, REGION_STATE),
		.interest = keeper_take_end(&keeper, REGION_INTEREST),
		.tap_interest = keeper_take_end(&keeper, REGION_TAP_INTEREST),
	};

	if (enricher_open_take(&enricher, &ends, keeper.stats, keeper.skip_position) < 0)
		fatalx("the ends that the keeper gave can not be used");
}

/* Give up every right but the use of what is open.  Returns what could not be had. */
static uint32_t
drop(const char *root)
{
	const struct jail jail = { .name = "enricher", .root = root };
	struct jail_report report;
	int err = jail_enter(&jail, &report);

	if (err < 0)
		fatalx("jail: %s", strerror(-err));
	return report.missing;
}

/*
 * True when the stream is to end and has: by the keeper's wish or, without a keeper, by the
 * collector's.
 */
static bool
finished(void)
{
	static uint32_t quiet;
	static uint64_t position;

	if (!keeper_stopping(&keeper))
		return false;
	if (enricher_drained(&enricher) && (!keeper_orphaned(&keeper) || ring_ended(&enricher.raw)))
		return true;
	if (!keeper_orphaned(&keeper))
		return false;
	quiet = enricher.position == position ? quiet + 1 : 0;
	position = enricher.position;
	return quiet >= ORPHAN_TURNS;
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
	char root[CONFIG_TEXT_MAX + sizeof("/empty")];

	log_init("saker-enricher", 0);
	if (argc > 1) {
		(void)fprintf(stderr, "usage: saker-enricher    as a worker of saker-keeper\n");
		log_warnx("\"%s\" is not an option: there are none", argv[1]);
		return EXIT_USAGE;
	}
	(void)sigaction(SIGINT, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	if (keeper_join(&keeper, ROLE_ENRICHER) < 0)
		return EXIT_SYSTEM;
	configure(root, sizeof(root));
	attach();
	if (keeper_ready(&keeper, drop(root)) < 0)
		log_warnx("the keeper is gone");

	while (!finished())
		if (enricher_turn(&enricher, WAIT_MAX_NS) < 0)
			broken();

	enricher_end(&enricher);
	enricher_close(&enricher);
	keeper_leave(&keeper);
	return EXIT_DONE;
}
