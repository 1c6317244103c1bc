/* SPDX-License-Identifier: Apache-2.0 */
/* What holds of the probe as a whole: snapshots, numbers, losses, scope, wake-ups. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "syscall/capture.h"

enum { FLOOD_CALLS = 100000, PRIORITY_ARG = 0x5a5a };

#define CHECK(condition) do { \
	if (!(condition)) { \
		printf("    FAIL: %s:%d: %s\n", __FILE__, __LINE__, #condition); \
		return false; \
	} } while (0)

static void
call(void)
{
	syscall(SYS_getpriority, 0, PRIORITY_ARG);
}

/* Records of EVENT of task TID that are kept. */
static uint32_t
count(const struct capture *c, uint16_t event, uint32_t tid)
{
	uint32_t found = 0;
	struct record r;
	size_t at = 0;

	while (capture_next(c, &at, &r))
		found += r.head->type == event && r.head->tid == tid;
	return found;
}

static uint64_t
sum_lost(const struct capture *c, uint32_t reason)
{
	return capture_sum(c, offsetof(struct probe_cpu, lost[LANE_LIFE]) + 8 * reason) +
	    capture_sum(c, offsetof(struct probe_cpu, lost[LANE_BULK]) + 8 * reason);
}

static bool
snapshot_tells_us(struct capture *c)
{
	struct span args = SPAN_NONE, exe = SPAN_NONE, want;
	char line[4096], path[4096];
	struct record r;
	size_t at = 0;
	uint32_t self = 0;
	int fd = open("/proc/self/cmdline", O_RDONLY);
	ssize_t len = read(fd, line, sizeof(line)),
		exe_len = readlink("/proc/self/exe", path, sizeof(path));

	close(fd);
	c->settings->generation = 7;
	capture_clear(c);
	CHECK(capture_snapshot(c) == 0 && len > 0 && exe_len > 0);
	while (capture_next(c, &at, &r)) {
		if (r.head->type != EV_snapshot_task || r.head->tid != (uint32_t)getpid())
			continue;
		self++;
		CHECK(r.head->lane == LANE_META && r.head->seq == 0);
		CHECK(slots_scalar_or(&r.slots, P_snapshot_task_generation, 0) == 7);
		CHECK(slots_bytes(&r.slots, P_snapshot_task_trusted_exepath, &exe));
		CHECK(span_equal(exe, (struct span){ path, (size_t)exe_len }));
		if (strcmp(c->snapshot, PROBE_SNAPSHOT) != 0)
			continue;
		CHECK(slots_bytes(&r.slots, P_snapshot_task_exe, &exe));
		CHECK(slots_bytes(&r.slots, P_snapshot_task_args, &args));
		want = (struct span){ line, strlen(line) };
		CHECK(span_equal(exe, want));
		want = (struct span){ line + exe.len + 1,
			(size_t)len > exe.len + 2 ? (size_t)len - exe.len - 2 : 0 };
		CHECK(span_equal(args, want));
	}
	CHECK(self == 1);
	return true;
}

static bool
attempts_are_told_or_lost(struct capture *c)
{
	uint64_t attempted, lost = 0;

	capture_clear(c);
	for (int i = 0; i < FLOOD_CALLS; i++)
		call();
	capture_drain(c);
	attempted = capture_sum(c, offsetof(struct probe_cpu, attempted[LANE_LIFE])) +
	    capture_sum(c, offsetof(struct probe_cpu, attempted[LANE_BULK]));
	for (uint32_t reason = 0; reason < LOSS_REASONS; reason++)
		lost += sum_lost(c, reason);
	printf("    attempted %llu, told %llu, lost %llu\n", (unsigned long long)attempted,
	    (unsigned long long)c->taken, (unsigned long long)lost);
	CHECK(sum_lost(c, LOSS_RING_FULL) > 0);
	CHECK(attempted == c->taken + lost);
	return true;
}

static bool
numbers_follow(struct capture *c)
{
	uint64_t last = 0;
	struct record r;
	size_t at = 0;

	capture_clear(c);
	for (int i = 0; i < 1000; i++)
		call();
	capture_drain(c);
	while (capture_next(c, &at, &r)) {
		if (r.head->lane != LANE_BULK || r.head->cpu != 0)
			continue;
		CHECK(last == 0 || r.head->seq == last + 1);
		last = r.head->seq;
	}
	return true;
}

static bool
own_calls_are_dropped(struct capture *c)
{
	uint64_t before = capture_sum(c, offsetof(struct probe_cpu, own_dropped));
	pid_t child;

	capture_clear(c);
	c->settings->own[0] = (uint32_t)getpid();
	call();
	if ((child = fork()) == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	c->settings->own[0] = 0;
	capture_drain(c);
	CHECK(count(c, EV_syscall, (uint32_t)getpid()) == 0);
	CHECK(count(c, EV_clone, (uint32_t)child) == 1);
	CHECK(count(c, EV_procexit, (uint32_t)child) == 1);
	CHECK(capture_sum(c, offsetof(struct probe_cpu, own_dropped)) > before);
	return true;
}

static bool
sleeper_is_woken_once(struct capture *c)
{
	struct pollfd poll_fd = { .fd = ring_buffer__epoll_fd(c->rings), .events = POLLIN };
	uint64_t before;

	capture_clear(c);
	before = capture_sum(c, offsetof(struct probe_cpu, woken));
	call();
	CHECK(capture_sum(c, offsetof(struct probe_cpu, woken)) == before);
	capture_clear(c);
	for (int cpu = 0; cpu < c->cpu_count; cpu++)
		c->cpus[cpu].need_wake = 1;
	for (int i = 0; i < 10; i++)
		call();
	CHECK(poll(&poll_fd, 1, 1000) == 1);
	CHECK(capture_sum(c, offsetof(struct probe_cpu, woken)) - before <= (uint64_t)c->cpu_count);
	for (int cpu = 0; cpu < c->cpu_count; cpu++)
		c->cpus[cpu].need_wake = 0;
	return true;
}

static bool
full_ring_is_announced(struct capture *c)
{
	uint64_t before;

	capture_clear(c);
	before = capture_sum(c, offsetof(struct probe_cpu, woken));
	c->settings->high_water_bytes = 64 * 1024;
	for (int i = 0; i < 2000; i++)
		call();
	c->settings->high_water_bytes = 0;
	CHECK(capture_sum(c, offsetof(struct probe_cpu, woken)) > before);
	return true;
}

static bool
scope_begins_at_exec(struct capture *c)
{
	uint32_t armed = PROBE_SCOPE_ARMED, tgid;
	int ends[2], map = bpf_object__find_map_fd_by_name(c->object, "scope_tasks");
	char go = 0;

	CHECK(pipe(ends) == 0);
	fflush(stdout);
	if ((tgid = (uint32_t)fork()) == 0) {
		if (read(ends[0], &go, 1) == 1)
			call();
		execl("/bin/true", "true", (char *)NULL);
		_exit(127);
	}
	CHECK(bpf_map_update_elem(map, &tgid, &armed, BPF_EXIST) == 0);
	capture_clear(c);
	CHECK(write(ends[1], &go, 1) == 1);
	waitpid((pid_t)tgid, NULL, 0);
	close(ends[0]);
	close(ends[1]);
	capture_drain(c);
	CHECK(count(c, EV_syscall, tgid) == 0);
	CHECK(count(c, EV_execve, tgid) == 1);
	CHECK(count(c, EV_procexit, tgid) == 1);
	CHECK(bpf_map_lookup_elem(map, &tgid, &armed) == -ENOENT);
	return true;
}

static bool
missing_filler_is_a_loss(struct capture *c)
{
	int array = bpf_object__find_map_fd_by_name(c->object, "exit_programs");
	const struct bpf_program *filler =
	    bpf_object__find_program_by_name(c->object, "tell_other");
	int fd = bpf_program__fd(filler), nr = SYS_getpriority;
	uint64_t before = sum_lost(c, LOSS_TAIL_CALL);

	CHECK(bpf_map_delete_elem(array, &nr) == 0);
	call();
	CHECK(bpf_map_update_elem(array, &nr, &fd, BPF_ANY) == 0);
	CHECK(sum_lost(c, LOSS_TAIL_CALL) == before + 1);
	return true;
}

static const struct {
	const char *sentence;
	bool (*holds)(struct capture *c);
} checks[] = {
	{ "a snapshot tells this process", snapshot_tells_us },
	{ "what was attempted is told or lost", attempts_are_told_or_lost },
	{ "numbers of a CPU follow each other", numbers_follow },
	{ "own bulk calls are dropped, own acts of life are told", own_calls_are_dropped },
	{ "the drainer is woken only when it said that it sleeps", sleeper_is_woken_once },
	{ "a ring that fills is announced", full_ring_is_announced },
	{ "a process of the scope is told from its exec on", scope_begins_at_exec },
	{ "a filler that is missing is a counted loss", missing_filler_is_a_loss },
};

uint32_t
whole_run(struct capture *capture, uint32_t *passed)
{
	uint32_t failed = 0;

	capture_want(capture, EV_syscall, false);
	capture->syscalls[SYS_getpriority].flags |= PROBE_SYSCALL_WANTED;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		printf("probe: %s\n", checks[i].sentence);
		if (checks[i].holds(capture))
			(*passed)++;
		else
			failed++;
	}
	return failed;
}
