/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As kill_test, but not at random: the processes of a FAULTS=1 build are stopped at every named
 * step of every hop and killed there with SIGKILL, one after the other, under load.  A point that
 * is never reached is a failure too: the list below is held against the sources by
 * fault_names_test.sh.
 */
#include "acts.h"
#include "clock.h"

enum { ACTS = 600, WAIT_MS = 8000 };

static const char *const names[] = {
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

enum { NAMES = sizeof(names) / sizeof(names[0]) };

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

int
main(void)
{
	struct pipe_run run;
	long long losses;
	int bad = 0, reached = 0, skip = pipe_needs_bpf();

	if (skip)
		return skip;
	pipe_init(&run, "faults/bin", acts_rules);
	pipe_arm(&run);
	run.options[0] = "workers.backoff_max_ms=100";
	acts_hold(&run, ACTS, 20000, 12);
	pipe_start(&run);
	pipe_release(&run);
	clock_pause_ms(300);
	for (size_t i = 0; i < NAMES; i++)
		reached += hurt(&run, names[i]);
	bad |= pipe_wait_command(&run) != 0;
	clock_pause_ms(500);
	losses = pipe_losses(&run);
	bad |= acts_judge(&run, ACTS);
	bad |= losses != 0 || reached != NAMES;
	(void)printf("%d of %d points killed at, losses %lld: %s\n", reached, NAMES, losses,
	    bad ? "BAD" : "good");
	pipe_fini(&run, bad != 0);
	return bad;
}
