/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "unit/outputs/fixture.h"

enum { POSITIONS_MAX = 4096 };

static uint64_t positions[POSITIONS_MAX];

static void
expect_positions(uint64_t first, size_t count)
{
	uint64_t skipped, bad;

	assert_int_equal(fixture_read(positions, POSITIONS_MAX, &skipped, &bad), count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(positions[i], first + i);
	assert_int_equal(bad, 0);
	assert_int_equal(skipped, 0);
}

static uint64_t
stat_of(enum stat_id id)
{
	return stats_get(&fixture_stats, id);
}

static void
a_batch_is_one_frame(void **state)
{
	(void)state;
	fixture_open(&fixture_policy, 1);
	for (uint64_t i = 1; i <= 100; i++)
		fixture_add(i);
	assert_true(spool_pending(&fixture_spool));
	assert_int_equal(spool_commit(&fixture_spool, 1), 0);
	assert_false(spool_pending(&fixture_spool));
	assert_int_equal(stat_of(STAT_SPOOLER_frames), 1);
	assert_int_equal(stat_of(STAT_SPOOLER_out), 100);
	expect_positions(1, 100);
	spool_close(&fixture_spool);
}

static void
a_restart_goes_on_without_repeats(void **state)
{
	(void)state;
	fixture_open(&fixture_policy, 1);
	fixture_frames(1, 5);
	spool_close(&fixture_spool);
	fixture_open(&fixture_policy, 1);
	assert_true(spool_has(&fixture_spool, (struct segment_key){ 5, 0, 0 }));
	assert_false(spool_has(&fixture_spool, (struct segment_key){ 5, 1, 0 }));
	assert_false(spool_has(&fixture_spool, (struct segment_key){ 6, 0, 0 }));
	fixture_frames(6, 5);
	spool_close(&fixture_spool);
	expect_positions(1, 10);
	assert_int_equal(stat_of(STAT_SPOOLER_segments), 2);
}

/* A new pipeline counts from 1 again: its alerts are not repeats. */
static void
another_stream_begins_anew(void **state)
{
	(void)state;
	fixture_open(&fixture_policy, 1);
	fixture_frames(1, 5);
	spool_close(&fixture_spool);
	fixture_open(&fixture_policy, 2);
	assert_false(spool_has(&fixture_spool, (struct segment_key){ 1, 0, 0 }));
	fixture_frames(1, 1);
	spool_close(&fixture_spool);
	assert_int_equal(fixture_read(positions, POSITIONS_MAX, NULL, NULL), 6);
	assert_int_equal(positions[5], 1);
}

/* A spooler that dies leaves its segment unsealed, here with a torn frame at the end. */
static void
a_death_loses_the_torn_frame_alone(void **state)
{
	const char garbage[] = "Fram torn";
	int dir = fixture_dir("."), fd;

	(void)state;
	fixture_open(&fixture_policy, 1);
	fixture_frames(1, 5);
	fd = openat(dir, "0000000000000001.seg", O_RDWR);
	assert_int_equal(pwrite(fd, garbage, sizeof(garbage), (off_t)fixture_spool.writer.used),
	    sizeof(garbage));
	segment_abandon(&fixture_spool.writer);
	spool_close(&fixture_spool);
	fixture_open(&fixture_policy, 1);
	assert_int_equal(stat_of(STAT_SPOOLER_torn), 1);
	assert_true(spool_has(&fixture_spool, (struct segment_key){ 5, 0, 0 }));
	fixture_frames(6, 1);
	spool_close(&fixture_spool);
	expect_positions(1, 6);
	(void)close(fd);
	(void)close(dir);
}

static void
an_empty_segment_is_removed(void **state)
{
	int dir = fixture_dir("."), fd;

	(void)state;
	fixture_open(&fixture_policy, 1);
	fixture_frames(1, 1);
	spool_close(&fixture_spool);
	fd = openat(dir, "0000000000000002.seg", O_RDWR | O_CREAT, 0600);
	assert_int_equal(ftruncate(fd, 64 << 10), 0);
	(void)close(fd);
	fixture_open(&fixture_policy, 1);
	assert_true(spool_has(&fixture_spool, (struct segment_key){ 1, 0, 0 }));
	fixture_frames(2, 1);
	spool_close(&fixture_spool);
	expect_positions(1, 2);
	(void)close(dir);
}

static void
a_damaged_newest_segment_is_left_alone(void **state)
{
	uint64_t bad;
	int dir = fixture_dir("."), fd;

	(void)state;
	fixture_open(&fixture_policy, 1);
	fixture_frames(1, 1);
	spool_close(&fixture_spool);
	fd = openat(dir, "0000000000000002.seg", O_RDWR | O_CREAT, 0600);
	assert_int_equal(write(fd, "nonsense", 8), 8);
	(void)close(fd);
	fixture_open(&fixture_policy, 1);
	fixture_frames(2, 1);
	spool_close(&fixture_spool);
	assert_int_equal(fixture_read(positions, POSITIONS_MAX, NULL, &bad), 2);
	assert_int_equal(bad, 1);
	assert_int_equal(faccessat(dir, "0000000000000002.seg", F_OK, 0), 0);
	(void)close(dir);
}

static void
segments_follow_each_other(void **state)
{
	uint64_t position = 0;

	(void)state;
	fixture_open(&fixture_policy, 1);
	while (stat_of(STAT_SPOOLER_segments) < 4) {
		fixture_noise(++position, 8000);
		assert_int_equal(spool_commit(&fixture_spool, position), 0);
	}
	expect_positions(1, position);
	spool_close(&fixture_spool);
	expect_positions(1, position);
}

/* With the interval policy frames are held until the sync, and counted as out only then. */
static void
the_interval_decides_when_alerts_are_out(void **state)
{
	struct spool_policy policy = fixture_policy;

	(void)state;
	policy.sync = CONFIG_SYNC_INTERVAL;
	fixture_open(&policy, 1);
	fixture_add(1);
	assert_int_equal(spool_commit(&fixture_spool, 50000000), 0);
	assert_int_equal(stat_of(STAT_SPOOLER_out), 0);
	assert_int_equal(spool_due(&fixture_spool), 100000000);
	assert_int_equal(spool_tick(&fixture_spool, 99999999), 0);
	assert_int_equal(stat_of(STAT_SPOOLER_out), 0);
	assert_int_equal(spool_tick(&fixture_spool, 100000000), 0);
	assert_int_equal(stat_of(STAT_SPOOLER_out), 1);
	assert_int_equal(fixture_spool.held.used, 0);
	spool_close(&fixture_spool);
	expect_positions(1, 1);
}

static void
always_syncs_each_frame(void **state)
{
	struct spool_policy policy = fixture_policy;

	(void)state;
	policy.sync = CONFIG_SYNC_ALWAYS;
	fixture_open(&policy, 1);
	fixture_frames(1, 3);
	assert_int_equal(stat_of(STAT_SPOOLER_out), 3);
	assert_int_equal(fixture_spool.held.used, 0);
	spool_close(&fixture_spool);
}

/* Frames between two syncs are bounded: when there is no room for one more, a sync comes early. */
static void
held_frames_are_bounded(void **state)
{
	struct spool_policy policy = fixture_policy;

	(void)state;
	policy.sync = CONFIG_SYNC_INTERVAL;
	policy.sync_interval_ms = 60000;
	policy.segment_bytes = 8 << 20;
	fixture_open(&policy, 1);
	for (uint64_t i = 1; i <= 150; i++) {
		fixture_noise(i, 16000);
		assert_int_equal(spool_commit(&fixture_spool, 1), 0);
	}
	assert_true(fixture_spool.held.used <= SPOOL_HELD_MAX);
	assert_true(stat_of(STAT_SPOOLER_out) > 0);
	spool_close(&fixture_spool);
	expect_positions(1, 150);
}

/*
 * A write that fails in the middle of a segment: what is not safe goes to a new one, nothing
 * is lost or doubled.
 */
static void
a_failed_write_moves_on(void **state)
{
	struct spool_policy policy = fixture_policy;
	int good;

	(void)state;
	policy.sync = CONFIG_SYNC_INTERVAL;
	fixture_open(&policy, 1);
	fixture_add(1);
	assert_int_equal(spool_commit(&fixture_spool, 200000000), 0); /* due: synced */
	fixture_add(2);
	assert_int_equal(spool_commit(&fixture_spool, 200000001), 0); /* written, not synced */
	good = fixture_spool.writer.fd;
	fixture_spool.writer.fd = open("/dev/full", O_RDWR | O_CLOEXEC);
	fixture_add(3);
	assert_int_equal(spool_commit(&fixture_spool, 200000002), -ENOSPC);
	assert_int_equal(stat_of(STAT_SPOOLER_write_errors), 1);
	assert_true(spool_pending(&fixture_spool));
	assert_int_equal(spool_commit(&fixture_spool, 200000003), 0);
	(void)close(good);
	fixture_frames(4, 1);
	spool_close(&fixture_spool);
	expect_positions(1, 4);
	assert_int_equal(stat_of(STAT_SPOOLER_out), 4);
}

/* A process that may not write files larger than LIMIT bytes: as a disk that takes nothing. */
static int
limited(uint64_t limit, int full)
{
	const struct rlimit size = { limit, limit };
	struct spool_policy policy = fixture_policy;
	uint64_t position = 0;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		(void)signal(SIGXFSZ, SIG_IGN);
		policy.full = full;
		fixture_open(&policy, 1);
		fixture_frames(1, 1);
		(void)setrlimit(RLIMIT_FSIZE, &size);
		for (position = 2; position < 200; position++) {
			fixture_noise(position, 8000);
			if (spool_commit(&fixture_spool, position) < 0)
				break;
		}
		if (position == 200 || !spool_pending(&fixture_spool))
			_exit(1);
		spool_discard(&fixture_spool);
		if (spool_pending(&fixture_spool) || stat_of(STAT_SPOOLER_dropped_alerts) != 1 ||
		    fixture_spool.loss.count != 1 ||
		    strcmp(fixture_spool.loss.rules[0].name, "Rule") != 0)
			_exit(2);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
a_disk_that_takes_nothing_is_survived(void **state)
{
	size_t count;
	uint64_t bad;

	(void)state;
	assert_int_equal(limited(16 << 10, CONFIG_FULL_DROP_OLDEST), 0);
	fixture_open(&fixture_policy, 1);
	count = fixture_read(positions, POSITIONS_MAX, NULL, &bad);
	assert_true(count >= 1);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(positions[i], i + 1);
	fixture_frames(500, 1);
	spool_close(&fixture_spool);
	assert_int_equal(fixture_read(positions, POSITIONS_MAX, NULL, &bad), count + 1);
	assert_int_equal(positions[count], 500);
}

static void
a_second_writer_is_refused(void **state)
{
	int dir = fixture_dir(".");

	(void)state;
	fixture_open(&fixture_policy, 77);
	assert_int_equal(spooldir_lock(dir, 78, 50), -EWOULDBLOCK);
	assert_true(spooldir_written(dir, 77));
	assert_false(spooldir_written(dir, 78));
	spool_close(&fixture_spool);
	assert_false(spooldir_written(dir, 77));
	(void)close(dir);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)
	const struct CMUnitTest tests[] = {
		TEST(a_batch_is_one_frame),
		TEST(a_restart_goes_on_without_repeats),
		TEST(another_stream_begins_anew),
		TEST(a_death_loses_the_torn_frame_alone),
		TEST(an_empty_segment_is_removed),
		TEST(a_damaged_newest_segment_is_left_alone),
		TEST(segments_follow_each_other),
		TEST(the_interval_decides_when_alerts_are_out),
		TEST(always_syncs_each_frame),
		TEST(held_frames_are_bounded),
		TEST(a_failed_write_moves_on),
		TEST(a_disk_that_takes_nothing_is_survived),
		TEST(a_second_writer_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
