/* SPDX-License-Identifier: Apache-2.0 */
/* Loading the probe and draining it, as little of it as a test needs. */
#include "syscall/capture.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { RING_BYTES = 4 * 1024 * 1024 };

static int
quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	return level == LIBBPF_WARN && getenv("V") ? vfprintf(stderr, format, args) : 0;
}

static int
capture_fail(const char *what, int code)
{
	printf("capture: %s: %s\n", what, strerror(errno));
	return code;
}

static int
map_fd(const struct capture *capture, const char *name)
{
	return bpf_object__find_map_fd_by_name(capture->object, name);
}

static void *
map_memory(const struct capture *capture, const char *name, size_t bytes)
{
	void *memory =
	    mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd(capture, name), 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* True when the kernel's type information names helper NAME. */
static bool
kernel_has(const char *name)
{
	struct btf *btf = btf__load_vmlinux_btf();
	const struct btf_type *type;
	bool has = false;
	int id = btf ? btf__find_by_name_kind(btf, "bpf_func_id", BTF_KIND_ENUM) : -1;

	if (id > 0) {
		type = btf__type_by_id(btf, (uint32_t)id);
		for (int i = 0; i < btf_vlen(type); i++)
			has |= strcmp(btf__name_by_offset(btf, btf_enum(type)[i].name_off),
				   name) == 0;
	}
	btf__free(btf);
	return has;
}

/* Sizes before loading, and the one snapshot program that this kernel can run. */
static void
capture_prepare(struct capture *capture)
{
	uint32_t cpus = (uint32_t)capture->cpu_count;
	const char *other = PROBE_SNAPSHOT;

	capture->snapshot = PROBE_SNAPSHOT_PLAIN;
	if (kernel_has("BPF_FUNC_copy_from_user_task")) {
		capture->snapshot = PROBE_SNAPSHOT;
		other = PROBE_SNAPSHOT_PLAIN;
	}
	bpf_program__set_autoload(bpf_object__find_program_by_name(capture->object, other), false);
	bpf_map__set_max_entries(bpf_object__find_map_by_name(capture->object, "cpus"), cpus);
	bpf_map__set_max_entries(
	    bpf_object__find_map_by_name(capture->object, "scratch"), cpus + 1);
	bpf_map__set_max_entries(bpf_object__find_map_by_name(capture->object, "bulk_rings"), cpus);
	bpf_map__set_max_entries(
	    bpf_object__find_map_by_name(capture->object, "life_ring"), RING_BYTES);
}

static int
capture_take(void *context, void *data, size_t len)
{
	struct capture *capture = context;

	if (capture->used + len > CAPTURE_BYTES)
		return -ENOSPC;
	memcpy(capture->bytes + capture->used, data, len);
	capture->used += len;
	capture->taken++;
	return 0;
}

static int
capture_rings(struct capture *capture)
{
	int bulk = map_fd(capture, "bulk_rings");

	capture->rings =
	    ring_buffer__new(map_fd(capture, "life_ring"), capture_take, capture, NULL);
	if (!capture->rings)
		return -errno;
	for (int cpu = 0; cpu < capture->cpu_count; cpu++) {
		int ring = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "bulk", 0, 0, RING_BYTES, NULL);

		if (ring < 0 || bpf_map_update_elem(bulk, &cpu, &ring, 0) < 0)
			return -errno;
		if (ring_buffer__add(capture->rings, ring, capture_take, capture) < 0)
			return -errno;
	}
	return 0;
}

static int
program_fd(const struct capture *capture, const char *name)
{
	const struct bpf_program *program = bpf_object__find_program_by_name(capture->object, name);

	return program ? bpf_program__fd(program) : -1;
}

static int
capture_calls(struct capture *capture)
{
	static const char *const fillers[] = {
#define CALL(category, filler) [CATEGORY_##category] = #filler,
		PROBE_CALLS(CALL)
#undef CALL
	};
	int array = map_fd(capture, "exit_programs");

	for (uint32_t nr = 0; nr < SYSCALL_MAX; nr++) {
		uint16_t event = syscall_event(nr);
		int fd = program_fd(capture, fillers[event_info(event)->category]);

		if (fd < 0 || bpf_map_update_elem(array, &nr, &fd, 0) < 0)
			return -errno;
		capture->syscalls[nr].event = (uint8_t)event;
		capture->syscalls[nr].flags = probe_event_state(event) ? PROBE_SYSCALL_STATE : 0;
		if (event != EV_syscall)
			capture->syscalls[nr].flags |= PROBE_SYSCALL_WANTED;
	}
	return 0;
}

static int
capture_hook(struct capture *capture, const char *entry, const char *array, const char *filler)
{
	uint32_t zero = 0;
	int fd;

	if (array) {
		fd = program_fd(capture, filler);
		if (fd < 0 || bpf_map_update_elem(map_fd(capture, array), &zero, &fd, 0) < 0)
			return -errno;
	}
	return bpf_program__attach(bpf_object__find_program_by_name(capture->object, entry))
	    ? 0
	    : -errno;
}

static int
capture_attach(struct capture *capture)
{
	int err = 0;

#define HOOK(entry, array, filler) \
	if (!err) \
		err = capture_hook(capture, #entry, #array, #filler);
	PROBE_HOOKS(HOOK)
#undef HOOK
	return err ? err : capture_hook(capture, "on_sys_exit", NULL, NULL);
}

static int
capture_settings(struct capture *capture)
{
	uint32_t self = (uint32_t)getpid(), state = PROBE_SCOPE_ACTIVE;

	capture->settings = map_memory(capture, "settings", sizeof(struct probe_config));
	capture->syscalls =
	    map_memory(capture, "syscalls", SYSCALL_MAX * sizeof(struct probe_syscall));
	capture->cpus =
	    map_memory(capture, "cpus", (size_t)capture->cpu_count * sizeof(struct probe_cpu));
	if (!capture->settings || !capture->syscalls || !capture->cpus)
		return -errno;
	capture->settings->abi = PROBE_ABI;
	capture->settings->scope = PROBE_SCOPE_TREE;
	capture->settings->wanted_params = PROBE_WANT_ENV | PROBE_WANT_CGROUPS | PROBE_WANT_IMAGE;
	capture->settings->args_bytes = PROBE_BYTES_MAX;
	capture->settings->env_bytes = PROBE_BYTES_MAX;
	capture->settings->image_bytes = 256;
	return bpf_map_update_elem(map_fd(capture, "scope_tasks"), &self, &state, BPF_ANY);
}

int
capture_open(struct capture *capture, const char *path)
{
	memset(capture, 0, sizeof(*capture));
	libbpf_set_print(quiet);
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	if (geteuid() != 0) {
		printf("not root: the probe can not be loaded\n");
		return 77;
	}
	if (access("/sys/kernel/btf/vmlinux", R_OK) < 0) {
		printf("no kernel type information (/sys/kernel/btf/vmlinux)\n");
		return 77;
	}
	capture->cpu_count = libbpf_num_possible_cpus();
	capture->bytes = malloc(CAPTURE_BYTES);
	capture->object = bpf_object__open(path);
	if (!capture->bytes || !capture->object)
		return capture_fail(path, 1);
	capture_prepare(capture);
	if (bpf_object__load(capture->object) < 0)
		return capture_fail("load", errno == EPERM ? 77 : 1);
	if (capture_settings(capture) < 0)
		return capture_fail("settings", 1);
	if (capture_rings(capture) < 0)
		return capture_fail("rings", 1);
	if (capture_calls(capture) < 0)
		return capture_fail("fillers", 1);
	return capture_attach(capture) < 0 ? capture_fail("attach", 1) : 0;
}

void
capture_clear(struct capture *capture)
{
	ring_buffer__consume(capture->rings);
	capture->used = 0;
}

int
capture_drain(struct capture *capture)
{
	return ring_buffer__consume(capture->rings);
}

int
capture_snapshot(struct capture *capture)
{
	struct bpf_link *link = bpf_program__attach(
	    bpf_object__find_program_by_name(capture->object, capture->snapshot));
	int fd = link ? bpf_iter_create(bpf_link__fd(link)) : -1;
	ssize_t got = -1;

	if (fd < 0)
		return -errno;
	while ((got = read(fd, capture->bytes + capture->used, CAPTURE_BYTES - capture->used)) > 0)
		capture->used += (size_t)got;
	close(fd);
	bpf_link__destroy(link);
	return got < 0 ? -errno : 0;
}

bool
capture_next(const struct capture *capture, size_t *at, struct record *record)
{
	const struct event_head *head;
	int err;

	if (capture->used - *at < EVENT_HEAD_BYTES)
		return false;
	head = (const struct event_head *)(const void *)(capture->bytes + *at);
	err = record_check(record, head, head->len, RECORD_RAW);
	if (err < 0) {
		printf("FAIL: record of type %u, %u bytes: %s\n", head->type, head->len,
		    strerror(-err));
		exit(1);
	}
	*at += head->len;
	return true;
}

void
capture_want(struct capture *capture, uint32_t event, bool wanted)
{
	for (uint32_t nr = 0; nr < SYSCALL_MAX; nr++) {
		if (capture->syscalls[nr].event != event)
			continue;
		capture->syscalls[nr].flags &= (uint8_t)~PROBE_SYSCALL_WANTED;
		if (wanted)
			capture->syscalls[nr].flags |= PROBE_SYSCALL_WANTED;
	}
}

uint64_t
capture_sum(const struct capture *capture, size_t offset)
{
	uint64_t sum = 0;

	for (int cpu = 0; cpu < capture->cpu_count; cpu++)
		sum += *(const uint64_t *)(const void *)((const uint8_t *)&capture->cpus[cpu] +
		    offset);
	return sum;
}
