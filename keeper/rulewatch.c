/* SPDX-License-Identifier: Apache-2.0 */
/* Watching folders with inotify.  See rulewatch.h. */
#include "rulewatch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

enum {
	LINKS_MAX = 40,    /* on the way of one name, as in the kernel */
	MEMBERS_MAX = 256, /* links in one folder that are followed */
	READS_MAX = 64
};

/* Written in place, replaced, made, removed, linked, made readable. */
static const uint32_t happenings = IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO |
    IN_CREATE | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

/* A name on its way through the file system. */
struct way {
	char at[PATH_MAX];   /* a folder, reached without a link; empty: the root */
	char rest[PATH_MAX]; /* of the name, from there */
	int links;
};

static void
watch_folder(struct rulewatch *watch, const char *path)
{
	if (inotify_add_watch(watch->fd, path[0] ? path : "/", happenings) >= 0 || watch->told)
		return;
	log_warn("%s is not watched for changes of rule files", path[0] ? path : "/");
	watch->told = true;
}

/* Take the next component off the rest.  False when there is none. */
static bool
way_next(struct way *way, char name[NAME_MAX + 1])
{
	const char *begin = way->rest + strspn(way->rest, "/");
	size_t len = strcspn(begin, "/");

	if (len == 0 || len > NAME_MAX)
		return false;
	memcpy(name, begin, len);
	name[len] = '\0';
	begin += len;
	memmove(way->rest, begin, strlen(begin) + 1);
	return true;
}

/* Go on where the link LINK points. */
static bool
way_follow(struct way *way, const char *link)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t len = readlink(link, target, sizeof(target) - 1);
	int n;

	if (len <= 0 || way->links++ == LINKS_MAX)
		return false;
	target[len] = '\0';
	memcpy(rest, way->rest, strlen(way->rest) + 1);
	n = snprintf(way->rest, sizeof(way->rest), "%s/%s", target, rest);
	if (target[0] == '/')
		way->at[0] = '\0';
	return n > 0 && (size_t)n < sizeof(way->rest);
}

/* What PATH is.  False when it is missing: then FOLDER, where it would stand, is watched. */
static bool
look(struct rulewatch *watch, const char *folder, const char *path, struct stat *st)
{
	if (lstat(path, st) == 0)
		return true;
	watch_folder(watch, folder);
	/* Again: what came before it was watched is not told. */
	return lstat(path, st) == 0;
}

/*
 * Go the way to its end, watching where a link or the last name stands, and where something is
 * missing.  Returns true when the end is a folder: its path is then in way->at.
 */
static bool
way_watch(struct rulewatch *watch, struct way *way)
{
	char name[NAME_MAX + 1], path[PATH_MAX];
	bool folder = true;
	struct stat st;

	while (folder && way_next(way, name)) {
		int n = snprintf(path, sizeof(path), "%s/%s", way->at, name);

		if (n < 0 || (size_t)n >= sizeof(path))
			return false;
		if (!look(watch, way->at, path, &st))
			return false;
		if (S_ISLNK(st.st_mode)) {
			watch_folder(watch, way->at);
			if (!way_follow(way, path))
				return false;
			continue;
		}
		folder = S_ISDIR(st.st_mode);
		if (!folder || way->rest[strspn(way->rest, "/")] == '\0')
			watch_folder(watch, way->at);
		if (folder)
			memcpy(way->at, path, (size_t)n + 1);
	}
	return folder;
}

/* A file of a folder may be a link that leads out of it. */
static void
watch_members(struct rulewatch *watch, const char *folder)
{
	DIR *dir = opendir(folder[0] ? folder : "/");
	const struct dirent *entry;
	int links = 0;

	while (dir && links < MEMBERS_MAX && (entry = readdir(dir))) {
		struct way way = { .links = 0 };

		if ((entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN) ||
		    !rulefiles_named(entry->d_name))
			continue;
		links++;
		(void)snprintf(way.at, sizeof(way.at), "%s", folder);
		(void)snprintf(way.rest, sizeof(way.rest), "%s", entry->d_name);
		(void)way_watch(watch, &way);
	}
	if (dir)
		(void)closedir(dir);
}

static void
watch_name(struct rulewatch *watch, const char *name, int dir)
{
	struct way way = { .links = 0 };

	if (name[0] != '/')
		(void)snprintf(way.at, sizeof(way.at),
		    dir == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", dir);
	(void)snprintf(way.rest, sizeof(way.rest), "%s", name);
	if (!way_watch(watch, &way))
		return;
	watch_folder(watch, way.at);
	watch_members(watch, way.at);
}

void
rulewatch_arm(struct rulewatch *watch, const struct rulefiles_wanted *wanted)
{
	rulewatch_close(watch);
	if ((watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) < 0) {
		if (!watch->told)
			log_warn("rule files are not watched");
		watch->told = true;
		return;
	}
	for (size_t i = 0; i < wanted->list->count; i++)
		watch_name(watch, wanted->list->items[i], wanted->dir);
}

void
rulewatch_read(struct rulewatch *watch, uint64_t now_ns)
{
	char events[4096] __attribute__((aligned(8)));

	for (int i = 0; i < READS_MAX && read(watch->fd, events, sizeof(events)) > 0; i++)
		continue;
	if (watch->first_ns == 0)
		watch->first_ns = now_ns;
	watch->last_ns = now_ns;
}

uint64_t
rulewatch_due(const struct rulewatch *watch)
{
	uint64_t quiet_ns = watch->last_ns + RULEWATCH_QUIET_NS;
	uint64_t late_ns = watch->first_ns + RULEWATCH_LATE_NS;

	if (watch->first_ns == 0)
		return UINT64_MAX;
	return quiet_ns < late_ns ? quiet_ns : late_ns;
}

void
rulewatch_close(struct rulewatch *watch)
{
	if (watch->fd >= 0)
		(void)close(watch->fd);
	watch->fd = -1;
	watch->first_ns = watch->last_ns = 0;
}
