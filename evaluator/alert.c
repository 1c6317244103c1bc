/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts as records.  See alert.h. */
#include "alert.h"

#include <assert.h>

#include "json.h"

/* Everything but its texts: head, states, slots, and what aligning each piece may cost. */
enum {
	ALERT_FRAME = EVENT_HEAD_BYTES + 8 * (EVENT_STATE_WORDS(P_alert_COUNT) + 2 * P_alert_COUNT)
};

_Static_assert(ALERT_FRAME + 2 * ALERT_NAME_MAX + ALERT_HOST_MAX + ALERT_TAGS_MAX +
    ALERT_LOST_MAX + ALERT_MESSAGE_MAX + ALERT_FIELDS_MAX <= ALERT_BYTES_MAX,
    "an alert fits a record, whatever it says");

/*
 * The fields as JSON.  What does not fit is tried again with its texts cut, and then left
 * out: half an object is worth nothing.
 */
static struct span
alert_fields(const struct format *format, struct eval *eval, struct event_view *view,
    struct alert_room *room, bool *cut)
{
	static const size_t limits[] = { 0, ALERT_TEXT_CUT, ALERT_TEXT_CUT / 8 };
	struct text text;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		text_init(&text, room->fields, sizeof(room->fields));
		(void)json_fields(&text, format, eval, view, limits[i]);
		if (!text.truncated)
			return (struct span){ text.buf, text.len };
		*cut = true;
	}
	return SPAN_OF("null");
}

static void
lost_add(struct text *text, const struct event_view *view, const struct accessor *accessor)
{
	if (!field_doubtful(view, accessor))
		return;
	if (text->len > 0)
		text_char(text, '\0');
	text_bytes(text, accessor->text.ptr, accessor->text.len);
}

/* Names of the fields that the rule read and that are in doubt. */
static struct span
alert_lost(const struct ruleset_rule *rule, const struct eval *eval, struct event_view *view,
    struct alert_room *room)
{
	const struct accessor *accessors = eval->program->accessors;
	struct text text;

	text_init(&text, room->lost, sizeof(room->lost));
	/* How far the chain was followed depends on what was remembered: follow it to its end. */
	(void)view_ancestor(view, VIEW_CHAIN_MAX - 1);
	if (view->lost == 0)
		return SPAN_NONE;
	for (uint32_t i = 0; i < rule->condition.accessor_count; i++)
		lost_add(&text, view, &accessors[rule->condition.accessors[i]]);
	for (uint32_t i = 0; i < rule->format.field_count; i++) {
		bool again = false;

		for (uint32_t j = 0; j < rule->condition.accessor_count; j++)
			again = again || rule->condition.accessors[j] == rule->format.fields[i];
		if (!again)
			lost_add(&text, view, &accessors[rule->format.fields[i]]);
	}
	return (struct span){ text.buf, text.len };
}

static void
put_text(struct record_writer *writer, uint32_t slot, struct span text, size_t max, bool *cut)
{
	bool longer = text.len > max;

	*cut = *cut || longer;
	record_put_bytes(writer, slot, text.ptr, longer ? max : text.len,
	    longer ? PARAM_TRUNCATED : PARAM_EXACT);
}

static void
alert_head(struct event_head *head, const struct event_head *event)
{
	head->lane = LANE_META;
	head->flags = event->flags;
	head->ts = event->ts;
	head->seq = event->seq;
	head->start = event->start;
	head->result = event->result;
	head->position = event->position;
	head->tid = event->tid;
	head->tgid = event->tgid;
	head->exec = event->exec;
	head->cpu = event->cpu;
}

uint32_t
alert_write(const struct ruleset *ruleset, uint32_t number, uint32_t index, struct eval *eval,
    struct event_view *view, struct alert_room *room, void *at, bool *cut)
{
	const struct ruleset_rule *rule = &ruleset->rules[number];
	struct record_writer writer;
	struct text message;
	struct span lost;
	int len;

	*cut = false;
	text_init(&message, room->message, sizeof(room->message));
	(void)format_print(&rule->format, eval, view, &message);
	*cut = message.truncated;
	record_begin(&writer, at, ALERT_BYTES_MAX, EV_alert, P_alert_COUNT);
	alert_head(record_head(&writer), view->record.head);
	record_put(&writer, P_alert_index, index);
	record_put(&writer, P_alert_wall_ts, view_wall(view, view->record.head->ts));
	record_put(&writer, P_alert_utc_offset, (uint64_t)view->clock->utc_offset_s);
	record_put(&writer, P_alert_priority, rule->priority);
	put_text(&writer, P_alert_rule, rule->name, ALERT_NAME_MAX, cut);
	put_text(&writer, P_alert_source, rule->source, ALERT_NAME_MAX, cut);
	put_text(&writer, P_alert_hostname, view->hostname, ALERT_HOST_MAX, cut);
	record_put_bytes(&writer, P_alert_message, message.buf, message.len,
	    message.truncated ? PARAM_TRUNCATED : PARAM_EXACT);
	put_text(&writer, P_alert_fields, alert_fields(&rule->format, eval, view, room, cut),
	    ALERT_FIELDS_MAX, cut);
	put_text(&writer, P_alert_tags, rule->tags, ALERT_TAGS_MAX, cut);
	lost = alert_lost(rule, eval, view, room);
	if (lost.len > 0)
		put_text(&writer, P_alert_lost, lost, ALERT_LOST_MAX, cut);
	record_put(&writer, P_alert_rules_hash, ruleset->hash);
	len = record_end(&writer);
	assert(len > 0); /* the bounds above see to it */
	return (uint32_t)len;
}
