/* SPDX-License-Identifier: Apache-2.0 */
/* Loading and attaching the probe, with rights that are given up afterwards.  See source_bpf.h. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "log.h"
#include "record.h"
#include "scope.h"
#include "source_bpf.h"

enum { HIGH_WATER_BYTES = 64 * 1024, TEXT_BYTES = 4096, ENV_BYTES = 4096, IMAGE_BYTES = 64 };

/* What libbpf says goes to the log, one line each. */
static int
print(enum libbpf_print_level level, const char *format, va_list args)
{
	char line[LOG_LINE_MAX];
	int len = vsnprintf(line, sizeof(line), format, args);

	line[strcspn(line, "\n")] = '\0';
	if (level == LIBBPF_WARN)
		log_warnx("%s", line);
	else
		log_debug("%s", line);
	return len;
}

static void
raise_memlock(void)
{
	const struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_MEMLOCK, &limit) < 0)
		log_warn("raising the limit of locked memory, which maps count against here");
}

static int
set_entries(struct bpf_object *object, const char *name, uint64_t entries)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);
	int err = map ? bpf_map__set_max_entries(map, (uint32_t)entries) : -ENOENT;

	if (err < 0)
		log_warnx("probe: map %s: %s", name, strerror(-err));
	return err;
}

static int
set_sizes(struct source_bpf *s)
{
	uint32_t cpu_count = s->source.cpu_count;
	int err;

	if ((err = set_entries(s->object, "life_ring", s->setup.life_bytes)) < 0)
		return err;
	if ((err = set_entries(s->object, "cpus", cpu_count)) < 0)
		return err;
	if ((err = set_entries(s->object, "bulk_rings", cpu_count)) < 0)
		return err;
	return set_entries(s->object, "scratch", 1 + cpu_count);
}

static int
choose_snapshot(struct source_bpf *s)
{
	const char *other = s->setup.task_memory ? PROBE_SNAPSHOT_PLAIN : PROBE_SNAPSHOT;
	struct bpf_program *program = bpf_object__find_program_by_name(s->object, other);

	return program ? bpf_program__set_autoload(program, false) : 0;
}

static int
hold_maps(struct source_bpf *s)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, s->object) {
		int fd = bpf_map__fd(map);
		int err = fd < 0 ? 0 : source_bpf_hold(s, "map.", bpf_map__name(map), fd);

		if (err < 0) {
			log_warnx("probe: map %s: %s", bpf_map__name(map), strerror(-err));
			return err;
		}
	}
	return 0;
}

/*
 * Put COUNT rings into the array OUTER, at once where the kernel can: it waits for a grace period
 * after each call.
 */
static int
place_rings(int outer, uint32_t *cpus, int *rings, uint32_t count)
{
	uint32_t done = count;

	if (bpf_map_update_batch(outer, cpus, rings, &done, NULL) == 0)
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		if (bpf_map_update_elem(outer, &cpus[i], &rings[i], BPF_ANY) < 0)
			return -errno;
	}
	return 0;
}

/* A ring for each CPU that is there; of a machine with very many the last share the first one's. */
static int
make_rings(struct source_bpf *s)
{
	long online = sysconf(_SC_NPROCESSORS_CONF);
	uint32_t count = online > 0 && (uint32_t)online < s->source.cpu_count ?
	    (uint32_t)online : s->source.cpu_count;
	int outer = source_bpf_held_fd(s, "map.", "bulk_rings");
	uint32_t room = SOURCE_BPF_HELD_MAX - s->held_count - 2 * SOURCE_BPF_HOOKS_MAX;
	uint32_t cpus[SOURCE_BPF_HELD_MAX], cpu;
	int rings[SOURCE_BPF_HELD_MAX], err = outer < 0 ? outer : 0;

	for (cpu = 0; err == 0 && cpu < count && cpu < room; cpu++) {
		char name[16];

		cpus[cpu] = cpu;
		rings[cpu] = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "saker_bulk", 0, 0,
		    (uint32_t)s->setup.bulk_bytes, NULL);
		(void)snprintf(name, sizeof(name), "%u", cpu);
		err = rings[cpu] < 0 ? -errno :
		    source_bpf_hold_take(s, "ring.", name, rings[cpu]);
	}
	if (err == 0)
		err = place_rings(outer, cpus, rings, cpu);
	if (err < 0)
		log_warnx("probe: ring %u of %u (%llu bytes each): %s", cpu, count,
		    (unsigned long long)s->setup.bulk_bytes, strerror(-err));
	return err;
}

static int
write_config(struct source_bpf *s)
{
	uint64_t high = s->setup.bulk_bytes / 8 < HIGH_WATER_BYTES ?
	    s->setup.bulk_bytes / 8 : HIGH_WATER_BYTES;
	struct probe_config config = {
		.abi = PROBE_ABI,
		.high_water_bytes = (uint32_t)high,
		.wanted_params = PROBE_WANT_CGROUPS,
		.args_bytes = TEXT_BYTES,
		.env_bytes = ENV_BYTES,
		.image_bytes = IMAGE_BYTES,
	};
	int fd = source_bpf_held_fd(s, "map.", "settings");
	uint64_t cgroup = 0;
	uint32_t key = 0;
	int err;

	if (s->setup.scope_pid != 0)
		config.scope = PROBE_SCOPE_TREE;
	if (s->setup.scope_cgroup[0] != '\0') {
		config.scope = PROBE_SCOPE_CGROUP;
		err = scope_cgroup_id(s->setup.scope_cgroup, &cgroup);
		config.scope_cgroup = cgroup;
		if (err < 0) {
			log_warnx("scope.cgroup: \"%s\": %s", s->setup.scope_cgroup,
			    err == -EXDEV ? "not in the unified hierarchy" : strerror(-err));
			return err;
		}
	}
	return bpf_map_update_elem(fd, &key, &config, BPF_ANY) < 0 ? -errno : 0;
}

static int
write_syscalls(struct source_bpf *s)
{
	int fd = source_bpf_held_fd(s, "map.", "syscalls");

	for (uint32_t nr = 0; nr < SYSCALL_MAX; nr++) {
		struct probe_syscall row = { 0 };

		row.event = (uint8_t)syscall_event(nr);
		row.flags = probe_event_state(row.event) ? PROBE_SYSCALL_STATE : 0;
		if (bpf_map_update_elem(fd, &nr, &row, BPF_ANY) < 0)
			return -errno;
	}
	return 0;
}

int
source_bpf_load(struct source_bpf *s)
{
	int err;

	(void)libbpf_set_print(print);
	if (s->setup.locked_maps)
		raise_memlock();
	if ((s->object = bpf_object__open_file(s->setup.object, NULL)) == NULL) {
		err = -errno;
		log_warn("probe: %s", s->setup.object);
		return err;
	}
	if ((err = set_sizes(s)) < 0 || (err = choose_snapshot(s)) < 0)
		return err;
	if ((err = bpf_object__load(s->object)) < 0) {
		log_warnx("probe: the kernel refuses %s: %s", s->setup.object, strerror(-err));
		return err;
	}
	if ((err = hold_maps(s)) < 0 || (err = make_rings(s)) < 0)
		return err;
	if ((err = write_config(s)) < 0 || (err = write_syscalls(s)) < 0)
		log_warnx("probe: writing its settings: %s", strerror(-err));
	return err;
}

/* Put the program NAME at KEY of the program array ARRAY. */
static int
place(struct source_bpf *s, const char *array, uint32_t key, const char *name)
{
	const struct bpf_program *program = bpf_object__find_program_by_name(s->object, name);
	int map = source_bpf_held_fd(s, "map.", array);
	int fd = program ? bpf_program__fd(program) : -ENOENT;
	int err = map < 0 ? map : fd < 0 ? fd : 0;

	if (err == 0 && bpf_map_update_elem(map, &key, &fd, BPF_ANY) < 0)
		err = -errno;
	if (err < 0)
		log_warnx("probe: program %s at %u of %s: %s", name, key, array, strerror(-err));
	return err;
}

static int
place_fillers(struct source_bpf *s)
{
	static const char *const fillers[] = {
#define CALL(category, filler) [CATEGORY_##category] = #filler,
		PROBE_CALLS(CALL)
#undef CALL
	};
	int err = 0;

	for (uint32_t nr = 0; err == 0 && nr < SYSCALL_MAX; nr++)
		err = place(s, "exit_programs", nr,
		    fillers[event_info(syscall_event(nr))->category]);
#define HOOK(entry, array, filler) \
	if (err == 0) \
		err = place(s, #array, 0, #filler);
	PROBE_HOOKS(HOOK)
#undef HOOK
	return err;
}

/* Attach PROGRAM and hold its link under NAME; the held duplicate keeps it attached. */
static int
attach(struct source_bpf *s, const char *program, const char *name)
{
	struct bpf_program *found = bpf_object__find_program_by_name(s->object, program);
	struct bpf_link *link = found ? bpf_program__attach(found) : NULL;
	int err = !found ? -ENOENT : !link ? -errno : 0;

	if (err == 0)
		err = source_bpf_hold(s, "link.", name, bpf_link__fd(link));
	if (err == 0)
		err = source_bpf_hold(s, "prog.", name, bpf_program__fd(found));
	if (err < 0)
		log_warnx("probe: attaching %s: %s", program, strerror(-err));
	if (link)
		(void)bpf_link__destroy(link);
	return err;
}

static int
attach_all(struct source_bpf *s)
{
	/* The iterator first: it tells nothing by itself. */
	int err = attach(s, s->setup.task_memory ? PROBE_SNAPSHOT : PROBE_SNAPSHOT_PLAIN,
	    "snapshot");

#define HOOK(entry, array, filler) \
	if (err == 0) \
		err = attach(s, #entry, #entry);
	PROBE_HOOKS(HOOK)
#undef HOOK
	return err < 0 ? err : attach(s, "on_sys_exit", "on_sys_exit");
}

/* Put the processes of the scope into the probe's table. */
static int
enter_scope(struct source_bpf *s)
{
	uint32_t state = s->setup.scope_from_exec ? PROBE_SCOPE_ARMED : PROBE_SCOPE_ACTIVE;
	int fd = source_bpf_held_fd(s, "map.", "scope_tasks");
	uint32_t pids[SCOPE_PROCESSES_MAX];
	int count = scope_descendants(s->setup.scope_pid, pids, SCOPE_PROCESSES_MAX);

	if (count < 0) {
		log_warnx("scope: process %u: %s", s->setup.scope_pid, strerror(-count));
		return count;
	}
	if (count == SCOPE_PROCESSES_MAX)
		log_warnx("scope: process %u has too many descendants; %d are watched",
		    s->setup.scope_pid, count);
	for (int i = 0; i < count; i++) {
		/* What the probe has entered meanwhile stays as it is. */
		if (bpf_map_update_elem(fd, &pids[i], &state, BPF_NOEXIST) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

int
source_bpf_attach(struct source_bpf *s)
{
	int err;

	if ((err = place_fillers(s)) < 0)
		return err;
	if (s->setup.scope_pid != 0 && (err = enter_scope(s)) < 0)
		return err;
	if ((err = attach_all(s)) < 0)
		return err;
	/* Once more for children that were made before the hooks could see them. */
	if (s->setup.scope_pid != 0 && !s->setup.scope_from_exec && (err = enter_scope(s)) < 0)
		return err;
	source_bpf_unload(s);
	return 0;
}

void
source_bpf_unload(struct source_bpf *s)
{
	if (!s->object)
		return;
	bpf_object__close(s->object);
	s->object = NULL;
	/* The object and the kernel's types took many megabytes that will not be needed again. */
	(void)malloc_trim(0);
}
