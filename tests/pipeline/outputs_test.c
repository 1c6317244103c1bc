/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real keeper, spooler and sink behind a fake evaluator that writes numbered alerts, while the
 * spooler and the sink are killed again and again.  Afterwards each alert stands in the spool
 * exactly once and was delivered at least once, in order; what the quiet beginning took from ring
 * to reader is printed.  Once the pipeline is stopped in order, once its keeper is killed: then
 * the workers drain what is there and end.
 */
#include <errno.h>
#include <sys/wait.h>

#include "fake.h"
#include "record.h"
#include "ring.h"

enum {
	ALERTS = 20000,
	QUIET = 200,
	BURST = 16,
	PAUSE_US = 1000,
	QUIET_PAUSE_MS = 5,
	KILLS = 12,
	TEXT_MAX = 8 << 20
};

static char dir[64];
static char build[PATH_MAX];
static char text[TEXT_MAX];
static size_t text_len;
static uint64_t latency_ns[QUIET];
static uint32_t latency_count;
static pid_t keeper_pid;

static uint64_t
now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* ---- the fake evaluator ---- */

static void
put_text(struct record_writer *writer, uint32_t index, const char *value)
{
	record_put_bytes(writer, index, value, strlen(value), PARAM_EXACT);
}

static void
publish_alert(struct ring *ring, uint64_t position)
{
	static _Alignas(8) uint8_t bytes[4096];
	struct record_writer writer;
	char message[128];
	void *room;
	int len, err;

	(void)snprintf(message, sizeof(message), "act=%llu at=%llu.", (unsigned long long)position,
	    (unsigned long long)now_ns());
	record_begin(&writer, bytes, sizeof(bytes), EV_alert, P_alert_COUNT);
	record_head(&writer)->position = position;
	record_put(&writer, P_alert_priority, 5);
	put_text(&writer, P_alert_rule, "Act");
	put_text(&writer, P_alert_source, "syscall");
	put_text(&writer, P_alert_message, message);
	len = record_end(&writer);
	while ((room = ring_reserve(ring, (uint32_t)len, &err)) == NULL)
		if (err < 0 || ring_wait_room(ring, (uint32_t)len, 10000000) < 0)
			_exit(90);
	memcpy(room, bytes, (size_t)len);
	ring_commit(ring, (uint32_t)len);
	ring_publish(ring, position);
}

static int
evaluator(void)
{
	const struct timespec pause = { 0, PAUSE_US * 1000 };
	static struct ring ring;
	int data, tail;

	if (keeper_join(&fake_keeper, ROLE_EVALUATOR) < 0)
		return 98;
	data = keeper_take_end(&fake_keeper, REGION_ALERT_DATA);
	tail = keeper_take_end(&fake_keeper, REGION_ALERT_TAIL);
	if (ring_attach_producer_take(&ring, data, tail, REGION_ALERT_DATA, 0) < 0)
		return 97;
	(void)keeper_ready(&fake_keeper, 0);
	fake_sleep_ms(200);
	for (uint64_t i = 1; i <= ALERTS; i++) {
		publish_alert(&ring, i);
		if (i <= QUIET)
			fake_sleep_ms(QUIET_PAUSE_MS);
		else if (i % BURST == 0)
			(void)nanosleep(&pause, NULL);
		stats_turn(fake_keeper.stats, 0);
	}
	while (!keeper_stopping(&fake_keeper)) {
		stats_turn(fake_keeper.stats, 0);
		fake_sleep_ms(2);
	}
	ring_end(&ring);
	return 0;
}

/* The collector and the enricher have nothing to do. */
static int
idle(enum role role)
{
	if (keeper_join(&fake_keeper, role) < 0)
		return 98;
	fake_become_user(role);
	(void)keeper_ready(&fake_keeper, 0);
	while (!keeper_stopping(&fake_keeper)) {
		stats_turn(fake_keeper.stats, 0);
		fake_sleep_ms(2);
	}
	return 0;
}

static void
be_worker(const char *self)
{
	if (strstr(self, "/saker-evaluator"))
		exit(evaluator());
	if (strstr(self, "/saker-enricher"))
		exit(idle(ROLE_ENRICHER));
	if (strstr(self, "/saker-collector"))
		exit(idle(ROLE_COLLECTOR));
}

/* ---- the test ---- */

static void
die(const char *what)
{
	char command[128];

	printf("%s: %s\n", what, strerror(errno));
	(void)snprintf(command, sizeof(command), "tail -n 40 %s/log", dir);
	(void)fflush(stdout);
	if (system(command) != 0)
		printf("no log\n");
	if (keeper_pid > 0)
		(void)kill(keeper_pid, SIGKILL);
	exit(1);
}

static void
setup(const char *self)
{
	static const char *const fakes[] = { "evaluator", "enricher", "collector" };
	static const char *const reals[] = { "spooler", "sink" };
	char command[3 * PATH_MAX];

	if (mkdtemp(dir) == NULL || chmod(dir, 0755) < 0)
		die(dir);
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(command, sizeof(command),
		    "mkdir -p %s/bin && cp %s %s/bin/saker-%s && echo '[]' >%s/rules.yaml", dir,
		    self, dir, fakes[i], dir);
		if (system(command) != 0)
			die("copy");
	}
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(command, sizeof(command), "cp %s/bin/saker-%s %s/bin/", build,
		    reals[i], dir);
		if (system(command) != 0)
			die("copy");
	}
}

static void
keeper_exec(int out)
{
	char run[128], spool[128], rules[128], bin[128], log[128], program[PATH_MAX + 32];
	int fd;

	(void)snprintf(run, sizeof(run), "run_dir=%s/run", dir);
	(void)snprintf(spool, sizeof(spool), "spool.dir=%s/spool", dir);
	(void)snprintf(rules, sizeof(rules), "%s/rules.yaml", dir);
	(void)snprintf(bin, sizeof(bin), "%s/bin", dir);
	(void)snprintf(log, sizeof(log), "%s/log", dir);
	(void)snprintf(program, sizeof(program), "%s/bin/saker-keeper", build);
	(void)setenv("SAKER_LIBEXEC", bin, 1);
	if ((fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) < 0)
		_exit(96);
	if (dup2(out, 1) < 0 || dup2(fd, 2) < 0)
		_exit(95);
	(void)execl(program, "saker-keeper", "-c", "/dev/null", "-r", rules, "-o", run, "-o", spool,
	    "-o", "spool.segment_bytes=65536", "-o", "workers.backoff_ms=5", "-o",
	    "workers.backoff_max_ms=20", (char *)NULL);
	_exit(94);
}

/* Note when the acts of the quiet beginning arrived. */
static void
note_latency(size_t from)
{
	uint64_t now = now_ns();

	for (const char *at = text + from; latency_count < QUIET && (at = strstr(at, " at="));
	     at += 4)
		latency_ns[latency_count++] = now - strtoull(at + 4, NULL, 10);
}

/* Read what the sink wrote for MS; -1 at the end. */
static int
listen_ms(int fd, int ms)
{
	uint64_t until = now_ns() + (uint64_t)ms * 1000000u;
	struct pollfd wait = { fd, POLLIN, 0 };

	while (now_ns() < until) {
		ssize_t len;

		if (poll(&wait, 1, 5) <= 0)
			continue;
		len = read(fd, text + text_len, TEXT_MAX - 1 - text_len);
		if (len <= 0)
			return -1;
		text[text_len + (size_t)len] = '\0';
		note_latency(text_len);
		text_len += (size_t)len;
	}
	return 0;
}

/* Kill ROLE.  Returns how often it was started again before. */
static uint32_t
hurt(enum role role)
{
	struct keeper client;
	char run[128];
	uint32_t restarts;
	pid_t pid;

	(void)snprintf(run, sizeof(run), "%s/run", dir);
	if (keeper_connect(&client, run, KEEPER_STATUS) < 0)
		die("status");
	pid = (pid_t)keeper_control_get(&client.control->pids[role]);
	if (pid > 0)
		(void)kill(pid, SIGKILL);
	restarts = keeper_control_get(&client.control->restarts[role]);
	keeper_leave(&client);
	return restarts;
}

/*
 * Each act is in LINES once (or, with REPEATS, at least once), and none before its
 * forerunner's first.
 */
static int
check(const char *where, const char *lines, bool repeats)
{
	uint64_t next = 1, count = 0;

	for (const char *at = lines; (at = strstr(at, "act=")) != NULL; at += 4) {
		uint64_t act = strtoull(at + 4, NULL, 10);

		count++;
		if (act > next || (act < next && !repeats)) {
			printf("%s: act %llu where %llu should be, in:\n%.*s\n", where,
			    (unsigned long long)act, (unsigned long long)next, 600,
			    at - lines > 400 ? at - 400 : lines);
			return 1;
		}
		if (act == next)
			next++;
	}
	printf("%s: %llu acts, %llu of %d different\n", where, (unsigned long long)count,
	    (unsigned long long)next - 1, ALERTS);
	return next - 1 != ALERTS;
}

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int
check_spool(void)
{
	char command[3 * PATH_MAX], path[128];
	char *lines;
	int bad;

	(void)snprintf(command, sizeof(command), "%s/bin/saker-spooler --verify %s/spool && "
	    "%s/bin/saker-spooler --cat %s/spool >%s/cat", build, dir, build, dir, dir);
	if (system(command) != 0)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/cat", dir);
	lines = pipe_read(path);
	bad = check("spool", lines, false);
	free(lines);
	return bad;
}

/* One pipeline, ended by STOP: SIGTERM in order, SIGKILL so that the workers end by themselves. */
static int
one(const char *self, int stop)
{
	uint32_t restarts[2] = { 0, 0 };
	char command[128];
	int fds[2], bad, status;

	(void)snprintf(dir, sizeof(dir), "/tmp/saker-outputs-test.XXXXXX");
	text_len = latency_count = 0;
	text[0] = '\0';
	if (pipe2(fds, O_CLOEXEC) < 0)
		die("pipe");
	setup(self);
	if ((keeper_pid = fork()) == 0)
		keeper_exec(fds[1]);
	(void)close(fds[1]);
	while (latency_count < QUIET && listen_ms(fds[0], 10) == 0)
		continue;
	for (int i = 0; i < KILLS; i++) {
		restarts[i % 2] = hurt(i % 2 == 0 ? ROLE_SPOOLER : ROLE_SINK);
		(void)listen_ms(fds[0], 60);
	}
	(void)snprintf(command, sizeof(command), "act=%d ", ALERTS);
	while (stop == SIGTERM && strstr(text, command) == NULL && listen_ms(fds[0], 10) == 0)
		continue;
	(void)kill(keeper_pid, stop);
	while (listen_ms(fds[0], 10) == 0)
		continue;
	(void)close(fds[0]);
	if (waitpid(keeper_pid, &status, 0) != keeper_pid ||
	    status != (stop == SIGTERM ? 0 : SIGKILL)) {
		printf("the keeper ended with status %x\n", (unsigned)status);
		die("keeper");
	}
	keeper_pid = 0;
	qsort(latency_ns, QUIET, sizeof(latency_ns[0]), by_value);
	printf("ring to reader, %d acts: median %llu us, 99 of 100 %llu us\n", QUIET,
	    (unsigned long long)latency_ns[QUIET / 2] / 1000,
	    (unsigned long long)latency_ns[QUIET * 99 / 100] / 1000);
	printf("restarts: spooler %u, sink %u\n", restarts[0] + 1, restarts[1] + 1);
	bad = check("sink", text, true) | check_spool();
	if (bad)
		die("wrong");
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int
main(void)
{
	char self[PATH_MAX] = "";
	const char *b = getenv("B");

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 1;
	be_worker(self);
	(void)umask(022);
	if (realpath(b ? b : "build", build) == NULL)
		die("build folder");
	return one(self, SIGTERM) != 0 || one(self, SIGKILL) != 0;
}
