/* SPDX-License-Identifier: Apache-2.0 */
/* The running side of the eBPF source: adopting, draining, limits, counters.  See source_bpf.h. */
#include "source_bpf.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "interest.h"
#include "log.h"
#include "record.h"
#include "wanted.h"

int
source_bpf_cpu_count(void)
{
	return libbpf_num_possible_cpus();
}

static struct source_bpf *
source_bpf_of(struct source *source)
{
	return (struct source_bpf *)(void *)((char *)source - offsetof(struct source_bpf, source));
}

int
source_bpf_hold_take(struct source_bpf *s, const char *prefix, const char *name, int fd)
{
	struct source_bpf_held *held = &s->held[s->held_count];
	int len;

	if (fd < 0)
		return fd;
	if (s->held_count == SOURCE_BPF_HELD_MAX) {
		(void)close(fd);
		return -ENOSPC;
	}
	len = snprintf(held->name, sizeof(held->name), "%s%s", prefix, name);
	if (len < 0 || (size_t)len >= sizeof(held->name)) {
		(void)close(fd);
		return -ENAMETOOLONG;
	}
	held->fd = fd;
	s->held_count++;
	return 0;
}

int
source_bpf_hold(struct source_bpf *s, const char *prefix, const char *name, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	return source_bpf_hold_take(s, prefix, name, copy < 0 ? -errno : copy);
}

int
source_bpf_held_fd(const struct source_bpf *s, const char *prefix, const char *name)
{
	size_t len = strlen(prefix);

	for (uint32_t i = 0; i < s->held_count; i++) {
		const char *held = s->held[i].name;

		if (strncmp(held, prefix, len) == 0 && strcmp(held + len, name) == 0)
			return s->held[i].fd;
	}
	return -ENOENT;
}

static void
source_bpf_drop_held(struct source_bpf *s)
{
	for (uint32_t i = 0; i < s->held_count; i++)
		(void)close(s->held[i].fd);
	s->held_count = 0;
}

/* Take everything of one kind out of the deposits.  What does not fit is closed and said. */
static void
adopt_kind(struct source_bpf *s, const char *prefix)
{
	const char *name;
	int fd;

	while ((fd = keeper_take_next(s->keeper, prefix, &name)) >= 0) {
		if (source_bpf_hold_take(s, prefix, name, fd) < 0)
			log_warnx("deposit %s%s: no room for it", prefix, name);
	}
}

static void
adopt(struct source_bpf *s)
{
	static const char *const kinds[] = { "map.", "ring.", "link.", "prog." };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		adopt_kind(s, kinds[i]);
	s->adopted = source_bpf_held_fd(s, "link.", "on_sys_exit") >= 0;
}

static int
map_info(int fd, struct bpf_map_info *info)
{
	uint32_t len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	if (fd < 0)
		return fd;
	return bpf_obj_get_info_by_fd(fd, info, &len) < 0 ? -errno : 0;
}

/* Map the array NAME, whose values must be of SIZE bytes and at least COUNT. */
static int
map_array(const struct source_bpf *s, const char *name, size_t size, uint32_t count, void *at)
{
	int fd = source_bpf_held_fd(s, "map.", name);
	struct bpf_map_info info;
	int err = map_info(fd, &info);
	void *values;

	if (err < 0) {
		log_warnx("probe: map %s: %s", name, strerror(-err));
		return err;
	}
	if (info.value_size != size || info.max_entries < count) {
		log_warnx("probe: map %s has %u values of %u bytes, expected %u of %zu", name,
		    info.max_entries, info.value_size, count, size);
		return -EBADMSG;
	}
	values = mmap(NULL, size * info.max_entries, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (values == MAP_FAILED) {
		err = -errno;
		log_warn("probe: map %s", name);
		return err;
	}
	memcpy(at, &values, sizeof(values));
	return 0;
}

static int
map_ring(struct source_bpf *s, uint32_t stream, int fd)
{
	struct bpf_map_info info;
	int err = map_info(fd, &info);

	if (err < 0 || (err = kring_map(&s->rings[stream], fd, info.max_entries)) < 0) {
		log_warnx("probe: kernel ring %u: %s", stream, strerror(-err));
		return err;
	}
	s->source.fds[s->source.fd_count++] = fd;
	s->source.bytes += info.max_entries;
	return 0;
}

/* A CPU without a ring of its own writes into the first one's: its stream stays empty. */
static int
map_rings(struct source_bpf *s)
{
	int err = map_ring(s, 0, source_bpf_held_fd(s, "map.", "life_ring"));

	for (uint32_t cpu = 0; err == 0 && cpu < s->source.cpu_count; cpu++) {
		char name[16];
		int fd;

		(void)snprintf(name, sizeof(name), "%u", cpu);
		if ((fd = source_bpf_held_fd(s, "ring.", name)) >= 0)
			err = map_ring(s, 1 + cpu, fd);
	}
	return err;
}

static int
map_all(struct source_bpf *s)
{
	int err;

	if ((err = map_array(s, "settings", sizeof(*s->config), 1, &s->config)) < 0)
		return err;
	if (s->config->abi != PROBE_ABI) {
		log_warnx("probe: its version is %u, expected %u", s->config->abi, PROBE_ABI);
		return -EBADMSG;
	}
	err = map_array(s, "syscalls", sizeof(*s->syscalls), SYSCALL_MAX, &s->syscalls);
	if (err < 0)
		return err;
	err = map_array(s, "cpus", sizeof(*s->cpus), s->source.cpu_count, &s->cpus);
	return err < 0 ? err : map_rings(s);
}

static void
unmap_all(struct source_bpf *s)
{
	for (uint32_t i = 0; i < SOURCE_STREAMS_MAX; i++)
		kring_unmap(&s->rings[i]);
	if (s->config)
		(void)munmap(s->config, sizeof(*s->config));
	if (s->syscalls)
		(void)munmap(s->syscalls, sizeof(*s->syscalls) * SYSCALL_MAX);
	if (s->cpus)
		(void)munmap(s->cpus, sizeof(*s->cpus) * s->source.cpu_count);
	s->config = NULL;
	s->syscalls = NULL;
	s->cpus = NULL;
	s->source.fd_count = 0;
	s->source.bytes = 0;
}

static void
find_programs(struct source_bpf *s)
{
	s->program_count = 0;
	for (uint32_t i = 0; i < s->held_count && s->program_count < SOURCE_BPF_HOOKS_MAX; i++) {
		if (strncmp(s->held[i].name, "prog.", 5) == 0)
			s->programs[s->program_count++] = s->held[i].fd;
	}
}

static int
bpf_open(struct source *source)
{
	struct source_bpf *s = source_bpf_of(source);
	int err;

	if (s->keeper)
		adopt(s);
	if (s->adopted) {
		if (map_all(s) == 0) {
			find_programs(s);
			return 0;
		}
		log_warnx("probe: what the former collector left can not be used; loading anew");
		unmap_all(s);
	}
	s->adopted = false;
	source_bpf_drop_held(s);
	if ((err = source_bpf_load(s)) < 0)
		return err;
	return map_all(s);
}

static int
bpf_start(struct source *source)
{
	struct source_bpf *s = source_bpf_of(source);
	int err;

	if (s->adopted)
		return 0;
	err = source_bpf_attach(s);
	find_programs(s);
	return err;
}

static enum source_look
bpf_poll(struct source *source, uint32_t stream, struct source_record *record)
{
	return kring_poll(&source_bpf_of(source)->rings[stream], record);
}

static void
bpf_release(struct source *source, uint32_t stream, uint64_t end)
{
	kring_release(&source_bpf_of(source)->rings[stream], end);
}

static void
bpf_wake(struct source *source, int wanted)
{
	struct source_bpf *s = source_bpf_of(source);
	uint32_t word = wanted ? 1 : 0;

	__atomic_store_n(&s->config->life_need_wake, word, __ATOMIC_RELAXED);
	for (uint32_t cpu = 0; cpu < source->cpu_count; cpu++)
		__atomic_store_n(&s->cpus[cpu].need_wake, word, __ATOMIC_RELAXED);
	/* Before the last look at the rings. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void
limit_interest(struct source_bpf *s, const struct interest *interest)
{
	uint64_t params = PROBE_WANT_CGROUPS;

	for (uint32_t nr = 0; nr < SYSCALL_MAX; nr++) {
		uint8_t flags = s->syscalls[nr].flags & (uint8_t)~PROBE_SYSCALL_WANTED;

		if (wanted_syscall(interest, nr))
			flags |= PROBE_SYSCALL_WANTED;
		__atomic_store_n(&s->syscalls[nr].flags, flags, __ATOMIC_RELAXED);
	}
	if (interest->contexts >> C_env & 1)
		params |= PROBE_WANT_ENV;
	if (interest_event(interest, EV_init_module))
		params |= PROBE_WANT_IMAGE;
	__atomic_store_n(&s->config->wanted_params, params, __ATOMIC_RELAXED);
}

static int
bpf_limit(struct source *source, const struct source_limits *limits)
{
	struct source_bpf *s = source_bpf_of(source);

	if (limits->interest)
		limit_interest(s, limits->interest);
	if (!limits->own_pids)
		return 0;
	/* The list ends at its first 0, which therefore moves last when it grows. */
	for (uint32_t i = PROBE_OWN_MAX; i-- > 0;) {
		uint32_t pid = i < limits->own_count ? limits->own_pids[i] : 0;

		__atomic_store_n(&s->config->own[i], pid, __ATOMIC_RELEASE);
	}
	return 0;
}

static int
bpf_snapshot(struct source *source, uint64_t generation)
{
	struct source_bpf *s = source_bpf_of(source);
	int link = source_bpf_held_fd(s, "link.", "snapshot");
	int fd;

	if (link < 0)
		return link;
	__atomic_store_n(&s->config->generation, generation, __ATOMIC_SEQ_CST);
	fd = bpf_iter_create(link);
	return fd < 0 ? -errno : fd;
}

/* How often the kernel left a program out because it ran already on that CPU. */
static uint64_t
programs_skipped(const struct source_bpf *s)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < s->program_count; i++) {
		struct bpf_prog_info info;
		uint32_t len = sizeof(info);

		memset(&info, 0, sizeof(info));
		if (bpf_obj_get_info_by_fd(s->programs[i], &info, &len) == 0)
			count += info.recursion_misses;
	}
	return count;
}

static void
cpu_stats(const struct probe_cpu *cpu, struct source_counters *counters, uint32_t index)
{
	for (uint32_t lane = 0; lane < SOURCE_LANES; lane++) {
		counters->attempted[index][lane] =
		    __atomic_load_n(&cpu->attempted[lane], __ATOMIC_ACQUIRE);
		for (uint32_t reason = 0; reason < LOSS_REASONS; reason++)
			counters->lost[index][lane][reason] = cpu->lost[lane][reason];
	}
	counters->truncated += cpu->truncated;
	counters->unreadable += cpu->unreadable;
	counters->own_dropped += cpu->own_dropped;
}

static void
bpf_stats(struct source *source, struct source_counters *counters, bool whole)
{
	struct source_bpf *s = source_bpf_of(source);

	counters->truncated = counters->unreadable = counters->own_dropped = 0;
	counters->waiting = 0;
	for (uint32_t cpu = 0; cpu < source->cpu_count; cpu++)
		cpu_stats(&s->cpus[cpu], counters, cpu);
	for (uint32_t i = 0; i < source->stream_count; i++)
		counters->waiting += kring_waiting(&s->rings[i]);
	if (whole)
		counters->skipped = programs_skipped(s);
}

static void
bpf_close(struct source *source)
{
	struct source_bpf *s = source_bpf_of(source);

	source_bpf_unload(s);
	unmap_all(s);
	source_bpf_drop_held(s);
}

static const struct source_ops ops = {
	.name = "bpf",
	.open = bpf_open,
	.start = bpf_start,
	.poll = bpf_poll,
	.release = bpf_release,
	.wake = bpf_wake,
	.limit = bpf_limit,
	.snapshot = bpf_snapshot,
	.stats = bpf_stats,
	.close = bpf_close,
};

void
source_bpf_init(struct source_bpf *s, const struct source_bpf_setup *setup, struct keeper *keeper)
{
	memset(s, 0, sizeof(*s));
	s->source.ops = &ops;
	s->source.cpu_count = (uint32_t)source_bpf_cpu_count();
	s->source.stream_count = 1 + s->source.cpu_count;
	s->setup = *setup;
	s->keeper = keeper;
}
