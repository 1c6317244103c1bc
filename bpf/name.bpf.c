/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* Names in the file system: removing, making, renaming, linking, modes, mounts. */
#include "file.h"

enum {
	MOUNT_MAGIC = 0xc0ed0000,
	MOUNT_MAGIC_MASK = 0xffff0000, /* of programs from before 2.4, means nothing */
	RENAME_FLAGS = 7,
	UMOUNT_FLAGS = 15
};

FILLER(unlink)
{
	record_open(s, EV_unlink, P_unlink_COUNT);
	put_user_text(key, P_unlink_path, s->args[0]);
	return emit(key, LANE_BULK);
}

FILLER(unlinkat)
{
	__u8 *rec = record_open(s, EV_unlinkat, P_unlinkat_COUNT);

	store(rec, unlinkat, dirfd, fd_arg(s, 0));
	put_user_text(key, P_unlinkat_name, s->args[1]);
	store(rec, unlinkat, flags, normal_unlinkat_flags(s->args[2]));
	put_base(key, s, P_unlinkat_base, fd_arg(s, 0), s->args[1]);
	return emit(key, LANE_BULK);
}

FILLER(rmdir)
{
	record_open(s, EV_rmdir, P_rmdir_COUNT);
	put_user_text(key, P_rmdir_path, s->args[0]);
	return emit(key, LANE_BULK);
}

FILLER(mkdir)
{
	__u8 *rec = record_open(s, EV_mkdir, P_mkdir_COUNT);

	put_user_text(key, P_mkdir_path, s->args[0]);
	store(rec, mkdir, mode, (__u16)s->args[1]);
	return emit(key, LANE_BULK);
}

FILLER(mkdirat)
{
	__u8 *rec = record_open(s, EV_mkdirat, P_mkdirat_COUNT);

	store(rec, mkdirat, dirfd, fd_arg(s, 0));
	put_user_text(key, P_mkdirat_path, s->args[1]);
	store(rec, mkdirat, mode, (__u16)s->args[2]);
	put_base(key, s, P_mkdirat_base, fd_arg(s, 0), s->args[1]);
	return emit(key, LANE_BULK);
}

FILLER(rename)
{
	record_open(s, EV_rename, P_rename_COUNT);
	put_user_text(key, P_rename_oldpath, s->args[0]);
	put_user_text(key, P_rename_newpath, s->args[1]);
	return emit(key, LANE_BULK);
}

FILLER(renameat)
{
	__u8 *rec = record_open(s, EV_renameat, P_renameat_COUNT);

	store(rec, renameat, olddirfd, fd_arg(s, 0));
	put_user_text(key, P_renameat_oldpath, s->args[1]);
	store(rec, renameat, newdirfd, fd_arg(s, 2));
	put_user_text(key, P_renameat_newpath, s->args[3]);
	put_base(key, s, P_renameat_old_base, fd_arg(s, 0), s->args[1]);
	put_base(key, s, P_renameat_new_base, fd_arg(s, 2), s->args[3]);
	return emit(key, LANE_BULK);
}

FILLER(renameat2)
{
	__u8 *rec = record_open(s, EV_renameat2, P_renameat2_COUNT);

	store(rec, renameat2, olddirfd, fd_arg(s, 0));
	put_user_text(key, P_renameat2_oldpath, s->args[1]);
	store(rec, renameat2, newdirfd, fd_arg(s, 2));
	put_user_text(key, P_renameat2_newpath, s->args[3]);
	store(rec, renameat2, flags, s->args[4] & RENAME_FLAGS);
	put_base(key, s, P_renameat2_old_base, fd_arg(s, 0), s->args[1]);
	put_base(key, s, P_renameat2_new_base, fd_arg(s, 2), s->args[3]);
	return emit(key, LANE_BULK);
}

FILLER(link)
{
	record_open(s, EV_link, P_link_COUNT);
	put_user_text(key, P_link_oldpath, s->args[0]);
	put_user_text(key, P_link_newpath, s->args[1]);
	return emit(key, LANE_BULK);
}

FILLER(linkat)
{
	__u8 *rec = record_open(s, EV_linkat, P_linkat_COUNT);

	store(rec, linkat, olddir, fd_arg(s, 0));
	put_user_text(key, P_linkat_oldpath, s->args[1]);
	store(rec, linkat, newdir, fd_arg(s, 2));
	put_user_text(key, P_linkat_newpath, s->args[3]);
	store(rec, linkat, flags, normal_linkat_flags(s->args[4]));
	put_base(key, s, P_linkat_old_base, fd_arg(s, 0), s->args[1]);
	put_base(key, s, P_linkat_new_base, fd_arg(s, 2), s->args[3]);
	return emit(key, LANE_BULK);
}

FILLER(symlink)
{
	record_open(s, EV_symlink, P_symlink_COUNT);
	put_user_text(key, P_symlink_target, s->args[0]);
	put_user_text(key, P_symlink_linkpath, s->args[1]);
	return emit(key, LANE_BULK);
}

FILLER(symlinkat)
{
	__u8 *rec = record_open(s, EV_symlinkat, P_symlinkat_COUNT);

	put_user_text(key, P_symlinkat_target, s->args[0]);
	store(rec, symlinkat, linkdirfd, fd_arg(s, 1));
	put_user_text(key, P_symlinkat_linkpath, s->args[2]);
	put_base(key, s, P_symlinkat_base, fd_arg(s, 1), s->args[2]);
	return emit(key, LANE_BULK);
}

FILLER(chmod)
{
	__u8 *rec = record_open(s, EV_chmod, P_chmod_COUNT);

	put_user_text(key, P_chmod_filename, s->args[0]);
	store(rec, chmod, mode, normal_mode(s->args[1]));
	return emit(key, LANE_BULK);
}

FILLER(fchmod)
{
	__u8 *rec = record_open(s, EV_fchmod, P_fchmod_COUNT);

	store(rec, fchmod, fd, fd_arg(s, 0));
	store(rec, fchmod, mode, normal_mode(s->args[1]));
	put_file_truth(key, s, P_fchmod_file, fd_file(s, fd_arg(s, 0)));
	return emit(key, LANE_BULK);
}

FILLER(fchmodat)
{
	__u8 *rec = record_open(s, EV_fchmodat, P_fchmodat_COUNT);

	store(rec, fchmodat, dirfd, fd_arg(s, 0));
	put_user_text(key, P_fchmodat_filename, s->args[1]);
	store(rec, fchmodat, mode, normal_mode(s->args[2]));
	put_base(key, s, P_fchmodat_base, fd_arg(s, 0), s->args[1]);
	return emit(key, LANE_BULK);
}

FILLER(fchmodat2)
{
	__u8 *rec = record_open(s, EV_fchmodat2, P_fchmodat2_COUNT);

	store(rec, fchmodat2, dirfd, fd_arg(s, 0));
	put_user_text(key, P_fchmodat2_filename, s->args[1]);
	store(rec, fchmodat2, mode, normal_mode(s->args[2]));
	store(rec, fchmodat2, flags, (__u32)s->args[3]);
	put_base(key, s, P_fchmodat2_base, fd_arg(s, 0), s->args[1]);
	return emit(key, LANE_BULK);
}

FILLER(mount)
{
	__u8 *rec = record_open(s, EV_mount, P_mount_COUNT);
	__u32 flags = (__u32)s->args[3];

	put_user_text(key, P_mount_dev, s->args[0]);
	put_user_text(key, P_mount_dir, s->args[1]);
	put_user_text(key, P_mount_type, s->args[2]);
	if ((flags & MOUNT_MAGIC_MASK) == MOUNT_MAGIC)
		flags &= ~MOUNT_MAGIC_MASK;
	store(rec, mount, flags, flags);
	return emit(key, LANE_BULK);
}

/* The older umount, which has no flags and on some machines only a 32-bit number. */
static __always_inline int
put_umount(__u32 key, struct scratch *s)
{
	record_open(s, EV_umount, P_umount_COUNT);
	put_user_text(key, P_umount_name, s->args[0]);
	return emit(key, LANE_BULK);
}

FILLER(umount)
{
	return put_umount(key, s);
}

FILLER(umount2)
{
	__u8 *rec;

	if (s->compat && s->compat_nr == COMPAT_UMOUNT)
		return put_umount(key, s);
	rec = record_open(s, EV_umount2, P_umount2_COUNT);
	put_user_text(key, P_umount2_name, s->args[0]);
	store(rec, umount2, flags, s->args[1] & UMOUNT_FLAGS);
	return emit(key, LANE_BULK);
}
