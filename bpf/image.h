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
int put_command_line(__u32 key, __u32 len, __u64 total, __u32 args_len);

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
