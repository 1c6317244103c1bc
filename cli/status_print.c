/* SPDX-License-Identifier: Apache-2.0 */
/* `saker status` as tables and as JSON. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

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

/* By enum keeper_reload: a word for programs, a phrase for people. */
static const struct {
	const char *word, *phrase;
} reloads[] = {
	[KEEPER_RELOAD_NONE] = { "none", "" },
	[KEEPER_RELOAD_DONE] = { "done", "put new rules in force" },
	[KEEPER_RELOAD_SAME] = { "same", "found the same rules" },
	[KEEPER_RELOAD_FILES] = { "files", "refused: a rule file could not be read" },
	[KEEPER_RELOAD_REFUSED] = { "refused", "refused: the new rules had errors" },
	[KEEPER_RELOAD_EVALUATOR] = { "evaluator", "refused: an evaluator did not take them" },
};

static uint32_t
reload_result(const struct keeper_control *control)
{
	uint32_t result = keeper_control_get(&control->reload_result);

	return result < sizeof(reloads) / sizeof(reloads[0]) ? result : KEEPER_RELOAD_NONE;
}

static void
print_when(uint64_t ns, FILE *out)
{
	time_t at = (time_t)(ns / 1000000000u);
	char buf[32] = "";
	struct tm tm;

	if (gmtime_r(&at, &tm) != NULL)
		(void)strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", &tm);
	(void)fprintf(out, "%s", buf);
}

static void
print_rules(const struct status *status, FILE *out)
{
	const struct keeper_control *control = status->keeper.control;
	uint32_t result = reload_result(control);
	uint32_t evaluators = control->evaluators ? control->evaluators : 1;

	(void)fprintf(out, "\nrules %016" PRIx64 ": %" PRIu64 ", in force since ",
	    control->rules_hash, status_value(status, STAT_EVALUATOR_rules) / evaluators);
	print_when(control->rules_ns, out);
	if (result != KEEPER_RELOAD_NONE) {
		(void)fprintf(out, "; the last reload, ");
		print_when(control->reload_ns, out);
		(void)fprintf(out, ", %s", reloads[result].phrase);
	}
	(void)fprintf(out, "%s\n", control->reload_pending ? "; another is under way" : "");
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
	print_rules(status, out);
	print_faults(status, out);
}

static void
print_json_rules(const struct keeper_control *control, FILE *out)
{
	(void)fprintf(out, "\"rules\":{\"hash\":\"%016" PRIx64 "\",\"since_ns\":%" PRIu64
	    ",\"reload\":\"%s\",\"reload_ns\":%" PRIu64 ",\"pending\":%s},",
	    control->rules_hash, control->rules_ns, reloads[reload_result(control)].word,
	    control->reload_ns, control->reload_pending ? "true" : "false");
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

	(void)fprintf(out, "{\"version\":\"%s\",\"same_uid\":%s,\"scoped\":%s,",
	    SAKER_VERSION, status->keeper.control->flags & KEEPER_SAME_UID ? "true" : "false",
	    status->keeper.control->flags & KEEPER_SCOPED ? "true" : "false");
	print_json_rules(status->keeper.control, out);
	(void)fprintf(out, "\"processes\":{");
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
