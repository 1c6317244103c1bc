/* SPDX-License-Identifier: Apache-2.0 */
/* Names in the file system. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscall/harness.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

/* An empty file NAME in the folder. */
static const char *
made(const char *name)
{
	const char *path = harness_path(name);

	close(open(path, O_WRONLY | O_CREAT, 0600));
	return path;
}

static int
folder_fd(void)
{
	return open(harness_folder(), O_PATH | O_DIRECTORY);
}

static void
unlink_removes(struct expect *e)
{
	const char *path = made("unlink");

	expect_result(e, syscall(SYS_unlink, path));
	expect_text(e, "path", path);
}

static void
unlink_fails(struct expect *e)
{
	expect_result(e, syscall(SYS_unlink, "/nonexistent"));
	expect_text(e, "path", "/nonexistent");
}

SYSCALL_CASES(unlink) = {
	{ "removes a file", unlink_removes },
	{ "fails on a path that is not there", unlink_fails },
	{ NULL, NULL }
};

static void
unlinkat_removes(struct expect *e)
{
	int dir = folder_fd();

	made("unlinkat");
	expect_result(e, unlinkat(dir, "unlinkat", 0));
	expect_number(e, "dirfd", dir);
	expect_text(e, "name", "unlinkat");
	expect_number(e, "flags", 0);
	expect_text(e, "base", harness_folder());
	close(dir);
}

static void
unlinkat_fails(struct expect *e)
{
	expect_result(e, unlinkat(AT_FDCWD, "/nonexistent", AT_REMOVEDIR));
	expect_number(e, "dirfd", AT_FDCWD);
	expect_number(e, "flags", 512);
	expect_absent(e, "base");
}

SYSCALL_CASES(unlinkat) = {
	{ "removes a file of a folder", unlinkat_removes },
	{ "fails on a folder that is not there", unlinkat_fails },
	{ NULL, NULL }
};

static void
rmdir_removes(struct expect *e)
{
	const char *path = harness_path("rmdir");

	mkdir(path, 0700);
	expect_result(e, syscall(SYS_rmdir, path));
	expect_text(e, "path", path);
}

static void
rmdir_fails(struct expect *e)
{
	expect_result(e, syscall(SYS_rmdir, "/etc"));
	expect_text(e, "path", "/etc");
}

SYSCALL_CASES(rmdir) = {
	{ "removes a folder", rmdir_removes },
	{ "fails on a folder that is not empty", rmdir_fails },
	{ NULL, NULL }
};

static void
mkdir_makes(struct expect *e)
{
	const char *path = harness_path("mkdir");

	expect_result(e, syscall(SYS_mkdir, path, 0750));
	expect_text(e, "path", path);
	expect_number(e, "mode", 0750);
}

static void
mkdir_fails(struct expect *e)
{
	expect_result(e, syscall(SYS_mkdir, "/etc", 0700));
	expect_text(e, "path", "/etc");
}

SYSCALL_CASES(mkdir) = {
	{ "makes a folder", mkdir_makes },
	{ "fails where one is", mkdir_fails },
	{ NULL, NULL }
};

static void
mkdirat_makes(struct expect *e)
{
	int dir = folder_fd();

	expect_result(e, mkdirat(dir, "mkdirat", 0711));
	expect_number(e, "dirfd", dir);
	expect_text(e, "path", "mkdirat");
	expect_number(e, "mode", 0711);
	expect_text(e, "base", harness_folder());
	close(dir);
}

static void
mkdirat_fails(struct expect *e)
{
	expect_result(e, mkdirat(-1, "relative", 0700));
	expect_number(e, "dirfd", -1);
	expect_absent(e, "base");
}

SYSCALL_CASES(mkdirat) = {
	{ "makes a folder in a folder", mkdirat_makes },
	{ "fails on a descriptor that is none", mkdirat_fails },
	{ NULL, NULL }
};

static void
rename_renames(struct expect *e)
{
	const char *old = made("rename-old"), *new = harness_path("rename-new");

	expect_result(e, syscall(SYS_rename, old, new));
	expect_text(e, "oldpath", old);
	expect_text(e, "newpath", new);
}

static void
rename_fails(struct expect *e)
{
	expect_result(e, syscall(SYS_rename, "/nonexistent", "/tmp/x"));
	expect_text(e, "oldpath", "/nonexistent");
	expect_text(e, "newpath", "/tmp/x");
}

SYSCALL_CASES(rename) = {
	{ "renames", rename_renames },
	{ "fails on a path that is not there", rename_fails },
	{ NULL, NULL }
};

static void
renameat_renames(struct expect *e)
{
	int dir = folder_fd();
	const char *new = harness_path("renameat-new");

	made("renameat-old");
	expect_result(e, syscall(SYS_renameat, dir, "renameat-old", AT_FDCWD, new));
	expect_number(e, "olddirfd", dir);
	expect_text(e, "oldpath", "renameat-old");
	expect_number(e, "newdirfd", AT_FDCWD);
	expect_text(e, "newpath", new);
	expect_text(e, "old_base", harness_folder());
	expect_absent(e, "new_base");
	close(dir);
}

static void
renameat_fails(struct expect *e)
{
	expect_result(e, syscall(SYS_renameat, -1, "a", -2, "b"));
	expect_number(e, "olddirfd", -1);
	expect_number(e, "newdirfd", -2);
}

SYSCALL_CASES(renameat) = {
	{ "renames out of a folder", renameat_renames },
	{ "fails on descriptors that are none", renameat_fails },
	{ NULL, NULL }
};

static void
renameat2_renames(struct expect *e)
{
	int dir = folder_fd();
	const char *old = made("renameat2-old");

	expect_result(e, syscall(SYS_renameat2, AT_FDCWD, old, dir, "renameat2-new", 1));
	expect_text(e, "oldpath", old);
	expect_text(e, "newpath", "renameat2-new");
	expect_number(e, "flags", 1);
	expect_absent(e, "old_base");
	expect_text(e, "new_base", harness_folder());
	close(dir);
}

static void
renameat2_fails(struct expect *e)
{
	expect_result(e, syscall(SYS_renameat2, AT_FDCWD, "/nonexistent", AT_FDCWD, "/nowhere", 2));
	expect_number(e, "flags", 2);
}

SYSCALL_CASES(renameat2) = {
	{ "renames into a folder, not over anything", renameat2_renames },
	{ "fails on an exchange with nothing", renameat2_fails },
	{ NULL, NULL }
};

static void
link_links(struct expect *e)
{
	const char *old = made("link-old"), *new = harness_path("link-new");

	expect_result(e, syscall(SYS_link, old, new));
	expect_text(e, "oldpath", old);
	expect_text(e, "newpath", new);
}

static void
link_fails(struct expect *e)
{
	expect_result(e, syscall(SYS_link, "/nonexistent", "/tmp/x"));
	expect_text(e, "oldpath", "/nonexistent");
}

SYSCALL_CASES(link) = {
	{ "links", link_links },
	{ "fails on a path that is not there", link_fails },
	{ NULL, NULL }
};

static void
linkat_links(struct expect *e)
{
	int dir = folder_fd();

	made("linkat-old");
	expect_result(e, linkat(dir, "linkat-old", dir, "linkat-new", AT_SYMLINK_FOLLOW));
	expect_number(e, "olddir", dir);
	expect_text(e, "oldpath", "linkat-old");
	expect_number(e, "newdir", dir);
	expect_text(e, "newpath", "linkat-new");
	expect_number(e, "flags", AT_SYMLINK_FOLLOW);
	expect_text(e, "old_base", harness_folder());
	expect_text(e, "new_base", harness_folder());
	close(dir);
}

static void
linkat_fails(struct expect *e)
{
	expect_result(e, linkat(AT_FDCWD, "/nonexistent", AT_FDCWD, "/nowhere", 0));
	expect_number(e, "flags", 0);
	expect_absent(e, "old_base");
}

SYSCALL_CASES(linkat) = {
	{ "links in a folder", linkat_links },
	{ "fails on a path that is not there", linkat_fails },
	{ NULL, NULL }
};

static void
symlink_links(struct expect *e)
{
	const char *path = harness_path("symlink");

	expect_result(e, syscall(SYS_symlink, "/etc/shadow", path));
	expect_text(e, "target", "/etc/shadow");
	expect_text(e, "linkpath", path);
}

static void
symlink_fails(struct expect *e)
{
	expect_result(e, syscall(SYS_symlink, "target", "/etc/passwd"));
	expect_text(e, "target", "target");
	expect_text(e, "linkpath", "/etc/passwd");
}

SYSCALL_CASES(symlink) = {
	{ "makes a symbolic link", symlink_links },
	{ "fails where something is", symlink_fails },
	{ NULL, NULL }
};

static void
symlinkat_links(struct expect *e)
{
	int dir = folder_fd();

	expect_result(e, symlinkat("/etc/shadow", dir, "symlinkat"));
	expect_text(e, "target", "/etc/shadow");
	expect_number(e, "linkdirfd", dir);
	expect_text(e, "linkpath", "symlinkat");
	expect_text(e, "base", harness_folder());
	close(dir);
}

static void
symlinkat_fails(struct expect *e)
{
	expect_result(e, symlinkat("x", -1, "y"));
	expect_number(e, "linkdirfd", -1);
}

SYSCALL_CASES(symlinkat) = {
	{ "makes a symbolic link in a folder", symlinkat_links },
	{ "fails on a descriptor that is none", symlinkat_fails },
	{ NULL, NULL }
};

static void
chmod_changes(struct expect *e)
{
	const char *path = made("chmod");

	expect_result(e, syscall(SYS_chmod, path, 04755));
	expect_text(e, "filename", path);
	expect_number(e, "mode", 04755);
}

static void
chmod_fails(struct expect *e)
{
	expect_result(e, syscall(SYS_chmod, "/nonexistent", 0644));
	expect_text(e, "filename", "/nonexistent");
	expect_number(e, "mode", 0644);
}

SYSCALL_CASES(chmod) = {
	{ "changes the mode", chmod_changes },
	{ "fails on a path that is not there", chmod_fails },
	{ NULL, NULL }
};

static void
fchmod_changes(struct expect *e)
{
	int fd = open(made("fchmod"), O_RDONLY);

	expect_result(e, fchmod(fd, 02711));
	expect_number(e, "fd", fd);
	expect_number(e, "mode", 02711);
	expect_file(e, fd);
	close(fd);
}

static void
fchmod_fails(struct expect *e)
{
	expect_result(e, fchmod(-1, 0600));
	expect_number(e, "fd", -1);
	expect_absent(e, "file");
}

SYSCALL_CASES(fchmod) = {
	{ "changes the mode of an open file", fchmod_changes },
	{ "fails on a descriptor that is none", fchmod_fails },
	{ NULL, NULL }
};

static void
fchmodat_changes(struct expect *e)
{
	int dir = folder_fd();

	made("fchmodat");
	expect_result(e, syscall(SYS_fchmodat, dir, "fchmodat", 0777));
	expect_number(e, "dirfd", dir);
	expect_text(e, "filename", "fchmodat");
	expect_number(e, "mode", 0777);
	expect_text(e, "base", harness_folder());
	close(dir);
}

static void
fchmodat_fails(struct expect *e)
{
	expect_result(e, syscall(SYS_fchmodat, AT_FDCWD, "/nonexistent", 0777));
	expect_number(e, "dirfd", AT_FDCWD);
	expect_absent(e, "base");
}

SYSCALL_CASES(fchmodat) = {
	{ "changes the mode in a folder", fchmodat_changes },
	{ "fails on a path that is not there", fchmodat_fails },
	{ NULL, NULL }
};

static void
fchmodat2_changes(struct expect *e)
{
	int dir = folder_fd();
	long got;

	made("fchmodat2");
	got = syscall(SYS_fchmodat2, dir, "fchmodat2", 0640, AT_SYMLINK_NOFOLLOW);
	expect_result(e, got);
	if (e->result == -ENOSYS) {
		expect_skip(e, "this kernel has no fchmodat2");
		return;
	}
	expect_number(e, "dirfd", dir);
	expect_text(e, "filename", "fchmodat2");
	expect_number(e, "mode", 0640);
	expect_number(e, "flags", AT_SYMLINK_NOFOLLOW);
	expect_text(e, "base", harness_folder());
	close(dir);
}

static void
fchmodat2_fails(struct expect *e)
{
	expect_result(e, syscall(SYS_fchmodat2, AT_FDCWD, "/nonexistent", 0640, 0));
	if (e->result == -ENOSYS)
		expect_skip(e, "this kernel has no fchmodat2");
	expect_text(e, "filename", "/nonexistent");
}

SYSCALL_CASES(fchmodat2) = {
	{ "changes the mode with flags", fchmodat2_changes },
	{ "fails on a path that is not there", fchmodat2_fails },
	{ NULL, NULL }
};

