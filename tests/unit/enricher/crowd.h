/* SPDX-License-Identifier: Apache-2.0 */
/* A long scene of many tasks that come, act and go, the same for the same seed. */
#ifndef TESTS_ENRICHER_CROWD_H
#define TESTS_ENRICHER_CROWD_H

#include "scene.h"

enum { CROWD_ACTORS = 8192, CROWD_ALIVE = 120 };

struct crowd {
	struct scene *scene;
	uint64_t random;
	uint32_t count;                      /* of actors ever */
	uint32_t alive_count;
	uint64_t generation;
	struct actor *alive[CROWD_ALIVE];    /* alive[0] is init, for ever */
	struct actor actors[CROWD_ACTORS];
};

static inline uint32_t
crowd_random(struct crowd *crowd, uint32_t below)
{
	crowd->random ^= crowd->random << 13;
	crowd->random ^= crowd->random >> 7;
	crowd->random ^= crowd->random << 17;
	return (uint32_t)(crowd->random >> 20) % below;
}

static inline struct actor *
crowd_any(struct crowd *crowd)
{
	return crowd->alive[crowd_random(crowd, crowd->alive_count)];
}

static inline struct actor *
crowd_leader(struct crowd *crowd, const struct actor *actor)
{
	for (uint32_t i = 0; i < crowd->alive_count; i++)
		if (crowd->alive[i]->tid == actor->tgid)
			return crowd->alive[i];
	return NULL;
}

static inline struct actor *
crowd_add(struct crowd *crowd, struct actor *parent, bool thread, uint32_t exec)
{
	struct actor *actor = &crowd->actors[crowd->count++];

	actor->tid = 1 + 7 * crowd->count;
	actor->tgid = thread ? parent->tgid : actor->tid; /* PARENT: its leader */
	actor->start = crowd->scene->ts;
	actor->exec = exec;
	actor->parent = thread ? parent->parent : parent;
	crowd->alive[crowd->alive_count++] = actor;
	return actor;
}

static inline void
crowd_clone(struct crowd *crowd, struct actor *maker)
{
	static const char *const names[] = { "sh", "bash", "nginx", "sshd", "python3" };
	struct actor *leader = crowd_leader(crowd, maker);

	if (crowd->alive_count == CROWD_ALIVE || crowd->count == CROWD_ACTORS || leader == NULL)
		return;
	scene_clone(crowd->scene, crowd_add(crowd, leader, crowd_random(crowd, 4) == 0,
	    maker->exec), names[crowd_random(crowd, 5)]);
}

static inline void
crowd_drop(struct crowd *crowd, struct actor *actor)
{
	uint32_t i = 0;

	while (crowd->alive[i] != actor)
		i++;
	crowd->alive[i] = crowd->alive[--crowd->alive_count];
}

/* The threads of LEADER exit, one by one. */
static inline void
crowd_end_threads(struct crowd *crowd, const struct actor *leader)
{
	for (uint32_t i = crowd->alive_count; i > 1; i--) {
		struct actor *actor = crowd->alive[i - 1];

		if (actor->tgid != leader->tgid || actor == leader)
			continue;
		scene_exit(crowd->scene, actor, NULL, false);
		crowd_drop(crowd, actor);
	}
}

static inline void
crowd_exit(struct crowd *crowd, struct actor *actor)
{
	if (actor == crowd->alive[0])
		return;
	if (actor->tid != actor->tgid) {
		scene_exit(crowd->scene, actor, NULL, false);
		crowd_drop(crowd, actor);
		return;
	}
	crowd_end_threads(crowd, actor);
	scene_exit(crowd->scene, actor, crowd->alive[0], true);
	crowd_drop(crowd, actor);
	for (uint32_t i = 0; i < crowd->alive_count; i++)
		if (crowd->alive[i]->parent == actor)
			crowd->alive[i]->parent = crowd->alive[0];
}

static inline void
crowd_exec(struct crowd *crowd, struct actor *actor)
{
	char name[16], path[32];

	if (actor->tid != actor->tgid)
		return;
	crowd_end_threads(crowd, actor);
	(void)snprintf(name, sizeof(name), "p%u", crowd_random(crowd, 50));
	(void)snprintf(path, sizeof(path), "/usr/bin/%s", name);
	scene_exec(crowd->scene, actor, name, path);
}

static inline void
crowd_snapshot(struct crowd *crowd)
{
	uint64_t begin = crowd->scene->ts;

	crowd->generation++;
	for (uint32_t i = 0; i < crowd->alive_count; i++)
		scene_snapshot(crowd->scene, crowd->alive[i], "told", crowd->generation);
	scene_snapshot_end(crowd->scene, crowd->generation, begin);
	scene_tick(crowd->scene);
}

static inline void
crowd_act(struct crowd *crowd)
{
	static const char *const places[] = { "/", "/tmp", "/var/www/", "/home/ann" };
	uint32_t act = crowd_random(crowd, 1000);
	struct actor *actor = crowd_any(crowd);

	if (act < 600)
		(void)scene_open(crowd->scene, actor, "/etc/shadow");
	else if (act < 730)
		crowd_clone(crowd, actor);
	else if (act < 850)
		crowd_exit(crowd, actor);
	else if (act < 930)
		crowd_exec(crowd, actor);
	else if (act < 960)
		scene_chdir(crowd->scene, actor, places[crowd_random(crowd, 4)]);
	else if (act < 980)
		scene_setuid(crowd->scene, actor, crowd_random(crowd, 2) * 1000);
	else if (act < 998)
		scene_tick(crowd->scene);
	else
		crowd_snapshot(crowd);
}

/* ACTS acts, after a snapshot and the tables of names. */
static inline void
crowd_play(struct scene *scene, uint64_t seed, uint32_t acts)
{
	struct crowd *crowd = calloc(1, sizeof(*crowd));

	assert_non_null(crowd);
	crowd->scene = scene;
	crowd->random = seed;
	(void)crowd_add(crowd, NULL, false, 1);
	scene_names(scene, NAMES_USERS, 1,
	    "root:x:0:0::/root:/bin/sh\nann:x:1000:100::/home/ann:\n");
	scene_names(scene, NAMES_GROUPS, 1, "root:x:0:\nusers:x:100:\n");
	crowd_snapshot(crowd);
	for (uint32_t i = 0; i < acts; i++)
		crowd_act(crowd);
	free(crowd);
}

#endif
