/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of a task out of a record's parameters, by tables.  See facts.h. */
#include "facts.h"

#include <stddef.h>
#include <string.h>

#include "container.h"

enum { CLONE_FS = 2, CLONE_PARENT = 256 }; /* as in the clone_flags table */

/* The blocks of parameters that several events begin with stand at the same places in all. */
#define SAME_PLACE(a, b) _Static_assert((int)(a) == (int)(b), "a block that events share")
SAME_PLACE(P_clone_exe, P_execve_exe);
SAME_PLACE(P_clone_cgroups, P_execve_cgroups);
SAME_PLACE(P_execveat_root, P_execve_root);
SAME_PLACE(P_snapshot_task_root, P_execve_root);
SAME_PLACE(P_clone3_root, P_clone_root);
SAME_PLACE(P_fork_root, P_clone_root);
SAME_PLACE(P_vfork_root, P_clone_root);

/* A parameter that is a fact of the task, of 4 or 8 bytes. */
struct fact {
	uint16_t param;
	uint16_t offset;
	uint16_t bytes;
};

#define FACT(param, member) \
	{ (param), offsetof(struct state_task, member), sizeof(((struct state_task *)0)->member) }

static const struct fact task_facts[] = {
	FACT(P_execve_fdlimit, fdlimit),
	FACT(P_execve_pgft_maj, pgft_maj), FACT(P_execve_pgft_min, pgft_min),
	FACT(P_execve_vm_size, vm_size), FACT(P_execve_vm_rss, vm_rss),
	FACT(P_execve_vm_swap, vm_swap),
};

static const struct fact exec_facts[] = {
	FACT(P_execve_tty, tty), FACT(P_execve_vpgid, vpgid), FACT(P_execve_loginuid, loginuid),
	FACT(P_execve_flags, exe_flags), FACT(P_execve_cap_inheritable, cap_inheritable),
	FACT(P_execve_cap_permitted, cap_permitted), FACT(P_execve_cap_effective, cap_effective),
	FACT(P_execve_exe_ino, exe_ino), FACT(P_execve_exe_ino_ctime, exe_ctime),
	FACT(P_execve_exe_ino_mtime, exe_mtime), FACT(P_execve_uid, uid),
	FACT(P_execve_pgid, pgid), FACT(P_execve_gid, gid), FACT(P_execve_sid, sid),
	FACT(P_execve_ns_tid, ns_tid), FACT(P_execve_ns_pid, ns_pid),
	FACT(P_execve_ns_start, ns_start),
};

static const struct fact clone_facts[] = {
	FACT(P_clone_uid, uid), FACT(P_clone_gid, gid), FACT(P_clone_tty, tty),
	FACT(P_clone_loginuid, loginuid), FACT(P_clone_pgid, pgid), FACT(P_clone_vpgid, vpgid),
	FACT(P_clone_sid, sid), FACT(P_clone_ns_tid, ns_tid), FACT(P_clone_ns_pid, ns_pid),
	FACT(P_clone_ns_start, ns_start),
};

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

/* A parameter that is a text of the task. */
struct text_fact {
	uint16_t param;
	uint16_t text;    /* enum state_text */
	uint64_t only;    /* kept only while one of these context bits is wanted; 0: always */
};

static const struct text_fact task_texts[] = {
	{ P_execve_exe, STATE_EXE, 0 }, { P_execve_args, STATE_ARGS, 0 },
	{ P_execve_cwd, STATE_CWD, 0 },
	{ P_execve_cgroups, STATE_CGROUPS, (uint64_t)1 << C_cgroups },
};

static const struct text_fact exec_texts[] = {
	{ P_execve_trusted_exepath, STATE_EXEPATH, 0 }, { P_execve_root, STATE_ROOT, 0 },
	{ P_execve_env, STATE_ENV, (uint64_t)1 << C_env },
};

static const struct text_fact clone_texts[] = { { P_clone_root, STATE_ROOT, 0 } };

/* Texts that belong to an image, and go with it. */
static const uint32_t image_texts = 1u << STATE_EXE | 1u << STATE_ARGS | 1u << STATE_EXEPATH |
    1u << STATE_ENV;

static void
fill_facts(struct state_task *task, const struct slots *slots, const struct fact *facts,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *at = (char *)task + facts[i].offset;
		uint64_t value;

		if (slots_scalar(slots, facts[i].param, &value))
			memcpy(at, &value, facts[i].bytes); /* little-endian: the low part */
	}
}

static void
fill_texts(uint64_t keep, struct task_texts *texts, const struct slots *slots,
    const struct text_fact *facts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t text = facts[i].text;

		if (facts[i].only && !(keep & facts[i].only))
			continue;
		if (!slots_bytes(slots, facts[i].param, &texts->spans[text]))
			continue;
		texts->states[text] = slots_state(slots, facts[i].param);
		texts->set |= 1u << text;
	}
}

/* comm, and the container that the cgroups tell. */
static void
fill_names(struct tasks *tasks, uint32_t index, const struct slots *slots)
{
	struct state_task *task = tasks_at(tasks, index);
	struct span comm, cgroups, id;

	if (slots_bytes(slots, P_execve_comm, &comm) || slots_bytes(slots, P_execve_exe, &comm))
		tasks_put_comm(tasks, index, comm);
	if (!slots_bytes(slots, P_execve_cgroups, &cgroups))
		return;
	id = container_id(cgroups);
	if (span_equal(id, SPAN_OF("host")) &&
	    slots_state(slots, P_execve_cgroups) == PARAM_TRUNCATED)
		return; /* what was cut may have named it */
	task->flags &= ~(uint32_t)STATE_NO_CONTAINER;
	task->container_len = (uint8_t)id.len; /* at most 12 */
	memset(task->container, 0, sizeof(task->container));
	memcpy(task->container, id.ptr, id.len);
}

static void
fill_told(struct state_task *task, const struct event_head *head)
{
	task->exec = head->exec;
	task->told_position = head->position;
	task->told_ts = head->ts;
}

/* Where the task hangs: below the parent that the record names, or its leader. */
static void
fill_parent(struct tasks *tasks, uint32_t index, const struct slots *slots, uint32_t start_param)
{
	uint64_t parent;

	if (!task_is_thread(tasks_at(tasks, index)) &&
	    slots_scalar(slots, P_execve_ptid, &parent))
		tasks_move(tasks, index, (uint32_t)parent, slots_scalar_or(slots, start_param, 0));
	else
		tasks_hang(tasks, index);
}

/* Texts belong to the process; a thread has none but where it has a directory of its own. */
static void
fill_put(struct tasks *tasks, uint32_t index, const struct task_texts *texts)
{
	const struct state_task *task = tasks_at(tasks, index);

	if (!task_is_thread(task) || (task->flags & STATE_OWN_FS))
		tasks_put_texts(tasks, index, texts);
}

void
facts_exec(struct tasks *tasks, uint32_t index, const struct record *record, uint64_t keep,
    bool image)
{
	struct state_task *task = tasks_at(tasks, index);
	const struct slots *slots = &record->slots;
	struct task_texts texts = { .set = 0 };

	if (image) {
		texts.set = image_texts;
		task->exe_flags = 0;
		task->exe_ino = task->exe_ctime = task->exe_mtime = 0;
		task->flags &= ~(uint32_t)(STATE_PARTIAL | STATE_OWN_FS);
	}
	fill_told(task, record->head);
	fill_facts(task, slots, task_facts, COUNT_OF(task_facts));
	fill_facts(task, slots, exec_facts, COUNT_OF(exec_facts));
	fill_names(tasks, index, slots);
	fill_texts(keep, &texts, slots, task_texts, COUNT_OF(task_texts));
	fill_texts(keep, &texts, slots, exec_texts, COUNT_OF(exec_texts));
	fill_parent(tasks, index, slots, P_execve_parent_start);
	fill_put(tasks, index, &texts);
}

/* What a new task has from the one that made it, at FROM, and the record does not tell. */
static void
fill_inherited(struct tasks *tasks, uint32_t index, uint32_t from, struct task_texts *texts)
{
	static const enum state_text inherited[] = { STATE_EXEPATH, STATE_ENV };
	struct state_task *task = tasks_at(tasks, index);
	const struct state_task *source;

	texts->set |= image_texts;
	if (from == TASK_NONE || tasks_at(tasks, from)->exec != task->exec) {
		task->flags |= STATE_PARTIAL;
		return;
	}
	source = tasks_at(tasks, from);
	task->flags |= source->flags & STATE_PARTIAL;
	task->exe_flags = source->exe_flags;
	task->exe_ino = source->exe_ino;
	task->exe_ctime = source->exe_ctime;
	task->exe_mtime = source->exe_mtime;
	task->cap_inheritable = source->cap_inheritable;
	task->cap_permitted = source->cap_permitted;
	task->cap_effective = source->cap_effective;
	for (size_t i = 0; i < COUNT_OF(inherited); i++)
		texts->states[inherited[i]] = tasks_text(tasks, from, inherited[i],
		    &texts->spans[inherited[i]]);
	if ((task->flags & STATE_NO_CONTAINER) && !(source->flags & STATE_NO_CONTAINER)) {
		task->flags &= ~(uint32_t)STATE_NO_CONTAINER;
		task->container_len = source->container_len;
		memcpy(task->container, source->container, sizeof(task->container));
	}
}

/* Who made the task at INDEX: its leader, or its parent; TASK_NONE when the record does not say. */
static uint32_t
maker_of(const struct tasks *tasks, uint32_t index, uint64_t flags)
{
	if ((flags & CLONE_PARENT) && !task_is_thread(tasks_at(tasks, index)))
		return TASK_NONE;
	return tasks->links[index].up;
}

void
facts_fork(struct tasks *tasks, uint32_t index, const struct record *record, uint64_t keep)
{
	struct state_task *task = tasks_at(tasks, index);
	const struct slots *slots = &record->slots;
	uint64_t flags = slots_scalar_or(slots, P_clone_flags, 0);
	struct task_texts texts = { .set = 0 };

	task->flags &= ~(uint32_t)(STATE_PARTIAL | STATE_OWN_FS);
	if (task_is_thread(task) && !(flags & CLONE_FS))
		task->flags |= STATE_OWN_FS;
	fill_told(task, record->head);
	fill_facts(task, slots, task_facts, COUNT_OF(task_facts));
	fill_facts(task, slots, clone_facts, COUNT_OF(clone_facts));
	fill_names(tasks, index, slots);
	fill_parent(tasks, index, slots, P_clone_parent_start);
	fill_inherited(tasks, index, maker_of(tasks, index, flags), &texts);
	fill_texts(keep, &texts, slots, task_texts, COUNT_OF(task_texts));
	fill_texts(keep, &texts, slots, clone_texts, COUNT_OF(clone_texts));
	fill_put(tasks, index, &texts);
}
