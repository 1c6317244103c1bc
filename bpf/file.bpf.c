/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* Calls on files: opening, closing, duplicating descriptors. */
#include "file.h"

enum { RAW_CREATE = 0100, RAW_TMPFILE = 020000000 /* __O_TMPFILE */ };

/* Bits of the open flags that the kernel knows: created by this call, overlay layer. */
static __always_inline __u32
open_seen(struct file *file, struct inode *inode)
{
	__u32 flags = inode_layer(inode);

	if (READ(file, f_mode) & FILE_CREATED)
		flags |= NORMAL_CREATED;
	return flags;
}

/* The mode argument, which counts only where a file may be made. */
static __always_inline __u32
open_mode(__u64 flags, __u64 mode)
{
	return flags & (RAW_CREATE | RAW_TMPFILE) ? (__u32)mode & 07777 : 0;
}

FILLER(openat)
{
	struct inode *inode;
	struct file *file;
	__u32 flags;
	__u8 *rec;

	rec = record_open(s, EV_openat, P_openat_COUNT);
	flags = normal_open_flags(s->args[2]);
	store(rec, openat, dirfd, fd_arg(s, 0));
	put_user_text(key, P_openat_name, s->args[1]);
	store(rec, openat, mode, open_mode(s->args[2], s->args[3]));
	put_base(key, s, P_openat_base, fd_arg(s, 0), s->args[1]);
	file = fd_file(s, s->result);
	if (file) {
		inode = READ(file, f_inode);
		flags |= open_seen(file, inode);
		store(rec, openat, dev, inode_device(inode));
		store(rec, openat, ino, READ(inode, i_ino));
		put_file_truth(key, s, P_openat_file, file);
	}
	store(rec, openat, flags, flags);
	return emit(key, LANE_BULK);
}

FILLER(close)
{
	__u8 *rec = fixed(s, LANE_BULK, close);

	if (!rec)
		return 0;
	store(rec, close, fd, fd_arg(s, 0));
	return fixed_close(s, LANE_BULK, rec);
}
