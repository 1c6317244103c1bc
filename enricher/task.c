/* SPDX-License-Identifier: Apache-2.0 */
/* The table of tasks: finding again, adding, hanging, putting out.  Texts: task_text.c. */
#include "task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint32_t *
tasks_bucket(const struct tasks *tasks, uint32_t tid)
{
	return &tasks->buckets[(tid * 0x9e3779b1u) >> tasks->bucket_shift];
}

static void
tasks_hash(struct tasks *tasks, uint32_t index)
{
	uint32_t *bucket = tasks_bucket(tasks, tasks->links[index].tid);

	tasks->links[index].hash_next = *bucket;
	*bucket = index;
}

static void
tasks_unhash(struct tasks *tasks, uint32_t index)
{
	uint32_t *at = tasks_bucket(tasks, tasks->links[index].tid);

	while (*at != index)
		at = &tasks->links[*at].hash_next;
	*at = tasks->links[index].hash_next;
}

/* The private part of an entry, as for a task that hangs nowhere. */
static void
link_init(struct task_link *link, const struct state_task *task)
{
	memset(link, 0, sizeof(*link));
	link->tid = task->tid;
	link->start = task->start;
	link->exec = task->exec;
	link->up = link->child = link->thread = link->next = link->prev = TASK_NONE;
	link->exited_next = link->exited_prev = TASK_NONE;
}

/* Put INDEX first among the children or threads of UP. */
static void
tasks_list(struct tasks *tasks, uint32_t index, uint32_t up)
{
	bool thread = task_is_thread(tasks_at(tasks, index));
	struct task_link *link = &tasks->links[index], *above = &tasks->links[up];
	uint32_t *first = thread ? &above->thread : &above->child;

	link->up = up;
	link->prev = TASK_NONE;
	link->next = *first;
	if (*first != TASK_NONE)
		tasks->links[*first].prev = index;
	*first = index;
}

static void
tasks_unlist(struct tasks *tasks, uint32_t index)
{
	bool thread = task_is_thread(tasks_at(tasks, index));
	struct task_link *link = &tasks->links[index];

	if (link->up == TASK_NONE)
		return;
	if (link->prev != TASK_NONE)
		tasks->links[link->prev].next = link->next;
	else if (thread)
		tasks->links[link->up].thread = link->next;
	else
		tasks->links[link->up].child = link->next;
	if (link->next != TASK_NONE)
		tasks->links[link->next].prev = link->prev;
	link->up = link->next = link->prev = TASK_NONE;
}

static void
exited_append(struct tasks *tasks, uint32_t index)
{
	struct task_link *link = &tasks->links[index];

	link->exited_prev = tasks->exited_last;
	link->exited_next = TASK_NONE;
	if (tasks->exited_last != TASK_NONE)
		tasks->links[tasks->exited_last].exited_next = index;
	else
		tasks->exited_first = index;
	tasks->exited_last = index;
	tasks->exited_count++;
}

static void
exited_take(struct tasks *tasks, uint32_t index)
{
	struct task_link *link = &tasks->links[index];

	if (link->exited_prev == TASK_NONE && tasks->exited_first != index)
		return; /* not in the list */
	if (link->exited_prev != TASK_NONE)
		tasks->links[link->exited_prev].exited_next = link->exited_next;
	else
		tasks->exited_first = link->exited_next;
	if (link->exited_next != TASK_NONE)
		tasks->links[link->exited_next].exited_prev = link->exited_prev;
	else
		tasks->exited_last = link->exited_prev;
	link->exited_next = link->exited_prev = TASK_NONE;
	tasks->exited_count--;
}

void
tasks_change(struct tasks *tasks, uint32_t index)
{
	state_change_begin(&tasks_at(tasks, index)->changing);
}

void
tasks_changed(struct tasks *tasks, uint32_t index)
{
	struct task_link *link = &tasks->links[index];

	state_change_end(&tasks_at(tasks, index)->changing);
	link->exec = tasks_at(tasks, index)->exec;
	link->stamp = ++tasks->stamp;
	link->checked = 0;
	if (link->child != TASK_NONE || link->thread != TASK_NONE)
		tasks->chain_stamp = tasks->stamp;
}

void
tasks_all_changed(struct tasks *tasks)
{
	tasks->fields_stamp = tasks->chain_stamp = ++tasks->stamp;
}

/* True for a process that is only there for others, of whom none is left. */
static bool
tasks_idle_exit(const struct tasks *tasks, uint32_t index)
{
	const struct task_link *link = &tasks->links[index];

	return (tasks_at(tasks, index)->flags & STATE_DEAD) && link->child == TASK_NONE &&
	    link->thread == TASK_NONE;
}

/* Cut the lists below INDEX: what hung there hangs nowhere. */
static void
tasks_drop_below(struct tasks *tasks, uint32_t first)
{
	while (first != TASK_NONE) {
		struct task_link *link = &tasks->links[first];
		uint32_t next = link->next;

		link->up = link->next = link->prev = TASK_NONE;
		first = next;
	}
}

static void
tasks_remove_one(struct tasks *tasks, uint32_t index)
{
	struct state_task *task = tasks_at(tasks, index);
	struct task_link *link = &tasks->links[index];

	if (link->child != TASK_NONE || link->thread != TASK_NONE)
		tasks->chain_stamp = ++tasks->stamp;
	tasks_drop_below(tasks, link->child);
	tasks_drop_below(tasks, link->thread);
	link->child = link->thread = TASK_NONE;
	tasks_unlist(tasks, index);
	exited_take(tasks, index);
	tasks_unhash(tasks, index);
	task->flags = 0; /* one store: the entry is not torn at any moment */
	task->changing = 0;
	if (task->block != 0)
		pool_put(&tasks->pool, task->block);
	task->block = 0;
	link->tid = 0;
	link->hash_next = tasks->free;
	tasks->free = index;
	tasks->count--;
}

void
tasks_remove(struct tasks *tasks, uint32_t index)
{
	while (index != TASK_NONE) {
		uint32_t up = tasks->links[index].up;

		tasks_remove_one(tasks, index);
		/* It may have been what an exited process above was kept for. */
		index = up != TASK_NONE && tasks_idle_exit(tasks, up) ? up : TASK_NONE;
	}
}

void
tasks_settle(struct tasks *tasks, uint32_t index)
{
	if (tasks_idle_exit(tasks, index))
		tasks_remove(tasks, index);
}

void
tasks_exit(struct tasks *tasks, uint32_t index)
{
	struct state_task *task = tasks_at(tasks, index);

	if (!(task->flags & STATE_DEAD)) {
		task->flags |= STATE_DEAD;
		exited_append(tasks, index);
	}
	tasks_settle(tasks, index);
	if (tasks->exited_count > TASK_EXITED_MAX) {
		stats_add(tasks->stats, STAT_ENRICHER_tasks_full, 1);
		tasks_remove(tasks, tasks->exited_first);
	}
}

void
tasks_revive(struct tasks *tasks, uint32_t index)
{
	tasks_at(tasks, index)->flags &= ~(uint32_t)STATE_DEAD;
	exited_take(tasks, index);
}

/* Whether TASK can hang below ABOVE: what is above began earlier, so there are no loops. */
static bool
tasks_fit(const struct state_task *task, const struct state_task *above)
{
	if (task_is_thread(above) || above->start > task->start ||
	    (above->start == task->start && above->tid >= task->tid))
		return false;
	return task_is_thread(task) || task->parent_start == 0 ||
	    task->parent_start == above->start;
}

void
tasks_hang(struct tasks *tasks, uint32_t index)
{
	const struct state_task *task = tasks_at(tasks, index);
	uint32_t up_tid = task_is_thread(task) ? task->tgid : task->parent, up;

	if (tasks->links[index].up != TASK_NONE || up_tid == 0)
		return;
	up = tasks_find(tasks, up_tid);
	if (up != TASK_NONE && tasks_fit(task, tasks_at(tasks, up)))
		tasks_list(tasks, index, up);
}

void
tasks_move(struct tasks *tasks, uint32_t index, uint32_t parent, uint64_t parent_start)
{
	struct state_task *task = tasks_at(tasks, index);

	if (task->parent != parent || task->parent_start != parent_start)
		tasks_unlist(tasks, index);
	task->parent = parent;
	task->parent_start = parent_start;
	tasks_hang(tasks, index);
}

/*
 * Whom to put out: the oldest exited process, or a task without events since the hand last passed;
 * failing that within two rounds, whoever stands there.  TASK_NONE when there is nobody but KEEP.
 */
static uint32_t
tasks_victim(struct tasks *tasks, uint32_t keep)
{
	uint32_t last = TASK_NONE;

	if (tasks->exited_first != TASK_NONE && tasks->exited_first != keep)
		return tasks->exited_first;
	for (uint32_t step = 0; step < 2 * tasks->view.head->tasks_used; step++) {
		uint32_t at = tasks->hand++ % tasks->view.head->tasks_used;
		struct task_link *link = &tasks->links[at];

		if (link->tid == 0 || at == keep)
			continue;
		last = at;
		if (!link->seen && link->child == TASK_NONE && link->thread == TASK_NONE)
			return at;
		link->seen = 0;
	}
	return last;
}

bool
tasks_make_room(struct tasks *tasks, uint32_t keep)
{
	uint32_t victim = tasks_victim(tasks, keep);

	if (victim == TASK_NONE)
		return false;
	stats_add(tasks->stats, STAT_ENRICHER_tasks_full, 1);
	tasks_remove(tasks, victim);
	return true;
}

/* An entry that is free: one never used only when no other is, so that memory is touched late. */
static uint32_t
tasks_take_free(struct tasks *tasks)
{
	struct state_head *head = tasks->view.head;
	uint32_t index;

	if (tasks->free == TASK_NONE && head->tasks_used < tasks->view.task_count)
		return head->tasks_used++;
	if (tasks->free == TASK_NONE)
		(void)tasks_make_room(tasks, TASK_NONE);
	index = tasks->free;
	tasks->free = tasks->links[index].hash_next;
	return index;
}

uint32_t
tasks_add(struct tasks *tasks, const struct event_head *head)
{
	uint32_t index = tasks_find(tasks, head->tid);
	struct state_task *task;

	if (index != TASK_NONE)
		tasks_remove(tasks, index);
	index = tasks_take_free(tasks);
	tasks->count++;
	task = tasks_at(tasks, index);
	state_change_begin(&task->changing);
	memset((char *)task + sizeof(task->changing), 0, sizeof(*task) - sizeof(task->changing));
	task->tid = head->tid;
	task->tgid = head->tgid;
	task->start = head->start;
	task->exec = head->exec;
	task->flags = STATE_USED;
	link_init(&tasks->links[index], task);
	tasks_hash(tasks, index);
	return index;
}

/* Whether what a former enricher left in TASK can be. */
static bool
tasks_sound(struct tasks *tasks, const struct state_task *task)
{
	uint32_t size = 0, total = 0;

	if (task->changing || task->tid == 0 || task->tgid == 0)
		return false;
	if (task->comm_len > STATE_COMM_MAX || task->container_len > STATE_CONTAINER_MAX)
		return false;
	if (tasks_find(tasks, task->tid) != TASK_NONE)
		return false;
	for (uint32_t i = 0; i < STATE_TEXTS; i++)
		total += task->text_lens[i];
	if (task->block == 0)
		return total == 0;
	if (task->block > tasks->pool.count)
		return false;
	(void)pool_bytes(&tasks->pool, task->block, &size);
	return total <= size && pool_claim(&tasks->pool, task->block);
}

/* Forget the exited who are there for nobody: a former enricher had not come to it. */
static void
tasks_drop_idle(struct tasks *tasks)
{
	uint32_t at = tasks->exited_first;

	while (at != TASK_NONE) {
		uint32_t idle = at;

		at = tasks->links[at].exited_next;
		if (!tasks_idle_exit(tasks, idle))
			continue;
		tasks_remove(tasks, idle);
		at = tasks->exited_first; /* more than one may have gone */
	}
}

/* Take over entry INDEX of a former enricher, or free it. */
static void
tasks_adopt(struct tasks *tasks, uint32_t index)
{
	struct state_task *task = tasks_at(tasks, index);
	struct task_link *link = &tasks->links[index];

	if ((task->flags & STATE_USED) && tasks_sound(tasks, task)) {
		link_init(link, task);
		link->stamp = tasks->stamp;
		tasks_hash(tasks, index);
		tasks->count++;
		return;
	}
	if (task->flags & STATE_USED || task->changing)
		stats_add(tasks->stats, STAT_ENRICHER_torn, 1);
	if (task->flags != 0 || task->changing)
		memset(task, 0, sizeof(*task));
	link->tid = 0;
	link->hash_next = tasks->free;
	tasks->free = index;
}

static void
tasks_adopt_all(struct tasks *tasks)
{
	struct state_head *head = tasks->view.head;

	if (head->tasks_used > tasks->view.task_count)
		head->tasks_used = tasks->view.task_count;
	for (uint32_t i = head->tasks_used; i > 0; i--)
		tasks_adopt(tasks, i - 1);
	pool_open(&tasks->pool);
	for (uint32_t i = 0; i < head->tasks_used; i++) {
		if (tasks->links[i].tid == 0)
			continue;
		tasks_hang(tasks, i);
		if (tasks_at(tasks, i)->flags & STATE_DEAD)
			exited_append(tasks, i);
	}
	tasks_drop_idle(tasks);
}

/* Buckets for the tasks of VIEW: twice as many, a power of two. */
static int
tasks_allocate(struct tasks *tasks)
{
	uint32_t bits = 1;

	while ((uint64_t)1 << bits < 2 * (uint64_t)tasks->view.task_count)
		bits++;
	tasks->bucket_shift = 32 - bits;
	tasks->links = calloc(tasks->view.task_count, sizeof(*tasks->links));
	tasks->buckets = malloc(((size_t)1 << bits) * sizeof(*tasks->buckets));
	if (tasks->links == NULL || tasks->buckets == NULL)
		return -ENOMEM;
	memset(tasks->buckets, 0xff, ((size_t)1 << bits) * sizeof(*tasks->buckets));
	return pool_init(&tasks->pool, &tasks->view);
}

int
tasks_open(struct tasks *tasks, void *content, size_t bytes, struct stats *stats)
{
	int err;

	memset(tasks, 0, sizeof(*tasks));
	tasks->stats = stats;
	tasks->free = tasks->exited_first = tasks->exited_last = TASK_NONE;
	tasks->stamp = tasks->chain_stamp = tasks->fields_stamp = 1;
	if ((err = state_view_init(&tasks->view, content, bytes)) < 0)
		return err;
	if ((err = tasks_allocate(tasks)) < 0) {
		tasks_close(tasks);
		return err;
	}
	tasks_adopt_all(tasks);
	return 0;
}

void
tasks_close(struct tasks *tasks)
{
	free(tasks->links);
	free(tasks->buckets);
	pool_fini(&tasks->pool);
	memset(tasks, 0, sizeof(*tasks));
}
