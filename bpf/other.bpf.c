/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* Tracing, kernel modules, and the call that has no filler of its own. */
#include "file.h"
#include "kin.h"
#include "state.h"

enum {
	PTRACE_TRACE_ME = 0,
	PTRACE_PEEK_TEXT = 1,
	PTRACE_PEEK_USER = 3,
	PTRACE_CONTINUE = 7,
	PTRACE_STEP = 9,
	PTRACE_ATTACH_TO = 16,
	PTRACE_DETACH_FROM = 17,
	PTRACE_NEXT_CALL = 24,
	PTRACE_SEIZE_TASK = 0x4206,
	DYN_NUMBER = 0,
	DYN_SIGNAL = 1,
	DYN_BYTES = 9
};

/* The task that TASK traces under the id ID of its own pid namespace, or NULL. */
static __always_inline struct task_struct *
traced_task(struct task_struct *task, __u32 id)
{
	return (void *)kin_find(FIELD_OF(task, struct task_struct, ptraced),
	    bpf_core_field_offset(struct task_struct, ptrace_entry),
	    READ(task, thread_pid, level), id);
}

/* Put a number, or a signal, with the tag that says which. */
static __always_inline void
put_dynamic(struct scratch *s, __u32 slot, __u8 tag, __u64 value)
{
	__u8 bytes[16] = { tag };

	__builtin_memcpy(bytes + 1, &value, sizeof(value));
	put_kernel_bytes(s, slot, bytes, tag == DYN_SIGNAL ? 2 : DYN_BYTES, PARAM_EXACT);
}

/*
 * The data argument: a signal to go on with, the word that was peeked (which the call wrote
 * there), or a number.
 */
static __always_inline void
put_ptrace_data(struct scratch *s, __u64 request)
{
	__u64 word = s->args[3];

	switch (request) {
	case PTRACE_CONTINUE: case PTRACE_STEP: case PTRACE_DETACH_FROM: case PTRACE_NEXT_CALL:
		put_dynamic(s, P_ptrace_data, DYN_SIGNAL, word & 0xff);
		return;
	}
	if (s->result == 0 && request >= PTRACE_PEEK_TEXT && request <= PTRACE_PEEK_USER)
		bpf_probe_read_user(&word, sizeof(word), (void *)s->args[3]);
	put_dynamic(s, P_ptrace_data, DYN_NUMBER, word);
}

FILLER(ptrace)
{
	struct task_struct *task = (void *)s->task, *target;
	__u64 request = s->args[0];
	__u32 lane = LANE_BULK;
	__u8 *rec;

	if (s->result == 0 && (request == PTRACE_ATTACH_TO || request == PTRACE_SEIZE_TASK))
		lane = lane_choose(s, state_of(s));
	else if (!s->wanted)
		return 0;
	rec = record_open(s, EV_ptrace, P_ptrace_COUNT);
	put_dynamic(s, P_ptrace_addr, DYN_NUMBER, s->args[2]);
	put_ptrace_data(s, request);
	store(rec, ptrace, request, normal_ptrace_request(request));
	store(rec, ptrace, pid, fd_arg(s, 1));
	target = request == PTRACE_TRACE_ME ? task : traced_task(task, (__u32)s->args[1]);
	if (target) {
		store(rec, ptrace, target, READ(target, pid));
		store(rec, ptrace, target_start, READ(target, start_boottime));
	}
	return emit(key, lane);
}

FILLER(init_module)
{
	struct probe_config *c = config_get();
	__u8 *rec;

	if (!c || (s->result < 0 && !s->wanted))
		return 0;
	rec = record_open(s, EV_init_module, P_init_module_COUNT);
	if (c->wanted_params & PROBE_WANT_IMAGE)
		put_user_bytes(s, P_init_module_img, s->args[0], s->args[1], c->image_bytes);
	store(rec, init_module, length, s->args[1]);
	put_user_text(key, P_init_module_uargs, s->args[2]);
	return emit(key, s->result == 0 ? LANE_LIFE : LANE_BULK);
}

FILLER(finit_module)
{
	__u8 *rec;

	if (s->result < 0 && !s->wanted)
		return 0;
	rec = record_open(s, EV_finit_module, P_finit_module_COUNT);
	store(rec, finit_module, fd, fd_arg(s, 0));
	put_user_text(key, P_finit_module_uargs, s->args[1]);
	store(rec, finit_module, flags, (__u32)s->args[2]);
	put_file_truth(key, s, P_finit_module_file, fd_file(s, fd_arg(s, 0)));
	return emit(key, s->result == 0 ? LANE_LIFE : LANE_BULK);
}

FILLER(syscall)
{
	__u8 *rec = fixed(s, LANE_BULK, syscall);

	if (!rec)
		return 0;
	store(rec, syscall, ID, s->nr);
	store(rec, syscall, nativeID, s->compat ? s->compat_nr : s->nr);
	store(rec, syscall, arg0, s->args[0]);
	store(rec, syscall, arg1, s->args[1]);
	store(rec, syscall, arg2, s->args[2]);
	store(rec, syscall, arg3, s->args[3]);
	store(rec, syscall, arg4, s->args[4]);
	store(rec, syscall, arg5, s->args[5]);
	return fixed_close(s, LANE_BULK, rec);
}
