/* SPDX-License-Identifier: Apache-2.0 */
/* The collector's own records.  See own.h. */
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "record.h"

static const uint64_t anchor_every_ns = 60 * UINT64_C(1000000000);
static const uint64_t tick_busy_ns = 10 * UINT64_C(1000000);
static const uint64_t tick_idle_ns = UINT64_C(1000000000);

/*
 * Slewing moves the wall clock by at most half a millisecond a second, and it is looked at each
 * second.
 */
static const int64_t step_min_ns = 1000 * 1000;

static const char *const table_paths[OWN_TABLES] = { "/etc/passwd", "/etc/group" };

static int64_t
clock_read(clockid_t clock)
{
	return (int64_t)clock_ns(clock);
}

uint64_t
own_clock(void)
{
	return (uint64_t)clock_read(CLOCK_BOOTTIME);
}

/*
 * CLOCK minus the boot clock, from the closest of a few readings: a pause between two readings is
 * not a step.
 */
static int64_t
clock_offset(clockid_t clock)
{
	int64_t best = INT64_MAX, offset = 0;

	for (int i = 0; i < 4 && best > 5000; i++) {
		int64_t before = clock_read(CLOCK_BOOTTIME);
		int64_t there = clock_read(clock);
		int64_t after = clock_read(CLOCK_BOOTTIME);

		if (after - before >= best)
			continue;
		best = after - before;
		offset = there - (before + best / 2);
	}
	return offset;
}

/* Read at most SIZE bytes of the file at PATH.  Returns how many, or a negative errno. */
static ssize_t
file_read(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -errno;
	while (len < size && (n = read(fd, buf + len, size - len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			n = -errno;
			break;
		}
		len += (size_t)n;
	}
	(void)close(fd);
	return n < 0 ? n : (ssize_t)len;
}

static void
table_read(struct own_table *table, const char *path)
{
	char *bytes = malloc(OWN_TABLE_BYTES_MAX);
	ssize_t len = bytes ? file_read(path, bytes, OWN_TABLE_BYTES_MAX) : -ENOMEM;

	if (len < 0) {
		log_warnx("%s: %s: its names are not known", path, strerror((int)-len));
		free(bytes);
		return;
	}
	if (len == OWN_TABLE_BYTES_MAX) {
		while (len > 0 && bytes[len - 1] != '\n')
			len--;
		log_warnx("%s: over %d bytes: the names behind that are not known", path,
		    OWN_TABLE_BYTES_MAX);
	}
	table->bytes = bytes;
	table->len = (size_t)len;
}

void
own_open(struct own *own, struct raw *raw, const struct order *order)
{
	struct utsname name;
	ssize_t len;

	memset(own, 0, sizeof(*own));
	own->raw = raw;
	own->order = order;
	own->start_ns = own_clock();
	for (int i = 0; i < OWN_TABLES; i++)
		table_read(&own->tables[i], table_paths[i]);
	len = file_read("/proc/sys/kernel/random/boot_id", own->boot_id, sizeof(own->boot_id) - 1);
	if (len < 0)
		log_warnx("/proc/sys/kernel/random/boot_id: %s", strerror((int)-len));
	own->boot_id[strcspn(own->boot_id, "\n")] = '\0';
	if (uname(&name) == 0) {
		memcpy(own->name, name.nodename, sizeof(own->name));
		memcpy(own->kernel, name.release, sizeof(own->kernel));
	}
	tzset(); /* reads the zone's file now, while files can be opened */
}

static void
own_write(struct own *own, struct record_writer *writer, uint16_t type, uint32_t params)
{
	record_begin(writer, own->record, sizeof(own->record), type, params);
	record_head(writer)->ts = order_time(own->order);
}

/* Finish the record and send it.  With WAIT it waits for room. */
static int
own_send(struct own *own, struct record_writer *writer, bool wait)
{
	int len = record_end(writer);

	if (len < 0)
		return len;
	if (wait)
		return raw_put_own_wait(own->raw, record_head(writer), (uint32_t)len);
	return raw_put_own(own->raw, record_head(writer), (uint32_t)len);
}

static void
put_text(struct record_writer *writer, uint32_t index, const char *text)
{
	if (text[0] != '\0')
		record_put_bytes(writer, index, text, strlen(text), PARAM_EXACT);
}

static int
own_host(struct own *own)
{
	struct record_writer writer;

	own_write(own, &writer, EV_host, P_host_COUNT);
	put_text(&writer, P_host_name, own->name);
	put_text(&writer, P_host_kernel, own->kernel);
	put_text(&writer, P_host_boot_id, own->boot_id);
	record_put(&writer, P_host_cpu_count, own->raw->cpu_count);
	record_put(&writer, P_host_start_ts, own->start_ns);
	return own_send(own, &writer, true);
}

static int
own_anchor(struct own *own, uint64_t now_ns, int64_t wall_offset, bool wait)
{
	time_t wall = (time_t)(((int64_t)now_ns + wall_offset) / 1000000000);
	struct record_writer writer;
	struct tm tm;
	int err;

	own_write(own, &writer, EV_anchor, P_anchor_COUNT);
	record_put(&writer, P_anchor_wall_offset, (uint64_t)wall_offset);
	record_put(&writer, P_anchor_utc_offset,
	    localtime_r(&wall, &tm) ? (uint64_t)tm.tm_gmtoff : 0);
	record_put(&writer, P_anchor_monotonic_offset, (uint64_t)-clock_offset(CLOCK_MONOTONIC));
	if ((err = own_send(own, &writer, wait)) < 0)
		return err;
	own->anchor_ns = now_ns;
	own->wall_offset = wall_offset;
	return 0;
}

size_t
own_chunk(const char *bytes, size_t len)
{
	size_t cut = len < OWN_CHUNK_BYTES ? len : OWN_CHUNK_BYTES;

	if (cut == len)
		return len;
	while (cut > 0 && bytes[cut - 1] != '\n')
		cut--;
	return cut > 0 ? cut : OWN_CHUNK_BYTES;
}

static int
own_names(struct own *own, uint32_t kind)
{
	const struct own_table *table = &own->tables[kind];
	size_t at = 0, len;
	int err;

	do {
		struct record_writer writer;

		len = own_chunk(table->bytes + at, table->len - at);
		own_write(own, &writer, EV_names, P_names_COUNT);
		record_put(&writer, P_names_kind, kind);
		record_put(&writer, P_names_generation, own->start_ns);
		record_put(&writer, P_names_offset, at);
		record_put(&writer, P_names_total, table->len);
		record_put_bytes(&writer, P_names_bytes, table->bytes + at, len, PARAM_EXACT);
		if ((err = own_send(own, &writer, true)) < 0)
			return err;
		at += len;
	} while (at < table->len);
	return 0;
}

int
own_begin(struct own *own)
{
	int err;

	if ((err = own_host(own)) < 0)
		return err;
	if ((err = own_anchor(own, own_clock(), clock_offset(CLOCK_REALTIME), true)) < 0)
		return err;
	for (uint32_t kind = 0; kind < OWN_TABLES; kind++) {
		if (own->tables[kind].bytes && (err = own_names(own, kind)) < 0)
			return err;
	}
	own_close(own);
	raw_publish(own->raw);
	return 0;
}

static void
own_clock_check(struct own *own, uint64_t now_ns)
{
	int64_t offset = clock_offset(CLOCK_REALTIME);
	int64_t moved = offset - own->wall_offset;

	if (moved > step_min_ns || moved < -step_min_ns ||
	    now_ns - own->anchor_ns >= anchor_every_ns)
		(void)own_anchor(own, now_ns, offset, false); /* without room: at the next look */
	else
		own->wall_offset = offset; /* slewed: followed, and told each minute */
}

void
own_time(struct own *own, uint64_t now_ns)
{
	bool traffic = own->raw->position != own->tick_position;
	struct record_writer writer;

	if (now_ns - own->tick_ns < (traffic ? tick_busy_ns : tick_idle_ns))
		return;
	own_clock_check(own, now_ns);
	own_write(own, &writer, EV_tick, P_tick_COUNT);
	record_put(&writer, P_tick_count, own->tick_count + 1);
	if (own_send(own, &writer, false) < 0)
		return;
	own->tick_count++;
	own->tick_ns = now_ns;
	own->tick_position = own->raw->position;
}

int
own_loss(struct own *own, const struct gap_due *due, enum loss_reason reason)
{
	struct record_writer writer;
	int len;

	own_write(own, &writer, EV_loss, P_loss_COUNT);
	record_put(&writer, P_loss_lane, due->lane);
	record_put(&writer, P_loss_cpu, due->cpu);
	record_put(&writer, P_loss_first, due->gap.first);
	record_put(&writer, P_loss_last, due->gap.last);
	record_put(&writer, P_loss_count, due->gap.count);
	record_put(&writer, P_loss_begin_ts, due->gap.begin_ts);
	record_put(&writer, P_loss_end_ts, due->gap.end_ts);
	record_put(&writer, P_loss_reason, reason);
	if ((len = record_end(&writer)) < 0)
		return len;
	return raw_put_loss(own->raw, record_head(&writer), (uint32_t)len, due->cpu, due->lane,
	    due->gap.last);
}

int
own_interest(struct own *own, uint32_t evaluator, const struct interest *interest)
{
	struct record_writer writer;

	own_write(own, &writer, EV_interest, P_interest_COUNT);
	record_put(&writer, P_interest_evaluator, evaluator);
	record_put(&writer, P_interest_hash, interest->rules_hash);
	record_put(&writer, P_interest_generation, interest->generation);
	return own_send(own, &writer, true);
}

int
own_snapshot_end(struct own *own, uint64_t generation, uint64_t task_count, uint64_t begin_ns)
{
	struct record_writer writer;

	own_write(own, &writer, EV_snapshot_end, P_snapshot_end_COUNT);
	record_put(&writer, P_snapshot_end_generation, generation);
	record_put(&writer, P_snapshot_end_task_count, task_count);
	record_put(&writer, P_snapshot_end_begin_ts, begin_ns);
	return own_send(own, &writer, true);
}

int
own_end(struct own *own)
{
	struct record_writer writer;

	own_write(own, &writer, EV_end, P_end_COUNT);
	record_put(&writer, P_end_record_count, own->raw->position + 1);
	return own_send(own, &writer, true);
}

void
own_close(struct own *own)
{
	for (int i = 0; i < OWN_TABLES; i++) {
		free(own->tables[i].bytes);
		own->tables[i] = (struct own_table){ NULL, 0 };
	}
}
