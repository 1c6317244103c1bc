/* SPDX-License-Identifier: Apache-2.0 */
/* Alert rings in order.  See merge.h. */
#include "merge.h"

#include <errno.h>

#include "alert.h"
#include "clock.h"

enum { HELD_PAUSE_MS = 1 };

void
merge_look(struct merge *merge)
{
	for (uint32_t i = 0; i < merge->count; i++) {
		struct merge_source *source = &merge->sources[i];

		source->judged = ring_position(&source->ring);
		if (merge->dealt == NULL)
			continue;
		source->judged = dealt_judged(merge->dealt, i, source->judged);
		if (ring_ended(&source->ring))
			source->judged = UINT64_MAX;
	}
}

uint64_t
merge_position(const struct merge *merge)
{
	uint64_t position = UINT64_MAX;

	for (uint32_t i = 0; i < merge->count; i++) {
		if (merge->sources[i].judged < position)
			position = merge->sources[i].judged;
	}
	return position;
}

/* Hold the next alert of SOURCE, if there is one and none is held.  Returns 0 or -EBADMSG. */
static int
source_fill(struct merge_source *source)
{
	struct alert alert;
	int len;

	if (source->held > 0)
		return 0;
	len = ring_next(&source->ring, source->record, sizeof(source->record));
	if (len <= 0)
		return len;
	source->held = (uint32_t)len;
	/* What can not be read goes out at once, to be counted. */
	source->key = (struct segment_key){ .position = 0 };
	if (alert_read(&alert, source->record, (size_t)len) == 0)
		source->key = alert.key;
	return 0;
}

/* Whether the alert that SOURCE holds is older than all that any other can still say. */
static bool
source_due(const struct merge *merge, const struct merge_source *source)
{
	for (uint32_t i = 0; i < merge->count; i++) {
		const struct merge_source *other = &merge->sources[i];

		if (other != source && other->held == 0 && !merge->over &&
		    other->judged < source->key.position)
			return false;
	}
	return true;
}

/* The source that holds the oldest alert; NULL when none holds any. */
static struct merge_source *
merge_oldest(struct merge *merge)
{
	struct merge_source *oldest = NULL;

	for (uint32_t i = 0; i < merge->count; i++) {
		struct merge_source *source = &merge->sources[i];

		if (source->held > 0 &&
		    (oldest == NULL || segment_key_after(oldest->key, source->key)))
			oldest = source;
	}
	return oldest;
}

int
merge_next(struct merge *merge, const void **record)
{
	struct merge_source *source = &merge->sources[0];
	int len;

	if (merge->count == 1) {
		*record = source->record;
		return ring_next(&source->ring, source->record, sizeof(source->record));
	}
	for (uint32_t i = 0; i < merge->count; i++) {
		if (source_fill(&merge->sources[i]) < 0) {
			merge->broken = i;
			return -EBADMSG;
		}
	}
	if ((source = merge_oldest(merge)) == NULL || !source_due(merge, source))
		return 0;
	*record = source->record;
	len = (int)source->held;
	source->held = 0;
	return len;
}

void
merge_release(struct merge *merge, uint64_t position)
{
	for (uint32_t i = 0; i < merge->count; i++)
		ring_release_but(&merge->sources[i].ring, position, merge->sources[i].held);
}

uint64_t
merge_waiting(const struct merge *merge)
{
	uint64_t waiting = 0;

	for (uint32_t i = 0; i < merge->count; i++)
		waiting += ring_waiting(&merge->sources[i].ring);
	return waiting;
}

bool
merge_ended(struct merge *merge)
{
	for (uint32_t i = 0; i < merge->count; i++) {
		if (merge->sources[i].held > 0 || !ring_ended(&merge->sources[i].ring))
			return false;
	}
	return true;
}

void
merge_wait(struct merge *merge, uint64_t timeout_ns)
{
	struct ring *rings[EVALUATORS_MAX];

	if (merge->count == 1) {
		ring_wait(&merge->sources[0].ring, timeout_ns);
		return;
	}
	/* How far evaluators are nobody wakes us for: while something waits for it, look often. */
	if (merge_oldest(merge)) {
		clock_pause_ms(HELD_PAUSE_MS);
		return;
	}
	for (uint32_t i = 0; i < merge->count; i++)
		rings[i] = &merge->sources[i].ring;
	ring_wait_any(rings, merge->count, timeout_ns);
}

void
merge_close(struct merge *merge)
{
	for (uint32_t i = 0; i < merge->count; i++)
		ring_detach(&merge->sources[i].ring);
	merge->count = 0;
}
