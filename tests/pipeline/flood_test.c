/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No unprivileged program can push an exec out of the life lane: every one of a storm of
 * them gives its alert.
 */
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "pipe.h"

/* Everything that the flood does is wanted, so that it really reaches the kernel rings. */
static const char rules[] =
    "- rule: storm\n"
    "  desc: one of the storm\n"
    "  condition: evt.type = execve and proc.args startswith storm-\n"
    "  output: storm %proc.args\n"
    "  priority: NOTICE\n"
    "- rule: others\n"
    "  desc: what the flood does\n"
    "  condition: >\n"
    "    evt.type in (setns, unshare, setresuid, setuid, ptrace, openat, close)\n"
    "    and proc.name = nobody-has-this-name\n"
    "  output: other\n"
    "  priority: NOTICE\n";

int
main(void)
{
	char load[PIPE_PATH], needle[64], path[PIPE_PATH], *alerts, *out;
	char *command[] = { load, (char[]){ "5" }, NULL };
	struct pipe_run run;
	long started, bad = 0;
	long long lost, bulk;
	int skip = pipe_needs_bpf();

	if (skip)
		return skip;
	pipe_init(&run, "bin", rules);
	pipe_path(load, "tests/pipeline/flood");
	pipe_hold(&run, command);
	pipe_start(&run);
	pipe_release(&run);
	bad |= pipe_wait_command(&run) != 0;
	clock_pause_ms(500);
	lost = pipe_stat(&run, STAT_COLLECTOR_lost_life);
	bulk = pipe_stat(&run, STAT_COLLECTOR_attempted);
	bad |= pipe_stop(&run) != 0;
	(void)snprintf(path, sizeof(path), "%s/out", run.dir);
	out = pipe_read(path);
	started = atol(out);
	alerts = pipe_spool(&run);
	for (long i = 0; i < started; i++) {
		(void)snprintf(needle, sizeof(needle), "\"proc.args\":\"storm-%06ld\"", i);
		if (pipe_count(alerts, needle) != 1 && bad++ < 5)
			(void)printf("storm %ld is there %zu times\n", i,
			    pipe_count(alerts, needle));
	}
	(void)printf("%ld execs, %lld records attempted, life records lost: %lld\n", started,
	    bulk, lost);
	bad |= lost != 0 || started < 100;
	free(alerts);
	free(out);
	pipe_fini(&run, bad != 0);
	return bad != 0;
}
