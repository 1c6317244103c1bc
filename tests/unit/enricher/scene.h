/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the enricher share: a scene is a raw stream being written, a world is the
 * regions around an enricher, with the test as its collector and its evaluator.
 */
#ifndef TESTS_ENRICHER_SCENE_H
#define TESTS_ENRICHER_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enricher.h"

enum { SCENE_BYTES_MAX = 16 << 20, SCENE_STEP_NS = 1000 };

/* A task as the scene's records name it. */
struct actor {
	uint32_t tid, tgid, exec;
	uint64_t start;
	struct actor *parent;
};

struct scene {
	uint8_t *bytes;
	size_t len;
	uint64_t position;
	uint64_t ts;
	struct record_writer writer; /* the record being written */
};

static inline void
scene_init(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	scene->bytes = malloc(SCENE_BYTES_MAX);
	scene->ts = 1000000000;
	assert_non_null(scene->bytes);
}

static inline void
scene_fini(struct scene *scene)
{
	free(scene->bytes);
}

/* Begin a record of TYPE by ACTOR; scene_end() ends it. */
static inline void
scene_begin(struct scene *scene, uint16_t type, const struct actor *actor)
{
	struct event_head *head;

	assert_true(scene->len + EVENT_RECORD_MAX <= SCENE_BYTES_MAX);
	record_begin(&scene->writer, scene->bytes + scene->len, EVENT_RECORD_MAX, type,
	    event_info(type)->param_count);
	head = record_head(&scene->writer);
	head->lane = event_info(type)->category == CATEGORY_META ? LANE_META : LANE_BULK;
	head->position = ++scene->position;
	head->ts = scene->ts += SCENE_STEP_NS;
	if (actor) {
		head->tid = actor->tid;
		head->tgid = actor->tgid;
		head->start = actor->start;
		head->exec = actor->exec;
	}
}

static inline void
scene_text(struct scene *scene, uint32_t param, const char *text)
{
	record_put_bytes(&scene->writer, param, text, strlen(text), PARAM_EXACT);
}

static inline void
scene_bytes(struct scene *scene, uint32_t param, const char *bytes, size_t len)
{
	record_put_bytes(&scene->writer, param, bytes, len, PARAM_EXACT);
}

static inline void
scene_number(struct scene *scene, uint32_t param, uint64_t value)
{
	record_put(&scene->writer, param, value);
}

/* Returns the offset of the record that ends here. */
static inline size_t
scene_end(struct scene *scene)
{
	size_t at = scene->len;
	int len = record_end(&scene->writer);

	assert_true(len > 0);
	scene->len += (size_t)len;
	return at;
}

/* The parameters that clone and exec records both have, at the same places. */
static inline void
scene_task(struct scene *scene, const struct actor *actor, const char *comm)
{
	scene_text(scene, P_clone_comm, comm);
	scene_text(scene, P_clone_exe, comm);
	scene_bytes(scene, P_clone_args, "-a\0-b", 5);
	scene_text(scene, P_clone_cwd, "/home");
	scene_bytes(scene, P_clone_cgroups, "cpuset=/\0cpu=/user.slice", 24);
	scene_number(scene, P_clone_tid, actor->tid);
	scene_number(scene, P_clone_pid, actor->tgid);
	scene_number(scene, P_clone_ptid, actor->parent ? actor->parent->tgid : 0);
}

/* ACTOR, made by its parent (a thread of it when the tgid is the parent's), has comm COMM. */
static inline void
scene_clone(struct scene *scene, const struct actor *actor, const char *comm)
{
	scene_begin(scene, EV_clone, actor);
	record_head(&scene->writer)->lane = LANE_LIFE;
	scene_task(scene, actor, comm);
	scene_number(scene, P_clone_flags, actor->tid == actor->tgid ? 0 : 8192 | 2);
	scene_number(scene, P_clone_uid, 1000);
	scene_number(scene, P_clone_gid, 100);
	scene_number(scene, P_clone_loginuid, 1000);
	scene_number(scene, P_clone_sid, actor->parent ? actor->parent->tgid : actor->tid);
	scene_number(scene, P_clone_ns_tid, actor->tid);
	scene_number(scene, P_clone_ns_pid, actor->tgid);
	scene_number(scene, P_clone_parent_start, actor->parent ? actor->parent->start : 0);
	scene_text(scene, P_clone_root, "/");
	(void)scene_end(scene);
}

/* Begin the EXEC_PARAMS of ACTOR, whose exec number is already the new one. */
static inline void
scene_begin_exec(struct scene *scene, uint16_t type, const struct actor *actor, const char *comm,
    const char *exepath)
{
	scene_begin(scene, type, actor);
	scene_task(scene, actor, comm);
	scene_text(scene, P_execve_trusted_exepath, exepath);
	scene_text(scene, P_execve_root, "/");
	scene_bytes(scene, P_execve_env, "HOME=/root\0LANG=C", 17);
	scene_number(scene, P_execve_uid, 1000);
	scene_number(scene, P_execve_gid, 100);
	scene_number(scene, P_execve_loginuid, 1000);
	scene_number(scene, P_execve_cap_effective, 0);
	scene_number(scene, P_execve_exe_ino, 77);
	scene_number(scene, P_execve_sid, actor->parent ? actor->parent->tgid : actor->tid);
	scene_number(scene, P_execve_pgid, actor->tgid);
	scene_number(scene, P_execve_vpgid, actor->tgid);
	scene_number(scene, P_execve_ns_tid, actor->tid);
	scene_number(scene, P_execve_ns_pid, actor->tgid);
	scene_number(scene, P_execve_parent_start, actor->parent ? actor->parent->start : 0);
}

static inline void
scene_exec(struct scene *scene, struct actor *actor, const char *comm, const char *exepath)
{
	actor->exec++;
	scene_begin_exec(scene, EV_execve, actor, comm, exepath);
	record_head(&scene->writer)->lane = LANE_LIFE;
	(void)scene_end(scene);
}

static inline void
scene_snapshot(struct scene *scene, const struct actor *actor, const char *comm,
    uint64_t generation)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/bin/%s", comm);
	scene_begin_exec(scene, EV_snapshot_task, actor, comm, path);
	scene_number(scene, P_snapshot_task_generation, generation);
	(void)scene_end(scene);
}

static inline void
scene_snapshot_end(struct scene *scene, uint64_t generation, uint64_t begin_ts)
{
	scene_begin(scene, EV_snapshot_end, NULL);
	scene_number(scene, P_snapshot_end_generation, generation);
	scene_number(scene, P_snapshot_end_begin_ts, begin_ts);
	(void)scene_end(scene);
}

static inline void
scene_tick(struct scene *scene)
{
	scene_begin(scene, EV_tick, NULL);
	(void)scene_end(scene);
}

static inline size_t
scene_open(struct scene *scene, const struct actor *actor, const char *name)
{
	scene_begin(scene, EV_open, actor);
	record_head(&scene->writer)->result = 3;
	scene_text(scene, P_open_name, name);
	scene_number(scene, P_open_flags, 1);
	return scene_end(scene);
}

/* ACTOR exits; REAPER (or NULL: the kernel did not say) gets its children. */
static inline void
scene_exit(struct scene *scene, const struct actor *actor, const struct actor *reaper, bool dead)
{
	scene_begin(scene, EV_procexit, actor);
	record_head(&scene->writer)->lane = LANE_LIFE;
	scene_number(scene, P_procexit_group_dead, dead);
	if (reaper) {
		scene_number(scene, P_procexit_reaper_tid, reaper->tid);
		scene_number(scene, P_procexit_reaper_start, reaper->start);
	}
	(void)scene_end(scene);
}

static inline void
scene_chdir(struct scene *scene, const struct actor *actor, const char *cwd)
{
	scene_begin(scene, EV_chdir, actor);
	scene_text(scene, P_chdir_new_cwd, cwd);
	(void)scene_end(scene);
}

static inline void
scene_setuid(struct scene *scene, const struct actor *actor, uint32_t uid)
{
	scene_begin(scene, EV_setuid, actor);
	scene_number(scene, P_setuid_uid, uid);
	scene_number(scene, P_setuid_cred_uid, uid);
	scene_number(scene, P_setuid_cred_effective, uid == 0 ? 255 : 0);
	(void)scene_end(scene);
}

static inline void
scene_names(struct scene *scene, uint32_t kind, uint64_t generation, const char *text)
{
	scene_begin(scene, EV_names, NULL);
	scene_number(scene, P_names_kind, kind);
	scene_number(scene, P_names_generation, generation);
	scene_number(scene, P_names_offset, 0);
	scene_number(scene, P_names_total, strlen(text));
	scene_text(scene, P_names_bytes, text);
	(void)scene_end(scene);
}

static inline void
scene_lost_life(struct scene *scene)
{
	scene_begin(scene, EV_loss, NULL);
	scene_number(scene, P_loss_lane, LANE_LIFE);
	scene_number(scene, P_loss_end_ts, scene->ts);
	(void)scene_end(scene);
}

/* The record at OFFSET of the scene, checked. */
static inline struct record
scene_record(const struct scene *scene, size_t offset)
{
	struct record record;

	assert_int_equal(record_check(&record, scene->bytes + offset,
	    *(const uint32_t *)(const void *)(scene->bytes + offset), RECORD_RAW), 0);
	return record;
}

struct world {
	struct region raw_data, raw_tail, full_data, full_tail;
	struct region contexts, state, interest, tap_interest;
	struct ring collector;       /* producer of the raw ring */
	struct ring evaluator;       /* consumer of the full ring */
	struct context_arena arena;  /* as the evaluator sees it */
	struct stats stats;
	struct enricher *enricher;
	size_t fed;                  /* bytes of the scene that are in the raw ring */
	_Alignas(8) uint8_t full[EVENT_RECORD_MAX];
	_Alignas(8) uint8_t block[CONTEXT_BYTES_MAX];
	struct record record;        /* the last one read, in full[] */
	struct context_view view;    /* the last one read, in block[] */
};

/* Everything is wanted. */
static inline void
world_want_all(struct world *world)
{
	struct interest all;

	memset(&all, 0xff, sizeof(all));
	all.filter_count = 0;
	interest_write(region_content(&world->interest), &all);
}

static inline void
world_init(struct world *world, uint32_t tasks, uint32_t contexts, size_t full_bytes)
{
	memset(world, 0, sizeof(*world));
	assert_int_equal(region_create(&world->raw_data, REGION_RAW_DATA,
	    RING_DATA_CONTENT(4 << 20)), 0);
	assert_int_equal(region_create(&world->raw_tail, REGION_RAW_TAIL, RING_TAIL_CONTENT), 0);
	assert_int_equal(region_create(&world->full_data, REGION_FULL_DATA,
	    RING_DATA_CONTENT(full_bytes)), 0);
	assert_int_equal(region_create(&world->full_tail, REGION_FULL_TAIL, RING_TAIL_CONTENT), 0);
	assert_int_equal(region_create(&world->contexts, REGION_CONTEXTS,
	    context_arena_content(contexts)), 0);
	assert_int_equal(region_create(&world->state, REGION_STATE, state_content(tasks)), 0);
	assert_int_equal(region_create(&world->interest, REGION_INTEREST, INTEREST_CONTENT), 0);
	assert_int_equal(region_create(&world->tap_interest, REGION_TAP_INTEREST,
	    INTEREST_CONTENT), 0);
	assert_int_equal(ring_attach_producer_take(&world->collector,
	    region_reopen(&world->raw_data, true), region_reopen(&world->raw_tail, false),
	    REGION_RAW_DATA, 0), 0);
	assert_int_equal(ring_attach_consumer_take(&world->evaluator,
	    region_reopen(&world->full_data, false), region_reopen(&world->full_tail, true),
	    REGION_FULL_DATA), 0);
	assert_int_equal(context_arena_attach_take(&world->arena,
	    region_reopen(&world->contexts, false), false), 0);
	world_want_all(world);
}

/* Start an enricher on the world's regions; the one before has died. */
static inline void
world_start(struct world *world, uint64_t skip_position)
{
	const struct enricher_ends ends = {
		.raw_data = region_reopen(&world->raw_data, false),
		.raw_tail = region_reopen(&world->raw_tail, true),
		.contexts = region_reopen(&world->contexts, true),
		.state = region_reopen(&world->state, true),
		.tap_interest = region_reopen(&world->tap_interest, false),
		.dealt = -1,
		.evaluators = 1,
		.of[0] = {
			.full_data = region_reopen(&world->full_data, true),
			.full_tail = region_reopen(&world->full_tail, false),
			.interest = region_reopen(&world->interest, false),
		},
	};

	if (world->enricher)
		enricher_close(world->enricher);
	else
		world->enricher = aligned_alloc(64, (sizeof(*world->enricher) + 63) & ~63ul);
	assert_non_null(world->enricher);
	assert_int_equal(enricher_open_take(world->enricher, &ends, &world->stats, skip_position),
	    0);
}

static inline void
world_fini(struct world *world)
{
	if (world->enricher)
		enricher_close(world->enricher);
	free(world->enricher);
	context_arena_detach(&world->arena);
	ring_detach(&world->collector);
	ring_detach(&world->evaluator);
	region_close(&world->raw_data);
	region_close(&world->raw_tail);
	region_close(&world->full_data);
	region_close(&world->full_tail);
	region_close(&world->contexts);
	region_close(&world->state);
	region_close(&world->interest);
	region_close(&world->tap_interest);
}

/* Put what of SCENE is not there yet into the raw ring, as far as there is room. */
static inline void
world_feed(struct world *world, const struct scene *scene)
{
	while (world->fed < scene->len) {
		const uint8_t *at = scene->bytes + world->fed;
		uint32_t len = *(const uint32_t *)(const void *)at;
		int err;
		void *to = ring_reserve(&world->collector, len, &err);

		assert_int_equal(err, 0);
		if (to == NULL) {
			if (ring_pending(&world->collector) == 0)
				break;
			ring_publish(&world->collector, 0);
			continue;
		}
		memcpy(to, at, len);
		ring_commit(&world->collector, len);
		world->fed += len;
	}
	ring_publish(&world->collector, 0);
}

/* Let the enricher work until it has nothing to do. */
static inline void
world_turn(struct world *world)
{
	for (int i = 0; i < 10000 && !enricher_drained(world->enricher); i++)
		assert_int_equal(enricher_turn(world->enricher, 1000), 0);
	assert_true(enricher_drained(world->enricher));
}

/* Read the next full record into world->record.  Returns false when there is none. */
static inline bool
world_next(struct world *world)
{
	int len = ring_next(&world->evaluator, world->full, sizeof(world->full));

	assert_true(len >= 0);
	if (len == 0)
		return false;
	assert_int_equal(record_check(&world->record, world->full, (size_t)len, RECORD_FULL), 0);
	ring_release(&world->evaluator, world->record.head->position);
	return true;
}

/* Feed and turn, and read on to the first full record of TYPE. */
static inline void
world_expect(struct world *world, const struct scene *scene, uint16_t type)
{
	world_feed(world, scene);
	world_turn(world);
	do {
		assert_true(world_next(world));
	} while (world->record.head->type != type);
}

static inline uint64_t
world_derived(const struct world *world, enum derived_id row)
{
	uint64_t value = UINT64_MAX;

	(void)slots_scalar(&world->record.slots, record_derived(&world->record, row), &value);
	return value;
}

/* Read the context that the last record names into world->view. */
static inline void
world_context(struct world *world)
{
	const struct context_ref ref = { .id = world_derived(world, D_context),
		.slot = (uint32_t)world_derived(world, D_context_slot) };

	assert_int_equal(context_read(&world->arena, ref, world->block, &world->view), 0);
}

/* Read the context's parent's into world->view. */
static inline void
world_parent(struct world *world)
{
	const struct context_ref ref = { .id = world->view.head->parent_id,
		.slot = world->view.head->parent_slot };

	assert_int_equal(context_read(&world->arena, ref, world->block, &world->view), 0);
}

#define assert_context_text(world, row, text) do { \
	struct span span_ = slots_bytes_or_none(&(world)->view.slots, (row)); \
	assert_int_equal(span_.len, strlen(text)); \
	assert_memory_equal(span_.ptr, (text), strlen(text)); \
} while (0)

static inline uint64_t
world_count(const struct world *world, enum stat_id id)
{
	return stats_get(&world->stats, id);
}

#endif
