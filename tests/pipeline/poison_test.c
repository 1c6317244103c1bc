/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record that ends its worker: the process of a FAULTS=1 build is killed each time it works on
 * the first record it meets.  Its successor meets the same one; the third attempt skips it,
 * counts it as poison, and everything after it is judged.
 */
#include <signal.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "acts.h"
#include "fault_page.h"

enum { ACTS = 200 };

struct victim {
	enum role role;
	const char *point;
	enum stat_id counter;
};

static const struct victim victims[] = {
	{ ROLE_ENRICHER, "enricher_apply", STAT_ENRICHER_lost_poison },
	{ ROLE_EVALUATOR, "evaluator_judge", STAT_EVALUATOR_lost_poison },
};

static void
pause_ms(long ms)
{
	(void)nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* Arm POINT for its next pass and kill the process that stands there.  False when nobody came. */
static bool
kill_next(struct fault_page *page, const char *point)
{
	pid_t pid = 0;

	(void)snprintf(page->name, sizeof(page->name), "%s", point);
	page->count = 1;
	page->arrived = 0;
	__atomic_store_n(&page->armed, 1, __ATOMIC_RELEASE);
	for (int i = 0; i < 5000 && pid == 0; i++) {
		pause_ms(1);
		pid = __atomic_load_n(&page->arrived, __ATOMIC_ACQUIRE);
	}
	__atomic_store_n(&page->armed, 0, __ATOMIC_RELEASE);
	if (pid > 0)
		(void)kill(pid, SIGKILL);
	return pid > 0;
}

static int
one(const char *bin, const struct victim *victim)
{
	char load[PIPE_PATH], folder[PIPE_PATH];
	char *command[] = { load, folder, (char[]){ "200" }, (char[]){ "3000" }, (char[]){ "4" },
		NULL };
	struct fault_page *page;
	struct pipe_run run;
	long long poison;
	char *spool;
	int bad = 0, missing;

	pipe_init(&run, bin, acts_rules);
	run.fault_fd = memfd_create("faults", 0);
	if (run.fault_fd < 0 || ftruncate(run.fault_fd, sizeof(*page)) < 0)
		return 111;
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, run.fault_fd, 0);
	if (page == MAP_FAILED)
		return 111;
	(void)snprintf(load, sizeof(load), "%s/../../tests/pipeline/load", run.bin);
	(void)snprintf(folder, sizeof(folder), "%s", run.dir);
	pipe_hold(&run, command);
	pipe_start(&run);
	pipe_release(&run);
	pause_ms(500);
	bad |= !kill_next(page, victim->point) || !kill_next(page, victim->point);
	bad |= pipe_wait_command(&run) != 0;
	pause_ms(300);
	poison = pipe_stat(&run, victim->counter);
	bad |= pipe_stop(&run) != 0;
	spool = pipe_spool(&run);
	missing = acts_check(spool, "spool", ACTS, true);
	free(spool);
	(void)printf("%s: %lld records skipped as poison, %d acts missing\n",
	    role_name(victim->role), poison, missing);
	bad |= poison != 1 || missing > 1;
	pipe_fini(&run, bad != 0);
	(void)munmap(page, sizeof(*page));
	(void)close(run.fault_fd);
	return bad;
}

int
main(void)
{
	const char *build = getenv("B");
	char bin[PIPE_PATH];
	int bad = 0, skip = pipe_needs_bpf();

	if (skip)
		return skip;
	(void)snprintf(bin, sizeof(bin), "%s/faults/bin", build ? build : "build");
	for (size_t i = 0; i < sizeof(victims) / sizeof(victims[0]); i++)
		bad |= one(bin, &victims[i]);
	return bad;
}
