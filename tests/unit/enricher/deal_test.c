/* SPDX-License-Identifier: Apache-2.0 */
/* Dealing records to three evaluators: the world's own, and two more. */
#include "scene.h"

enum { MORE = 2, EVALUATORS = MORE + 1 };

static struct {
	struct region data, tail, interest;
	struct ring ring;
} more[MORE];

static struct region dealt_region;
static struct world world;
static struct scene scene;
static struct actor root = { 100, 100, 0, 10, NULL };

static void
begin_enricher(void)
{
	struct enricher_ends ends = {
		.raw_data = region_reopen(&world.raw_data, false),
		.raw_tail = region_reopen(&world.raw_tail, true),
		.contexts = region_reopen(&world.contexts, true),
		.state = region_reopen(&world.state, true),
		.tap_interest = -1,
		.dealt = region_reopen(&dealt_region, true),
		.evaluators = EVALUATORS,
		.of[0] = { region_reopen(&world.full_data, true),
		    region_reopen(&world.full_tail, false), region_reopen(&world.interest, false) },
	};

	for (int i = 0; i < MORE; i++)
		ends.of[1 + i] = (struct enricher_evaluator_ends){
			region_reopen(&more[i].data, true), region_reopen(&more[i].tail, false),
			region_reopen(&more[i].interest, false) };
	if (world.enricher)
		enricher_close(world.enricher);
	else
		world.enricher = aligned_alloc(64, (sizeof(*world.enricher) + 63) & ~63ul);
	assert_non_null(world.enricher);
	assert_int_equal(enricher_open_take(world.enricher, &ends, &world.stats, 0), 0);
}

static int
make(void **state)
{
	(void)state;
	scene_init(&scene);
	world_init(&world, 1024, 256, 128 << 10);
	for (int i = 0; i < MORE; i++) {
		assert_int_equal(region_create(&more[i].data, REGION_FULL_DATA,
		    RING_DATA_CONTENT(128 << 10)), 0);
		assert_int_equal(region_create(&more[i].tail, REGION_FULL_TAIL, RING_TAIL_CONTENT),
		    0);
		assert_int_equal(region_create(&more[i].interest, REGION_INTEREST,
		    INTEREST_CONTENT), 0);
		assert_int_equal(ring_attach_consumer_take(&more[i].ring,
		    region_reopen(&more[i].data, false), region_reopen(&more[i].tail, true),
		    REGION_FULL_DATA), 0);
	}
	assert_int_equal(region_create(&dealt_region, REGION_DEALT, DEALT_CONTENT), 0);
	begin_enricher();
	return 0;
}

static int
unmake(void **state)
{
	(void)state;
	for (int i = 0; i < MORE; i++) {
		ring_detach(&more[i].ring);
		region_close(&more[i].data);
		region_close(&more[i].tail);
		region_close(&more[i].interest);
	}
	region_close(&dealt_region);
	world_fini(&world);
	scene_fini(&scene);
	return 0;
}

static struct ring *
ring_of(uint32_t evaluator)
{
	return evaluator == 0 ? &world.evaluator : &more[evaluator - 1].ring;
}

/* The next record of EVALUATOR into world.record.  False when there is none. */
static bool
next_of(uint32_t evaluator)
{
	int len = ring_next(ring_of(evaluator), world.full, sizeof(world.full));

	assert_true(len >= 0);
	if (len == 0)
		return false;
	assert_int_equal(record_check(&world.record, world.full, (size_t)len, RECORD_FULL), 0);
	ring_release(ring_of(evaluator), world.record.head->position);
	return true;
}

/* How often each position was seen, and that each ring holds its own, growing. */
struct seen {
	uint8_t times[1 << 16];
	uint64_t last[EVALUATORS];
};

static void
see(struct seen *seen, uint32_t evaluator)
{
	while (next_of(evaluator)) {
		uint64_t position = world.record.head->position;

		assert_true(position > seen->last[evaluator] && position < 1 << 16);
		seen->last[evaluator] = position;
		seen->times[position]++;
		if (!deal_to_all(world.record.head->type))
			assert_int_equal(deal_to(position, EVALUATORS), evaluator);
	}
}

static void
see_all(struct seen *seen)
{
	for (uint32_t i = 0; i < EVALUATORS; i++)
		see(seen, i);
}

static void
opens(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		(void)scene_open(&scene, &root, "/etc/hosts");
}

static void
each_record_goes_to_the_evaluator_of_its_position(void **state)
{
	static struct seen seen;
	const struct dealt *dealt = region_content(&dealt_region);

	(void)state;
	memset(&seen, 0, sizeof(seen));
	scene_clone(&scene, &root, "root");
	opens(7 * DEAL_BLOCK);
	for (int i = 0; i < 100 && world.fed < scene.len; i++) {
		world_feed(&world, &scene);
		world_turn(&world);
		see_all(&seen);
	}
	for (uint64_t position = 1; position <= scene.position; position++)
		assert_int_equal(seen.times[position], 1);
	assert_int_equal(dealt->position, scene.position);
	for (uint32_t i = 0; i < EVALUATORS; i++) {
		assert_int_equal(dealt->last[i], seen.last[i]);
		assert_int_equal(dealt_judged(dealt, i, seen.last[i]), scene.position);
	}
	assert_int_equal(stats_get(&world.stats, STAT_ENRICHER_copies), 0);
}

static void
some_records_go_to_all(void **state)
{
	static struct seen seen;

	(void)state;
	memset(&seen, 0, sizeof(seen));
	scene_begin(&scene, EV_anchor, NULL);
	(void)scene_end(&scene);
	scene_begin(&scene, EV_host, NULL);
	scene_text(&scene, P_host_name, "aerie");
	(void)scene_end(&scene);
	scene_tick(&scene);
	world_feed(&world, &scene);
	world_turn(&world);
	see_all(&seen);
	assert_int_equal(seen.times[1], EVALUATORS);
	assert_int_equal(seen.times[2], EVALUATORS);
	assert_int_equal(seen.times[3], 1);
	assert_int_equal(stats_get(&world.stats, STAT_ENRICHER_out), 3);
	assert_int_equal(stats_get(&world.stats, STAT_ENRICHER_copies), 2 * MORE);
}

/* Evaluator 1 does not read: when its ring is full all stand still, and nothing is lost. */
static void
a_full_ring_holds_all_up_and_nothing_is_lost(void **state)
{
	static struct seen seen;

	(void)state;
	memset(&seen, 0, sizeof(seen));
	scene_clone(&scene, &root, "root");
	opens(20000);
	for (int i = 0; i < 200; i++) {
		world_feed(&world, &scene);
		assert_int_equal(enricher_turn(world.enricher, 1000), 0);
		see(&seen, 0);
		see(&seen, 2);
	}
	assert_true(stats_get(&world.stats, STAT_ENRICHER_full_full) > 0);
	assert_int_equal(world.enricher->blocked, 1);
	assert_true(world.fed < scene.len || !enricher_drained(world.enricher));
	for (int i = 0; i < 20000 && (world.fed < scene.len || !enricher_drained(world.enricher));
	    i++) {
		world_feed(&world, &scene);
		assert_int_equal(enricher_turn(world.enricher, 1000), 0);
		see_all(&seen);
	}
	for (uint64_t position = 1; position <= scene.position; position++)
		assert_int_equal(seen.times[position], 1);
}

/*
 * An enricher that dies between two rings: what it showed in the first and not in the others its
 * successor shows in the others alone.
 */
static void
a_successor_goes_on_in_each_ring_where_it_was(void **state)
{
	static uint8_t saved[MORE][RING_CONTROL_BYTES], tail[RING_TAIL_CONTENT];
	static struct seen seen;

	(void)state;
	memset(&seen, 0, sizeof(seen));
	scene_clone(&scene, &root, "root");
	opens(40);
	world_feed(&world, &scene);
	world_turn(&world);
	for (int i = 0; i < MORE; i++)
		memcpy(saved[i], region_content(&more[i].data), sizeof(saved[i]));
	memcpy(tail, region_content(&world.raw_tail), sizeof(tail));
	opens(150);
	scene_begin(&scene, EV_anchor, NULL);
	(void)scene_end(&scene);
	world_feed(&world, &scene);
	world_turn(&world);
	/* As if it had been killed when the first ring was published. */
	for (int i = 0; i < MORE; i++)
		memcpy(region_content(&more[i].data), saved[i], sizeof(saved[i]));
	memcpy(region_content(&world.raw_tail), tail, sizeof(tail));
	begin_enricher();
	world_turn(&world);
	see_all(&seen);
	for (uint64_t position = 1; position < scene.position; position++)
		assert_int_equal(seen.times[position], 1);
	assert_int_equal(seen.times[scene.position], EVALUATORS);
	assert_true(stats_get(&world.stats, STAT_ENRICHER_repeated) > 0);
}

/* No reader finds another context where a record of its ring names one. */
static void
a_slot_waits_for_the_readers_of_all_rings(void **state)
{
	static struct actor actors[600];
	static struct seen seen;
	uint32_t count = 0;

	(void)state;
	memset(&seen, 0, sizeof(seen));
	for (uint32_t i = 0; i < 600; i++) {
		char comm[16];

		actors[i] = (struct actor){ 1000 + i, 1000 + i, 0, 1000 + i, NULL };
		(void)snprintf(comm, sizeof(comm), "task %u", i);
		scene_clone(&scene, &actors[i], comm);
		(void)scene_open(&scene, &actors[i], "/x");
		scene_exit(&scene, &actors[i], NULL, true);
	}
	for (int i = 0; i < 100; i++) {
		world_feed(&world, &scene);
		assert_int_equal(enricher_turn(world.enricher, 1000), 0);
		see(&seen, 0);
		see(&seen, 2);
	}
	assert_true(stats_get(&world.stats, STAT_ENRICHER_contexts_full) > 0);
	assert_int_equal(world.enricher->blocked, 1);
	for (int i = 0; i < 10000 && (i == 0 || !enricher_drained(world.enricher)); i++) {
		while (next_of(1)) {
			if (world.record.head->type != EV_open)
				continue;
			world_context(&world);
			count++;
		}
		assert_int_equal(enricher_turn(world.enricher, 1000), 0);
		see(&seen, 0);
		see(&seen, 2);
	}
	assert_true(enricher_drained(world.enricher));
	assert_true(count > 150);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_record_goes_to_the_evaluator_of_its_position),
		TEST(some_records_go_to_all),
		TEST(a_full_ring_holds_all_up_and_nothing_is_lost),
		TEST(a_successor_goes_on_in_each_ring_where_it_was),
		TEST(a_slot_waits_for_the_readers_of_all_rings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
