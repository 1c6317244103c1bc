/* SPDX-License-Identifier: Apache-2.0 */
/* saker-collector: the one process with rights, and only until it has attached the probe. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector.h"
#include "log.h"
#include "offers.h"

static struct collector collector; /* too large for the stack */
static struct keeper keeper;

static void
usage(FILE *out)
{
	fprintf(out, "usage: saker-collector           started by saker-keeper\n"
	    "       saker-collector --probe   what this kernel and user offer\n");
}

/* Answers what is asked on the command line; comes back only when nothing is. */
static void
options(int argc, char *argv[])
{
	struct offers offers;

	if (argc == 1)
		return;
	if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
		usage(stdout);
		exit(EXIT_DONE);
	}
	if (argc != 2 || strcmp(argv[1], "--probe") != 0) {
		usage(stderr);
		exit(EXIT_USAGE);
	}
	offers_ask(&offers);
	offers_print(&offers, stdout);
	exit(offers_suffices(&offers) ? EXIT_DONE : EXIT_NO);
}

int
main(int argc, char *argv[])
{
	log_init("saker-collector", 0);
	options(argc, argv);
	if (keeper_join(&keeper, ROLE_COLLECTOR) < 0)
		return EXIT_SYSTEM;
	if (collector_open(&collector, &keeper) < 0 || collector_drop(&collector) < 0)
		return EXIT_SYSTEM;
	collector_settle(&collector);
	if (keeper_ready(&keeper, collector.jail_missing) < 0)
		return EXIT_SYSTEM;

	while (!keeper_stopping(&keeper))
		collector_turn(&collector);

	collector_finish(&collector);
	collector_close(&collector);
	keeper_leave(&keeper);
	return EXIT_DONE;
}
