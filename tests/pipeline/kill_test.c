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
#include <time.h>
#include <unistd.h>

#include "acts.h"

enum { ACTS = 400, KILLS = 6 };

static void
pause_ms(long ms)
{
	(void)nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

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

		pause_ms(200 + rand_r(seed) % 300);
		if ((pid = pipe_pid(run, role)) <= 0)
			continue;
		(void)kill(pid, SIGKILL);
		kills++;
		if (role == ROLE_KEEPER) {
			int status_code = pipe_stop(run); /* reaps it */

			(void)status_code;
			pipe_start(run);
		}
	}
	return kills;
}

static int
one(const char *bin, enum role role, unsigned *seed)
{
	char load[PIPE_PATH], acts[16], folder[PIPE_PATH];
	char *command[] = { load, folder, acts, (char[]){ "20000" }, (char[]){ "4" }, NULL };
	struct pipe_run run;
	long long losses;
	int bad = 0, kills, code;

	pipe_init(&run, bin, acts_rules);
	(void)snprintf(load, sizeof(load), "%s/../tests/pipeline/load", run.bin);
	(void)snprintf(acts, sizeof(acts), "%d", ACTS);
	(void)snprintf(folder, sizeof(folder), "%s", run.dir);
	pipe_hold(&run, command);
	pipe_start(&run);
	pipe_release(&run);
	kills = hurt(&run, role, seed);
	code = pipe_wait_command(&run);
	pause_ms(300);
	losses = pipe_losses(&run);
	(void)pipe_equations(&run); /* for the eye: a process killed between an act and its count
				       leaves them apart */
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
	static const enum role roles[] = { ROLE_COLLECTOR, ROLE_ENRICHER, ROLE_EVALUATOR,
		ROLE_SPOOLER, ROLE_SINK, ROLE_KEEPER };
	const char *build = getenv("B");
	unsigned seed = argc > 2 ? (unsigned)atoi(argv[2]) : 7;
	char bin[PIPE_PATH];
	int bad = 0, skip = pipe_needs_bpf();

	if (skip)
		return skip;
	(void)snprintf(bin, sizeof(bin), "%s/bin", build ? build : "build");
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (argc < 2 || strcmp(argv[1], "all") == 0 ||
		    strcmp(argv[1], role_name(roles[i])) == 0)
			bad |= one(bin, roles[i], &seed);
	return bad;
}
