/* SPDX-License-Identifier: Apache-2.0 */
/* The tasks of the mix, and which event comes next.  See mix.h. */
#include "mix_inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	BRIEF_TARGET = 240, /* tasks that come and go, at any time about */
	PODS_OF_MANY = 6,   /* programs of more processes than this times four share that many */
	STEP_NS = 4000
};

/*
 * Shares of the events, by type.  Nearly half is files, a fifth network; a fork without an exec
 * makes a thread.
 */
static const struct act {
	uint16_t type;
	uint16_t who; /* enum mix_who */
	uint32_t share;
	mix_fill fill;
} acts[] = {
	{ EV_openat, WHO_ANY, 33000, mix_fill_open },
	{ EV_open, WHO_ANY, 2200, mix_fill_open },
	{ EV_openat2, WHO_ROOT, 100, mix_fill_open },
	{ EV_close, WHO_ANY, 14000, mix_fill_fd },
	{ EV_syscall, WHO_ANY, 8000, mix_fill_call },
	{ EV_connect, WHO_NET, 9000, mix_fill_net },
	{ EV_accept4, WHO_NET, 8000, mix_fill_net },
	{ EV_accept, WHO_NET, 1200, mix_fill_net },
	{ EV_socket, WHO_NET, 5000, mix_fill_net },
	{ EV_bind, WHO_NET, 600, mix_fill_net },
	{ EV_listen, WHO_NET, 60, mix_fill_net },
	{ EV_dup, WHO_ANY, 600, mix_fill_dup },
	{ EV_dup2, WHO_ANY, 1500, mix_fill_dup },
	{ EV_dup3, WHO_ANY, 400, mix_fill_dup },
	{ EV_unlink, WHO_WRITER, 2800, mix_fill_path },
	{ EV_unlinkat, WHO_WRITER, 1500, mix_fill_path },
	{ EV_rmdir, WHO_WRITER, 300, mix_fill_path },
	{ EV_mkdir, WHO_WRITER, 800, mix_fill_path },
	{ EV_mkdirat, WHO_WRITER, 300, mix_fill_path },
	{ EV_chmod, WHO_WRITER, 800, mix_fill_path },
	{ EV_fchmodat, WHO_WRITER, 400, mix_fill_path },
	{ EV_rename, WHO_WRITER, 1700, mix_fill_paths },
	{ EV_renameat, WHO_WRITER, 100, mix_fill_paths },
	{ EV_renameat2, WHO_WRITER, 400, mix_fill_paths },
	{ EV_link, WHO_WRITER, 120, mix_fill_paths },
	{ EV_linkat, WHO_WRITER, 40, mix_fill_paths },
	{ EV_symlink, WHO_WRITER, 120, mix_fill_paths },
	{ EV_symlinkat, WHO_WRITER, 40, mix_fill_paths },
	{ EV_fchmod, WHO_ANY, 500, mix_fill_fd },
	{ EV_fchdir, WHO_ROOT, 60, mix_fill_fd },
	{ EV_chdir, WHO_ROOT, 400, mix_fill_place },
	{ EV_setuid, WHO_ROOT, 120, mix_fill_ids },
	{ EV_setgid, WHO_ROOT, 120, mix_fill_ids },
	{ EV_setreuid, WHO_ROOT, 20, mix_fill_ids },
	{ EV_setresuid, WHO_ROOT, 160, mix_fill_ids },
	{ EV_setresgid, WHO_ROOT, 140, mix_fill_ids },
	{ EV_setsid, WHO_ROOT, 80, mix_fill_none },
	{ EV_setpgid, WHO_ANY, 200, mix_fill_ids },
	{ EV_capset, WHO_ROOT, 40, mix_fill_ids },
	{ EV_setns, WHO_ROOT, 20, mix_fill_fd },
	{ EV_mount, WHO_ROOT, 15, mix_fill_place },
	{ EV_umount2, WHO_ROOT, 15, mix_fill_place },
	{ EV_ptrace, WHO_ROOT, 5, mix_fill_ids },
	{ EV_clone, WHO_ANY, 700, mix_fill_fork },
	{ EV_vfork, WHO_ANY, 300, mix_fill_fork },
	{ EV_clone3, WHO_ANY, 200, mix_fill_fork },
	{ EV_execve, WHO_ANY, 950, mix_fill_exec },
	{ EV_procexit, WHO_ANY, 1150, mix_fill_none },
};

enum { ACTS = sizeof(acts) / sizeof(acts[0]) };

static const struct act *
act_find(uint16_t type)
{
	for (size_t i = 0; i < ACTS; i++)
		if (acts[i].type == type)
			return &acts[i];
	abort();
}

/* --- tasks --- */

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
static void
population(struct mix *mix, uint16_t program, uint32_t *pod)
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
static uint32_t
fork_task(struct mix *mix, uint16_t type)
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
static uint32_t
exec_task(struct mix *mix)
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
static uint32_t
exit_choose(struct mix *mix)
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
static void
task_end(struct mix *mix, uint32_t index)
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

/* --- choosing --- */

static uint32_t
choose_any(struct mix *mix)
{
	uint32_t at;

	if (mix_chance(mix, 30)) {
		for (int i = 0; i < 8; i++) {
			uint32_t index = mix->brief[mix_below(mix, mix->brief_count)];

			if (!mix->life[index].thread && mix->life[index].next == MIX_PROGRAMS)
				return index;
		}
	}
	at = mix_below(mix, mix->weight_sum);
	for (uint16_t program = 0;; program++) {
		if (mix_programs[program].brief)
			continue;
		if (at < mix_programs[program].weight)
			return (uint32_t)mix_member(mix, program);
		at -= mix_programs[program].weight;
	}
}

static bool
can_do(const struct mix *mix, uint32_t index, enum mix_who who)
{
	const struct mix_program *is = &mix_programs[mix->tasks[index].program];

	switch (who) {
	case WHO_NET:
		return is->port != 0;
	case WHO_WRITER:
		return strpbrk(is->trees, "tucxU") != NULL;
	case WHO_ROOT:
		return is->uid == 0 && !is->contained;
	case WHO_ANY:
		break;
	}
	return true;
}

static uint32_t
choose(struct mix *mix, enum mix_who who)
{
	uint32_t index;

	do
		index = choose_any(mix);
	while (!can_do(mix, index, who));
	return index;
}

static const struct act *
act_choose(struct mix *mix)
{
	uint32_t at = mix_below(mix, (uint32_t)mix->share_sum);
	const struct act *act = acts;

	if (mix->options.paths_only)
		return act_find(EV_openat);
	while (at >= act->share)
		at -= (act++)->share;
	/* There must be somebody to execute and to exit, and room for who is made. */
	if (act->type == EV_execve && mix->forked_count == 0)
		return act_find(EV_clone);
	if (act->type == EV_procexit && mix->brief_count < BRIEF_TARGET)
		return act_find(EV_clone);
	if (act->fill == mix_fill_fork && mix->brief_count >= 2 * BRIEF_TARGET)
		return act_find(EV_procexit);
	return act;
}

/* --- the stream --- */

static bool
mix_take_memory(struct mix *mix)
{
	mix->tasks = calloc(MIX_TASKS_MAX, sizeof(*mix->tasks));
	mix->life = calloc(MIX_TASKS_MAX, sizeof(*mix->life));
	mix->free_slots = calloc(MIX_TASKS_MAX, sizeof(*mix->free_slots));
	for (int i = 0; i < MIX_PROGRAMS; i++)
		if ((mix->groups[i].members = calloc(MIX_TASKS_MAX, sizeof(uint32_t))) == NULL)
			return false;
	return mix->tasks != NULL && mix->life != NULL && mix->free_slots != NULL;
}

struct mix *
mix_new(const struct mix_options *options)
{
	struct mix *mix = calloc(1, sizeof(*mix));
	uint32_t pod = 0;

	if (mix == NULL || !mix_take_memory(mix)) {
		mix_free(mix);
		return NULL;
	}
	mix->options = *options;
	mix->random = mix_bits(options->seed);
	mix->ts = 86400ull * 1000000000;
	mix->next_tid = 1;
	for (size_t i = 0; i < ACTS; i++)
		mix->share_sum += acts[i].share;
	for (uint32_t i = MIX_TASKS_MAX; i-- > 0;)
		mix->free_slots[mix->free_count++] = i;
	for (uint16_t program = 0; program < MIX_PROGRAMS; program++) {
		if (!mix_programs[program].brief)
			mix->weight_sum += mix_programs[program].weight;
		population(mix, program, &pod);
	}
	if (options->matching)
		task_be(mix, task_new(mix, mix_member(mix, MIX_CRON)), MIX_INTRUDER, 0);
	while (mix->brief_count < BRIEF_TARGET) {
		(void)fork_task(mix, EV_clone);
		(void)exec_task(mix);
	}
	return mix;
}

void
mix_free(struct mix *mix)
{
	if (mix == NULL)
		return;
	for (int i = 0; i < MIX_PROGRAMS; i++)
		free(mix->groups[i].members);
	free(mix->tasks);
	free(mix->life);
	free(mix->free_slots);
	free(mix);
}

static uint32_t
act_task(struct mix *mix, const struct act *act)
{
	if (act->fill == mix_fill_fork)
		return fork_task(mix, act->type);
	if (act->type == EV_execve)
		return exec_task(mix);
	if (act->type == EV_procexit)
		return exit_choose(mix);
	return choose(mix, (enum mix_who)act->who);
}

void
mix_next(struct mix *mix, struct mix_event *event)
{
	const struct act *act;

	memset(event, 0, sizeof(*event));
	mix->ts += STEP_NS / 2 + mix_below(mix, STEP_NS);
	event->ts = mix->ts;
	event->number = ++mix->number;
	event->cpu = (uint16_t)mix_below(mix, 16);
	event->fd = event->new_fd = MIX_NONE;
	event->dirfd = event->new_dirfd = -100; /* AT_FDCWD */
	if (mix->gone != 0)
		task_end(mix, mix->gone);
	mix->gone = 0;
	if (mix->options.matching) {
		mix_fill_intrusion(mix, event);
		return;
	}
	act = act_choose(mix);
	event->type = act->type;
	event->task = act_task(mix, act);
	if (act->type == EV_procexit)
		mix->gone = event->task;
	act->fill(mix, event);
}

const struct mix_task *
mix_task(const struct mix *mix, uint32_t index)
{
	return &mix->tasks[index];
}

uint32_t
mix_task_count(const struct mix *mix)
{
	return mix->alive;
}

void
mix_container_id(uint32_t container, char id[13])
{
	(void)snprintf(id, 13, container == 0 ? "host" : "%012llx",
	    (unsigned long long)(mix_bits(container) & 0xffffffffffff));
}
