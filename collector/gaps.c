/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sequence numbers and what is missing among them.  See gaps.h.
 *
 * A collector can be killed between any two stores: a gap takes its place with the store of
 * `first`, which is the last one, and loses it with the same.
 */
#include "gaps.h"

#include <assert.h>
#include <string.h>

void
gaps_init(struct gaps *gaps, uint32_t cpu_count, uint64_t late_ns)
{
	assert(cpu_count <= SOURCE_CPUS_MAX);
	memset(gaps->lanes, 0, cpu_count * sizeof(gaps->lanes[0]));
	gaps->cpu_count = cpu_count;
	gaps->late_ns = late_ns;
	gaps->open_count = 0;
	memset(gaps->settled, 0, sizeof(gaps->settled));
}

static void
lane_open(struct gaps *gaps, struct gaps_lane *lane, struct gap *open, const struct gap *gap)
{
	uint64_t first = gap->first;

	*open = *gap;
	open->first = 0;
	__atomic_store_n(&open->first, first, __ATOMIC_RELEASE);
	lane->open_count++;
	gaps->open_count++;
}

static void
lane_forget(struct gaps *gaps, struct gaps_lane *lane, struct gap *open)
{
	__atomic_store_n(&open->first, 0, __ATOMIC_RELEASE);
	lane->open_count--;
	gaps->open_count--;
}

void
gaps_resume(struct gaps *gaps, uint32_t cpu_count, uint64_t late_ns, uint64_t position)
{
	if (gaps->cpu_count != cpu_count) {
		gaps_init(gaps, cpu_count, late_ns);
		return;
	}
	gaps->late_ns = late_ns;
	gaps->open_count = 0;
	for (uint32_t i = 0; i < cpu_count * SOURCE_LANES; i++) {
		struct gaps_lane *lane = &gaps->lanes[i / SOURCE_LANES][i % SOURCE_LANES];

		lane->sample = lane->open_count = 0;
		for (uint32_t at = 0; at < GAPS_OPEN_MAX; at++)
			lane->open_count += lane->open[at].first != 0;
		gaps->open_count += (uint32_t)lane->open_count;
	}
	gaps_settle(gaps, position);
	/* The rest was declared in vain: nobody will see those records. */
	for (uint32_t i = 0; i < cpu_count * SOURCE_LANES; i++) {
		for (uint32_t at = 0; at < GAPS_OPEN_MAX; at++)
			gaps->lanes[i / SOURCE_LANES][i % SOURCE_LANES].open[at].told = 0;
	}
}

void
gaps_base(struct gaps *gaps, uint32_t cpu, uint32_t lane_id, uint64_t seq)
{
	struct gaps_lane *lane = &gaps->lanes[cpu][lane_id];

	lane->base = lane->top = seq;
	for (uint32_t at = 0; at < GAPS_OPEN_MAX; at++) {
		/*
		 * The record behind it was not published: it comes again and shows the gap again.
		 */
		if (lane->open[at].first != 0 && lane->open[at].last >= seq)
			lane_forget(gaps, lane, &lane->open[at]);
	}
}

static struct gap *
lane_free(struct gaps_lane *lane)
{
	for (uint32_t at = 0; lane->open_count < GAPS_OPEN_MAX && at < GAPS_OPEN_MAX; at++) {
		if (lane->open[at].first == 0)
			return &lane->open[at];
	}
	return NULL;
}

/* The gap that was found last and is not declared, or NULL. */
static struct gap *
lane_youngest(struct gaps_lane *lane)
{
	struct gap *youngest = NULL;

	for (uint32_t at = 0; at < GAPS_OPEN_MAX; at++) {
		struct gap *open = &lane->open[at];

		if (open->first == 0 || open->told != 0)
			continue;
		if (!youngest || open->last > youngest->last)
			youngest = open;
	}
	return youngest;
}

/* Numbers from behind the top to LAST are missing. */
static void
lane_miss(struct gaps *gaps, struct gaps_lane *lane, uint64_t last, uint64_t end_ts,
    uint64_t found_ns)
{
	const struct gap gap = {
		lane->top + 1, last, last - lane->top, lane->top_ts, end_ts, found_ns, 0
	};
	struct gap *open = lane_free(lane), *youngest;

	if (open) {
		lane_open(gaps, lane, open, &gap);
	} else if ((youngest = lane_youngest(lane)) != NULL) {
		youngest->count += gap.count;
		youngest->end_ts = gap.end_ts;
		youngest->last = gap.last;
	}
}

/* Cut SEQ, which is neither its first nor its last, out of OPEN. */
static void
lane_split(struct gaps *gaps, struct gaps_lane *lane, struct gap *open, uint64_t seq)
{
	bool joined = open->count != open->last - open->first + 1;
	struct gap *behind = lane_free(lane), rest = *open;

	if (joined || !behind) {
		open->count--; /* the interval stays, the count is exact */
		return;
	}
	open->last = seq - 1;
	open->count = open->last - open->first + 1;
	rest.first = seq + 1;
	rest.count = rest.last - rest.first + 1;
	lane_open(gaps, lane, behind, &rest);
}

/* SEQ came after all: take it out of the gap that holds it, if one does. */
static void
lane_close(struct gaps *gaps, struct gaps_lane *lane, uint64_t seq)
{
	for (uint32_t at = 0; at < GAPS_OPEN_MAX; at++) {
		struct gap *open = &lane->open[at];

		if (open->first == 0 || open->told != 0 || seq < open->first || seq > open->last)
			continue;
		if (open->count == 1) {
			lane_forget(gaps, lane, open);
		} else if (seq == open->first) {
			open->count--;
			open->first++;
		} else if (seq == open->last) {
			open->count--;
			open->last--;
		} else {
			lane_split(gaps, lane, open, seq);
		}
		return;
	}
}

void
gaps_see(struct gaps *gaps, const struct event_head *head, uint64_t now_ns)
{
	struct gaps_lane *lane = &gaps->lanes[head->cpu][head->lane];

	if (head->seq <= lane->top) {
		if (lane->open_count > 0)
			lane_close(gaps, lane, head->seq);
		return;
	}
	if (head->seq != lane->top + 1)
		lane_miss(gaps, lane, head->seq - 1, head->ts, now_ns);
	lane->top = head->seq;
	lane->top_ts = head->ts;
}

void
gaps_attempted(struct gaps *gaps, uint32_t cpu, uint32_t lane_id, uint64_t attempted,
    uint64_t now_ns, uint64_t through_ns)
{
	struct gaps_lane *lane = &gaps->lanes[cpu][lane_id];

	if (lane->sample > lane->top) {
		if (through_ns < lane->sample_ns + gaps->late_ns)
			return;
		lane_miss(gaps, lane, lane->sample, lane->sample_ns, lane->sample_ns);
		lane->top = lane->sample;
		lane->top_ts = lane->sample_ns;
	}
	lane->sample = attempted > lane->top ? attempted : 0;
	lane->sample_ns = now_ns;
}

void
gaps_final(struct gaps *gaps, uint32_t cpu, uint32_t lane, uint64_t attempted, uint64_t now_ns)
{
	gaps->lanes[cpu][lane].sample = attempted;
	gaps->lanes[cpu][lane].sample_ns = now_ns;
	gaps_attempted(gaps, cpu, lane, attempted, now_ns, UINT64_MAX);
}

void
gaps_stuck(struct gaps *gaps, uint32_t cpu, uint32_t lane)
{
	gaps->lanes[cpu][lane].sample = 0;
}

/* The lane's oldest gap that is due and not declared, or NULL. */
static struct gap *
lane_due(struct gaps_lane *lane, uint64_t through_ns, uint64_t late_ns)
{
	struct gap *oldest = NULL;

	for (uint32_t at = 0; at < GAPS_OPEN_MAX; at++) {
		struct gap *open = &lane->open[at];

		if (open->first == 0 || open->told != 0 || through_ns < open->found_ns + late_ns)
			continue;
		if (!oldest || open->first < oldest->first)
			oldest = open;
	}
	return oldest;
}

bool
gaps_due(struct gaps *gaps, uint64_t through_ns, struct gap_due *due)
{
	for (uint32_t cpu = 0; gaps->open_count > 0 && cpu < gaps->cpu_count; cpu++) {
		for (uint32_t i = 0; i < SOURCE_LANES; i++) {
			struct gaps_lane *lane = &gaps->lanes[cpu][i];
			struct gap *open = NULL;

			if (lane->open_count > 0)
				open = lane_due(lane, through_ns, gaps->late_ns);
			if (!open)
				continue;
			*due = (struct gap_due){ *open, open, cpu, i };
			return true;
		}
	}
	return false;
}

void
gaps_tell(const struct gap_due *due, uint64_t position)
{
	__atomic_store_n(&due->open->told, position, __ATOMIC_RELEASE);
}

void
gaps_settle(struct gaps *gaps, uint64_t position)
{
	for (uint32_t i = 0; gaps->open_count > 0 && i < gaps->cpu_count * SOURCE_LANES; i++) {
		struct gaps_lane *lane = &gaps->lanes[i / SOURCE_LANES][i % SOURCE_LANES];

		for (uint32_t at = 0; lane->open_count > 0 && at < GAPS_OPEN_MAX; at++) {
			struct gap *open = &lane->open[at];

			if (open->first == 0 || open->told == 0 || open->told > position)
				continue;
			lane_forget(gaps, lane, open);
			gaps->settled[i % SOURCE_LANES] += open->count;
		}
	}
}
