/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks of the mix: who is there at the beginning, who comes and goes.  See mix_inside.h. */
#include <stdio.h>

#include "mix_inside.h"

/* Programs of more processes than this times four share that many containers. */
enum { PODS_OF_MANY = 6 };

static void
task_texts(struct mix *mix, struct mix_task *task, const char *args, const char *cwd,
    const char *comm, uint64_t number)
{
	struct text text;

	text_init(&text, task->args, sizeof(task->args));
	mix_expand(&text, args, number);
	task->args_len = (uint16_t)text.len;
	text_init(&text, task->cwd, sizeof(task->cwd));
	mix_expand(&text, cwd, number);
	(void)snprintf(task->comm, sizeof(task->comm), "%s", comm);
	task->image = ++mix->images;
}

static void
group_add(struct mix *mix, uint16_t program, uint32_t index)
{
	struct mix_group *group = &mix->groups[program];

	group->members[group->count++] = index;
}

static void
list_remove(uint32_t *list, uint32_t *count, uint32_t index)
{
	for (uint32_t i = 0; i < *count; i++) {
		if (list[i] == index) {
			list[i] = list[--*count];
			return;
		}
	}
}

/* A new task below PARENT (its own index for the first one), still without texts. */
static uint32_t
task_new(struct mix *mix, int64_t parent)
{
	uint32_t index = mix->free_slots[--mix->free_count];
	struct mix_task *task = &mix->tasks[index];

	memset(task, 0, sizeof(*task));
	memset(&mix->life[index], 0, sizeof(mix->life[index]));
	mix->life[index].next = MIX_PROGRAMS;
	task->tid = task->tgid = mix->next_tid;
	mix->next_tid += 1 + mix_below(mix, 3);
	task->start = mix->ts;
	task->ns_pid = task->tid;
	task->leader = index;
	task->parent = parent < 0 ? index : (uint32_t)parent;
	if (parent >= 0) {
		mix->life[parent].children++;
		mix->life[index].hosted = mix->life[parent].hosted;
	}
	mix->alive++;
	return index;
}

static void
task_be(struct mix *mix, uint32_t index, uint16_t program, uint64_t number)
{
	const struct mix_program *is = &mix_programs[program];
	struct mix_task *task = &mix->tasks[index];

	task->program = program;
	task_texts(mix, task, is->args, is->cwd, is->comm, number);
	task->container = is->contained ? mix->life[index].hosted : 0;
	task->ns_pid = is->contained ? 1 + task->tid % 200 : task->tid;
	group_add(mix, program, index);
}

/* A thread of LEADER. */
static uint32_t
thread_new(struct mix *mix, uint32_t leader, uint32_t number)
{
	const struct mix_task *process = &mix->tasks[leader];
	uint32_t index = task_new(mix, process->parent);
	struct mix_task *task = &mix->tasks[index];

	mix->life[process->parent].children--; /* it is the process that counts */
	mix->life[index].thread = true;
	mix->life[index].hosted = mix->life[leader].hosted;
	task->tgid = process->tgid;
	task->leader = leader;
	task->parent = process->parent;
	task->container = process->container;
	task->program = process->program;
	task->exec = process->exec;
	task->image = ++mix->images;
	(void)snprintf(task->comm, sizeof(task->comm), "%s",
	    mix_thread_name(task->program, number));
	group_add(mix, task->program, index);
	return index;
}

int64_t
mix_member(struct mix *mix, uint16_t program)
{
	const struct mix_group *group = &mix->groups[program];
	uint64_t skew;

	if (group->count == 0)
		return MIX_NONE;
	skew = mix_below(mix, 1 << 16);
	return group->members[group->count * (skew * skew) >> 32];
}

/* The processes that PROGRAM has at the beginning.  POD: the next shim that serves nobody. */
void
mix_populate(struct mix *mix, uint16_t program, uint32_t *pod)
{
	const struct mix_program *is = &mix_programs[program];
	uint32_t pods = is->processes > 4 * PODS_OF_MANY ? PODS_OF_MANY : is->processes;
	const struct mix_group *parents = &mix->groups[is->parent];

	for (uint32_t i = 0; i < is->processes; i++) {
		int64_t parent = MIX_NONE;
		uint32_t index;

		if (is->parent == MIX_SHIM && program != MIX_SHIM)
			parent = parents->members[(*pod + i % pods) * (1 +
			    (uint32_t)mix_programs[MIX_SHIM].threads)];
		else if (program != MIX_SYSTEMD)
			parent = parents->members[i % parents->count];
		index = task_new(mix, parent);
		if (program == MIX_SHIM)
			mix->life[index].hosted = i + 1;
		task_be(mix, index, program, is->parent == MIX_SHIM || program == MIX_SHIM
		    ? mix->life[index].hosted : program);
		for (uint32_t k = 0; k < is->threads; k++)
			(void)thread_new(mix, index, k);
	}
	if (is->parent == MIX_SHIM)
		*pod += pods;
}

/* --- coming and going --- */

/* A program that comes and goes, whose parent is there. */
static uint16_t
brief_choose(struct mix *mix)
{
	uint16_t program = MIX_CRON_SH;
	uint32_t sum = 0, at;

	for (uint32_t i = MIX_CRON_SH; i < MIX_INTRUDER; i++)
		sum += mix_programs[i].weight;
	at = mix_below(mix, sum);
	while (at >= mix_programs[program].weight)
		at -= mix_programs[program++].weight;
	while (mix->groups[mix_programs[program].parent].count == 0)
		program = mix_programs[program].parent;
	return program;
}

/* Fork: a thread for clone3, else a process that will execute another program. */
uint32_t
mix_fork(struct mix *mix, uint16_t type)
{
	uint16_t program = type == EV_clone3 ? (uint16_t)MIX_JAVA : brief_choose(mix);
	uint32_t index, from;

	if (type == EV_clone3) {
		from = mix->tasks[mix_member(mix, program)].leader;
		index = thread_new(mix, from, mix_below(mix, 10));
	} else {
		from = mix->tasks[mix_member(mix, mix_programs[program].parent)].leader;
		index = task_new(mix, from);
		mix->tasks[index].program = mix->tasks[from].program;
		mix->tasks[index].container = mix->tasks[from].container;
		mix->tasks[index].exec = mix->tasks[from].exec;
		memcpy(mix->tasks[index].args, mix->tasks[from].args, MIX_ARGS_MAX);
		memcpy(mix->tasks[index].cwd, mix->tasks[from].cwd, MIX_CWD_MAX);
		memcpy(mix->tasks[index].comm, mix->tasks[from].comm, MIX_COMM_MAX);
		mix->tasks[index].args_len = mix->tasks[from].args_len;
		mix->tasks[index].image = ++mix->images;
		mix->life[index].next = program;
		mix->forked[mix->forked_count++] = index;
	}
	mix->brief[mix->brief_count++] = index;
	return index;
}

/* The task that forked first executes what it was made for. */
uint32_t
mix_exec(struct mix *mix)
{
	uint32_t index = mix->forked[0];
	struct mix_life *life = &mix->life[index];

	mix->forked_count--;
	memmove(mix->forked, mix->forked + 1, mix->forked_count * sizeof(mix->forked[0]));
	mix->tasks[index].exec++;
	task_be(mix, index, life->next, mix_random(mix) & 0xffffff);
	life->next = MIX_PROGRAMS;
	return index;
}

/* Who exits next: of some, the oldest without children. */
uint32_t
mix_exit_choose(struct mix *mix)
{
	uint32_t best = mix->brief[0];
	bool found = false;

	for (int i = 0; i < 24; i++) {
		uint32_t index = mix->brief[mix_below(mix, mix->brief_count)];

		if (mix->life[index].children > 0 || mix->life[index].next != MIX_PROGRAMS)
			continue;
		if (!found || mix->tasks[index].start < mix->tasks[best].start)
			best = index;
		found = true;
	}
	return best;
}

/* Forget the task at INDEX, which has exited. */
void
mix_exit(struct mix *mix, uint32_t index)
{
	struct mix_task *task = &mix->tasks[index];
	struct mix_group *group = &mix->groups[task->program];

	for (uint32_t i = 0; i < mix->brief_count; i++) {
		struct mix_task *other = &mix->tasks[mix->brief[i]];

		if (mix->brief[i] == index || other->parent != index)
			continue;
		other->parent = 0;
		mix->life[0].children++;
	}
	list_remove(mix->brief, &mix->brief_count, index);
	list_remove(mix->forked, &mix->forked_count, index);
	list_remove(group->members, &group->count, index);
	if (!mix->life[index].thread)
		mix->life[task->parent].children--;
	task->image = 0;
	mix->free_slots[mix->free_count++] = index;
	mix->alive--;
}

void
mix_change_directory(struct mix *mix, uint32_t index, const char *path)
{
	struct mix_task *process = &mix->tasks[mix->tasks[index].leader];

	memset(process->cwd, 0, sizeof(process->cwd));
	(void)snprintf(process->cwd, sizeof(process->cwd), "%s", path);
	process->image = ++mix->images;
}

void
mix_intruder(struct mix *mix)
{
	task_be(mix, task_new(mix, mix_member(mix, MIX_CRON)), MIX_INTRUDER, 0);
}
