/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters in shared memory: one region a process, one writer, read by anyone entitled.  The page
 * also shows what the process works on, so that the keeper can tell a hang from an idle worker
 * and a poison record from a bad day.
 */
#ifndef SHM_STATS_H
#define SHM_STATS_H

#include <stdint.h>

#include "region.h"

enum role {
	ROLE_KEEPER,
	ROLE_COLLECTOR,
	ROLE_ENRICHER,
	ROLE_EVALUATOR,
	ROLE_SPOOLER,
	ROLE_SINK,
	ROLE_COUNT
};

/* STAT_COLLECTOR_in and so on: numbered over all roles. */
enum stat_id {
#define STAT(role, name, kind, unit, severity, sentence) STAT_##role##_##name,
#include "stats.def"
	STAT_COUNT
};

enum stat_kind { STAT_KIND_COUNTER, STAT_KIND_GAUGE };
enum stat_severity { STAT_SEVERITY_INFO, STAT_SEVERITY_LOSS, STAT_SEVERITY_FAULT };

struct stat_info {
	const char *name;
	const char *unit;
	const char *sentence;
	uint8_t role;
	uint8_t kind;
	uint8_t severity;
};

/* Content of a stats region. */
struct stats {
	uint64_t turns;    /* grows while the process goes round its loop */
	uint64_t position; /* of the record being worked on; 0: none */
	uint64_t waiting;  /* input waiting, bytes, as the process last saw it */
	uint64_t start_ts; /* CLOCK_BOOTTIME of the start */
	uint32_t pid;
	uint32_t jail;     /* bits of the jail report */
	uint64_t values[STAT_COUNT];
};

_Static_assert(sizeof(struct stats) <= REGION_PAGE, "a page holds it");

enum { STATS_CONTENT = REGION_PAGE };

/* Writer: add to or set a value.  Plain stores: one writer, whole words. */
static inline void
stats_add(struct stats *stats, enum stat_id id, uint64_t amount)
{
	__atomic_store_n(&stats->values[id], stats->values[id] + amount, __ATOMIC_RELAXED);
}

static inline void
stats_set(struct stats *stats, enum stat_id id, uint64_t value)
{
	__atomic_store_n(&stats->values[id], value, __ATOMIC_RELAXED);
}

/* Writer: this position is being worked on now (0: none); this turn is done. */
static inline void
stats_work(struct stats *stats, uint64_t position)
{
	__atomic_store_n(&stats->position, position, __ATOMIC_RELAXED);
}

static inline void
stats_turn(struct stats *stats, uint64_t waiting)
{
	__atomic_store_n(&stats->waiting, waiting, __ATOMIC_RELAXED);
	__atomic_store_n(&stats->turns, stats->turns + 1, __ATOMIC_RELAXED);
}

/* Reader. */
static inline uint64_t
stats_get(const struct stats *stats, enum stat_id id)
{
	return __atomic_load_n(&stats->values[id], __ATOMIC_RELAXED);
}

/* Reader: what the process works on. */
static inline uint64_t
stats_turns(const struct stats *stats)
{
	return __atomic_load_n(&stats->turns, __ATOMIC_RELAXED);
}

static inline uint64_t
stats_position(const struct stats *stats)
{
	return __atomic_load_n(&stats->position, __ATOMIC_RELAXED);
}

static inline uint64_t
stats_waiting(const struct stats *stats)
{
	return __atomic_load_n(&stats->waiting, __ATOMIC_RELAXED);
}

/* What a row of stats.def says; NULL beyond the last. */
const struct stat_info *stat_info(uint32_t id);

/* "collector" and so on. */
const char *role_name(enum role role);

/* The stats region of a role. */
enum region_kind role_stats_region(enum role role);

#endif
