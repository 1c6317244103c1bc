/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The acts of tests/pipeline/load.c: the rule that each of them matches, and counting
 * them afterwards.
 */
#ifndef TESTS_ACTS_H
#define TESTS_ACTS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "pipe.h"

static const char acts_rules[] =
    "- rule: act\n"
    "  desc: a triggering act\n"
    "  condition: evt.type = openat and fd.name contains /act-\n"
    "  output: act (%fd.name)\n"
    "  priority: NOTICE\n";

/* Hold a load of ACTS acts among RATE opens a second, for SECONDS. */
static inline void
acts_hold(struct pipe_run *run, int acts, int rate, int seconds)
{
	char load[PIPE_PATH], text[3][16];
	char *command[] = { load, run->dir, text[0], text[1], text[2], NULL };

	pipe_path(load, "tests/pipeline/load");
	(void)snprintf(text[0], sizeof(text[0]), "%d", acts);
	(void)snprintf(text[1], sizeof(text[1]), "%d", rate);
	(void)snprintf(text[2], sizeof(text[2]), "%d", seconds);
	pipe_hold(run, command);
}

/* How many of ACTS acts do not stand in TEXT as they must: once, or at least once. */
static inline int
acts_check(const char *text, const char *where, int acts, bool exactly)
{
	char needle[64];
	int bad = 0;

	for (int i = 0; i < acts; i++) {
		size_t count;

		/* Once a line: the field's value. */
		(void)snprintf(needle, sizeof(needle), "/act-%06d\"", i);
		count = pipe_count(text, needle);
		if (count == 0 || (exactly && count != 1)) {
			if (bad++ < 5)
				(void)printf("%s: act %d is there %zu times\n", where, i, count);
		}
	}
	if (bad)
		(void)printf("%s: %d of %d acts wrong\n", where, bad, acts);
	return bad;
}

/* Stop RUN; then every act must stand in the spool exactly once and at the sink at least once. */
static inline int
acts_judge(struct pipe_run *run, int acts)
{
	char *spool, *alerts;
	int bad = pipe_stop(run) != 0;

	spool = pipe_spool(run);
	alerts = pipe_read(run->alerts);
	bad |= acts_check(spool, "spool", acts, true) != 0;
	bad |= acts_check(alerts, "sink", acts, false) != 0;
	free(spool);
	free(alerts);
	return bad;
}

#endif
