/* SPDX-License-Identifier: Apache-2.0 */
/* Rule files by their paths.  See rulepaths.h. */
#include "rulepaths.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loadresult.h"
#include "log.h"

static int
file_add(struct rulepaths *paths, const char *path)
{
	struct ruleset_file *file = &paths->files[paths->count];
	int fd, err;

	if (paths->count == RULESET_FILES_MAX) {
		log_warnx("%s: more than %d files", path, RULESET_FILES_MAX);
		return -E2BIG;
	}
	(void)snprintf(file->name, sizeof(file->name), "%s", path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	err = fd < 0 ? -errno : ruleset_file_read(file, fd);
	if (fd >= 0)
		(void)close(fd);
	if (err < 0)
		(void)diags_add(&paths->results[paths->count].diags, DIAG_ERROR,
		    load_code_name(LOAD_ERR_FILE_READ), file->name, 0, 0, NULL, 0,
		    "can not be read: %s", strerror(-err));
	paths->count++;
	return 0;
}

static int
is_rule_file(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot != NULL && dot != entry->d_name &&
	    (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static int
name_order(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
folder_add(struct rulepaths *paths, const char *folder)
{
	size_t len = strlen(folder);
	struct dirent **entries;
	int count = scandir(folder, &entries, is_rule_file, name_order), err = 0;

	if (count < 0)
		return file_add(paths, folder); /* which tells why it can not be read */
	for (int i = 0; i < count; i++) {
		char path[RULESET_FILE_NAME_MAX];
		struct stat st;

		(void)snprintf(path, sizeof(path), "%s%s%s", folder,
		    len > 0 && folder[len - 1] == '/' ? "" : "/", entries[i]->d_name);
		free(entries[i]);
		if (err == 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode))
			err = file_add(paths, path);
	}
	free(entries);
	return err;
}

int
rulepaths_add(struct rulepaths *paths, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return folder_add(paths, path);
	return file_add(paths, path);
}

bool
rulepaths_good(const struct rulepaths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		if (paths->results[i].diags.error_count > 0)
			return false;
	return true;
}

void
rulepaths_fini(struct rulepaths *paths)
{
	for (size_t i = 0; i < paths->count; i++) {
		diags_fini(&paths->results[i].diags);
		free(paths->files[i].bytes);
	}
	memset(paths, 0, sizeof(*paths));
}
