/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>

#include "unit/outputs/fixture.h"

#include "sink.h"

enum { TEXT_MAX = 1 << 20 };

static struct sink sink;
static int dir, cursors, kept_stdout;
static char text[TEXT_MAX];

/* Standard output of the sink becomes FD, until sink_end(). */
static void
sink_begin(int fd, bool buffered)
{
	(void)fflush(stdout);
	kept_stdout = dup(1);
	assert_int_equal(dup2(fd, 1), 1);
	memset(&sink, 0, sizeof(sink));
	sink.ops = &sink_stdout;
	sink.stats = &fixture_stats;
	sink.buffered = buffered;
	dir = fixture_dir(".");
	cursors = fixture_dir("cursors");
	assert_int_equal(sink_open(&sink, dir, cursors), 0);
}

static void
sink_end(void)
{
	sink_close(&sink);
	(void)dup2(kept_stdout, 1);
	(void)close(kept_stdout);
	(void)close(dir);
	(void)close(cursors);
}

/* Turn until there is nothing more to do at NOW_NS. */
static int
sink_run_at(uint64_t now_ns)
{
	int state;

	while ((state = sink_turn(&sink, now_ns)) == SINK_WORKED)
		continue;
	return state;
}

static int
sink_run(void)
{
	return sink_run_at(1);
}

static int
output_file(void)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/out", fixture_path);
	return open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static size_t
output_lines(int fd)
{
	ssize_t len = pread(fd, text, TEXT_MAX - 1, 0);
	size_t lines = 0;

	assert_true(len >= 0);
	text[len] = '\0';
	for (ssize_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	return lines;
}

static void
each_alert_is_a_line(void **state)
{
	int fd = output_file();

	(void)state;
	fixture_open(&fixture_policy, 1);
	fixture_frames(1, 2);
	sink_begin(fd, false);
	assert_int_equal(sink_run(), SINK_IDLE);
	fixture_frames(3, 1);
	assert_int_equal(sink_run(), SINK_IDLE);
	sink_end();
	assert_int_equal(output_lines(fd), 3);
	assert_string_equal(text, "22:13:31.726060287: Notice message 1\n"
	    "22:13:31.726060287: Notice message 2\n22:13:31.726060287: Notice message 3\n");
	assert_int_equal(stats_get(&fixture_stats, STAT_SINK_in), 3);
	assert_int_equal(stats_get(&fixture_stats, STAT_SINK_out), 3);
	assert_int_equal(stats_get(&fixture_stats, STAT_SINK_out_bytes), strlen(text));
	spool_close(&fixture_spool);
	(void)close(fd);
}

static void
a_restart_repeats_nothing_after_an_orderly_end(void **state)
{
	int fd = output_file();

	(void)state;
	fixture_open(&fixture_policy, 1);
	for (uint64_t i = 1; i <= 200; i++)
		fixture_add(i);
	assert_int_equal(spool_commit(&fixture_spool, 1), 0);
	sink_begin(fd, true);
	/* A batch: it ends in the middle of the frame. */
	assert_int_equal(sink_turn(&sink, 1), SINK_WORKED);
	sink_end();
	assert_int_equal(output_lines(fd), SINK_BATCH_MAX);
	sink_begin(fd, true);
	assert_int_equal(sink_run(), SINK_IDLE);
	sink_end();
	assert_int_equal(output_lines(fd), 200);
	assert_non_null(strstr(text, "message 64\n22:13:31.726060287: Notice message 65\n"));
	spool_close(&fixture_spool);
	(void)close(fd);
}

/* How much of one frame was delivered says nothing of the next. */
static void
a_restart_inside_a_frame_leaves_later_frames_whole(void **state)
{
	int fd = output_file();

	(void)state;
	fixture_open(&fixture_policy, 1);
	for (uint64_t i = 1; i <= 200; i++)
		fixture_add(i);
	assert_int_equal(spool_commit(&fixture_spool, 1), 0);
	sink_begin(fd, true);
	assert_int_equal(sink_turn(&sink, 1), SINK_WORKED);
	sink_end();
	for (uint64_t i = 201; i <= 400; i++)
		fixture_add(i);
	assert_int_equal(spool_commit(&fixture_spool, 1), 0);
	sink_begin(fd, true);
	assert_int_equal(sink_run(), SINK_IDLE);
	sink_end();
	assert_int_equal(output_lines(fd), 400);
	spool_close(&fixture_spool);
	(void)close(fd);
}

/* Killed before the cursor was written: the same again, and nothing is left out. */
static void
a_death_repeats_and_loses_nothing(void **state)
{
	int fd = output_file();

	(void)state;
	fixture_open(&fixture_policy, 1);
	fixture_frames(1, 5);
	sink_begin(fd, false);
	assert_int_equal(sink_turn(&sink, 1), SINK_WORKED);
	sink.unsaved = 0;
	sink_end();
	assert_int_equal(output_lines(fd), 1);
	sink_begin(fd, false);
	assert_int_equal(sink_run(), SINK_IDLE);
	sink_end();
	assert_int_equal(output_lines(fd), 6);
	spool_close(&fixture_spool);
	(void)close(fd);
}

/* A pipe nobody reads: the sink waits a moment, says so, and goes on when there is room. */
static void
a_slow_reader_is_waited_for(void **state)
{
	int fds[2];
	ssize_t len = 0, got;
	size_t lines = 0;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	fixture_open(&fixture_policy, 1);
	for (uint64_t i = 1; i <= 20; i++) {
		fixture_noise(i, 16000);
		assert_int_equal(spool_commit(&fixture_spool, i), 0);
	}
	sink_begin(fds[1], false);
	assert_int_equal(sink_run(), SINK_WAITING);
	assert_true(sink.place.ordinal < 20);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	for (int turn = 0; turn < 1000 && lines < 20; turn++) {
		while ((got = read(fds[0], text, TEXT_MAX)) > 0) {
			len += got;
			for (ssize_t i = 0; i < got; i++)
				lines += text[i] == '\n';
		}
		(void)sink_turn(&sink, 1);
	}
	assert_int_equal(lines, 20);
	assert_int_equal(stats_get(&fixture_stats, STAT_SINK_out_bytes), len);
	assert_int_equal(stats_get(&fixture_stats, STAT_SINK_failures), 0);
	sink_end();
	spool_close(&fixture_spool);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* A reader that is gone is a failure: tried again later and later, and nothing is lost. */
static void
a_reader_that_is_gone_is_tried_again(void **state)
{
	int fds[2], fd = output_file();
	uint64_t now = 1;

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	(void)close(fds[0]);
	fixture_open(&fixture_policy, 1);
	fixture_frames(1, 3);
	sink_begin(fds[1], false);
	assert_int_equal(sink_turn(&sink, now), SINK_WAITING);
	assert_int_equal(sink.backoff_ms, SINK_BACKOFF_MIN_MS);
	assert_int_equal(sink_turn(&sink, now), SINK_WAITING);
	assert_int_equal(stats_get(&fixture_stats, STAT_SINK_failures), 1);
	for (int i = 0; i < 12; i++) {
		now = sink.retry_ns;
		assert_int_equal(sink_run_at(now), SINK_WAITING);
	}
	assert_int_equal(sink.backoff_ms, SINK_BACKOFF_MAX_MS);
	assert_int_equal(stats_get(&fixture_stats, STAT_SINK_failures), 13);
	assert_int_equal(dup2(fd, 1), 1);
	sink.retry_ns = 0;
	assert_int_equal(sink_run(), SINK_IDLE);
	sink_end();
	assert_int_equal(output_lines(fd), 3);
	spool_close(&fixture_spool);
	(void)close(fds[1]);
	(void)close(fd);
}

/* What a failed write made the spooler repeat is known by its key. */
static void
a_repeated_record_is_delivered_once(void **state)
{
	int fd = output_file(), good;

	(void)state;
	fixture_open(&(struct spool_policy){ .segment_bytes = 64 << 10, .bytes_max = 1 << 20,
	    .age_max_s = 1000, .sync = CONFIG_SYNC_INTERVAL, .sync_interval_ms = 60000 }, 1);
	fixture_frames(1, 2);
	sink_begin(fd, false);
	assert_int_equal(sink_run(), SINK_IDLE);
	good = fixture_spool.writer.fd;
	fixture_spool.writer.fd = open("/dev/full", O_RDWR | O_CLOEXEC);
	fixture_add(3);
	assert_int_equal(spool_commit(&fixture_spool, 3000000), -ENOSPC);
	assert_int_equal(spool_commit(&fixture_spool, 4000000), 0);
	(void)close(good);
	assert_int_equal(sink_run(), SINK_IDLE);
	sink_end();
	assert_int_equal(output_lines(fd), 3);
	assert_non_null(strstr(text, "message 3\n"));
	spool_close(&fixture_spool);
	(void)close(fd);
}

static void
a_poison_alert_is_skipped(void **state)
{
	int fd = output_file();

	(void)state;
	fixture_open(&fixture_policy, 1);
	fixture_frames(1, 3);
	sink_begin(fd, false);
	sink.skip_position = 2;
	assert_int_equal(sink_run(), SINK_IDLE);
	sink_end();
	assert_int_equal(output_lines(fd), 2);
	assert_int_equal(stats_get(&fixture_stats, STAT_SINK_skipped), 1);
	assert_int_equal(stats_get(&fixture_stats, STAT_SINK_in), 3);
	spool_close(&fixture_spool);
	(void)close(fd);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)
	const struct CMUnitTest tests[] = {
		TEST(each_alert_is_a_line),
		TEST(a_restart_repeats_nothing_after_an_orderly_end),
		TEST(a_restart_inside_a_frame_leaves_later_frames_whole),
		TEST(a_death_repeats_and_loses_nothing),
		TEST(a_slow_reader_is_waited_for),
		TEST(a_reader_that_is_gone_is_tried_again),
		TEST(a_repeated_record_is_delivered_once),
		TEST(a_poison_alert_is_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
