/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/mount.h>

#include "unit/outputs/fixture.h"

#include "alert.h"
#include "show.h"

static const struct spool_policy small = {
	.segment_bytes = 64 << 10, .bytes_max = 256 << 10, .age_max_s = 604800,
	.sync_interval_ms = 100, .sync = CONFIG_SYNC_NEVER, .full = CONFIG_FULL_DROP_OLDEST,
};

static uint64_t positions[4096];

static uint64_t
stat_of(enum stat_id id)
{
	return stats_get(&fixture_stats, id);
}

/*
 * Fill the spool with COUNT alerts that do not compress, from FIRST on.  Those that were
 * written.
 */
static uint64_t
fill(uint64_t first, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		fixture_noise(first + i, 8000);
		if (spool_commit(&fixture_spool, (first + i) * 100000000u) < 0)
			return i;
	}
	return count;
}

/* A sink that has had ORDINAL records. */
static void
sink_at(uint64_t ordinal)
{
	struct cursor_file file;
	int dir = fixture_dir("cursors");

	assert_true(cursor_open(&file, dir, "test", 0) >= 0);
	file.cursor.ordinal = ordinal;
	assert_int_equal(cursor_write(&file), 0);
	cursor_close(&file);
	(void)close(dir);
}

static uint64_t
spool_bytes(void)
{
	struct spooldir_range range;
	int dir = fixture_dir(".");

	assert_int_equal(spooldir_range(dir, &range), 0);
	(void)close(dir);
	return range.bytes;
}

static void
what_was_delivered_goes_unnoticed(void **state)
{
	(void)state;
	fixture_open(&small, 1);
	sink_at(1000);
	assert_int_equal(fill(1, 100), 100);
	assert_true(spool_bytes() <= small.bytes_max);
	assert_int_equal(stat_of(STAT_SPOOLER_dropped_old), 0);
	assert_int_equal(stat_of(STAT_SPOOLER_dropped_alerts), 0);
	spool_close(&fixture_spool);
}

/* What no sink has had is counted to the alert, and an alert tells of it. */
static void
drop_oldest_counts_what_it_drops(void **state)
{
	uint64_t left = 0, internal = 0, last = 0;
	size_t count;

	(void)state;
	fixture_open(&small, 1);
	sink_at(3);
	assert_int_equal(fill(1, 100), 100);
	assert_true(spool_bytes() <= small.bytes_max);
	count = fixture_read(positions, 4096, NULL, NULL);
	for (size_t i = 0; i < count; i++) {
		internal += positions[i] == 0;
		left += positions[i] != 0;
		last = positions[i] != 0 ? positions[i] : last;
	}
	assert_int_equal(last, 100);
	assert_true(internal > 0);
	assert_true(stat_of(STAT_SPOOLER_dropped_old) > 0);
	/* Alerts that tell of lost alerts can be lost too, and count. */
	assert_in_range(stat_of(STAT_SPOOLER_dropped_alerts), 100 - left - 3, 100 - left + 30);
	spool_close(&fixture_spool);
}

static void
block_keeps_what_a_sink_has_not_had(void **state)
{
	struct spool_policy policy = small;
	uint64_t written;

	(void)state;
	policy.full = CONFIG_FULL_BLOCK;
	fixture_open(&policy, 1);
	sink_at(0);
	written = fill(1, 100);
	assert_in_range(written, 20, 40);
	assert_true(spool_pending(&fixture_spool));
	assert_int_equal(spool_commit(&fixture_spool, 1), -EAGAIN);
	assert_int_equal(fixture_read(positions, 4096, NULL, NULL), written);
	sink_at(written);
	assert_int_equal(spool_commit(&fixture_spool, 1), 0);
	assert_int_equal(stat_of(STAT_SPOOLER_dropped_alerts), 0);
	spool_close(&fixture_spool);
}

static void
without_a_sink_nothing_is_missed(void **state)
{
	struct spool_policy policy = small;

	(void)state;
	policy.full = CONFIG_FULL_BLOCK;
	fixture_open(&policy, 1);
	assert_int_equal(fill(1, 100), 100);
	assert_int_equal(stat_of(STAT_SPOOLER_dropped_alerts), 0);
	spool_close(&fixture_spool);
}

static void
old_segments_go_and_the_newest_stays(void **state)
{
	const struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	char name[SEGMENT_NAME_MAX];
	struct spooldir_range range;
	int dir = fixture_dir(".");

	(void)state;
	fixture_open(&small, 1);
	assert_int_equal(fill(1, 20), 20);
	assert_int_equal(spooldir_range(dir, &range), 0);
	assert_true(range.count >= 3);
	for (uint64_t number = range.oldest; number <= range.newest; number++) {
		segment_name(name, number);
		assert_int_equal(utimensat(dir, name, old, 0), 0);
	}
	retention_age(&fixture_spool.retention, 1000 + small.age_max_s - 1);
	assert_int_equal(spooldir_after(dir, 0), range.oldest);
	retention_age(&fixture_spool.retention, 1000 + small.age_max_s);
	assert_int_equal(spooldir_after(dir, 0), range.newest);
	assert_int_equal(stat_of(STAT_SPOOLER_dropped_old), 0);
	spool_close(&fixture_spool);
	(void)close(dir);
}

/*
 * A disk that is really full: old segments go, then the reserve serves, and what it says
 * is readable.
 */
static void
a_full_disk_uses_old_segments_and_the_reserve(void **state)
{
	struct spool_policy policy = small;
	char cursors[96];
	uint64_t written, bad;
	size_t count;
	int dir, fd;

	(void)state;
	if (mount("none", fixture_path, "tmpfs", 0, "size=1m") < 0)
		skip();
	(void)snprintf(cursors, sizeof(cursors), "%s/cursors", fixture_path);
	assert_int_equal(mkdir(cursors, 0700), 0);
	policy.bytes_max = 64 << 20;
	fixture_open(&policy, 1);
	sink_at(0);
	assert_int_equal(fill(1, 200), 200);
	assert_true(stat_of(STAT_SPOOLER_dropped_old) > 0);
	assert_int_equal(stat_of(STAT_SPOOLER_write_errors), 0);
	count = fixture_read(positions, 4096, NULL, &bad);
	assert_int_equal(positions[count - 1], 200);
	assert_int_equal(bad, 0);

	/* Somebody else takes the rest, and all of ours goes but what is being written. */
	dir = fixture_dir(".");
	fd = openat(dir, "other", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	for (off_t size = 0; fallocate(fd, 0, size, 4096) == 0; size += 4096)
		continue;
	for (uint64_t number = spooldir_after(dir, 0); number != 0;
	    number = spooldir_after(dir, number)) {
		char name[SEGMENT_NAME_MAX];

		segment_name(name, number);
		if (number != fixture_spool.writer.number)
			(void)unlinkat(dir, name, 0);
		for (off_t size = 0; fallocate(fd, 0, (256 << 10) + size, 4096) == 0; size += 4096)
			continue;
	}
	(void)retention_open(&fixture_spool.retention);
	written = fill(201, 200);
	assert_true(written >= 20);
	count = fixture_read(positions, 4096, NULL, &bad);
	assert_int_equal(positions[count - 1], 200 + written);
	spool_discard(&fixture_spool);
	assert_false(spool_pending(&fixture_spool));
	spool_close(&fixture_spool);
	(void)close(fd);
	(void)close(dir);
	assert_int_equal(umount(fixture_path), 0);
}

static void
a_whole_spool_verifies_and_a_damaged_one_does_not(void **state)
{
	int dir = fixture_dir("."), fd, kept = dup(1), null = open("/dev/null", O_WRONLY);
	uint8_t byte;

	(void)state;
	fixture_open(&fixture_policy, 1);
	assert_int_equal(fill(1, 30), 30);
	spool_close(&fixture_spool);
	fixture_open(&fixture_policy, 1);
	assert_int_equal(fill(31, 3), 3);
	(void)fflush(stdout);
	(void)dup2(null, 1);
	assert_int_equal(show_list(fixture_path), EXIT_DONE);
	assert_int_equal(show_verify(fixture_path), EXIT_DONE);
	assert_int_equal(show_alerts(fixture_path, true), EXIT_DONE);
	fd = openat(dir, "0000000000000002.seg", O_RDWR);
	assert_int_equal(pread(fd, &byte, 1, 30000), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, 30000), 1);
	assert_int_equal(show_verify(fixture_path), EXIT_NO);
	assert_int_equal(show_alerts(fixture_path, false), EXIT_NO);
	assert_int_equal(show_list(fixture_path), EXIT_DONE);
	assert_int_equal(show_list("/nonexistent"), EXIT_SYSTEM);
	(void)unlinkat(dir, "0000000000000002.seg", 0);
	assert_int_equal(show_verify(fixture_path), EXIT_NO);
	(void)fflush(stdout);
	(void)dup2(kept, 1);
	(void)close(kept);
	(void)close(null);
	(void)close(fd);
	(void)close(dir);
	spool_close(&fixture_spool);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)
	const struct CMUnitTest tests[] = {
		TEST(what_was_delivered_goes_unnoticed),
		TEST(drop_oldest_counts_what_it_drops),
		TEST(block_keeps_what_a_sink_has_not_had),
		TEST(without_a_sink_nothing_is_missed),
		TEST(old_segments_go_and_the_newest_stays),
		TEST(a_full_disk_uses_old_segments_and_the_reserve),
		TEST(a_whole_spool_verifies_and_a_damaged_one_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
