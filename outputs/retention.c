/* SPDX-License-Identifier: Apache-2.0 */
/* Deleting the oldest segments, and counting what no sink will see.  See retention.h. */
#include "retention.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cursor.h"
#include "log.h"
#include "spooldir.h"

/* Segments deleted in one look for old ones: the turn is bounded. */
enum { AGE_STEPS_MAX = 64, ROOM_STEPS_MAX = 4096 };

int
retention_open(struct retention *retention)
{
	struct spooldir_range range;
	int err = spooldir_range(retention->dir, &range);

	if (err < 0)
		return err;
	retention->oldest = range.oldest;
	retention->newest = range.newest;
	retention->bytes = range.bytes;
	return 0;
}

void
retention_add(struct retention *retention, uint64_t number, uint64_t bytes)
{
	if (retention->oldest == 0)
		retention->oldest = number;
	retention->newest = number;
	retention->bytes += bytes;
}

void
retention_resize(struct retention *retention, uint64_t from_bytes, uint64_t to_bytes)
{
	retention->bytes = retention->bytes + to_bytes >= from_bytes
	    ? retention->bytes + to_bytes - from_bytes : 0;
}

/* The ordinal at which segment NUMBER begins; false when its head can not be read. */
static bool
retention_begin(struct retention *retention, uint64_t number, uint64_t *ordinal)
{
	if (segment_open(retention->reader, retention->dir, number) < 0)
		return false;
	*ordinal = retention->reader->head.ordinal;
	segment_close(retention->reader);
	return true;
}

/*
 * Records of the oldest segment, which ends where NEXT begins, that the slowest sink has not
 * had.
 */
static uint64_t
retention_unread(struct retention *retention, uint64_t next)
{
	struct cursor cursor = { 0 };
	uint64_t begin, end = retention->ordinal;
	int cursors = cursor_slowest(retention->cursors, &cursor);

	if (cursors == 0 || !retention_begin(retention, retention->oldest, &begin))
		return 0;
	if (next != 0 && !retention_begin(retention, next, &end))
		return 0;
	if (cursors > 0 && cursor.ordinal > begin)
		begin = cursor.ordinal;
	return end > begin ? end - begin : 0;
}

static uint64_t
retention_next(const struct retention *retention)
{
	return retention->oldest < retention->newest
	    ? spooldir_after(retention->dir, retention->oldest) : 0;
}

int
retention_delete_oldest(struct retention *retention, bool with_newest)
{
	uint64_t next = retention_next(retention), unread;
	char name[SEGMENT_NAME_MAX];
	struct stat st;

	if (retention->oldest == 0 || (retention->oldest == retention->newest && !with_newest))
		return -ENOENT;
	unread = retention_unread(retention, next);
	if (unread > 0 && retention->block)
		return -EAGAIN;
	segment_name(name, retention->oldest);
	if (fstatat(retention->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		st.st_size = 0;
	if (unlinkat(retention->dir, name, 0) < 0 && errno != ENOENT)
		return -errno;
	retention_resize(retention, (uint64_t)st.st_size, 0);
	retention->oldest = next;
	if (unread == 0)
		return 0;
	log_warnx("spool full: segment %s deleted, %llu alerts in it reached no sink", name,
	    (unsigned long long)unread);
	retention->dropped_segments++;
	retention->dropped_alerts += unread;
	stats_add(retention->stats, STAT_SPOOLER_dropped_old, 1);
	stats_add(retention->stats, STAT_SPOOLER_dropped_alerts, unread);
	return 0;
}

int
retention_room(struct retention *retention, uint64_t bytes)
{
	int err = 0, steps = ROOM_STEPS_MAX;

	while (err == 0 && steps-- > 0 && retention->bytes + bytes > retention->bytes_max)
		err = retention_delete_oldest(retention, true);
	return err == -ENOENT ? 0 : err;
}

void
retention_age(struct retention *retention, uint64_t wall_s)
{
	char name[SEGMENT_NAME_MAX];
	struct stat st;

	for (int i = 0; i < AGE_STEPS_MAX && retention->oldest < retention->newest; i++) {
		segment_name(name, retention->oldest);
		if (fstatat(retention->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    (uint64_t)st.st_mtime + retention->age_max_s > wall_s)
			return;
		if (retention_delete_oldest(retention, false) < 0)
			return;
	}
}
