/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing a pipeline.  See pipeline.h. */
#include "pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adopt.h"
#include "clients.h"
#include "clock.h"
#include "log.h"
#include "rights.h"
#include "serve.h"
#include "start.h"
#include "workers.h"

enum { DESCRIPTORS_MIN = 1024 };

uint64_t
pipeline_now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

void
deposits_close(struct deposits *deposits)
{
	for (uint32_t i = 0; i < deposits->count; i++)
		(void)close(deposits->named[i].fd);
	deposits->count = 0;
}

static void
pipeline_init(struct pipeline *pipeline)
{
	int fd;

	/* What is opened later must not become a standard stream of a worker. */
	while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO)
		continue;
	(void)close(fd);
	pipeline->places = PLACES_NONE;
	pipeline->client_socket = pipeline->handover_socket = -1;
	pipeline->signal_fd = pipeline->null_fd = -1;
	ends_init(&pipeline->ends);
	reload_init(pipeline);
	workers_init(pipeline, (uint32_t)pipeline->options.config.evaluators);
	clients_init(pipeline);
}

/* What everyone can read of this pipeline. */
static void
control_fill(const struct pipeline *pipeline)
{
	struct keeper_control *control = ends_control(&pipeline->ends);
	struct stats *stats = pipeline_stats(pipeline);
	const struct config *config = &pipeline->options.config;

	_Static_assert(sizeof(control->scope_cgroup) == sizeof(config->scope_cgroup), "alike");
	memcpy(control->scope_cgroup, config->scope_cgroup, sizeof(control->scope_cgroup));
	control->scope_pid = (uint64_t)pipeline->options.scope_pid;
	if (control->scope_pid || config->scope_pid || config->scope_cgroup[0])
		control->flags |= KEEPER_SCOPED;
	control->evaluators = pipeline->ends.evaluators;
	if (pipeline->users.same)
		control->flags |= KEEPER_SAME_UID;
	for (uint32_t role = 0; role < ROLE_COUNT; role++) {
		control->uids[role] = pipeline->users.roles[role].uid;
		control->gids[role] = pipeline->users.roles[role].gid;
	}
	if (getrandom(&control->stream_id, sizeof(control->stream_id), 0) < 0)
		log_warn("random stream id");
	stats->start_ts = clock_ns(CLOCK_BOOTTIME);
	stats->pid = control->pids[ROLE_KEEPER] = (uint32_t)getpid();
	stats_set(stats, STAT_KEEPER_deposits, pipeline->deposits.count);
	keeper_control_set(&control->state[ROLE_KEEPER], WORKER_STARTING);
}

static int
open_sockets(struct pipeline *pipeline)
{
	const struct config *config = &pipeline->options.config;

	/* A socket is the keeper's own unless its mode is changed.  Workers inherit the mask. */
	(void)umask(0077);
	pipeline->client_socket = places_listen(&pipeline->places, config, "keeper.sock",
	    pipeline->users.operators);
	if (pipeline->client_socket < 0)
		return pipeline->client_socket;
	pipeline->handover_socket = places_listen(&pipeline->places, config, "collector.sock",
	    (gid_t)-1);
	return pipeline->handover_socket < 0 ? pipeline->handover_socket : 0;
}

/*
 * Rings, regions and the probe's links are descriptors, here and in the collector, which inherits
 * the limit.
 */
static void
allow_descriptors(void)
{
	struct rlimit limit;
	rlim_t max;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS_MIN)
		return;
	max = limit.rlim_max;
	limit.rlim_cur = DESCRIPTORS_MIN;
	limit.rlim_max = max < DESCRIPTORS_MIN ? DESCRIPTORS_MIN : max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return;
	log_warn("raising the limit of %llu open files to %d", (unsigned long long)max,
	    DESCRIPTORS_MIN);
	limit.rlim_cur = limit.rlim_max = max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* All that can be opened only now, with the rights that the keeper gives up afterwards. */
static int
open_all(struct pipeline *pipeline)
{
	const struct config *config = &pipeline->options.config;
	int err;

	allow_descriptors();
	(void)umask(0022);
	if ((pipeline->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC)) < 0 ||
	    (pipeline->signal_fd = serve_signals()) < 0) {
		log_warn("/dev/null and signals");
		return -EIO;
	}
	if ((err = start_find(pipeline)) < 0)
		return err;
	users_find(&pipeline->users, config, rights_may_change_ids());
	if ((err = places_open(&pipeline->places, config, &pipeline->users)) < 0)
		return err;
	adopt(config, &pipeline->deposits);
	if ((err = ends_open(&pipeline->ends, config)) < 0 || (err = open_sockets(pipeline)) < 0)
		return err;
	control_fill(pipeline);
	if (chdir("/") < 0 || (err = rights_drop()) < 0) {
		log_warn("giving up rights");
		return err < 0 ? err : -errno;
	}
	return 0;
}

/* The probe knows processes by the ids of the first pid namespace. */
static bool
scope_possible(const struct options *options)
{
	if ((options->scope_pid == 0 && options->config.scope_pid == 0) || keeper_pids_global())
		return true;
	log_warnx("a command or process can be watched from the first pid namespace only: "
	    "start saker there (docker run --pid=host), or use scope.cgroup");
	return false;
}

int
pipeline_open(struct pipeline *pipeline)
{
	int code;

	pipeline_init(pipeline);
	if (!scope_possible(&pipeline->options))
		return EXIT_SYSTEM;
	if ((code = reload_open(pipeline)) != EXIT_DONE)
		return code;
	return open_all(pipeline) < 0 ? EXIT_SYSTEM : EXIT_DONE;
}

static void
pipeline_close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void
pipeline_close(struct pipeline *pipeline)
{
	clients_close(pipeline);
	deposits_close(&pipeline->arriving);
	deposits_close(&pipeline->deposits);
	if (pipeline->handover_socket >= 0)
		(void)unlinkat(pipeline->places.run_fd, "collector.sock", 0);
	if (pipeline->client_socket >= 0)
		(void)unlinkat(pipeline->places.run_fd, "keeper.sock", 0);
	pipeline_close_fd(&pipeline->handover_socket);
	pipeline_close_fd(&pipeline->client_socket);
	ends_close(&pipeline->ends);
	places_close(&pipeline->places);
	pipeline_close_fd(&pipeline->signal_fd);
	pipeline_close_fd(&pipeline->null_fd);
	reload_close(pipeline);
}
