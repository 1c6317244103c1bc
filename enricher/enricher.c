/* SPDX-License-Identifier: Apache-2.0 */
/* The enricher's turn.  See enricher.h; start and end of it: open.c. */
#include "enricher.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "fault.h"
#include "wanted.h"

/* Which word of a ring's mark is the position of the last record in it. */
enum { WORD_LAST };

/* Where a full record goes. */
struct target {
	void *at;        /* room for it; NULL: nowhere */
	uint32_t size;   /* bytes of room */
	uint32_t to;     /* in this ring */
	uint32_t copies; /* and, the same, in these: a bit each */
};

/* The lowest of the rings BITS, which are some. */
static inline uint32_t
lowest(uint32_t bits)
{
	return (uint32_t)__builtin_ctz(bits);
}

/* With several evaluators: show what their rings hold, and tell how far that is. */
static void
enricher_deal(struct enricher *enricher)
{
	uint64_t last[EVALUATORS_MAX];

	for (uint32_t i = 0; i < enricher->evaluators; i++) {
		ring_publish(&enricher->full[i], enricher->position);
		last[i] = enricher->full[i].words[WORD_LAST];
		FAULT_POINT("enricher_dealing");
	}
	dealt_tell(region_content(&enricher->dealt), last, enricher->evaluators,
	    enricher->position);
}

/* Show everything made so far, and note how far that was. */
static void
enricher_publish(struct enricher *enricher)
{
	struct state_head *head = enricher->life.head;
	struct state_progress *older = &head->progress[0];

	FAULT_POINT("enricher_publish");
	if (enricher->evaluators == 1)
		ring_publish(&enricher->full[0], enricher->position);
	else
		enricher_deal(enricher);
	FAULT_POINT("enricher_published");
	if (head->progress[1].position < older->position)
		older = &head->progress[1];
	older->check = 0; /* not whole while it changes */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	older->position = enricher->position;
	older->number = enricher->number;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	older->check = older->position ^ older->number ^ STATE_LAYOUT;
	FAULT_POINT("enricher_progress");
}

/* Show what is written and not shown: what comes next changes the state that it was made of. */
static void
enricher_flush(struct enricher *enricher)
{
	for (uint32_t i = 0; i < enricher->evaluators; i++) {
		if (ring_pending(&enricher->full[i]) > 0)
			ring_publish(&enricher->full[i], enricher->position);
	}
}

/* Apply RECORD unless a former enricher did. */
static void
enricher_apply(struct enricher *enricher, const struct record *record,
    const struct life_handler *handler)
{
	struct state_head *head = enricher->life.head;
	uint64_t position = record->head->position;

	if (position <= head->applied)
		return;
	enricher_flush(enricher);
	FAULT_POINT("enricher_apply");
	if (handler)
		handler->apply(&enricher->life, record, handler->param);
	if (record->head->type == EV_interest) {
		wanted_follow(enricher);
		wanted_tap(enricher);
	}
	FAULT_POINT("enricher_change");
	__atomic_signal_fence(__ATOMIC_SEQ_CST); /* the change before the note */
	head->applied = position;
	FAULT_POINT("enricher_applied");
}

/* There was no room for SIZE bytes in ring TO: show what is written and look again. */
static void *
enricher_room(struct enricher *enricher, uint32_t to, uint32_t size, int *err)
{
	void *at;

	if (*err < 0)
		return NULL;
	enricher_publish(enricher);
	at = ring_reserve(&enricher->full[to], size, err);
	if (at == NULL && *err == 0) {
		enricher->blocked = to;
		enricher->room = size;
		*err = -EAGAIN;
	}
	return at;
}

/* Room for SIZE bytes in ring TO; NULL with *ERR -EAGAIN when there is none now. */
static inline void *
enricher_reserve(struct enricher *enricher, uint32_t to, uint32_t size, int *err)
{
	void *at = ring_reserve(&enricher->full[to], size, err);

	return at ? at : enricher_room(enricher, to, size, err);
}

/* The same in each of the rings COPIES.  Returns 0, -EAGAIN, or -EBADMSG. */
static int
enricher_reserve_copies(struct enricher *enricher, uint32_t copies, uint32_t size)
{
	int err = 0;

	for (; copies && err == 0; copies &= copies - 1)
		(void)enricher_reserve(enricher, lowest(copies), size, &err);
	return err;
}

static inline void
enricher_commit(struct ring *full, uint32_t len, uint64_t position)
{
	full->words[WORD_LAST] = position;
	ring_commit(full, len);
}

/* What is written goes into the rings COPIES too: there is room. */
static void
enricher_copy(struct enricher *enricher, uint32_t copies, const void *from, uint32_t len,
    uint64_t position)
{
	for (; copies; copies &= copies - 1) {
		struct ring *full = &enricher->full[lowest(copies)];
		int err;
		void *at = ring_reserve(full, len, &err);

		assert(at); /* nothing has been written there since room was made */
		memcpy(at, from, len);
		enricher_commit(full, len, position);
		enricher->counts.copies++;
	}
}

/*
 * Write the full record of RAW, the event NUMBER, at TARGET; what can not be written is counted.
 * Returns 0 or -EAGAIN.
 */
static int
enricher_emit(struct enricher *enricher, const struct target *target, const struct record *raw,
    bool meta, uint64_t number)
{
	uint64_t position = raw->head->position;
	int len = meta ? emit_meta(target->at, target->size, raw)
	    : emit_record(&enricher->emit, target->at, target->size, raw, number);

	if (len == -EAGAIN) {
		enricher->blocked = enricher->arena.awaited;
		enricher->room = 0;
		return len;
	}
	if (len < 0) {
		stats_add(enricher->stats, STAT_ENRICHER_lost_large, 1);
		return 0;
	}
	enricher_commit(&enricher->full[target->to], (uint32_t)len, position);
	if (target->copies)
		enricher_copy(enricher, target->copies, target->at, (uint32_t)len, position);
	enricher->counts.out++;
	enricher->counts.out_bytes += (uint32_t)len;
	FAULT_POINT("enricher_committed");
	return 0;
}

/*
 * With several evaluators: the rings, a bit each, into which the record at HEAD goes and no former
 * enricher has put it.
 */
static uint32_t
enricher_rings(const struct enricher *enricher, const struct event_head *head)
{
	uint32_t count = enricher->evaluators;
	uint32_t rings = deal_to_all(head->type) ? (UINT32_C(1) << count) - 1
	    : UINT32_C(1) << deal_to(head->position, count);

	if (head->position > enricher->passed_max)
		return rings;
	for (uint32_t i = 0; i < count; i++) {
		if (head->position <= enricher->passed[i])
			rings &= ~(UINT32_C(1) << i);
	}
	return rings;
}

/*
 * Find where the full record of HEAD goes, and room there: TARGET->at, NULL when a former enricher
 * has passed it on.  Returns 0, -EAGAIN when there is no room now, or -EBADMSG.
 */
static int
enricher_target(struct enricher *enricher, const struct event_head *head, struct target *target)
{
	uint32_t need = head->len + EMIT_EXTRA_MAX, rings;
	int err = 0;

	target->size = need < EVENT_RECORD_MAX ? need : EVENT_RECORD_MAX;
	if (enricher->evaluators == 1) {
		if (head->position > enricher->passed[0])
			target->at = enricher_reserve(enricher, 0, target->size, &err);
		return err;
	}
	if ((rings = enricher_rings(enricher, head)) == 0)
		return 0;
	target->to = lowest(rings);
	target->copies = rings & (rings - 1);
	if ((err = enricher_reserve_copies(enricher, target->copies, target->size)) < 0)
		return err;
	target->at = enricher_reserve(enricher, target->to, target->size, &err);
	return err;
}

/* Whether a record that the collector wrote itself goes on. */
static bool
meta_passes(uint32_t type)
{
	return type != EV_snapshot_task && type != EV_snapshot_end && type != EV_names;
}

static bool
enricher_wants(const struct enricher *enricher, const struct record *record, bool meta)
{
	uint32_t type = record->head->type;

	if (meta)
		return meta_passes(type);
	return interest_wants(&enricher->wanted, type, type == EV_syscall
	    ? (uint32_t)slots_scalar_or(&record->slots, P_syscall_ID, SYSCALL_MAX) : 0);
}

/* One record that is sound and new.  Returns 0; -EAGAIN to be called again; or -EBADMSG. */
static int
enricher_record(struct enricher *enricher, const struct record *record, bool meta)
{
	const struct event_head *head = record->head;
	const struct life_handler *handler = life_handler(record);
	bool state = handler || head->type == EV_interest;
	bool wants = enricher_wants(enricher, record, meta), after = handler && handler->after;
	uint64_t number = enricher->number + (!meta && head->position > enricher->counted);
	struct target target = { .at = NULL };
	int err;

	if (wants && (err = enricher_target(enricher, head, &target)) < 0)
		return err;
	arena_begin(&enricher->arena, head->position);
	if (state && !after)
		enricher_apply(enricher, record, handler);
	if (target.at && (err = enricher_emit(enricher, &target, record, meta, number)) < 0)
		return err;
	enricher->number = number;
	if (after) {
		enricher->position = head->position; /* what is published has it */
		enricher_apply(enricher, record, handler);
	}
	if (wants && target.at == NULL)
		enricher->counts.repeated++;
	else if (!wants)
		enricher->counts.filtered++;
	if (head->type == EV_tick)
		wanted_tap(enricher);
	return 0;
}

/* Keep what has ended two enrichers, for the one who looks into it. */
static void
enricher_skip(struct enricher *enricher, uint32_t len)
{
	struct state_head *head = enricher->life.head;

	head->poison_position = enricher->skip_position;
	head->poison_len = len;
	memset(head->poison, 0, sizeof(head->poison));
	memcpy(head->poison, enricher->record, len < STATE_POISON_BYTES ? len : STATE_POISON_BYTES);
	stats_add(enricher->stats, STAT_ENRICHER_lost_poison, 1);
}

/* Judge and handle the LEN bytes in enricher->record.  Returns as enricher_record(). */
static int
enricher_handle(struct enricher *enricher, uint32_t len)
{
	const struct event_head *head = (const void *)enricher->record;
	struct record record;
	int err;

	if (len < EVENT_HEAD_BYTES || head->position == 0) {
		stats_add(enricher->stats, STAT_ENRICHER_lost_bad, 1);
		return 0;
	}
	if (head->position <= enricher->position) {
		enricher->counts.repeated++;
		return 0;
	}
	stats_work(enricher->stats, head->position);
	if (head->position == enricher->skip_position) {
		enricher_skip(enricher, len);
	} else if (record_check(&record, enricher->record, len, RECORD_RAW) < 0 ||
	    head->type == EV_alert) {
		stats_add(enricher->stats, STAT_ENRICHER_lost_bad, 1);
	} else {
		err = enricher_record(enricher, &record,
		    event_info(head->type)->category == CATEGORY_META);
		if (err < 0)
			return err;
	}
	enricher->position = head->position;
	FAULT_POINT("enricher_handled");
	return 0;
}

/* Handle a batch.  Returns 0, -EAGAIN when a record waits for room, or -EBADMSG. */
static int
enricher_batch(struct enricher *enricher, uint32_t *count)
{
	int err;

	for (*count = 0; *count < ENRICHER_TURN_RECORDS; (*count)++) {
		int len = (int)enricher->held;

		if (len == 0)
			len = ring_next(&enricher->raw, enricher->record, sizeof(enricher->record));
		if (len <= 0)
			return len;
		enricher->held = (uint32_t)len;
		/* Evaluators that were not ready when this began are, since the collector is. */
		if (*count == 0 && enricher->life.head->interest.generation == 0)
			wanted_follow(enricher);
		if ((err = enricher_handle(enricher, (uint32_t)len)) < 0)
			return err;
		enricher->held = 0;
		enricher->counts.in++;
	}
	return 0;
}

static void
enricher_tell(struct enricher *enricher)
{
	struct enricher_counts *counts = &enricher->counts;
	struct stats *stats = enricher->stats;

	stats_add(stats, STAT_ENRICHER_in, counts->in);
	stats_add(stats, STAT_ENRICHER_out, counts->out);
	if (counts->copies)
		stats_add(stats, STAT_ENRICHER_copies, counts->copies);
	stats_add(stats, STAT_ENRICHER_out_bytes, counts->out_bytes);
	stats_add(stats, STAT_ENRICHER_filtered, counts->filtered);
	stats_add(stats, STAT_ENRICHER_repeated, counts->repeated);
	memset(counts, 0, sizeof(*counts));
	stats_set(stats, STAT_ENRICHER_tasks, enricher->life.tasks.count);
	stats_set(stats, STAT_ENRICHER_contexts, enricher->arena.used_count);
	stats_work(stats, 0);
	stats_turn(stats, ring_waiting(&enricher->raw));
}

/*
 * Sleep until the reader of the ring that blocks has moved.  For a context's slot any move may do,
 * so more room is asked for than there is.
 */
static int
enricher_wait_reader(struct enricher *enricher, uint64_t timeout_ns)
{
	struct ring *full = &enricher->full[enricher->blocked];
	uint64_t used = full->own - full->peer;
	uint32_t room = enricher->room;

	if (enricher->blocked_turns++ == 0)
		stats_add(enricher->stats, room ? STAT_ENRICHER_full_full
		    : STAT_ENRICHER_contexts_full, 1);
	if (room == 0 && ring_waiting(full) == 0)
		return 0; /* its reader has moved already, and will not again */
	if (room == 0)
		room = (uint32_t)(full->capacity - used) + RING_ENTRY_MIN;
	return ring_wait_room(full, room, timeout_ns);
}

/* Is something written and not shown? */
static bool
enricher_pending(const struct enricher *enricher)
{
	for (uint32_t i = 0; i < enricher->evaluators; i++) {
		if (ring_pending(&enricher->full[i]) > 0)
			return true;
	}
	return false;
}

int
enricher_turn(struct enricher *enricher, uint64_t timeout_ns)
{
	uint64_t position = enricher->position;
	uint32_t count;
	int err = enricher_batch(enricher, &count);

	if (err < 0 && err != -EAGAIN)
		return err;
	if (count > 0)
		enricher->blocked_turns = 0;
	if (enricher->position != position || enricher_pending(enricher))
		enricher_publish(enricher);
	/* A record that is held has been read and not been handled: it stays in the ring. */
	if (enricher->held == 0)
		ring_release(&enricher->raw, enricher->position);
	FAULT_POINT("enricher_released");
	enricher_tell(enricher);
	if (err == -EAGAIN)
		return enricher_wait_reader(enricher, timeout_ns);
	if (count == 0)
		ring_wait(&enricher->raw, timeout_ns);
	return 0;
}

bool
enricher_drained(const struct enricher *enricher)
{
	return enricher->held == 0 && ring_waiting(&enricher->raw) == 0;
}

void
enricher_end(struct enricher *enricher)
{
	for (uint32_t i = 0; i < enricher->evaluators; i++)
		ring_end(&enricher->full[i]);
}
