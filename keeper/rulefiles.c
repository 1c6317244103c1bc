/* SPDX-License-Identifier: Apache-2.0 */
/* Finding and copying rule files.  See rulefiles.h. */
#include "rulefiles.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "rulesimage.h"
#include "text.h"

enum { COPY_BYTES = 64 * 1024 };

/* What is being gathered, and how it went. */
struct gathering {
	struct rulefiles *out;
	const struct rulefiles_wanted *wanted;
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

static int
copy_write(struct rulefiles *out, const void *bytes, size_t len)
{
	const char *at = bytes;

	out->content = bytes_hash(bytes, len, out->content);
	while (len > 0) {
		ssize_t n = write(out->fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Read as much of FD as there is, up to SIZE bytes.  Returns how much, or a negative errno. */
static ssize_t
copy_read(int fd, char *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/*
 * Append the file behind FD under the name of PATH.  How long it is stands before its bytes, so it
 * is written last.  Returns 0, -EFBIG, or what the system said.
 */
static int
copy_file(struct rulefiles *out, const char *path, int fd)
{
	struct rules_image_entry entry = { .len = 0 };
	char buf[COPY_BYTES];
	off_t at = lseek(out->fd, 0, SEEK_CUR);
	ssize_t n;
	int err;

	(void)snprintf(entry.name, sizeof(entry.name), "%s", path);
	if ((err = copy_write(out, &entry, sizeof(entry))) < 0)
		return err;
	while ((n = copy_read(fd, buf, sizeof(buf))) > 0) {
		entry.len += (uint64_t)n;
		if (out->bytes + entry.len > RULES_IMAGE_BYTES_MAX)
			return -EFBIG;
		if ((err = copy_write(out, buf, (size_t)n)) < 0)
			return err;
	}
	if (n < 0)
		return (int)n;
	if (pwrite(out->fd, &entry, sizeof(entry), at) != (ssize_t)sizeof(entry))
		return -EIO;
	out->content = bytes_hash(&entry.len, sizeof(entry.len), out->content);
	out->bytes += entry.len;
	out->count++;
	return 0;
}

/* Take over what FD (taken) holds under the name of PATH. */
static void
gather_keep(struct gathering *gathering, const char *path, int fd)
{
	struct rulefiles *out = gathering->out;
	int err = 0, code = EXIT_NO;

	if (out->count == RULES_IMAGE_FILES_MAX) {
		log_warnx("%s: more than %d rule files", path, RULES_IMAGE_FILES_MAX);
	} else if (strlen(path) >= CONFIG_TEXT_MAX) {
		log_warnx("%s: the path of a rule file has at most %d bytes", path,
		    CONFIG_TEXT_MAX - 1);
	} else if ((err = copy_file(out, path, fd)) == 0) {
		code = EXIT_DONE;
	} else if (err == -EFBIG) {
		log_warnx("%s: the rule files have more than %d bytes together", path,
		    RULES_IMAGE_BYTES_MAX);
	} else {
		log_warnx("%s: %s", path, strerror(-err));
		code = EXIT_SYSTEM;
	}
	(void)close(fd);
	if (code != EXIT_DONE)
		gather_fail(gathering, code);
}

/* A fifo must not hold the keeper up, hence O_NONBLOCK. */
static int
open_rule(const struct gathering *gathering, const char *path, struct stat *st)
{
	int fd = openat(gathering->wanted->dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

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
	fd = open_rule(gathering, path, &st);
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
	int count = scandirat(gathering->wanted->dir, dir, &entries, select_named, compare_bytes);

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
gather_missing(struct gathering *gathering, const char *path)
{
	bool needed = gathering->wanted->all_needed || errno != ENOENT;

	if (!needed && gathering->wanted->quiet)
		return;
	log_warn(needed ? "%s" : "%s left out", path);
	if (needed)
		gather_fail(gathering, errno == ENOENT ? EXIT_NO : EXIT_SYSTEM);
}

static void
gather_entry(struct gathering *gathering, const char *path)
{
	struct stat st;
	int fd = open_rule(gathering, path, &st);

	if (fd < 0) {
		gather_missing(gathering, path);
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
rulefiles_open(struct rulefiles *rulefiles, const struct rulefiles_wanted *wanted)
{
	struct gathering gathering = { rulefiles, wanted, EXIT_DONE };

	*rulefiles = RULEFILES_NONE;
	if ((rulefiles->fd = memfd_create("saker-rules", MFD_CLOEXEC | MFD_ALLOW_SEALING)) < 0) {
		log_warn("memory for the rule files");
		return EXIT_SYSTEM;
	}
	for (size_t i = 0; i < wanted->list->count; i++)
		gather_entry(&gathering, wanted->list->items[i]);
	if (gathering.code == EXIT_DONE && rulefiles->count == 0) {
		log_warnx("no rule file was found: files that end in .yaml or .yml, named by -r or "
		    "rules_files, or in the folders named there");
		return EXIT_NO;
	}
	if (fcntl(rulefiles->fd, F_ADD_SEALS,
	        F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
		log_warn("sealing the copy of the rule files");
		return EXIT_SYSTEM;
	}
	return gathering.code;
}

void
rulefiles_close(struct rulefiles *rulefiles)
{
	if (rulefiles->fd >= 0)
		(void)close(rulefiles->fd);
	*rulefiles = RULEFILES_NONE;
}
