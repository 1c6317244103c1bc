/* SPDX-License-Identifier: Apache-2.0 */
/* The evaluator's turn.  See evaluator.h; attaching and detaching: open.c. */
#include "evaluator.h"

#include <errno.h>

#include "clock.h"
#include "eval_cost.h"
#include "fault.h"

enum { ROOM_WAIT_NS = 100 * 1000 * 1000 };

static void
take_anchor(struct evaluator *evaluator, const struct record *record)
{
	uint64_t wall, utc;

	if (slots_scalar(&record->slots, P_anchor_wall_offset, &wall))
		evaluator->memory.clock.wall_offset_ns = (int64_t)wall;
	if (slots_scalar(&record->slots, P_anchor_utc_offset, &utc))
		evaluator->memory.clock.utc_offset_s = (int64_t)utc;
	evaluator->memory.position = record->head->position;
	evaluator_remember(evaluator);
}

static void
take_host(struct evaluator *evaluator, const struct record *record)
{
	struct evaluator_memory *memory = &evaluator->memory;
	struct span name;

	if (!slots_bytes(&record->slots, P_host_name, &name))
		return;
	if (name.len >= sizeof(memory->hostname))
		name.len = sizeof(memory->hostname) - 1;
	memset(memory->hostname, 0, sizeof(memory->hostname));
	memcpy(memory->hostname, name.ptr, name.len);
	memory->position = record->head->position;
	evaluator->view.hostname = (struct span){ memory->hostname, name.len };
	evaluator_remember(evaluator);
}

/*
 * The stream may have come to the next rules.  Everything before is judged and shown as such before
 * the change is noted, so that a successor never judges it again by others.
 */
static int
take_rules(struct evaluator *evaluator, const struct record *record)
{
	const struct ruleset *next = evaluator->next;
	int err;

	if (next == NULL || slots_scalar_or(&record->slots, P_interest_hash, 0) != next->hash)
		return 0;
	if (evaluator->position > evaluator->alert.position)
		ring_publish(&evaluator->alert, evaluator->position);
	FAULT_POINT("evaluator_switch");
	if ((err = evaluator_use(evaluator, next)) < 0)
		return err;
	evaluator->next = NULL;
	evaluator->memory.position = record->head->position;
	evaluator_remember(evaluator);
	FAULT_POINT("evaluator_switched");
	stats_add(evaluator->stats, STAT_EVALUATOR_switches, 1);
	return 0;
}

/*
 * Room for an alert.  What is pending of the same event goes out under the position before
 * it, so that after a crash the event is judged again and the spooler leaves out what it
 * has by the alert's index.
 */
static void *
alert_reserve(struct evaluator *evaluator, int *err)
{
	struct ring *ring = &evaluator->alert;
	bool waited = false;
	void *at;

	while ((at = ring_reserve(ring, ALERT_BYTES_MAX, err)) == NULL && *err == 0) {
		if (ring_pending(ring) > 0) {
			ring_publish(ring, evaluator->position);
			continue;
		}
		if (!waited)
			stats_add(evaluator->stats, STAT_EVALUATOR_alert_full, 1);
		waited = true;
		stats_turn(evaluator->stats, ring_waiting(&evaluator->full));
		if ((*err = ring_wait_room(ring, ALERT_BYTES_MAX, ROOM_WAIT_NS)) < 0)
			break;
		if (evaluator->stopping != NULL && evaluator->stopping(evaluator->stopping_ctx)) {
			*err = -ECANCELED;
			break;
		}
	}
	return at;
}

/* Publish the matches of the event in view, as one batch. */
static int
publish_matches(struct evaluator *evaluator)
{
	uint64_t position = evaluator->view.record.head->position;
	struct eval *eval = &evaluator->eval;
	int err = 0;

	for (uint32_t i = 0; i < eval->match_count; i++) {
		void *at = alert_reserve(evaluator, &err);
		bool cut;
		uint32_t len;

		if (at == NULL)
			return err;
		len = alert_write(evaluator->ruleset, eval->matches[i], i, eval, &evaluator->view,
		    &evaluator->room, at, &cut);
		ring_commit(&evaluator->alert, len);
		FAULT_POINT("evaluator_committed");
		stats_add(evaluator->stats, STAT_EVALUATOR_out, 1);
		if (cut)
			stats_add(evaluator->stats, STAT_EVALUATOR_lost_large, 1);
	}
	stats_add(evaluator->stats, STAT_EVALUATOR_matches, eval->match_count);
	FAULT_POINT("evaluator_publish");
	ring_publish(&evaluator->alert, position);
	FAULT_POINT("evaluator_published");
	return 0;
}

static int
judge(struct evaluator *evaluator, const struct record *record)
{
	struct eval *eval = &evaluator->eval;
	int err;

	view_begin(&evaluator->view, record);
	if (!checked_event(&evaluator->checked, eval, &evaluator->view)) {
		stats_add(evaluator->stats, STAT_EVALUATOR_filtered, 1);
		return 0;
	}
	stats_add(evaluator->stats, STAT_EVALUATOR_judged, 1);
	if (eval->match_count > 0 && (err = publish_matches(evaluator)) < 0)
		return err;
	eval_sample(eval, &evaluator->view);
	return 0;
}

/* One sound, new record. */
static int
handle_record(struct evaluator *evaluator, const struct record *record)
{
	switch (record->head->type) {
	case EV_anchor:
		take_anchor(evaluator, record);
		return 0;
	case EV_host:
		take_host(evaluator, record);
		return 0;
	case EV_interest:
		return take_rules(evaluator, record);
	default:
		break;
	}
	if (event_info(record->head->type)->category == CATEGORY_META)
		return 0;
	return judge(evaluator, record);
}

static int
handle(struct evaluator *evaluator, uint32_t len)
{
	const struct event_head *head = (const void *)evaluator->record;
	struct record record;
	int err;

	stats_add(evaluator->stats, STAT_EVALUATOR_in, 1);
	if (record_check(&record, evaluator->record, len, RECORD_FULL) < 0 || head->position == 0) {
		stats_add(evaluator->stats, STAT_EVALUATOR_lost_bad, 1);
		return 0;
	}
	if (head->position <= evaluator->position) {
		stats_add(evaluator->stats, STAT_EVALUATOR_repeated, 1);
		return 0;
	}
	stats_work(evaluator->stats, head->position);
	FAULT_POINT("evaluator_judge");
	if (head->position == evaluator->skip_position)
		stats_add(evaluator->stats, STAT_EVALUATOR_lost_poison, 1);
	else if ((err = handle_record(evaluator, &record)) < 0)
		return err;
	evaluator->position = head->position;
	return 0;
}

/* Add to COUNTER what COUNT has grown since it was last told. */
static void
tell_growth(struct stats *stats, enum stat_id counter, uint64_t count, uint64_t *seen)
{
	if (count != *seen)
		stats_add(stats, counter, count - *seen);
	*seen = count;
}

/* The table of costs is large: it is written when there is something new, once a second. */
static void
tell_costs(struct evaluator *evaluator)
{
	uint64_t now_ns;

	if (evaluator->eval.condition_count == evaluator->costs_seen)
		return;
	now_ns = clock_ns(CLOCK_MONOTONIC);
	if (now_ns - evaluator->costs_ns < EVALUATOR_COSTS_NS)
		return;
	evaluator_tell_costs(evaluator);
	evaluator->costs_seen = evaluator->eval.condition_count;
	evaluator->costs_ns = now_ns;
}

static void
tell(struct evaluator *evaluator)
{
	struct stats *stats = evaluator->stats;

	tell_growth(stats, STAT_EVALUATOR_evaluations, evaluator->eval.condition_count,
	    &evaluator->decided_seen);
	tell_growth(stats, STAT_EVALUATOR_stepped, evaluator->eval.stepped_count,
	    &evaluator->stepped_seen);
	tell_growth(stats, STAT_EVALUATOR_diagrams, evaluator->eval.residuals.reset_count,
	    &evaluator->diagrams_seen);
	tell_growth(stats, STAT_EVALUATOR_texts_cut, evaluator->scratch.cut_count,
	    &evaluator->cut_seen);
	tell_growth(stats, STAT_EVALUATOR_contexts_stale, evaluator->contexts.stale_count,
	    &evaluator->stale_seen);
	tell_growth(stats, STAT_EVALUATOR_contexts_bad, evaluator->contexts.bad_count,
	    &evaluator->bad_seen);
	tell_costs(evaluator);
	stats_work(stats, 0);
	stats_turn(stats, ring_waiting(&evaluator->full));
}

int
evaluator_turn(struct evaluator *evaluator, uint64_t wait_ns)
{
	/* Looked at before the ring is: everything up to here is in it. */
	uint64_t stream = ring_position(&evaluator->full);
	uint32_t count = 0;
	int len = 0, err = 0;

	while (err == 0 && count < EVALUATOR_TURN_RECORDS &&
	    (len = ring_next(&evaluator->full, evaluator->record, sizeof(evaluator->record))) > 0) {
		err = handle(evaluator, (uint32_t)len);
		count++;
	}
	if (len < 0)
		err = len;
	if (err < 0)
		return err;
	if (len == 0 && stream > evaluator->position)
		evaluator->position = stream;
	if (evaluator->position > evaluator->alert.position)
		ring_publish(&evaluator->alert, evaluator->position);
	if (count > 0) {
		FAULT_POINT("evaluator_release");
		ring_release(&evaluator->full, evaluator->position);
	}
	tell(evaluator);
	if (count == 0)
		ring_wait(&evaluator->full, wait_ns);
	return 0;
}

bool
evaluator_drained(struct evaluator *evaluator)
{
	return ring_waiting(&evaluator->full) == 0;
}

void
evaluator_end(struct evaluator *evaluator)
{
	evaluator_tell_costs(evaluator);
	ring_end(&evaluator->alert);
}
