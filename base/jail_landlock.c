/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock by its three system calls.  Each version of its interface knows more rights; a right
 * that is handled and granted by no rule is refused, so everything the running kernel knows is
 * handled.  The numbers are those of linux/landlock.h, written here because the headers that a
 * program is built with may be older than the kernel it runs on.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jail_steps.h"
#include "log.h"

enum {
	LANDLOCK_VERSION_FLAG = 1,
	LANDLOCK_PATH_BENEATH = 1,
	LANDLOCK_ABI_NET = 4,
	LANDLOCK_ABI_SCOPE = 6
};

enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_REG = 1 << 8,
	FS_MAKE_SOCK = 1 << 9,
	FS_ABI_1 = (1 << 13) - 1,
	FS_REFER = 1 << 13,     /* ABI 2 */
	FS_TRUNCATE = 1 << 14,  /* ABI 3 */
	FS_IOCTL_DEV = 1 << 15, /* ABI 5 */
	FS_OF_FILES = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV
};

enum { NET_BIND_AND_CONNECT_TCP = 3, SCOPE_SOCKETS_AND_SIGNALS = 3 };

struct landlock_ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

/* Packed in the kernel's interface. */
struct landlock_path {
	uint64_t allowed;
	int32_t parent_fd;
} __attribute__((packed));

/* Which rights of files the interface ABI knows. */
static uint64_t
landlock_fs(int abi)
{
	return FS_ABI_1 | (abi >= 2 ? FS_REFER : 0U) | (abi >= 3 ? FS_TRUNCATE : 0U) |
	    (abi >= 5 ? FS_IOCTL_DEV : 0U);
}

static uint64_t
landlock_rights(unsigned int rights)
{
	uint64_t fs = 0;

	if (rights & JAIL_READ)
		fs |= FS_READ_FILE | FS_READ_DIR;
	if (rights & JAIL_WRITE)
		fs |= FS_WRITE_FILE | FS_TRUNCATE | FS_MAKE_REG | FS_REMOVE_FILE;
	if (rights & JAIL_EXECUTE)
		fs |= FS_EXECUTE | FS_READ_FILE;
	if (rights & JAIL_SOCKET)
		fs |= FS_MAKE_SOCK | FS_REMOVE_FILE;
	return fs;
}

static int
landlock_add(int rules, int fd, unsigned int rights, int abi)
{
	struct landlock_path rule = { landlock_rights(rights) & landlock_fs(abi), fd };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode)) /* rights of directories on a file are EINVAL */
		rule.allowed &= FS_OF_FILES;
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_PATH_BENEATH, &rule, 0) < 0)
		return -errno;
	return 0;
}

static int
landlock_add_path(int rules, const struct jail *jail, const struct jail_path *path, int abi)
{
	int fd, err;

	if (!path->path)
		return landlock_add(rules, path->fd, path->rights, abi);
	if ((fd = open(path->path, O_PATH | O_CLOEXEC)) < 0) {
		err = -errno;
		log_warn("%s: jail: open %s", jail->name, path->path);
		return err;
	}
	err = landlock_add(rules, fd, path->rights, abi);
	close(fd);
	return err;
}

/* The interface version of the kernel, 0 without Landlock. */
static int
landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION_FLAG);

	return abi > 0 ? (int)abi : 0;
}

static int
landlock_create(const struct jail *jail, int abi)
{
	struct landlock_ruleset ruleset = { .fs = landlock_fs(abi) };
	size_t size = offsetof(struct landlock_ruleset, net); /* all that the first kernels know */
	long rules;

	if (abi >= LANDLOCK_ABI_NET) {
		ruleset.net = jail->network ? 0 : NET_BIND_AND_CONNECT_TCP;
		size = offsetof(struct landlock_ruleset, scoped);
	}
	if (abi >= LANDLOCK_ABI_SCOPE) {
		ruleset.scoped = jail->supervisor ? 0 : SCOPE_SOCKETS_AND_SIGNALS;
		size = sizeof(ruleset);
	}
	rules = syscall(SYS_landlock_create_ruleset, &ruleset, size, 0);
	return rules < 0 ? -errno : (int)rules;
}

int
jail_landlock_build(const struct jail *jail, struct jail_report *report)
{
	int abi = landlock_abi(), rules, err;
	size_t i;

	report->landlock_abi = abi;
	if (abi < LANDLOCK_ABI_NET)
		report->missing |= JAIL_NO_LANDLOCK_NET;
	if (abi < LANDLOCK_ABI_SCOPE)
		report->missing |= JAIL_NO_LANDLOCK_SCOPE;
	if (abi == 0) {
		report->missing |= JAIL_NO_LANDLOCK;
		return -ENOSYS;
	}
	if ((rules = landlock_create(jail, abi)) < 0)
		return rules;
	for (i = 0; i < jail->path_count; i++) {
		if ((err = landlock_add_path(rules, jail, &jail->paths[i], abi)) < 0) {
			close(rules);
			return err;
		}
	}
	return rules;
}

int
jail_landlock_restrict(int rules)
{
	int err = syscall(SYS_landlock_restrict_self, rules, 0) < 0 ? -errno : 0;

	close(rules);
	return err;
}
