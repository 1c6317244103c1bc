/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of outputs share: a spool in a temporary folder, and alerts to put into it. */
#ifndef TESTS_OUTPUTS_FIXTURE_H
#define TESTS_OUTPUTS_FIXTURE_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config.h"
#include "cursor.h"
#include "follow.h"
#include "log.h"
#include "record.h"
#include "segment.h"
#include "spool.h"
#include "spooldir.h"

static char fixture_path[64];
static struct stats fixture_stats;
static struct spool fixture_spool;
static _Alignas(8) uint8_t fixture_record[EVENT_RECORD_MAX];

static const struct spool_policy fixture_policy = {
	.segment_bytes = 64 << 10, .bytes_max = 16 << 20, .age_max_s = 604800,
	.sync_interval_ms = 100, .sync = CONFIG_SYNC_NEVER, .full = CONFIG_FULL_DROP_OLDEST,
};

static inline int
fixture_make(void **state)
{
	char cursors[96];

	(void)state;
	memset(&fixture_stats, 0, sizeof(fixture_stats));
	(void)snprintf(fixture_path, sizeof(fixture_path), "/tmp/saker-test-XXXXXX");
	if (mkdtemp(fixture_path) == NULL)
		return -1;
	(void)snprintf(cursors, sizeof(cursors), "%s/cursors", fixture_path);
	return mkdir(cursors, 0700);
}

static inline void
fixture_empty(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		(void)closedir(dir);
}

static inline int
fixture_remove(void **state)
{
	char cursors[96];

	(void)state;
	(void)snprintf(cursors, sizeof(cursors), "%s/cursors", fixture_path);
	fixture_empty(cursors);
	(void)rmdir(cursors);
	fixture_empty(fixture_path);
	return rmdir(fixture_path);
}

static inline int
fixture_dir(const char *name)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", fixture_path, name);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static inline void
fixture_open(const struct spool_policy *policy, uint64_t stream)
{
	const struct spool_identity identity = { .stream = stream, .host = "host" };

	assert_int_equal(spool_open_take(&fixture_spool, fixture_dir("."), fixture_dir("cursors"),
	    policy, &identity, &fixture_stats), 0);
}

static inline void
fixture_put(struct record_writer *writer, uint32_t index, const char *bytes, size_t len)
{
	record_put_bytes(writer, index, bytes, len, PARAM_EXACT);
}

/* An alert at POSITION with a MESSAGE, in fixture_record.  Returns its length. */
static inline uint32_t
fixture_alert(uint64_t position, uint32_t index, const char *message, size_t len)
{
	struct record_writer writer;
	int bytes;

	record_begin(&writer, fixture_record, sizeof(fixture_record), EV_alert, P_alert_COUNT);
	record_head(&writer)->position = position;
	record_put(&writer, P_alert_index, index);
	record_put(&writer, P_alert_wall_ts, 1700000011726060287u);
	record_put(&writer, P_alert_utc_offset, 0);
	record_put(&writer, P_alert_priority, 5);
	fixture_put(&writer, P_alert_rule, "Rule", 4);
	fixture_put(&writer, P_alert_source, "syscall", 7);
	fixture_put(&writer, P_alert_hostname, "host", 4);
	fixture_put(&writer, P_alert_message, message, len);
	fixture_put(&writer, P_alert_fields, "{}", 2);
	bytes = record_end(&writer);
	assert_true(bytes > 0);
	return (uint32_t)bytes;
}

/* Add an alert at POSITION; its message names the position. */
static inline void
fixture_add(uint64_t position)
{
	const struct segment_key key = { position, 0, 0 };
	char message[64];
	uint32_t len;

	(void)snprintf(message, sizeof(message), "message %llu", (unsigned long long)position);
	len = fixture_alert(position, 0, message, strlen(message));
	assert_false(spool_has(&fixture_spool, key));
	spool_add(&fixture_spool, fixture_record, len, key);
}

/* COUNT alerts from POSITION on, a frame each. */
static inline void
fixture_frames(uint64_t position, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		fixture_add(position + i);
		assert_int_equal(spool_commit(&fixture_spool, (position + i) * 1000000u), 0);
	}
}

/* An alert that does not compress, of about LEN bytes (at most 16 KiB). */
static inline void
fixture_noise(uint64_t position, uint32_t len)
{
	const struct segment_key key = { position, 0, 0 };
	static char message[16 << 10];
	static uint64_t seed = 88172645463325252u;

	for (uint32_t i = 0; i < len; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		message[i] = (char)seed;
	}
	len = fixture_alert(position, 0, message, len);
	spool_add(&fixture_spool, fixture_record, len, key);
}

/*
 * Positions of all records in the spool, in order, at most MAX.  Their number; the follower's
 * counts if asked.
 */
static inline size_t
fixture_read(uint64_t *positions, size_t max, uint64_t *skipped, uint64_t *bad)
{
	const struct cursor start = { 0 };
	struct follow follow;
	struct event_head head;
	size_t count = 0;
	int dir = fixture_dir(".");

	assert_int_equal(follow_open(&follow, dir, &start), 0);
	while (follow_next(&follow) == 1) {
		for (uint32_t at = 0; at < follow.reader.frame->plain_bytes; at += head.len) {
			memcpy(&head, follow.reader.plain + at, sizeof(head));
			if (count < max)
				positions[count] = head.position;
			count++;
		}
	}
	if (skipped)
		*skipped = follow.skipped_count;
	if (bad)
		*bad = follow.bad_count;
	follow_close(&follow);
	(void)close(dir);
	return count;
}

#endif
