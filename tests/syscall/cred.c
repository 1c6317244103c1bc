/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials, namespaces, sessions. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "normal.h"
#include "syscall/compat.h"
#include "syscall/harness.h"

enum { OTHER = 65534 };

/* Effective, permitted or inheritable set of the calling thread. */
static int64_t
caps(const char *line)
{
	FILE *file = fopen("/proc/thread-self/status", "r");
	char text[256];
	int64_t value = -1;

	while (file && fgets(text, sizeof(text), file))
		if (strncmp(text, line, strlen(line)) == 0)
			value = (int64_t)strtoull(text + strlen(line), NULL, 16);
	if (file)
		fclose(file);
	return value;
}

/* What holds after a call that changed UID or GID from 0. */
static void
expect_changed(struct expect *e)
{
	expect_number(e, "cred_uid", geteuid());
	expect_number(e, "cred_gid", getegid());
	expect_number(e, "cred_effective", caps("CapEff:"));
	expect_number(e, "cred_permitted", caps("CapPrm:"));
	expect_number(e, "cred_inheritable", caps("CapInh:"));
	expect_number(e, "old_uid", 0);
	expect_number(e, "old_gid", 0);
	expect_lane(e, LANE_LIFE);
}

/* A change is told, in the life lane, though no rule wants it. */
static void
changes(struct expect *e, void (*act)(struct expect *))
{
	harness_want(e, false);
	harness_child(e, act);
}

#define CHANGES(call) \
static void \
call##_changes(struct expect *e) \
{ \
	changes(e, call##_act); \
}

static void
setuid_act(struct expect *e)
{
	expect_result(e, syscall(SYS_setuid, OTHER));
	expect_number(e, "uid", OTHER);
	expect_changed(e);
}
CHANGES(setuid)

static void
setuid_fails_act(struct expect *e)
{
	if (syscall(SYS_setresuid, OTHER, OTHER, OTHER) < 0)
		abort();
	expect_result(e, syscall(SYS_setuid, 0));
	expect_number(e, "uid", 0);
	expect_number(e, "cred_uid", OTHER);
	expect_lane(e, LANE_BULK);
}

static void
setuid_fails(struct expect *e)
{
	harness_child(e, setuid_fails_act);
}

static void
setuid_unchanged_act(struct expect *e)
{
	expect_result(e, syscall(SYS_setuid, 0));
	expect_lane(e, LANE_BULK);
}

static void
setuid_unchanged(struct expect *e)
{
	harness_child(e, setuid_unchanged_act);
}

static void
setuid_unwanted(struct expect *e)
{
	harness_want(e, false);
	harness_child(e, setuid_unchanged_act);
	expect_nothing(e);
}

SYSCALL_CASES(setuid) = {
	{ "is an act of life when it changes something", setuid_changes },
	{ "fails for who may not", setuid_fails },
	{ "is bulk when it changes nothing", setuid_unchanged },
	{ "is not told when it changes nothing and no rule wants it", setuid_unwanted },
	{ NULL, NULL }
};

static void
setgid_act(struct expect *e)
{
	expect_result(e, syscall(SYS_setgid, OTHER));
	expect_number(e, "gid", OTHER);
	expect_changed(e);
}
CHANGES(setgid)

static void
setgid_fails(struct expect *e)
{
	expect_result(e, syscall(SYS_setgid, -1));
	expect_number(e, "gid", UINT32_MAX);
	expect_lane(e, LANE_BULK);
}

/* The number 46 of the days of 16-bit ids: 65535 is no id. */
static void
setgid_compat(struct expect *e)
{
	e->result = compat_call(46, (void *)0xffff, 0, 0);
	if (e->result == -ENOSYS) {
		expect_skip(e, "this machine takes no 32-bit calls");
		return;
	}
	e->compat = 1;
	expect_number(e, "gid", UINT32_MAX);
}

SYSCALL_CASES(setgid) = {
	{ "is an act of life when it changes something", setgid_changes },
	{ "fails on no id", setgid_fails },
	{ "knows the 16-bit spelling of no id", setgid_compat },
	{ NULL, NULL }
};

static void
setreuid_act(struct expect *e)
{
	expect_result(e, syscall(SYS_setreuid, -1, OTHER));
	expect_number(e, "ruid", UINT32_MAX);
	expect_number(e, "euid", OTHER);
	expect_changed(e);
}
CHANGES(setreuid)

static void
setreuid_unchanged(struct expect *e)
{
	expect_result(e, syscall(SYS_setreuid, -1, -1));
	expect_number(e, "euid", UINT32_MAX);
	expect_lane(e, LANE_BULK);
}

SYSCALL_CASES(setreuid) = {
	{ "is an act of life when it changes something", setreuid_changes },
	{ "is bulk when it changes nothing", setreuid_unchanged },
	{ NULL, NULL }
};

static void
setregid_act(struct expect *e)
{
	expect_result(e, syscall(SYS_setregid, OTHER, -1));
	expect_number(e, "rgid", OTHER);
	expect_number(e, "egid", UINT32_MAX);
	expect_changed(e);
}
CHANGES(setregid)

static void
setregid_unchanged(struct expect *e)
{
	expect_result(e, syscall(SYS_setregid, -1, -1));
	expect_lane(e, LANE_BULK);
}

SYSCALL_CASES(setregid) = {
	{ "is an act of life when only the real id changes", setregid_changes },
	{ "is bulk when it changes nothing", setregid_unchanged },
	{ NULL, NULL }
};

static void
setresuid_act(struct expect *e)
{
	expect_result(e, syscall(SYS_setresuid, OTHER, OTHER, OTHER));
	expect_number(e, "ruid", OTHER);
	expect_number(e, "euid", OTHER);
	expect_number(e, "suid", OTHER);
	expect_changed(e);
}
CHANGES(setresuid)

static void
setresuid_unchanged(struct expect *e)
{
	expect_result(e, syscall(SYS_setresuid, -1, -1, -1));
	expect_number(e, "suid", UINT32_MAX);
	expect_lane(e, LANE_BULK);
}

/* More changes than a task's allowance: the excess comes in the bulk lane, none is lost. */
static void
setresuid_flood_act(struct expect *e)
{
	for (int i = 0; i < 2000; i++)
		if (syscall(SYS_setresuid, -1, i % 2 ? 0 : OTHER, -1) < 0)
			abort();
	expect_result(e, syscall(SYS_setresuid, OTHER, OTHER, OTHER));
	expect_number(e, "ruid", OTHER);
}

static void
setresuid_flood(struct expect *e)
{
	harness_want(e, false);
	harness_child(e, setresuid_flood_act);
	harness_count(e, LANE_LIFE, 1, 200);
}

SYSCALL_CASES(setresuid) = {
	{ "is an act of life when it changes something", setresuid_changes },
	{ "is bulk when it changes nothing", setresuid_unchanged },
	{ "does not flood the life lane", setresuid_flood },
	{ NULL, NULL }
};

static void
setresgid_act(struct expect *e)
{
	expect_result(e, syscall(SYS_setresgid, 0, OTHER, 0));
	expect_number(e, "rgid", 0);
	expect_number(e, "egid", OTHER);
	expect_number(e, "sgid", 0);
	expect_changed(e);
}
CHANGES(setresgid)

static void
setresgid_unchanged(struct expect *e)
{
	expect_result(e, syscall(SYS_setresgid, -1, -1, -1));
	expect_lane(e, LANE_BULK);
}

SYSCALL_CASES(setresgid) = {
	{ "is an act of life when it changes something", setresgid_changes },
	{ "is bulk when it changes nothing", setresgid_unchanged },
	{ NULL, NULL }
};

static void
capset_act(struct expect *e)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = 1, .permitted = 3, .inheritable = 0 }
	};

	expect_result(e, syscall(SYS_capset, &head, data));
	expect_number(e, "cap_effective", 1);
	expect_number(e, "cap_permitted", 3);
	expect_number(e, "cap_inheritable", 0);
	expect_changed(e);
}
CHANGES(capset)

static void
capset_fails(struct expect *e)
{
	expect_result(e, syscall(SYS_capset, NULL, NULL));
	expect_number(e, "cap_effective", caps("CapEff:"));
	expect_lane(e, LANE_BULK);
}

SYSCALL_CASES(capset) = {
	{ "tells the sets that hold, as an act of life", capset_changes },
	{ "fails without a header", capset_fails },
	{ NULL, NULL }
};

static void
unshare_act(struct expect *e)
{
	expect_result(e, unshare(CLONE_NEWUTS));
	expect_number(e, "flags", normal_clone_flags(CLONE_NEWUTS));
	expect_changed(e);
}
CHANGES(unshare)

static void
unshare_user_act(struct expect *e)
{
	expect_result(e, unshare(CLONE_NEWUSER));
	if (e->result < 0)
		expect_skip(e, "no user namespace can be made");
	expect_number(e, "flags", normal_clone_flags(CLONE_NEWUSER));
	expect_lane(e, LANE_LIFE);
}

static void
unshare_user(struct expect *e)
{
	changes(e, unshare_user_act);
}

static void
unshare_unchanged_act(struct expect *e)
{
	expect_result(e, unshare(CLONE_FS));
	expect_number(e, "flags", normal_clone_flags(CLONE_FS));
	expect_lane(e, LANE_BULK);
}

static void
unshare_unchanged(struct expect *e)
{
	harness_child(e, unshare_unchanged_act);
}

static void
unshare_fails(struct expect *e)
{
	expect_result(e, unshare(1));
	expect_lane(e, LANE_BULK);
}

SYSCALL_CASES(unshare) = {
	{ "is an act of life when it makes a namespace", unshare_changes },
	{ "is an act of life when it makes a user namespace", unshare_user },
	{ "is bulk when it makes none", unshare_unchanged },
	{ "fails on flags that are none", unshare_fails },
	{ NULL, NULL }
};

static void
setns_act(struct expect *e)
{
	int fd = open("/proc/self/ns/uts", O_RDONLY);

	if (unshare(CLONE_NEWUTS) < 0) {
		expect_skip(e, "no namespace can be made");
		return;
	}
	expect_result(e, setns(fd, CLONE_NEWUTS));
	expect_number(e, "fd", fd);
	expect_number(e, "nstype", normal_clone_flags(CLONE_NEWUTS));
	expect_file(e, fd);
	expect_changed(e);
}
CHANGES(setns)

static void
setns_unchanged_act(struct expect *e)
{
	int fd = open("/proc/self/ns/uts", O_RDONLY);

	expect_result(e, setns(fd, 0));
	expect_number(e, "nstype", 0);
	expect_lane(e, LANE_BULK);
}

static void
setns_unchanged(struct expect *e)
{
	harness_child(e, setns_unchanged_act);
}

static void
setns_fails(struct expect *e)
{
	expect_result(e, setns(-1, 0));
	expect_number(e, "fd", -1);
	expect_absent(e, "file");
	expect_lane(e, LANE_BULK);
}

SYSCALL_CASES(setns) = {
	{ "is an act of life when it enters another namespace", setns_changes },
	{ "is bulk when it enters its own", setns_unchanged },
	{ "fails on a descriptor that is none", setns_fails },
	{ NULL, NULL }
};

static void
setsid_act(struct expect *e)
{
	expect_result(e, setsid());
	expect_number(e, "sid", getpid());
	expect_number(e, "new_pgid", getpid());
}

static void
setsid_changes(struct expect *e)
{
	harness_want(e, false);
	harness_child(e, setsid_act);
}

static void
setsid_fails_act(struct expect *e)
{
	if (setpgid(0, 0) < 0)
		abort();
	expect_result(e, setsid());
	expect_number(e, "new_pgid", getpid());
}

static void
setsid_fails(struct expect *e)
{
	harness_child(e, setsid_fails_act);
}

SYSCALL_CASES(setsid) = {
	{ "is told though no rule wants it", setsid_changes },
	{ "fails for a leader of a group", setsid_fails },
	{ NULL, NULL }
};

static void
setpgid_act(struct expect *e)
{
	expect_result(e, setpgid(0, 0));
	expect_number(e, "pid", 0);
	expect_number(e, "pgid", 0);
	expect_number(e, "target", getpid());
	expect_number(e, "new_pgid", getpid());
	expect_number(e, "new_vpgid", getpid());
}

static void
setpgid_changes(struct expect *e)
{
	harness_want(e, false);
	harness_child(e, setpgid_act);
}

static void
setpgid_of_child(struct expect *e)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	expect_result(e, setpgid(pid, pid));
	expect_number(e, "pid", pid);
	expect_number(e, "target", pid);
	expect_number(e, "new_pgid", pid);
	kill(pid, 9);
	waitpid(pid, NULL, 0);
}

static void
setpgid_fails(struct expect *e)
{
	expect_result(e, setpgid(-1, -1));
	expect_number(e, "pid", -1);
	expect_number(e, "pgid", -1);
	expect_absent(e, "target");
}

SYSCALL_CASES(setpgid) = {
	{ "is told though no rule wants it", setpgid_changes },
	{ "names the child whose group changed", setpgid_of_child },
	{ "fails on ids that are none", setpgid_fails },
	{ NULL, NULL }
};
