/* SPDX-License-Identifier: Apache-2.0 */
/* The loop.  See serve.h. */
#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clients.h"
#include "log.h"
#include "pipeline.h"
#include "stop.h"
#include "workers.h"

enum { SLEEP_MS_MAX = 1000, END_MS_MAX = 5000 };

/* Places in the set that is waited for. */
enum { AT_SIGNAL, AT_DOOR, AT_WATCH, AT_SOCKETS, AT_PIDS = AT_SOCKETS + WORKERS_MAX,
	AT_CLIENTS = AT_PIDS + WORKERS_MAX, AT_END = AT_CLIENTS + CLIENTS_MAX };

int
serve_signals(void)
{
	sigset_t told, held;
	int fd;

	(void)sigemptyset(&told);
	(void)sigaddset(&told, SIGTERM);
	(void)sigaddset(&told, SIGINT);
	(void)sigaddset(&told, SIGHUP);
	held = told;
	(void)sigaddset(&held, SIGPIPE); /* whoever was to be notified may be gone */
	if (sigprocmask(SIG_BLOCK, &held, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &told, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

/*
 * A hangup asks for the rules anew.  Of the others the first asks for an orderly end; the second
 * does not wait for it.
 */
static void
serve_signal(struct pipeline *pipeline, uint64_t now_ns)
{
	struct signalfd_siginfo info;

	if (read(pipeline->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP) {
		(void)reload_want(pipeline);
		return;
	}
	if (!pipeline->stopping) {
		stop_begin(pipeline, now_ns);
		return;
	}
	log_warnx("signalled again: workers are killed where they are");
	stop_now(pipeline, EXIT_SYSTEM);
}

static void
serve_set(const struct pipeline *pipeline, struct pollfd *set)
{
	for (uint32_t i = 0; i < AT_END; i++)
		set[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	set[AT_SIGNAL].fd = pipeline->signal_fd;
	set[AT_DOOR].fd = pipeline->client_socket;
	set[AT_WATCH].fd = pipeline->reload.watch.fd;
	for (uint32_t i = 0; i < pipeline->worker_count; i++) {
		set[AT_SOCKETS + i].fd = pipeline->workers[i].socket;
		set[AT_PIDS + i].fd = pipeline->workers[i].pidfd;
	}
	for (uint32_t i = 0; i < CLIENTS_MAX; i++)
		set[AT_CLIENTS + i].fd = pipeline->clients[i].fd;
}

/*
 * What came.  A place is used only if its descriptor is still the one that was waited for: handling
 * one thing may close another.
 */
static void
serve_events(struct pipeline *pipeline, const struct pollfd *set, uint64_t now_ns)
{
	if (set[AT_SIGNAL].revents)
		serve_signal(pipeline, now_ns);
	if (set[AT_WATCH].revents)
		rulewatch_read(&pipeline->reload.watch, now_ns);
	for (uint32_t i = 0; i < pipeline->worker_count; i++) {
		struct worker *worker = &pipeline->workers[i];

		if (set[AT_SOCKETS + i].revents && worker->socket == set[AT_SOCKETS + i].fd)
			worker_read(pipeline, worker, now_ns);
		if (set[AT_PIDS + i].revents && worker->pidfd == set[AT_PIDS + i].fd)
			worker_ended(pipeline, worker, now_ns);
	}
	for (uint32_t i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &pipeline->clients[i];

		if (set[AT_CLIENTS + i].revents && client->fd == set[AT_CLIENTS + i].fd)
			client_read(pipeline, client);
	}
	if (set[AT_DOOR].revents)
		clients_accept(pipeline);
}

/* Milliseconds from NOW_NS to the next time that something is due, at most SLEEP_MS_MAX. */
static int
serve_timeout(const struct pipeline *pipeline, uint64_t now_ns)
{
	uint64_t next_ns = workers_next(pipeline), stop_ns = stop_next(pipeline, now_ns), ms;
	uint64_t reload_ns = reload_next(pipeline);

	if (stop_ns < next_ns)
		next_ns = stop_ns;
	if (reload_ns < next_ns)
		next_ns = reload_ns;
	if (next_ns <= now_ns)
		return 0;
	ms = (next_ns - now_ns + 999999) / 1000000;
	return ms < SLEEP_MS_MAX ? (int)ms : SLEEP_MS_MAX;
}

static void
serve_wait(struct pipeline *pipeline, int timeout_ms)
{
	struct pollfd set[AT_END];

	serve_set(pipeline, set);
	if (poll(set, AT_END, timeout_ms) > 0)
		serve_events(pipeline, set, pipeline_now());
}

static void
serve_turn(struct pipeline *pipeline)
{
	uint64_t now_ns = pipeline_now();
	struct keeper_control *control = ends_control(&pipeline->ends);

	control->turns++;
	stats_turn(pipeline_stats(pipeline), 0);
	workers_start_due(pipeline, now_ns);
	workers_watch(pipeline, now_ns);
	stop_turn(pipeline, now_ns);
	reload_turn(pipeline, now_ns);
	if (!pipeline->over)
		serve_wait(pipeline, serve_timeout(pipeline, now_ns));
}

static bool
serve_living(const struct pipeline *pipeline)
{
	for (uint32_t i = 0; i < pipeline->worker_count; i++) {
		if (pipeline->workers[i].pidfd >= 0)
			return true;
	}
	return false;
}

int
serve(struct pipeline *pipeline)
{
	uint64_t end_ns;

	while (!pipeline->over)
		serve_turn(pipeline);
	/* Killed workers are waited for: nobody holds the spool when this program has ended. */
	end_ns = pipeline_now() + END_MS_MAX * UINT64_C(1000000);
	while (serve_living(pipeline) && pipeline_now() < end_ns)
		serve_wait(pipeline, 100);
	return pipeline->code;
}
