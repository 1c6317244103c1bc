/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* What fillers of descriptors share: the open file and the directory behind a descriptor. */
#ifndef BPF_FILE_H
#define BPF_FILE_H

#include "store.h"
#include "normal.h"

enum { FD_WORKING_DIRECTORY = -100 };

/* A descriptor argument: an int, whatever the upper half of the register holds. */
static __always_inline __s64
fd_arg(const struct scratch *s, int index)
{
	return (__s32)s->args[index];
}

/* The open file behind FD of the caller, or NULL. */
static __always_inline struct file *
fd_file(const struct scratch *s, __s64 fd)
{
	struct task_struct *task = (void *)s->task;

	return task_file(task, fd);
}

/* Put FILE_TRUTH of FILE: the slots FIRST and behind it. */
static __always_inline void
put_file_truth(__u32 key, struct scratch *s, __u32 first, struct file *file)
{
	struct inode *inode;

	if (!file)
		return;
	inode = READ(file, f_inode);
	put_file(key, first, (__u64)file);
	slot_put(s, first + 1, READ(inode, i_mode), PARAM_EXACT);
}

/*
 * Put into SLOT the path of the directory DIRFD that the spelling at user ADDRESS starts from;
 * absent when it does not.
 */
static __always_inline void
put_base(__u32 key, const struct scratch *s, __u32 slot, __s64 dirfd, __u64 address)
{
	struct file *file;
	char first = 0;

	if (dirfd == FD_WORKING_DIRECTORY)
		return;
	bpf_probe_read_user(&first, 1, (const void *)address);
	if (first != '/' && (file = fd_file(s, dirfd)))
		put_file(key, slot, (__u64)file);
}

#endif
