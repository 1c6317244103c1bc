/* SPDX-License-Identifier: Apache-2.0 */
/* An alert as its record carries it, and as a line of text. */
#ifndef OUTPUTS_ALERT_H
#define OUTPUTS_ALERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"
#include "segment.h"
#include "text.h"

enum {
	ALERT_PREFIX_MAX = 96,
	/* Escaped, a byte becomes six at most, and JSON has the message twice. */
	ALERT_LINE_MAX = 16 * EVENT_RECORD_MAX
};

/* Borrowed from the record. */
struct alert {
	struct segment_key key;  /* position 0: written by the spooler */
	uint64_t wall_ns;        /* since 1970 */
	int64_t utc_offset_s;    /* east of UTC */
	uint8_t priority;        /* 0 (emergency) to 7 (debug) */
	struct span rule;
	struct span source;
	struct span hostname;
	struct span message;     /* without prefix */
	struct span fields;      /* JSON object, or empty */
	struct span tags;        /* NUL-separated, sorted */
	uint64_t rules_hash;     /* of the rule set that judged; 0: none did */
	struct span lost;        /* NUL-separated names of fields read while lost */
};

/* How alerts are printed. */
struct alert_format {
	bool json;
	bool iso_8601;        /* prefix of the line: date, time, zone; otherwise time of day */
	bool include_output;
	bool include_message;
	bool include_fields;
	bool include_tags;
	bool include_rules_hash;
};

/*
 * Fill ALERT from LEN bytes (8-aligned) at BYTES.  Returns 0; -EBADMSG for a record that
 * breaks its layout or is no alert.
 */
int alert_read(struct alert *alert, const void *bytes, size_t len);

/* "Notice"; an unknown number is the last one, "Debug". */
const char *alert_priority_name(uint8_t priority);

/* Append `HH:MM:SS.nnnnnnnnn` in the zone of the alert, or the ISO 8601 form in UTC. */
void alert_time(struct text *out, const struct alert *alert, bool iso_8601);

/* Append RFC 3339 time in UTC: `YYYY-MM-DDTHH:MM:SS.nnnnnnnnnZ`. */
void alert_time_utc(struct text *out, const struct alert *alert, const char *zone);

/* Append the prefix of the text line: `<time>: <Priority> `. */
void alert_prefix(struct text *out, const struct alert *alert, bool iso_8601);

/*
 * Append the alert as FORMAT says, as one line with its newline.  No byte of the alert can end
 * the line.  A line of ALERT_LINE_MAX bytes holds any alert.  Returns false when the fields
 * were not the JSON they should be, and were left out.
 */
bool alert_print(struct text *out, const struct alert *alert, const struct alert_format *format);

#endif
