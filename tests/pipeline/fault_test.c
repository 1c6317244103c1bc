/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As kill_test, but not at random: the processes of a FAULTS=1 build are stopped at every named
 * step of every hop and killed there with SIGKILL, one after the other, under load.  A point that
 * is never reached is a failure too: the lists below are held against the sources by
 * fault_names_test.sh.  Once with one evaluator, and once with three, where a step can be done for
 * one of them and not for the others.
 */
#include "acts.h"
#include "clock.h"

enum { ACTS = 600, WAIT_MS = 8000 };

static const char *const one_names[] = {
	"collector_copied",
	"collector_publish",
	"collector_published",
	"collector_release",
	"enricher_apply",
	"enricher_change",
	"enricher_applied",
	"enricher_committed",
	"enricher_handled",
	"enricher_publish",
	"enricher_published",
	"enricher_progress",
	"enricher_released",
	"evaluator_judge",
	"evaluator_committed",
	"evaluator_publish",
	"evaluator_published",
	"evaluator_release",
	"spooler_read",
	"spooler_written",
	"spooler_released",
	"sink_delivered",
};

static const char *const three_names[] = {
	"enricher_change",
	"enricher_applied",
	"enricher_committed",
	"enricher_publish",
	"enricher_dealing",
	"enricher_published",
	"enricher_progress",
	"evaluator_committed",
	"evaluator_publish",
	"evaluator_published",
	"evaluator_release",
	"spooler_read",
	"spooler_written",
	"spooler_released",
};

static const struct round {
	const char *evaluators;
	const char *const *names;
	int count, seconds;
} rounds[] = {
	{ "evaluators=1", one_names, sizeof(one_names) / sizeof(one_names[0]), 12 },
	{ "evaluators=3", three_names, sizeof(three_names) / sizeof(three_names[0]), 8 },
};

/* Arm NAME, wait until a process stands there, kill it.  True when it was reached. */
static bool
hurt(struct pipe_run *run, const char *name)
{
	if (!pipe_kill_at(run, name, 3, WAIT_MS)) {
		(void)printf("%s: never reached\n", name);
		return false;
	}
	clock_pause_ms(150); /* the successor comes up */
	return true;
}

static int
one(const struct round *round)
{
	struct pipe_run run;
	long long losses;
	int bad = 0, reached = 0;

	pipe_init(&run, "faults/bin", acts_rules);
	pipe_arm(&run);
	run.options[0] = "workers.backoff_max_ms=100";
	run.options[1] = round->evaluators;
	acts_hold(&run, ACTS, 20000, round->seconds);
	pipe_start(&run);
	pipe_release(&run);
	clock_pause_ms(300);
	for (int i = 0; i < round->count; i++)
		reached += hurt(&run, round->names[i]);
	bad |= pipe_wait_command(&run) != 0;
	clock_pause_ms(500);
	losses = pipe_losses(&run);
	bad |= acts_judge(&run, ACTS);
	bad |= losses != 0 || reached != round->count;
	(void)printf("%s: %d of %d points killed at, losses %lld: %s\n", round->evaluators,
	    reached, round->count, losses, bad ? "BAD" : "good");
	pipe_fini(&run, bad != 0);
	return bad;
}

int
main(void)
{
	int bad = 0, skip = pipe_needs_bpf();

	if (skip)
		return skip;
	for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++)
		bad |= one(&rounds[i]);
	return bad;
}
