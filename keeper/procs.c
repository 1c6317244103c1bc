/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the process table.  See procs.h. */
#include "procs.h"

#include <linux/capability.h>
#include <stddef.h>

#define BIT(kind) (UINT32_C(1) << REGION_##kind)
#define CAP(name) (UINT64_C(1) << CAP_##name)

_Static_assert(REGION_COUNT <= 32, "a bit each");

/* What every worker reads. */
#define COMMON (BIT(CONFIG) | BIT(CONTROL))

/*
 * Every worker needs CAP_SYS_CHROOT for its empty root.  The collector loads and attaches with
 * CAP_BPF and CAP_PERFMON, needs CAP_SYS_RESOURCE for locked memory before Linux 5.11, and the
 * others to become its own user with an empty bounding set.
 */
#define COLLECTOR_CAPS (CAP(BPF) | CAP(PERFMON) | CAP(SYS_RESOURCE) | CAP(SETUID) | CAP(SETGID) | \
    CAP(SETPCAP) | CAP(SYS_CHROOT))

/* Consumers start before what feeds them, so that they are there when events flow. */
const struct proc_def procs[PROC_COUNT] = {
	{
		.role = ROLE_EVALUATOR,
		.user = "saker-eval",
		.uid_offset = 2,
		.reads = COMMON | BIT(FULL_DATA) | BIT(CONTEXTS) | BIT(ALERT_TAIL),
		.writes = BIT(FULL_TAIL) | BIT(ALERT_DATA) | BIT(INTEREST) | BIT(COSTS) |
		    BIT(STATS_EVALUATOR),
		.named = NAMED_RULES,
		.input = REGION_FULL_DATA,
		.caps = CAP(SYS_CHROOT),
		.many = true,
	},
	{
		.role = ROLE_ENRICHER,
		.user = "saker-enrich",
		.uid_offset = 1,
		.reads = COMMON | BIT(RAW_DATA) | BIT(FULL_TAIL) | BIT(INTEREST) |
		    BIT(TAP_INTEREST),
		.writes = BIT(RAW_TAIL) | BIT(FULL_DATA) | BIT(CONTEXTS) | BIT(STATE) | BIT(DEALT) |
		    BIT(STATS_ENRICHER),
		.input = REGION_RAW_DATA,
		.caps = CAP(SYS_CHROOT),
	},
	{
		.role = ROLE_SPOOLER,
		.user = "saker-out",
		.uid_offset = 3,
		.reads = COMMON | BIT(ALERT_DATA) | BIT(DEALT),
		.writes = BIT(ALERT_TAIL) | BIT(STATS_SPOOLER),
		.named = NAMED_SPOOL,
		.input = REGION_ALERT_DATA,
		.caps = CAP(SYS_CHROOT),
	},
	{
		.role = ROLE_SINK,
		.user = "saker-out",
		.uid_offset = 3,
		.reads = COMMON | BIT(STATS_SPOOLER),
		.writes = BIT(STATS_SINK),
		.named = NAMED_SPOOL | NAMED_CURSORS,
		.input = REGION_NONE_KIND,
		.caps = CAP(SYS_CHROOT),
		.keeps_stdout = true,
	},
	{
		.role = ROLE_COLLECTOR,
		.user = "saker-col",
		.uid_offset = 0,
		.reads = COMMON | BIT(RAW_TAIL) | BIT(INTEREST) | BIT(TAP_INTEREST),
		.writes = BIT(RAW_DATA) | BIT(STATS_COLLECTOR),
		.named = NAMED_DEPOSITS | NAMED_HANDOVER,
		.input = REGION_NONE_KIND,
		.caps = COLLECTOR_CAPS,
		.starts_as_root = true,
		.starts_last = true,
	},
};

const uint32_t procs_status_reads = BIT(CONTROL) | BIT(RAW_DATA) | BIT(RAW_TAIL) | BIT(FULL_DATA) |
    BIT(FULL_TAIL) | BIT(ALERT_DATA) | BIT(ALERT_TAIL) | BIT(STATS_KEEPER) | BIT(STATS_COLLECTOR) |
    BIT(STATS_ENRICHER) | BIT(STATS_EVALUATOR) | BIT(STATS_SPOOLER) | BIT(STATS_SINK) |
    BIT(COSTS);
const uint32_t procs_tap_reads = COMMON | BIT(FULL_DATA) | BIT(CONTEXTS);
const uint32_t procs_tap_writes = BIT(TAP_INTEREST);

const struct proc_def *
proc_find(enum role role)
{
	for (uint32_t i = 0; i < PROC_COUNT; i++) {
		if (procs[i].role == role)
			return &procs[i];
	}
	return NULL;
}

uint64_t
procs_caps(void)
{
	uint64_t caps = 0;

	for (uint32_t i = 0; i < PROC_COUNT; i++)
		caps |= procs[i].caps;
	return caps;
}
