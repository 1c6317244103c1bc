/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rules could see of a stream, to compare the run of an enricher that died with one that did
 * not.
 */
#ifndef TESTS_ENRICHER_SIGHT_H
#define TESTS_ENRICHER_SIGHT_H

#include "crowd.h"

enum { SIGHT_EVENTS_MAX = 80000 };

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
	uint32_t torn;  /* entries */
	uint32_t kills;
};

static inline void
sight_init(struct sight *sight)
{
	memset(sight, 0, sizeof(*sight));
	sight->events = calloc(SIGHT_EVENTS_MAX, sizeof(*sight->events));
	assert_non_null(sight->events);
}

static inline void
sight_fini(struct sight *sight)
{
	free(sight->events);
}

static inline uint64_t
sight_chain(struct world *world)
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

/* Read all that is in the full ring. */
static inline void
sight_look(struct world *world, struct sight *sight)
{
	while (world_next(world)) {
		struct seen *seen = &sight->events[sight->count++];

		assert_true(sight->count < SIGHT_EVENTS_MAX);
		seen->position = world->record.head->position;
		seen->number = world_derived(world, D_number);
		seen->lost = world_derived(world, D_lost);
		seen->parent = world_derived(world, D_parent);
		seen->context = world->record.head->lane == LANE_META ? 0 : sight_chain(world);
	}
}

/* Let the world's enricher go through what is left of SCENE. */
static inline void
sight_run(struct sight *sight, struct world *world, const struct scene *scene)
{
	do {
		world_feed(world, scene);
		assert_int_equal(enricher_turn(world->enricher, 1000), 0);
		sight_look(world, sight);
	} while (world->fed < scene->len || !enricher_drained(world->enricher));
}

/*
 * Where an entry was torn, its task is lost until the next snapshot, and says so; everything else
 * is as if nobody had died.  Returns how many events were of such tasks.
 */
static inline size_t
sight_compare(const struct sight *whole, const struct sight *killed)
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
	return lost;
}

#endif
