/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* Descriptors: opening, closing, duplicating.  The working directory and the root. */
#include "socket.h"
#include "state.h"

enum {
	RAW_CREATE = 0100, RAW_TMPFILE = 020000000 /* __O_TMPFILE */, RAW_CLOEXEC = 02000000,
	NORMAL_CLOEXEC = 4096,
	CREAT_UPPER = 1, CREAT_LOWER = 2
};

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

/*
 * Slots of the facts of an opened file: they stand in the same order in every record of the
 * family.
 */
enum { OPEN_DEV, OPEN_INO };

/*
 * Put device, inode and FILE_TRUTH of the file that the call opened; returns the flags that only
 * the kernel knows.
 */
static __always_inline __u32
put_opened(__u32 key, struct scratch *s, __u32 dev, __u32 truth)
{
	struct file *file = fd_file(s, s->result);
	struct inode *inode;

	if (!file)
		return 0;
	inode = READ(file, f_inode);
	slot_put(s, dev + OPEN_DEV, inode_device(inode), PARAM_EXACT);
	slot_put(s, dev + OPEN_INO, READ(inode, i_ino), PARAM_EXACT);
	put_file_truth(key, s, truth, file);
	return open_seen(file, inode);
}

FILLER(open)
{
	__u8 *rec = record_open(s, EV_open, P_open_COUNT);

	put_user_text(key, P_open_name, s->args[0]);
	store(rec, open, mode, open_mode(s->args[1], s->args[2]));
	store(rec, open, flags,
	    normal_open_flags(s->args[1]) | put_opened(key, s, P_open_dev, P_open_file));
	return emit(key, LANE_BULK);
}

FILLER(openat)
{
	__u8 *rec = record_open(s, EV_openat, P_openat_COUNT);

	store(rec, openat, dirfd, fd_arg(s, 0));
	put_user_text(key, P_openat_name, s->args[1]);
	store(rec, openat, mode, open_mode(s->args[2], s->args[3]));
	put_base(key, s, P_openat_base, fd_arg(s, 0), s->args[1]);
	store(rec, openat, flags,
	    normal_open_flags(s->args[2]) | put_opened(key, s, P_openat_dev, P_openat_file));
	return emit(key, LANE_BULK);
}

/* The caller's struct open_how. */
struct how { __u64 flags, mode, resolve; };

/* RESOLVE_* in the numbering of rules. */
static __always_inline __u32
open_resolve(__u64 resolve)
{
	__u32 out = 0;

	out |= resolve & 0x08 ? 1 : 0;  /* BENEATH */
	out |= resolve & 0x10 ? 2 : 0;  /* IN_ROOT */
	out |= resolve & 0x02 ? 4 : 0;  /* NO_MAGICLINKS */
	out |= resolve & 0x04 ? 8 : 0;  /* NO_SYMLINKS */
	out |= resolve & 0x01 ? 16 : 0; /* NO_XDEV */
	out |= resolve & 0x20 ? 32 : 0; /* CACHED */
	return out;
}

FILLER(openat2)
{
	__u8 *rec = record_open(s, EV_openat2, P_openat2_COUNT);
	struct how how = {};

	store(rec, openat2, dirfd, fd_arg(s, 0));
	put_user_text(key, P_openat2_name, s->args[1]);
	put_base(key, s, P_openat2_base, fd_arg(s, 0), s->args[1]);
	if (bpf_probe_read_user(&how, sizeof(how), (void *)s->args[2]) < 0) {
		slot_unreadable(s, P_openat2_flags);
		slot_unreadable(s, P_openat2_mode);
		slot_unreadable(s, P_openat2_resolve);
		put_opened(key, s, P_openat2_dev, P_openat2_file);
		return emit(key, LANE_BULK);
	}
	store(rec, openat2, mode, open_mode(how.flags, how.mode));
	store(rec, openat2, resolve, open_resolve(how.resolve));
	store(rec, openat2, flags,
	    normal_open_flags(how.flags) | put_opened(key, s, P_openat2_dev, P_openat2_file));
	return emit(key, LANE_BULK);
}

FILLER(creat)
{
	__u8 *rec = record_open(s, EV_creat, P_creat_COUNT);
	__u32 seen, flags = 0;

	put_user_text(key, P_creat_name, s->args[0]);
	store(rec, creat, mode, s->args[1] & 07777);
	seen = put_opened(key, s, P_creat_dev, P_creat_file);
	flags |= seen & NORMAL_UPPER ? CREAT_UPPER : 0;
	flags |= seen & NORMAL_LOWER ? CREAT_LOWER : 0;
	store(rec, creat, creat_flags, flags);
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

/*
 * Put what a descriptor that was duplicated stands for: FILE_TRUTH from slot FIRST on, then
 * SOCKET_TRUTH.
 */
static __always_inline void
put_duplicate(__u32 key, struct scratch *s, __u32 first)
{
	struct file *file = fd_file(s, s->result);

	put_file_truth(key, s, first, file);
	put_socket_truth(key, s, first + 2, file_sock(file), ROLE_UNKNOWN);
}

FILLER(dup)
{
	__u8 *rec = record_open(s, EV_dup, P_dup_COUNT);

	store(rec, dup, oldfd, fd_arg(s, 0));
	put_duplicate(key, s, P_dup_file);
	return emit(key, LANE_BULK);
}

FILLER(dup2)
{
	__u8 *rec = record_open(s, EV_dup2, P_dup2_COUNT);

	store(rec, dup2, oldfd, fd_arg(s, 0));
	store(rec, dup2, newfd, fd_arg(s, 1));
	put_duplicate(key, s, P_dup2_file);
	return emit(key, LANE_BULK);
}

FILLER(dup3)
{
	__u8 *rec = record_open(s, EV_dup3, P_dup3_COUNT);

	store(rec, dup3, oldfd, fd_arg(s, 0));
	store(rec, dup3, newfd, fd_arg(s, 1));
	store(rec, dup3, flags, s->args[2] & RAW_CLOEXEC ? NORMAL_CLOEXEC : 0);
	put_duplicate(key, s, P_dup3_file);
	return emit(key, LANE_BULK);
}

/*
 * Put the working directory (or, with ROOT, the root as the namespace sees it) of the caller into
 * SLOT.
 */
static __always_inline void
put_place(__u32 key, struct scratch *s, __u32 slot, bool root)
{
	struct task_struct *task = (void *)s->task;
	struct fs_struct *fs = READ(task, fs);

	if (root)
		put_path(
		    key, slot, FIELD_OF(fs, struct fs_struct, root), true);
	else
		put_path(
		    key, slot, FIELD_OF(fs, struct fs_struct, pwd), false);
}

FILLER(chdir)
{
	if (s->result < 0 && !s->wanted)
		return 0;
	record_open(s, EV_chdir, P_chdir_COUNT);
	put_user_text(key, P_chdir_path, s->args[0]);
	if (s->result == 0)
		put_place(key, s, P_chdir_new_cwd, false);
	return emit(key, LANE_BULK);
}

FILLER(fchdir)
{
	__u8 *rec;

	if (s->result < 0 && !s->wanted)
		return 0;
	rec = record_open(s, EV_fchdir, P_fchdir_COUNT);
	store(rec, fchdir, fd, fd_arg(s, 0));
	if (s->result == 0)
		put_place(key, s, P_fchdir_new_cwd, false);
	return emit(key, LANE_BULK);
}

FILLER(chroot)
{
	if (s->result < 0 && !s->wanted)
		return 0;
	record_open(s, EV_chroot, P_chroot_COUNT);
	put_user_text(key, P_chroot_path, s->args[0]);
	if (s->result == 0)
		put_place(key, s, P_chroot_new_root, true);
	return emit(key, s->result == 0 ? lane_choose(s, state_of(s)) : LANE_BULK);
}

FILLER(pivot_root)
{
	if (s->result < 0 && !s->wanted)
		return 0;
	record_open(s, EV_pivot_root, P_pivot_root_COUNT);
	put_user_text(key, P_pivot_root_new_root, s->args[0]);
	put_user_text(key, P_pivot_root_put_old, s->args[1]);
	if (s->result == 0)
		put_place(key, s, P_pivot_root_new_cwd, false);
	return emit(key, s->result == 0 ? lane_choose(s, state_of(s)) : LANE_BULK);
}
