/* SPDX-License-Identifier: Apache-2.0 */
/* What a scope names.  See scope.h. */
#include "scope.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Where the unified hierarchy is mounted: alone, or beside the old ones. */
static const char *const mounts[] = { "", "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

static int
cgroup_id_of(const char *path, uint64_t *id)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;
	struct stat st;
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
		err = -errno;
	else if (fs.f_type != CGROUP2_SUPER_MAGIC)
		err = -EXDEV;
	else
		*id = st.st_ino;
	(void)close(fd);
	return err;
}

int
scope_cgroup_id(const char *path, uint64_t *id)
{
	char full[PATH_MAX];
	int err = -ENOENT;

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		const char *slash = path[0] == '/' ? "" : "/";
		int len = snprintf(full, sizeof(full), "%s%s%s", mounts[i], slash, path);

		if (len < 0 || (size_t)len >= sizeof(full))
			return -ENAMETOOLONG;
		if ((err = cgroup_id_of(full, id)) == 0)
			return 0;
	}
	return err;
}

/*
 * The parent of PID by the second field behind its name, which may itself hold parentheses; 0:
 * not there any more.
 */
static uint32_t
parent_of(uint32_t pid)
{
	char path[64], text[512];
	const char *end;
	ssize_t len;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return 0;
	len = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (len <= 0)
		return 0;
	text[len] = '\0';
	if ((end = strrchr(text, ')')) == NULL || strlen(end) < 4)
		return 0;
	return (uint32_t)strtoul(end + 4, NULL, 10);
}

static bool
holds(const uint32_t *pids, size_t count, uint32_t pid)
{
	for (size_t i = 0; i < count; i++) {
		if (pids[i] == pid)
			return true;
	}
	return false;
}

/*
 * One pass over all processes: add those whose parent is known.  Returns the new count, or a
 * negative errno.
 */
static int
add_children(uint32_t *pids, size_t count, size_t size)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;

	if (!proc)
		return -errno;
	while (count < size && (entry = readdir(proc)) != NULL) {
		uint32_t pid = (uint32_t)strtoul(entry->d_name, NULL, 10); /* 0: no process */

		if (pid != 0 && !holds(pids, count, pid) && holds(pids, count, parent_of(pid)))
			pids[count++] = pid;
	}
	(void)closedir(proc);
	return (int)count;
}

int
scope_descendants(uint32_t pid, uint32_t *pids, size_t size)
{
	int before = 0, count = 1;

	if (kill((pid_t)pid, 0) < 0 && errno == ESRCH)
		return -ESRCH;
	pids[0] = pid;
	while (count > before) {
		before = count;
		if ((count = add_children(pids, (size_t)count, size)) < 0)
			return count;
	}
	return count;
}
