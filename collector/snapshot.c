/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots of the running tasks.  See snapshot.h. */
#include "snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

/* The kernel's iterators hand out at most 32 KiB in one read. */
enum { READ_BYTES = 64 * 1024 };

static const uint64_t pause_ns = UINT64_C(1000000000);

int
snapshot_open(struct snapshot *snapshot, struct order *order, struct own *own)
{
	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->source = order->source;
	snapshot->order = order;
	snapshot->own = own;
	snapshot->stats = order->stats;
	snapshot->fd = -1;
	snapshot->bytes = aligned_alloc(64, SNAPSHOT_BYTES);
	return snapshot->bytes ? 0 : -ENOMEM;
}

void
snapshot_want(struct snapshot *snapshot)
{
	snapshot->wanted = true;
}

static void
snapshot_begin(struct snapshot *snapshot, uint64_t now_ns)
{
	uint64_t *generation = raw_generation(snapshot->order->raw);
	int fd;

	snapshot->begin_ns = now_ns;
	fd = snapshot->source->ops->snapshot(snapshot->source, *generation + 1);
	if (fd < 0) {
		if (!snapshot->failed)
			log_warnx("snapshot of the running tasks: %s", strerror(-fd));
		snapshot->failed = true;
		return;
	}
	(*generation)++;
	snapshot->fd = fd;
	snapshot->wanted = false;
	snapshot->running = true;
	snapshot->task_count = 0;
	snapshot->fed = snapshot->len = 0;
}

/*
 * The iterator failed half-way: what was told stays, the end is not told, and another snapshot
 * follows.
 */
static void
snapshot_abandon(struct snapshot *snapshot, int err)
{
	if (!snapshot->failed)
		log_warnx("snapshot of the running tasks: %s after %llu of them", strerror(-err),
		    (unsigned long long)snapshot->task_count);
	snapshot->failed = true;
	snapshot->running = false;
	snapshot->wanted = true;
	(void)close(snapshot->fd);
	snapshot->fd = -1;
}

/*
 * Read until the buffer is full or the iterator at its end; then it is closed.  Returns 0 or a
 * negative errno.
 */
static int
snapshot_read(struct snapshot *snapshot)
{
	while (snapshot->len + READ_BYTES <= SNAPSHOT_BYTES) {
		ssize_t n = read(snapshot->fd, snapshot->bytes + snapshot->len, READ_BYTES);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n == 0) {
			(void)close(snapshot->fd);
			snapshot->fd = -1;
			break;
		}
		if (n > 0)
			snapshot->len += (size_t)n;
	}
	return 0;
}

/* Find the whole records among what was read, and count them. */
static void
snapshot_cut(struct snapshot *snapshot)
{
	for (snapshot->fed = 0; snapshot->len - snapshot->fed >= EVENT_HEAD_BYTES;) {
		struct event_head *head = (void *)(snapshot->bytes + snapshot->fed);

		if (head->len > snapshot->len - snapshot->fed)
			break;
		if (head->len < EVENT_HEAD_BYTES || head->len % 8 != 0) {
			snapshot->len = snapshot->fed; /* no way to the next record */
			stats_add(snapshot->stats, STAT_COLLECTOR_lost_bad, 1);
			break;
		}
		snapshot->fed += head->len;
		snapshot->task_count++;
	}
}

static void
snapshot_end(struct snapshot *snapshot)
{
	if (own_snapshot_end(snapshot->own, *raw_generation(snapshot->order->raw),
	    snapshot->task_count, snapshot->begin_ns) < 0)
		return;
	stats_add(snapshot->stats, STAT_COLLECTOR_snapshots, 1);
	log_debug("snapshot: %llu tasks in %llu us", (unsigned long long)snapshot->task_count,
	    (unsigned long long)(own_clock() - snapshot->begin_ns) / 1000);
	snapshot->running = false;
	snapshot->failed = false;
}

void
snapshot_turn(struct snapshot *snapshot, uint64_t now_ns)
{
	int err;

	if (!snapshot->running && snapshot->wanted &&
	    (snapshot->begin_ns == 0 || now_ns - snapshot->begin_ns >= pause_ns))
		snapshot_begin(snapshot, now_ns);
	if (!snapshot->running || !order_fed(snapshot->order))
		return;
	if (snapshot->fd < 0) {
		snapshot_end(snapshot);
		return;
	}
	memmove(snapshot->bytes, snapshot->bytes + snapshot->fed, snapshot->len - snapshot->fed);
	snapshot->len -= snapshot->fed;
	if ((err = snapshot_read(snapshot)) < 0) {
		snapshot_abandon(snapshot, err);
		return;
	}
	snapshot_cut(snapshot);
	order_feed(snapshot->order, snapshot->bytes, snapshot->fed);
}

void
snapshot_close(struct snapshot *snapshot)
{
	if (snapshot->fd >= 0)
		(void)close(snapshot->fd);
	snapshot->fd = -1;
	free(snapshot->bytes);
	snapshot->bytes = NULL;
}
