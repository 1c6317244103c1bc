/* SPDX-License-Identifier: Apache-2.0 */
/* Shared regions: creating, sealing, reopening, judging.  See region.h. */
#include "region.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "record.h"

static const uint64_t region_magic = 0x31676e52656b6153u; /* "SakeRng1" */

_Static_assert(sizeof(struct region_head) <= REGION_PAGE, "the head fits its page");

const char *
region_name(enum region_kind kind)
{
	static const char *const names[] = {
		[REGION_NONE_KIND] = "none",
#define X(kind, name) [REGION_##kind] = #name,
		REGION_KINDS(X)
#undef X
	};

	return (unsigned)kind < REGION_COUNT ? names[kind] : "unknown";
}

static int
region_map(struct region *region)
{
	int prot = PROT_READ | (region->writable ? PROT_WRITE : 0);
	void *base = mmap(NULL, region->bytes, prot, MAP_SHARED, region->fd, 0);

	if (base == MAP_FAILED)
		return -errno;
	region->base = base;
	return 0;
}

/*
 * Allocation first: a region never runs out of memory under a writer, and its size never
 * changes under a reader.
 */
static int
region_allocate(const struct region *region)
{
	if (fchmod(region->fd, 0600) < 0 || ftruncate(region->fd, (off_t)region->bytes) < 0)
		return -errno;
	if (fallocate(region->fd, 0, 0, (off_t)region->bytes) < 0)
		return -errno;
	if (fcntl(region->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -errno;
	return 0;
}

int
region_create(struct region *region, enum region_kind kind, size_t content)
{
	struct region_head *head;
	char name[64];
	int err;

	*region = REGION_NONE;
	region->kind = kind;
	region->writable = true;
	region->bytes = REGION_PAGE + ((content + REGION_PAGE - 1) & ~(size_t)(REGION_PAGE - 1));
	(void)snprintf(name, sizeof(name), "saker-%s", region_name(kind));
	if ((region->fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING)) < 0)
		return -errno;
	if ((err = region_allocate(region)) < 0 || (err = region_map(region)) < 0) {
		region_close(region);
		return err;
	}
	head = region->base;
	head->version = REGION_VERSION;
	head->kind = (uint32_t)kind;
	head->schema = schema_hash();
	head->bytes = region->bytes;
	head->magic = region_magic;
	return 0;
}

int
region_reopen(const struct region *region, bool writable)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", region->fd);
	fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int
region_refuse(enum region_kind kind, const char *field, uint64_t got, uint64_t expected)
{
	log_warnx("region %s refused: %s is %#llx, expected %#llx", region_name(kind), field,
	    (unsigned long long)got, (unsigned long long)expected);
	return -EBADMSG;
}

static int
region_judge(const struct region *region)
{
	const struct region_head *head = region->base;
	enum region_kind kind = region->kind;

	if (head->magic != region_magic)
		return region_refuse(kind, "magic", head->magic, region_magic);
	if (head->version != REGION_VERSION)
		return region_refuse(kind, "version", head->version, REGION_VERSION);
	if (head->kind != (uint32_t)kind)
		return region_refuse(kind, "kind", head->kind, (uint64_t)kind);
	if (head->schema != schema_hash())
		return region_refuse(kind, "schema hash", head->schema, schema_hash());
	if (head->bytes != region->bytes)
		return region_refuse(kind, "size", head->bytes, region->bytes);
	return 0;
}

int
region_attach_take(struct region *region, int fd, enum region_kind kind, bool writable)
{
	struct stat st;
	int err;

	*region = REGION_NONE;
	region->fd = fd;
	region->kind = kind;
	region->writable = writable;
	if (fstat(fd, &st) < 0) {
		err = -errno;
		goto fail;
	}
	if (st.st_size < 2 * REGION_PAGE || st.st_size % REGION_PAGE != 0) {
		err = region_refuse(kind, "file size", (uint64_t)st.st_size, 2 * REGION_PAGE);
		goto fail;
	}
	region->bytes = (size_t)st.st_size;
	if ((err = region_map(region)) < 0 || (err = region_judge(region)) < 0)
		goto fail;
	return 0;
fail:
	region_close(region);
	return err;
}

uint64_t
region_raise_epoch(struct region *region)
{
	struct region_head *head = region->base;

	return ++head->epoch;
}

void
region_close(struct region *region)
{
	if (region->base)
		(void)munmap(region->base, region->bytes);
	if (region->fd >= 0)
		(void)close(region->fd);
	*region = REGION_NONE;
}
