/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Following a spool.  See follow.h.  A segment is left only after its successor was seen and
 * then nothing more was found: the spooler writes the last frame of a segment before it begins
 * the next one.
 */
#include "follow.h"

#include <errno.h>
#include <string.h>

#include "log.h"
#include "spooldir.h"

/* Segments and damaged frames passed over in one call. */
enum { FOLLOW_STEPS_MAX = 1024 };

/* No segment is longer: a cursor that says so is wrong. */
static const uint64_t offset_max = (uint64_t)1 << 40;

/* Whether CURSOR means a place in the segment that is open. */
static bool
follow_fits(const struct follow *follow, const struct cursor *cursor)
{
	return follow->reader.head.created_ns == cursor->created_ns &&
	    cursor->offset >= follow->reader.at && cursor->offset < offset_max &&
	    cursor->record <= cursor->ordinal;
}

static bool
follow_damaged(int err)
{
	return err == -EBADMSG || err == -ENOTSUP;
}

/* The head of the segment after the current one.  True when it has begun. */
static bool
follow_successor(struct follow *follow, struct segment_head *head, bool sealed)
{
	struct segment_reader reader = SEGMENT_READER_NONE;
	uint64_t number = follow->number + 1;
	int err;

	/* Only the buffer is shared: the frame in it was dealt with. */
	reader.frame = follow->reader.frame;
	err = segment_open(&reader, follow->dir, number);
	if (err == -ENOENT && sealed) {
		number = spooldir_after(follow->dir, follow->number);
		if (number == 0)
			return false;
		err = segment_open(&reader, follow->dir, number);
	}
	if (follow_damaged(err)) {
		*head = (struct segment_head){ .number = number };
		return true;
	}
	if (err < 0)
		return false;
	*head = reader.head;
	segment_close(&reader);
	return true;
}

/*
 * Frames after a failed write are repeated in the next segment: learn where this one ends, if
 * there is a next one already.
 */
static void
follow_limit(struct follow *follow)
{
	struct segment_head next;

	follow->limit = UINT64_MAX;
	if (follow_successor(follow, &next, false) && next.before_number == follow->number)
		follow->limit = next.before_bytes;
}

int
follow_open(struct follow *follow, int dir, const struct cursor *cursor)
{
	int err;

	memset(follow, 0, sizeof(*follow));
	follow->dir = dir;
	if ((err = segment_reader_init(&follow->reader)) < 0)
		return err;
	follow->number = cursor->segment;
	follow->ordinal = follow->next_ordinal = cursor->ordinal;
	if (cursor->segment == 0)
		return 0;
	err = segment_open(&follow->reader, dir, cursor->segment);
	if (err < 0)
		return err == -ENOMEM ? err : 0; /* gone or damaged: follow_next() knows */
	follow->open = true;
	follow_limit(follow);
	if (follow_fits(follow, cursor)) {
		segment_seek(&follow->reader, cursor->offset);
		follow->next_ordinal = cursor->ordinal - cursor->record;
		follow->past = cursor->record;
	} else {
		/* The number came again after the spool was lost: all of this segment is new. */
		follow->next_ordinal = follow->reader.head.ordinal;
	}
	return 0;
}

void
follow_close(struct follow *follow)
{
	if (follow->reader.frame != NULL)
		segment_reader_fini(&follow->reader);
	memset(follow, 0, sizeof(*follow));
}

/* Go to segment NUMBER.  0, or what segment_open() says. */
static int
follow_enter(struct follow *follow, uint64_t number)
{
	int err = segment_open(&follow->reader, follow->dir, number);
	uint64_t begin;

	follow->open = err == 0;
	if (err < 0)
		return err;
	begin = follow->reader.head.ordinal;
	if (begin > follow->next_ordinal && follow->number != 0)
		follow->skipped_count += begin - follow->next_ordinal;
	follow->number = number;
	follow->next_ordinal = begin;
	follow->past = 0;
	follow_limit(follow);
	return 0;
}

/* Segment NUMBER can not be read: the place is after it. */
static void
follow_pass(struct follow *follow, uint64_t number)
{
	log_warnx("spool: segment %llu is damaged or of another version, passed over",
	    (unsigned long long)number);
	follow->bad_count++;
	follow->number = number;
}

/*
 * The spool ends before the place: it was lost, and began again with lower numbers.  Its
 * records are counted on from the cursors, so what is new begins at the place's ordinal or
 * after it.  Returns the number of the first such segment, or 0.
 */
static uint64_t
follow_restart(struct follow *follow)
{
	struct spooldir_range range;
	uint64_t number = 0;

	if (spooldir_range(follow->dir, &range) < 0 || range.newest >= follow->number)
		return 0;
	for (int steps = FOLLOW_STEPS_MAX; steps > 0; steps--) {
		number = spooldir_after(follow->dir, number);
		if (number == 0)
			return 0;
		if (segment_open(&follow->reader, follow->dir, number) == 0 &&
		    follow->reader.head.ordinal >= follow->next_ordinal)
			break;
	}
	log_warnx("spool: segment %llu is gone and nothing follows it; going on at %llu",
	    (unsigned long long)follow->number, (unsigned long long)number);
	return number;
}

/*
 * Not in a segment: enter the first one after (or, at the start, from) the place.  1 entered,
 * 0 there is none.
 */
static int
follow_find(struct follow *follow)
{
	uint64_t number = spooldir_after(follow->dir, follow->number);
	int err;

	if (number == 0 && follow->number != 0)
		number = follow_restart(follow);
	if (number == 0)
		return 0;
	err = follow_enter(follow, number);
	if (!follow_damaged(err))
		return err == 0 ? 1 : err == -ENODATA || err == -ENOENT ? 0 : err;
	follow_pass(follow, number);
	return 1;
}

/*
 * Leave the current segment for the next.  What of it was not read is counted when the next
 * one is entered.
 */
static int
follow_leave(struct follow *follow, const struct segment_head *next)
{
	int err = follow_enter(follow, next->number);

	if (!follow_damaged(err))
		return err;
	follow_pass(follow, next->number);
	return 0;
}

/*
 * No whole frame here.  Returns 1 when there is a new place to look at, 0 when there is
 * nothing now.
 */
static int
follow_end(struct follow *follow, int state)
{
	struct segment_head next;
	int err;

	if (!follow_successor(follow, &next, state == SEGMENT_SEALED))
		return 0;
	/* Look once more: the last frame may have been written after the first look. */
	if (next.before_number != follow->number || follow->reader.at < next.before_bytes) {
		state = segment_next(&follow->reader);
		if (state < 0)
			return state;
		if (state == SEGMENT_FRAME)
			return 2;
		if (state == SEGMENT_TORN) {
			follow->bad_count++;
			if (segment_skip(&follow->reader))
				return 1;
		}
	}
	err = follow_leave(follow, &next);
	return err == 0 ? 1 : err == -ENOENT || err == -ENODATA ? 0 : err;
}

/* A frame was read: unpack it.  1, or 0 when it is damaged. */
static int
follow_frame(struct follow *follow)
{
	const struct segment_frame *frame = follow->reader.frame;

	follow->offset = follow->reader.at - frame->bytes;
	follow->ordinal = follow->next_ordinal;
	follow->next_ordinal += frame->record_count;
	follow->skip = follow->past;
	follow->past = 0;
	if (segment_records(&follow->reader) == 0)
		return 1;
	follow->bad_count++;
	follow->skipped_count += frame->record_count;
	return 0;
}

int
follow_next(struct follow *follow)
{
	int state = 0;

	for (int steps = FOLLOW_STEPS_MAX; steps > 0; steps--) {
		if (!follow->open) {
			if ((state = follow_find(follow)) <= 0)
				return state;
			continue;
		}
		state = SEGMENT_SEALED;
		if (follow->reader.at < follow->limit)
			state = segment_next(&follow->reader);
		if (state < 0)
			return state;
		if (state != SEGMENT_FRAME) {
			if ((state = follow_end(follow, state)) <= 0)
				return state;
			if (state == 1)
				continue;
		}
		if (follow_frame(follow) == 1)
			return 1;
	}
	return 0;
}

void
follow_tell(const struct follow *follow, uint32_t record, struct cursor *cursor)
{
	const struct segment_frame *frame = follow->reader.frame;
	bool after = record >= frame->record_count;

	cursor->segment = follow->number;
	cursor->created_ns = follow->reader.head.created_ns;
	cursor->offset = after ? follow->reader.at : follow->offset;
	cursor->record = after ? 0 : record;
	cursor->ordinal = follow->ordinal + record;
}
