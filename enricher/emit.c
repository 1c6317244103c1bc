/* SPDX-License-Identifier: Apache-2.0 */
/* Derived parameters.  See emit.h and derived.def. */
#include "emit.h"

#include <errno.h>

/* A full record being made, of an event of the task at `index`. */
struct making {
	struct record_writer writer;
	uint32_t own;
	uint64_t wanted;
};

static void
making_put(struct making *making, enum derived_id row, uint64_t value)
{
	if (making->wanted >> row & 1)
		record_put(&making->writer, making->own + (uint32_t)row, value);
}

static void
making_put_always(struct making *making, enum derived_id row, uint64_t value)
{
	record_put(&making->writer, making->own + (uint32_t)row, value);
}

/* tgid of the parent, grandparent and so on of LEADER. */
static void
put_ancestors(struct making *making, const struct tasks *tasks, uint32_t leader)
{
	uint32_t list[EMIT_ANCESTORS_MAX], count = 0;
	enum param_state state = PARAM_EXACT;

	if (!(making->wanted >> D_ancestors & 1))
		return;
	for (uint32_t at = tasks_parent(tasks, leader); at != TASK_NONE;
	    at = tasks_parent(tasks, at)) {
		if (count == EMIT_ANCESTORS_MAX) {
			state = PARAM_TRUNCATED;
			break;
		}
		list[count++] = tasks_at(tasks, at)->tgid;
	}
	record_put_bytes(&making->writer, making->own + D_ancestors, list, count * sizeof(list[0]),
	    state);
}

static void
put_numbers(struct making *making, const struct tasks *tasks, uint32_t index, uint32_t leader)
{
	const struct state_task *task = tasks_at(tasks, index);
	const struct state_task *process = tasks_at(tasks, leader);
	uint32_t parent = tasks_parent(tasks, leader);

	making_put(making, D_parent, process->parent);
	making_put(making, D_ns_tid, task->ns_tid);
	making_put(making, D_ns_pid, process->ns_pid);
	if (parent != TASK_NONE)
		making_put(making, D_parent_ns_pid, tasks_at(tasks, parent)->ns_pid);
	making_put(making, D_sid, process->sid);
	making_put(making, D_pgid, process->pgid);
	making_put(making, D_vpgid, process->vpgid);
	making_put(making, D_process_start, process->start);
	if (process->parent != 0)
		making_put(making, D_parent_start, process->parent_start);
}

/* The context of the process that leads LEADER's session, if it is there still. */
static int
put_session(struct making *making, struct emit *emit, uint32_t leader)
{
	const struct tasks *tasks = &emit->life->tasks;
	uint32_t sid = tasks_at(tasks, leader)->sid, index, lost;
	struct context_ref ref;
	int err;

	if (!(making->wanted >> D_session_context & 1) || sid == 0)
		return 0;
	index = tasks_find(tasks, sid);
	if (index == TASK_NONE || tasks_at(tasks, index)->sid != sid)
		return 0;
	if ((err = contexts_get(emit->contexts, index, &ref, &lost)) < 0)
		return err == -EAGAIN ? err : 0;
	making_put_always(making, D_session_context, ref.id);
	making_put_always(making, D_session_slot, ref.slot);
	return 0;
}

/* Everything that follows from the task at INDEX. */
static int
put_task(struct making *making, struct emit *emit, uint32_t index)
{
	const struct tasks *tasks = &emit->life->tasks;
	struct context_ref ref = { .id = 0 };
	uint32_t leader, lost = 0;
	int err;

	emit->life->tasks.links[index].seen = 1;
	err = contexts_get(emit->contexts, index, &ref, &lost);
	if (err == -EAGAIN)
		return err;
	if (err == -ENOSPC) {
		stats_add(emit->stats, STAT_ENRICHER_contexts_full, 1);
		lost |= LOST_TASK;
	}
	leader = tasks_leader(tasks, index); /* which that may have found */
	making_put_always(making, D_context, ref.id);
	making_put_always(making, D_context_slot, ref.slot);
	making_put_always(making, D_lost, lost | life_lost(emit->life, index, leader));
	if (leader == TASK_NONE)
		return 0;
	put_numbers(making, tasks, index, leader);
	put_ancestors(making, tasks, leader);
	return put_session(making, emit, leader);
}

/* An event of a task that is not known, or known by another image only. */
static void
put_unknown(struct making *making, struct emit *emit, const struct event_head *head)
{
	bool stale = tasks_find(&emit->life->tasks, head->tid) != TASK_NONE;

	stats_add(emit->stats, stale ? STAT_ENRICHER_tasks_stale : STAT_ENRICHER_tasks_unknown, 1);
	making_put_always(making, D_context, 0);
	making_put_always(making, D_context_slot, 0);
	making_put_always(making, D_lost, LOST_TASK | LOST_PARENT);
}

int
emit_record(struct emit *emit, void *buf, size_t size, const struct record *raw, uint64_t number)
{
	uint32_t index = life_task(emit->life, raw->head);
	struct making making = { .own = raw->own, .wanted = emit->wanted };
	int err;

	record_begin_full(&making.writer, buf, size, raw);
	if (making.writer.overflow)
		return -EMSGSIZE;
	making_put_always(&making, D_number, number);
	if (index == TASK_NONE)
		put_unknown(&making, emit, raw->head);
	else if ((err = put_task(&making, emit, index)) < 0)
		return err;
	return record_end(&making.writer);
}

int
emit_meta(void *buf, size_t size, const struct record *raw)
{
	struct record_writer writer;

	record_begin_full(&writer, buf, size, raw);
	return record_end(&writer);
}
