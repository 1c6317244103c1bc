/* SPDX-License-Identifier: Apache-2.0 */
/* Starting, watching and burying workers.  See workers.h. */
#include "workers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hello.h"
#include "log.h"
#include "pipeline.h"
#include "start.h"
#include "stop.h"

#define MS UINT64_C(1000000)

enum {
	START_MS_MAX = 60000, /* to get ready: the kernel's verifier may take long */
	LEFT_MS_MAX = 5000,   /* from closing the socket to the end */
	LOOK_MS_MAX = 1000,
	MESSAGES_MAX = 64     /* read from a worker that has ended */
};

static void
worker_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static void
workers_add(struct pipeline *pipeline, const struct proc_def *def, uint32_t index)
{
	struct worker *worker = &pipeline->workers[pipeline->worker_count++];

	memset(worker, 0, sizeof(*worker));
	worker->def = def;
	worker->index = index;
	worker->pidfd = worker->socket = -1;
	(void)snprintf(worker->name, sizeof(worker->name), index == 0 ? "%s" : "%s %u",
	    role_name(def->role), index);
}

void
workers_init(struct pipeline *pipeline, uint32_t evaluators)
{
	pipeline->worker_count = 0;
	for (uint32_t i = 0; i < PROC_COUNT; i++) {
		uint32_t count = procs[i].many ? evaluators : 1;

		for (uint32_t index = 0; index < count; index++)
			workers_add(pipeline, &procs[i], index);
	}
}

uint32_t
worker_seat(const struct worker *worker)
{
	return keeper_seat(worker->def->role, worker->index);
}

uint32_t
worker_whose(const struct worker *worker)
{
	return worker->def->many ? worker->index : ENDS_ALL;
}

static struct stats *
worker_stats(const struct pipeline *pipeline, const struct worker *worker)
{
	return ends_stats(&pipeline->ends, worker->def->role, worker->index);
}

static void
worker_enter(struct pipeline *pipeline, struct worker *worker, enum worker_state state,
    uint64_t now_ns)
{
	struct keeper_control *control = ends_control(&pipeline->ends);
	uint32_t seat = worker_seat(worker);

	worker->state = state;
	worker->since_ns = now_ns;
	control->pids[seat] = worker->pidfd >= 0 ? (uint32_t)worker->pid : 0;
	keeper_control_set(&control->state[seat], state);
}

/* The pause begins; a good life before it makes it short again. */
static void
worker_pause(struct pipeline *pipeline, struct worker *worker, uint64_t now_ns)
{
	const struct config *config = &pipeline->options.config;

	if (worker->state == WORKER_READY && now_ns - worker->since_ns >= LIFE_GOOD_NS)
		worker->pause_ms = 0;
	worker->pause_ms = backoff_next(worker->pause_ms, (uint32_t)config->workers_backoff_ms,
	    (uint32_t)config->workers_backoff_max_ms);
	worker_enter(pipeline, worker, WORKER_WAITING, now_ns);
}

void
worker_start(struct pipeline *pipeline, struct worker *worker, uint64_t now_ns)
{
	struct keeper_control *control = ends_control(&pipeline->ends);

	if (worker->pidfd >= 0)
		return;
	if (start_worker(pipeline, worker) < 0) {
		worker->failed++;
		worker_pause(pipeline, worker, now_ns);
		return;
	}
	ends_raise(&pipeline->ends, worker->def->writes, worker_whose(worker));
	if (worker->lives++ > 0) {
		stats_add(pipeline_stats(pipeline), STAT_KEEPER_restarts, 1);
		keeper_control_set(&control->restarts[worker_seat(worker)], worker->lives - 1);
	}
	worker->greeted = false;
	worker->left_ns = 0;
	memset(&worker->hang, 0, sizeof(worker->hang));
	worker_enter(pipeline, worker, WORKER_STARTING, now_ns);
	log_debug("%s started: pid %d", worker->name, worker->pid);
}

/* All but WORKER are ready. */
static bool
others_ready(const struct pipeline *pipeline, const struct worker *worker)
{
	for (uint32_t i = 0; i < pipeline->worker_count; i++) {
		if (&pipeline->workers[i] != worker && pipeline->workers[i].state != WORKER_READY)
			return false;
	}
	return true;
}

static bool
worker_due(const struct pipeline *pipeline, const struct worker *worker, uint64_t now_ns)
{
	if (worker->abandoned)
		return false;
	if (worker->state == WORKER_WAITING)
		return now_ns >= worker->since_ns + worker->pause_ms * MS;
	if (worker->state != WORKER_NONE || pipeline->stopping)
		return false;
	/* Rules that are refused are refused by the first evaluator, once, before others begin. */
	if (worker->index > 0 && !worker[-1].was_ready)
		return false;
	return !worker->def->starts_last || others_ready(pipeline, worker);
}

void
workers_start_due(struct pipeline *pipeline, uint64_t now_ns)
{
	for (uint32_t i = 0; i < pipeline->worker_count && !pipeline->over; i++) {
		struct worker *worker = &pipeline->workers[i];

		if (!worker_due(pipeline, worker, now_ns))
			continue;
		worker_start(pipeline, worker, now_ns);
		if (!pipeline->ready && worker->failed >= STARTS_FAILED_MAX)
			stop_now(pipeline, EXIT_SYSTEM);
	}
}

/* How often hangs are looked for: several times before one is found. */
static uint64_t
look_period(const struct pipeline *pipeline)
{
	uint64_t period = (uint64_t)pipeline->options.config.workers_hang_ms / 8;

	return (period < LOOK_MS_MAX ? period : LOOK_MS_MAX) * MS;
}

/* Why the worker's process must be ended now; NULL when it need not. */
static const char *
worker_fault(const struct pipeline *pipeline, struct worker *worker, uint64_t now_ns)
{
	const struct stats *stats = worker_stats(pipeline, worker);
	bool waiting;

	if (worker->left_ns && now_ns - worker->left_ns >= LEFT_MS_MAX * MS)
		return "it has left the keeper and does not end";
	if (worker->state == WORKER_STARTING && now_ns - worker->since_ns >= START_MS_MAX * MS)
		return "it does not get ready";
	if (worker->state != WORKER_READY)
		return NULL;
	waiting = stats_waiting(stats) > 0 ||
	    ends_waiting(&pipeline->ends, worker->def->input, worker_whose(worker)) > 0;
	if (hang_judge(&worker->hang, stats_turns(stats), waiting, now_ns, look_period(pipeline),
	    (uint64_t)pipeline->options.config.workers_hang_ms * MS))
		return "it stands still with input waiting";
	return NULL;
}

void
workers_watch(struct pipeline *pipeline, uint64_t now_ns)
{
	if (now_ns < pipeline->look_ns)
		return;
	pipeline->look_ns = now_ns + look_period(pipeline);
	for (uint32_t i = 0; i < pipeline->worker_count; i++) {
		struct worker *worker = &pipeline->workers[i];
		const char *fault;

		if (worker->pidfd < 0 || !(fault = worker_fault(pipeline, worker, now_ns)))
			continue;
		log_warnx("%s (pid %d) is killed: %s", worker->name, worker->pid,
		    fault);
		stats_add(pipeline_stats(pipeline), STAT_KEEPER_hangs, 1);
		memset(&worker->hang, 0, sizeof(worker->hang));
		worker->left_ns = 0;
		start_kill(worker);
	}
}

uint64_t
workers_next(const struct pipeline *pipeline)
{
	uint64_t next_ns = pipeline->look_ns;

	for (uint32_t i = 0; i < pipeline->worker_count; i++) {
		const struct worker *worker = &pipeline->workers[i];
		uint64_t due_ns = worker->since_ns + worker->pause_ms * MS;

		if (worker->state == WORKER_WAITING && due_ns < next_ns)
			next_ns = due_ns;
	}
	return next_ns;
}

/* The first time that all workers are ready. */
static void
pipeline_is_ready(struct pipeline *pipeline)
{
	static const char line[] = "ready\n";
	int fd = pipeline->options.notify_fd;

	pipeline->ready = true;
	keeper_control_set(&ends_control(&pipeline->ends)->state[ROLE_KEEPER], WORKER_READY);
	log_info("all workers are ready");
	if (fd < 0)
		return;
	if (write(fd, line, sizeof(line) - 1) != (ssize_t)sizeof(line) - 1)
		log_warn("--notify-fd %d", fd);
	(void)close(fd);
	pipeline->options.notify_fd = -1;
}

static void
worker_is_ready(struct pipeline *pipeline, struct worker *worker, uint64_t now_ns, uint64_t hash)
{
	worker->was_ready = true;
	worker->failed = 0;
	worker_enter(pipeline, worker, WORKER_READY, now_ns);
	reload_worker_ready(pipeline, worker, hash);
	if (!pipeline->ready && others_ready(pipeline, worker))
		pipeline_is_ready(pipeline);
}

/* A worker that breaks the protocol is not trusted with its ends any longer. */
static void
worker_break(struct pipeline *pipeline, struct worker *worker, const char *what)
{
	log_warnx("%s (pid %d) is killed: %s", worker->name, worker->pid, what);
	stats_add(pipeline_stats(pipeline), STAT_KEEPER_bad_requests, 1);
	worker_close(&worker->socket);
	start_kill(worker);
}

/* Read one message.  Returns true when there may be more. */
static bool
worker_read_one(struct pipeline *pipeline, struct worker *worker, uint64_t now_ns)
{
	struct keeper_message message;
	int fds[KEEPER_DEPOSIT_BATCH];
	uint32_t fd_count;
	const char *fault;
	int err = keeper_receive(worker->socket, &message, fds, KEEPER_DEPOSIT_BATCH, &fd_count,
	    true);

	if (err == -EAGAIN)
		return false;
	if (err == -EPROTO) {
		worker_break(pipeline, worker, "a message of a wrong size or version");
		return false;
	}
	if (err < 0) {
		worker_close(&worker->socket);
		worker->left_ns = now_ns;
		return false;
	}
	fault = hello_answer(pipeline, worker, &message, fds, fd_count);
	if (fault)
		worker_break(pipeline, worker, fault);
	else if (message.request == KEEPER_READY)
		worker_is_ready(pipeline, worker, now_ns, message.value[1]);
	return !fault;
}

void
worker_read(struct pipeline *pipeline, struct worker *worker, uint64_t now_ns)
{
	(void)worker_read_one(pipeline, worker, now_ns);
}

/* What it had said before it ended still counts: a whole deposit above all. */
static void
worker_read_rest(struct pipeline *pipeline, struct worker *worker, uint64_t now_ns)
{
	for (uint32_t i = 0; i < MESSAGES_MAX && worker->socket >= 0; i++) {
		if (!worker_read_one(pipeline, worker, now_ns))
			break;
	}
	worker_close(&worker->socket);
}

static void
log_end(const struct worker *worker, const siginfo_t *info, uint64_t position)
{
	const char *name = worker->name;
	bool exited = info->si_code == CLD_EXITED;

	if (position)
		log_warnx("%s (pid %d) ended unasked at position %" PRIu64 ": %s %d", name,
		    worker->pid, position, exited ? "exit code" : "signal", info->si_status);
	else
		log_warnx("%s (pid %d) ended unasked: %s %d", name, worker->pid,
		    exited ? "exit code" : "signal", info->si_status);
}

/*
 * Judge the position at which it ended.  The word is cleared, so that a successor that ends before
 * it has touched any record does not seem to have ended at this one.
 */
static void
worker_judge(struct pipeline *pipeline, struct worker *worker, uint64_t position)
{
	stats_work(worker_stats(pipeline, worker), 0);
	if (!poison_judge(&worker->poison, position))
		return;
	stats_add(pipeline_stats(pipeline), STAT_KEEPER_poisons, 1);
	log_warnx("%s ended twice at position %" PRIu64 ": its successor skips it",
	    worker->name, position);
}

/*
 * Whether this end ends the whole pipeline: rules that are refused at the first start, or a worker
 * that can not start at all.  Later on neither does: a sensor that ran goes on trying.
 */
static bool
worker_fatal(struct pipeline *pipeline, struct worker *worker, const siginfo_t *info)
{
	bool refused = info->si_code == CLD_EXITED && info->si_status == EXIT_NO;

	if (worker->def->role == ROLE_EVALUATOR && refused && !worker->was_ready) {
		stop_now(pipeline, EXIT_NO);
		return true;
	}
	if (!pipeline->ready && worker->failed >= STARTS_FAILED_MAX) {
		log_warnx("%s can not start: %u attempts failed", worker->name,
		    worker->failed);
		stop_now(pipeline, EXIT_SYSTEM);
		return true;
	}
	return false;
}

void
worker_ended(struct pipeline *pipeline, struct worker *worker, uint64_t now_ns)
{
	uint64_t position = stats_position(worker_stats(pipeline, worker));
	siginfo_t info = { 0 };
	bool asked;

	if (waitid(P_PIDFD, (id_t)worker->pidfd, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
		return;
	worker_read_rest(pipeline, worker, now_ns);
	worker_close(&worker->pidfd);
	if (worker->def->named & NAMED_DEPOSITS)
		deposits_close(&pipeline->arriving); /* what was not whole is not handed on */
	asked = stop_asked(pipeline, worker) && info.si_code == CLD_EXITED && info.si_status == 0;
	if (asked || worker->abandoned || pipeline->over) {
		worker_enter(pipeline, worker, WORKER_ENDED, now_ns);
		return;
	}
	log_end(worker, &info, position);
	worker_judge(pipeline, worker, position);
	reload_worker_ended(pipeline, worker);
	if (worker->state == WORKER_STARTING)
		worker->failed++;
	if (!worker_fatal(pipeline, worker, &info))
		worker_pause(pipeline, worker, now_ns);
}
