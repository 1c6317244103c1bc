/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* Tasks by what they are to another task.  Addresses of struct task_struct are numbers here. */
#ifndef BPF_KIN_H
#define BPF_KIN_H

#include "store.h"

/*
 * The task that is called ID at LEVEL of pid namespaces, in the kernel's list whose head is at
 * address HEAD and whose links stand at OFFSET of their tasks; 0 when it is not among the first
 * KIN_LIST_MAX.
 */
__u64 kin_find(__u64 head, __u32 offset, __u32 level, __u32 id);

/* Who takes the children of TASK, which ends; 0: it has none. */
__u64 kin_reaper(__u64 task);

enum { KIN_LIST_MAX = 64 };

#endif
