/* SPDX-License-Identifier: Apache-2.0 */
/* The same raw records give the same full records, whatever the pace of the reader. */
#include "crowd.h"

/* Everything that came out of one run. */
struct output {
	uint8_t *bytes;
	size_t len;
	struct stats stats;
};

enum { OUTPUT_BYTES_MAX = 64 << 20, ACTS = 20000 };

static void
output_take(struct world *world, struct output *output, int count)
{
	for (int i = 0; i < count && world_next(world); i++) {
		uint32_t len = world->record.head->len;

		assert_true(output->len + len <= OUTPUT_BYTES_MAX);
		memcpy(output->bytes + output->len, world->full, len);
		output->len += len;
	}
}

/* Run SCENE; after each turn read at most PACE records, feed at most STEP more of its bytes. */
static void
run(const struct scene *scene, struct output *output, uint32_t contexts, size_t full_bytes,
    int pace, size_t step)
{
	struct scene part = *scene;
	struct world world;

	output->bytes = malloc(OUTPUT_BYTES_MAX);
	output->len = 0;
	assert_non_null(output->bytes);
	world_init(&world, 1024, contexts, full_bytes);
	world_start(&world, 0);
	part.len = 0;
	while (world.fed < scene->len || !enricher_drained(world.enricher)) {
		while (part.len < scene->len && part.len - world.fed < step)
			part.len += *(const uint32_t *)(const void *)(scene->bytes + part.len);
		world_feed(&world, &part);
		assert_int_equal(enricher_turn(world.enricher, 1000), 0);
		output_take(&world, output, pace);
	}
	output_take(&world, output, INT32_MAX);
	assert_int_equal(world_count(&world, STAT_ENRICHER_lost_bad), 0);
	assert_int_equal(world_count(&world, STAT_ENRICHER_in),
	    world_count(&world, STAT_ENRICHER_out) + world_count(&world, STAT_ENRICHER_filtered));
	assert_int_equal(world_count(&world, STAT_ENRICHER_tasks_unknown), 0);
	assert_int_equal(world_count(&world, STAT_ENRICHER_tasks_stale), 0);
	output->stats = world.stats;
	world_fini(&world);
}

static void
the_same_records_give_the_same_records(void **state)
{
	struct output a, b;
	struct scene scene;

	(void)state;
	scene_init(&scene);
	crowd_play(&scene, 42, ACTS);
	run(&scene, &a, 1024, 1 << 20, 1 << 20, 1 << 20);
	run(&scene, &b, 1024, 1 << 20, 1 << 20, 1 << 20);
	assert_true(a.len > 0);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.bytes, b.bytes, a.len);
	free(a.bytes);
	free(b.bytes);
	scene_fini(&scene);
}

/* A quick reader, and one that makes the enricher wait, which COUNTER tells. */
static void
compare(const struct scene *scene, uint32_t contexts, enum stat_id counter)
{
	struct output a, b;

	run(scene, &a, contexts, 1 << 20, 1 << 20, 1 << 20);
	run(scene, &b, contexts, RING_BYTES_MIN, 37, 40000);
	assert_true(stats_get(&b.stats, counter) > 10);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.bytes, b.bytes, a.len);
	free(a.bytes);
	free(b.bytes);
}

static void
the_pace_of_reader_and_writer_changes_nothing(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	crowd_play(&scene, 7, ACTS);
	compare(&scene, 4096, STAT_ENRICHER_full_full);
	compare(&scene, 64, STAT_ENRICHER_contexts_full);
	scene_fini(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_records_give_the_same_records),
		cmocka_unit_test(the_pace_of_reader_and_writer_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
