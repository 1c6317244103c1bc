/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * The entry programs: they stay attached while fillers are replaced behind them.  Each decides
 * whether the act is told and tail-calls its filler; a call that falls through is a counted loss.
 */
#include "store.h"
#include "compat.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum {
	THREAD_COMPAT = 2 /* TS_COMPAT */,
	THREAD_KERNEL = 0x200000 /* PF_KTHREAD */,
	STACK_BYTES = 16384,
	SCOPE_LEVELS_MAX = 24,
	X32_BIT = 0x40000000
};

/* True when the cgroup ID is the current task's or above it. */
static __always_inline bool
scope_in_cgroup(struct task_struct *task, __u64 id)
{
	__u64 node = (__u64)READ(task, cgroups, dfl_cgrp, kn);
	__u64 parent = kernfs_parent_offset();

	for (int i = 0; i < SCOPE_LEVELS_MAX && node; i++) {
		if (read_word(FIELD_OF(node, struct kernfs_node, id)) == id)
			return true;
		node = read_word(node + parent);
	}
	return false;
}

/* True when an act of process TGID is inside the scope. */
static __always_inline bool
scope_admits(const struct probe_config *c, struct task_struct *task, __u32 tgid)
{
	__u32 *state;

	if (c->scope == PROBE_SCOPE_CGROUP)
		return scope_in_cgroup(task, c->scope_cgroup);
	if (c->scope == PROBE_SCOPE_TREE) {
		state = bpf_map_lookup_elem(&scope_tasks, &tgid);
		return state && *state == PROBE_SCOPE_ACTIVE;
	}
	return true;
}

/*
 * Registers of the current task TASK as they were at its entry into the kernel: on top of its
 * stack.
 */
static __always_inline struct pt_regs *
task_registers(struct task_struct *task)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (struct pt_regs *)bpf_task_pt_regs(task);
	return (void *)READ(task, stack) + STACK_BYTES - bpf_core_type_size(struct pt_regs);
}

/*
 * Begin an act of TASK: its identity and time into this CPU's scratch.  NULL: it is outside the
 * scope.
 */
static __always_inline struct scratch *
act_begin(const struct probe_config *c, struct task_struct *task)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct scratch *s = scratch_get(1 + cpu);
	struct probe_cpu *numbers;

	if (!s)
		return NULL;
	s->cpu = (__u16)cpu;
	s->ts = bpf_ktime_get_boot_ns();
	s->task = (__u64)task;
	s->start = TASK_FIELD(task, start_boottime);
	s->exec = (__u32)TASK_FIELD(task, self_exec_id);
	s->tid = (__u32)TASK_FIELD(task, pid);
	s->tgid = (__u32)TASK_FIELD(task, tgid);
	s->compat = 0;
	s->wanted = 1;
	s->result = 0;
	s->scoped = c->scope != PROBE_SCOPE_NONE;
	if (!s->scoped || scope_admits(c, task, s->tgid))
		return s;
	if ((numbers = cpu_get(cpu)))
		numbers->scoped_out++;
	return NULL;
}

#if defined(__TARGET_ARCH_x86)
static __always_inline __u32
call_number(struct pt_regs *regs)
{
	return (__u32)regs->orig_ax & ~X32_BIT;
}

static __always_inline void
call_args(struct scratch *s, struct pt_regs *regs)
{
	s->args[0] = regs->di;
	s->args[1] = regs->si;
	s->args[2] = regs->dx;
	s->args[3] = regs->r10;
	s->args[4] = regs->r8;
	s->args[5] = regs->r9;
}

/* The same of registers that are not handed to the program as such. */
static __always_inline __u32
saved_number(struct pt_regs *regs)
{
	return (__u32)READ(regs, orig_ax) & ~X32_BIT;
}

static __always_inline __u64
saved_arg0(struct pt_regs *regs)
{
	return READ(regs, di);
}

static __always_inline __u64
saved_compat_arg0(struct pt_regs *regs)
{
	return READ(regs, bx);
}

static __always_inline bool
call_is_compat(struct task_struct *task)
{
	return TASK_FIELD(task, thread_info.status) & THREAD_COMPAT;
}

/* Native number of a 32-bit call NR, and its arguments.  0: it has none. */
static __always_inline __u32
compat_begin(struct scratch *s, struct pt_regs *regs, __u32 nr)
{
	__u32 args[CALL_ARGS] = {};
	__u32 native;

	if (nr >= COMPAT_NUMBERS)
		return 0;
	args[0] = (__u32)regs->bx;
	args[1] = (__u32)regs->cx;
	args[2] = (__u32)regs->dx;
	args[3] = (__u32)regs->si;
	args[4] = (__u32)regs->di;
	args[5] = (__u32)regs->bp;
	native = compat_numbers[nr];
	if (nr == COMPAT_SOCKETCALL) {
		native = compat_socketcalls[args[0] & 31];
		bpf_probe_read_user(args, sizeof(args), (void *)(__u64)args[1]);
	}
	for (int i = 0; i < CALL_ARGS; i++)
		s->args[i] =
		    compat_short_ids(nr) && (args[i] & 0xffff) == 0xffff ? ID_NONE : args[i];
	s->compat = 1;
	s->compat_nr = nr;
	return native;
}
#else
static __always_inline __u32
call_number(struct pt_regs *regs)
{
	return (__u32)((struct pt_regs___saved *)regs)->syscallno;
}

/* The result has taken the place of argument 0, which the kernel keeps beside. */
static __always_inline void
call_args(struct scratch *s, struct pt_regs *regs)
{
	s->args[0] = ((struct pt_regs___saved *)regs)->orig_x0;
	for (int i = 1; i < CALL_ARGS; i++)
		s->args[i] = ((struct pt_regs___saved *)regs)->regs[i];
}

static __always_inline __u32
saved_number(struct pt_regs *regs)
{
	struct pt_regs___saved *saved = (void *)regs;

	return (__u32)READ(saved, syscallno);
}

static __always_inline __u64
saved_arg0(struct pt_regs *regs)
{
	struct pt_regs___saved *saved = (void *)regs;

	return READ(saved, orig_x0);
}

static __always_inline __u64
saved_compat_arg0(struct pt_regs *regs)
{
	return saved_arg0(regs);
}

static __always_inline bool
call_is_compat(struct task_struct *task)
{
	(void)task;
	return false;
}

static __always_inline __u32
compat_begin(struct scratch *s, struct pt_regs *regs, __u32 nr)
{
	(void)s, (void)regs, (void)nr;
	return 0;
}
#endif

/* How the native call NR is treated; NULL: not at all. */
static __always_inline struct probe_syscall *
call_treated(__u32 nr)
{
	struct probe_syscall *call = bpf_map_lookup_elem(&syscalls, &nr);

	return call && call->flags ? call : NULL;
}

/*
 * The 32-bit call by its number NR: like on_sys_exit(), but the number must be translated before
 * it is looked up.
 */
static __always_inline int
compat_exit(void *ctx, struct pt_regs *regs, long ret, struct task_struct *task, __u32 nr)
{
	struct probe_config *c = config_get();
	struct probe_syscall *call;
	struct probe_cpu *cpu;
	struct scratch *s;

	if (!c || !(s = act_begin(c, task)))
		return 0;
	s->nr = compat_begin(s, regs, nr);
	if (s->nr == 0) {
		if ((cpu = cpu_get(s->cpu)))
			cpu->compat_unknown++;
		return 0;
	}
	if (!(call = call_treated(s->nr)))
		return 0;
	s->result = (__s32)ret;
	s->event = call->event;
	s->wanted = call->flags & PROBE_SYSCALL_WANTED;
	bpf_tail_call(ctx, &exit_programs, s->nr);
	act_lost(s, LANE_BULK, s->event);
	return 0;
}

SEC("tp_btf/sys_exit")
int
BPF_PROG(on_sys_exit, struct pt_regs *regs, long ret)
{
	struct task_struct *task = task_current();
	__u32 nr = call_number(regs);
	struct probe_syscall *call;
	struct probe_config *c;
	struct scratch *s;

	if (call_is_compat(task))
		return compat_exit(ctx, regs, ret, task, nr);
	if (!(call = call_treated(nr)) || !(c = config_get()) || !(s = act_begin(c, task)))
		return 0;
	s->result = ret;
	s->nr = nr;
	s->event = call->event;
	s->wanted = call->flags & PROBE_SYSCALL_WANTED;
	call_args(s, regs);
	bpf_tail_call(ctx, &exit_programs, nr);
	act_lost(s, LANE_BULK, s->event);
	return 0;
}

/* A process of the scope's tree begins to be told at its exec. */
SEC("tp_btf/sched_process_exec")
int
BPF_PROG(on_exec, struct task_struct *task)
{
	struct probe_config *c = config_get();
	__u32 active = PROBE_SCOPE_ACTIVE, tgid;
	struct scratch *s;

	if (!c)
		return 0;
	if (c->scope == PROBE_SCOPE_TREE) {
		tgid = (__u32)task->tgid;
		bpf_map_update_elem(&scope_tasks, &tgid, &active, BPF_EXIST);
	}
	if (!(s = act_begin(c, task)))
		return 0;
	bpf_tail_call(ctx, &exec_programs, 0);
	act_lost(s, LANE_LIFE, EV_execve);
	return 0;
}

/* A child is in the scope as its parent is.  True: it is told. */
static __always_inline bool
scope_inherit(__u32 parent, __u32 child)
{
	__u32 *state = bpf_map_lookup_elem(&scope_tasks, &parent);
	struct probe_cpu *cpu = cpu_get(bpf_get_smp_processor_id());

	if (!state || parent == child)
		return state;
	if (bpf_map_update_elem(&scope_tasks, &child, state, BPF_ANY) < 0 && cpu)
		cpu->scope_full++;
	return true;
}

/*
 * The call by which the current task PARENT forks: its event and arguments.  A kernel thread has
 * none.
 */
static __always_inline void
fork_call(struct scratch *s, struct task_struct *parent)
{
	struct pt_regs *regs = task_registers(parent);
	struct probe_syscall *call;
	__u32 nr;

	s->event = EV_clone;
	s->args[0] = 0;
	if (parent->flags & THREAD_KERNEL)
		return;
	nr = saved_number(regs);
	s->args[0] = saved_arg0(regs);
	if (call_is_compat(parent)) {
		s->compat = 1;
		s->compat_nr = nr;
		s->args[0] = (__u32)saved_compat_arg0(regs);
		nr = nr < COMPAT_NUMBERS ? compat_numbers[nr] : 0;
	}
	call = bpf_map_lookup_elem(&syscalls, &nr);
	if (call)
		s->event = call->event;
}

SEC("tp_btf/sched_process_fork")
int
BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	struct probe_config *c = config_get();
	struct scratch *s;

	if (!c)
		return 0;
	if (c->scope == PROBE_SCOPE_TREE)
		scope_inherit((__u32)parent->tgid, (__u32)child->tgid);
	if (!(s = act_begin(c, child)))
		return 0;
	fork_call(s, parent);
	bpf_tail_call(ctx, &fork_programs, 0);
	act_lost(s, LANE_LIFE, EV_clone);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int
BPF_PROG(on_death, struct task_struct *task)
{
	struct probe_config *c = config_get();
	struct scratch *s;
	__u32 tid, tgid;

	if (!c)
		return 0;
	tid = (__u32)task->pid;
	tgid = (__u32)task->tgid;
	bpf_map_delete_elem(&task_state, &tid);
	s = act_begin(c, task);
	if (c->scope == PROBE_SCOPE_TREE && READ(task, signal, live.counter) == 0)
		bpf_map_delete_elem(&scope_tasks, &tgid);
	if (!s)
		return 0;
	bpf_tail_call(ctx, &death_programs, 0);
	act_lost(s, LANE_LIFE, EV_procexit);
	return 0;
}
