/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* Process life: exec, fork, exit. */
#include "image.h"
#include "kin.h"
#include "state.h"
#include "normal.h"

enum {
	TASK_KERNEL = 0x200000, /* PF_KTHREAD */
	ARGV_POINTERS_MAX = 16,
	POINTERS_ON = -1,       /* no state of a parameter */
	NORMAL_IN_PIDNS = 536870912
};

/*
 * The current task's argv, of memory MM that it shares or has just copied, into exe, args and the
 * slot ARGS_LEN.
 */
static __always_inline void
put_current_command_line(
    __u32 key, struct scratch *s, struct mm_struct *mm, __u32 args_len)
{
	__u64 total;
	__u32 len = command_line_bytes(mm, &total) & (2 * PROBE_BYTES_MAX - 1);

	if (len > PROBE_BYTES_MAX)
		return;
	if (bpf_probe_read_user(s->work, len, (void *)READ(mm, arg_start)) < 0) {
		slot_unreadable(s, P_execve_exe);
		slot_unreadable(s, P_execve_args);
		return;
	}
	put_command_line(key, len, total, args_len);
}

static __always_inline void
put_current_env(struct scratch *s, struct mm_struct *mm)
{
	struct probe_config *c = config_get();
	__u64 begin = READ(mm, env_start), end = READ(mm, env_end);

	if (c && c->wanted_params & PROBE_WANT_ENV && end > begin)
		put_user_bytes(s, P_execve_env, begin, end - begin - 1, c->env_bytes);
}

SEC("tp_btf/sched_process_exec")
int
tell_exec(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	struct linux_binprm *bprm = (void *)ctx[2];
	__u32 key = scratch_key();
	struct scratch *s = scratch_get(key);
	struct mm_struct *mm;

	if (!s)
		return 0;
	mm = READ(task, mm);
	record_open(s, EV_execve, P_execve_COUNT);
	put_current_command_line(key, s, mm, P_execve_args_len);
	put_task_facts(key);
	put_current_env(s, mm);
	put_image_facts(key);
	put_text(s, P_execve_filename, (__u64)READ(bprm, filename), true);
	put_identity(key, P_execve_sid);
	state_renew(key);
	return emit(key, LANE_LIFE);
}

/* Flags of clone(2) in the kernel's numbering whose effect can be seen on parent and child. */
enum {
	RAW_VM = 0x100,
	RAW_FS = 0x200,
	RAW_FILES = 0x400,
	RAW_SIGHAND = 0x800,
	RAW_VFORK = 0x4000,
	RAW_THREAD = 0x10000,
	RAW_NEWNS = 0x20000,
	RAW_NEWCGROUP = 0x2000000,
	RAW_NEWUTS = 0x4000000,
	RAW_NEWIPC = 0x8000000,
	RAW_NEWUSER = 0x10000000,
	RAW_NEWPID = 0x20000000,
	RAW_NEWNET = 0x40000000,
	RAW_SIGNAL = 0xff,
	RAW_SEEN = RAW_VM | RAW_FS | RAW_FILES | RAW_SIGHAND | RAW_THREAD | RAW_NEWNS |
	    RAW_NEWCGROUP | RAW_NEWUTS | RAW_NEWIPC | RAW_NEWUSER | RAW_NEWPID | RAW_NEWNET
};

static __always_inline void
fork_see(struct scratch *s, bool seen, __u64 flag)
{
	if (seen)
		s->flags |= flag;
}

static __always_inline void
fork_see_namespaces(struct scratch *s, struct task_struct *parent, struct task_struct *child)
{
	struct nsproxy *old = READ(parent, nsproxy), *new = READ(child, nsproxy);

	fork_see(s, READ(parent, cred, user_ns) != READ(child, cred, user_ns), RAW_NEWUSER);
	fork_see(s, READ(parent, thread_pid, level) != READ(child, thread_pid, level), RAW_NEWPID);
	if (old == new)
		return;
	fork_see(s, READ(old, mnt_ns) != READ(new, mnt_ns), RAW_NEWNS);
	fork_see(s, READ(old, uts_ns) != READ(new, uts_ns), RAW_NEWUTS);
	fork_see(s, READ(old, ipc_ns) != READ(new, ipc_ns), RAW_NEWIPC);
	fork_see(s, READ(old, net_ns) != READ(new, net_ns), RAW_NEWNET);
	fork_see(s, READ(old, cgroup_ns) != READ(new, cgroup_ns), RAW_NEWCGROUP);
}

/*
 * What the two share: the truth about flags that the caller could change in its memory meanwhile.
 * They are gathered in memory, not in a register, whose 4096 values the verifier of older kernels
 * would follow each.
 */
static __always_inline __u64
fork_seen(struct scratch *s, struct task_struct *parent, struct task_struct *child)
{
	struct mm_struct *mm = READ(child, mm);

	s->flags = 0;
	fork_see_namespaces(s, parent, child);
	fork_see(s, mm && mm == READ(parent, mm), RAW_VM);
	fork_see(s, READ(child, fs) == READ(parent, fs), RAW_FS);
	fork_see(s, READ(child, files) == READ(parent, files), RAW_FILES);
	fork_see(s, READ(child, sighand) == READ(parent, sighand), RAW_SIGHAND);
	fork_see(s, READ(child, tgid) == READ(parent, tgid), RAW_THREAD);
	return s->flags;
}

/* Flags of a record of a fork: those that were asked for (ASKED), corrected by what is seen. */
static __always_inline __u64
fork_flags(struct scratch *s, __u64 asked, struct task_struct *parent, struct task_struct *child)
{
	struct pid_namespace *own = READ(child, nsproxy, pid_ns_for_children);
	__u64 seen = fork_seen(s, parent, child);
	__u64 flags = normal_clone_flags((asked & ~(__u64)(RAW_SIGNAL | RAW_SEEN)) | seen);

	if (READ(child, thread_pid, level) != 0 ||
	    own != READ(task_reaper(child), nsproxy, pid_ns_for_children))
		flags |= NORMAL_IN_PIDNS;
	return flags;
}

/* The flags that the call in progress asks for, by its event EVENT and argument 0. */
static __always_inline __u64
fork_asked(__u32 event, __u64 arg0)
{
	__u64 flags = 0;

	switch (event) {
	case EV_clone:
		return arg0;
	case EV_clone3:
		bpf_probe_read_user(&flags, sizeof(flags), (void *)arg0);
		return flags;
	case EV_vfork:
		return RAW_VFORK | RAW_VM;
	}
	return 0;
}

/* CLONE_PARAMS of clone, clone3, fork and vfork, whose slots are the same, for the task of S. */
static __always_inline void
put_fork(__u32 key, struct scratch *s, struct mm_struct *mm, __u64 flags)
{
	struct task_struct *task = (void *)s->task;
	__u64 ns_start = task_ns_start(task);
	struct credentials c;

	credentials_read(&c, task);
	put_current_command_line(key, s, mm, P_clone_args_len);
	put_task_facts(key);
	slot_put(s, P_clone_flags, flags, PARAM_EXACT);
	slot_put(s, P_clone_uid, c.ids[CRED_EUID], PARAM_EXACT);
	slot_put(s, P_clone_gid, c.ids[CRED_EGID], PARAM_EXACT);
	slot_put(s, P_clone_vtid, pid_own_number(task_pid(task, PIDTYPE_PID)), PARAM_EXACT);
	slot_put(s, P_clone_vpid, pid_own_number(task_pid(task, PIDTYPE_TGID)), PARAM_EXACT);
	slot_put(s, P_clone_pidns_init_start_ts, ns_start, PARAM_EXACT);
	slot_put(s, P_clone_tty, task_tty(task), PARAM_EXACT);
	slot_put(s, P_clone_loginuid, task_loginuid(task), PARAM_EXACT);
	slot_put(s, P_clone_pgid, pid_number(task_pid(task, PIDTYPE_PGID)), PARAM_EXACT);
	slot_put(s, P_clone_vpgid, pid_own_number(task_pid(task, PIDTYPE_PGID)), PARAM_EXACT);
	put_identity(key, P_clone_sid);
}

SEC("tp_btf/sched_process_fork")
int
tell_fork(__u64 *ctx)
{
	struct task_struct *parent = (void *)ctx[0], *child = (void *)ctx[1];
	__u32 key = scratch_key();
	struct scratch *s = scratch_get(key);
	__u64 asked = 0;
	__u32 event = EV_clone;

	if (!s)
		return 0;
	if (!(READ(parent, flags) & TASK_KERNEL)) {
		event = s->event;
		asked = fork_asked(event, s->args[0]);
	}
	if (event < EV_clone || event > EV_vfork)
		event = EV_clone;
	record_open(s, (__u16)event, P_clone_COUNT);
	put_fork(key, s, READ(child, mm), fork_flags(s, asked, parent, child));
	state_renew(key);
	return emit(key, LANE_LIFE);
}

/*
 * The caller's side of a fork by EVENT: told only where rules ask for it.  The child's side of
 * the same exit has been told by tell_fork().  When the call failed the command line is left out.
 */
int
fork_caller(__u32 key, __u32 event)
{
	struct scratch *s = scratch_get(key);
	struct task_struct *task;
	__u64 flags;

	if (!s || s->result == 0)
		return 0;
	task = (void *)s->task;
	flags = normal_clone_flags(fork_asked(event, s->args[0]) & ~(__u64)RAW_SIGNAL);
	if (READ(task, thread_pid, level) != 0)
		flags |= NORMAL_IN_PIDNS;
	record_open(s, (__u16)event, P_clone_COUNT);
	put_fork(key, s, s->result > 0 ? READ(task, mm) : NULL, flags);
	return emit(key, LANE_BULK);
}

FILLER(clone)
{
	return fork_caller(key, EV_clone);
}

FILLER(clone3)
{
	return fork_caller(key, EV_clone3);
}

FILLER(fork)
{
	return fork_caller(key, EV_fork);
}

FILLER(vfork)
{
	return fork_caller(key, EV_vfork);
}

/*
 * Append the text that the pointer at user ADDRESS names, and its NUL, to the piece, which ends
 * before LIMIT.  Returns POINTERS_ON or, at the end of the list, its state.
 */
__noinline int
append_pointed(__u32 key, __u64 address, __u32 limit)
{
	struct scratch *s = scratch_get(key);
	__u64 pointer = 0;
	__u32 at;
	long got;

	if (!s)
		return PARAM_TRUNCATED;
	bpf_probe_read_user(&pointer, s->compat ? 4 : 8, (void *)address);
	if (!pointer)
		return PARAM_EXACT;
	at = s->piece_end;
	if (at >= limit)
		return PARAM_TRUNCATED;
	got = bpf_probe_read_user_str(
	    s->record + (at & RECORD_MASK), PROBE_BYTES_MAX, (void *)pointer);
	if (got <= 0)
		return PARAM_TRUNCATED;
	s->piece_end = at + (__u32)got;
	return POINTERS_ON;
}

/*
 * Put the texts that the caller's list of pointers at LIST names (at most ARGV_POINTERS_MAX) into
 * SLOT, NUL between them, cut after MAX bytes.
 */
__noinline int
put_pointers(__u32 key, __u32 slot, __u64 list, __u32 max)
{
	struct scratch *s = scratch_get(key);
	__u32 begin, size;
	int state = POINTERS_ON;

	if (!s || !list || max > PROBE_BYTES_MAX || !piece_begin(s, &begin))
		return 0;
	size = s->compat ? 4 : 8;
	s->piece_end = begin;
	for (int i = 0; i < ARGV_POINTERS_MAX && state == POINTERS_ON; i++)
		state = append_pointed(key, list + i * size, begin + max);
	if (state == POINTERS_ON)
		state = PARAM_TRUNCATED;
	if (s->piece_end > begin)
		s->piece_end--;
	if (s->piece_end - begin > max) {
		s->piece_end = begin + max;
		state = PARAM_TRUNCATED;
	}
	piece_end(s, slot, begin, s->piece_end - begin, (__u32)state);
	return 0;
}

/*
 * An exec by EVENT that failed, with path, argv and envp (arguments FIRST and behind it) as the
 * caller spelled them; the rest is of the image that stays.
 */
int
exec_failed(__u32 key, __u32 event, __u32 first)
{
	struct scratch *s = scratch_get(key);
	struct probe_config *c = config_get();
	__u64 path, argv, envp, exe = 0;
	__u32 size;

	if (!s || !c || s->result >= 0 || first > 1)
		return 0;
	path = s->args[first];
	argv = s->args[first + 1];
	envp = s->args[first + 2];
	size = s->compat ? 4 : 8;
	record_open(s, (__u16)event, P_execve_COUNT);
	bpf_probe_read_user(&exe, size, (void *)argv);
	put_user_text(key, P_execve_exe, exe);
	if (exe)
		put_pointers(key, P_execve_args, argv + size, c->args_bytes);
	put_task_facts(key);
	if (c->wanted_params & PROBE_WANT_ENV)
		put_pointers(key, P_execve_env, envp, c->env_bytes);
	put_image_facts(key);
	put_user_text(key, P_execve_filename, path);
	put_identity(key, P_execve_sid);
	return emit(key, LANE_BULK);
}

FILLER(execve)
{
	return exec_failed(key, EV_execve, 0);
}

FILLER(execveat)
{
	return exec_failed(key, EV_execveat, 1);
}

SEC("tp_btf/sched_process_exit")
int
tell_death(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0], *reaper;
	struct scratch *s = scratch_get(scratch_key());
	__u32 code;
	__u8 *rec;

	if (!s)
		return 0;
	code = (__u32)READ(task, exit_code);
	s->result = code;
	rec = fixed(s, LANE_LIFE, procexit);
	if (!rec)
		return 0;
	store(rec, procexit, ret, code >> 8 & 0xff);
	store(rec, procexit, sig, code & 0x7f);
	store(rec, procexit, core, code >> 7 & 1);
	reaper = (void *)kin_reaper(s->task);
	store(rec, procexit, reaper_tid, reaper ? READ(reaper, pid) : 0);
	if (reaper)
		store(rec, procexit, reaper_start, READ(reaper, start_boottime));
	store(rec, procexit, group_dead, READ(task, signal, live.counter) == 0);
	fixed_close(s, LANE_LIFE, rec);
	return 0;
}
