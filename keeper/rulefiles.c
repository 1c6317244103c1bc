/* SPDX-License-Identifier: Apache-2.0 */
/* Finding and opening rule files.  See rulefiles.h. */
#include "rulefiles.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

/* What is being gathered, and how it went. */
struct gathering {
	struct rulefiles *out;
	bool all_needed;
	int code;
};

bool
rulefiles_named(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && dot != name && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static void
gather_fail(struct gathering *gathering, int code)
{
	if (gathering->code == EXIT_DONE)
		gathering->code = code;
}

/* Keep FD (taken) under the name of PATH. */
static void
gather_keep(struct gathering *gathering, const char *path, int fd)
{
	struct rulefiles *out = gathering->out;
	struct keeper_named *file = &out->files[out->count];
	size_t room = sizeof(file->name) - sizeof("rules:");

	if (out->count == KEEPER_DEPOSIT_MAX) {
		log_warnx("%s: more than %d rule files", path, KEEPER_DEPOSIT_MAX);
	} else if (strlen(path) > room) {
		log_warnx("%s: the path of a rule file has at most %zu bytes", path, room);
	} else {
		(void)snprintf(file->name, sizeof(file->name), "rules:%s", path);
		file->fd = fd;
		out->count++;
		return;
	}
	(void)close(fd);
	gather_fail(gathering, EXIT_NO);
}

/* A fifo must not hold the keeper up, hence O_NONBLOCK. */
static int
open_rule(const char *path, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd >= 0 && fstat(fd, st) < 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

static int
select_named(const struct dirent *entry)
{
	return rulefiles_named(entry->d_name);
}

static int
compare_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* An entry of a directory that is no regular file is not meant. */
static void
gather_member(struct gathering *gathering, const char *dir, const char *name)
{
	size_t dir_len = strlen(dir);
	char path[CONFIG_TEXT_MAX + 256 + 1];
	struct stat st;
	int fd;

	(void)snprintf(path, sizeof(path), "%s%s%s", dir, dir[dir_len - 1] == '/' ? "" : "/", name);
	fd = open_rule(path, &st);
	if (fd < 0) {
		log_warn("%s", path);
		gather_fail(gathering, EXIT_SYSTEM);
	} else if (!S_ISREG(st.st_mode)) {
		(void)close(fd);
	} else {
		gather_keep(gathering, path, fd);
	}
}

static void
gather_dir(struct gathering *gathering, const char *dir)
{
	struct dirent **entries;
	int count = scandir(dir, &entries, select_named, compare_bytes);

	if (count < 0) {
		log_warn("%s", dir);
		gather_fail(gathering, EXIT_SYSTEM);
		return;
	}
	for (int i = 0; i < count; i++) {
		gather_member(gathering, dir, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

static void
gather_entry(struct gathering *gathering, const char *path)
{
	struct stat st;
	int fd = open_rule(path, &st);

	if (fd < 0) {
		log_warn(errno == ENOENT && !gathering->all_needed ? "%s left out" : "%s", path);
		if (errno != ENOENT || gathering->all_needed)
			gather_fail(gathering, errno == ENOENT ? EXIT_NO : EXIT_SYSTEM);
	} else if (S_ISDIR(st.st_mode)) {
		(void)close(fd);
		gather_dir(gathering, path);
	} else if (!S_ISREG(st.st_mode) || !rulefiles_named(path)) {
		(void)close(fd);
		log_warnx("%s: expected a directory, or a file that ends in .yaml or .yml", path);
		gather_fail(gathering, EXIT_NO);
	} else {
		gather_keep(gathering, path, fd);
	}
}

int
rulefiles_open(struct rulefiles *rulefiles, const struct config_list *list, bool all_needed)
{
	struct gathering gathering = { rulefiles, all_needed, EXIT_DONE };

	rulefiles->count = 0;
	for (size_t i = 0; i < list->count; i++)
		gather_entry(&gathering, list->items[i]);
	if (gathering.code == EXIT_DONE && rulefiles->count == 0) {
		log_warnx("no rule file was found: files that end in .yaml or .yml, named by -r or "
		    "rules_files, or in the folders named there");
		return EXIT_NO;
	}
	return gathering.code;
}

void
rulefiles_rewind(const struct rulefiles *rulefiles)
{
	for (uint32_t i = 0; i < rulefiles->count; i++)
		(void)lseek(rulefiles->files[i].fd, 0, SEEK_SET);
}

void
rulefiles_close(struct rulefiles *rulefiles)
{
	for (uint32_t i = 0; i < rulefiles->count; i++)
		(void)close(rulefiles->files[i].fd);
	rulefiles->count = 0;
}
