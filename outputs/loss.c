/* SPDX-License-Identifier: Apache-2.0 */
/* Counting lost alerts by rule, and the record that tells of them.  See loss.h. */
#include "loss.h"

#include <string.h>

#include "clock.h"
#include "record.h"

enum { PRIORITY_CRITICAL = 2 };

static const char loss_name[] = "Saker internal: alerts lost";

void
loss_count(struct loss *loss, struct span rule)
{
	struct loss_rule *row;
	size_t len;

	if (rule.len == 0)
		rule = SPAN_OF("unknown");
	len = rule.len < LOSS_NAME_MAX - 1 ? rule.len : LOSS_NAME_MAX - 1;
	loss->count++;
	for (uint32_t i = 0; i < loss->rule_count; i++) {
		row = &loss->rules[i];
		if (strncmp(row->name, rule.ptr, len) == 0 && row->name[len] == '\0') {
			row->count++;
			return;
		}
	}
	if (loss->rule_count == LOSS_RULES_MAX) {
		loss->other_count++;
		return;
	}
	row = &loss->rules[loss->rule_count++];
	memset(row, 0, sizeof(*row));
	memcpy(row->name, rule.ptr, len);
	row->count = 1;
}

/* "alerts lost: the spool was full (deleted=3 in 1 segments, refused=2: Shell run=2)" */
static void
loss_message(const struct loss *loss, uint64_t segments, uint64_t alerts, struct text *out)
{
	text_format(out, "alerts lost: the spool was full (deleted=%llu in %llu segments, "
	    "refused=%llu", (unsigned long long)alerts, (unsigned long long)segments,
	    (unsigned long long)loss->count);
	for (uint32_t i = 0; i < loss->rule_count; i++) {
		text_string(out, i == 0 ? ": " : ", ");
		text_string(out, loss->rules[i].name);
		text_char(out, '=');
		text_u64(out, loss->rules[i].count);
	}
	if (loss->other_count > 0)
		text_format(out, ", other rules=%llu", (unsigned long long)loss->other_count);
	text_char(out, ')');
}

static void
loss_put(struct record_writer *writer, uint32_t index, struct span bytes)
{
	record_put_bytes(writer, index, bytes.ptr, bytes.len, PARAM_EXACT);
}

int
loss_record(const struct loss *loss, uint64_t segments, uint64_t alerts, struct span host,
    int32_t utc_offset_s, void *buf)
{
	char message[4096], fields[256];
	struct text text, json;
	struct record_writer writer;

	text_init(&text, message, sizeof(message));
	loss_message(loss, segments, alerts, &text);
	text_init(&json, fields, sizeof(fields));
	text_format(&json,
	    "{\"alerts_deleted\":%llu,\"alerts_refused\":%llu,\"segments_deleted\":%llu}",
	    (unsigned long long)alerts, (unsigned long long)loss->count,
	    (unsigned long long)segments);
	record_begin(&writer, buf, LOSS_RECORD_MAX, EV_alert, P_alert_COUNT);
	record_head(&writer)->lane = LANE_META;
	record_head(&writer)->ts = clock_ns(CLOCK_BOOTTIME);
	record_put(&writer, P_alert_index, 0);
	record_put(&writer, P_alert_wall_ts, clock_ns(CLOCK_REALTIME));
	record_put(&writer, P_alert_utc_offset, (uint64_t)(int64_t)utc_offset_s);
	record_put(&writer, P_alert_priority, PRIORITY_CRITICAL);
	loss_put(&writer, P_alert_rule, SPAN_OF(loss_name));
	loss_put(&writer, P_alert_source, SPAN_OF("internal"));
	loss_put(&writer, P_alert_hostname, host);
	loss_put(&writer, P_alert_message, (struct span){ text.buf, text.len });
	loss_put(&writer, P_alert_fields, (struct span){ json.buf, json.len });
	return record_end(&writer);
}
