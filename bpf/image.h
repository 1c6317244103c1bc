/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * What is known of a task and of its image, as records of exec, fork and snapshot have it.  The
 * slots of TASK_PARAMS and EXEC_PARAMS (events.def) have the same indices in all of them, the
 * names of execve are used here.
 */
#ifndef BPF_IMAGE_H
#define BPF_IMAGE_H

#include "store.h"

_Static_assert(P_execve_exe == P_clone_exe && P_execve_cgroups == P_clone_cgroups,
    "task parameters come first");
_Static_assert(P_execve_root == P_execveat_root && P_execve_root == P_snapshot_task_root,
    "images are alike");
_Static_assert(
    P_clone_root == P_clone3_root && P_clone_root == P_fork_root && P_clone_root == P_vfork_root,
    "forks are alike");

/*
 * Functions verified once; KEY names the scratch, whose `task` they speak of.  All return 0.
 */

/* From tid to cgroups. */
int put_task_facts(__u32 key);
/* From tty to gid, and trusted_exepath; the command line and the environment are not here. */
int put_image_facts(__u32 key);
/* From sid to root, but for args_len; FIRST is the slot of sid. */
int put_identity(__u32 key, __u32 first);

/*
 * Split the LEN bytes of argv, NUL after each, that stand in the work area: the first into exe,
 * the others into args.  TOTAL is their true length; ARGS_LEN the slot for the true length of what
 * follows the first.
 */
static __always_inline void
put_command_line(struct scratch *s, __u32 len, __u64 total, __u32 args_len)
{
	__u32 at, exe;
	long got;

	if (!piece_begin(s, &at))
		return;
	got = len == 0
	    ? 1
	    : bpf_probe_read_kernel_str(s->record + (at & RECORD_MASK), PROBE_BYTES_MAX, s->work);
	if (got <= 0)
		return;
	exe = (__u32)got & (2 * PROBE_BYTES_MAX - 1);
	if (exe >= len)
		exe = len;
	piece_end(s, P_execve_exe, at, got - 1,
	    (__u32)got > len && total > len ? PARAM_TRUNCATED : PARAM_EXACT);
	len -= exe;
	/* Lists are separated by NUL, the one behind the last is not told. */
	if (len > 0 && total == exe + len)
		len--;
	OPAQUE(exe);
	put_kernel_bytes(s, P_execve_args, s->work + (exe & (WORK_BYTES - 1)), len,
	    total > exe + len + 1 ? PARAM_TRUNCATED : PARAM_EXACT);
	slot_put(s, args_len, total - exe, PARAM_EXACT);
}

/* Length of argv of MM, and how much of it a record takes. */
static __always_inline __u32
command_line_bytes(struct mm_struct *mm, __u64 *total)
{
	struct probe_config *c = config_get();
	__u64 begin = READ(mm, arg_start), end = READ(mm, arg_end);
	__u32 max = c ? c->args_bytes : 0;

	*total = end > begin ? end - begin : 0;
	if (max > PROBE_BYTES_MAX)
		max = PROBE_BYTES_MAX;
	return *total > max ? max : (__u32)*total;
}

#endif
