/* SPDX-License-Identifier: Apache-2.0 */
/* Which event of the mix comes next.  See mix.h. */
#include "mix_inside.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	BRIEF_TARGET = 240, /* tasks that come and go, at any time about */
	STEP_NS = 4000,
	INTRUSION_ONE_IN = 20000
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
	{ EV_fchdir, WHO_BRIEF, 60, mix_fill_fd },
	{ EV_chdir, WHO_BRIEF, 400, mix_fill_place },
	{ EV_setuid, WHO_ROOT, 120, mix_fill_ids },
	{ EV_setgid, WHO_ROOT, 120, mix_fill_ids },
	{ EV_setreuid, WHO_ROOT, 20, mix_fill_ids },
	{ EV_setresuid, WHO_ROOT, 160, mix_fill_ids },
	{ EV_setresgid, WHO_ROOT, 140, mix_fill_ids },
	{ EV_setsid, WHO_ROOT, 80, mix_fill_none },
	{ EV_setpgid, WHO_ANY, 200, mix_fill_ids },
	{ EV_capset, WHO_ROOT, 40, mix_fill_ids },
	{ EV_setns, WHO_RUNTIME, 20, mix_fill_fd },
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
	case WHO_BRIEF: /* what stays has gone where it belongs */
		return is->brief;
	case WHO_RUNTIME:
		return mix->tasks[index].program == MIX_CONTAINERD;
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
		mix_populate(mix, program, &pod);
	}
	mix_intruder(mix);
	while (mix->brief_count < BRIEF_TARGET) {
		(void)mix_fork(mix, EV_clone);
		(void)mix_exec(mix);
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
		return mix_fork(mix, act->type);
	if (act->type == EV_execve)
		return mix_exec(mix);
	if (act->type == EV_procexit)
		return mix_exit_choose(mix);
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
		mix_exit(mix, mix->gone);
	mix->gone = 0;
	if (mix->options.matching || (!mix->options.paths_only &&
	    mix_below(mix, INTRUSION_ONE_IN) == 0)) {
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
