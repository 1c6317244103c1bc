/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the generator share: mix.c chooses, mix_tasks.c has the tasks, mix_acts.c says
 * what an event tells, mix_paths.c draws and spells paths.
 */
#ifndef TESTS_MIX_INSIDE_H
#define TESTS_MIX_INSIDE_H

#include "mix_host.h"

enum { MIX_TEXTS = 5, MIX_BRIEF_MAX = 1024, MIX_NONE = -1, MIX_FD_FIRST = 3, MIX_FDS = 60 };

/* What is known of a task beside what others see. */
struct mix_life {
	uint32_t children;
	uint32_t hosted; /* container that it, or what it starts, serves */
	uint16_t next;   /* program that it is about to execute; MIX_PROGRAMS: none */
	bool thread;
};

/* Tasks of one program. */
struct mix_group {
	uint32_t *members;
	uint32_t count;
};

struct mix {
	struct mix_options options;
	uint64_t random;
	uint64_t ts, number, images, serial;
	uint32_t next_tid, alive, free_count;
	uint64_t share_sum;
	uint32_t weight_sum;
	struct mix_group groups[MIX_PROGRAMS];
	uint32_t brief[MIX_BRIEF_MAX], brief_count;   /* tasks that will exit */
	uint32_t forked[MIX_BRIEF_MAX], forked_count; /* those of them that will execute first */
	uint32_t *free_slots;
	struct mix_task *tasks;
	struct mix_life *life;
	uint32_t gone; /* task that the last event ended; 0: none */
	char texts[MIX_TEXTS][MIX_PATH_MAX];
};

/* The next random number, and one below LIMIT (not 0). */
static inline uint64_t
mix_random(struct mix *mix)
{
	return mix_bits(mix->random++);
}

static inline uint32_t
mix_below(struct mix *mix, uint32_t limit)
{
	return (uint32_t)((mix_random(mix) >> 32) * limit >> 32);
}

/* True PERCENT times out of a hundred. */
static inline bool
mix_chance(struct mix *mix, uint32_t percent)
{
	return mix_below(mix, 100) < percent;
}

static inline const struct mix_program *
mix_program_of(const struct mix *mix, const struct mix_event *event)
{
	return &mix_programs[mix->tasks[event->task].program];
}

/* The task whose texts the task at INDEX has: a thread's stand in its process. */
static inline const struct mix_task *
mix_process_of(const struct mix *mix, uint32_t index)
{
	return &mix->tasks[mix->tasks[index].leader];
}

static inline int32_t
mix_fd(struct mix *mix)
{
	return MIX_FD_FIRST + (int32_t)mix_below(mix, MIX_FDS);
}

/* Who can do an event. */
enum mix_who { WHO_ANY, WHO_NET, WHO_WRITER, WHO_ROOT, WHO_BRIEF, WHO_RUNTIME };

/* Fill in what EVENT, of a type and by a task, says. */
typedef void (*mix_fill)(struct mix *mix, struct mix_event *event);

void mix_fill_open(struct mix *mix, struct mix_event *event);
void mix_fill_path(struct mix *mix, struct mix_event *event);  /* one path of the writer's own */
void mix_fill_paths(struct mix *mix, struct mix_event *event); /* two */
void mix_fill_fd(struct mix *mix, struct mix_event *event);
void mix_fill_dup(struct mix *mix, struct mix_event *event);
void mix_fill_net(struct mix *mix, struct mix_event *event);
void mix_fill_ids(struct mix *mix, struct mix_event *event);
void mix_fill_place(struct mix *mix, struct mix_event *event);
void mix_fill_call(struct mix *mix, struct mix_event *event);
void mix_fill_exec(struct mix *mix, struct mix_event *event);
void mix_fill_fork(struct mix *mix, struct mix_event *event);
void mix_fill_none(struct mix *mix, struct mix_event *event);

/* An act of an intruder: chooses type, task and all else. */
void mix_fill_intrusion(struct mix *mix, struct mix_event *event);

/* A task of PROGRAM, one of the first most often; MIX_NONE when there is none. */
int64_t mix_member(struct mix *mix, uint16_t program);

/* One of the trees of PROGRAM. */
const struct mix_tree *mix_tree_draw(struct mix *mix, const struct mix_program *program);

/* A path of TREE into text SLOT. */
struct span mix_path(struct mix *mix, const struct mix_tree *tree, uint32_t slot);

/* PATH; in the sources of a build, those that a task in CWD works on, into text SLOT. */
struct span mix_path_of_build(struct mix *mix, struct span path, const char *cwd, uint32_t slot);

/*
 * What the kernel calls PATH: with a number for /proc/self, into text SLOT.  The event's name is
 * the caller's.
 */
struct span mix_path_in_proc(struct mix *mix, struct mix_event *event, struct span path,
    uint32_t slot);

/* Spell PATH as callers do.  AT: its event takes a descriptor that it can be relative to. */
struct span mix_spell(struct mix *mix, struct mix_event *event, struct span path, bool at,
    uint32_t slot);

/* --- who is there (mix_tasks.c) --- */

/* The processes that PROGRAM has at the beginning.  POD: the next shim that serves nobody. */
void mix_populate(struct mix *mix, uint16_t program, uint32_t *pod);

/* The process of the task at INDEX goes to PATH. */
void mix_change_directory(struct mix *mix, uint32_t index, const char *path);

/* One who does what rules match. */
void mix_intruder(struct mix *mix);

/* Fork: a thread for clone3, else a process that will execute another program. */
uint32_t mix_fork(struct mix *mix, uint16_t type);

/* The task that forked first executes what it was made for. */
uint32_t mix_exec(struct mix *mix);

/* Who exits next: of some, the oldest without children. */
uint32_t mix_exit_choose(struct mix *mix);

/* Forget the task at INDEX, which has exited. */
void mix_exit(struct mix *mix, uint32_t index);

#endif
