/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record that ends its worker: the process of a FAULTS=1 build is killed each time it works on
 * the first record it meets.  Its successor meets the same one; the third attempt skips it,
 * counts it as poison, and everything after it is judged.
 */
#include "acts.h"
#include "clock.h"

enum { ACTS = 200, WAIT_MS = 5000 };

struct victim {
	enum role role;
	const char *point;
	enum stat_id counter;
};

static const struct victim victims[] = {
	{ ROLE_ENRICHER, "enricher_apply", STAT_ENRICHER_lost_poison },
	{ ROLE_EVALUATOR, "evaluator_judge", STAT_EVALUATOR_lost_poison },
};

static int
one(const struct victim *victim)
{
	struct pipe_run run;
	long long poison;
	char *spool;
	int bad = 0, missing;

	pipe_init(&run, "faults/bin", acts_rules);
	pipe_arm(&run);
	acts_hold(&run, ACTS, 3000, 4);
	pipe_start(&run);
	pipe_release(&run);
	clock_pause_ms(500);
	for (int i = 0; i < 2; i++)
		bad |= !pipe_kill_at(&run, victim->point, 1, WAIT_MS);
	bad |= pipe_wait_command(&run) != 0;
	clock_pause_ms(300);
	poison = pipe_stat(&run, victim->counter);
	bad |= pipe_stop(&run) != 0;
	spool = pipe_spool(&run);
	missing = acts_check(spool, "spool", ACTS, true);
	free(spool);
	(void)printf("%s: %lld records skipped as poison, %d acts missing\n",
	    role_name(victim->role), poison, missing);
	bad |= poison != 1 || missing > 1;
	pipe_fini(&run, bad != 0);
	return bad;
}

int
main(void)
{
	int bad = 0, skip = pipe_needs_bpf();

	if (skip)
		return skip;
	for (size_t i = 0; i < sizeof(victims) / sizeof(victims[0]); i++)
		bad |= one(&victims[i]);
	return bad;
}
