/* SPDX-License-Identifier: Apache-2.0 */
/* The generated mix of events keeps its promises, and its full records are the enricher's. */
#include <sys/stat.h>

#include "bench/mix_full.h"
#include "bench/mix_host.h"
#include "scene.h"

enum { EVENTS = 20000, ENRICHED = 60000, MANY = 200000, MILLION = 1000000, SLOTS = 16384 };

static struct world world;
static struct mix_full *full;
static _Alignas(8) uint8_t record_bytes[EVENT_RECORD_MAX];
static _Alignas(8) uint8_t blocks[2][CONTEXT_BYTES_MAX];

static struct mix *
mix_begin(uint64_t seed, enum mix_paths paths)
{
	const struct mix_options options = { .seed = seed, .paths = paths };
	struct mix *mix = mix_new(&options);

	assert_non_null(mix);
	return mix;
}

static void
full_begin(void)
{
	full = calloc(1, sizeof(*full));
	assert_non_null(full);
	assert_int_equal(mix_full_open(full, SLOTS, UINT64_MAX, UINT64_MAX), 0);
}

static void
full_end(void)
{
	mix_full_close(full);
	free(full);
}

/* Hash of the first EVENTS full records and of the arena's contexts. */
static uint64_t
stream_hash(uint64_t seed)
{
	struct mix *mix = mix_begin(seed, MIX_ZIPF);
	struct mix_event event;
	uint64_t hash = 0;

	full_begin();
	for (int i = 0; i < EVENTS; i++) {
		int len;

		mix_next(mix, &event);
		len = mix_full_write(full, mix, &event, record_bytes, sizeof(record_bytes));
		assert_true(len > 0);
		hash = bytes_hash(record_bytes, (size_t)len, hash);
	}
	for (uint32_t slot = 0; slot < full->used[0]; slot++) {
		uint32_t bytes;
		const struct context_head *head = context_at(&full->arena, slot, &bytes);

		hash = bytes_hash(head, head->len, hash);
	}
	full_end();
	mix_free(mix);
	return hash;
}

static void
one_seed_gives_the_same_bytes(void **state)
{
	uint64_t first = stream_hash(1);

	(void)state;
	assert_true(first == stream_hash(1));
	assert_true(first != stream_hash(2));
}

/* Per thousand of COUNT. */
static uint32_t
share(uint64_t count)
{
	return (uint32_t)(count * 1000 / MANY);
}

static void
shares_are_those_that_are_told(void **state)
{
	struct mix *mix = mix_begin(1, MIX_ZIPF);
	uint64_t types[EVENT_TYPES_MAX] = { 0 }, opens, failed = 0, relative = 0, otherwise = 0;
	struct mix_event event;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		mix_next(mix, &event);
		types[event.type]++;
		assert_in_range(mix_task_count(mix), 4500, 5600);
		if (event.type != EV_openat && event.type != EV_open)
			continue;
		failed += event.result < 0;
		relative += event.name.ptr[0] != '/';
		otherwise += event.name.ptr[0] == '/' && event.result >= 0 &&
		    !span_equal(event.name, event.file);
	}
	opens = types[EV_openat] + types[EV_open];
	assert_in_range(share(opens), 340, 380);
	assert_in_range(share(types[EV_connect] + types[EV_accept] + types[EV_accept4]), 170, 200);
	assert_in_range(share(types[EV_close]), 130, 150);
	assert_in_range(share(types[EV_syscall]), 75, 90);
	assert_in_range(share(types[EV_execve]), 8, 11);
	assert_in_range(share(types[EV_clone] + types[EV_vfork] + types[EV_clone3]), 10, 14);
	assert_in_range(share(types[EV_procexit]), 10, 14);
	assert_in_range(types[EV_ptrace], 1, 30);
	assert_in_range(failed * 100 / opens, 9, 15);
	assert_in_range(relative * 100 / opens, 12, 40);
	assert_in_range(otherwise * 100 / opens, 10, 22);
	mix_free(mix);
}

static int
ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Distinct paths in COUNT events; *ALL: paths, with those that come again. */
static uint32_t
distinct_paths(enum mix_paths paths, uint32_t count, uint32_t *all)
{
	struct mix *mix = mix_begin(1, paths);
	uint64_t *hashes = calloc(count, sizeof(*hashes));
	uint32_t distinct = 0;
	struct mix_event event;

	assert_non_null(hashes);
	*all = 0;
	for (uint32_t i = 0; i < count; i++) {
		mix_next(mix, &event);
		if ((event.type == EV_openat || event.type == EV_open) && event.file.len > 0 &&
		    mix_task(mix, event.task)->program != MIX_INTRUDER)
			hashes[(*all)++] = bytes_hash(event.file.ptr, event.file.len, 1);
	}
	qsort(hashes, *all, sizeof(*hashes), ascending);
	for (uint32_t i = 0; i < *all; i++)
		distinct += i == 0 || hashes[i] != hashes[i - 1];
	free(hashes);
	mix_free(mix);
	return distinct;
}

static void
a_million_events_have_100000_distinct_paths(void **state)
{
	uint32_t all, distinct = distinct_paths(MIX_ZIPF, MILLION, &all);

	(void)state;
	assert_in_range(distinct, 100000, all / 2);
}

static void
distinct_paths_never_come_twice(void **state)
{
	uint32_t all, distinct = distinct_paths(MIX_DISTINCT, MANY, &all);

	(void)state;
	assert_int_equal(distinct, all);
	distinct = distinct_paths(MIX_ALIKE, MANY, &all);
	assert_int_equal(distinct, all);
}

/* --- against the enricher --- */

/* Let the enricher have what stands in the scene, and forget that. */
static void
feed(struct scene *scene)
{
	while (world.fed < scene->len) {
		world_feed(&world, scene);
		world_turn(&world);
	}
	scene->len = world.fed = 0;
}

static void
scene_take(struct scene *scene, int len)
{
	assert_true(len > 0);
	scene->len += (size_t)len;
}

/* Users, groups, and every task that is there before the first event. */
static void
feed_beginning(struct scene *scene, struct mix_raw *raw, const struct mix *mix)
{
	for (uint32_t kind = 0; kind < 2; kind++)
		scene_take(scene, mix_raw_names(raw, kind, scene->bytes + scene->len,
		    EVENT_RECORD_MAX));
	for (uint32_t i = 0; i < MIX_TASKS_MAX; i++)
		if (mix_task(mix, i)->image != 0)
			scene_take(scene, mix_raw_snapshot(raw, mix, i,
			    scene->bytes + scene->len, EVENT_RECORD_MAX));
	feed(scene);
}

static void
assert_same_slot(const struct slots *a, uint32_t at_a, const struct slots *b, uint32_t at_b,
    bool bytes, const char *what)
{
	enum param_state state = slots_state(a, at_a);
	struct span text_a, text_b;

	if (state != slots_state(b, at_b))
		fail_msg("%s: state %d and %d", what, state, slots_state(b, at_b));
	if (state == PARAM_ABSENT)
		return;
	if (!bytes) {
		if (a->values[at_a] != b->values[at_b])
			fail_msg("%s: %llu and %llu", what, (unsigned long long)a->values[at_a],
			    (unsigned long long)b->values[at_b]);
		return;
	}
	text_a = slots_bytes_or_none(a, at_a);
	text_b = slots_bytes_or_none(b, at_b);
	if (!span_equal(text_a, text_b))
		fail_msg("%s: \"%.*s\" and \"%.*s\"", what, (int)text_a.len, text_a.ptr,
		    (int)text_b.len, text_b.ptr);
}

static struct context_ref
ref_of(const struct record *record, enum derived_id id, enum derived_id slot)
{
	return (struct context_ref){
		.id = slots_scalar_or(&record->slots, record_derived(record, id), 0),
		.slot = (uint32_t)slots_scalar_or(&record->slots, record_derived(record, slot),
		    0) };
}

/* The contexts that THEIRS (the enricher's) and OURS name, and all above them. */
static void
assert_same_contexts(struct context_ref theirs, struct context_ref ours)
{
	struct context_view a, b;

	while (theirs.id != 0 && ours.id != 0) {
		assert_int_equal(context_read(&world.arena, theirs, blocks[0], &a), 0);
		assert_int_equal(context_read(&full->arena, ours, blocks[1], &b), 0);
		for (uint32_t row = 0; row < C_COUNT; row++)
			assert_same_slot(&a.slots, row, &b.slots, row,
			    param_type_is_bytes(context_type(row)), context_name(row));
		assert_int_equal(a.head->lost, b.head->lost);
		assert_int_equal(a.head->len, b.head->len);
		theirs = (struct context_ref){ a.head->parent_id, a.head->parent_slot, 0 };
		ours = (struct context_ref){ b.head->parent_id, b.head->parent_slot, 0 };
	}
	assert_int_equal(theirs.id, 0);
	assert_int_equal(ours.id, 0);
}

static void
assert_same_records(const struct record *theirs, const struct record *ours)
{
	assert_int_equal(theirs->head->type, ours->head->type);
	assert_int_equal(theirs->head->result, ours->head->result);
	assert_int_equal(theirs->head->seq, ours->head->seq);
	for (uint32_t slot = 0; slot < ours->own; slot++)
		assert_same_slot(&theirs->slots, slot, &ours->slots, slot,
		    param_type_is_bytes(event_info(ours->head->type)->params[slot].type),
		    event_info(ours->head->type)->params[slot].name);
	for (uint32_t row = 0; row < D_COUNT; row++)
		if (row != D_context && row != D_context_slot && row != D_session_context &&
		    row != D_session_slot)
			assert_same_slot(&theirs->slots, theirs->own + row, &ours->slots,
			    ours->own + row, param_type_is_bytes(derived_type(row)),
			    derived_name(row));
	assert_same_contexts(ref_of(theirs, D_context, D_context_slot),
	    ref_of(ours, D_context, D_context_slot));
	assert_same_contexts(ref_of(theirs, D_session_context, D_session_slot),
	    ref_of(ours, D_session_context, D_session_slot));
}

static void
full_records_are_those_of_the_enricher(void **state)
{
	struct mix *mix = mix_begin(3, MIX_ZIPF);
	struct mix_event event;
	struct mix_raw raw = { 0 };
	struct scene scene;
	struct record ours;

	(void)state;
	scene_init(&scene);
	full_begin();
	world_init(&world, 16384, SLOTS, 1 << 20);
	world_start(&world, 0);
	feed_beginning(&scene, &raw, mix);
	for (int i = 0; i < ENRICHED; i++) {
		int len;

		mix_next(mix, &event);
		scene_take(&scene, mix_raw_write(&raw, mix, &event, scene.bytes,
		    EVENT_RECORD_MAX));
		feed(&scene);
		assert_true(world_next(&world));
		len = mix_full_write(full, mix, &event, record_bytes, sizeof(record_bytes));
		assert_int_equal(record_check(&ours, record_bytes, (size_t)len, RECORD_FULL), 0);
		assert_same_records(&world.record, &ours);
	}
	world_fini(&world);
	full_end();
	scene_fini(&scene);
	mix_free(mix);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_seed_gives_the_same_bytes),
		cmocka_unit_test(shares_are_those_that_are_told),
		cmocka_unit_test(a_million_events_have_100000_distinct_paths),
		cmocka_unit_test(distinct_paths_never_come_twice),
		cmocka_unit_test(full_records_are_those_of_the_enricher),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
