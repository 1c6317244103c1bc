/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One evaluator without its process: what evaluator.c does with a record, for records that stand in
 * memory.
 */
#ifndef TESTS_EVAL_JUDGE_H
#define TESTS_EVAL_JUDGE_H

#include "alert.h"
#include "checked.h"
#include "oracle.h"
#include "ruleset.h"

/* Records behind each other, as in a ring. */
struct judge_records {
	uint8_t *bytes;
	size_t len, size;
	uint32_t count;
	uint64_t made; /* events that the generator made for them */
};

struct judge {
	const struct ruleset *ruleset; /* borrowed */
	struct context_arena arena;
	struct contexts contexts;
	struct scratch scratch;
	struct eval eval;
	struct checked checked; /* in a build for that */
	struct event_view view;
	struct clock clock;
	uint64_t judged, matched, bad, alert_bytes;
	uint64_t *by_rule; /* matches of each rule */
	uint64_t hash;     /* sum over the matches, of which rule matched where */
	bool write;        /* alerts, too */
	bool check_only;   /* copy and check records, no more */
	struct oracle *oracle; /* judges alone; NULL: the engine does */
	struct alert_room room;
	_Alignas(8) uint8_t record[EVENT_RECORD_MAX];
	_Alignas(8) uint8_t alert[ALERT_BYTES_MAX];
};

/*
 * Begin to judge by RULESET with empty caches over the arena behind FD (taken).  Returns 0 or a
 * negative errno; judge_close() ends it.
 */
int judge_open_take(struct judge *judge, const struct ruleset *ruleset, int fd);

/* Give everything back; harmless twice. */
void judge_close(struct judge *judge);

/*
 * Judge COUNT of RECORDS, from the first.  Counters and hash begin at zero.  Returns the bytes that
 * they have.
 */
size_t judge_run(struct judge *judge, const struct judge_records *records, uint32_t count);

#endif
