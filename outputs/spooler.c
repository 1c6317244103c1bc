/* SPDX-License-Identifier: Apache-2.0 */
/*
 * saker-spooler: takes alerts from the alert rings and puts them on disk before any sink sees them.
 *
 * What was read from a ring is released only when it is in the spool, so whoever dies, and
 * wherever, an alert is in one of the two; what is in both after a death is known by its key
 * and dropped.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alert.h"
#include "clock.h"
#include "fault.h"
#include "log.h"
#include "merge.h"
#include "notice.h"
#include "show.h"
#include "spool.h"
#include "spooldir.h"
#include "worker.h"

enum {
	TURN_RECORDS_MAX = 1024,
	WAIT_MAX_MS = 500,
	STUCK_PAUSE_MS = 20,
	STUCK_MAX_MS = 1000,     /* drop_oldest: so long a disk may hold the pipeline up */
	ORPHAN_QUIET_MS = 10000  /* without a keeper nobody restarts an evaluator that died */
};

struct spooler {
	struct keeper keeper;
	struct region config_region;
	const struct config *config;
	struct region dealt_region;
	struct merge merge;
	struct spool spool;
	uint64_t frame_ns;        /* shortest time between two frames */
	uint64_t written_ns;      /* of the last frame */
	uint64_t stuck_ns;        /* since when the disk takes nothing; 0: it does */
	uint64_t heard_ns;        /* when a ring last had something */
};

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The boot id is a UUID: 32 hexadecimal digits, grouped by dashes. */
static void
boot_id_read(uint8_t id[16])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC), digits = 0;
	char buf[64] = "";

	memset(id, 0, 16);
	if (fd < 0)
		return;
	if (read(fd, buf, sizeof(buf) - 1) > 0) {
		for (const char *c = buf; *c && digits < 32; c++) {
			if (hex_digit(*c) < 0)
				continue;
			id[digits / 2] = (uint8_t)(id[digits / 2] << 4 | hex_digit(*c));
			digits++;
		}
	}
	(void)close(fd);
}

static void
identity_fill(struct spool_identity *identity, uint64_t stream)
{
	time_t now = time(NULL);
	struct tm tm;

	memset(identity, 0, sizeof(*identity));
	identity->stream = stream;
	boot_id_read(identity->boot_id);
	(void)gethostname(identity->host, sizeof(identity->host) - 1);
	if (localtime_r(&now, &tm))
		identity->utc_offset_s = (int32_t)tm.tm_gmtoff;
}

static int
spooler_open_spool(struct spooler *s)
{
	const struct config *config = s->config;
	const struct spool_policy policy = {
		.segment_bytes = (uint64_t)config->spool_segment_bytes,
		.bytes_max = (uint64_t)config->spool_bytes_max,
		.age_max_s = (uint64_t)config->spool_age_max_s,
		.sync_interval_ms = (uint32_t)config->spool_sync_interval_ms,
		.sync = config->spool_sync,
		.full = config->spool_full,
	};
	struct spool_identity identity;
	int dir = keeper_take_deposit(&s->keeper, "spool"), cursors;

	if (dir < 0)
		return dir;
	if ((cursors = openat(dir, "cursors", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		cursors = -errno;
		(void)close(dir);
		return cursors;
	}
	identity_fill(&identity, s->keeper.control->stream_id);
	return spool_open_take(&s->spool, dir, cursors, &policy, &identity, s->keeper.stats);
}

/* The alert ring of every evaluator. */
static void
spooler_open_rings(struct spooler *s)
{
	uint32_t count = s->keeper.control->evaluators;

	if (count == 0 || count > EVALUATORS_MAX)
		fatalx("%u evaluators can not be", count);
	for (uint32_t i = 0; i < count; i++) {
		int err = ring_attach_consumer_take(&s->merge.sources[i].ring,
		    keeper_take_end_of(&s->keeper, REGION_ALERT_DATA, i),
		    keeper_take_end_of(&s->keeper, REGION_ALERT_TAIL, i), REGION_ALERT_DATA);

		if (err < 0)
			fatalx("alert ring %u: %s", i, strerror(-err));
	}
	s->merge.count = count;
	if (count == 1)
		return;
	if (worker_region(&s->keeper, REGION_DEALT, sizeof(struct dealt), &s->dealt_region) < 0)
		exit(EXIT_SYSTEM);
	s->merge.dealt = region_content(&s->dealt_region);
}

static void
spooler_open(struct spooler *s)
{
	int err;

	s->config = worker_config(&s->keeper, &s->config_region);
	s->frame_ns = (uint64_t)s->config->spool_frame_ms * 1000000u;
	spooler_open_rings(s);
	if ((err = spooler_open_spool(s)) < 0)
		fatalx("spool %s: %s", s->config->spool_dir, strerror(-err));
}

static uint32_t
spooler_jail(struct spooler *s)
{
	const char *const calls[] = {
		"openat", "unlinkat", "renameat", "renameat2", "pread64", "pwrite64", "fdatasync",
		"fsync", "fallocate", "ftruncate", "getdents64", "newfstatat", "lseek",
		s->merge.count > 1 ? "futex_waitv" : NULL, NULL
	};
	const struct jail jail = {
		.name = "spooler", .syscalls = calls,
		.paths = { { .fd = s->spool.dir, .rights = JAIL_READ | JAIL_WRITE } },
		.path_count = 1,
	};

	return worker_jail(s->config, &jail);
}

/* Judge one record of a ring and put it into the batch, or leave it out, counted. */
static void
spooler_take(struct spooler *s, const void *record, uint32_t len)
{
	struct stats *stats = s->keeper.stats;
	struct alert alert;

	stats_add(stats, STAT_SPOOLER_in, 1);
	if (alert_read(&alert, record, len) < 0) {
		stats_add(stats, STAT_SPOOLER_lost_bad, 1);
		return;
	}
	stats_work(stats, alert.key.position);
	if (s->keeper.skip_position != 0 && alert.key.position == s->keeper.skip_position) {
		stats_add(stats, STAT_SPOOLER_lost_poison, 1);
		return;
	}
	if (spool_has(&s->spool, alert.key)) {
		stats_add(stats, STAT_SPOOLER_repeated, 1);
		return;
	}
	spool_add(&s->spool, record, len, alert.key);
}

/* Read what is to go out until there is no more or the batch full.  Returns its number. */
static uint32_t
spooler_read(struct spooler *s)
{
	uint32_t count = 0;

	while (count < TURN_RECORDS_MAX && !spool_full(&s->spool)) {
		const void *record;
		int len = merge_next(&s->merge, &record);

		if (len < 0) {
			(void)spool_commit(&s->spool, clock_ns(CLOCK_MONOTONIC));
			stats_add(s->keeper.stats, STAT_SPOOLER_lost_bad, 1);
			ring_abandon(&s->merge.sources[s->merge.broken].ring);
			fatalx("the alert ring is broken: what it held is given up");
		}
		if (len == 0)
			break;
		spooler_take(s, record, (uint32_t)len);
		count++;
	}
	stats_work(s->keeper.stats, 0);
	return count;
}

/*
 * Nothing goes onto the disk: hold the pipeline up, but under drop_oldest not for long, and from
 * then on not again until the disk took something.  POSITION: up to where all alerts were read.
 */
static void
spooler_stuck(struct spooler *s, uint64_t now, uint64_t position)
{
	if (s->stuck_ns == 0)
		s->stuck_ns = now;
	if (s->config->spool_full == CONFIG_FULL_DROP_OLDEST &&
	    (s->spool.refused || now - s->stuck_ns >= (uint64_t)STUCK_MAX_MS * 1000000u)) {
		if (!s->spool.refused)
			log_warnx("spool: the disk takes nothing and the reserve is used up: "
			    "alerts are dropped until it does");
		spool_discard(&s->spool);
		merge_release(&s->merge, position);
		s->stuck_ns = 0;
	}
	if (s->stuck_ns != 0 || merge_waiting(&s->merge) == 0)
		clock_pause_ms(STUCK_PAUSE_MS);
}

/*
 * Write what is due and give its room in the rings back.  POSITION: up to where all alerts were
 * read.
 */
static void
spooler_write(struct spooler *s, uint64_t now, uint64_t position)
{
	uint64_t frames = stats_get(s->keeper.stats, STAT_SPOOLER_frames);
	bool refused = s->spool.refused;

	if (spool_commit(&s->spool, now) < 0) {
		spooler_stuck(s, now, position);
		return;
	}
	FAULT_POINT("spooler_written");
	s->stuck_ns = 0;
	merge_release(&s->merge, position);
	FAULT_POINT("spooler_released");
	if (stats_get(s->keeper.stats, STAT_SPOOLER_frames) == frames)
		return;
	if (refused)
		log_info("spool: the disk takes alerts again");
	s->written_ns = now;
	notice_wake(s->keeper.stats);
}

static void
spooler_wait(struct spooler *s, uint64_t now)
{
	uint64_t until = now + WAIT_MAX_MS * 1000000u, due = spool_due(&s->spool);

	if (due < until)
		until = due;
	if (spool_pending(&s->spool) && s->written_ns + s->frame_ns < until)
		until = s->written_ns + s->frame_ns;
	if (until > now)
		merge_wait(&s->merge, until - now);
}

/*
 * One turn.  The first alert after a pause is written at once; those that follow within
 * frame_ms share a frame, so a quiet machine has no delay and a flood few frames.
 */
static void
spooler_turn(struct spooler *s)
{
	bool stuck = s->stuck_ns != 0, drained;
	uint64_t position, now;
	uint32_t count;

	merge_look(&s->merge);
	position = merge_position(&s->merge);
	count = stuck ? 0 : spooler_read(s);

	FAULT_POINT("spooler_read");
	now = clock_ns(CLOCK_MONOTONIC);
	drained = !stuck && count < TURN_RECORDS_MAX && !spool_full(&s->spool);
	if (!drained)
		position = s->spool.last.position;
	if (count > 0)
		s->heard_ns = now;
	if (spool_tick(&s->spool, now) < 0 && s->stuck_ns == 0)
		s->stuck_ns = now;
	if (spool_full(&s->spool) || stuck || now - s->written_ns >= s->frame_ns)
		spooler_write(s, now, position);
	stats_turn(s->keeper.stats, merge_waiting(&s->merge));
	if (drained)
		spooler_wait(s, now);
}

/* No evaluator has anything more to say: the keeper asks only when all of them have ended. */
static bool
spooler_heard_all(struct spooler *s)
{
	if (merge_ended(&s->merge) || !keeper_orphaned(&s->keeper))
		return true;
	return clock_ns(CLOCK_MONOTONIC) - s->heard_ns >= (uint64_t)ORPHAN_QUIET_MS * 1000000u;
}

/* Asked to end, and everything that was said is read. */
static bool
spooler_done(struct spooler *s)
{
	if (!keeper_stopping(&s->keeper))
		return false;
	s->merge.over = s->merge.over || spooler_heard_all(s);
	return s->merge.over && merge_waiting(&s->merge) == 0;
}

static void
spooler_close(struct spooler *s)
{
	uint64_t position = s->spool.last.position;

	if (spool_commit(&s->spool, clock_ns(CLOCK_MONOTONIC)) == 0)
		merge_release(&s->merge, position);
	else
		spool_discard(&s->spool);
	spool_close(&s->spool);
	notice_wake(s->keeper.stats);
	merge_close(&s->merge);
	region_close(&s->dealt_region);
	region_close(&s->config_region);
	keeper_leave(&s->keeper);
}

static int
spooler_run(void)
{
	static struct spooler s;

	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	(void)sigaction(SIGXFSZ, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	(void)sigaction(SIGINT, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	s.config_region = s.dealt_region = REGION_NONE;
	if (keeper_join(&s.keeper, ROLE_SPOOLER) < 0)
		return EXIT_SYSTEM;
	spooler_open(&s);
	if (keeper_ready(&s.keeper, spooler_jail(&s)) < 0)
		log_warnx("the keeper is gone");
	s.heard_ns = clock_ns(CLOCK_MONOTONIC);
	while (!spooler_done(&s))
		spooler_turn(&s);
	spooler_close(&s);
	return EXIT_DONE;
}

static int
usage(FILE *out, int code)
{
	(void)fprintf(out, "usage: saker-spooler                      as a worker of saker-keeper\n"
	    "       saker-spooler --ls DIR             list the segments of a spool\n"
	    "       saker-spooler --cat DIR [--json]   print its alerts\n"
	    "       saker-spooler --verify DIR         check that it is whole\n");
	return code;
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "ls", required_argument, NULL, 'l' }, { "cat", required_argument, NULL, 'c' },
		{ "verify", required_argument, NULL, 'v' }, { "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 }
	};
	const char *dir = NULL;
	bool json = false;
	int what = 0, option;

	log_init("saker-spooler", 0);
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h')
			return usage(stdout, EXIT_DONE);
		if (option == '?' || (option != 'j' && what != 0))
			return usage(stderr, EXIT_USAGE);
		if (option == 'j') {
			json = true;
			continue;
		}
		what = option;
		dir = optarg;
	}
	if (optind < argc || (json && what != 'c'))
		return usage(stderr, EXIT_USAGE);
	switch (what) {
	case 'l':
		return show_list(dir);
	case 'c':
		return show_alerts(dir, json);
	case 'v':
		return show_verify(dir);
	default:
		return spooler_run();
	}
}
