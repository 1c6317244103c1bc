/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An enricher that stops dead at every step there is, one after the other, also in the middle of a
 * change.  Only a build with FAULTS=1 has these steps.
 */
#include "sight.h"

#ifdef SAKER_FAULTS

#include "fault.h"

enum { ACTS = 120, SEEDS = 2 };

static jmp_buf stop;
static bool armed;
static long passed; /* steps gone through since it was armed */
static long stop_at; /* 0: never */

/* In place of the one that kills the process. */
void
fault_point(const char *name)
{
	(void)name;
	if (armed && ++passed == stop_at)
		longjmp(stop, 1);
}

static void
start(struct world *world)
{
	armed = false;
	world_start(world, 0);
	armed = true;
}

/* Run SCENE with a stop at step AT, behind which a successor goes on.  Returns the steps gone. */
static long
run(const struct scene *scene, struct sight *sight, long at)
{
	static struct world world; /* its value survives the jump */

	sight_init(sight);
	world_init(&world, 256, 256, 1 << 20);
	passed = 0;
	stop_at = at;
	if (setjmp(stop) != 0) {
		sight->kills++;
		sight_look(&world, sight);
	}
	start(&world);
	sight_run(sight, &world, scene);
	armed = false;
	sight->torn = (uint32_t)world_count(&world, STAT_ENRICHER_torn);
	world_fini(&world);
	return passed;
}

static void
every_step_can_be_the_last(void **state)
{
	struct sight whole, killed;
	struct scene scene;
	long steps;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		scene_init(&scene);
		crowd_play(&scene, seed, ACTS);
		steps = run(&scene, &whole, 0);
		assert_true(steps > ACTS);
		for (long at = 1; at <= steps; at++) {
			(void)run(&scene, &killed, at);
			assert_int_equal(killed.kills, 1);
			(void)sight_compare(&whole, &killed);
			sight_fini(&killed);
		}
		print_message("%ld steps\n", steps);
		sight_fini(&whole);
		scene_fini(&scene);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_step_can_be_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int
main(void)
{
	(void)printf("the steps to stop at are only in a build with FAULTS=1\n");
	return 77;
}

#endif
