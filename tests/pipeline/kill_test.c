/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing is lost, nothing is twice: under 20,000 opens a second with a known number of
 * triggering acts, each process in turn is killed with SIGKILL again and again at random moments.
 * Afterwards each act stands in the spool exactly once, at the sink at least once, and every loss
 * counter is 0.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acts.h"
#include "clock.h"

enum { ACTS = 400, KILLS = 6 };

/*
 * Kill ROLE a number of times while the command runs; the keeper is started again by us,
 * as a supervisor would.
 */
static int
hurt(struct pipe_run *run, enum role role, unsigned *seed)
{
	int kills = 0;

	for (int i = 0; i < KILLS; i++) {
		pid_t pid;

		clock_pause_ms((uint32_t)(200 + rand_r(seed) % 300));
		if ((pid = pipe_pid(run, role)) <= 0)
			continue;
		(void)kill(pid, SIGKILL);
		kills++;
		if (role == ROLE_KEEPER) {
			(void)pipe_stop(run); /* reaps it */
			pipe_start(run);
		}
	}
	return kills;
}

static int
one(enum role role, unsigned *seed)
{
	struct pipe_run run;
	long long losses;
	int bad = 0, kills, code;

	pipe_init(&run, "bin", acts_rules);
	acts_hold(&run, ACTS, 20000, 4);
	pipe_start(&run);
	pipe_release(&run);
	kills = hurt(&run, role, seed);
	code = pipe_wait_command(&run);
	clock_pause_ms(300);
	losses = pipe_losses(&run);
	/* For the eye: a process killed between an act and its count leaves them apart. */
	(void)pipe_equations(&run);
	bad |= code != 0;
	bad |= acts_judge(&run, ACTS);
	bad |= losses != 0 || kills < KILLS / 2;
	(void)printf("%-10s killed %d times: losses %lld, load exit %d, %s\n", role_name(role),
	    kills, losses, code, bad ? "BAD" : "good");
	pipe_fini(&run, bad != 0);
	return bad != 0;
}

int
main(int argc, char *argv[])
{
	static const enum role roles[] = {
		ROLE_COLLECTOR, ROLE_ENRICHER, ROLE_EVALUATOR, ROLE_SPOOLER, ROLE_SINK, ROLE_KEEPER
	};
	unsigned seed = argc > 2 ? (unsigned)atoi(argv[2]) : 7;
	int bad = 0, skip = pipe_needs_bpf();

	if (skip)
		return skip;
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (argc < 2 || strcmp(argv[1], "all") == 0 ||
		    strcmp(argv[1], role_name(roles[i])) == 0)
			bad |= one(roles[i], &seed);
	return bad;
}
