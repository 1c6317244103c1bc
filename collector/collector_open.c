/* SPDX-License-Identifier: Apache-2.0 */
/* The collector's start, from its ends to the closed jail.  See collector.h. */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collector.h"
#include "log.h"
#include "offers.h"
#include "worker.h"

enum { SETTLE_MS_MAX = 2000 }; /* for the first snapshot */

/* Beside the program, wherever it is installed. */
static int
object_path(char *path, size_t size)
{
	static const char name[] = "/probe.bpf.o";
	ssize_t len = readlink("/proc/self/exe", path, size - sizeof(name));
	char *slash;

	if (len < 0)
		return -errno;
	path[len] = '\0';
	if ((slash = strrchr(path, '/')) == NULL)
		return -ENOENT;
	memcpy(slash, name, sizeof(name));
	return 0;
}

static int
open_regions(struct collector *c)
{
	const struct interest *evaluators[EVALUATORS_MAX];
	uint32_t count = 0;
	int err;

	c->config = worker_config(c->keeper, &c->config_region);
	for (; count < c->keeper->control->evaluators && count < EVALUATORS_MAX; count++) {
		err = worker_region(c->keeper, REGION_INTEREST, INTEREST_CONTENT,
		    &c->interest_regions[count]);
		if (err < 0)
			return err;
		evaluators[count] = region_content(&c->interest_regions[count]);
	}
	err = worker_region(c->keeper, REGION_TAP_INTEREST, INTEREST_CONTENT, &c->tap_region);
	if (err < 0)
		return err;
	wanted_init(&c->wanted, evaluators, count, region_content(&c->tap_region),
	    c->keeper->flags & KEEPER_SUCCESSOR);
	return 0;
}

static int
open_raw(struct collector *c, uint32_t cpu_count)
{
	int data = keeper_take_end(c->keeper, REGION_RAW_DATA);
	int tail = keeper_take_end(c->keeper, REGION_RAW_TAIL);
	int err;

	if (data < 0 || tail < 0) {
		log_warnx("raw ring: the keeper gave no ends");
		return -ENOENT;
	}
	if ((err = raw_attach_take(&c->raw, data, tail, cpu_count, c->stats)) < 0) {
		log_warnx("raw ring: %s", strerror(-err));
		return err;
	}
	c->raw.keeper = c->keeper;
	c->raw.skip_position = c->keeper->skip_position;
	return 0;
}

static int
open_source(struct collector *c)
{
	uint32_t scope_pid = c->keeper->scope_pid != 0 ? (uint32_t)c->keeper->scope_pid :
	    (uint32_t)c->config->scope_pid;
	struct source_bpf_setup setup = {
		.object = c->object,
		.life_bytes = (uint64_t)c->config->collector_kernel_life_bytes,
		.bulk_bytes = (uint64_t)c->config->collector_kernel_bulk_bytes,
		.scope_cgroup = c->config->scope_cgroup,
		.scope_pid = scope_pid,
		/* A command waits for us; a process that the configuration names runs already. */
		.scope_from_exec = c->keeper->scope_pid != 0,
	};
	struct offers offers;
	int cpu_count = source_bpf_cpu_count(), err;

	if (cpu_count <= 0 || cpu_count > SOURCE_CPUS_MAX) {
		log_warnx("this machine may have %d CPUs; 1 to %d are supported", cpu_count,
		    SOURCE_CPUS_MAX);
		return -EOPNOTSUPP;
	}
	c->pids_global = keeper_pids_global();
	if (!c->pids_global)
		log_warnx("not in the first pid namespace: saker's own events are not left out");
	offers_ask(&offers);
	if (!offers_suffices(&offers)) {
		offers_complain(&offers);
		return -EOPNOTSUPP;
	}
	setup.locked_maps = offers_locked_maps();
	setup.task_memory = offers.answers[OFFER_TASK_MEMORY].present;
	if ((err = object_path(c->object, sizeof(c->object))) < 0) {
		log_warnx("/proc/self/exe: %s", strerror(-err));
		return err;
	}
	source_bpf_init(&c->bpf, &setup, c->keeper);
	c->source = &c->bpf.source;
	return c->source->ops->open(c->source);
}

/*
 * A new keeper's counters begin at zero.  What the marks account for was counted by an earlier one;
 * what is behind them, in the kernel rings, is still to come.
 */
static void
begin_counting(struct collector *c)
{
	struct handover_totals *before = &c->handover.marks->before;

	c->source->ops->stats(c->source, &c->counters, true);
	collector_totals(c, before);
	before->attempted = 0;
	for (uint32_t cpu = 0; cpu < c->source->cpu_count; cpu++)
		before->attempted += *raw_word(&c->raw, cpu, LANE_LIFE) +
		    *raw_word(&c->raw, cpu, LANE_BULK);
}

/* Everything that tells the time order what went out before, and what a snapshot needs. */
static int
open_stream(struct collector *c)
{
	uint64_t late_ns = (uint64_t)c->config->collector_late_us * 1000;
	struct gaps *gaps;
	int err;

	if ((err = open_raw(c, c->source->cpu_count)) < 0)
		return err;
	if ((err = handover_open(&c->handover, c->keeper)) < 0) {
		log_warnx("handover: %s", strerror(-err));
		return err;
	}
	gaps = &c->handover.marks->gaps;
	c->order.gaps = gaps;
	if (handover_resume(&c->handover, &c->raw)) {
		log_info("going on where a collector without a keeper stopped");
		begin_counting(c);
	}
	if (c->bpf.adopted) {
		gaps_resume(gaps, c->source->cpu_count, late_ns, c->raw.position);
	} else {
		/* The probe counts from one again, whatever the ring's marks say. */
		raw_forget(&c->raw);
		gaps_init(gaps, c->source->cpu_count, late_ns);
		memset(&c->handover.marks->before, 0, sizeof(c->handover.marks->before));
	}
	order_init(&c->order, c->source, &c->raw, gaps,
	    (uint64_t)c->config->collector_hold_us * 1000);
	own_open(&c->own, &c->raw, &c->order);
	if (!c->bpf.adopted)
		order_begin(&c->order, own_clock());
	return snapshot_open(&c->snapshot, &c->order, &c->own);
}

/*
 * Capture: wanted events are armed before the hooks are attached, and the tasks that run are told
 * after.
 */
static int
begin(struct collector *c)
{
	int err;

	if ((err = own_begin(&c->own)) < 0) {
		log_warnx("raw ring: %s", strerror(-err));
		return err;
	}
	if (wanted_look(&c->wanted, 0, false) == WANTED_WIDEN) {
		collector_arm(c);
		wanted_armed(&c->wanted, own_clock());
	}
	/* So that the first snapshot is the one that this needs. */
	if (wanted_look(&c->wanted, 0, false) == WANTED_ANNOUNCE)
		collector_announce(c);
	if ((err = c->source->ops->start(c->source)) < 0)
		return err;
	snapshot_want(&c->snapshot);
	stats_set(c->stats, STAT_COLLECTOR_kernel_bytes, c->source->bytes);
	if ((err = handover_deposit(&c->handover, &c->bpf, c->keeper)) < 0) {
		log_warnx("depositing the kernel descriptors: %s", strerror(-err));
		return err;
	}
	log_info("%s: %u CPUs, %u kernel rings of %llu KiB in all",
	    c->bpf.adopted ? "probe taken over" : "probe attached", c->source->cpu_count,
	    c->source->fd_count, (unsigned long long)c->source->bytes / 1024);
	return 0;
}

int
collector_open(struct collector *c, struct keeper *keeper)
{
	int err;

	c->keeper = keeper;
	c->stats = keeper->stats;
	if ((err = open_regions(c)) < 0 || (err = open_source(c)) < 0 || (err = open_stream(c)) < 0)
		return err;
	if ((err = wait_open(&c->wait, c->source->fds, c->source->fd_count)) < 0) {
		log_warnx("preparing to wait: %s", strerror(-err));
		return err;
	}
	stats_set(c->stats, STAT_COLLECTOR_wait_kind, c->wait.kind);
	return begin(c);
}

/* From root to the collector's own user, unless all share one. */
static int
become_user(const struct collector *c, uint64_t keep_caps)
{
	uint32_t uid = keeper_control_get(&c->keeper->control->uids[ROLE_COLLECTOR]);
	uint32_t gid = keeper_control_get(&c->keeper->control->gids[ROLE_COLLECTOR]);
	int err;

	if ((c->keeper->flags & KEEPER_SAME_UID) || uid == getuid() || geteuid() != 0)
		return 0;
	/* The other two are for the jail: an empty root, an empty bounding set. */
	err = jail_ids(uid, gid, keep_caps | UINT64_C(1) << CAP_SYS_CHROOT |
	    UINT64_C(1) << CAP_SETPCAP);
	if (err < 0)
		log_warnx("becoming user %u, group %u: %s", uid, gid, strerror(-err));
	return err;
}

int
collector_drop(struct collector *c)
{
	static const char *const syscalls[] = {
		"bpf", /* a new reading of the iterator, and the programs' own counters */
		"io_uring_enter", "epoll_pwait2", "epoll_wait",
		"accept4", "getsockopt", /* a new keeper */
		NULL
	};
	const struct jail jail = {
		.name = "collector",
		.keep_caps = offers_drain_capabilities(),
		.syscalls = syscalls,
	};
	int err;

	if ((err = become_user(c, jail.keep_caps)) < 0)
		return err;
	c->jail_missing = worker_jail(c->config, &jail);
	return 0;
}

void
collector_settle(struct collector *c)
{
	uint64_t until_ns = own_clock() + SETTLE_MS_MAX * UINT64_C(1000000);

	while ((c->snapshot.wanted || c->snapshot.running) && own_clock() < until_ns &&
	    !keeper_stopping(c->keeper))
		collector_turn(c);
}

void
collector_close(struct collector *c)
{
	snapshot_close(&c->snapshot);
	own_close(&c->own);
	wait_close(&c->wait);
	handover_close(&c->handover);
	c->source->ops->close(c->source);
	raw_detach(&c->raw);
	region_close(&c->tap_region);
	for (uint32_t i = 0; i < c->wanted.evaluators.count; i++)
		region_close(&c->interest_regions[i]);
	region_close(&c->config_region);
}
