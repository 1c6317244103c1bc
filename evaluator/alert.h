/* SPDX-License-Identifier: Apache-2.0 */
/* From a match to the record that says so. */
#ifndef EVALUATOR_ALERT_H
#define EVALUATOR_ALERT_H

#include "ruleset.h"

enum {
	ALERT_NAME_MAX = 1024,
	ALERT_HOST_MAX = 256,
	ALERT_TAGS_MAX = 2048,
	ALERT_LOST_MAX = 1024,
	ALERT_MESSAGE_MAX = 8 * 1024,
	ALERT_FIELDS_MAX = 16 * 1024,
	ALERT_TEXT_CUT = 512, /* of each text in the fields, when all of it does not fit */
	ALERT_BYTES_MAX = EVENT_RECORD_MAX
};

/* Room to build in; too large for a stack. */
struct alert_room {
	char message[ALERT_MESSAGE_MAX];
	char fields[ALERT_FIELDS_MAX];
	char lost[ALERT_LOST_MAX];
};

/*
 * Write at AT (ALERT_BYTES_MAX bytes, 8-aligned) the record of RULE's match on the event in
 * VIEW, the INDEXth of it. Returns its length; *CUT gets whether anything was left out.
 * Allocates nothing.
 */
uint32_t alert_write(const struct ruleset *ruleset, uint32_t rule, uint32_t index,
    struct eval *eval, struct event_view *view, struct alert_room *room, void *at, bool *cut);

#endif
