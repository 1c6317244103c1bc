/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An enricher that dies anywhere: its successor goes on, nothing is missed and nothing
 * comes twice.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sight.h"

enum { ACTS = 20000, STEPS_MAX = 20000 };

/* Shared with the child that is killed: its counters, and that it has begun. */
struct shared {
	struct world world;
	uint32_t begun;
};

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
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
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
		sight_look(world, sight);
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
	sight_run(sight, &world, scene);
	world_fini(&world);
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
		print_message("%u kills, %u torn, %zu events of torn tasks\n", killed.kills,
		    killed.torn, sight_compare(&whole, &killed));
		sight_fini(&whole);
		sight_fini(&killed);
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
