/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As kill_test, but not at random: the processes of a FAULTS=1 build are stopped at every named
 * step of every hop and killed there with SIGKILL, one after the other, under load.  A point that
 * is never reached is a failure too: the list below is held against the sources by
 * fault_names_test.sh.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "acts.h"
#include "fault_page.h"

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

static void
pause_ms(long ms)
{
	(void)nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* Arm NAME, wait until a process stands there, kill it.  True when it was reached. */
static bool
hurt(struct fault_page *page, const char *name)
{
	pid_t pid = 0;

	(void)snprintf(page->name, sizeof(page->name), "%s", name);
	page->count = 3;
	page->arrived = 0;
	__atomic_store_n(&page->armed, 1, __ATOMIC_RELEASE);
	for (int i = 0; i < WAIT_MS && pid == 0; i++) {
		pause_ms(1);
		pid = __atomic_load_n(&page->arrived, __ATOMIC_ACQUIRE);
	}
	__atomic_store_n(&page->armed, 0, __ATOMIC_RELEASE);
	if (pid <= 0) {
		(void)printf("%s: never reached\n", name);
		return false;
	}
	(void)kill(pid, SIGKILL);
	pause_ms(150); /* the successor comes up */
	return true;
}

int
main(void)
{
	const char *build = getenv("B");
	char bin[PIPE_PATH], load[PIPE_PATH], acts[16], folder[PIPE_PATH];
	char *command[] = { load, folder, acts, (char[]){ "20000" }, (char[]){ "12" }, NULL };
	struct fault_page *page;
	struct pipe_run run;
	long long losses;
	int bad = 0, reached = 0, skip = pipe_needs_bpf();

	if (skip)
		return skip;
	(void)snprintf(bin, sizeof(bin), "%s/faults/bin", build ? build : "build");
	pipe_init(&run, bin, acts_rules);
	run.fault_fd = memfd_create("faults", 0);
	if (run.fault_fd < 0 || ftruncate(run.fault_fd, sizeof(*page)) < 0)
		return 111;
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, run.fault_fd, 0);
	if (page == MAP_FAILED)
		return 111;
	(void)snprintf(load, sizeof(load), "%s/../../tests/pipeline/load", run.bin);
	(void)snprintf(acts, sizeof(acts), "%d", ACTS);
	(void)snprintf(folder, sizeof(folder), "%s", run.dir);
	run.options[0] = "workers.backoff_max_ms=100";
	pipe_hold(&run, command);
	pipe_start(&run);
	pipe_release(&run);
	pause_ms(300);
	for (size_t i = 0; i < NAMES; i++)
		reached += hurt(page, names[i]);
	bad |= pipe_wait_command(&run) != 0;
	pause_ms(500);
	losses = pipe_losses(&run);
	bad |= acts_judge(&run, ACTS);
	bad |= losses != 0 || reached != NAMES;
	(void)printf("%d of %d points killed at, losses %lld: %s\n", reached, NAMES, losses,
	    bad ? "BAD" : "good");
	pipe_fini(&run, bad != 0);
	return bad;
}
