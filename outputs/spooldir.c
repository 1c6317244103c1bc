/* SPDX-License-Identifier: Apache-2.0 */
/* Looking through a spool directory, without memory of its own, and its lock. */
#include "spooldir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "segment.h"
#include "segment_wire.h"

enum { LOCK_RETRY_MS = 20 };

static const char lock_name[] = "lock";

/* One buffer of directory entries.  Returns the callback's answer. */
static int
entries_each(const char *buf, ssize_t len, int (*file)(void *arg, int dir, const char *name),
    void *arg, int dir)
{
	int answer = 0;

	for (ssize_t at = 0; at < len && answer == 0;) {
		const struct dirent64 *entry = (const void *)(buf + at);

		if (entry->d_name[0] != '.')
			answer = file(arg, dir, entry->d_name);
		at += entry->d_reclen;
	}
	return answer;
}

int
spooldir_each(int dir, int (*file)(void *arg, int dir, const char *name), void *arg)
{
	_Alignas(struct dirent64) char buf[16384];
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), answer = 0;
	uint32_t rounds = SPOOLDIR_ENTRIES_MAX / 256;
	ssize_t len = 0;

	if (fd < 0)
		return -errno;
	while (answer == 0 && rounds-- > 0) {
		if ((len = getdents64(fd, buf, sizeof(buf))) <= 0)
			break;
		answer = entries_each(buf, len, file, arg, dir);
	}
	if (len < 0)
		answer = -errno;
	(void)close(fd);
	return answer;
}

static int
range_file(void *arg, int dir, const char *name)
{
	struct spooldir_range *range = arg;
	uint64_t number = segment_number(name);
	struct stat st;

	if (number == 0)
		return 0;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		range->bytes += (uint64_t)st.st_size;
	range->count++;
	if (range->oldest == 0 || number < range->oldest)
		range->oldest = number;
	if (number > range->newest)
		range->newest = number;
	return 0;
}

int
spooldir_range(int dir, struct spooldir_range *range)
{
	*range = (struct spooldir_range){ 0 };
	return spooldir_each(dir, range_file, range);
}

struct after {
	uint64_t after;
	uint64_t found;
};

static int
after_file(void *arg, int dir, const char *name)
{
	struct after *after = arg;
	uint64_t number = segment_number(name);

	(void)dir;
	if (number > after->after && (after->found == 0 || number < after->found))
		after->found = number;
	return 0;
}

uint64_t
spooldir_after(int dir, uint64_t number)
{
	struct after after = { .after = number };

	(void)spooldir_each(dir, after_file, &after);
	return after.found;
}

int
spooldir_lock(int dir, uint64_t stream, uint32_t timeout_ms)
{
	int fd = openat(dir, lock_name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600), err = 0;

	if (fd < 0)
		return -errno;
	for (uint32_t waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += LOCK_RETRY_MS) {
		err = -errno;
		if (err != -EWOULDBLOCK || waited >= timeout_ms)
			goto fail;
		clock_pause_ms(LOCK_RETRY_MS);
	}
	if ((err = segment_write(fd, &stream, sizeof(stream), 0)) < 0 && err != -ENOSPC)
		goto fail;
	return fd;
fail:
	(void)close(fd);
	return err;
}

bool
spooldir_written(int dir, uint64_t stream)
{
	int fd = openat(dir, lock_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	uint64_t holder = 0;
	bool written = false;

	if (fd < 0)
		return false;
	if (segment_read(fd, &holder, sizeof(holder), 0) == (int)sizeof(holder) && holder == stream)
		written = flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	(void)close(fd);
	return written;
}
