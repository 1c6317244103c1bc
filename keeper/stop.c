/* SPDX-License-Identifier: Apache-2.0 */
/* Ending the pipeline.  See stop.h. */
#include "stop.h"

#include "log.h"
#include "pipeline.h"
#include "ring.h"
#include "start.h"
#include "workers.h"

enum { DRAIN_MS_MAX = 10000, NUDGE_MS = 5 };

/* Roles are numbered along the stream. */
_Static_assert(ROLE_COLLECTOR < ROLE_ENRICHER && ROLE_ENRICHER < ROLE_EVALUATOR &&
    ROLE_EVALUATOR < ROLE_SPOOLER && ROLE_SPOOLER < ROLE_SINK && ROLE_SINK < ROLE_COUNT,
    "each feeds the next");

bool
stop_asked(const struct pipeline *pipeline, const struct worker *worker)
{
	return pipeline->stopping && worker->def->role <= pipeline->stop_role;
}

/*
 * How long ROLE may drain.  The spool of one command goes away with it, so its sink waits for a
 * reader however slow; whoever will not signals once more.
 */
static uint64_t
stop_deadline(const struct pipeline *pipeline, enum role role, uint64_t now_ns)
{
	if (role == ROLE_SINK && pipeline->options.scope_pid != 0)
		return UINT64_MAX;
	return now_ns + DRAIN_MS_MAX * UINT64_C(1000000);
}

/*
 * The stop has come to WORKER.  One that waits for its restart gets it now, since it may have input
 * to drain; one that was never ready has nothing to drain.
 */
static void
stop_worker(struct pipeline *pipeline, struct worker *worker, uint64_t now_ns)
{
	if (!worker->was_ready) {
		worker->abandoned = true;
		start_kill(worker);
	} else if (worker->state == WORKER_WAITING) {
		worker_start(pipeline, worker, now_ns);
	}
}

/* The workers of ROLE: their number, the first of them as *FIRST. */
static uint32_t
stop_workers(struct pipeline *pipeline, enum role role, struct worker **first)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < pipeline->worker_count; i++) {
		if (pipeline->workers[i].def->role == role && count++ == 0)
			*first = &pipeline->workers[i];
	}
	return count;
}

static void
stop_enter(struct pipeline *pipeline, enum role role, uint64_t now_ns)
{
	struct worker *first = NULL;
	uint32_t count = stop_workers(pipeline, role, &first);

	pipeline->stop_role = role;
	pipeline->stop_by_ns = stop_deadline(pipeline, role, now_ns);
	keeper_control_set(&ends_control(&pipeline->ends)->stop[role], 1);
	for (uint32_t i = 0; i < count; i++)
		stop_worker(pipeline, first + i, now_ns);
}

void
stop_begin(struct pipeline *pipeline, uint64_t now_ns)
{
	log_info("stopping");
	pipeline->stopping = true;
	stop_enter(pipeline, ROLE_COLLECTOR, now_ns);
}

/* True when nothing more is to be expected of WORKER. */
static bool
stop_done(const struct worker *worker)
{
	if (worker->pidfd >= 0)
		return false;
	return worker->abandoned || worker->state == WORKER_NONE || worker->state == WORKER_ENDED;
}

/* Its time is over: what it has not drained stays where it is. */
static void
stop_abandon(struct pipeline *pipeline, struct worker *worker)
{
	if (worker->abandoned)
		return;
	log_warnx("%s has not drained its input within %d s and is killed",
	    worker->name, DRAIN_MS_MAX / 1000);
	worker->abandoned = true;
	pipeline->code = EXIT_SYSTEM;
	start_kill(worker);
}

/* True when nothing more is to be expected of any worker of the role that the stop has come to. */
static bool
stop_all_done(struct pipeline *pipeline)
{
	struct worker *first = NULL;
	uint32_t count = stop_workers(pipeline, pipeline->stop_role, &first);

	for (uint32_t i = 0; i < count; i++) {
		if (!stop_done(first + i))
			return false;
	}
	return true;
}

/*
 * Workers sleep long when idle.  Those whose turn it is to end are woken until they have: one may
 * have looked at its flag just before that was set.
 */
static void
stop_nudge(struct pipeline *pipeline)
{
	const struct proc_def *def = proc_find(pipeline->stop_role);
	struct stats *spooler = ends_stats(&pipeline->ends, ROLE_SPOOLER, 0);

	if (def->input != REGION_NONE_KIND)
		ends_wake(&pipeline->ends, def->input, ENDS_ALL);
	else if (def->role == ROLE_SINK)
		ring_wake_word(&spooler->values[STAT_SPOOLER_frames]);
}

static void
stop_overdue(struct pipeline *pipeline)
{
	struct worker *first = NULL;
	uint32_t count = stop_workers(pipeline, pipeline->stop_role, &first);

	for (uint32_t i = 0; i < count; i++) {
		if (!stop_done(first + i))
			stop_abandon(pipeline, first + i);
	}
}

void
stop_turn(struct pipeline *pipeline, uint64_t now_ns)
{
	if (!pipeline->stopping || pipeline->over)
		return;
	if (now_ns >= pipeline->stop_by_ns)
		stop_overdue(pipeline);
	while (stop_all_done(pipeline)) {
		if (pipeline->stop_role + 1 == ROLE_COUNT) {
			pipeline->over = true;
			return;
		}
		stop_enter(pipeline, pipeline->stop_role + 1, now_ns);
	}
	stop_nudge(pipeline);
}

uint64_t
stop_next(const struct pipeline *pipeline, uint64_t now_ns)
{
	return pipeline->stopping ? now_ns + NUDGE_MS * UINT64_C(1000000) : UINT64_MAX;
}

void
stop_now(struct pipeline *pipeline, int code)
{
	pipeline->over = true;
	pipeline->code = code;
	for (uint32_t i = 0; i < pipeline->worker_count; i++)
		start_kill(&pipeline->workers[i]);
}
