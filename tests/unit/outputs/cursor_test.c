/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/outputs/fixture.h"

static void
cursor_survives(void **state)
{
	struct cursor_file file;
	int dir = fixture_dir("cursors");

	(void)state;
	assert_int_equal(cursor_open(&file, dir, "a", 0), 1);
	assert_int_equal(file.cursor.segment, 0);
	for (uint64_t i = 1; i <= 5; i++) {
		file.cursor.segment = i;
		file.cursor.ordinal = 100 * i;
		assert_int_equal(cursor_write(&file), 0);
	}
	cursor_close(&file);
	cursor_close(&file);
	assert_int_equal(cursor_open(&file, dir, "a", 0), 0);
	assert_int_equal(file.cursor.segment, 5);
	assert_int_equal(file.cursor.ordinal, 500);
	cursor_close(&file);
	(void)close(dir);
}

static void
one_sink_holds_a_cursor(void **state)
{
	struct cursor_file file, other;
	int dir = fixture_dir("cursors");

	(void)state;
	assert_int_equal(cursor_open(&file, dir, "a", 0), 1);
	assert_int_equal(cursor_open(&other, dir, "a", 50), -EWOULDBLOCK);
	cursor_close(&file);
	assert_int_equal(cursor_open(&other, dir, "a", 50), 1);
	cursor_close(&other);
	(void)close(dir);
}

/* Whatever byte of the newest slot is wrong, the one before it counts. */
static void
a_damaged_slot_leaves_the_other(void **state)
{
	struct cursor_file file;
	struct cursor cursor;
	int dir = fixture_dir("cursors"), fd;
	uint64_t generation;
	uint8_t byte;

	(void)state;
	assert_int_equal(cursor_open(&file, dir, "a", 0), 1);
	for (uint64_t i = 1; i <= 2; i++) {
		file.cursor.ordinal = i;
		assert_int_equal(cursor_write(&file), 0);
	}
	fd = openat(dir, "a", O_RDWR);
	for (off_t at = 0; at < CURSOR_SLOT_BYTES; at++) {
		assert_int_equal(pread(fd, &byte, 1, at), 1);
		byte ^= 4;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		assert_int_equal(cursor_read(fd, &cursor, &generation), 0);
		assert_int_equal(cursor.ordinal, 1);
		byte ^= 4;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	assert_int_equal(cursor_read(fd, &cursor, &generation), 0);
	assert_int_equal(cursor.ordinal, 2);
	for (off_t size = 0; size < CURSOR_SLOT_BYTES; size += 9) {
		assert_int_equal(ftruncate(fd, size), 0);
		assert_int_equal(cursor_read(fd, &cursor, &generation), -EBADMSG);
	}
	(void)close(fd);
	cursor_close(&file);
	(void)close(dir);
}

static void
the_slowest_cursor_is_found(void **state)
{
	static const char *const names[] = { "a", "b", "c" };
	struct cursor_file file;
	struct cursor slowest;
	int dir = fixture_dir("cursors");

	(void)state;
	assert_int_equal(cursor_slowest(dir, &slowest), 0);
	for (uint64_t i = 0; i < 3; i++) {
		assert_int_equal(cursor_open(&file, dir, names[i], 0), 1);
		file.cursor.ordinal = 10 + (i + 1) % 3;
		assert_int_equal(cursor_write(&file), 0);
		cursor_close(&file);
	}
	assert_int_equal(cursor_slowest(dir, &slowest), 3);
	assert_int_equal(slowest.ordinal, 10);
	(void)close(openat(dir, "new", O_WRONLY | O_CREAT, 0600));
	assert_int_equal(cursor_slowest(dir, &slowest), 4);
	assert_int_equal(slowest.ordinal, 0);
	(void)close(dir);
}

/* A cursor is followed to the record it names, and when that is gone, to the next. */
static void
following_goes_on_at_the_cursor(void **state)
{
	struct cursor cursor = { 0 };
	struct follow follow;
	int dir = fixture_dir(".");

	(void)state;
	fixture_open(&fixture_policy, 1);
	fixture_frames(1, 3);
	assert_int_equal(follow_open(&follow, dir, &cursor), 0);
	assert_int_equal(follow_next(&follow), 1);
	assert_int_equal(follow_next(&follow), 1);
	follow_tell(&follow, 0, &cursor);
	assert_int_equal(cursor.ordinal, 1);
	follow_close(&follow);
	assert_int_equal(follow_open(&follow, dir, &cursor), 0);
	assert_int_equal(follow_next(&follow), 1);
	assert_int_equal(follow.reader.frame->first.position, 2);
	follow_tell(&follow, 1, &cursor);
	follow_close(&follow);

	spool_close(&fixture_spool);
	fixture_open(&fixture_policy, 1);
	fixture_frames(4, 1);
	assert_int_equal(unlinkat(dir, "0000000000000001.seg", 0), 0);
	assert_int_equal(follow_open(&follow, dir, &cursor), 0);
	assert_int_equal(follow_next(&follow), 1);
	assert_int_equal(follow.reader.frame->first.position, 4);
	assert_int_equal(follow.skipped_count, 1);
	assert_int_equal(follow_next(&follow), 0);
	follow_close(&follow);
	spool_close(&fixture_spool);
	(void)close(dir);
}

/* Nonsense in a cursor is no reason to stop, and none to deliver nothing. */
static void
a_wrong_cursor_starts_its_segment(void **state)
{
	static const struct cursor wrong[] = {
		{ .segment = 1, .created_ns = 5, .offset = 4096 },
		{ .segment = 1, .offset = UINT64_MAX - 7 },
		{ .segment = UINT64_MAX, .offset = 1, .record = 9 },
		{ .segment = 1, .record = 4 },
	};
	struct follow follow;
	int dir = fixture_dir(".");

	(void)state;
	fixture_open(&fixture_policy, 1);
	fixture_frames(1, 2);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(follow_open(&follow, dir, &wrong[i]), 0);
		assert_int_equal(follow_next(&follow), 1);
		assert_int_equal(follow.reader.frame->first.position, 1);
		follow_close(&follow);
	}
	spool_close(&fixture_spool);
	(void)close(dir);
}

/*
 * The spool was lost and begins again below the cursor: what is new is delivered, what is old
 * is not.
 */
static void
a_lost_spool_is_noticed(void **state)
{
	const struct cursor cursor = {
		.segment = 9, .created_ns = 1, .offset = 4096, .ordinal = 50
	};
	struct cursor_file file;
	struct follow follow;
	int dir = fixture_dir("."), cursors = fixture_dir("cursors");

	(void)state;
	fixture_open(&fixture_policy, 1);
	fixture_frames(1, 2);
	spool_close(&fixture_spool);
	assert_int_equal(cursor_open(&file, cursors, "a", 0), 1);
	file.cursor = cursor;
	assert_int_equal(cursor_write(&file), 0);
	assert_int_equal(follow_open(&follow, dir, &cursor), 0);
	assert_int_equal(follow_next(&follow), 0);
	fixture_open(&fixture_policy, 1);
	fixture_frames(3, 1);
	assert_int_equal(follow_next(&follow), 1);
	assert_int_equal(follow.reader.frame->first.position, 3);
	assert_int_equal(follow.ordinal, 50);
	follow_close(&follow);
	spool_close(&fixture_spool);
	cursor_close(&file);
	(void)close(cursors);
	(void)close(dir);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)
	const struct CMUnitTest tests[] = {
		TEST(cursor_survives),
		TEST(one_sink_holds_a_cursor),
		TEST(a_damaged_slot_leaves_the_other),
		TEST(the_slowest_cursor_is_found),
		TEST(following_goes_on_at_the_cursor),
		TEST(a_wrong_cursor_starts_its_segment),
		TEST(a_lost_spool_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
