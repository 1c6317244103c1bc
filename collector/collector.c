/* SPDX-License-Identifier: Apache-2.0 */
/* The collector's turn and its end.  See collector.h; collector_open.c has its start. */
#include "collector.h"

#include <string.h>

#include "log.h"

static const uint64_t ms = 1000000;

enum {
	LOOK_MS = 20,         /* between two looks at counters and interest */
	WHOLE_MS = 1000,      /* between two looks at counters that the kernel is asked for */
	PIDS_MS = 1000,
	QUIET_MS = 20,        /* without a record before the probe is asked to wake us */
	STEP_MS_MAX = 2,      /* longest timed sleep before that */
	FEW_RECORDS = 32,     /* in a turn: then a sleep four times as long costs little */
	IDLE_MS = 100,
	ROOM_MS = 10,         /* longest wait for room in the raw ring */
	FINISH_MS_MAX = 5000
};

void
collector_totals(const struct collector *c, struct handover_totals *totals)
{
	const struct source_counters *counters = &c->counters;

	memset(totals, 0, sizeof(*totals));
	for (uint32_t cpu = 0; cpu < c->source->cpu_count; cpu++) {
		for (uint32_t lane = 0; lane < SOURCE_LANES; lane++) {
			totals->attempted += counters->attempted[cpu][lane];
			for (uint32_t reason = 0; reason < LOSS_REASONS; reason++)
				totals->lost[reason] += counters->lost[cpu][lane][reason];
		}
	}
	totals->lost[LOSS_RECURSION] += counters->skipped;
	totals->truncated = counters->truncated;
	totals->unreadable = counters->unreadable;
	totals->own_dropped = counters->own_dropped;
	memcpy(totals->settled, c->order.gaps->settled, sizeof(totals->settled));
}

/*
 * The counters that are the probe's, or outlive a collector: as they stand, less what was before.
 */
static void
collector_tell_counters(struct collector *c)
{
	const struct handover_totals *before = &c->handover.marks->before;
	struct handover_totals now;
	uint64_t life, bulk;

	collector_totals(c, &now);
	life = now.settled[LANE_LIFE] - before->settled[LANE_LIFE];
	bulk = now.settled[LANE_BULK] - before->settled[LANE_BULK];
	stats_set(c->stats, STAT_COLLECTOR_attempted, now.attempted - before->attempted);
	stats_set(c->stats, STAT_COLLECTOR_lost_gap, life + bulk);
	stats_set(c->stats, STAT_COLLECTOR_lost_life, life);
	stats_set(c->stats, STAT_COLLECTOR_lost_ring_full,
	    now.lost[LOSS_RING_FULL] - before->lost[LOSS_RING_FULL]);
	stats_set(c->stats, STAT_COLLECTOR_lost_tail_call,
	    now.lost[LOSS_TAIL_CALL] - before->lost[LOSS_TAIL_CALL]);
	stats_set(c->stats, STAT_COLLECTOR_lost_too_large,
	    now.lost[LOSS_TOO_LARGE] - before->lost[LOSS_TOO_LARGE]);
	stats_set(c->stats, STAT_COLLECTOR_lost_recursion,
	    now.lost[LOSS_RECURSION] - before->lost[LOSS_RECURSION]);
	stats_set(c->stats, STAT_COLLECTOR_truncated, now.truncated - before->truncated);
	stats_set(c->stats, STAT_COLLECTOR_unreadable, now.unreadable - before->unreadable);
	stats_set(c->stats, STAT_COLLECTOR_own_dropped, now.own_dropped - before->own_dropped);
}

/* Stream 0 carries the life lane of all CPUs, stream 1 + cpu the bulk lane of one. */
static uint32_t
lane_stream(uint32_t cpu, uint32_t lane)
{
	return lane == LANE_LIFE ? 0 : 1 + cpu;
}

static void
collector_look_for_gaps(struct collector *c, uint64_t now_ns)
{
	for (uint32_t cpu = 0; cpu < c->source->cpu_count; cpu++) {
		for (uint32_t lane = 0; lane < SOURCE_LANES; lane++) {
			if (order_stuck(&c->order, lane_stream(cpu, lane)))
				gaps_stuck(c->order.gaps, cpu, lane);
			else if (c->order.complete)
				gaps_attempted(c->order.gaps, cpu, lane,
				    c->counters.attempted[cpu][lane], now_ns,
				    c->order.through_ns);
		}
	}
}

/*
 * The one reason of which the source counted more in this lane than loss records have given so
 * far.
 */
static enum loss_reason
collector_reason(const struct collector *c, const struct gap_due *due)
{
	const uint64_t *counted = c->counters.lost[due->cpu][due->lane];
	const uint64_t *told = c->order.gaps->lanes[due->cpu][due->lane].reasons;
	enum loss_reason reason = LOSS_GAP;
	uint64_t most = 0;

	for (uint32_t i = 0; i < LOSS_REASONS; i++) {
		if (counted[i] > told[i] && counted[i] - told[i] > most) {
			most = counted[i] - told[i];
			reason = (enum loss_reason)i;
		}
	}
	return reason;
}

static void
collector_count_reason(struct collector *c, const struct gap_due *due, enum loss_reason reason)
{
	c->order.gaps->lanes[due->cpu][due->lane].reasons[reason] += due->gap.count;
}

/* Declare the gaps that no record will close any more. */
static void
collector_declare(struct collector *c, uint64_t through_ns)
{
	struct gap_due due;

	while (gaps_due(c->order.gaps, through_ns, &due)) {
		enum loss_reason reason = collector_reason(c, &due);

		gaps_tell(&due, c->raw.position + 1);
		if (own_loss(&c->own, &due, reason) < 0) {
			gaps_tell(&due, 0); /* no room: at a later turn */
			return;
		}
		collector_count_reason(c, &due, reason);
		if (due.lane == LANE_LIFE)
			snapshot_want(&c->snapshot);
	}
}

static void
collector_declare_poison(struct collector *c)
{
	const struct event_head *head = &c->order.poison;
	const struct gap_due due = {
		.gap = { head->seq, head->seq, 1, head->ts, head->ts, 0, 0 },
		.cpu = head->cpu,
		.lane = head->lane,
	};

	if (!c->order.poisoned || own_loss(&c->own, &due, LOSS_POISON) < 0)
		return;
	c->order.poisoned = false;
	log_warnx("record %llu of CPU %u (event %u) ended its worker twice and is skipped",
	    (unsigned long long)head->seq, head->cpu, head->type);
	if (head->lane == LANE_LIFE)
		snapshot_want(&c->snapshot);
}

void
collector_arm(struct collector *c)
{
	const struct source_limits limits = { .interest = &c->wanted.armed };

	(void)c->source->ops->limit(c->source, &limits);
}

/* A tap waits for this record before it lets its command go. */
static void
collector_tell_tap(struct collector *c)
{
	if (c->wanted.tap_telling && own_interest(&c->own, INTEREST_TAP, &c->wanted.tap) == 0)
		c->wanted.tap_telling = false;
}

void
collector_announce(struct collector *c)
{
	struct interest announced = c->wanted.evaluators.each[0];

	announced.rules_hash = c->wanted.told_hash;
	if (own_interest(&c->own, 0, &announced) < 0)
		return;
	wanted_announced(&c->wanted);
	snapshot_want(&c->snapshot);
}

static void
collector_look_at_wanted(struct collector *c)
{
	const struct snapshot *snapshot = &c->snapshot;
	/* One that can not be made holds nothing up. */
	bool waits = (snapshot->wanted || snapshot->running) && !snapshot->failed;

	switch (wanted_look(&c->wanted, c->order.complete ? c->order.through_ns : 0, waits)) {
	case WANTED_SAME:
		break;
	case WANTED_WIDEN:
		collector_arm(c);
		wanted_armed(&c->wanted, own_clock());
		break;
	case WANTED_ANNOUNCE:
		collector_announce(c);
		break;
	case WANTED_TELL:
		/* What does not fit the ring now is told at the next look. */
		if (own_interest(&c->own, 0, &c->wanted.evaluators.each[0]) == 0)
			wanted_told(&c->wanted);
		break;
	case WANTED_NARROW:
		collector_arm(c);
		break;
	}
	collector_tell_tap(c);
}

/*
 * Bulk events of saker's own processes are dropped in the kernel: they are as many as what they
 * handle.
 */
static void
collector_look_at_pids(struct collector *c, uint64_t now_ns)
{
	const struct source_limits limits = { .own_pids = c->own_pids, .own_count = PROBE_OWN_MAX };
	uint32_t pids[PROBE_OWN_MAX] = { 0 }, count = 0;

	if (!c->pids_global || now_ns - c->pids_ns < PIDS_MS * ms)
		return;
	c->pids_ns = now_ns;
	for (uint32_t role = 0; role < ROLE_COUNT && count < PROBE_OWN_MAX; role++) {
		uint32_t pid = keeper_control_get(&c->keeper->control->pids[role]);

		if (pid != 0)
			pids[count++] = pid;
	}
	if (memcmp(pids, c->own_pids, sizeof(pids)) == 0)
		return;
	memcpy(c->own_pids, pids, sizeof(pids));
	(void)c->source->ops->limit(c->source, &limits);
}

static void
collector_look(struct collector *c, uint64_t now_ns)
{
	bool whole;

	if (now_ns - c->look_ns < LOOK_MS * ms)
		return;
	whole = now_ns - c->whole_ns >= WHOLE_MS * ms;
	if (whole)
		c->whole_ns = now_ns;
	c->look_ns = now_ns;
	c->source->ops->stats(c->source, &c->counters, whole);
	collector_tell_counters(c);
	collector_look_for_gaps(c, now_ns);
	collector_look_at_pids(c, now_ns);
}

/*
 * How long to sleep at least: the configured time.  Where records are few, longer, as far as that
 * hides behind the time for which they are held anyway.
 */
static uint64_t
least_sleep_ns(const struct config *config, uint32_t count)
{
	uint64_t poll_ns = (uint64_t)config->collector_poll_us * 1000;
	uint64_t hidden_ns = (uint64_t)config->collector_hold_us * 1000 / 2;
	uint64_t longer_ns = hidden_ns < 4 * poll_ns ? hidden_ns : 4 * poll_ns;

	return count < FEW_RECORDS && longer_ns > poll_ns ? longer_ns : poll_ns;
}

/*
 * While records come, sleep for that time, and longer the longer none came: nobody has to wake
 * us.  When none has come for a while, ask the probe to wake us with the next one.  The first
 * sleep after that is short: a program that had looked at the word before it was set may still
 * be about to submit its record without waking anyone.
 */
static void
collector_sleep(struct collector *c, uint64_t now_ns, uint32_t count)
{
	uint64_t quiet_ns = now_ns - c->moved_ns;
	uint64_t least_ns = least_sleep_ns(c->config, count);
	uint64_t step_ns = quiet_ns / 4;

	if (quiet_ns < QUIET_MS * ms || !order_empty(&c->order) || c->snapshot.running) {
		if (c->idle != IDLE_NOT)
			c->source->ops->wake(c->source, 0);
		c->idle = IDLE_NOT;
		if (step_ns > STEP_MS_MAX * ms)
			step_ns = STEP_MS_MAX * ms;
		(void)wait_for(&c->wait, step_ns > least_ns ? step_ns : least_ns);
	} else if (c->idle == IDLE_NOT) {
		c->source->ops->wake(c->source, 1);
		c->idle = IDLE_ASKED;
		(void)wait_for(&c->wait, ms);
	} else {
		c->idle = IDLE_DEEP;
		(void)wait_for(&c->wait, IDLE_MS * ms);
	}
	stats_add(c->stats, STAT_COLLECTOR_wakes, 1);
}

void
collector_turn(struct collector *c)
{
	uint64_t now_ns = own_clock();
	uint32_t count = order_turn(&c->order, now_ns);

	if (count > 0)
		c->moved_ns = now_ns;
	collector_look(c, now_ns);
	collector_look_at_wanted(c);
	collector_declare_poison(c);
	collector_declare(c, c->order.complete ? c->order.through_ns : 0);
	snapshot_turn(&c->snapshot, now_ns);
	own_time(&c->own, now_ns);
	raw_publish(&c->raw);
	gaps_settle(c->order.gaps, c->raw.position);
	stats_turn(c->stats, c->counters.waiting);
	if (c->raw.full)
		raw_wait(&c->raw, ROOM_MS * ms);
	else if (count < ORDER_TURN_RECORDS)
		collector_sleep(c, now_ns, count);
}

/*
 * Put out what is there up to UNTIL, for a bounded time: an enricher that stands still does not
 * stop the end.
 */
static void
collector_drain(struct collector *c, uint64_t until_ns)
{
	uint64_t now_ns = own_clock();

	order_drain(&c->order, until_ns);
	for (; now_ns < until_ns + FINISH_MS_MAX * ms; now_ns = own_clock()) {
		(void)order_turn(&c->order, now_ns);
		stats_turn(c->stats, 0);
		if (order_drained(&c->order))
			return;
		if (c->raw.full)
			raw_wait(&c->raw, ROOM_MS * ms);
		else if (!c->order.complete)
			continue;
		else
			(void)wait_for(&c->wait, ms);
	}
	log_warnx("the kernel rings were not drained in %d s: the enricher takes nothing",
	    FINISH_MS_MAX / 1000);
}

static void
collector_stop(struct collector *c)
{
	uint64_t now_ns;

	/* What was attempted before now is in the rings before now. */
	c->source->ops->stats(c->source, &c->counters, true);
	now_ns = own_clock();
	collector_drain(c, now_ns);
	for (uint32_t cpu = 0; cpu < c->source->cpu_count; cpu++) {
		for (uint32_t lane = 0; lane < SOURCE_LANES; lane++)
			gaps_final(c->order.gaps, cpu, lane,
			    c->counters.attempted[cpu][lane], now_ns);
	}
	collector_declare(c, UINT64_MAX);
	(void)own_end(&c->own);
	raw_end(&c->raw);
	gaps_settle(c->order.gaps, c->raw.position);
	collector_tell_counters(c);
}

void
collector_finish(struct collector *c)
{
	int err;

	if (!keeper_orphaned(c->keeper)) {
		collector_stop(c);
		return;
	}
	raw_end(&c->raw);
	gaps_settle(c->order.gaps, c->raw.position);
	err = handover_wait(&c->handover, &c->bpf, &c->raw);
	if (err < 0)
		log_warnx("the keeper is gone and no other came: capture ends (%s)",
		    strerror(-err));
}
