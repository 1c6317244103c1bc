/* SPDX-License-Identifier: Apache-2.0 */
/* Cursor files: two slots written in turns.  See cursor.h. */
#include "cursor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "clock.h"
#include "segment_wire.h"
#include "spooldir.h"

enum { CURSOR_VERSION = 1, CURSOR_RETRY_MS = 20 };

static const uint64_t cursor_magic = 0x31737275436b6153u; /* "SakCurs1" */

struct cursor_slot {
	uint64_t magic;
	uint32_t version;
	uint32_t reserved;
	uint64_t generation; /* from 1 */
	struct cursor cursor;
	uint64_t zero[4];
	uint64_t hash;       /* of the slot with this field zero */
};

_Static_assert(sizeof(struct cursor) == 64, "no hidden padding");
_Static_assert(sizeof(struct cursor_slot) == CURSOR_SLOT_BYTES, "a slot holds it");

static bool
slot_valid(struct cursor_slot *slot)
{
	return slot->magic == cursor_magic && slot->version == CURSOR_VERSION &&
	    slot->generation != 0 && slot->hash == segment_hash(slot, sizeof(*slot), &slot->hash);
}

int
cursor_read(int fd, struct cursor *cursor, uint64_t *generation)
{
	bool found = false;

	*generation = 0;
	for (uint64_t i = 0; i < 2; i++) {
		struct cursor_slot slot;
		int len = segment_read(fd, &slot, sizeof(slot), i * CURSOR_SLOT_BYTES);

		if (len < 0)
			return len;
		if (len < (int)sizeof(slot) || !slot_valid(&slot) || slot.generation <= *generation)
			continue;
		*generation = slot.generation;
		*cursor = slot.cursor;
		found = true;
	}
	return found ? 0 : -EBADMSG;
}

static int
cursor_lock(int fd, uint32_t timeout_ms)
{
	for (uint32_t waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += CURSOR_RETRY_MS) {
		if (errno != EWOULDBLOCK || waited >= timeout_ms)
			return -errno;
		clock_pause_ms(CURSOR_RETRY_MS);
	}
	return 0;
}

int
cursor_open(struct cursor_file *file, int dir, const char *name, uint32_t timeout_ms)
{
	int err;

	*file = CURSOR_FILE_NONE;
	file->fd = openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file->fd < 0)
		return -errno;
	if ((err = cursor_lock(file->fd, timeout_ms)) < 0)
		goto fail;
	err = cursor_read(file->fd, &file->cursor, &file->generation);
	if (err == -EBADMSG)
		return 1;
	if (err < 0)
		goto fail;
	return 0;
fail:
	cursor_close(file);
	return err;
}

int
cursor_write(struct cursor_file *file)
{
	struct cursor_slot slot;
	int err;

	memset(&slot, 0, sizeof(slot));
	slot.magic = cursor_magic;
	slot.version = CURSOR_VERSION;
	slot.generation = file->generation + 1;
	slot.cursor = file->cursor;
	slot.hash = segment_hash(&slot, sizeof(slot), &slot.hash);
	err = segment_write(file->fd, &slot, sizeof(slot), slot.generation % 2 * CURSOR_SLOT_BYTES);
	if (err == 0)
		file->generation = slot.generation;
	return err;
}

void
cursor_close(struct cursor_file *file)
{
	if (file->fd >= 0)
		(void)close(file->fd);
	*file = CURSOR_FILE_NONE;
}

struct slowest {
	struct cursor cursor;
	int count;
};

static int
slowest_file(void *arg, int dir, const char *name)
{
	struct slowest *slowest = arg;
	struct cursor cursor = { 0 };
	uint64_t generation;
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd >= 0) {
		if (cursor_read(fd, &cursor, &generation) < 0)
			cursor = (struct cursor){ 0 };
		(void)close(fd);
	}
	if (slowest->count == 0 || cursor.ordinal < slowest->cursor.ordinal)
		slowest->cursor = cursor;
	slowest->count++;
	return 0;
}

int
cursor_slowest(int dir, struct cursor *cursor)
{
	struct slowest slowest = { .count = 0 };
	int err = spooldir_each(dir, slowest_file, &slowest);

	if (err < 0)
		return err;
	*cursor = slowest.cursor;
	return slowest.count;
}
