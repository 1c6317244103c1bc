/* SPDX-License-Identifier: Apache-2.0 */
/* Reading alert records, and the text line.  The JSON line is in json.c. */
#include "alert.h"

#include <errno.h>
#include <time.h>

#include "json.h"

static const char *const priorities[] = {
	"Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"
};

enum { PRIORITY_COUNT = sizeof(priorities) / sizeof(priorities[0]) };

int
alert_read(struct alert *alert, const void *bytes, size_t len)
{
	struct record record;
	const struct slots *slots = &record.slots;

	if (record_check(&record, bytes, len, RECORD_RAW) < 0 || record.head->type != EV_alert)
		return -EBADMSG;
	*alert = (struct alert){
		.key.position = record.head->position,
		.key.index = (uint32_t)slots_scalar_or(slots, P_alert_index, 0),
		.wall_ns = slots_scalar_or(slots, P_alert_wall_ts, 0),
		.utc_offset_s = (int64_t)slots_scalar_or(slots, P_alert_utc_offset, 0),
		.priority = (uint8_t)slots_scalar_or(slots, P_alert_priority, PRIORITY_COUNT - 1),
		.rules_hash = slots_scalar_or(slots, P_alert_rules_hash, 0),
		.rule = slots_bytes_or_none(slots, P_alert_rule),
		.source = slots_bytes_or_none(slots, P_alert_source),
		.hostname = slots_bytes_or_none(slots, P_alert_hostname),
		.message = slots_bytes_or_none(slots, P_alert_message),
		.fields = slots_bytes_or_none(slots, P_alert_fields),
		.tags = slots_bytes_or_none(slots, P_alert_tags),
		.lost = slots_bytes_or_none(slots, P_alert_lost),
	};
	return 0;
}

const char *
alert_priority_name(uint8_t priority)
{
	return priorities[priority < PRIORITY_COUNT ? priority : PRIORITY_COUNT - 1];
}

static void
time_print(struct text *out, const char *format, int64_t seconds, uint64_t ns, const char *zone)
{
	time_t at = (time_t)seconds;
	char buf[64];
	struct tm tm;

	/* Years stay in four digits: the wall clock is 64 bits of nanoseconds. */
	if (gmtime_r(&at, &tm) == NULL || strftime(buf, sizeof(buf), format, &tm) == 0)
		return;
	text_format(out, "%s.%09llu%s", buf, (unsigned long long)ns, zone);
}

void
alert_time_utc(struct text *out, const struct alert *alert, const char *zone)
{
	time_print(out, "%Y-%m-%dT%H:%M:%S", (int64_t)(alert->wall_ns / 1000000000u),
	    alert->wall_ns % 1000000000u, zone);
}

void
alert_time(struct text *out, const struct alert *alert, bool iso_8601)
{
	/* An offset that no zone has could overflow: a day is enough. */
	int64_t offset = alert->utc_offset_s % 86400;

	if (iso_8601)
		alert_time_utc(out, alert, "+0000");
	else
		time_print(out, "%H:%M:%S", (int64_t)(alert->wall_ns / 1000000000u) + offset,
		    alert->wall_ns % 1000000000u, "");
}

void
alert_prefix(struct text *out, const struct alert *alert, bool iso_8601)
{
	alert_time(out, alert, iso_8601);
	text_string(out, ": ");
	text_string(out, alert_priority_name(alert->priority));
	text_char(out, ' ');
}

bool
alert_print(struct text *out, const struct alert *alert, const struct alert_format *format)
{
	bool whole = true;

	if (format->json) {
		whole = json_alert(out, alert, format);
	} else {
		alert_prefix(out, alert, format->iso_8601);
		text_json(out, alert->message.ptr, alert->message.len);
	}
	text_char(out, '\n');
	return whole;
}
