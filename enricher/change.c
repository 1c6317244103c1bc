/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of a task that goes on: directory, root, credentials, session, group.  See life.h. */
#include "life.h"

/* Whether RECORD came late and younger facts of the task at INDEX are there. */
static bool
change_late(const struct life *life, uint32_t index, const struct event_head *head)
{
	return (head->flags & EVENT_LATE) && head->ts < tasks_at(&life->tasks, index)->told_ts;
}

/* The task that RECORD changes; TASK_NONE: not known by this image, or the record is outdated. */
static uint32_t
change_target(const struct life *life, const struct record *record)
{
	uint32_t index = life_task(life, record->head);

	return index == TASK_NONE || change_late(life, index, record->head) ? TASK_NONE : index;
}

/*
 * The process of which RECORD changes a fact that all its threads share.  A thread that is not
 * known changes it as well, when its image is the process's.
 */
static uint32_t
change_process(const struct life *life, const struct record *record)
{
	const struct event_head *head = record->head;
	uint32_t index = life_task(life, head), leader;

	if (index != TASK_NONE)
		leader = tasks_leader(&life->tasks, index);
	else if (head->tid == head->tgid || tasks_find(&life->tasks, head->tid) != TASK_NONE)
		return TASK_NONE;
	else
		leader = life_leader(life, head);
	if (leader == TASK_NONE || tasks_at(&life->tasks, leader)->exec != head->exec)
		return TASK_NONE;
	return change_late(life, leader, head) ? TASK_NONE : leader;
}

static void
change_text(struct life *life, const struct record *record, uint32_t param, enum state_text which)
{
	uint32_t index = change_target(life, record);
	struct task_texts texts = { .set = 1u << which };

	if (index == TASK_NONE || !(tasks_at(&life->tasks, index)->flags & STATE_OWN_FS))
		index = change_process(life, record);
	if (index == TASK_NONE || !slots_bytes(&record->slots, param, &texts.spans[which]))
		return;
	texts.states[which] = slots_state(&record->slots, param);
	tasks_change(&life->tasks, index);
	tasks_put_texts(&life->tasks, index, &texts);
	tasks_at(&life->tasks, index)->told_ts = record->head->ts;
	tasks_changed(&life->tasks, index);
}

void
change_directory(struct life *life, const struct record *record, uint32_t param)
{
	change_text(life, record, param, STATE_CWD);
}

void
change_root(struct life *life, const struct record *record, uint32_t param)
{
	change_text(life, record, param, STATE_ROOT);
}

/* PARAM: the first of the five that CREDENTIAL_TRUTH has for what holds afterwards. */
void
change_credentials(struct life *life, const struct record *record, uint32_t param)
{
	const struct slots *slots = &record->slots;
	uint32_t index = change_target(life, record);
	struct state_task *task;

	if (index == TASK_NONE)
		return;
	task = tasks_at(&life->tasks, index);
	tasks_change(&life->tasks, index);
	task->uid = (uint32_t)slots_scalar_or(slots, param, task->uid);
	task->gid = (uint32_t)slots_scalar_or(slots, param + 1, task->gid);
	task->cap_inheritable = slots_scalar_or(slots, param + 2, task->cap_inheritable);
	task->cap_permitted = slots_scalar_or(slots, param + 3, task->cap_permitted);
	task->cap_effective = slots_scalar_or(slots, param + 4, task->cap_effective);
	task->told_ts = record->head->ts;
	tasks_changed(&life->tasks, index);
}

/* The new session's leader leads a group too, whose own-namespace id is its own. */
void
change_session(struct life *life, const struct record *record, uint32_t param)
{
	const struct slots *slots = &record->slots;
	uint32_t index = change_process(life, record);
	struct state_task *task;

	(void)param;
	if (index == TASK_NONE)
		return;
	task = tasks_at(&life->tasks, index);
	tasks_change(&life->tasks, index);
	task->sid = (uint32_t)slots_scalar_or(slots, P_setsid_sid, task->sid);
	task->pgid = (uint32_t)slots_scalar_or(slots, P_setsid_new_pgid, task->pgid);
	task->vpgid = task->ns_pid;
	task->tty = 0; /* a new session has no terminal */
	task->told_ts = record->head->ts;
	tasks_changed(&life->tasks, index);
}

/* The group of another process: of the caller's child, or of the caller. */
void
change_group(struct life *life, const struct record *record, uint32_t param)
{
	const struct slots *slots = &record->slots;
	uint64_t target = slots_scalar_or(slots, P_setpgid_target, record->head->tgid);
	uint32_t index = tasks_find(&life->tasks, (uint32_t)target);
	struct state_task *task;

	(void)param;
	if (index == TASK_NONE || (index = tasks_leader(&life->tasks, index)) == TASK_NONE)
		return;
	task = tasks_at(&life->tasks, index);
	if (change_late(life, index, record->head))
		return;
	tasks_change(&life->tasks, index);
	task->pgid = (uint32_t)slots_scalar_or(slots, P_setpgid_new_pgid, task->pgid);
	task->vpgid = (uint32_t)slots_scalar_or(slots, P_setpgid_new_vpgid, task->vpgid);
	tasks_changed(&life->tasks, index);
}
