/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * All running tasks as snapshot_task records, written to the reader of the iterator.  Two
 * programs: one that may sleep and so can read the memory of other tasks, and one for kernels
 * where no iterator may.
 */
#include "image.h"
#include "state.h"

enum { TASK_EXITING = 4 /* PF_EXITING */ };

/* Begin the record of TASK, without what stands in its memory.  False: it is not to be told. */
static __always_inline bool
snapshot_open(struct scratch *s, struct task_struct *task)
{
	if (READ(task, flags) & TASK_EXITING)
		return false;
	s->cpu = (__u16)bpf_get_smp_processor_id();
	s->ts = bpf_ktime_get_boot_ns();
	s->task = (__u64)task;
	s->start = READ(task, start_boottime);
	s->exec = (__u32)READ(task, self_exec_id);
	s->tid = (__u32)READ(task, pid);
	s->tgid = (__u32)READ(task, tgid);
	s->compat = 0;
	s->scoped = 0;
	s->result = 0;
	record_open(s, EV_snapshot_task, P_snapshot_task_COUNT);
	put_task_facts(SCRATCH_SNAPSHOT);
	put_image_facts(SCRATCH_SNAPSHOT);
	put_identity(SCRATCH_SNAPSHOT, P_snapshot_task_sid);
	state_renew(SCRATCH_SNAPSHOT);
	return true;
}

static __always_inline void
snapshot_close(struct scratch *s, struct seq_file *out)
{
	struct probe_config *c = config_get();
	__u32 len = s->used;

	slot_put(s, P_snapshot_task_generation, c ? c->generation : 0, PARAM_EXACT);
	head_fill((struct event_head *)s->record, s, LANE_META, 0);
	((struct event_head *)s->record)->len = len;
	OPAQUE(len);
	if (len <= EVENT_RECORD_MAX)
		bpf_seq_write(out, s->record, len);
}

/* Command line and environment of TASK, which is another than the current. */
static __always_inline void
snapshot_memory(struct scratch *s, struct task_struct *task)
{
	struct probe_config *c = config_get();
	struct mm_struct *mm = READ(task, mm);
	__u64 total, begin, end, len;

	if (!mm || !c)
		return;
	len = command_line_bytes(mm, &total);
	if (len > PROBE_BYTES_MAX)
		return;
	if (len > 0 &&
	    bpf_copy_from_user_task(s->work, (__u32)len, (void *)READ(mm, arg_start), task, 0) ==
		0)
		put_command_line(SCRATCH_SNAPSHOT, (__u32)len, total, P_snapshot_task_args_len);
	else if (len > 0)
		slot_unreadable(s, P_snapshot_task_args);
	begin = READ(mm, env_start);
	end = READ(mm, env_end);
	if (!(c->wanted_params & PROBE_WANT_ENV) || end <= begin)
		return;
	total = end - begin - 1;
	len = total > c->env_bytes ? c->env_bytes : total;
	if (len > PROBE_BYTES_MAX)
		len = PROBE_BYTES_MAX;
	OPAQUE(len);
	if (len > PROBE_BYTES_MAX)
		return;
	if (len > 0 && bpf_copy_from_user_task(s->work, (__u32)len, (void *)begin, task, 0) == 0)
		put_kernel_bytes(s, P_snapshot_task_env, s->work, (__u32)len,
		    total > len ? PARAM_TRUNCATED : PARAM_EXACT);
}

SEC("iter.s/task")
int
snapshot_tasks(struct bpf_iter__task *ctx)
{
	struct scratch *s = scratch_get(SCRATCH_SNAPSHOT);
	struct task_struct *task = ctx->task;

	if (!s || !task || !snapshot_open(s, task))
		return 0;
	snapshot_memory(s, task);
	snapshot_close(s, ctx->meta->seq);
	return 0;
}

SEC("iter/task")
int
snapshot_plain(struct bpf_iter__task *ctx)
{
	struct scratch *s = scratch_get(SCRATCH_SNAPSHOT);
	struct task_struct *task = ctx->task;

	if (!s || !task || !snapshot_open(s, task))
		return 0;
	snapshot_close(s, ctx->meta->seq);
	return 0;
}
