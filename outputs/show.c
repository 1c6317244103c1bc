/* SPDX-License-Identifier: Apache-2.0 */
/* Listing, printing and verifying a spool.  See show.h. */
#include "show.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alert.h"
#include "follow.h"
#include "log.h"
#include "segment.h"
#include "spooldir.h"

/* What walking through one segment found. */
struct walk {
	uint64_t number;
	uint64_t begin_ordinal;
	uint64_t record_count;
	uint64_t bytes;       /* of the file */
	uint64_t end;         /* of the last whole frame */
	uint64_t chain;       /* there */
	uint64_t stream;
	struct segment_key last;
	uint32_t frame_count;
	int state;            /* enum segment_state that ended it, or a negative errno */
	const char *fault;    /* first thing that is wrong, or NULL */
};

static int
show_open(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		log_warn("%s", dir);
	return fd;
}

/* The directory with READER to read what is in it; -1 after a message. */
static int
show_begin(struct segment_reader *reader, const char *dir)
{
	int fd = show_open(dir);

	if (fd < 0 || segment_reader_init(reader) == 0)
		return fd;
	log_warnx("%s: no memory to read it", dir);
	(void)close(fd);
	return -1;
}

static void
show_end(struct segment_reader *reader, int fd)
{
	segment_reader_fini(reader);
	(void)close(fd);
}

/* Judge the records of the frame that was read. */
static const char *
walk_records(struct segment_reader *reader, struct walk *walk)
{
	struct alert alert;
	uint32_t len;

	if (segment_records(reader) < 0)
		return "a frame does not unpack to its records";
	for (uint32_t at = 0; at < reader->frame->plain_bytes; at += len) {
		memcpy(&len, reader->plain + at, sizeof(len));
		if (alert_read(&alert, reader->plain + at, len) < 0)
			return "a record breaks its layout";
		if (alert.key.position == 0)
			continue;
		if (!segment_key_after(alert.key, walk->last))
			return "a position does not grow";
		walk->last = alert.key;
	}
	if (segment_key_after(walk->last, reader->frame->last) ||
	    segment_key_after(reader->frame->last, walk->last))
		return "a frame's last position is not that of its records";
	return NULL;
}

/* Walk through segment NUMBER; with DEEP also through its records. */
static void
walk_segment(struct segment_reader *reader, int dir, uint64_t number, bool deep, struct walk *walk)
{
	struct stat st;
	int err;

	*walk = (struct walk){ .number = number };
	if ((walk->state = segment_open(reader, dir, number)) < 0) {
		walk->fault = walk->state == -ENOTSUP ? "another version" : "the head is damaged";
		return;
	}
	if (fstat(reader->fd, &st) == 0)
		walk->bytes = (uint64_t)st.st_size;
	walk->begin_ordinal = reader->head.ordinal;
	walk->stream = reader->head.stream;
	walk->last = reader->head.after;
	walk->end = reader->at;
	walk->chain = reader->chain;
	while ((walk->state = segment_next(reader)) == SEGMENT_FRAME) {
		walk->frame_count++;
		walk->record_count += reader->frame->record_count;
		walk->end = reader->at;
		walk->chain = reader->chain;
		if (deep && walk->fault == NULL)
			walk->fault = walk_records(reader, walk);
	}
	if (walk->fault == NULL && walk->state == SEGMENT_TORN)
		walk->fault = "a torn or damaged frame";
	if (walk->fault == NULL && walk->state == SEGMENT_SEALED && deep) {
		err = segment_check_seal(reader, walk->frame_count, walk->record_count);
		if (err < 0)
			walk->fault = "the index is damaged";
	}
}

static const char *
walk_state(const struct walk *walk)
{
	switch (walk->state) {
	case SEGMENT_SEALED:
		return "sealed";
	case SEGMENT_OPEN:
		return "open";
	case SEGMENT_TORN:
		return "torn";
	default:
		return "damaged";
	}
}

static void
show_row(const struct segment_reader *reader, const struct walk *walk)
{
	char begin[64] = "-";
	struct tm tm;
	time_t at;

	if (walk->state >= 0) {
		at = (time_t)(reader->head.created_ns / 1000000000u);
		if (gmtime_r(&at, &tm))
			(void)strftime(begin, sizeof(begin), "%Y-%m-%dT%H:%M:%SZ", &tm);
	}
	(void)printf("%016llu  %-20s %7u %9llu %11llu  %s\n", (unsigned long long)walk->number,
	    begin, walk->frame_count, (unsigned long long)walk->record_count,
	    (unsigned long long)walk->bytes, walk_state(walk));
}

int
show_list(const char *dir)
{
	struct segment_reader reader;
	struct walk walk;
	uint64_t number = 0;
	int fd;

	if ((fd = show_begin(&reader, dir)) < 0)
		return EXIT_SYSTEM;
	(void)printf("%-16s  %-20s %7s %9s %11s  %s\n", "segment", "begun", "frames", "alerts",
	    "bytes", "state");
	while ((number = spooldir_after(fd, number)) != 0) {
		walk_segment(&reader, fd, number, false, &walk);
		show_row(&reader, &walk);
	}
	show_end(&reader, fd);
	return fflush(stdout) == 0 ? EXIT_DONE : EXIT_SYSTEM;
}

/* Print the records of the frame that was read.  False when one of them was damaged. */
static bool
show_frame(struct follow *follow, const struct alert_format *format, char *line)
{
	struct alert alert;
	struct text text;
	bool whole = true;
	uint32_t len;

	for (uint32_t at = 0; at < follow->reader.frame->plain_bytes; at += len) {
		memcpy(&len, follow->reader.plain + at, sizeof(len));
		if (alert_read(&alert, follow->reader.plain + at, len) < 0) {
			whole = false;
			continue;
		}
		text_init(&text, line, ALERT_LINE_MAX);
		whole = alert_print(&text, &alert, format) && whole;
		(void)fwrite(text.buf, 1, text.len, stdout);
	}
	return whole;
}

int
show_alerts(const char *dir, bool json)
{
	const struct alert_format format = {
		.json = json, .include_output = true, .include_fields = true, .include_tags = true,
		.include_rules_hash = true,
	};
	const struct cursor start = { 0 };
	char *line = malloc(ALERT_LINE_MAX);
	struct follow follow = { 0 };
	bool whole = true;
	int fd, err = -ENOMEM;

	if ((fd = show_open(dir)) < 0) {
		free(line);
		return EXIT_SYSTEM;
	}
	if (line != NULL && (err = follow_open(&follow, fd, &start)) == 0)
		while ((err = follow_next(&follow)) > 0)
			whole = show_frame(&follow, &format, line) && whole;
	whole = whole && follow.bad_count == 0 && follow.skipped_count == 0;
	if (err < 0)
		log_warnx("%s: %s", dir, strerror(-err));
	else if (!whole)
		log_warnx("%s: what is damaged was passed over; --verify tells where", dir);
	follow_close(&follow);
	free(line);
	(void)close(fd);
	if (err < 0 || fflush(stdout) != 0)
		return EXIT_SYSTEM;
	return whole ? EXIT_DONE : EXIT_NO;
}

/* How WALK goes on from the segment before; NULL when it does. */
static const char *
verify_link(const struct segment_head *head, struct walk *before)
{
	if (head->before_number != before->number)
		return "the segment before is not the one it names";
	if (head->before_bytes == before->end && head->before_hash != before->chain)
		return "the chain is broken";
	if (head->before_bytes > before->end)
		return "the segment before ends too early";
	if (head->ordinal > before->begin_ordinal + before->record_count)
		return "alerts are missing before it";
	/* A write had failed: the end of the segment before is repeated here. */
	if (before->state == SEGMENT_TORN && head->before_bytes == before->end)
		before->fault = NULL;
	return NULL;
}

static bool
verify_report(const struct walk *walk)
{
	if (walk->fault == NULL)
		return true;
	(void)printf("segment %016llu, byte %llu: %s\n", (unsigned long long)walk->number,
	    (unsigned long long)walk->end, walk->fault);
	return false;
}

/* Walk segment by segment, each reported when the next one has said where it ends. */
static bool
verify_all(struct segment_reader *reader, int dir, uint64_t *segments, uint64_t *alerts)
{
	struct walk walk, before = { 0 };
	uint64_t number = 0;
	bool whole = true;

	while ((number = spooldir_after(dir, number)) != 0) {
		walk_segment(reader, dir, number, true, &walk);
		if (before.number != 0 && walk.state >= 0) {
			const char *fault = verify_link(&reader->head, &before);

			walk.fault = walk.fault ? walk.fault : fault;
			if (before.fault == NULL && before.state == SEGMENT_OPEN &&
			    reader->head.before_bytes != before.end)
				before.fault = "it ends elsewhere than the next segment says";
		}
		if (before.number != 0)
			whole = verify_report(&before) && whole;
		before = walk;
		(*segments)++;
		*alerts += walk.record_count;
	}
	return before.number == 0 || (verify_report(&before) && whole);
}

int
show_verify(const char *dir)
{
	struct segment_reader reader;
	uint64_t segments = 0, alerts = 0;
	bool whole;
	int fd;

	if ((fd = show_begin(&reader, dir)) < 0)
		return EXIT_SYSTEM;
	whole = verify_all(&reader, fd, &segments, &alerts);
	show_end(&reader, fd);
	(void)printf("%llu segments, %llu alerts: %s\n", (unsigned long long)segments,
	    (unsigned long long)alerts, whole ? "whole" : "not whole");
	return whole ? EXIT_DONE : EXIT_NO;
}
