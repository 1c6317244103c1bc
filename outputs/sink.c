/* SPDX-License-Identifier: Apache-2.0 */
/*
 * saker-sink: delivers the alerts of the spool to one receiver, from a cursor of its own.  It
 * may block, fail or die; nothing but its receiver waits for it.
 */
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "notice.h"
#include "spooldir.h"
#include "worker.h"

enum {
	IDLE_WAIT_MS = 500, /* a frame, and the keeper that stops us, wake it at once */
	RETRY_WAIT_MS = 20,
	STOP_WAIT_MS = 2000,     /* for a receiver that is slow or fails when the sink is to end */
	ORPHAN_WAIT_MS = 60000   /* for a spooler that goes on without a keeper */
};

struct sinker {
	struct keeper keeper;
	struct region config_region;
	struct region spooler_region;
	const struct config *config;
	int spool;                /* directories */
	int cursors;
	struct sink sink;
	struct notice notice;
	uint64_t stopping_ns;     /* since when it is to end; 0: it is not */
	uint64_t moved_ns;        /* when it last got on */
};

static void
sinker_config(struct sinker *s)
{
	const struct config *config = worker_config(&s->keeper, &s->config_region);

	s->config = config;
	s->sink.buffered = config->buffered_outputs;
	s->sink.format = (struct alert_format){
		.json = config->json_output,
		.iso_8601 = config->time_format_iso_8601,
		.include_output = config->json_include_output,
		.include_message = config->json_include_message,
		.include_fields = config->json_include_fields,
		.include_rules_hash = config->json_include_rules_hash,
		.include_tags = config->json_include_tags,
	};
}

/* The spooler's counters, where the keeper lets a sink see them. */
static void
sinker_notice(struct sinker *s)
{
	int fd = keeper_take_end(&s->keeper, REGION_STATS_SPOOLER);

	if (fd >= 0 && region_attach_take(&s->spooler_region, fd, REGION_STATS_SPOOLER, false) == 0)
		s->notice.spooler = region_content(&s->spooler_region);
}

static void
sinker_open(struct sinker *s)
{
	int err;

	sinker_config(s);
	sinker_notice(s);
	s->spool = keeper_take_deposit(&s->keeper, "spool");
	s->cursors = keeper_take_deposit(&s->keeper, "cursors");
	if (s->spool < 0 || s->cursors < 0)
		fatalx("no spool from the keeper");
	s->sink.ops = &sink_stdout;
	s->sink.stats = s->keeper.stats;
	s->sink.skip_position = s->keeper.skip_position;
	if (!s->config->stdout_enabled) {
		/* Nobody reads here, and nothing is kept for nobody. */
		(void)unlinkat(s->cursors, sink_stdout.name, 0);
		return;
	}
	if ((err = sink_open(&s->sink, s->spool, s->cursors)) < 0)
		fatalx("%s: %s", s->sink.ops->name, strerror(-err));
}

static uint32_t
sinker_jail(struct sinker *s)
{
	static const char *const calls[] = {
		"openat", "pread64", "pwrite64", "getdents64", "newfstatat", "lseek", "flock", NULL
	};
	const struct jail jail = {
		.name = "sink", .syscalls = calls,
		.paths = { { .fd = s->spool, .rights = JAIL_READ } },
		.path_count = 1,
	};

	return worker_jail(s->config, &jail);
}

/*
 * The receiver does not take what is there: not a reason to stay for ever, unless it is only slow
 * and the spool is that of a command, which goes away.
 */
static bool
sinker_gives_up(const struct sinker *s, uint64_t now)
{
	uint64_t since = s->stopping_ns > s->moved_ns ? s->stopping_ns : s->moved_ns;
	bool kept = s->keeper.scope_pid == 0 || s->sink.backoff_ms != 0;

	if (!kept || s->stopping_ns == 0 || now - since < (uint64_t)STOP_WAIT_MS * 1000000u)
		return false;
	log_warnx("sink %s: not everything was taken; the rest %s", s->sink.ops->name,
	    s->keeper.scope_pid != 0 ? "goes with the spool" : "stays in the spool");
	return true;
}

/* Whether more may still come.  Asked before the spool is looked at for the last time. */
static bool
sinker_ending(struct sinker *s, uint64_t now)
{
	if (!keeper_stopping(&s->keeper))
		return false;
	if (s->stopping_ns == 0)
		s->stopping_ns = now;
	/* The keeper stops sinks after the spooler; without it, the spooler's lock tells. */
	return !keeper_orphaned(&s->keeper) ||
	    !spooldir_written(s->spool, s->keeper.control->stream_id) ||
	    now - s->stopping_ns >= (uint64_t)ORPHAN_WAIT_MS * 1000000u;
}

/* One turn.  True while there is more to do. */
static bool
sinker_turn(struct sinker *s)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	bool ending = sinker_ending(s, now);
	int state;

	notice_look(&s->notice);
	state = sink_turn(&s->sink, now);
	stats_turn(s->keeper.stats, s->sink.batch_count - s->sink.batch_done);
	switch (state) {
	case SINK_WORKED:
		s->moved_ns = now;
		s->notice.idle = 0;
		return true;
	case SINK_IDLE:
		if (ending)
			return false;
		notice_wait(&s->notice, IDLE_WAIT_MS);
		return true;
	case SINK_WAITING:
		if (sinker_gives_up(s, now))
			return false;
		clock_pause_ms(RETRY_WAIT_MS);
		return true;
	default:
		log_warnx("spool: %s", strerror(-state));
		stats_add(s->keeper.stats, STAT_SINK_failures, 1);
		clock_pause_ms(IDLE_WAIT_MS);
		return !sinker_gives_up(s, now);
	}
}

/* With no output enabled: wait for the end. */
static void
sinker_rest(struct sinker *s)
{
	while (!keeper_stopping(&s->keeper)) {
		stats_turn(s->keeper.stats, 0);
		clock_pause_ms(IDLE_WAIT_MS);
	}
}

static int
sinker_run(void)
{
	static struct sinker s;

	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	(void)sigaction(SIGXFSZ, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	(void)sigaction(SIGINT, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	s.config_region = s.spooler_region = REGION_NONE;
	if (keeper_join(&s.keeper, ROLE_SINK) < 0)
		return EXIT_SYSTEM;
	sinker_open(&s);
	if (keeper_ready(&s.keeper, sinker_jail(&s)) < 0)
		log_warnx("the keeper is gone");
	s.moved_ns = clock_ns(CLOCK_MONOTONIC);
	if (s.config->stdout_enabled) {
		while (sinker_turn(&s))
			continue;
		sink_close(&s.sink);
	} else {
		sinker_rest(&s);
	}
	region_close(&s.spooler_region);
	region_close(&s.config_region);
	keeper_leave(&s.keeper);
	return EXIT_DONE;
}

static int
usage(FILE *out, int code)
{
	(void)fprintf(out, "usage: saker-sink    as a worker of saker-keeper\n");
	return code;
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 }
	};
	int option;

	log_init("saker-sink", 0);
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		return option == 'h' ? usage(stdout, EXIT_DONE) : usage(stderr, EXIT_USAGE);
	if (optind < argc)
		return usage(stderr, EXIT_USAGE);
	return sinker_run();
}
