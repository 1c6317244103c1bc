/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts, the working directory and the root. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscall/compat.h"
#include "syscall/harness.h"

static void
mount_in_child(struct expect *e)
{
	if (unshare(CLONE_NEWNS) < 0) {
		expect_skip(e, "no mount namespace can be made");
		return;
	}
	expect_result(e, syscall(SYS_mount, NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	expect_absent(e, "dev");
	expect_text(e, "dir", "/");
	expect_absent(e, "type");
	expect_number(e, "flags", MS_REC | MS_PRIVATE);
}

static void
mount_changes(struct expect *e)
{
	harness_child(e, mount_in_child);
}

static void
mount_fails(struct expect *e)
{
	expect_result(e,
	    syscall(SYS_mount, "source", "/nonexistent", "tmpfs", MS_RDONLY | 0xc0ed0000, NULL));
	expect_text(e, "dev", "source");
	expect_text(e, "dir", "/nonexistent");
	expect_text(e, "type", "tmpfs");
	expect_number(e, "flags", MS_RDONLY);
}

SYSCALL_CASES(mount) = {
	{ "changes a mount that has no device", mount_changes },
	{ "fails on a path that is not there, and leaves the old magic out", mount_fails },
	{ NULL, NULL }
};

static void
umount2_in_child(struct expect *e)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("source", harness_folder(), "tmpfs", 0, NULL) < 0) {
		expect_skip(e, "nothing can be mounted");
		return;
	}
	expect_result(e, syscall(SYS_umount2, harness_folder(), MNT_DETACH));
	expect_text(e, "name", harness_folder());
	expect_number(e, "flags", 2);
}

static void
umount2_unmounts(struct expect *e)
{
	harness_child(e, umount2_in_child);
}

static void
umount2_fails(struct expect *e)
{
	expect_result(e, syscall(SYS_umount2, "/nonexistent", UMOUNT_NOFOLLOW));
	expect_text(e, "name", "/nonexistent");
	expect_number(e, "flags", 8);
}

SYSCALL_CASES(umount2) = {
	{ "unmounts", umount2_unmounts },
	{ "fails on a path that is not there", umount2_fails },
	{ NULL, NULL }
};

/* The number 22 of 32-bit programs; 64-bit ones have no such call. */
static void
umount_fails(struct expect *e)
{
	char *path = compat_text("/nonexistent");

	e->result = compat_call(22, path, 0, 0);
	if (e->result == -ENOSYS) {
		expect_skip(e, "this machine takes no 32-bit calls");
		return;
	}
	e->compat = 1;
	expect_text(e, "name", "/nonexistent");
}

SYSCALL_CASES(umount) = {
	{ "fails on a path that is not there, as a 32-bit call", umount_fails },
	{ NULL, NULL }
};

static void
pivot_root_in_child(struct expect *e)
{
	const char *old = harness_path("old");

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("source", harness_folder(), "tmpfs", 0, NULL) < 0 || mkdir(old, 0700) < 0) {
		expect_skip(e, "nothing can be mounted");
		return;
	}
	if (syscall(SYS_pivot_root, harness_folder(), old) < 0) {
		expect_skip(e, "the root of this machine can not be moved");
		return;
	}
	expect_result(e, 0);
	expect_text(e, "new_root", harness_folder());
	expect_text(e, "put_old", old);
	expect_lane(e, LANE_LIFE);
}

static void
pivot_root_moves(struct expect *e)
{
	harness_want(e, false);
	harness_child(e, pivot_root_in_child);
}

static void
pivot_root_fails(struct expect *e)
{
	expect_result(e, syscall(SYS_pivot_root, "/nonexistent", "/nowhere"));
	expect_text(e, "new_root", "/nonexistent");
	expect_text(e, "put_old", "/nowhere");
	expect_absent(e, "new_cwd");
	expect_lane(e, LANE_BULK);
}

SYSCALL_CASES(pivot_root) = {
	{ "moves the root, as an act of life", pivot_root_moves },
	{ "fails on a path that is not there", pivot_root_fails },
	{ NULL, NULL }
};

static void
chdir_changes(struct expect *e)
{
	int before = open(".", O_PATH);

	harness_want(e, false);
	expect_result(e, chdir(harness_folder()));
	expect_text(e, "path", harness_folder());
	expect_text(e, "new_cwd", harness_folder());
	if (fchdir(before) < 0)
		abort();
	close(before);
}

static void
chdir_fails(struct expect *e)
{
	expect_result(e, chdir("/nonexistent"));
	expect_text(e, "path", "/nonexistent");
	expect_absent(e, "new_cwd");
}

static void
chdir_unwanted(struct expect *e)
{
	harness_want(e, false);
	expect_result(e, chdir("/nonexistent"));
	expect_nothing(e);
}

SYSCALL_CASES(chdir) = {
	{ "is told though no rule wants it", chdir_changes },
	{ "fails on a path that is not there", chdir_fails },
	{ "is not told when it failed and no rule wants it", chdir_unwanted },
	{ NULL, NULL }
};

static void
fchdir_changes(struct expect *e)
{
	int before = open(".", O_PATH), fd = open("/usr", O_PATH);

	harness_want(e, false);
	expect_result(e, fchdir(fd));
	expect_number(e, "fd", fd);
	expect_text(e, "new_cwd", "/usr");
	close(fd);
	if (fchdir(before) < 0)
		abort();
	close(before);
}

static void
fchdir_fails(struct expect *e)
{
	expect_result(e, fchdir(-1));
	expect_number(e, "fd", -1);
}

SYSCALL_CASES(fchdir) = {
	{ "is told though no rule wants it", fchdir_changes },
	{ "fails on a descriptor that is none", fchdir_fails },
	{ NULL, NULL }
};

static void
chroot_in_child(struct expect *e)
{
	expect_result(e, chroot(harness_folder()));
	expect_text(e, "path", harness_folder());
	if (!harness_in_chroot())
		expect_text(e, "new_root", harness_folder());
	expect_lane(e, LANE_LIFE);
}

static void
chroot_changes(struct expect *e)
{
	harness_want(e, false);
	harness_child(e, chroot_in_child);
}

static void
chroot_fails(struct expect *e)
{
	expect_result(e, chroot("/nonexistent"));
	expect_text(e, "path", "/nonexistent");
	expect_absent(e, "new_root");
	expect_lane(e, LANE_BULK);
}

SYSCALL_CASES(chroot) = {
	{ "tells the new root from outside, as an act of life", chroot_changes },
	{ "fails on a path that is not there", chroot_fails },
	{ NULL, NULL }
};
