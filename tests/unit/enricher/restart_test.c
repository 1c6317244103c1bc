/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An enricher that dies anywhere: its successor goes on, nothing is missed and nothing
 * comes twice.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crowd.h"

enum { ACTS = 20000, STEPS_MAX = 20000 };

/* What a rule could see of one event. */
struct seen {
	uint64_t position;
	uint64_t number;
	uint64_t lost;
	uint64_t parent;
	uint64_t context; /* hash of what the chain of contexts says */
};

struct sight {
	struct seen *events;
	size_t count;
	uint32_t torn;
	uint32_t kills;
};

/* Shared with the child that is killed: its counters, and that it has begun. */
struct shared {
	struct world world;
	uint32_t begun;
};

static uint64_t
chain_hash(struct world *world)
{
	struct context_ref ref = { .id = world_derived(world, D_context),
		.slot = (uint32_t)world_derived(world, D_context_slot) };
	uint64_t hash = 1;

	while (ref.id != 0) {
		const struct context_head *head = (const void *)world->block;

		assert_int_equal(context_read(&world->arena, ref, world->block, &world->view), 0);
		ref = (struct context_ref){ .id = head->parent_id, .slot = head->parent_slot };
		hash = bytes_hash(head + 1, head->len - sizeof(*head), hash + head->lost);
	}
	return hash;
}

static void
look(struct world *world, struct sight *sight)
{
	while (world_next(world)) {
		struct seen *seen = &sight->events[sight->count++];

		assert_true(sight->count < 4 * ACTS);
		seen->position = world->record.head->position;
		seen->number = world_derived(world, D_number);
		seen->lost = world_derived(world, D_lost);
		seen->parent = world_derived(world, D_parent);
		seen->context = world->record.head->lane == LANE_META ? 0 : chain_hash(world);
	}
}

static void
sight_init(struct sight *sight)
{
	memset(sight, 0, sizeof(*sight));
	sight->events = calloc(4 * ACTS, sizeof(*sight->events));
	assert_non_null(sight->events);
}

static void
pause_ns(uint64_t ns)
{
	struct timespec begin, now;

	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((uint64_t)(now.tv_sec - begin.tv_sec) * 1000000000u + (uint64_t)now.tv_nsec -
	    (uint64_t)begin.tv_nsec < ns);
}

/* One life of an enricher, in a process of its own, ended after NS by force. */
static void
live_and_die(struct shared *shared, uint64_t ns)
{
	int status;
	pid_t pid;

	shared->begun = 0;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		shared->world.enricher = NULL;
		world_start(&shared->world, 0);
		__atomic_store_n(&shared->begun, 1, __ATOMIC_RELEASE);
		for (;;)
			(void)enricher_turn(shared->world.enricher, 1000000);
	}
	while (!__atomic_load_n(&shared->begun, __ATOMIC_ACQUIRE))
		assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	pause_ns(ns);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	shared->world.enricher = NULL;
}

static void
run_killed(const struct scene *scene, struct sight *sight, unsigned seed)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct world *world = &shared->world;
	struct ring *raw;

	assert_true(shared != MAP_FAILED);
	sight_init(sight);
	world_init(world, 1024, 1024, 1 << 20);
	raw = &world->collector;
	srandom(seed);
	for (int i = 0; i < STEPS_MAX; i++) {
		world_feed(world, scene);
		if (world->fed == scene->len && ring_waiting(raw) == 0)
			break;
		live_and_die(shared, (uint64_t)random() % (20000 + 200 * (uint64_t)i));
		sight->kills++;
		look(world, sight);
	}
	assert_int_equal(world->fed, scene->len);
	assert_int_equal(ring_waiting(raw), 0);
	sight->torn = (uint32_t)world_count(world, STAT_ENRICHER_torn);
	world_fini(world);
	(void)munmap(shared, sizeof(*shared));
}

static void
run_whole(const struct scene *scene, struct sight *sight)
{
	struct world world;

	sight_init(sight);
	world_init(&world, 1024, 1024, 1 << 20);
	world_start(&world, 0);
	do {
		world_feed(&world, scene);
		assert_int_equal(enricher_turn(world.enricher, 1000), 0);
		look(&world, sight);
	} while (world.fed < scene->len || !enricher_drained(world.enricher));
	world_fini(&world);
}

/*
 * Where an entry was torn, its task is lost until the next snapshot; everything else is as if
 * nobody had died.
 */
static void
compare(const struct sight *whole, const struct sight *killed)
{
	size_t lost = 0;

	assert_int_equal(whole->count, killed->count);
	for (size_t i = 0; i < whole->count; i++) {
		const struct seen *a = &whole->events[i], *b = &killed->events[i];

		assert_int_equal(a->position, b->position);
		assert_int_equal(a->number, b->number);
		if (memcmp(a, b, sizeof(*a)) == 0)
			continue;
		lost++;
		assert_true(killed->torn > 0);
		assert_int_not_equal(b->lost, 0);
	}
	print_message("%u kills, %u torn, %zu events of torn tasks\n", killed->kills, killed->torn,
	    lost);
}

static void
kills_neither_lose_nor_repeat_nor_confuse(void **state)
{
	struct sight whole, killed;
	struct scene scene;

	(void)state;
	for (unsigned seed = 1; seed < 4; seed++) {
		scene_init(&scene);
		crowd_play(&scene, seed, ACTS);
		run_whole(&scene, &whole);
		run_killed(&scene, &killed, seed);
		compare(&whole, &killed);
		free(whole.events);
		free(killed.events);
		scene_fini(&scene);
	}
}

static void
poison_is_skipped_and_kept(void **state)
{
	struct actor init = { 1, 1, 1, 10, NULL };
	const struct state_head *head;
	struct scene scene;
	struct world world;
	size_t at;

	(void)state;
	scene_init(&scene);
	world_init(&world, 1024, 256, 1 << 20);
	scene_snapshot(&scene, &init, "init", 1);
	at = scene_open(&scene, &init, "/poison");
	(void)scene_open(&scene, &init, "/fine");
	world_start(&world, 2);
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world.record.head->position, 3);
	assert_int_equal(world_count(&world, STAT_ENRICHER_lost_poison), 1);
	head = world.enricher->life.head;
	assert_int_equal(head->poison_position, 2);
	assert_memory_equal(head->poison, scene.bytes + at, head->poison_len);
	world_fini(&world);
	scene_fini(&scene);
}

static void
a_torn_entry_is_lost_and_counted(void **state)
{
	struct actor init = { 1, 1, 1, 10, NULL }, shell = { 100, 100, 1, 100, &init };
	struct scene scene;
	struct world world;
	uint32_t index;

	(void)state;
	scene_init(&scene);
	world_init(&world, 1024, 256, 1 << 20);
	world_start(&world, 0);
	scene_snapshot(&scene, &init, "init", 1);
	scene_snapshot(&scene, &shell, "sh", 1);
	world_feed(&world, &scene);
	world_turn(&world);
	index = tasks_find(&world.enricher->life.tasks, 100);
	tasks_at(&world.enricher->life.tasks, index)->changing = 1;
	world_start(&world, 0);
	assert_int_equal(world_count(&world, STAT_ENRICHER_torn), 1);
	(void)scene_open(&scene, &shell, "x");
	(void)scene_open(&scene, &init, "y");
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world_derived(&world, D_context), 0);
	assert_true(world_next(&world));
	assert_int_not_equal(world_derived(&world, D_context), 0);
	world_fini(&world);
	scene_fini(&scene);
}

static void
a_state_that_can_not_be_is_not_believed(void **state)
{
	struct actor init = { 1, 1, 1, 10, NULL };
	struct scene scene;
	struct world world;
	struct state_task *task;

	(void)state;
	scene_init(&scene);
	world_init(&world, 1024, 256, 1 << 20);
	world_start(&world, 0);
	scene_snapshot(&scene, &init, "init", 1);
	world_feed(&world, &scene);
	world_turn(&world);
	task = tasks_at(&world.enricher->life.tasks, tasks_find(&world.enricher->life.tasks, 1));
	task->text_lens[STATE_ARGS] = 60000;
	world_start(&world, 0);
	assert_int_equal(world.enricher->life.tasks.count, 0);
	assert_int_equal(world_count(&world, STAT_ENRICHER_torn), 1);
	world_fini(&world);
	scene_fini(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kills_neither_lose_nor_repeat_nor_confuse),
		cmocka_unit_test(poison_is_skipped_and_kept),
		cmocka_unit_test(a_torn_entry_is_lost_and_counted),
		cmocka_unit_test(a_state_that_can_not_be_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
