/* SPDX-License-Identifier: Apache-2.0 */
/* Merging streams in place.  See order.h. */
#include "order.h"

#include <errno.h>
#include <string.h>

#include "fault.h"

/* A record this far ahead of the clock is not one: waiting for its time would stop its stream. */
static const uint64_t ahead_max_ns = 1000 * 1000 * 1000;

_Static_assert((ORDER_WINDOW & (ORDER_WINDOW - 1)) == 0, "an index is masked");

void
order_init(struct order *order, struct source *source, struct raw *raw, struct gaps *gaps,
    uint64_t hold_ns)
{
	memset(order, 0, sizeof(*order));
	order->source = source;
	order->raw = raw;
	order->stats = raw->stats;
	order->hold_ns = hold_ns;
	order->late_ns = gaps->late_ns;
	order->gaps = gaps;
	order->stream_count = source->stream_count + 1;
	order->through_ns = *raw_through(raw);
	for (uint32_t cpu = 0; cpu < source->cpu_count; cpu++) {
		for (uint32_t lane = 0; lane < SOURCE_LANES; lane++)
			gaps_base(order->gaps, cpu, lane, *raw_word(raw, cpu, lane));
	}
}

void
order_begin(struct order *order, uint64_t now_ns)
{
	if (now_ns > order->through_ns)
		order->through_ns = now_ns;
}

static struct order_entry *
stream_entry(struct order_stream *stream, uint32_t index)
{
	return &stream->entries[(stream->first + index) & (ORDER_WINDOW - 1)];
}

/*
 * True when A goes before B: by number within a CPU's lane, whose numbers are what exactly-once
 * rests on, else by time.
 */
static bool
entry_before(const struct order_entry *a, const struct order_entry *b)
{
	bool numbered = a->head->lane != LANE_META && a->head->lane == b->head->lane &&
	    a->head->cpu == b->head->cpu;

	return numbered ? a->head->seq < b->head->seq : a->ts < b->ts;
}

/* Into its place from the youngest end: nearly always it is already there. */
static void
stream_insert(struct order_stream *stream, const struct order_entry *entry)
{
	uint32_t at = stream->count++;

	for (; at > 0 && entry_before(entry, stream_entry(stream, at - 1)); at--)
		*stream_entry(stream, at) = *stream_entry(stream, at - 1);
	*stream_entry(stream, at) = *entry;
	if (entry->ts > stream->last_ts)
		stream->last_ts = entry->ts;
}

static bool
order_is_feed(const struct order *order, const struct order_stream *stream)
{
	return stream == &order->streams[order->stream_count - 1];
}

/* Nothing but lengths and what indexes our tables is judged here: the enricher judges the rest. */
static bool
record_fits(const struct order *order, const struct source_record *record, bool fed)
{
	const struct event_head *head = record->head;

	if (record->len < EVENT_HEAD_BYTES || head->len < EVENT_HEAD_BYTES)
		return false;
	if (head->len > EVENT_RECORD_MAX || head->len > record->len || head->len % 8 != 0)
		return false;
	if (head->ts > order->now_ns + ahead_max_ns)
		return false;
	if (fed)
		return true;
	return head->cpu < order->source->cpu_count && head->lane < SOURCE_LANES && head->seq != 0;
}

static enum source_look
feed_poll(const struct order *order, const struct order_stream *stream,
    struct source_record *record)
{
	const struct event_head *head = (const void *)(order->feed + stream->read);
	uint64_t left = order->feed_len - stream->read;

	record->begin = record->end = stream->read;
	if (left == 0)
		return SOURCE_EMPTY;
	record->head = head;
	record->len = left < UINT32_MAX ? (uint32_t)left : UINT32_MAX;
	/* What has no length that can be leaves no way to the next one. */
	if (left < EVENT_HEAD_BYTES || head->len < EVENT_HEAD_BYTES || head->len > left)
		record->end += left;
	else
		record->end += head->len;
	return SOURCE_READY;
}

static enum source_look
stream_poll(struct order *order, uint32_t index, struct source_record *record)
{
	if (order_is_feed(order, &order->streams[index]))
		return feed_poll(order, &order->streams[index], record);
	return order->source->ops->poll(order->source, index, record);
}

static void
stream_busy(struct order *order, struct order_stream *stream, uint64_t at)
{
	if (stream->busy_ns != 0 && stream->busy_at == at)
		return;
	stream->busy_ns = order->now_ns;
	stream->busy_at = at;
}

/* Take records into the window of stream INDEX until it is full or there is no more. */
static void
stream_fill(struct order *order, uint32_t index)
{
	struct order_stream *stream = &order->streams[index];
	bool fed = order_is_feed(order, stream);
	struct source_record record;

	while (stream->count < ORDER_WINDOW) {
		enum source_look look = stream_poll(order, index, &record);

		stream->read = record.end;
		if (look == SOURCE_BUSY) {
			stream_busy(order, stream, record.begin);
			return;
		}
		stream->busy_ns = 0;
		if (look == SOURCE_EMPTY) {
			stream->clear_ns = order->now_ns;
			return;
		}
		if (!record_fits(order, &record, fed)) {
			stats_add(order->stats, STAT_COLLECTOR_in, fed ? 0 : 1);
			stats_add(order->stats, STAT_COLLECTOR_lost_bad, 1);
			continue;
		}
		stream_insert(stream, &(struct order_entry){ record.head, record.head->ts,
		    record.begin, record.head->len });
	}
}

static bool
heap_before(struct order *order, uint32_t a, uint32_t b)
{
	return stream_entry(&order->streams[a], 0)->ts < stream_entry(&order->streams[b], 0)->ts;
}

static void
heap_sink(struct order *order, uint32_t at)
{
	uint32_t stream = order->heap[at];

	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child >= order->heap_count)
			break;
		if (child + 1 < order->heap_count &&
		    heap_before(order, order->heap[child + 1], order->heap[child]))
			child++;
		if (!heap_before(order, order->heap[child], stream))
			break;
		order->heap[at] = order->heap[child];
		at = child;
	}
	order->heap[at] = stream;
}

static void
heap_make(struct order *order)
{
	order->heap_count = 0;
	for (uint32_t i = 0; i < order->stream_count; i++) {
		if (order->streams[i].count > 0)
			order->heap[order->heap_count++] = i;
	}
	for (uint32_t i = order->heap_count / 2; i-- > 0;)
		heap_sink(order, i);
}

/*
 * Up to when STREAM lets others go: its incomplete record is not older than what stood before it.
 */
static uint64_t
stream_limit(const struct order *order, const struct order_stream *stream)
{
	uint64_t clear = stream->clear_ns > order->hold_ns ? stream->clear_ns - order->hold_ns : 0;

	if (stream->busy_ns == 0 || stream->busy_ns + order->late_ns <= order->now_ns)
		return UINT64_MAX;
	return clear > stream->last_ts ? clear : stream->last_ts;
}

static uint64_t
order_limit(const struct order *order)
{
	uint64_t limit = order->drain_ns;

	if (limit == 0 && order->now_ns > order->hold_ns)
		limit = order->now_ns - order->hold_ns;
	for (uint32_t i = 0; i < order->stream_count; i++) {
		uint64_t own = stream_limit(order, &order->streams[i]);

		if (own < limit)
			limit = own;
	}
	return limit;
}

/* The record that ended its worker twice: its place stays empty, its number counts as seen. */
static void
order_poison(struct order *order, const struct event_head *head)
{
	raw_skip(order->raw, head);
	order->poison = *head;
	order->poisoned = true;
	gaps_see(order->gaps, head, order->now_ns);
	stats_add(order->stats, STAT_COLLECTOR_in, 1);
	stats_add(order->stats, STAT_COLLECTOR_lost_poison, 1);
}

/* Put out one record.  Returns 0 also when it is left out, or the refusal of the raw ring. */
static int
order_put(struct order *order, const struct order_entry *entry)
{
	const struct event_head *head = entry->head;
	bool late = entry->ts < order->youngest_ts || entry->ts < order->through_ns;
	int err;

	if (head->lane == LANE_META)
		return raw_put_own(order->raw, head, entry->len);
	if (gaps_repeated(order->gaps, head)) {
		stats_add(order->stats, STAT_COLLECTOR_in, 1);
		stats_add(order->stats, STAT_COLLECTOR_repeated, 1);
		return 0;
	}
	stats_work(order->stats, order->raw->position + 1);
	if (order->raw->position + 1 == order->raw->skip_position) {
		order_poison(order, head);
		return 0;
	}
	/*
	 * Before the record, which may be published at once: a successor's own records come
	 * behind it.
	 */
	if (!late)
		*raw_through(order->raw) = entry->ts;
	if ((err = raw_put(order->raw, head, entry->len, late ? EVENT_LATE : 0)) < 0)
		return err;
	gaps_see(order->gaps, head, order->now_ns);
	if (late)
		stats_add(order->stats, STAT_COLLECTOR_late, 1);
	else
		order->youngest_ts = entry->ts;
	return 0;
}

/* Take the oldest record out of its window, fill that up, and find the next oldest. */
static void
order_pop(struct order *order)
{
	uint32_t index = order->heap[0];
	struct order_stream *stream = &order->streams[index];

	stream->first = (stream->first + 1) & (ORDER_WINDOW - 1);
	stream->count--;
	stream_fill(order, index);
	if (stream->count == 0)
		order->heap[0] = order->heap[--order->heap_count];
	if (order->heap_count > 0)
		heap_sink(order, 0);
}

/* Give back what lies before the oldest record that has not gone out. */
static void
stream_release(struct order *order, uint32_t index)
{
	struct order_stream *stream = &order->streams[index];
	uint64_t end = stream->read;

	for (uint32_t i = 0; i < stream->count; i++) {
		uint64_t begin = stream_entry(stream, i)->begin;

		if (begin < end)
			end = begin;
	}
	if (end == stream->released)
		return;
	stream->released = end;
	if (!order_is_feed(order, stream))
		order->source->ops->release(order->source, index, end);
}

/* Put out what is due, oldest first.  Returns how many records that were. */
static uint32_t
order_merge(struct order *order)
{
	uint32_t count = 0;

	while (order->heap_count > 0 && count < ORDER_TURN_RECORDS) {
		struct order_stream *stream = &order->streams[order->heap[0]];
		uint64_t busy_ns = stream->busy_ns;

		if (stream_entry(stream, 0)->ts > order->limit_ns)
			break;
		if (order_put(order, stream_entry(stream, 0)) < 0)
			return count;
		count++;
		order_pop(order);
		/* An incomplete record came into sight, or is complete now. */
		if (stream->busy_ns != busy_ns)
			order->limit_ns = order_limit(order);
	}
	order->complete = order->heap_count == 0 ||
	    stream_entry(&order->streams[order->heap[0]], 0)->ts > order->limit_ns;
	return count;
}

uint32_t
order_turn(struct order *order, uint64_t now_ns)
{
	uint32_t count;

	order->now_ns = now_ns;
	order->complete = false;
	for (uint32_t i = 0; i < order->stream_count; i++)
		stream_fill(order, i);
	order->limit_ns = order_limit(order);
	heap_make(order);
	count = order_merge(order);
	if (order->complete && order->limit_ns > order->through_ns)
		order->through_ns = order->limit_ns;
	stats_work(order->stats, 0);
	*raw_through(order->raw) = order_time(order);
	raw_publish(order->raw);
	FAULT_POINT("collector_release");
	for (uint32_t i = 0; i < order->stream_count; i++)
		stream_release(order, i);
	return count;
}

void
order_feed(struct order *order, const void *feed, uint64_t len)
{
	struct order_stream *stream = &order->streams[order->stream_count - 1];

	memset(stream, 0, sizeof(*stream));
	order->feed = feed;
	order->feed_len = len;
}

bool
order_fed(const struct order *order)
{
	const struct order_stream *stream = &order->streams[order->stream_count - 1];

	return stream->count == 0 && stream->read == order->feed_len;
}

void
order_drain(struct order *order, uint64_t until_ns)
{
	order->drain_ns = until_ns;
}

bool
order_drained(const struct order *order)
{
	return order->complete && order->limit_ns >= order->drain_ns;
}

bool
order_empty(const struct order *order)
{
	for (uint32_t i = 0; i < order->stream_count; i++) {
		if (order->streams[i].count > 0 || order_stuck(order, i))
			return false;
	}
	return order->complete;
}
