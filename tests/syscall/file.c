/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, closing, duplicating descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "normal.h"
#include "syscall/compat.h"
#include "syscall/harness.h"

enum { CREATED = 16384, UPPER = 32768, LOWER = 65536 };

static long
raw(long nr, long a, long b, long c, long d)
{
	return syscall(nr, a, b, c, d, 0);
}

static void
open_creates(struct expect *e)
{
	const char *path = harness_path("open-new");
	int fd = (int)raw(SYS_open, (long)path, O_RDWR | O_CREAT | O_EXCL, 0640, 0);

	expect_result(e, fd);
	expect_text(e, "name", path);
	expect_number(e, "flags", normal_open_flags(O_RDWR | O_CREAT | O_EXCL) | CREATED);
	expect_number(e, "mode", 0640);
	expect_inode(e, fd);
	expect_file(e, fd);
	close(fd);
}

static void
open_fails(struct expect *e)
{
	expect_result(e, raw(SYS_open, (long)"/nonexistent/file", O_RDONLY, 0777, 0));
	expect_text(e, "name", "/nonexistent/file");
	expect_number(e, "flags", 1);
	expect_number(e, "mode", 0);
	expect_absent(e, "ino");
	expect_absent(e, "file");
}

static void
open_compat(struct expect *e)
{
	int64_t fd = compat_call(5, compat_text("/etc/passwd"), O_RDONLY | O_DIRECTORY, 0);

	if (fd == -ENOSYS) {
		expect_skip(e, "this machine takes no 32-bit calls");
		return;
	}
	e->result = fd;
	e->compat = 1;
	expect_text(e, "name", "/etc/passwd");
	expect_number(e, "flags", normal_open_flags(O_RDONLY | O_DIRECTORY));
}

SYSCALL_CASES(open) = {
	{ "creates a file and says so", open_creates },
	{ "fails on a path that is not there", open_fails },
	{ "is told of 32-bit programs as well", open_compat },
	{ NULL, NULL }
};

static void
openat_opens(struct expect *e)
{
	int fd = openat(AT_FDCWD, "/etc/./../etc/passwd", O_RDONLY | O_CLOEXEC);

	expect_result(e, fd);
	expect_number(e, "dirfd", AT_FDCWD);
	expect_text(e, "name", "/etc/./../etc/passwd");
	expect_number(e, "flags", normal_open_flags(O_RDONLY | O_CLOEXEC));
	expect_inode(e, fd);
	expect_file(e, fd);
	expect_absent(e, "base");
	close(fd);
}

static void
openat_relative(struct expect *e)
{
	int dir = open(harness_folder(), O_PATH | O_DIRECTORY);
	int fd = openat(dir, "relative", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	expect_result(e, fd);
	expect_number(e, "dirfd", dir);
	expect_text(e, "name", "relative");
	expect_text(e, "base", harness_folder());
	expect_text(e, "file", harness_path("relative"));
	expect_number(e, "mode", 0600);
	close(fd);
	close(dir);
}

static void
openat_standard_input(struct expect *e)
{
	int saved = dup(0), fd;

	close(0);
	fd = openat(AT_FDCWD, "/dev/null", O_RDONLY);
	expect_result(e, fd);
	expect_text(e, "file", "/dev/null");
	expect_inode(e, fd);
	dup2(saved, 0);
	close(saved);
}

static void
openat_symlink(struct expect *e)
{
	const char *link = harness_path("link-to-passwd");
	int fd;

	if (symlink("/etc/passwd", link) < 0)
		return;
	fd = openat(AT_FDCWD, link, O_RDONLY);
	expect_result(e, fd);
	expect_text(e, "name", link);
	expect_text(e, "file", "/etc/passwd");
	close(fd);
}

static void
openat_deep(struct expect *e)
{
	int dir = open(harness_folder(), O_PATH), fd;

	for (int i = 0; i < 140; i++) {
		mkdirat(dir, "deep", 0700);
		fd = openat(dir, "deep", O_PATH);
		close(dir);
		dir = fd;
	}
	fd = openat(dir, "leaf", O_WRONLY | O_CREAT, 0600);
	expect_result(e, fd);
	expect_text(e, "name", "leaf");
	expect_truncated(e, "file");
	close(fd);
	close(dir);
}

static void
openat_long(struct expect *e)
{
	char name[5000];

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	expect_result(e, raw(SYS_openat, AT_FDCWD, (long)name, O_RDONLY, 0));
	expect_truncated(e, "name");
}

static void
openat_unreadable(struct expect *e)
{
	expect_result(e, raw(SYS_openat, AT_FDCWD, 16, O_RDONLY, 0));
	expect_unreadable(e, "name");
}

/* An overlay over two folders of our own: its upper layer is new, its lower one has a file. */
static bool
overlay_mount(struct expect *e)
{
	static const char *const folders[] = { "lower", "upper", "work", "merged" };
	char options[1024];

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", harness_folder(), "tmpfs", 0, NULL) < 0) {
		expect_skip(e, "nothing can be mounted");
		return false;
	}
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		mkdir(harness_path(folders[i]), 0700);
	close(open(harness_path("lower/below"), O_WRONLY | O_CREAT, 0600));
	snprintf(options, sizeof(options), "lowerdir=%s,upperdir=%s,workdir=%s",
	    harness_path("lower"), harness_path("upper"), harness_path("work"));
	if (mount("overlay", harness_path("merged"), "overlay", 0, options) == 0)
		return true;
	expect_skip(e, "this kernel has no overlays");
	return false;
}

static void
openat_upper_act(struct expect *e)
{
	const char *path;
	int fd;

	if (!overlay_mount(e))
		return;
	path = harness_path("merged/above");
	fd = openat(AT_FDCWD, path, O_WRONLY | O_CREAT, 0600);
	expect_result(e, fd);
	expect_text(e, "file", path);
	expect_number(e, "flags", normal_open_flags(O_WRONLY | O_CREAT) | CREATED | UPPER);
}

static void
openat_upper(struct expect *e)
{
	harness_child(e, openat_upper_act);
}

static void
openat_lower_act(struct expect *e)
{
	int fd;

	if (!overlay_mount(e))
		return;
	fd = openat(AT_FDCWD, harness_path("merged/below"), O_RDONLY);
	expect_result(e, fd);
	expect_text(e, "name", harness_path("merged/below"));
	expect_number(e, "flags", normal_open_flags(O_RDONLY) | LOWER);
}

static void
openat_lower(struct expect *e)
{
	harness_child(e, openat_lower_act);
}

SYSCALL_CASES(openat) = {
	{ "tells the path that was opened beside the spelling", openat_opens },
	{ "tells the directory of a relative spelling", openat_relative },
	{ "tells the file of descriptor 0", openat_standard_input },
	{ "tells the target of a symbolic link", openat_symlink },
	{ "says that a file is of an overlay's upper layer", openat_upper },
	{ "says that a file is of an overlay's lower layer", openat_lower },
	{ "marks a path of too many components", openat_deep },
	{ "marks a spelling that is too long", openat_long },
	{ "marks a spelling that can not be read", openat_unreadable },
	{ NULL, NULL }
};

static void
openat2_resolves(struct expect *e)
{
	struct open_how how = { .flags = O_RDONLY | O_NONBLOCK,
		.resolve = RESOLVE_NO_MAGICLINKS | RESOLVE_CACHED };
	int fd;

	close(open("/etc/passwd", O_RDONLY));
	fd = (int)raw(SYS_openat2, AT_FDCWD, (long)"/etc/passwd", (long)&how, sizeof(how));
	expect_result(e, fd);
	expect_text(e, "name", "/etc/passwd");
	expect_number(e, "flags", normal_open_flags(how.flags));
	expect_number(e, "resolve", 4 | 32);
	expect_file(e, fd);
	close(fd);
}

static void
openat2_fails(struct expect *e)
{
	struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_BENEATH };

	expect_result(e, raw(SYS_openat2, AT_FDCWD, (long)"/etc/passwd", (long)&how, sizeof(how)));
	expect_number(e, "resolve", 1);
	expect_absent(e, "file");
}

SYSCALL_CASES(openat2) = {
	{ "reads open_how", openat2_resolves },
	{ "fails on a path that leaves its directory", openat2_fails },
	{ NULL, NULL }
};

static void
creat_creates(struct expect *e)
{
	const char *path = harness_path("creat-new");
	int fd = (int)raw(SYS_creat, (long)path, 0604, 0, 0);

	expect_result(e, fd);
	expect_text(e, "name", path);
	expect_number(e, "mode", 0604);
	expect_number(e, "creat_flags", 0);
	expect_inode(e, fd);
	expect_file(e, fd);
	close(fd);
}

static void
creat_fails(struct expect *e)
{
	expect_result(e, raw(SYS_creat, (long)"/nonexistent/file", 0600, 0, 0));
	expect_text(e, "name", "/nonexistent/file");
	expect_absent(e, "dev");
}

SYSCALL_CASES(creat) = {
	{ "creates a file", creat_creates },
	{ "fails where there is no folder", creat_fails },
	{ NULL, NULL }
};

static void
close_closes(struct expect *e)
{
	int fd = open("/dev/null", O_RDONLY);

	expect_result(e, close(fd));
	expect_number(e, "fd", fd);
}

static void
close_fails(struct expect *e)
{
	expect_result(e, close(-7));
	expect_number(e, "fd", -7);
}

SYSCALL_CASES(close) = {
	{ "closes", close_closes },
	{ "fails on a descriptor that is none", close_fails },
	{ NULL, NULL }
};

static void
dup_duplicates(struct expect *e)
{
	int fd = open("/etc/passwd", O_RDONLY), copy = dup(fd);

	expect_result(e, copy);
	expect_number(e, "oldfd", fd);
	expect_file(e, copy);
	expect_absent(e, "sock");
	close(fd);
	close(copy);
}

static void
dup_fails(struct expect *e)
{
	expect_result(e, dup(-1));
	expect_number(e, "oldfd", -1);
	expect_absent(e, "file");
}

static void
dup_pipe(struct expect *e)
{
	int ends[2], copy;

	if (pipe(ends) < 0)
		return;
	copy = dup(ends[1]);
	expect_result(e, copy);
	expect_file(e, copy);
	close(ends[0]);
	close(ends[1]);
	close(copy);
}

static void
dup_socket(struct expect *e)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), copy = dup(fd);

	expect_result(e, copy);
	expect_file(e, copy);
	expect_number(e, "sock", AF_INET | SOCK_DGRAM << 16 | 17ll << 32);
	close(fd);
	close(copy);
}

static void
dup_memfd(struct expect *e)
{
	int fd = memfd_create("a name", 0), copy = dup(fd);

	expect_result(e, copy);
	expect_text(e, "file", "memfd:a name");
	close(fd);
	close(copy);
}

static void
dup_eventfd(struct expect *e)
{
	int fd = eventfd(0, 0), copy = dup(fd);

	expect_result(e, copy);
	expect_file(e, copy);
	close(fd);
	close(copy);
}

static void
dup_deleted(struct expect *e)
{
	const char *path = harness_path("to-be-deleted");
	int fd = open(path, O_RDWR | O_CREAT, 0600), copy;

	unlink(path);
	copy = dup(fd);
	expect_result(e, copy);
	expect_text(e, "file", path);
	close(fd);
	close(copy);
}

SYSCALL_CASES(dup) = {
	{ "duplicates a file", dup_duplicates },
	{ "fails on a descriptor that is none", dup_fails },
	{ "names a pipe", dup_pipe },
	{ "names a socket and says what it is", dup_socket },
	{ "names memory that is a file", dup_memfd },
	{ "names an anonymous inode", dup_eventfd },
	{ "tells the path of a deleted file as it was", dup_deleted },
	{ NULL, NULL }
};

static void
dup2_duplicates(struct expect *e)
{
	int fd = open("/etc/passwd", O_RDONLY);

	expect_result(e, dup2(fd, 97));
	expect_number(e, "oldfd", fd);
	expect_number(e, "newfd", 97);
	expect_file(e, 97);
	close(fd);
	close(97);
}

static void
dup2_fails(struct expect *e)
{
	expect_result(e, dup2(-1, 97));
	expect_number(e, "oldfd", -1);
	expect_number(e, "newfd", 97);
}

SYSCALL_CASES(dup2) = {
	{ "duplicates to a chosen number", dup2_duplicates },
	{ "fails on a descriptor that is none", dup2_fails },
	{ NULL, NULL }
};

static void
dup3_duplicates(struct expect *e)
{
	int fd = open("/etc/passwd", O_RDONLY);

	expect_result(e, dup3(fd, 98, O_CLOEXEC));
	expect_number(e, "newfd", 98);
	expect_number(e, "flags", 4096);
	expect_file(e, 98);
	close(fd);
	close(98);
}

static void
dup3_fails(struct expect *e)
{
	expect_result(e, dup3(1, 1, 0));
	expect_number(e, "oldfd", 1);
	expect_number(e, "newfd", 1);
	expect_number(e, "flags", 0);
}

SYSCALL_CASES(dup3) = {
	{ "duplicates with flags", dup3_duplicates },
	{ "fails on the same descriptor twice", dup3_fails },
	{ NULL, NULL }
};
