/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real collector with the real probe, and this test as its keeper and its enricher: it gives
 * out the ends, keeps the deposits, and reads the raw ring as it is written.  Everything is read
 * twice over: each record must stand on its own, and each sequence of numbers must be whole.
 */
#include <sys/syscall.h>
#include <sys/wait.h>

#include "collector_play.h"
#include "pipe.h"
#include "record.h"

enum { CPUS = 256, CHILDREN = 200, OPENS = 2000 };

/* What the raw ring said. */
static struct {
	uint64_t position, ts, late, records;
	uint64_t seq[CPUS][2], first[CPUS][2];
	uint64_t types[EVENT_TYPES_MAX];
	uint64_t missing;      /* numbers that no record and no loss record accounts for */
	uint64_t lost, repeated, disorder;
	uint64_t own_opens;    /* of this process */
	uint64_t own_task;     /* in snapshots */
	uint64_t children[CHILDREN];
	pid_t pids[CHILDREN];
} seen;

static void
see_loss(const struct record *record)
{
	uint64_t cpu = slots_scalar_or(&record->slots, P_loss_cpu, CPUS);
	uint64_t lane = slots_scalar_or(&record->slots, P_loss_lane, 2);
	uint64_t last = slots_scalar_or(&record->slots, P_loss_last, 0);
	uint64_t count = slots_scalar_or(&record->slots, P_loss_count, 0);

	CHECK(cpu < CPUS && lane < 2);
	/* At the end of a lane no younger record has shown the hole. */
	if (last > seen.seq[cpu][lane]) {
		seen.missing += last - seen.seq[cpu][lane];
		seen.seq[cpu][lane] = last;
	}
	seen.lost += count;
	seen.missing -= count;
}

static void
see_number(const struct event_head *head)
{
	uint64_t *last = &seen.seq[head->cpu][head->lane];

	CHECK(head->cpu < CPUS && head->lane < 2);
	if (seen.first[head->cpu][head->lane] == 0)
		seen.first[head->cpu][head->lane] = head->seq;
	if (head->seq > *last + 1)
		seen.missing += head->seq - *last - 1;
	else if (head->seq <= *last)
		seen.repeated++;
	if (head->seq > *last)
		*last = head->seq;
}

static void
see_record(const struct record *record)
{
	const struct event_head *head = record->head;

	CHECK(head->position == seen.position + 1);
	seen.position = head->position;
	seen.records++;
	seen.types[head->type]++;
	if (head->flags & EVENT_LATE)
		seen.late++;
	else if (head->ts < seen.ts)
		seen.disorder++;
	if (head->ts > seen.ts)
		seen.ts = head->ts;
	if (head->lane != LANE_META)
		see_number(head);
	if (head->type == EV_loss)
		see_loss(record);
	if (head->type == EV_openat && head->tid == (uint32_t)getpid())
		seen.own_opens += span_equal(slots_bytes_or_none(&record->slots, P_openat_name),
		    SPAN_OF("/dev/null"));
	if (head->type == EV_snapshot_task && head->tid == (uint32_t)getpid())
		seen.own_task++;
	for (uint32_t i = 0; head->type == EV_execve && i < CHILDREN; i++)
		seen.children[i] += seen.pids[i] == (pid_t)head->tid;
}

/* Read what there is. */
static void
drain(void)
{
	static _Alignas(8) uint8_t buf[EVENT_RECORD_MAX];
	struct record record;
	int len, err;

	while ((len = ring_next(&k.ring, buf, sizeof(buf))) > 0) {
		if ((err = record_check(&record, buf, (size_t)len, RECORD_RAW)) < 0) {
			printf("record of type %u refused: %s\n",
			    ((struct event_head *)(void *)buf)->type, strerror(-err));
			stop_now();
		}
		see_record(&record);
	}
	CHECK(len == 0);
	ring_release(&k.ring, seen.position);
}

static void
drain_for(uint64_t ms)
{
	uint64_t end = clock_ms() + ms;

	while (clock_ms() < end) {
		drain();
		ring_wait(&k.ring, 1000000);
	}
}

static void
open_files(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		int fd = (int)syscall(SYS_openat, -100, "/dev/null", 0, 0);

		if (fd >= 0)
			(void)close(fd);
		if (i % 64 == 0)
			drain();
	}
}

static void
run_children(uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		if ((seen.pids[i] = fork()) == 0) {
			(void)execl("/bin/true", "true", (char *)NULL);
			_exit(1);
		}
		(void)waitpid(seen.pids[i], NULL, 0);
		drain();
	}
}

static void
report(const char *what)
{
	const struct stats *s = region_content(&k.stats);

	printf("%s: %llu records, %llu late, %llu lost, %llu missing, %llu repeated, "
	    "%llu out of order; %llu execve, %llu openat, %llu snapshot tasks, %llu ends; "
	    "%llu left out\n", what,
	    (unsigned long long)seen.records, (unsigned long long)seen.late,
	    (unsigned long long)seen.lost, (unsigned long long)seen.missing,
	    (unsigned long long)seen.repeated, (unsigned long long)seen.disorder,
	    (unsigned long long)seen.types[EV_execve], (unsigned long long)seen.types[EV_openat],
	    (unsigned long long)seen.types[EV_snapshot_task],
	    (unsigned long long)seen.types[EV_snapshot_end],
	    (unsigned long long)stats_get(s, STAT_COLLECTOR_repeated));
}

/*
 * OPENS opens and the children FROM to TO were done since LOST records had been lost: each came
 * once, or stands among the losses (other programs of the machine fill the small rings too).
 */
static void
came_or_told(uint64_t before, uint64_t opens, uint32_t from, uint32_t to, uint64_t lost)
{
	uint64_t absent = before + opens - seen.own_opens;

	CHECK(seen.own_opens <= before + opens);
	for (uint32_t i = from; i < to; i++) {
		CHECK(seen.children[i] <= 1);
		absent += seen.children[i] == 0;
	}
	CHECK(absent <= seen.lost - lost);
}

static void
whole(void)
{
	CHECK(seen.missing == 0);
	CHECK(seen.repeated == 0);
	CHECK(seen.disorder == 0);
}

/* The line of the collector's status that begins with NAME. */
static const char *
status_line(const char *name)
{
	static char text[4096];
	char path[64], *line;
	FILE *file;
	size_t len;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)k.collector);
	CHECK((file = fopen(path, "r")) != NULL);
	len = fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	text[len] = '\0';
	CHECK((line = strstr(text, name)) != NULL);
	*strchrnul(line, '\n') = '\0';
	return line;
}

/* Once it is ready it is nobody, and can become nobody else. */
static void
keeps_no_right(void)
{
	CHECK(strcmp(status_line("Uid:"), "Uid:\t64410\t64410\t64410\t64410") == 0);
	CHECK(strcmp(status_line("Gid:"), "Gid:\t64410\t64410\t64410\t64410") == 0);
	CHECK(strcmp(status_line("Groups:"), "Groups:\t ") == 0);
	CHECK(strcmp(status_line("CapPrm:"), "CapPrm:\t0000000000000000") == 0);
	CHECK(strcmp(status_line("CapBnd:"), "CapBnd:\t0000000000000000") == 0);
	CHECK(strcmp(status_line("CapAmb:"), "CapAmb:\t0000000000000000") == 0);
	CHECK(strcmp(status_line("NoNewPrivs:"), "NoNewPrivs:\t1") == 0);
	CHECK(strcmp(status_line("Seccomp:"), "Seccomp:\t2") == 0);
}

/* Everything that a stream begins with, and every act of ours once. */
static void
starts_with_a_snapshot_and_sees_every_act(void)
{
	collector_start();
	drain_for(300);
	CHECK(seen.types[EV_host] == 1 && seen.types[EV_anchor] >= 1 && seen.types[EV_names] >= 2);
	CHECK(seen.types[EV_interest] == 1 && seen.types[EV_snapshot_end] == 1);
	CHECK(seen.own_task == 1);
	seen.own_opens = 0;
	open_files(OPENS);
	run_children(0, 50);
	drain_for(100);
	report("start");
	came_or_told(0, OPENS, 0, 50, 0);
	whole();
}

/* Killed in the middle of traffic, several times: the probe goes on, the successor goes on. */
static void
a_killed_collector_is_followed_without_a_gap(void)
{
	uint64_t opens = seen.own_opens, lost = seen.lost;

	for (uint32_t life = 0; life < 3; life++) {
		open_files(OPENS / 2);
		CHECK(kill(k.collector, SIGKILL) == 0);
		CHECK(waitpid(k.collector, NULL, 0) == k.collector);
		(void)close(k.socket);
		open_files(OPENS / 2);
		run_children(50 + 10 * life, 60 + 10 * life);
		collector_start();
	}
	drain_for(300);
	report("killed");
	came_or_told(opens, 3 * OPENS, 50, 80, lost);
	CHECK(seen.types[EV_host] == 4 && seen.types[EV_snapshot_end] >= 2);
	whole();
}

/* A collector that stands still loses what the kernel rings can not hold, and says exactly what. */
static void
what_the_kernel_rings_can_not_hold_is_told_exactly(void)
{
	const struct stats *s = region_content(&k.stats);
	uint64_t snapshots = seen.types[EV_snapshot_end], opens = seen.own_opens;

	CHECK(kill(k.collector, SIGSTOP) == 0);
	open_files(6 * OPENS);
	run_children(80, CHILDREN);
	CHECK(kill(k.collector, SIGCONT) == 0);
	drain_for(1500);
	report("stopped");
	CHECK(seen.lost > 0 && seen.own_opens < opens + 6 * OPENS);
	CHECK(stats_get(s, STAT_COLLECTOR_lost_gap) == seen.lost);
	CHECK(stats_get(s, STAT_COLLECTOR_lost_ring_full) > 0);
	CHECK(stats_get(s, STAT_COLLECTOR_lost_life) > 0);
	CHECK(seen.types[EV_snapshot_end] > snapshots);
	whole();
}

/* Who saw a gap need not be who declares it: it is told once. */
static void
a_loss_is_told_once_whoever_is_killed(void)
{
	for (long ms = 1; ms < 40; ms += 9) {
		const struct timespec pause = { 0, ms * 1000000 };

		CHECK(kill(k.collector, SIGSTOP) == 0);
		open_files(3 * OPENS);
		CHECK(kill(k.collector, SIGCONT) == 0);
		(void)nanosleep(&pause, NULL);
		CHECK(kill(k.collector, SIGKILL) == 0);
		CHECK(waitpid(k.collector, NULL, 0) == k.collector);
		(void)close(k.socket);
		collector_start();
	}
	drain_for(500);
	report("stopped and killed");
	whole();
}

/* An idle collector costs next to nothing and still hears the first act. */
static void
an_idle_collector_sleeps(void)
{
	const struct stats *s = region_content(&k.stats);
	uint64_t wakes = stats_get(s, STAT_COLLECTOR_wakes);
	struct timespec second = { 1, 0 };

	(void)nanosleep(&second, NULL);
	wakes = stats_get(s, STAT_COLLECTOR_wakes) - wakes;
	printf("idle: %llu wakes in a second, waiting by %s\n", (unsigned long long)wakes,
	    stats_get(s, STAT_COLLECTOR_wait_kind) == 1 ? "io_uring" : "epoll");
}

/* The keeper dies; a new one finds the probe, and no act is missing between the two. */
static void
an_orphan_hands_the_probe_over(void)
{
	struct sockaddr_un address;
	socklen_t len = sizeof(address);
	struct keeper_message message;
	uint64_t opens = seen.own_opens, lost = seen.lost;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), status;

	CHECK(getsockname(k.listen_fd, (struct sockaddr *)&address, &len) == 0);
	open_files(OPENS / 2);
	drop_deposits();
	(void)close(k.socket);
	open_files(OPENS / 2);
	for (uint64_t end = clock_ms() + 5000; !ring_ended(&k.ring) && clock_ms() < end;)
		drain_for(10);
	CHECK(ring_ended(&k.ring));
	CHECK(connect(fd, (const struct sockaddr *)&address, len) == 0);
	keeper_message_init(&message, KEEPER_HANDOVER, ROLE_KEEPER);
	CHECK(keeper_send(fd, &message, NULL, 0) == 0);
	CHECK(keeper_receive_deposits(fd, (clock_ms() + 5000) * 1000000, k.deposits,
	    &k.deposit_count) == 0);
	(void)close(fd);
	CHECK(waitpid(k.collector, &status, 0) == k.collector && status == 0);
	/* A new keeper has new rings and counters: they begin again, the kernel's numbers go on. */
	ring_detach(&k.ring);
	region_close(&k.data);
	region_close(&k.tail);
	region_close(&k.stats);
	rings_make();
	CHECK(region_create(&k.stats, REGION_STATS_COLLECTOR, STATS_CONTENT) == 0);
	seen.position = 0;
	open_files(OPENS / 2);
	collector_start();
	drain_for(300);
	report("handed over");
	came_or_told(opens, 3 * (OPENS / 2), 0, 0, lost);
	whole();
}

static void
an_asked_collector_drains_and_ends(void)
{
	struct keeper_control *control = region_content(&k.control);
	const struct stats *s = region_content(&k.stats);
	uint64_t opens = seen.own_opens, lost = seen.lost;
	int status;

	open_files(OPENS);
	keeper_control_set(&control->stop[ROLE_COLLECTOR], 1);
	for (uint64_t end = clock_ms() + 5000; !ring_ended(&k.ring) && clock_ms() < end;)
		drain_for(1);
	drain();
	CHECK(waitpid(k.collector, &status, 0) == k.collector && status == 0);
	report("ended");
	came_or_told(opens, OPENS, 0, 0, lost);
	CHECK(seen.types[EV_end] == 1);
	whole();
	printf("attempted %llu = in %llu - repeated %llu + lost %llu\n",
	    (unsigned long long)stats_get(s, STAT_COLLECTOR_attempted),
	    (unsigned long long)stats_get(s, STAT_COLLECTOR_in),
	    (unsigned long long)stats_get(s, STAT_COLLECTOR_repeated),
	    (unsigned long long)stats_get(s, STAT_COLLECTOR_lost_gap));
	CHECK(stats_get(s, STAT_COLLECTOR_attempted) == stats_get(s, STAT_COLLECTOR_in) -
	    stats_get(s, STAT_COLLECTOR_repeated) + stats_get(s, STAT_COLLECTOR_lost_gap));
	CHECK(stats_get(s, STAT_COLLECTOR_in) == stats_get(s, STAT_COLLECTOR_out) +
	    stats_get(s, STAT_COLLECTOR_repeated) + stats_get(s, STAT_COLLECTOR_lost_bad));
}

int
main(void)
{
	const char *build = getenv("B");
	int skip = pipe_needs_bpf();

	if (skip != 0)
		return skip;
	(void)snprintf(k.program, sizeof(k.program), "%s/bin/saker-collector",
	    build ? build : "build");
	(void)alarm(60);
	keeper_make();
	starts_with_a_snapshot_and_sees_every_act();
	keeps_no_right();
	a_killed_collector_is_followed_without_a_gap();
	what_the_kernel_rings_can_not_hold_is_told_exactly();
	a_loss_is_told_once_whoever_is_killed();
	an_idle_collector_sleeps();
	an_orphan_hands_the_probe_over();
	an_asked_collector_drains_and_ends();
	return 0;
}
