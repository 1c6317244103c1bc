/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshots of the running tasks, which heal what a loss or a torn entry took.  A snapshot stands
 * in the stream a little ahead of the events that were under way when it was taken; so what it did
 * not tell is swept only when the stream's time has come past it.
 */
#include "facts.h"
#include "life.h"

/* True when HEAD's task was seen to exit already. */
static bool
snapshot_exited(const struct state_head *state, const struct event_head *head)
{
	for (uint32_t i = 0; i < STATE_EXITS; i++)
		if (state->exits[i].start == head->start && state->exits[i].tid == head->tid)
			return true;
	return false;
}

/* True when the stream has told younger things of the task at INDEX than HEAD can. */
static bool
snapshot_older(const struct state_task *task, const struct event_head *head)
{
	if (task->start != head->start)
		return task->start > head->start;
	return (int32_t)(task->exec - head->exec) > 0 || task->told_ts > head->ts;
}

void
snapshot_task(struct life *life, const struct record *record, uint32_t param)
{
	const struct event_head *head = record->head;
	uint64_t generation = slots_scalar_or(&record->slots, P_snapshot_task_generation, 0);
	uint32_t index = tasks_find(&life->tasks, head->tid);
	struct state_task *task;
	bool fresh, image;

	(void)param;
	if (index == TASK_NONE && snapshot_exited(life->head, head))
		return;
	if (index != TASK_NONE && snapshot_older(tasks_at(&life->tasks, index), head)) {
		task = tasks_at(&life->tasks, index);
		if (task->start == head->start)
			task->generation = generation;
		return;
	}
	index = life_entry(life, head, &fresh);
	task = tasks_at(&life->tasks, index);
	image = fresh || task->exec != head->exec;
	facts_exec(&life->tasks, index, record, life->keep, image);
	task->flags &= ~(uint32_t)STATE_PARTIAL;
	task->generation = generation;
	tasks_changed(&life->tasks, index);
	if (fresh)
		life->tasks.chain_stamp = life->tasks.stamp; /* others may have waited for it */
}

void
snapshot_end(struct life *life, const struct record *record, uint32_t param)
{
	struct state_head *head = life->head;

	(void)param;
	head->sweep_begin_ts = slots_scalar_or(&record->slots, P_snapshot_end_begin_ts, 0);
	head->sweep_ts = record->head->ts;
	head->sweep_generation = slots_scalar_or(&record->slots, P_snapshot_end_generation, 0);
}

/*
 * Time has come past a complete snapshot: what was told before it began and it did not tell is
 * gone.
 */
void
snapshot_tick(struct life *life, const struct record *record, uint32_t param)
{
	struct state_head *head = life->head;
	struct tasks *tasks = &life->tasks;

	(void)param;
	if (head->sweep_generation == 0 || record->head->ts < head->sweep_ts)
		return;
	for (uint32_t i = 0; i < head->tasks_used; i++) {
		const struct state_task *task = tasks_at(tasks, i);

		if (!(task->flags & STATE_USED) || (task->flags & STATE_DEAD))
			continue;
		if (task->generation != head->sweep_generation &&
		    task->told_ts < head->sweep_begin_ts)
			tasks_remove(tasks, i);
	}
	if (head->suspect_ts <= head->sweep_begin_ts)
		head->suspect_position = 0;
	head->sweep_generation = 0;
}

/* Life that was lost: everything told before may be another's by now. */
void
snapshot_loss(struct life *life, const struct record *record, uint32_t param)
{
	const struct slots *slots = &record->slots;

	(void)param;
	if (slots_scalar_or(slots, P_loss_lane, LANE_BULK) != LANE_LIFE)
		return;
	life->head->suspect_ts = slots_scalar_or(slots, P_loss_end_ts, record->head->ts);
	life->head->suspect_position = record->head->position;
}
