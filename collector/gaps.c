/* SPDX-License-Identifier: Apache-2.0 */
/* Sequence numbers and what is missing among them.  See gaps.h. */
#include "gaps.h"

#include <assert.h>
#include <string.h>

void
gaps_init(struct gaps *gaps, uint32_t cpu_count, uint64_t late_ns)
{
	assert(cpu_count <= SOURCE_CPUS_MAX);
	memset(gaps, 0, sizeof(*gaps));
	gaps->cpu_count = cpu_count;
	gaps->late_ns = late_ns;
}

void
gaps_base(struct gaps *gaps, uint32_t cpu, uint32_t lane, uint64_t seq)
{
	gaps->lanes[cpu][lane].base = seq;
	gaps->lanes[cpu][lane].top = seq;
}

static void
lane_remove(struct gaps *gaps, struct gaps_lane *lane, uint32_t index)
{
	lane->open_count--;
	gaps->open_count--;
	memmove(&lane->open[index], &lane->open[index + 1], (lane->open_count - index) * sizeof(lane->open[0]));
}

/* Open a gap.  With no place left it is joined to the youngest one. */
static void
lane_open(struct gaps *gaps, struct gaps_lane *lane, uint64_t last, uint64_t end_ts, uint64_t found_ns)
{
	struct gap *youngest = &lane->open[GAPS_OPEN_MAX - 1];
	struct gap gap = { lane->top + 1, last, last - lane->top, lane->top_ts, end_ts, found_ns };

	if (lane->open_count == GAPS_OPEN_MAX) {
		youngest->last = gap.last;
		youngest->count += gap.count;
		youngest->end_ts = gap.end_ts;
		return;
	}
	lane->open[lane->open_count++] = gap;
	gaps->open_count++;
}

/* Cut SEQ, which is neither its first nor its last, out of the gap at INDEX. */
static void
lane_split(struct gaps *gaps, struct gaps_lane *lane, uint32_t index, uint64_t seq)
{
	struct gap *gap = &lane->open[index];
	struct gap rest = *gap;
	bool joined = gap->count != gap->last - gap->first + 1;

	gap->count--;
	if (joined || lane->open_count == GAPS_OPEN_MAX)
		return; /* the interval stays, the count is exact */
	gap->last = seq - 1;
	gap->count = gap->last - gap->first + 1;
	rest.first = seq + 1;
	rest.count = rest.last - rest.first + 1;
	memmove(&lane->open[index + 2], &lane->open[index + 1], (lane->open_count - index - 1) * sizeof(*gap));
	lane->open[index + 1] = rest;
	lane->open_count++;
	gaps->open_count++;
}

/* SEQ came after all: take it out of the gap that holds it, if one does. */
static void
lane_close(struct gaps *gaps, struct gaps_lane *lane, uint64_t seq)
{
	for (uint32_t i = 0; i < lane->open_count; i++) {
		struct gap *gap = &lane->open[i];

		if (seq < gap->first || seq > gap->last)
			continue;
		if (gap->count == 1) {
			lane_remove(gaps, lane, i);
		} else if (seq == gap->first) {
			gap->first++;
			gap->count--;
		} else if (seq == gap->last) {
			gap->last--;
			gap->count--;
		} else {
			lane_split(gaps, lane, i, seq);
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
		lane_open(gaps, lane, head->seq - 1, head->ts, now_ns);
	lane->top = head->seq;
	lane->top_ts = head->ts;
}

void
gaps_attempted(struct gaps *gaps, uint32_t cpu, uint32_t lane_id, uint64_t attempted, uint64_t now_ns,
    uint64_t through_ns)
{
	struct gaps_lane *lane = &gaps->lanes[cpu][lane_id];

	if (lane->sample > lane->top) {
		if (through_ns >= lane->sample_ns + gaps->late_ns) {
			lane_open(gaps, lane, lane->sample, lane->sample_ns, lane->sample_ns);
			lane->top = lane->sample;
			lane->top_ts = lane->sample_ns;
			lane->sample = 0;
		}
		return;
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

bool
gaps_due(const struct gaps *gaps, uint64_t through_ns, struct gap_due *due)
{
	if (gaps->open_count == 0)
		return false;
	for (uint32_t cpu = 0; cpu < gaps->cpu_count; cpu++) {
		for (uint32_t i = 0; i < SOURCE_LANES; i++) {
			const struct gaps_lane *lane = &gaps->lanes[cpu][i];

			if (lane->open_count == 0 || through_ns < lane->open[0].found_ns + gaps->late_ns)
				continue;
			*due = (struct gap_due){ lane->open[0], cpu, i };
			return true;
		}
	}
	return false;
}

void
gaps_declared(struct gaps *gaps, const struct gap_due *due)
{
	struct gaps_lane *lane = &gaps->lanes[due->cpu][due->lane];

	/* Nothing was seen since gaps_due(): the oldest is still the one that it showed. */
	assert(lane->open_count > 0 && lane->open[0].first == due->gap.first);
	lane_remove(gaps, lane, 0);
}
