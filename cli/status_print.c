/* SPDX-License-Identifier: Apache-2.0 */
/* `saker status` as tables and as JSON. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "jail.h"
#include "status.h"
#include "text.h"

static const char *
state_name(uint32_t state)
{
	static const char *const names[] = { "none", "starting", "ready", "waiting", "ended" };

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "?";
}

/* NAME, with the number of its evaluator behind SEPARATOR where it is not the first. */
static const char *
numbered(char buf[STATUS_NAME_MAX], const char *name, char separator, uint32_t index)
{
	(void)snprintf(buf, STATUS_NAME_MAX, index ? "%s%c%u" : "%s", name, separator, index);
	return buf;
}

static uint64_t
rate(const struct status *status, const struct status_process *process, uint32_t id)
{
	if (status->interval_ns == 0)
		return 0;
	return (process->values[id] - process->before[id]) * 1000000000u / status->interval_ns;
}

/* What one process took in and gave on, by the names every role uses. */
static int
role_stat(uint32_t role, const char *name)
{
	for (uint32_t id = 0; id < STAT_COUNT; id++)
		if (stat_info(id)->role == role && strcmp(stat_info(id)->name, name) == 0)
			return (int)id;
	return -1;
}

static uint64_t
up_seconds(const struct stats *stats)
{
	if (stats == NULL || stats->start_ts == 0)
		return 0;
	return (clock_ns(CLOCK_BOOTTIME) - stats->start_ts) / 1000000000u;
}

static void
print_rights(uint32_t jail, FILE *out)
{
	char buf[512];
	struct text text;

	text_init(&text, buf, sizeof(buf));
	jail_report_text(jail, &text);
	(void)fprintf(out, "%s", buf);
}

static void
print_process(const struct status *status, const struct status_process *process, FILE *out)
{
	const struct keeper_control *control = status->keeper.control;
	uint32_t role = process->role, seat = process->seat;
	int in = role_stat(role, "in"), published = role_stat(role, "out");
	char name[STATUS_NAME_MAX];

	(void)fprintf(out, "%-11s %7u %6u %-9s %8" PRIu64 "s %8u",
	    numbered(name, role_name(process->role), ' ', process->index), control->pids[seat],
	    control->uids[role], state_name(control->state[seat]), up_seconds(process->stats),
	    control->restarts[seat]);
	if (in >= 0 && published >= 0)
		(void)fprintf(out, " %10" PRIu64 " %8" PRIu64 " %10" PRIu64 " %8" PRIu64,
		    process->values[in], rate(status, process, (uint32_t)in),
		    process->values[published], rate(status, process, (uint32_t)published));
	else
		(void)fprintf(out, " %10s %8s %10s %8s", "-", "-", "-", "-");
	(void)fprintf(out, "  ");
	print_rights(control->jail[seat], out);
	(void)fprintf(out, "\n");
}

static void
print_faults(const struct status *status, FILE *out)
{
	uint32_t shown = 0;

	(void)fprintf(out, "\nLosses and faults\n");
	for (uint32_t id = 0; id < STAT_COUNT; id++) {
		const struct stat_info *info = stat_info(id);
		uint64_t value = status_value(status, id);

		if (info->severity == STAT_SEVERITY_INFO || value == 0)
			continue;
		(void)fprintf(out, "  %-10s %-16s %12" PRIu64 " %-10s %s\n",
		    role_name((enum role)info->role), info->name, value, info->unit,
		    info->sentence);
		shown++;
	}
	if (shown == 0)
		(void)fprintf(out, "  none\n");
}

void
status_print(const struct status *status, FILE *out)
{
	const struct keeper_control *control = status->keeper.control;
	char name[STATUS_NAME_MAX];

	(void)fprintf(out, "saker %s%s%s\n\n", SAKER_VERSION,
	    control->flags & KEEPER_SAME_UID ? ", same-uid mode" : "",
	    control->flags & KEEPER_SCOPED ? ", scoped" : "");
	(void)fprintf(out, "%-11s %7s %6s %-9s %9s %8s %10s %8s %10s %8s  %s\n", "process", "pid",
	    "uid", "state", "up", "restarts", "in", "in/s", "out", "out/s",
	    "rights it could not give up");
	for (uint32_t i = 0; i < status->process_count; i++)
		print_process(status, &status->processes[i], out);
	(void)fprintf(out, "\n%-11s %12s %12s %12s\n", "ring", "bytes", "used", "position");
	for (uint32_t i = 0; i < status->ring_count; i++) {
		const struct status_ring *ring = &status->rings[i];

		(void)fprintf(out, "%-11s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n",
		    numbered(name, ring->name, ' ', ring->index), ring->bytes, ring->used,
		    ring->position);
	}
	(void)fprintf(out, "%-11s %12" PRIu64 "\n", "kernel",
	    status_value(status, STAT_COLLECTOR_kernel_bytes));
	print_faults(status, out);
}

/* The numbers of PROCESS that it counts itself; with RATES a second, counters only. */
static void
print_json_stats(const struct status *status, const struct status_process *process, bool rates,
    FILE *out)
{
	const char *separator = "";

	for (uint32_t id = 0; id < STAT_COUNT; id++) {
		const struct stat_info *info = stat_info(id);

		if (info->role != process->role || (rates && info->kind != STAT_KIND_COUNTER))
			continue;
		(void)fprintf(out, "%s\"%s\":%" PRIu64, separator, info->name,
		    rates ? rate(status, process, id) : process->values[id]);
		separator = ",";
	}
}

static void
print_json_process(const struct status *status, const struct status_process *process, FILE *out)
{
	const struct keeper_control *control = status->keeper.control;
	uint32_t seat = process->seat;
	char name[STATUS_NAME_MAX];

	(void)fprintf(out, "\"%s\":{\"pid\":%u,\"uid\":%u,\"state\":\"%s\",\"up_s\":%" PRIu64
	    ",\"restarts\":%u,\"rights\":\"",
	    numbered(name, role_name(process->role), '_', process->index), control->pids[seat],
	    control->uids[process->role], state_name(control->state[seat]),
	    up_seconds(process->stats), control->restarts[seat]);
	print_rights(control->jail[seat], out);
	(void)fprintf(out, "\",\"stats\":{");
	print_json_stats(status, process, false, out);
	(void)fprintf(out, "},\"rates\":{");
	print_json_stats(status, process, true, out);
	(void)fprintf(out, "}}");
}

void
status_print_json(const struct status *status, FILE *out)
{
	char name[STATUS_NAME_MAX];

	(void)fprintf(out, "{\"version\":\"%s\",\"same_uid\":%s,\"scoped\":%s,\"processes\":{",
	    SAKER_VERSION, status->keeper.control->flags & KEEPER_SAME_UID ? "true" : "false",
	    status->keeper.control->flags & KEEPER_SCOPED ? "true" : "false");
	for (uint32_t i = 0; i < status->process_count; i++) {
		if (i > 0)
			(void)fprintf(out, ",");
		print_json_process(status, &status->processes[i], out);
	}
	(void)fprintf(out, "},\"rings\":{");
	for (uint32_t i = 0; i < status->ring_count; i++) {
		const struct status_ring *ring = &status->rings[i];

		(void)fprintf(out, "%s\"%s\":{\"bytes\":%" PRIu64 ",\"used\":%" PRIu64
		    ",\"position\":%" PRIu64 "}", i ? "," : "",
		    numbered(name, ring->name, '_', ring->index), ring->bytes, ring->used,
		    ring->position);
	}
	(void)fprintf(out, "}}\n");
}
