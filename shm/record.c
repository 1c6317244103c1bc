/* SPDX-License-Identifier: Apache-2.0 */
/* Reader and writer of records.  See record.h and the drawing in event.h. */
#include "record.h"

#include <errno.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
    "slots are little-endian on every supported machine");

int
slots_check(const struct slots *slots, uint64_t byte_slots)
{
	for (; byte_slots != 0; byte_slots &= byte_slots - 1) {
		uint32_t i = (uint32_t)__builtin_ctzll(byte_slots);
		uint64_t value = slots->values[i];

		if (slots_state(slots, i) != PARAM_ABSENT &&
		    (value & UINT32_MAX) + (value >> 32) > slots->body_len)
			return -EBADMSG;
	}
	return 0;
}

int
record_check(struct record *record, const void *bytes, size_t len, enum record_form form)
{
	const struct event_head *head = bytes;
	const struct event_info *info;
	uint32_t params, words;

	if (len < EVENT_HEAD_BYTES || len > EVENT_RECORD_MAX || len % 8 != 0 || head->len != len)
		return -EBADMSG;
	if (head->reserved != 0 || head->lane >= LANE_COUNT || head->params > EVENT_PARAMS_MAX)
		return -EBADMSG;
	if ((info = event_info(head->type)) == NULL)
		return -ENOTSUP;
	params = info->param_count + (form == RECORD_FULL ? (uint32_t)D_COUNT : 0);
	if (head->params != params || EVENT_BODY(params) > len)
		return -EBADMSG;
	words = EVENT_STATE_WORDS(params);
	record->head = head;
	record->own = info->param_count;
	record->slots.states = (const uint64_t *)(const void *)(head + 1);
	record->slots.values = record->slots.states + words;
	record->slots.body = (const uint8_t *)(record->slots.values + params);
	record->slots.body_len = (uint32_t)len - EVENT_BODY(params);
	record->slots.count = params;
	/* A state of a slot that is not there: a full record would have it. */
	if (params % 32 != 0 && record->slots.states[words - 1] >> (params % 32 * 2) != 0)
		return -EBADMSG;
	return slots_check(&record->slots, form == RECORD_FULL
	        ? info->byte_slots | derived_byte_slots << info->param_count
	        : info->byte_slots);
}

void
record_begin(struct record_writer *writer, void *buf, size_t size, uint16_t type, uint32_t params)
{
	writer->buf = buf;
	writer->size = size;
	writer->params = params;
	writer->body = EVENT_BODY(params);
	writer->used = writer->body;
	writer->overflow = params > EVENT_PARAMS_MAX || writer->body > size;
	if (writer->overflow)
		return;
	memset(buf, 0, writer->body);
	record_head(writer)->type = type;
	record_head(writer)->params = (uint8_t)params;
}

void
record_begin_full(struct record_writer *writer, void *buf, size_t size, const struct record *raw)
{
	uint32_t own = raw->own, params = own + (uint32_t)D_COUNT;
	uint64_t *states;

	record_begin(writer, buf, size, raw->head->type, params);
	if (writer->overflow || writer->body + raw->slots.body_len > size) {
		writer->overflow = true;
		return;
	}
	memcpy(buf, raw->head, EVENT_HEAD_BYTES);
	record_head(writer)->params = (uint8_t)params;
	states = (uint64_t *)(void *)(writer->buf + EVENT_HEAD_BYTES);
	memcpy(states, raw->slots.states, 8 * EVENT_STATE_WORDS(own));
	memcpy(states + EVENT_STATE_WORDS(params), raw->slots.values, 8 * (size_t)own);
	memcpy(writer->buf + writer->body, raw->slots.body, raw->slots.body_len);
	writer->used = writer->body + raw->slots.body_len;
}

static void
writer_slot(struct record_writer *writer, uint32_t index, uint64_t value, enum param_state state)
{
	uint64_t *states = (uint64_t *)(void *)(writer->buf + EVENT_HEAD_BYTES);
	uint32_t shift = index % 32 * 2;

	states[index / 32] =
	    (states[index / 32] & ~((uint64_t)3 << shift)) | (uint64_t)state << shift;
	states[EVENT_STATE_WORDS(writer->params) + index] = value;
}

void
record_put(struct record_writer *writer, uint32_t index, uint64_t value)
{
	if (index >= writer->params)
		writer->overflow = true;
	if (!writer->overflow)
		writer_slot(writer, index, value, PARAM_EXACT);
}

void
record_put_bytes(struct record_writer *writer, uint32_t index, const void *bytes, size_t len,
    enum param_state state)
{
	size_t padded = (len + 7) & ~(size_t)7;

	if (index >= writer->params || len > EVENT_RECORD_MAX ||
	    writer->used + padded > writer->size)
		writer->overflow = true;
	if (writer->overflow)
		return;
	if (len > 0) {
		memcpy(writer->buf + writer->used, bytes, len);
		memset(writer->buf + writer->used + len, 0, padded - len);
	}
	writer_slot(writer, index, (uint64_t)len << 32 | (writer->used - writer->body), state);
	writer->used += (uint32_t)padded;
}

int
record_end(struct record_writer *writer)
{
	if (writer->overflow || writer->used > EVENT_RECORD_MAX)
		return -EMSGSIZE;
	record_head(writer)->len = writer->used;
	return (int)writer->used;
}
