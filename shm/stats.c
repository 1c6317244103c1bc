/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of stats.def as a table, and the names of the roles. */
#include "stats.h"

#include <stddef.h>

static const struct stat_info rows[] = {
#define STAT(role, name, kind, unit, severity, sentence) \
	{ #name, #unit, sentence, ROLE_##role, STAT_KIND_##kind, STAT_SEVERITY_##severity },
#include "stats.def"
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) == STAT_COUNT, "a row each");

const struct stat_info *
stat_info(uint32_t id)
{
	return id < STAT_COUNT ? &rows[id] : NULL;
}

const char *
role_name(enum role role)
{
	static const char *const names[] = {
		"keeper", "collector", "enricher", "evaluator", "spooler", "sink"
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == ROLE_COUNT, "a name each");
	return (unsigned)role < ROLE_COUNT ? names[role] : "unknown";
}

enum region_kind
role_stats_region(enum role role)
{
	return (enum region_kind)(REGION_STATS_KEEPER + (unsigned)role);
}
