/* SPDX-License-Identifier: Apache-2.0 */
/* A scene and its world with init and a shell below it. */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

#include "scene.h"

static struct actor init, shell;
static struct scene scene;
static struct world world;

/* Begin with room for CONTEXTS contexts; nobody has acted yet. */
static inline void
stage_begin(uint32_t contexts)
{
	init = (struct actor){ 1, 1, 1, 10, NULL };
	shell = (struct actor){ 100, 100, 5, 1000, &init };
	scene_init(&scene);
	world_init(&world, 1024, contexts, 1 << 20);
	world_start(&world, 0);
}

/* A snapshot tells of the two. */
static inline void
stage_tell(void)
{
	scene_snapshot(&scene, &init, "init", 1);
	scene_snapshot(&scene, &shell, "bash", 1);
}

static inline int
teardown(void **state)
{
	(void)state;
	world_fini(&world);
	scene_fini(&scene);
	return 0;
}

#endif
