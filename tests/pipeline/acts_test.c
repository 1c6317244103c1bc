/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person tries first, with the rules that ship: a password file read by an unexpected
 * program, the same through a symbolic link, a program run from shared memory, a shell spawned by
 * a process named nginx.  Each gives exactly one alert, with the right fields, and nothing else
 * gives one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "pipe.h"

struct act {
	const char *rule;
	const char *fields[8]; /* pieces of the alert's line */
};

static char spelled_link[128], memory_path[128];

static const struct act acts[] = {
	{ "Password file read by an unexpected program",
	    { "\"fd.name\":\"/etc/shadow\"", "\"fd.nameraw\":\"/etc/shadow\"",
		"\"proc.name\":\"cat\"", "\"proc.pname\":\"sh\"",
		"\"proc.cmdline\":\"cat /etc/shadow\"", "\"user.name\":\"root\"" } },
	{ "Password file read by an unexpected program",
	    { "\"fd.name\":\"/etc/shadow\"", spelled_link, "\"proc.name\":\"cat\"" } },
	{ "Program run from shared memory", { memory_path, "\"proc.pname\":\"sh\"" } },
	{ "Shell spawned by a server",
	    { "\"proc.name\":\"sh\"", "\"proc.pname\":\"nginx\"",
		"\"proc.cmdline\":\"sh -c exit 0\"" } },
};

enum { ACTS = sizeof(acts) / sizeof(acts[0]) };

/* True when LINE is the alert of ACT. */
static bool
is_act(const char *line, const struct act *act)
{
	char rule[128];

	(void)snprintf(rule, sizeof(rule), "\"rule\":\"%s\"", act->rule);
	if (strstr(line, rule) == NULL)
		return false;
	for (size_t i = 0; act->fields[i]; i++)
		if (strstr(line, act->fields[i]) == NULL)
			return false;
	return true;
}

/* Our own server program, where the tree that is tested lies in a temporary folder. */
static bool
is_our_folder(const struct pipe_run *run, const char *line)
{
	return (strncmp(run->bin, "/tmp/", 5) == 0 || strncmp(run->bin, "/var/tmp/", 9) == 0) &&
	    strstr(line, "\"rule\":\"Program run from a temporary folder\"") != NULL &&
	    strstr(line, "\"proc.name\":\"nginx\"") != NULL;
}

static int
check(const struct pipe_run *run, char *alerts)
{
	size_t found[ACTS] = { 0 }, lines = 0;
	int bad = 0;

	for (char *line = strtok(alerts, "\n"); line; line = strtok(NULL, "\n")) {
		bool known = false;

		(void)printf("%s\n", line);
		if (is_our_folder(run, line))
			continue;
		for (size_t i = 0; i < ACTS; i++)
			if (is_act(line, &acts[i])) {
				found[i]++;
				known = true;
			}
		lines++;
		if (!known)
			bad |= printf("^ an alert that nobody asked for\n") > 0;
	}
	for (size_t i = 0; i < ACTS; i++)
		if (found[i] != 1)
			bad |=
			    printf("act %zu (%s): %zu alerts\n", i + 1, acts[i].rule, found[i]) > 0;
	return bad | (lines != ACTS);
}

int
main(void)
{
	char script[1024], *rules, *alerts;
	char *command[] = { (char[]){ "sh" }, (char[]){ "-c" }, script, NULL };
	struct pipe_run run;
	int bad, skip = pipe_needs_bpf();

	if (skip)
		return skip;
	if (access("/etc/shadow", R_OK) < 0) {
		(void)printf("needs /etc/shadow\n");
		return 77;
	}
	rules = pipe_read("rules/saker_rules.yaml");
	pipe_init(&run, "bin", rules);
	(void)snprintf(script, sizeof(script), "%s/link", run.dir);
	if (symlink("/etc/shadow", script) < 0)
		return 111;
	(void)snprintf(spelled_link, sizeof(spelled_link), "\"fd.nameraw\":\"%s/link\"", run.dir);
	(void)snprintf(memory_path, sizeof(memory_path),
	    "\"proc.exepath\":\"/dev/shm/saker-true-%d\"", (int)getpid());
	(void)snprintf(script, sizeof(script),
	    "cat /etc/shadow >/dev/null; cat %s/link >/dev/null; "
	    "cp /bin/true /dev/shm/saker-true-%d; /dev/shm/saker-true-%d; "
	    "rm /dev/shm/saker-true-%d; "
	    "%s/../tests/pipeline/nginx; exit 3",
	    run.dir, (int)getpid(), (int)getpid(), (int)getpid(), run.bin);
	pipe_hold(&run, command);
	pipe_start(&run);
	pipe_release(&run);
	bad = pipe_wait_command(&run) != 3;
	clock_pause_ms(300);
	bad |= pipe_equations(&run) != 0;
	bad |= pipe_stop(&run) != 0;
	alerts = pipe_read(run.alerts);
	bad |= check(&run, alerts);
	free(rules);
	free(alerts);
	pipe_fini(&run, bad != 0);
	return bad;
}
