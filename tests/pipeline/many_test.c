/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three evaluators.  Under 20,000 opens a second, evaluators are killed at random again and again,
 * and once in a while the enricher or the spooler, and one is stopped until the keeper ends it:
 * each act stands in the spool exactly once, and in the order in which it was done.  No evaluator
 * has another's rings.  And the same acts give the same alerts in the same order, whether one
 * evaluator judges them or three.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acts.h"
#include "clock.h"

enum { ACTS = 600, SECONDS = 12, KILLS = 14, EVALUATORS = 3, SAME_ACTS = 300 };

/* Two rules, of which an act matches one or both, besides one that reads its task. */
static const char same_rules[] =
    "- rule: act\n"
    "  desc: a triggering act\n"
    "  condition: evt.type = openat and fd.name contains /act-\n"
    "  output: act (%fd.name)\n"
    "  priority: NOTICE\n"
    "- rule: round act\n"
    "  desc: each tenth\n"
    "  condition: evt.type = openat and fd.name contains /act- and fd.name endswith 0 and\n"
    "    proc.name = load\n"
    "  output: round (%fd.name %proc.name %evt.res)\n"
    "  priority: ERROR\n";

/* Acts stand in TEXT, the spool as JSON lines, in the order of their numbers. */
static int
check_order(char *text)
{
	long last = -1;
	int bad = 0;

	for (char *at = text; (at = strstr(at, "/act-")) != NULL; at++) {
		long number = strtol(at + 5, NULL, 10);

		if (number < last && bad++ < 5)
			(void)printf("act %ld comes after act %ld\n", number, last);
		last = number;
	}
	return bad;
}

/* How many different regions called NAME the process PID has mapped. */
static size_t
mapped(pid_t pid, const char *name)
{
	char path[64], line[512], needle[64];
	unsigned long seen[16], inode;
	size_t count = 0, i;
	FILE *maps;

	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	(void)snprintf(needle, sizeof(needle), "/memfd:saker-%s ", name);
	if ((maps = fopen(path, "r")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), maps)) {
		if (strstr(line, needle) == NULL ||
		    sscanf(line, "%*s %*s %*s %*s %lu", &inode) != 1)
			continue;
		for (i = 0; i < count && seen[i] != inode; i++)
			;
		if (i == count && count < 16)
			seen[count++] = inode;
	}
	(void)fclose(maps);
	return count;
}

/* Each evaluator has one ring of each kind, and who serves all of them has all. */
static int
check_ends(const struct pipe_run *run)
{
	static const struct { enum role role; const char *name; size_t count;
	} rights[] = {
		{ ROLE_EVALUATOR, "full_data", 1 }, { ROLE_EVALUATOR, "full_tail", 1 },
		{ ROLE_EVALUATOR, "alert_data", 1 }, { ROLE_EVALUATOR, "interest", 1 },
		{ ROLE_EVALUATOR, "dealt", 0 }, { ROLE_ENRICHER, "full_data", EVALUATORS },
		{ ROLE_ENRICHER, "interest", EVALUATORS }, { ROLE_ENRICHER, "alert_data", 0 },
		{ ROLE_SPOOLER, "alert_data", EVALUATORS }, { ROLE_SPOOLER, "full_data", 0 },
		{ ROLE_COLLECTOR, "interest", EVALUATORS },
	};
	int bad = 0;

	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
		uint32_t last = rights[i].role == ROLE_EVALUATOR ? EVALUATORS : 1;

		for (uint32_t index = 0; index < last; index++) {
			size_t count = mapped(pipe_pid_of(run, rights[i].role, index),
			    rights[i].name);

			if (count != rights[i].count)
				bad |= printf("%s %u has %zu of %s\n", role_name(rights[i].role),
				    index, count, rights[i].name) > 0;
		}
	}
	return bad;
}

/* Stop an evaluator: the keeper ends it, since it has input and does not move. */
static int
hang(const struct pipe_run *run, uint32_t index)
{
	pid_t pid = pipe_pid_of(run, ROLE_EVALUATOR, index), now = pid;

	if (pid <= 0 || kill(pid, SIGSTOP) < 0)
		return printf("evaluator %u could not be stopped\n", index) > 0;
	for (int i = 0; i < 60 && (now == pid || now <= 0); i++) {
		clock_pause_ms(100);
		now = pipe_pid_of(run, ROLE_EVALUATOR, index);
	}
	if (now == pid || now <= 0 || pipe_stat(run, STAT_KEEPER_hangs) < 1)
		return printf("evaluator %u was stopped and is not replaced\n", index) > 0;
	return 0;
}

/* Kill workers of all kinds that deal, judge and order; returns how many. */
static int
hurt(struct pipe_run *run, unsigned *seed)
{
	int kills = 0;

	for (int i = 0; i < KILLS; i++) {
		enum role role = i % 5 == 3 ? ROLE_ENRICHER : i % 5 == 4 ? ROLE_SPOOLER
		    : ROLE_EVALUATOR;
		uint32_t which = (uint32_t)rand_r(seed) % EVALUATORS;
		pid_t pid;

		clock_pause_ms((uint32_t)(200 + rand_r(seed) % 300));
		pid = pipe_pid_of(run, role, role == ROLE_EVALUATOR ? which : 0);
		if (pid <= 0)
			continue;
		(void)kill(pid, SIGKILL);
		kills++;
	}
	return kills;
}

static int
killed(unsigned seed)
{
	struct pipe_run run;
	long long losses;
	int bad = 0, kills;
	char *spool;

	pipe_init(&run, "bin", acts_rules);
	run.options[0] = "evaluators=3";
	run.options[1] = "workers.backoff_max_ms=200";
	run.options[2] = "workers.hang_ms=1000";
	acts_hold(&run, ACTS, 20000, SECONDS);
	pipe_start(&run);
	bad |= check_ends(&run);
	pipe_release(&run);
	kills = hurt(&run, &seed);
	bad |= hang(&run, 1);
	bad |= pipe_wait_command(&run) != 0;
	clock_pause_ms(300);
	losses = pipe_losses(&run);
	for (uint32_t i = 0; i < EVALUATORS; i++)
		if (pipe_pid_of(&run, ROLE_EVALUATOR, i) <= 0)
			bad |= printf("evaluator %u is not there\n", i) > 0;
	bad |= acts_judge(&run, ACTS);
	spool = pipe_spool(&run);
	bad |= check_order(spool) != 0;
	bad |= losses != 0 || kills < KILLS / 2;
	(void)printf("%d killed: losses %lld, %s\n", kills, losses, bad ? "BAD" : "good");
	free(spool);
	pipe_fini(&run, bad != 0);
	return bad;
}

/* What EVALUATORS say of the acts: the messages, one a line, which the caller frees. */
static char *
said_by(const char *evaluators, int *bad)
{
	struct pipe_run run;
	char *spool, *out, *to;

	pipe_init(&run, "bin", same_rules);
	run.options[0] = evaluators;
	run.options[1] = "rule_matching=all";
	acts_hold(&run, SAME_ACTS, 5000, 2);
	pipe_start(&run);
	pipe_release(&run);
	*bad |= pipe_wait_command(&run) != 0;
	clock_pause_ms(300);
	*bad |= pipe_equations(&run) != 0 || pipe_losses(&run) != 0;
	*bad |= pipe_stop(&run) != 0;
	spool = pipe_spool(&run);
	if ((out = to = calloc(1, strlen(spool) + 1)) == NULL)
		abort();
	for (char *line = strtok(spool, "\n"); line; line = strtok(NULL, "\n")) {
		const char *message = strstr(line, "act-");

		/* From the act's number to the end of what the rule says: no folder, no clock. */
		if (message)
			to += sprintf(to, "%s %.*s\n", strstr(line, ": Error") ? "round" : "act",
			    (int)strcspn(message, ")"), message);
	}
	free(spool);
	pipe_fini(&run, *bad != 0);
	return out;
}

static int
same(void)
{
	int bad = 0;
	char *one = said_by("evaluators=1", &bad), *three = said_by("evaluators=3", &bad);
	size_t lines = pipe_count(one, "\n");

	if (strcmp(one, three) != 0)
		bad |= printf("three evaluators say something else than one: %zu lines and %zu\n",
		    lines, pipe_count(three, "\n")) > 0;
	if (lines != SAME_ACTS + SAME_ACTS / 10)
		bad |= printf("%zu alerts of %d acts\n", lines, SAME_ACTS) > 0;
	(void)printf("the same from one and from three: %zu lines, %s\n", lines,
	    bad ? "BAD" : "good");
	free(one);
	free(three);
	return bad;
}

int
main(int argc, char *argv[])
{
	int skip = pipe_needs_bpf(), bad;

	if (skip)
		return skip;
	bad = same();
	return bad | killed(argc > 1 ? (unsigned)atoi(argv[1]) : 11);
}
