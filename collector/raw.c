/* SPDX-License-Identifier: Apache-2.0 */
/* The raw ring's producing end.  See raw.h. */
#include "raw.h"

#include <errno.h>
#include <string.h>

#include "fault.h"
#include "log.h"

enum { STOPPING_SLICES_MAX = 100 };

static const uint64_t slice_ns = 50 * 1000 * 1000;

int
raw_attach_take(struct raw *raw, int data_fd, int tail_fd, uint32_t cpu_count, struct stats *stats)
{
	int err;

	memset(raw, 0, sizeof(*raw));
	raw->cpu_count = cpu_count;
	raw->stats = stats;
	err = ring_attach_producer_take(&raw->ring, data_fd, tail_fd, REGION_RAW_DATA,
	    raw_word_count(cpu_count));
	if (err < 0)
		return err;
	raw->position = raw->ring.position;
	return 0;
}

void
raw_forget(struct raw *raw)
{
	memset(raw->ring.words, 0, 8 * 2 * (size_t)raw->cpu_count);
}

/* LEN bytes of the ring, after publishing what is committed if that makes room. */
static void *
raw_reserve(struct raw *raw, uint32_t len)
{
	int err = 0;
	void *at = raw->broken ? NULL : ring_reserve(&raw->ring, len, &err);

	if (!at && err == 0 && raw->pending_count > 0) {
		raw_publish(raw);
		at = ring_reserve(&raw->ring, len, &err);
	}
	if (err < 0 && !raw->broken) {
		log_warnx("raw ring: the enricher's index can not be; nothing more goes out");
		raw->broken = true;
	}
	if (!at && !raw->full)
		stats_add(raw->stats, STAT_COLLECTOR_raw_full, 1);
	raw->full = at == NULL;
	return at;
}

static void
raw_commit(struct raw *raw, struct event_head *head)
{
	head->position = ++raw->position;
	ring_commit(&raw->ring, head->len);
	if (++raw->pending_count >= RAW_BATCH_RECORDS)
		raw_publish(raw);
}

/* A successor finds that this lane is accounted for up to SEQ. */
static void
raw_note(struct raw *raw, uint32_t cpu, uint32_t lane, uint64_t seq)
{
	uint64_t *word = raw_word(raw, cpu, lane);

	if (seq > *word)
		*word = seq;
}

static int
raw_refusal(const struct raw *raw)
{
	return raw->broken ? -EBADMSG : -EAGAIN;
}

int
raw_put(struct raw *raw, const struct event_head *head, uint32_t len, uint8_t flags)
{
	struct event_head *copy = raw_reserve(raw, len);

	if (!copy)
		return raw_refusal(raw);
	memcpy(copy, head, len);
	FAULT_POINT("collector_copied");
	copy->flags |= flags;
	raw_note(raw, copy->cpu, copy->lane, copy->seq);
	raw->taken_count++;
	raw->taken_bytes += len;
	raw_commit(raw, copy);
	return 0;
}

static void
raw_copy_own(struct raw *raw, struct event_head *copy, const struct event_head *head, uint32_t len)
{
	memcpy(copy, head, len);
	copy->lane = LANE_META;
	copy->seq = raw->position + 1;
	stats_add(raw->stats, STAT_COLLECTOR_own, 1);
	raw_commit(raw, copy);
}

int
raw_put_own(struct raw *raw, const struct event_head *head, uint32_t len)
{
	struct event_head *copy = raw_reserve(raw, len);

	if (!copy)
		return raw_refusal(raw);
	raw_copy_own(raw, copy, head, len);
	return 0;
}

int
raw_put_loss(struct raw *raw, const struct event_head *head, uint32_t len, uint32_t cpu,
    uint32_t lane, uint64_t seq)
{
	struct event_head *copy = raw_reserve(raw, len);

	if (!copy)
		return raw_refusal(raw);
	/* Before the commit, which may publish: the mark and the record belong together. */
	raw_note(raw, cpu, lane, seq);
	raw_copy_own(raw, copy, head, len);
	return 0;
}

int
raw_put_own_wait(struct raw *raw, const struct event_head *head, uint32_t len)
{
	uint32_t stopping_slices = 0;
	int err;

	while ((err = raw_put_own(raw, head, len)) == -EAGAIN && raw->keeper) {
		raw_wait(raw, slice_ns);
		/* Turning, not hanging: it is the enricher that is slow. */
		stats_turn(raw->stats, 0);
		if (keeper_stopping(raw->keeper) && ++stopping_slices > STOPPING_SLICES_MAX)
			break;
	}
	return err;
}

void
raw_skip(struct raw *raw, const struct event_head *head)
{
	raw->position++;
	raw_note(raw, head->cpu, head->lane, head->seq);
}

void
raw_publish(struct raw *raw)
{
	if (raw->broken)
		return;
	FAULT_POINT("collector_publish");
	ring_publish(&raw->ring, raw->position);
	FAULT_POINT("collector_published");
	raw->pending_count = 0;
	/* Not before: what a killed collector had only copied is taken again by its successor. */
	stats_add(raw->stats, STAT_COLLECTOR_in, raw->taken_count);
	stats_add(raw->stats, STAT_COLLECTOR_out, raw->taken_count);
	stats_add(raw->stats, STAT_COLLECTOR_out_bytes, raw->taken_bytes);
	raw->taken_count = raw->taken_bytes = 0;
}

void
raw_wait(struct raw *raw, uint64_t timeout_ns)
{
	if (!raw->broken && ring_wait_room(&raw->ring, EVENT_RECORD_MAX, timeout_ns) < 0) {
		log_warnx("raw ring: the enricher's index can not be; nothing more goes out");
		raw->broken = true;
	}
}

void
raw_end(struct raw *raw)
{
	raw_publish(raw);
	if (!raw->broken)
		ring_end(&raw->ring);
}

void
raw_detach(struct raw *raw)
{
	ring_detach(&raw->ring);
	memset(raw, 0, sizeof(*raw));
}
