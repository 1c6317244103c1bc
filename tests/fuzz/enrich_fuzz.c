/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a raw stream: some records as they come, most built from the bytes so that they
 * pass the first look, about few tasks so that they meet; now and then a successor takes over,
 * also a state that was tampered with.  What must hold: no crash, every full record is sound, and
 * a context that it names can be read until it was released.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "enricher.h"
#include "log.h"

enum { REGIONS = 8, RING_BYTES = RING_BYTES_MIN, TURNS_MAX = 100 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const enum region_kind kinds[REGIONS] = { REGION_RAW_DATA, REGION_RAW_TAIL, REGION_FULL_DATA,
	REGION_FULL_TAIL, REGION_CONTEXTS, REGION_STATE, REGION_INTEREST, REGION_TAP_INTEREST };
static struct region regions[REGIONS];
static struct ring collector, evaluator;
static struct context_arena arena;
static struct enricher enricher;
static struct stats stats;
static uint64_t position;

struct input {
	const uint8_t *at;
	size_t left;
};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static uint8_t
take(struct input *input)
{
	if (input->left == 0)
		return 0;
	input->left--;
	return *input->at++;
}

static void
regions_make(void)
{
	const size_t contents[REGIONS] = { RING_DATA_CONTENT(RING_BYTES), RING_TAIL_CONTENT,
		RING_DATA_CONTENT(RING_BYTES), RING_TAIL_CONTENT, context_arena_content(64),
		state_content(256), INTEREST_CONTENT, INTEREST_CONTENT };

	log_limit(0);
	for (int i = 0; i < REGIONS; i++)
		must(region_create(&regions[i], kinds[i], contents[i]) == 0);
}

static int
end(int index, bool writable)
{
	return region_reopen(&regions[index], writable);
}

static void
enricher_begin(uint64_t skip)
{
	const struct enricher_ends ends = { .raw_data = end(0, false), .raw_tail = end(1, true),
		.contexts = end(4, true), .state = end(5, true), .tap_interest = end(7, false),
		.dealt = -1,
		.evaluators = 1,
		.of[0] = { .full_data = end(2, true), .full_tail = end(3, false),
		    .interest = end(6, false) } };

	must(enricher_open_take(&enricher, &ends, &stats, skip) == 0);
}

static void
begin(void)
{
	struct interest all;

	if (regions[0].base == NULL)
		regions_make();
	for (int i = 0; i < REGIONS; i++)
		memset(region_content(&regions[i]), 0, region_content_bytes(&regions[i]));
	memset(&all, 0xff, sizeof(all));
	all.filter_count = 0;
	interest_write(region_content(&regions[6]), &all);
	must(ring_attach_producer_take(&collector, end(0, true), end(1, false),
	    REGION_RAW_DATA, 0) == 0);
	must(ring_attach_consumer_take(&evaluator, end(2, false), end(3, true),
	    REGION_FULL_DATA) == 0);
	must(context_arena_attach_take(&arena, end(4, false), false) == 0);
	enricher_begin(0);
	position = 0;
}

static void
finish(void)
{
	enricher_close(&enricher);
	ring_detach(&collector);
	ring_detach(&evaluator);
	context_arena_detach(&arena);
}

/* A full record is sound, and so are the contexts that it names. */
static void
judge(const uint8_t *bytes, size_t len)
{
	static _Alignas(8) uint8_t block[CONTEXT_BYTES_MAX];
	struct context_ref ref = { .id = 0 };
	struct context_view view;
	struct record record;

	must(record_check(&record, bytes, len, RECORD_FULL) == 0);
	ref.id = slots_scalar_or(&record.slots, record_derived(&record, D_context), 0);
	ref.slot =
	    (uint32_t)slots_scalar_or(&record.slots, record_derived(&record, D_context_slot), 0);
	for (int depth = 0; ref.id != 0; depth++) {
		must(depth < 512 && context_read(&arena, ref, block, &view) == 0);
		ref = (struct context_ref){ .id = view.head->parent_id,
			.slot = view.head->parent_slot };
	}
}

static void
drain(void)
{
	static _Alignas(8) uint8_t full[EVENT_RECORD_MAX];

	ring_publish(&collector, position);
	for (int i = 0; i < TURNS_MAX && !enricher_drained(&enricher); i++) {
		int len;

		must(enricher_turn(&enricher, 1000) == 0);
		while ((len = ring_next(&evaluator, full, sizeof(full))) > 0)
			judge(full, (size_t)len);
		must(len == 0);
		ring_release(&evaluator, ring_position(&evaluator));
	}
	must(enricher_drained(&enricher));
}

static void
feed(const void *bytes, uint32_t len)
{
	void *to;
	int err;

	while ((to = ring_reserve(&collector, len, &err)) == NULL)
		drain();
	memcpy(to, bytes, len);
	ring_commit(&collector, len);
}

/* Bytes as they come, of a length that the ring allows. */
static void
feed_raw(struct input *input)
{
	static _Alignas(8) uint8_t record[256];
	uint32_t len = 8u * (1 + take(input) % 32);
	struct event_head *head = (void *)record;

	memset(record, 0, sizeof(record));
	for (uint32_t i = 4; i < len; i++)
		record[i] = take(input);
	head->len = len;
	feed(record, len);
}

static void
put_param(struct input *input, struct record_writer *writer, uint32_t index, bool bytes)
{
	static const uint64_t numbers[] = { 0, 1, 2, 3, 4, 5, 100, 4096, 8192, 8194, UINT32_MAX,
		UINT64_MAX, 1ull << 63 };
	uint8_t what = take(input);
	size_t len = what % 32;

	if (what < 40)
		return;
	if (!bytes) {
		record_put(writer, index, numbers[what % (sizeof(numbers) / sizeof(numbers[0]))]);
		return;
	}
	if (what > 250)
		len = 4000;
	len = len < input->left ? len : input->left;
	record_put_bytes(writer, index, input->at, len, what & 1 ? PARAM_EXACT : PARAM_TRUNCATED);
	if (what <= 250) {
		input->at += len;
		input->left -= len;
	}
}

/* A record that passes the first look. */
static void
feed_built(struct input *input)
{
	static _Alignas(8) uint8_t record[EVENT_RECORD_MAX];
	static const uint16_t types[] = { EV_execve, EV_clone, EV_fork, EV_procexit, EV_open,
		EV_chdir, EV_chroot, EV_setuid, EV_setsid, EV_setpgid, EV_syscall, EV_snapshot_task,
		EV_snapshot_end, EV_tick, EV_loss, EV_names, EV_interest, EV_end, EV_clone,
		EV_execve };
	uint16_t type = types[take(input) % (sizeof(types) / sizeof(types[0]))];
	const struct event_info *info = event_info(type);
	struct record_writer writer;
	struct event_head *head;
	uint8_t who = take(input), flags = take(input);

	record_begin(&writer, record, sizeof(record), type, info->param_count);
	head = record_head(&writer);
	head->tid = 1 + who % 8;
	head->tgid = flags & 128 ? 1 + who / 8 % 8 : head->tid;
	head->start = head->tid * 10u + (flags >> 5 & 1);
	head->exec = flags >> 3 & 3;
	head->flags = flags & 1;
	head->result = flags & 64 ? -1 : 0;
	head->ts = position * 10;
	head->position = flags & 2 && position > 0 ? position : ++position;
	head->lane = flags & 4 ? LANE_META : LANE_BULK;
	for (uint32_t i = 0; i < info->param_count; i++)
		put_param(input, &writer, i, param_type_is_bytes(info->params[i].type));
	if (record_end(&writer) > 0)
		feed(record, head->len);
}

/* A successor, perhaps on a state that someone wrote into. */
static void
succeed(struct input *input)
{
	uint8_t count = take(input) % 16;
	size_t bytes = region_content_bytes(&regions[5]);

	drain();
	enricher_close(&enricher);
	while (count-- > 0) {
		size_t at = (size_t)take(input) << 16 | (size_t)take(input) << 8 | take(input);

		((uint8_t *)region_content(&regions[5]))[at % bytes] = take(input);
	}
	/* How far it came decides what is passed on: that much is believed. */
	((struct state_head *)region_content(&regions[5]))->applied = 0;
	enricher_begin(take(input));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };

	begin();
	while (input.left > 0) {
		uint8_t act = take(&input);

		if (act < 8)
			succeed(&input);
		else if (act < 40)
			feed_raw(&input);
		else
			feed_built(&input);
	}
	drain();
	finish();
	return 0;
}
