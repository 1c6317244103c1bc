/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts of tasks and their chains.  See contexts.h. */
#include "contexts.h"

#include <errno.h>
#include <string.h>

/* Rows that are made whether or not a rule reads them. */
#define CONTEXT_WHEN_ALWAYS 1
#define CONTEXT_WHEN_WANTED 0
static const uint64_t always_rows = 0
#define CONTEXT(name, type, when) | (uint64_t)CONTEXT_WHEN_##when << C_##name
#include "context.def"
    ;

/* A block being made. */
struct block {
	struct context_head *head;
	uint64_t *states;
	uint64_t *values;
	uint8_t *body;
	uint32_t used; /* of the body */
	uint64_t rows; /* to be made */
	bool cut;
};

enum {
	BLOCK_STATES_AT = sizeof(struct context_head),
	BLOCK_VALUES_AT = BLOCK_STATES_AT + 8 * EVENT_STATE_WORDS(C_COUNT),
	BLOCK_BODY_AT = BLOCK_VALUES_AT + 8 * C_COUNT,
	BLOCK_BODY_MAX = CONTEXT_BYTES_MAX - BLOCK_BODY_AT
};

static void
block_begin(struct block *block, struct contexts *contexts)
{
	memset(contexts->block, 0, BLOCK_BODY_AT);
	block->head = (void *)contexts->block;
	block->states = (void *)(contexts->block + BLOCK_STATES_AT);
	block->values = (void *)(contexts->block + BLOCK_VALUES_AT);
	block->body = contexts->block + BLOCK_BODY_AT;
	block->used = 0;
	block->rows = always_rows | contexts->wanted;
	block->cut = false;
}

static void
block_slot(struct block *block, enum context_id row, uint64_t value, enum param_state state)
{
	block->states[row / 32] |= (uint64_t)state << row % 32 * 2;
	block->values[row] = value;
}

static void
block_put(struct block *block, enum context_id row, uint64_t value)
{
	if (block->rows >> row & 1)
		block_slot(block, row, value, PARAM_EXACT);
}

static void
block_put_text(struct block *block, enum context_id row, struct span text, enum param_state state)
{
	uint32_t room = BLOCK_BODY_MAX - block->used, padded;

	if (!(block->rows >> row & 1) || state == PARAM_ABSENT)
		return;
	if (text.len > room) {
		text.len = room;
		state = PARAM_TRUNCATED;
		block->cut = true;
	}
	padded = ((uint32_t)text.len + 7) & ~7u;
	if (padded > 0)
		memset(block->body + block->used + padded - 8, 0, 8);
	if (text.len > 0)
		memcpy(block->body + block->used, text.ptr, text.len);
	block_slot(block, row, (uint64_t)text.len << 32 | block->used, state);
	block->used += padded;
}

/* Text WHICH of INDEX as ROW. */
static void
block_put_task_text(struct block *block, const struct tasks *tasks, uint32_t index,
    enum context_id row, enum state_text which)
{
	struct span text;
	enum param_state state = tasks_text(tasks, index, which, &text);

	block_put_text(block, row, text, state);
}

/* The working directory, without a trailing slash but for the root. */
static void
block_put_cwd(struct block *block, const struct tasks *tasks, uint32_t index)
{
	struct span text;
	enum param_state state = tasks_text(tasks, index, STATE_CWD, &text);

	if (text.len > 1 && text.ptr[text.len - 1] == '/')
		text.len--;
	block_put_text(block, C_cwd, text, state);
}

/*
 * Names of the host's tables hold for tasks of the host.  Of a container's own tables only this is
 * sure: user and group 0 are root.
 */
static void
block_put_user(struct block *block, const struct names *names, const struct state_task *task,
    bool inside)
{
	struct names_user user;

	if (inside) {
		if (task->uid == 0)
			block_put_text(block, C_user_name, SPAN_OF("root"), PARAM_EXACT);
		else
			block->head->lost |= LOST_USER;
	} else if (names_user(names, task->uid, &user)) {
		block_put_text(block, C_user_name, user.name, PARAM_EXACT);
		block_put_text(block, C_user_home, user.home, PARAM_EXACT);
		block_put_text(block, C_user_shell, user.shell, PARAM_EXACT);
	} else if (names_lost(names, NAMES_USERS)) {
		block->head->lost |= LOST_USER;
	}
}

static void
block_put_group(struct block *block, const struct names *names, const struct state_task *task,
    bool inside)
{
	struct span name;

	if (inside) {
		if (task->gid == 0)
			block_put_text(block, C_group_name, SPAN_OF("root"), PARAM_EXACT);
		else
			block->head->lost |= LOST_USER;
	} else if (names_group(names, task->gid, &name)) {
		block_put_text(block, C_group_name, name, PARAM_EXACT);
	} else if (names_lost(names, NAMES_GROUPS)) {
		block->head->lost |= LOST_USER;
	}
}

/* Login users are the host's, in a container too. */
static void
block_put_login(struct block *block, const struct names *names, const struct state_task *process)
{
	struct names_user user;

	block_put(block, C_loginuid, process->loginuid);
	if (process->loginuid != UINT32_MAX && names_user(names, process->loginuid, &user))
		block_put_text(block, C_login_name, user.name, PARAM_EXACT);
}

static void
block_put_container(struct block *block, const struct state_task *process)
{
	if (process->flags & STATE_NO_CONTAINER)
		block->head->lost |= LOST_CONTAINER;
	else
		block_put_text(block, C_container_id,
		    (struct span){ process->container, process->container_len }, PARAM_EXACT);
}

static void
block_put_numbers(struct block *block, const struct state_task *task,
    const struct state_task *process)
{
	block_put(block, C_uid, task->uid);
	block_put(block, C_gid, task->gid);
	block_put(block, C_tty, process->tty);
	block_put(block, C_exe_flags, process->exe_flags);
	block_put(block, C_cap_inheritable, task->cap_inheritable);
	block_put(block, C_cap_permitted, task->cap_permitted);
	block_put(block, C_cap_effective, task->cap_effective);
	block_put(block, C_exe_ino, process->exe_ino);
	block_put(block, C_exe_ctime, process->exe_ctime);
	block_put(block, C_exe_mtime, process->exe_mtime);
	block_put(block, C_ns_start, process->ns_start);
	block_put(block, C_fdlimit, process->fdlimit);
	block_put(block, C_vm_size, process->vm_size);
	block_put(block, C_vm_rss, process->vm_rss);
	block_put(block, C_vm_swap, process->vm_swap);
	block_put(block, C_pgft_maj, process->pgft_maj);
	block_put(block, C_pgft_min, process->pgft_min);
}

/* The block of the task at INDEX of the process at LEADER.  The texts that matter least go last. */
static void
block_fill(struct block *block, const struct life *life, uint32_t index, uint32_t leader)
{
	const struct tasks *tasks = &life->tasks;
	const struct state_task *task = tasks_at(tasks, index), *process = tasks_at(tasks, leader);
	uint32_t place = task->flags & STATE_OWN_FS ? index : leader;
	bool inside = !(process->flags & STATE_NO_CONTAINER) &&
	    !span_equal((struct span){ process->container, process->container_len },
	    SPAN_OF("host"));

	if ((task->flags | process->flags) & STATE_PARTIAL)
		block->head->lost |= LOST_TASK;
	block_put_text(block, C_comm, (struct span){ task->comm, task->comm_len }, PARAM_EXACT);
	block_put_numbers(block, task, process);
	block_put_container(block, process);
	block_put_user(block, &life->names, task, inside);
	block_put_group(block, &life->names, task, inside);
	block_put_login(block, &life->names, process);
	block_put_task_text(block, tasks, leader, C_exepath, STATE_EXEPATH);
	block_put_task_text(block, tasks, leader, C_exe, STATE_EXE);
	block_put_cwd(block, tasks, place);
	block_put_task_text(block, tasks, leader, C_args, STATE_ARGS);
	block_put_task_text(block, tasks, place, C_root, STATE_ROOT);
	block_put_task_text(block, tasks, leader, C_cgroups, STATE_CGROUPS);
	block_put_task_text(block, tasks, leader, C_env, STATE_ENV);
}

/* Whether the context that LINK remembers is still there. */
static bool
link_holds(struct contexts *contexts, const struct task_link *link)
{
	return link->context_id != 0 &&
	    arena_use(contexts->arena, link->context_slot, link->context_id);
}

/*
 * What the chain says above a process: its parent's context, if that is known, and whether some
 * ancestor is lost.
 */
static void
block_put_parent(struct block *block, struct contexts *contexts, uint32_t leader)
{
	const struct tasks *tasks = &contexts->life->tasks;
	uint32_t parent = tasks_parent(tasks, leader);
	const struct task_link *link;

	if (parent == TASK_NONE || !link_holds(contexts, &tasks->links[parent])) {
		if (tasks_at(tasks, leader)->parent != 0)
			block->head->lost |= LOST_PARENT;
		return;
	}
	link = &tasks->links[parent];
	block->head->parent_id = link->context_id;
	block->head->parent_slot = link->context_slot;
	if (link->context_lost & (LOST_TASK | LOST_PARENT))
		block->head->lost |= LOST_PARENT;
}

/* Whether the remembered context shows all facts that it rests on, and the parent as it is now. */
static bool
context_current(struct contexts *contexts, uint32_t index, uint32_t leader)
{
	const struct tasks *tasks = &contexts->life->tasks;
	const struct task_link *link = &tasks->links[index];
	uint32_t parent = tasks_parent(tasks, leader);
	uint64_t parent_id = parent == TASK_NONE ? 0 : tasks->links[parent].context_id;

	return link->built >= link->stamp && link->built >= tasks->links[leader].stamp &&
	    link->built >= tasks->fields_stamp && link_holds(contexts, link) &&
	    arena_parent(contexts->arena, (struct context_ref){ .id = link->context_id,
	    .slot = link->context_slot }).id == parent_id;
}

/* Make the context of INDEX right, given that its parent's is. */
static int
context_renew(struct contexts *contexts, uint32_t index, uint32_t leader)
{
	struct tasks *tasks = &contexts->life->tasks;
	struct task_link *link = &tasks->links[index];
	struct context_ref ref;
	struct block block;
	int err;

	if (!context_current(contexts, index, leader)) {
		block_begin(&block, contexts);
		block_fill(&block, contexts->life, index, leader);
		block_put_parent(&block, contexts, leader);
		block.head->params = C_COUNT;
		block.head->len = BLOCK_BODY_AT + block.used;
		if (block.cut)
			stats_add(contexts->stats, STAT_ENRICHER_contexts_cut, 1);
		if ((err = arena_intern(contexts->arena, block.head, &ref)) < 0)
			return err;
		link->context_id = ref.id;
		link->context_slot = ref.slot;
		link->context_lost = block.head->lost;
		link->built = tasks->stamp;
	}
	link->checked = tasks->chain_stamp;
	return 0;
}

/*
 * Collect LEADER and the processes above it whose contexts have to be looked at, lowest first.  It
 * ends at one that is right, at the top, or at the bound: there the chain is as it was last told.
 */
static uint32_t
chain_collect(struct contexts *contexts, uint32_t leader)
{
	struct tasks *tasks = &contexts->life->tasks;
	uint32_t count = 0;

	while (leader != TASK_NONE && count < CONTEXT_CHAIN_MAX) {
		const struct task_link *link = &tasks->links[leader];

		if (link->checked == tasks->chain_stamp && link_holds(contexts, link))
			break;
		contexts->chain[count++] = leader;
		tasks_hang(tasks, leader);
		leader = tasks_parent(tasks, leader);
	}
	return count;
}

/* The slow way: make right what INDEX's context rests on, and it. */
static int
context_resolve(struct contexts *contexts, uint32_t index)
{
	struct tasks *tasks = &contexts->life->tasks;
	uint32_t leader, count;
	int err = 0;

	tasks_hang(tasks, index);
	if ((leader = tasks_leader(tasks, index)) == TASK_NONE)
		return -ENOENT;
	count = chain_collect(contexts, leader);
	while (count > 0 && err == 0) {
		uint32_t process = contexts->chain[--count];

		err = context_renew(contexts, process, process);
	}
	if (err == 0 && index != leader)
		err = context_renew(contexts, index, leader);
	return err;
}

int
contexts_get(struct contexts *contexts, uint32_t index, struct context_ref *ref, uint32_t *lost)
{
	struct tasks *tasks = &contexts->life->tasks;
	struct task_link *link = &tasks->links[index];
	int err;

	if (link->checked != tasks->chain_stamp || !link_holds(contexts, link)) {
		if ((err = context_resolve(contexts, index)) < 0)
			return err;
	}
	*ref = (struct context_ref){ .id = link->context_id, .slot = link->context_slot };
	*lost = link->context_lost;
	return 0;
}

void
contexts_init(struct contexts *contexts, struct arena *arena, struct life *life,
    struct stats *stats)
{
	memset(contexts, 0, sizeof(*contexts));
	contexts->arena = arena;
	contexts->life = life;
	contexts->stats = stats;
}

void
contexts_want(struct contexts *contexts, uint64_t wanted)
{
	if (contexts->wanted != wanted)
		tasks_all_changed(&contexts->life->tasks);
	contexts->wanted = wanted;
}
