/* SPDX-License-Identifier: Apache-2.0 */
/* Observing all full rings.  See taps.h. */
#include "taps.h"

#include <errno.h>

enum { LAPS_MAX = 8 }; /* in a row; then it is somebody else's turn */

int
taps_open(struct taps *taps, struct keeper *keeper)
{
	int fd, err;

	for (taps->count = 0; taps->count < EVALUATORS_MAX; taps->count++) {
		if ((fd = keeper_take_end_of(keeper, REGION_FULL_DATA, taps->count)) < 0)
			break;
		err = tap_attach_take(&taps->sources[taps->count].tap, fd, REGION_FULL_DATA);
		if (err < 0)
			return err;
	}
	return taps->count > 0 ? 0 : -ENOENT;
}

void
taps_close(struct taps *taps)
{
	for (uint32_t i = 0; i < taps->count; i++)
		tap_detach(&taps->sources[i].tap);
	taps->count = 0;
}

/* Hold the next record of SOURCE, if there is one and none is held.  Returns 0 or -EBADMSG. */
static int
source_fill(struct taps_source *source)
{
	const struct event_head *head = (const void *)source->record;
	int len = 0;

	if (source->held > 0)
		return 0;
	source->passed = tap_position(&source->tap);
	for (int i = 0; i < LAPS_MAX; i++) {
		len = tap_next(&source->tap, source->record, sizeof(source->record));
		if (len != -EOVERFLOW)
			break;
	}
	if (len < 0)
		return len == -EOVERFLOW ? 0 : len;
	source->held = (uint32_t)len;
	source->position = len >= EVENT_HEAD_BYTES ? head->position : 0;
	return 0;
}

int
taps_next(struct taps *taps, const void **record)
{
	struct taps_source *oldest = NULL;
	uint64_t passed = UINT64_MAX;
	int err;

	for (uint32_t i = 0; i < taps->count; i++) {
		struct taps_source *source = &taps->sources[i];

		if ((err = source_fill(source)) < 0)
			return err;
		if (source->held == 0 && source->passed < passed)
			passed = source->passed;
		if (source->held > 0 && (oldest == NULL || source->position < oldest->position))
			oldest = source;
	}
	/* Of a single ring whatever comes is next; of several, what no other can come before. */
	if (oldest == NULL || oldest->position > passed)
		return 0;
	*record = oldest->record;
	err = (int)oldest->held;
	oldest->held = 0;
	return err;
}

bool
taps_ended(const struct taps *taps)
{
	for (uint32_t i = 0; i < taps->count; i++) {
		if (!tap_ended(&taps->sources[i].tap))
			return false;
	}
	return true;
}

uint64_t
taps_lapped(const struct taps *taps)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < taps->count; i++)
		count += taps->sources[i].tap.lapped_count;
	return count;
}
