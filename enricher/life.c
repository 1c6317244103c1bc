/* SPDX-License-Identifier: Apache-2.0 */
/* Fork, exec and exit; and the table of what each event does.  See life.h. */
#include "life.h"

#include <string.h>

#include "facts.h"

uint32_t
life_entry(struct life *life, const struct event_head *head, bool *fresh)
{
	uint32_t index = tasks_find(&life->tasks, head->tid);
	struct state_task *task;

	*fresh = false;
	if (index != TASK_NONE) {
		task = tasks_at(&life->tasks, index);
		if (task->start == head->start && task->tgid == head->tgid) {
			tasks_change(&life->tasks, index);
			return index;
		}
	}
	*fresh = true;
	index = tasks_add(&life->tasks, head);
	task = tasks_at(&life->tasks, index);
	task->flags |= STATE_NO_CONTAINER;
	task->uid = task->gid = task->loginuid = UINT32_MAX;
	return index;
}

/* An exec record that is older than what is known of the task, and came late. */
static bool
life_outdated(const struct life *life, const struct event_head *head)
{
	uint32_t index = tasks_find(&life->tasks, head->tid);
	const struct state_task *task;

	if (index == TASK_NONE)
		return false;
	task = tasks_at(&life->tasks, index);
	return (head->flags & EVENT_LATE) && (task->start > head->start ||
	    (task->start == head->start && (int32_t)(task->exec - head->exec) >= 0));
}

static void
life_exec(struct life *life, const struct record *record, uint32_t param)
{
	struct tasks *tasks = &life->tasks;
	uint32_t index;
	bool fresh;

	(void)param;
	if (life_outdated(life, record->head))
		return;
	index = life_entry(life, record->head, &fresh);
	tasks_revive(tasks, index);
	while (tasks->links[index].thread != TASK_NONE) /* exec ends all other threads */
		tasks_remove(tasks, tasks->links[index].thread);
	facts_exec(tasks, index, record, life->keep, true);
	tasks_changed(tasks, index);
	if (fresh)
		tasks->chain_stamp = tasks->stamp; /* others may have waited for it */
}

static void
life_fork(struct life *life, const struct record *record, uint32_t param)
{
	uint32_t index;
	bool fresh;

	(void)param;
	if (life_outdated(life, record->head))
		return;
	index = life_entry(life, record->head, &fresh);
	facts_fork(&life->tasks, index, record, life->keep);
	tasks_changed(&life->tasks, index);
}

/* All children of LEADER get the parent that the kernel chose, unless it did not say. */
static void
life_reparent(struct life *life, uint32_t leader, const struct slots *slots)
{
	struct tasks *tasks = &life->tasks;
	int64_t tid = (int64_t)slots_scalar_or(slots, P_procexit_reaper_tid, 0);
	uint64_t start = slots_scalar_or(slots, P_procexit_reaper_start, 0);
	uint32_t child = tasks->links[leader].child, reaper;
	uint32_t parent = (uint32_t)tid;

	if (tid <= 0 || parent == tasks_at(tasks, leader)->tid)
		return;
	if ((reaper = tasks_find(tasks, parent)) != TASK_NONE) {
		parent = tasks_at(tasks, reaper)->tgid;
		reaper = tasks_leader(tasks, reaper);
		start = reaper == TASK_NONE ? 0 : tasks_at(tasks, reaper)->start;
	}
	if (reaper == leader)
		return;
	while (child != TASK_NONE) {
		uint32_t next = tasks->links[child].next;

		tasks_change(tasks, child);
		tasks_move(tasks, child, parent, start);
		tasks_changed(tasks, child);
		child = next;
	}
}

static void
life_remember_exit(struct state_head *head, const struct event_head *event)
{
	head->exits[head->exit_count % STATE_EXITS] = (struct state_exit){ event->start,
	    event->tid };
	head->exit_count++;
}

static void
life_exit(struct life *life, const struct record *record, uint32_t param)
{
	const struct event_head *head = record->head;
	uint32_t index = tasks_find(&life->tasks, head->tid), leader;

	(void)param;
	life_remember_exit(life->head, head);
	if (index != TASK_NONE && tasks_at(&life->tasks, index)->start != head->start)
		return;
	leader = index != TASK_NONE ? tasks_leader(&life->tasks, index) : life_leader(life, head);
	if (leader != TASK_NONE &&
	    slots_scalar_or(&record->slots, P_procexit_group_dead, index == leader))
		life_reparent(life, leader, &record->slots);
	if (index == leader && index != TASK_NONE)
		tasks_exit(&life->tasks, index);
	else if (index != TASK_NONE)
		tasks_remove(&life->tasks, index);
	else if (leader != TASK_NONE)
		tasks_settle(&life->tasks, leader);
}

static void
life_names(struct life *life, const struct record *record, uint32_t param)
{
	(void)param;
	if (names_apply(&life->names, record))
		tasks_all_changed(&life->tasks);
}

static const struct life_handler handlers[EVENT_TYPES_MAX] = {
	[EV_execve] = { life_exec, 0, false },
	[EV_execveat] = { life_exec, 0, false },
	[EV_clone] = { life_fork, 0, false },
	[EV_clone3] = { life_fork, 0, false },
	[EV_fork] = { life_fork, 0, false },
	[EV_vfork] = { life_fork, 0, false },
	[EV_procexit] = { life_exit, 0, true },
	[EV_chdir] = { change_directory, P_chdir_new_cwd, false },
	[EV_fchdir] = { change_directory, P_fchdir_new_cwd, false },
	[EV_pivot_root] = { change_directory, P_pivot_root_new_cwd, false },
	[EV_chroot] = { change_root, P_chroot_new_root, false },
	[EV_setuid] = { change_credentials, P_setuid_cred_uid, false },
	[EV_setgid] = { change_credentials, P_setgid_cred_uid, false },
	[EV_setreuid] = { change_credentials, P_setreuid_cred_uid, false },
	[EV_setregid] = { change_credentials, P_setregid_cred_uid, false },
	[EV_setresuid] = { change_credentials, P_setresuid_cred_uid, false },
	[EV_setresgid] = { change_credentials, P_setresgid_cred_uid, false },
	[EV_capset] = { change_credentials, P_capset_cred_uid, false },
	[EV_unshare] = { change_credentials, P_unshare_cred_uid, false },
	[EV_setns] = { change_credentials, P_setns_cred_uid, false },
	[EV_setsid] = { change_session, 0, false },
	[EV_setpgid] = { change_group, 0, false },
	[EV_snapshot_task] = { snapshot_task, 0, false },
	[EV_snapshot_end] = { snapshot_end, 0, false },
	[EV_tick] = { snapshot_tick, 0, false },
	[EV_end] = { snapshot_tick, 0, false },
	[EV_loss] = { snapshot_loss, 0, false },
	[EV_names] = { life_names, 0, false },
};

const struct life_handler *
life_handler(const struct record *record)
{
	const struct event_head *head = record->head;
	const struct life_handler *handler = &handlers[head->type];

	if (handler->apply == NULL)
		return NULL;
	if (handler->apply == life_fork)
		return head->result == 0 ? handler : NULL; /* else the caller's side */
	if (head->result < 0 && head->lane != LANE_META && head->type != EV_procexit)
		return NULL;
	return handler;
}

uint32_t
life_task(const struct life *life, const struct event_head *head)
{
	uint32_t index = tasks_find(&life->tasks, head->tid);
	const struct task_link *link;

	if (index == TASK_NONE)
		return TASK_NONE;
	link = &life->tasks.links[index];
	return link->start == head->start && link->exec == head->exec ? index : TASK_NONE;
}

uint32_t
life_leader(const struct life *life, const struct event_head *head)
{
	uint32_t index = tasks_find(&life->tasks, head->tgid);

	if (index == TASK_NONE || task_is_thread(tasks_at(&life->tasks, index)) ||
	    tasks_at(&life->tasks, index)->start > head->start)
		return TASK_NONE;
	return index;
}

uint32_t
life_lost(const struct life *life, uint32_t index, uint32_t leader)
{
	uint64_t suspect = life->head->suspect_position;

	if (leader == TASK_NONE)
		return LOST_TASK | LOST_PARENT;
	if (suspect == 0)
		return 0;
	if (tasks_at(&life->tasks, index)->told_position <= suspect ||
	    tasks_at(&life->tasks, leader)->told_position <= suspect)
		return LOST_TASK | LOST_PARENT;
	return LOST_PARENT;
}

int
life_open(struct life *life, void *content, size_t bytes, struct stats *stats)
{
	struct state_view view;
	int err;

	memset(life, 0, sizeof(*life));
	if ((err = state_view_init(&view, content, bytes)) < 0)
		return err;
	life->head = view.head;
	if (life->head->layout != STATE_LAYOUT) {
		memset(content, 0, bytes); /* another layout's facts are lost ones */
		life->head->layout = STATE_LAYOUT;
	}
	if ((err = tasks_open(&life->tasks, content, bytes, stats)) < 0)
		return err;
	names_open(&life->names, life->head, stats);
	return 0;
}

void
life_close(struct life *life)
{
	tasks_close(&life->tasks);
}
