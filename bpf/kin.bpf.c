/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * Lists of tasks and lines of ancestors; see kin.h.  What a loop does in a turn is a function of
 * its own, into which the verifier looks once.
 */
#include "kin.h"

enum {
	SIBLINGS_MAX = 30,
	ANCESTORS_MAX = 60,
	EXITING = 4 /* PF_EXITING */
};

/* True when the task at address TASK is called ID at LEVEL. */
__noinline int
kin_is_called(__u64 task, __u32 level, __u32 id)
{
	return pid_number_at(task_pid((void *)task, PIDTYPE_PID), level) == id;
}

__u64
kin_find(__u64 head, __u32 offset, __u32 level, __u32 id)
{
	__u64 at = read_word(head);

	for (int i = 0; i < KIN_LIST_MAX && at && at != head; i++) {
		if (kin_is_called(at - offset, level, id))
			return at - offset;
		at = read_word(at);
	}
	return 0;
}

/* True when the task at address TASK is another than SELF and goes on living. */
__noinline int
kin_lives(__u64 task, __u64 self)
{
	return task != self && !(READ((struct task_struct *)task, flags) & EXITING);
}

/*
 * An alive thread of TASK's group that its children go to, or 0: then another process takes them.
 */
static __always_inline __u64
kin_thread(struct task_struct *task)
{
	__u64 head = FIELD_OF(READ(task, signal), struct signal_struct, thread_head);
	__u64 offset = bpf_core_field_offset(struct task_struct, thread_node);
	__u64 at = read_word(head);

	for (int i = 0; i < SIBLINGS_MAX && at && at != head; i++) {
		if (kin_lives(at - offset, (__u64)task))
			return at - offset;
		at = read_word(at);
	}
	return 0;
}

/* Where a search among ancestors ends. */
enum { SEARCH_ON, SEARCH_FOUND, SEARCH_LEFT };

/* Whether the task at address TASK reaps for descendants whose pid namespace is at LEVEL. */
__noinline int
kin_reaps(__u64 task, __u32 level)
{
	struct task_struct *ancestor = (void *)task;
	struct signal_struct *signal = READ(ancestor, signal);

	if (READ(ancestor, thread_pid, level) != level || READ(ancestor, pid) == 0)
		return SEARCH_LEFT;
	return BPF_CORE_READ_BITFIELD_PROBED(signal, is_child_subreaper) ? SEARCH_FOUND
									  : SEARCH_ON;
}

/* The nearest ancestor in the same pid namespace that reaps its descendants' children, or 0. */
static __always_inline __u64
kin_subreaper(struct task_struct *task)
{
	__u64 offset = bpf_core_field_offset(struct task_struct, real_parent);
	__u32 level = READ(task, thread_pid, level);
	__u64 ancestor = read_word((__u64)task + offset);

	for (int i = 0; i < ANCESTORS_MAX && ancestor; i++) {
		int found = kin_reaps(ancestor, level);

		if (found != SEARCH_ON)
			return found == SEARCH_FOUND ? ancestor : 0;
		ancestor = read_word(ancestor + offset);
	}
	return 0;
}

__u64
kin_reaper(__u64 task_address)
{
	struct task_struct *task = (void *)task_address;
	struct signal_struct *signal = READ(task, signal);
	__u64 children = FIELD_OF(task, struct task_struct, children);
	__u64 reaper;

	if (read_word(children) == children)
		return 0;
	reaper = kin_thread(task);
	if (!reaper && BPF_CORE_READ_BITFIELD_PROBED(signal, has_child_subreaper))
		reaper = kin_subreaper(task);
	return reaper ? reaper : (__u64)task_reaper(task);
}
