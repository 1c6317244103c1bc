/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `saker status`: processes, rights, rings, rates, losses.  Reads the keeper's control region and
 * every process's counters, all mapped read-only, twice, and shows the difference as a rate.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "jail.h"
#include "keeper.h"
#include "log.h"
#include "ring.h"
#include "status.h"
#include "verbs.h"

enum { SAMPLE_MS = 500 };

static const enum region_kind ring_kinds[STATUS_RINGS] = {
	REGION_RAW_DATA, REGION_FULL_DATA, REGION_ALERT_DATA
};

/* Map what the keeper handed us; what is missing stays unmapped and is shown as such. */
static void
status_attach(struct status *status)
{
	for (uint32_t role = 0; role < ROLE_COUNT; role++) {
		enum region_kind kind = role_stats_region((enum role)role);
		int fd = keeper_take_end(&status->keeper, kind);

		if (fd >= 0 &&
		    region_attach_take(&status->stats_regions[role], fd, kind, false) == 0)
			status->stats[role] = region_content(&status->stats_regions[role]);
	}
	for (uint32_t i = 0; i < STATUS_RINGS; i++) {
		enum region_kind kinds[2] = { ring_kinds[i], ring_kinds[i] + 1 };

		for (uint32_t end = 0; end < 2; end++) {
			int fd = keeper_take_end(&status->keeper, kinds[end]);

			if (fd >= 0)
				(void)region_attach_take(&status->rings[i][end], fd, kinds[end],
				    false);
		}
	}
}

static void
status_detach(struct status *status)
{
	for (uint32_t role = 0; role < ROLE_COUNT; role++)
		region_close(&status->stats_regions[role]);
	for (uint32_t i = 0; i < STATUS_RINGS; i++)
		for (uint32_t end = 0; end < 2; end++)
			region_close(&status->rings[i][end]);
	keeper_leave(&status->keeper);
}

static void
status_read(const struct status *status, uint64_t *values)
{
	for (uint32_t id = 0; id < STAT_COUNT; id++) {
		const struct stats *stats = status->stats[stat_info(id)->role];

		values[id] = stats ? stats_get(stats, (enum stat_id)id) : 0;
	}
}

static void
status_sample(struct status *status)
{
	uint64_t begin = clock_ns(CLOCK_MONOTONIC);

	status_read(status, status->before);
	clock_pause_ms(SAMPLE_MS);
	status_read(status, status->values);
	status->interval_ns = clock_ns(CLOCK_MONOTONIC) - begin;
	for (uint32_t i = 0; i < STATUS_RINGS; i++) {
		const struct ring_producer_page *producer;
		const struct ring_consumer_page *consumer;

		if (!status->rings[i][0].base || !status->rings[i][1].base)
			continue;
		producer = region_content(&status->rings[i][0]);
		consumer = region_content(&status->rings[i][1]);
		status->ring_bytes[i] =
		    region_content_bytes(&status->rings[i][0]) - RING_CONTROL_BYTES;
		status->ring_used[i] = __atomic_load_n(&producer->head, __ATOMIC_ACQUIRE) -
		    __atomic_load_n(&consumer->tail, __ATOMIC_ACQUIRE);
		status->ring_position[i] = __atomic_load_n(&producer->position, __ATOMIC_ACQUIRE);
	}
}

static int
status_usage(FILE *out, int code)
{
	(void)fprintf(out, "usage: saker status [--json] [--run-dir DIR]\n");
	return code;
}

int
verb_status(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { "run-dir", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 }
	};
	static struct status status;
	const char *run_dir = "/run/saker";
	bool json = false;
	int option, err;

	for (uint32_t role = 0; role < ROLE_COUNT; role++)
		status.stats_regions[role] = REGION_NONE;
	for (uint32_t i = 0; i < STATUS_RINGS; i++)
		status.rings[i][0] = status.rings[i][1] = REGION_NONE;
	while ((option = getopt_long(argc, argv, "jd:h", options, NULL)) != -1) {
		if (option == 'h')
			return status_usage(stdout, EXIT_DONE);
		if (option != 'j' && option != 'd')
			return status_usage(stderr, EXIT_USAGE);
		if (option == 'j')
			json = true;
		else
			run_dir = optarg;
	}
	if (optind < argc) {
		log_warnx("\"%s\" is not an option", argv[optind]);
		return status_usage(stderr, EXIT_USAGE);
	}
	if ((err = keeper_connect(&status.keeper, run_dir, KEEPER_STATUS)) < 0) {
		errno = -err;
		log_warn("no saker answers at %s/keeper.sock", run_dir);
		return err == -ENOENT || err == -ECONNREFUSED ? EXIT_NO : EXIT_SYSTEM;
	}
	status_attach(&status);
	status_sample(&status);
	if (json)
		status_print_json(&status, stdout);
	else
		status_print(&status, stdout);
	status_detach(&status);
	return EXIT_DONE;
}
