/* SPDX-License-Identifier: Apache-2.0 */
/* `saker status` as tables and as JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "jail.h"
#include "status.h"
#include "text.h"

static const char *const ring_names[STATUS_RINGS] = { "raw", "full", "alert" };

static const char *
state_name(uint32_t state)
{
	static const char *const names[] = { "none", "starting", "ready", "waiting", "ended" };

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "?";
}

static uint64_t
rate(const struct status *status, uint32_t id)
{
	if (status->interval_ns == 0)
		return 0;
	return (status->values[id] - status->before[id]) * 1000000000u / status->interval_ns;
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
print_process(const struct status *status, uint32_t role, FILE *out)
{
	const struct keeper_control *control = status->keeper.control;
	int in = role_stat(role, "in"), published = role_stat(role, "out");

	(void)fprintf(out, "%-10s %7u %6u %-9s %8" PRIu64 "s %8u", role_name((enum role)role),
	    control->pids[role], control->uids[role], state_name(control->state[role]),
	    up_seconds(status->stats[role]), control->restarts[role]);
	if (in >= 0 && published >= 0)
		(void)fprintf(out, " %10" PRIu64 " %8" PRIu64 " %10" PRIu64 " %8" PRIu64,
		    status->values[in], rate(status, (uint32_t)in), status->values[published],
		    rate(status, (uint32_t)published));
	else
		(void)fprintf(out, " %10s %8s %10s %8s", "-", "-", "-", "-");
	(void)fprintf(out, "  ");
	print_rights(control->jail[role], out);
	(void)fprintf(out, "\n");
}

static void
print_faults(const struct status *status, FILE *out)
{
	uint32_t shown = 0;

	(void)fprintf(out, "\nLosses and faults\n");
	for (uint32_t id = 0; id < STAT_COUNT; id++) {
		const struct stat_info *info = stat_info(id);

		if (info->severity == STAT_SEVERITY_INFO || status->values[id] == 0)
			continue;
		(void)fprintf(out, "  %-10s %-16s %12" PRIu64 " %-10s %s\n",
		    role_name((enum role)info->role), info->name, status->values[id], info->unit,
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

	(void)fprintf(out, "saker %s%s%s\n\n", SAKER_VERSION,
	    control->flags & KEEPER_SAME_UID ? ", same-uid mode" : "",
	    control->flags & KEEPER_SCOPED ? ", scoped" : "");
	(void)fprintf(out, "%-10s %7s %6s %-9s %9s %8s %10s %8s %10s %8s  %s\n", "process", "pid",
	    "uid", "state", "up", "restarts", "in", "in/s", "out", "out/s",
	    "rights it could not give up");
	for (uint32_t role = 0; role < ROLE_COUNT; role++)
		print_process(status, role, out);
	(void)fprintf(out, "\n%-10s %12s %12s %12s\n", "ring", "bytes", "used", "position");
	for (uint32_t i = 0; i < STATUS_RINGS; i++)
		(void)fprintf(out, "%-10s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n",
		    ring_names[i], status->ring_bytes[i], status->ring_used[i],
		    status->ring_position[i]);
	(void)fprintf(out, "%-10s %12" PRIu64 "\n", "kernel",
	    status->values[STAT_COLLECTOR_kernel_bytes]);
	print_faults(status, out);
}

static void
print_json_role(const struct status *status, uint32_t role, FILE *out)
{
	const struct keeper_control *control = status->keeper.control;
	const char *separator = "";

	(void)fprintf(out, "\"%s\":{\"pid\":%u,\"uid\":%u,\"state\":\"%s\",\"up_s\":%" PRIu64
	    ",\"restarts\":%u,\"rights\":\"",
	    role_name((enum role)role), control->pids[role], control->uids[role],
	    state_name(control->state[role]), up_seconds(status->stats[role]),
	    control->restarts[role]);
	print_rights(control->jail[role], out);
	(void)fprintf(out, "\",\"stats\":{");
	for (uint32_t id = 0; id < STAT_COUNT; id++) {
		if (stat_info(id)->role != role)
			continue;
		(void)fprintf(out, "%s\"%s\":%" PRIu64, separator, stat_info(id)->name,
		    status->values[id]);
		separator = ",";
	}
	(void)fprintf(out, "},\"rates\":{");
	separator = "";
	for (uint32_t id = 0; id < STAT_COUNT; id++) {
		if (stat_info(id)->role != role || stat_info(id)->kind != STAT_KIND_COUNTER)
			continue;
		(void)fprintf(out, "%s\"%s\":%" PRIu64, separator, stat_info(id)->name,
		    rate(status, id));
		separator = ",";
	}
	(void)fprintf(out, "}}");
}

void
status_print_json(const struct status *status, FILE *out)
{
	(void)fprintf(out, "{\"version\":\"%s\",\"same_uid\":%s,\"scoped\":%s,\"processes\":{",
	    SAKER_VERSION, status->keeper.control->flags & KEEPER_SAME_UID ? "true" : "false",
	    status->keeper.control->flags & KEEPER_SCOPED ? "true" : "false");
	for (uint32_t role = 0; role < ROLE_COUNT; role++) {
		if (role > 0)
			(void)fprintf(out, ",");
		print_json_role(status, role, out);
	}
	(void)fprintf(out, "},\"rings\":{");
	for (uint32_t i = 0; i < STATUS_RINGS; i++)
		(void)fprintf(out, "%s\"%s\":{\"bytes\":%" PRIu64 ",\"used\":%" PRIu64
		    ",\"position\":%" PRIu64 "}", i ? "," : "", ring_names[i],
		    status->ring_bytes[i], status->ring_used[i], status->ring_position[i]);
	(void)fprintf(out, "}}\n");
}
