/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A peer that writes what can not be: the test scribbles into the shared regions as a hostile
 * producer would.  The reader counts it, closes the link, is started again and goes on behind it;
 * nothing else ends, and later acts arrive.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acts.h"
#include "clock.h"
#include "ring.h"

enum { ACTS = 100 };

/* Map region KIND writable, through the keeper's own descriptor: only root can. */
static struct region
take_region(const struct pipe_run *run, enum region_kind kind)
{
	struct region region = REGION_NONE;
	char folder[64], path[512], target[256], name[64];
	struct dirent *entry;
	DIR *dir;

	(void)snprintf(folder, sizeof(folder), "/proc/%d/fd", (int)run->keeper);
	(void)snprintf(name, sizeof(name), "/memfd:saker-%s (deleted)", region_name(kind));
	if ((dir = opendir(folder)) == NULL)
		return region;
	while ((entry = readdir(dir)) != NULL && region.base == NULL) {
		ssize_t len;

		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		len = readlink(path, target, sizeof(target) - 1);
		target[len > 0 ? len : 0] = '\0';
		if (strcmp(target, name) == 0)
			(void)region_attach_take(&region, open(path, O_RDWR | O_CLOEXEC), kind,
			    true);
	}
	(void)closedir(dir);
	return region;
}

/*
 * Scribble into the ring whose data region is KIND: HEAD is added to its head, or else
 * its next entry gets LENGTH.
 */
static int
scribble(const struct pipe_run *run, enum region_kind kind, uint64_t head, uint32_t length)
{
	struct region region = take_region(run, kind);
	struct ring_producer_page *page;
	uint64_t at, capacity;

	if (region.base == NULL)
		return -1;
	page = region_content(&region);
	at = __atomic_load_n(&page->head, __ATOMIC_ACQUIRE);
	capacity = region_content_bytes(&region) - RING_CONTROL_BYTES;
	if (length) {
		/* An entry that is not one, and a head that says it is there. */
		memcpy((uint8_t *)region_content(&region) + RING_CONTROL_BYTES +
		    (at & (capacity - 1)), &length, 4);
		head = 64;
	}
	__atomic_store_n(&page->head, at + head, __ATOMIC_RELEASE);
	region_close(&region);
	return 0;
}

struct attack {
	const char *what;
	enum region_kind kind;
	enum role victim;
	uint64_t head;
	uint32_t length;
};

static const struct attack attacks[] = {
	{ "raw ring: a length that can not be", REGION_RAW_DATA, ROLE_ENRICHER, 0, 12 },
	{ "raw ring: a head far ahead", REGION_RAW_DATA, ROLE_ENRICHER, 1ull << 40, 0 },
	{ "full ring: a length that can not be", REGION_FULL_DATA, ROLE_EVALUATOR, 0, 0xfffffff8u },
	{ "full ring: an odd head", REGION_FULL_DATA, ROLE_EVALUATOR, 3, 0 },
	{ "alert ring: a length that can not be", REGION_ALERT_DATA, ROLE_SPOOLER, 0, 4 },
};

/* Process ids of all workers, to see which of them changed. */
static void
pids_read(const struct pipe_run *run, pid_t pids[ROLE_COUNT])
{
	for (int role = 0; role < ROLE_COUNT; role++)
		pids[role] = pipe_pid(run, (enum role)role);
}

static int
attack(const struct pipe_run *run, const struct attack *attack)
{
	pid_t before[ROLE_COUNT], after[ROLE_COUNT];
	int bad = 0;

	pids_read(run, before);
	/*
	 * The true producer mends what we wrote with its next entry: go on until the
	 * reader has seen it.
	 */
	for (int i = 0; i < 400 && kill(before[attack->victim], 0) == 0; i++) {
		if (scribble(run, attack->kind, attack->head, attack->length) < 0)
			return printf("%s: no such region\n", attack->what) > 0;
		clock_pause_ms(2);
	}
	clock_pause_ms(1000);
	pids_read(run, after);
	for (int role = 0; role < ROLE_COUNT; role++)
		if (role != (int)attack->victim && before[role] != after[role])
			bad |= printf("%s: %s ended too\n", attack->what,
				   role_name((enum role)role)) > 0;
	if (after[attack->victim] <= 0 || after[attack->victim] == before[attack->victim])
		bad |= printf("%s: %s was not started again (%d)\n", attack->what,
			   role_name(attack->victim), (int)after[attack->victim]) > 0;
	(void)printf("%s: %s\n", attack->what, bad ? "BAD" : "good");
	return bad;
}

int
main(void)
{
	struct pipe_run run;
	char *spool;
	int bad = 0, skip = pipe_needs_bpf();

	if (skip)
		return skip;
	pipe_init(&run, "bin", acts_rules);
	run.options[0] = "workers.backoff_max_ms=100";
	acts_hold(&run, ACTS, 2000, 10);
	pipe_start(&run);
	pipe_release(&run);
	clock_pause_ms(300);
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
		bad |= attack(&run, &attacks[i]);
	bad |= pipe_wait_command(&run) != 0;
	clock_pause_ms(300);
	if (pipe_stat(&run, STAT_ENRICHER_lost_bad) < 1 ||
	    pipe_stat(&run, STAT_EVALUATOR_lost_bad) < 1 ||
	    pipe_stat(&run, STAT_SPOOLER_lost_bad) < 1)
		bad |= printf("bad input was not counted\n") > 0;
	bad |= pipe_stop(&run) != 0;
	spool = pipe_spool(&run);
	if (strstr(spool, "/act-000099\"") == NULL)
		bad |= printf("what came after the attacks did not arrive\n") > 0;
	free(spool);
	pipe_fini(&run, bad != 0);
	return bad;
}
