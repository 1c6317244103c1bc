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

static void
add_process(struct status *status, enum role role, uint32_t index)
{
	struct status_process *process = &status->processes[status->process_count++];
	enum region_kind kind = role_stats_region(role);
	int fd = keeper_take_end_of(&status->keeper, kind, index);

	process->role = role;
	process->index = index;
	process->seat = keeper_seat(role, index);
	process->region = REGION_NONE;
	if (fd >= 0 && region_attach_take(&process->region, fd, kind, false) == 0)
		process->stats = region_content(&process->region);
}

static void
add_ring(struct status *status, const char *name, enum region_kind kind, uint32_t index)
{
	struct status_ring *ring = &status->rings[status->ring_count++];

	ring->name = name;
	ring->kind = kind;
	ring->index = index;
	for (uint32_t end = 0; end < 2; end++) {
		int fd = keeper_take_end_of(&status->keeper, kind + end, index);

		ring->ends[end] = REGION_NONE;
		if (fd >= 0)
			(void)region_attach_take(&ring->ends[end], fd, kind + end, false);
	}
}

/* Map what the keeper handed us; what is missing stays unmapped and is shown as such. */
static void
status_attach(struct status *status)
{
	uint32_t evaluators = status->keeper.control->evaluators;

	evaluators = evaluators < EVALUATORS_MAX ? evaluators : EVALUATORS_MAX;
	for (uint32_t role = 0; role < ROLE_COUNT; role++) {
		uint32_t count = role == ROLE_EVALUATOR ? evaluators : 1;

		for (uint32_t index = 0; index < count; index++)
			add_process(status, (enum role)role, index);
	}
	add_ring(status, "raw", REGION_RAW_DATA, 0);
	for (uint32_t index = 0; index < evaluators; index++)
		add_ring(status, "full", REGION_FULL_DATA, index);
	for (uint32_t index = 0; index < evaluators; index++)
		add_ring(status, "alert", REGION_ALERT_DATA, index);
}

static void
status_detach(struct status *status)
{
	for (uint32_t i = 0; i < status->process_count; i++)
		region_close(&status->processes[i].region);
	for (uint32_t i = 0; i < status->ring_count; i++)
		for (uint32_t end = 0; end < 2; end++)
			region_close(&status->rings[i].ends[end]);
	keeper_leave(&status->keeper);
}

static void
process_read(const struct status_process *process, uint64_t *values)
{
	for (uint32_t id = 0; id < STAT_COUNT; id++)
		values[id] = process->stats && stat_info(id)->role == process->role
		    ? stats_get(process->stats, (enum stat_id)id) : 0;
}

static void
ring_read(struct status_ring *ring)
{
	const struct ring_producer_page *producer;

	if (!ring->ends[0].base || !ring->ends[1].base)
		return;
	producer = region_content(&ring->ends[0]);
	ring->bytes = region_content_bytes(&ring->ends[0]) - RING_CONTROL_BYTES;
	ring->used = ring_fill(producer, region_content(&ring->ends[1]));
	ring->position = __atomic_load_n(&producer->position, __ATOMIC_ACQUIRE);
}

static void
status_sample(struct status *status)
{
	uint64_t begin = clock_ns(CLOCK_MONOTONIC);

	for (uint32_t i = 0; i < status->process_count; i++)
		process_read(&status->processes[i], status->processes[i].before);
	clock_pause_ms(SAMPLE_MS);
	for (uint32_t i = 0; i < status->process_count; i++)
		process_read(&status->processes[i], status->processes[i].values);
	status->interval_ns = clock_ns(CLOCK_MONOTONIC) - begin;
	for (uint32_t i = 0; i < status->ring_count; i++)
		ring_read(&status->rings[i]);
}

uint64_t
status_value(const struct status *status, uint32_t id)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < status->process_count; i++)
		sum += status->processes[i].values[id];
	return sum;
}

static int
status_usage(FILE *out, int code)
{
	(void)fprintf(out, "usage: saker status [--rules] [--json] [--run-dir DIR]\n");
	return code;
}

/* What was found, in the form that was asked for.  Returns the exit code. */
static int
status_show(struct status *status, bool rules, bool json)
{
	int err = 0;

	if (rules && (err = status_rules(&status->keeper, json, stdout)) < 0) {
		errno = -err;
		log_warn("reading what rules cost");
	}
	if (!rules) {
		status_attach(status);
		status_sample(status);
		if (json)
			status_print_json(status, stdout);
		else
			status_print(status, stdout);
	}
	status_detach(status);
	return err < 0 ? EXIT_SYSTEM : EXIT_DONE;
}

int
verb_status(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { "rules", no_argument, NULL, 'r' },
		{ "run-dir", required_argument, NULL, 'd' }, { "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	static struct status status;
	const char *run_dir = "/run/saker";
	bool json = false, rules = false;
	int option, err;

	while ((option = getopt_long(argc, argv, "jrd:h", options, NULL)) != -1) {
		switch (option) {
		case 'j': json = true; break;
		case 'r': rules = true; break;
		case 'd': run_dir = optarg; break;
		case 'h': return status_usage(stdout, EXIT_DONE);
		default: return status_usage(stderr, EXIT_USAGE);
		}
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
	return status_show(&status, rules, json);
}
