/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New rules under load, by every way that there is to ask for them, and with every process killed
 * in the middle: each numbered act is judged exactly once, by the old rules or by the new, none by
 * neither, and behind the first that the new ones judged none is judged by the old.
 *
 * The new rules read what the old ones do not: a variable of the environment, which the enricher
 * does not keep of a task till a rule reads it, and events that were not captured before.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acts.h"
#include "clock.h"

enum { ACTS = 600, RATE = 10000, SECONDS = 3, NAME_MAX_LEN = 32 };

static const char old_rules[] =
    "- rule: old\n"
    "  desc: by the first rules\n"
    "  condition: evt.type = openat and fd.name contains /act-\n"
    "  output: act (%fd.name)\n"
    "  priority: NOTICE\n";

static const char new_rules[] =
    "- rule: new\n"
    "  desc: by the second\n"
    "  condition: evt.type = openat and fd.name contains /act- and proc.env[SAKER_MARK] = 1\n"
    "  output: act (%fd.name)\n"
    "  priority: NOTICE\n"
    "- rule: mark\n"
    "  desc: an event that the first rules do not want\n"
    "  condition: evt.type in (mkdir, mkdirat) and evt.arg.path contains /mark-\n"
    "  output: mark (%evt.arg.path)\n"
    "  priority: NOTICE\n";

static const char broken_rules[] = "- rule: broken\n  condition: evt.tipe = openat\n";

/* The newest: as the first, and called otherwise. */
static const char third_rules[] =
    "- rule: third\n"
    "  desc: by the third\n"
    "  condition: evt.type = openat and fd.name contains /act-\n"
    "  output: act (%fd.name)\n"
    "  priority: NOTICE\n";

static char saker[PIPE_PATH], run_dir[PIPE_PATH];

static void
write_rules(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
		perror(path);
		exit(1);
	}
}

/* Start `saker reload`, its words into dir/reload. */
static pid_t
reload_start(const struct pipe_run *run)
{
	char out[PIPE_PATH + 8];
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)snprintf(out, sizeof(out), "%s/reload", run->dir);
	if (freopen(out, "w", stdout) == NULL || dup2(1, 2) < 0)
		_exit(1);
	(void)execl(saker, "saker", "reload", "--run-dir", run_dir, (char *)NULL);
	_exit(127);
}

static int
reload_code(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* By a person's signal. */
static int
by_signal(struct pipe_run *run)
{
	write_rules(run->rules, new_rules);
	return kill(run->keeper, SIGHUP);
}

static int
by_command(struct pipe_run *run)
{
	write_rules(run->rules, new_rules);
	return reload_code(reload_start(run));
}

/* By nothing but that the file changes. */
static int
by_file(struct pipe_run *run)
{
	write_rules(run->rules, new_rules);
	return 0;
}

/* As a mounted ConfigMap is changed: a link is turned over, nothing else. */
static int
by_link(struct pipe_run *run)
{
	char path[PIPE_PATH + 32], link[PIPE_PATH + 32];

	(void)snprintf(path, sizeof(path), "%s/..2", run->dir);
	if (mkdir(path, 0755) < 0)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/..2/rules.yaml", run->dir);
	write_rules(path, new_rules);
	(void)snprintf(path, sizeof(path), "%s/..data_tmp", run->dir);
	(void)snprintf(link, sizeof(link), "%s/..data", run->dir);
	return symlink("..2", path) < 0 || rename(path, link) < 0;
}

/* Before the start: what by_link() turns over. */
static void
lay_links(const struct pipe_run *run)
{
	char path[PIPE_PATH + 32];

	(void)snprintf(path, sizeof(path), "%s/..1", run->dir);
	(void)mkdir(path, 0755);
	(void)snprintf(path, sizeof(path), "%s/..1/rules.yaml", run->dir);
	write_rules(path, old_rules);
	(void)snprintf(path, sizeof(path), "%s/..data", run->dir);
	if (symlink("..1", path) < 0 || unlink(run->rules) < 0 ||
	    symlink("..data/rules.yaml", run->rules) < 0)
		exit(1);
}

/* Kill ROLE some ms after a reload was asked for, and what came of it, if that is there by then. */
static int
with_killed(struct pipe_run *run, enum role role)
{
	pid_t asked, pid;
	int code, kills = 0;

	write_rules(run->rules, new_rules);
	asked = reload_start(run);
	for (unsigned i = 0; i < 2; i++) {
		clock_pause_ms(4 + 40 * i);
		if ((pid = pipe_pid(run, role)) > 0 && kill(pid, SIGKILL) == 0)
			kills++;
	}
	code = reload_code(asked);
	return kills > 0 ? code : -1;
}

static int
with_evaluator_killed(struct pipe_run *run)
{
	int code = with_killed(run, ROLE_EVALUATOR);

	/* Killed twice while it had the rules to read, it is taken to have died of them. */
	return code == 1 ? reload_code(reload_start(run)) : code;
}

static int
with_enricher_killed(struct pipe_run *run)
{
	return with_killed(run, ROLE_ENRICHER);
}

static int
with_collector_killed(struct pipe_run *run)
{
	return with_killed(run, ROLE_COLLECTOR);
}

/* At the very record at which the rules change: before it is noted, and after. */
static int
with_fault(struct pipe_run *run, const char *point)
{
	pid_t asked;
	bool reached;

	write_rules(run->rules, new_rules);
	asked = reload_start(run);
	reached = pipe_kill_at(run, point, 1, 5000);
	if (!reached)
		(void)printf("%s was not reached\n", point);
	return reload_code(asked) | !reached;
}

static int
with_fault_before(struct pipe_run *run)
{
	return with_fault(run, "evaluator_switch");
}

static int
with_fault_behind(struct pipe_run *run)
{
	return with_fault(run, "evaluator_switched");
}

/* Refused: the reason is said, the code is 1, and the old rules stay. */
static int
broken(struct pipe_run *run)
{
	char path[PIPE_PATH + 8];
	int code, bad;
	char *said;

	write_rules(run->rules, broken_rules);
	code = reload_code(reload_start(run));
	(void)snprintf(path, sizeof(path), "%s/reload", run->dir);
	said = pipe_read(path);
	bad = code != 1 || strstr(said, "rules.yaml:1:3: ") == NULL ||
	    strstr(said, "the old ones stay in force") == NULL ||
	    pipe_stat(run, STAT_KEEPER_reloads_refused) != 1;
	if (bad)
		(void)printf("exit code %d, said: %s\n", code, said);
	free(said);
	return bad;
}

/* An evaluator that has to start again while the files are broken has the rules it had. */
static int
broken_and_killed(struct pipe_run *run)
{
	int bad = broken(run);
	pid_t pid = pipe_pid(run, ROLE_EVALUATOR);

	return bad | (pid <= 0) | kill(pid, SIGKILL);
}

/* Two at once: the second comes when the first is in force. */
static int
two_at_once(struct pipe_run *run)
{
	pid_t first, second;

	write_rules(run->rules, new_rules);
	first = reload_start(run);
	clock_pause_ms(15);
	write_rules(run->rules, third_rules);
	second = reload_start(run);
	return reload_code(first) | reload_code(second);
}

/* What alerts of RULE say of the rules that judged. */
struct seen {
	char rule[NAME_MAX_LEN];
	char hash[17];
	int number;
};

static bool
seen_read(struct seen *seen, const char *line)
{
	const char *rule = strstr(line, "\"rule\":\""), *hash = strstr(line, "\"rules_hash\":\"");
	const char *at = strstr(line, "/act-");

	if (at == NULL)
		at = strstr(line, "/mark-");
	return rule && hash && at && sscanf(rule + 8, "%31[^\"]", seen->rule) == 1 &&
	    sscanf(hash + 14, "%16[^\"]", seen->hash) == 1 &&
	    sscanf(strchr(at, '-') + 1, "%6d", &seen->number) == 1 && seen->number >= 0 &&
	    seen->number < ACTS;
}

/* How the acts of a run were judged. */
struct judged {
	int acts[ACTS], marks[ACTS]; /* how often */
	int set[ACTS];               /* by which rule set, in the order in which they appeared */
	char hashes[4][17];
	int sets;
};

/* The number of the set HASH; a new one may follow only the last. */
static int
judged_set(struct judged *judged, const char *hash)
{
	int last = judged->sets - 1;

	if (last >= 0 && strcmp(judged->hashes[last], hash) == 0)
		return last;
	for (int i = 0; i < last; i++)
		if (strcmp(judged->hashes[i], hash) == 0)
			return -1;
	if (judged->sets == 4)
		return -1;
	memcpy(judged->hashes[judged->sets], hash, 17);
	return judged->sets++;
}

static int
judged_line(struct judged *judged, const char *line)
{
	struct seen seen;
	int set;

	if (!seen_read(&seen, line))
		return printf("not understood: %s\n", line) > 0;
	if ((set = judged_set(judged, seen.hash)) < 0)
		return printf("an older set judges again: %s\n", line) > 0;
	if (strcmp(seen.rule, "mark") == 0) {
		judged->marks[seen.number]++;
	} else {
		judged->acts[seen.number]++;
		judged->set[seen.number] = set;
	}
	return 0;
}

/* SETS rule sets judged; the second sees the marks as well. */
static int
judged_check(const struct judged *judged, int sets)
{
	int bad = 0;

	if (judged->sets != sets)
		bad += printf("%d rule sets judged, not %d\n", judged->sets, sets) > 0;
	for (int i = 0; i < ACTS && bad < 10; i++) {
		bool now = judged->set[i] == 1;
		bool next = i + 1 < ACTS && judged->set[i + 1] == 1;

		if (judged->acts[i] != 1)
			bad += printf("act %d was judged %d times\n", i, judged->acts[i]) > 0;
		/* The mark follows its act: at a change it may belong to the other set. */
		if (judged->marks[i] > 1 || (judged->marks[i] == 1 && !now && !next) ||
		    (judged->marks[i] == 0 && now && (next || i + 1 == ACTS)))
			bad += printf("mark %d was judged %d times\n", i, judged->marks[i]) > 0;
	}
	return bad;
}

static int
judge(struct pipe_run *run, int sets)
{
	static struct judged judged;
	char *spool = pipe_spool(run);
	int bad = 0;

	memset(&judged, 0, sizeof(judged));
	for (char *line = strtok(spool, "\n"); line; line = strtok(NULL, "\n"))
		bad |= judged_line(&judged, line);
	free(spool);
	return bad | judged_check(&judged, sets);
}

struct scenario {
	const char *name;
	int (*change)(struct pipe_run *run);
	int sets;          /* how many rule sets judge in the end */
	bool watched;      /* files are watched */
	bool links;
	bool faults;       /* programs with fault points */
};

static const struct scenario scenarios[] = {
	{ "signal", by_signal, 2, .watched = false },
	{ "command", by_command, 2, .watched = false },
	{ "file", by_file, 2, .watched = true },
	{ "link", by_link, 2, .watched = true, .links = true },
	{ "broken", broken, 1, .watched = false },
	{ "broken-killed", broken_and_killed, 1, .watched = false },
	{ "two", two_at_once, 3, .watched = false },
	{ "evaluator", with_evaluator_killed, 2, .watched = false },
	{ "enricher", with_enricher_killed, 2, .watched = false },
	{ "collector", with_collector_killed, 2, .watched = false },
	{ "before", with_fault_before, 2, .faults = true },
	{ "behind", with_fault_behind, 2, .faults = true },
};

static int
one(const struct scenario *scenario, const char *evaluators)
{
	struct pipe_run run;
	int bad, code;

	pipe_init(&run, scenario->faults ? "faults/bin" : "bin", old_rules);
	(void)snprintf(run_dir, sizeof(run_dir), "%s/run", run.dir);
	if (scenario->faults)
		pipe_arm(&run);
	if (scenario->links)
		lay_links(&run);
	run.options[0] = scenario->watched ? "watch_config_files=true" : "watch_config_files=false";
	run.options[1] = "workers.backoff_max_ms=100";
	run.options[2] = evaluators;
	(void)setenv("SAKER_MARK", "1", 1);
	acts_hold(&run, ACTS, RATE, SECONDS);
	pipe_start(&run);
	pipe_release(&run);
	clock_pause_ms(700);
	bad = scenario->change(&run) != 0;
	if (bad)
		(void)printf("the change was not as expected\n");
	code = pipe_wait_command(&run);
	clock_pause_ms(300);
	bad |= pipe_losses(&run) != 0 || code != 0;
	bad |= pipe_stop(&run) != 0;
	bad |= judge(&run, scenario->sets) != 0;
	(void)printf("%-14s %s: %s\n", scenario->name, evaluators, bad ? "BAD" : "good");
	pipe_fini(&run, bad != 0);
	return bad;
}

int
main(int argc, char *argv[])
{
	int bad = 0, skip = pipe_needs_bpf();

	if (skip)
		return skip;
	(void)setvbuf(stdout, NULL, _IOLBF, 0); /* children do not print it again */
	pipe_path(saker, "bin/saker");
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		if (argc > 1 && strcmp(argv[1], scenarios[i].name) != 0)
			continue;
		bad |= one(&scenarios[i], "evaluators=3");
		if (i < 2)
			bad |= one(&scenarios[i], "evaluators=1");
	}
	return bad;
}
