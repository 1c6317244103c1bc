/* SPDX-License-Identifier: Apache-2.0 */
/* Names, hashes and whole input and output of segments: what reader and writer share. */
#include "segment.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "record.h"
#include "segment_wire.h"

enum { NAME_DIGITS = 16 };

static const char suffix[] = ".seg";

uint64_t
segment_schema(enum segment_kind kind)
{
	const struct event_info *info = event_info(EV_alert);
	uint64_t hash = EVENT_HEAD_BYTES;

	if (kind != SEGMENT_ALERTS)
		return schema_hash();
	for (uint32_t i = 0; i < info->param_count; i++) {
		const struct event_param *param = &info->params[i];
		const char *type = param_type_name(param->type);

		hash = bytes_hash(param->name, strlen(param->name), hash);
		hash = bytes_hash(type, strlen(type), hash);
	}
	return hash;
}

uint64_t
segment_hash(void *bytes, size_t len, uint64_t *hash)
{
	uint64_t kept = *hash, result;

	*hash = 0;
	result = bytes_hash(bytes, len, 0);
	*hash = kept;
	return result;
}

void
segment_name(char name[SEGMENT_NAME_MAX], uint64_t number)
{
	(void)snprintf(name, SEGMENT_NAME_MAX, "%016llu%s",
	    (unsigned long long)(number % 10000000000000000u), suffix);
}

uint64_t
segment_number(const char *name)
{
	uint64_t number = 0;

	for (int i = 0; i < NAME_DIGITS; i++) {
		if (name[i] < '0' || name[i] > '9')
			return 0;
		number = number * 10 + (uint64_t)(name[i] - '0');
	}
	return strcmp(name + NAME_DIGITS, suffix) == 0 ? number : 0;
}

int
segment_write(int fd, const void *bytes, size_t len, uint64_t at)
{
	const char *from = bytes;

	while (len > 0) {
		ssize_t done = pwrite(fd, from, len, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done < 0 ? -errno : -ENOSPC;
		from += done;
		at += (uint64_t)done;
		len -= (size_t)done;
	}
	return 0;
}

int
segment_read(int fd, void *bytes, size_t len, uint64_t at)
{
	char *to = bytes;
	size_t have = 0;

	while (have < len) {
		ssize_t done = pread(fd, to + have, len - have, (off_t)(at + have));

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		if (done == 0)
			break;
		have += (size_t)done;
	}
	return (int)have;
}
