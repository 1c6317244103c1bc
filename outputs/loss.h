/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts that the spool lost, counted by rule, and the internal alert that tells of them.
 */
#ifndef OUTPUTS_LOSS_H
#define OUTPUTS_LOSS_H

#include <stddef.h>
#include <stdint.h>

#include "text.h"

enum {
	LOSS_RULES_MAX = 16,  /* rules counted by name; the others together */
	LOSS_NAME_MAX = 128,
	LOSS_RECORD_MAX = 8192
};

struct loss_rule {
	char name[LOSS_NAME_MAX];
	uint64_t count;
};

struct loss {
	uint64_t count;
	uint64_t other_count; /* of rules that found no place */
	uint32_t rule_count;
	struct loss_rule rules[LOSS_RULES_MAX];
};

/* One alert of RULE is lost. */
void loss_count(struct loss *loss, struct span rule);

/*
 * Build the internal alert at BUF (LOSS_RECORD_MAX bytes, 8-aligned): LOSS, and SEGMENTS with
 * ALERTS in them that were deleted unread.  It has no position.  Returns its length, or
 * -EMSGSIZE.
 */
int loss_record(const struct loss *loss, uint64_t segments, uint64_t alerts, struct span host,
    int32_t utc_offset_s, void *buf);

#endif
