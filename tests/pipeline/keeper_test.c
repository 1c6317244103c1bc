/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper with fake workers that crash, hang, choke on a record, lose their keeper, and try to
 * write where they may only read.
 */
#include <errno.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "fake.h"
#include "interest.h"

#define CHECK(condition) \
	do { \
		if (!(condition)) \
			failed(__LINE__, #condition); \
	} while (0)

static char dir[] = "/tmp/saker-keeper-test.XXXXXX";
static char self[PATH_MAX], keeper_path[PATH_MAX];
static struct keeper client;
static pid_t keeper_pid;

static char *
path_in(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void
show(const char *name)
{
	char *text = pipe_read(path_in(name));

	printf("--- %s\n%s", name, text);
	free(text);
}

static void
failed(int line, const char *condition)
{
	printf("keeper_test.c:%d: %s\n", line, condition);
	show("bin/report");
	show("log");
	if (keeper_pid > 0)
		(void)kill(keeper_pid, SIGKILL);
	exit(1);
}

static void
write_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(path_in(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0 || fchmod(fd, mode) < 0 ||
	    write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		failed(__LINE__, name);
	(void)close(fd);
}

/* What ROLE is to do from its next start on. */
static void
order(const char *role, const char *text)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "bin/do-%s", role);
	write_file(name, text, 0644);
}

static void
copy_program(const char *to)
{
	int in = open(self, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	char buf[65536];
	ssize_t n;

	while ((n = read(in, buf, sizeof(buf))) > 0)
		CHECK(write(out, buf, (size_t)n) == n);
	CHECK(n == 0 && fchmod(out, 0755) == 0);
	(void)close(in);
	(void)close(out);
}

static void
setup(void)
{
	const char *build = getenv("B");
	char first[128], name[64];

	(void)umask(022);
	CHECK(realpath("/proc/self/exe", self));
	(void)snprintf(keeper_path, sizeof(keeper_path), "%s/bin/saker-keeper",
	    build ? build : "build");
	CHECK(mkdtemp(dir) && chmod(dir, 0755) == 0 && mkdir(path_in("bin"), 0755) == 0);
	(void)snprintf(first, sizeof(first), "%s", path_in("bin/saker-evaluator"));
	copy_program(first);
	for (uint32_t role = ROLE_KEEPER + 1; role < ROLE_COUNT; role++) {
		(void)snprintf(name, sizeof(name), "bin/saker-%s", role_name((enum role)role));
		CHECK(role == ROLE_EVALUATOR || link(first, path_in(name)) == 0);
	}
	write_file("rules.yaml", "[]\n", 0644);
}

static void
keeper_exec(int notify)
{
	static char fd[12], run[128], spool[128], rules[128];

	(void)snprintf(fd, sizeof(fd), "%d", notify);
	(void)snprintf(run, sizeof(run), "run_dir=%s/run", dir);
	(void)snprintf(spool, sizeof(spool), "spool.dir=%s/spool", dir);
	(void)snprintf(rules, sizeof(rules), "%s/rules.yaml", dir);
	(void)setenv("SAKER_LIBEXEC", path_in("bin"), 1);
	if (dup2(open(path_in("log"), O_WRONLY | O_CREAT | O_APPEND, 0644), STDERR_FILENO) < 0)
		_exit(96);
	(void)execl(keeper_path, "saker-keeper", "-c", "/dev/null", "-r", rules, "-o", run, "-o",
	    spool, "-o", "workers.backoff_ms=10", "-o", "workers.backoff_max_ms=50", "-o",
	    "workers.hang_ms=300", "--notify-fd", fd, (char *)NULL);
	_exit(95);
}

/* Start a keeper; true when it says that all are ready. */
static bool
start(void)
{
	char line[16] = "";
	int notify[2];

	write_file("bin/report", "", 0666);
	CHECK(pipe(notify) == 0);
	if ((keeper_pid = fork()) == 0) {
		(void)close(notify[0]);
		keeper_exec(notify[1]);
	}
	(void)close(notify[1]);
	(void)!read(notify[0], line, sizeof(line));
	(void)close(notify[0]);
	return strcmp(line, "ready\n") == 0;
}

static int
wait_keeper(void)
{
	int status;

	CHECK(waitpid(keeper_pid, &status, 0) == keeper_pid);
	keeper_pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int
stop(void)
{
	CHECK(kill(keeper_pid, SIGTERM) == 0);
	return wait_keeper();
}

static bool
reported(const char *text)
{
	char *report = pipe_read(path_in("bin/report"));
	bool found = strstr(report, text) != NULL;

	free(report);
	return found;
}

static bool
comes(const char *text)
{
	for (int i = 0; i < 500 && !reported(text); i++)
		fake_sleep_ms(10);
	return reported(text);
}

static int
connect_client(enum keeper_request request)
{
	return keeper_connect(&client, path_in("run"), request);
}

/* A counter of the keeper's. */
static uint64_t
counter(enum stat_id id)
{
	struct region region;
	uint64_t value;

	CHECK(connect_client(KEEPER_STATUS) == 0);
	CHECK(region_attach_take(&region, keeper_take_end(&client, REGION_STATS_KEEPER),
	    REGION_STATS_KEEPER, false) == 0);
	value = stats_get(region_content(&region), id);
	region_close(&region);
	keeper_leave(&client);
	return value;
}

static pid_t
pid_of(enum role role)
{
	pid_t pid;

	CHECK(connect_client(KEEPER_STATUS) == 0);
	pid = (pid_t)client.control->pids[role];
	keeper_leave(&client);
	return pid;
}

static void
workers_start_read_only_and_end_in_order(void)
{
	static const char *const names[] = {
		"collector", "enricher", "evaluator", "spooler", "sink"
	};
	char *report, *at;

	for (size_t i = 0; i < 5; i++)
		order(names[i], "rights");
	CHECK(start());
	CHECK(!reported("wrong"));
	for (size_t i = 0; i < 5; i++) {
		char line[32];

		(void)snprintf(line, sizeof(line), "%s tried\n", names[i]);
		CHECK(reported(line));
		order(names[i], "");
	}
	CHECK(reported("evaluator begins uid 64412 life 1 skip 0 named 1") || geteuid() != 0);
	CHECK(connect_client(KEEPER_STATUS) == 0);
	for (uint32_t role = 0; role < ROLE_COUNT; role++)
		CHECK(client.control->state[role] == WORKER_READY);
	CHECK(client.control->stream_id != 0);
	for (uint32_t i = 0; i < client.end_count; i++)
		CHECK(!client.ends[i].writable);
	keeper_leave(&client);
	CHECK(stop() == 0);
	report = at = pipe_read(path_in("bin/report"));
	for (size_t i = 0; i < 5; i++) {
		char line[32];

		(void)snprintf(line, sizeof(line), "%s ends\n", names[i]);
		CHECK((at = strstr(at, line)));
	}
	free(report);
}

static void
killed_worker_gets_a_successor(void)
{
	order("enricher", "crash 2");
	order("collector", "deposit");
	CHECK(!reported("enricher begins uid 64411 life 3") && start());
	CHECK(comes("life 3"));
	CHECK(comes("collector begins"));
	CHECK(reported("named 0 probe 0") || reported("collector begins"));
	CHECK(kill(pid_of(ROLE_COLLECTOR), SIGKILL) == 0);
	CHECK(comes("life 2 skip 0 named 2 probe 1"));
	CHECK(counter(STAT_KEEPER_restarts) == 3);
	CHECK(counter(STAT_KEEPER_deposits) == 1);
	CHECK(counter(STAT_KEEPER_poisons) == 0);
	order("enricher", "");
	CHECK(stop() == 0);
	order("collector", "");
}

static void
hanging_worker_is_killed(void)
{
	order("spooler", "hang");
	CHECK(start());
	CHECK(comes("spooler begins uid 64413 life 2") || geteuid() != 0);
	CHECK(counter(STAT_KEEPER_hangs) == 1);
	order("spooler", "");
	CHECK(stop() == 0);
}

static void
poison_is_skipped_by_the_third_life(void)
{
	order("enricher", "poison 42");
	CHECK(start());
	CHECK(comes("life 3 skip 42"));
	CHECK(!reported("life 2 skip 42"));
	fake_sleep_ms(100);
	CHECK(!reported("life 4"));
	CHECK(counter(STAT_KEEPER_poisons) == 1);
	order("enricher", "");
	CHECK(stop() == 0);
}

static void
refused_rules_end_the_pipeline(void)
{
	order("evaluator", "exit 1");
	CHECK(!start());
	CHECK(wait_keeper() == 1);
	CHECK(!reported("collector begins"));
	order("evaluator", "exit 3");
	CHECK(!start());
	CHECK(wait_keeper() == 111);
	order("evaluator", "");
}

static void
worker_that_stays_is_killed_after_a_while(void)
{
	uint64_t before;
	struct timespec ts;

	order("sink", "stay");
	CHECK(start());
	CHECK(kill(keeper_pid, SIGTERM) == 0 && comes("spooler ends"));
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	before = (uint64_t)ts.tv_sec;
	CHECK(kill(keeper_pid, SIGINT) == 0); /* insists */
	CHECK(wait_keeper() == 111);
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	CHECK((uint64_t)ts.tv_sec - before < 5);
	order("sink", "");
}

static void
one_tap_at_a_time_and_nothing_of_it_stays(void)
{
	struct interest seen, wanted = { .derived = 5 };
	struct region region;
	uint64_t generation = 0;

	CHECK(start());
	CHECK(connect_client(KEEPER_TAP) == 0);
	CHECK(region_attach_take(&region, keeper_take_end(&client, REGION_TAP_INTEREST),
	    REGION_TAP_INTEREST, true) == 0);
	interest_write(region_content(&region), &wanted);
	CHECK(interest_read(region_content(&region), &seen, &generation) && seen.derived == 5);
	if (fork() == 0)
		_exit(connect_client(KEEPER_TAP) == -EBUSY ? 0 : 1);
	{
		int status;

		CHECK(wait(&status) > 0 && status == 0);
	}
	keeper_leave(&client);
	for (int i = 0; i < 100 && seen.derived != 0; i++) {
		(void)interest_read(region_content(&region), &seen, &generation);
		fake_sleep_ms(10);
	}
	CHECK(seen.derived == 0);
	region_close(&region);
	CHECK(connect_client(KEEPER_TAP) == 0);
	keeper_leave(&client);
	CHECK(stop() == 0);
}

static void
bad_requests_are_counted_and_closed(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	char buf[sizeof(struct keeper_message)];

	CHECK(start());
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/run/keeper.sock", dir);
	CHECK(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	CHECK(send(fd, "hello", 5, MSG_NOSIGNAL) == 5);
	CHECK(recv(fd, buf, sizeof(buf), 0) == (ssize_t)sizeof(buf));
	CHECK(recv(fd, buf, sizeof(buf), 0) == 0);
	(void)close(fd);
	CHECK(connect_client(KEEPER_READY) == -EPROTO);
	CHECK(counter(STAT_KEEPER_bad_requests) == 2);
	/* Another user does not even reach the socket. */
	if (geteuid() == 0 && fork() == 0) {
		if (setgid(65534) < 0 || setuid(65534) < 0)
			_exit(2);
		_exit(connect_client(KEEPER_STATUS) == -EACCES ? 0 : 1);
	}
	if (geteuid() == 0) {
		int status;

		CHECK(wait(&status) > 0 && status == 0);
	}
	CHECK(stop() == 0);
}

static void
new_keeper_takes_over_from_an_orphan(void)
{
	order("collector", "handover");
	CHECK(start());
	CHECK(kill(keeper_pid, SIGKILL) == 0 && wait_keeper() == -SIGKILL);
	CHECK(comes("enricher ends orphaned") && comes("sink ends orphaned"));
	CHECK(start());
	CHECK(comes("collector handed over"));
	CHECK(reported("life 1 skip 0 named 2 probe 1"));
	order("collector", "");
	CHECK(stop() == 0);
}

static void
two_keepers_do_not_share_a_folder(void)
{
	pid_t first;

	CHECK(start());
	first = keeper_pid;
	CHECK(!start());
	CHECK(wait_keeper() == 111);
	keeper_pid = first;
	CHECK(stop() == 0);
}

/* Ask for the rules anew; what came of it. */
static enum keeper_reload
reload(void)
{
	static struct keeper_message verdict;

	CHECK(keeper_reload(path_in("run"), UINT64_C(5000000000), &verdict) == 0);
	CHECK(verdict.value[KEEPER_VERDICT_LINES] <= KEEPER_LINES_MAX);
	for (uint64_t i = 0; i < verdict.value[KEEPER_VERDICT_LINES]; i++)
		CHECK(memchr(verdict.ends[i].name, '\0', KEEPER_NAME_MAX));
	return (enum keeper_reload)verdict.value[KEEPER_VERDICT_RESULT];
}

static uint64_t
rules_in_force(void)
{
	uint64_t hash;

	CHECK(connect_client(KEEPER_STATUS) == 0);
	hash = client.control->rules_hash;
	keeper_leave(&client);
	return hash;
}

static void
rules_change_only_when_the_evaluator_agrees(void)
{
	uint64_t first;

	CHECK(start());
	first = rules_in_force();
	CHECK(first != 0 && reload() == KEEPER_RELOAD_SAME);
	write_file("rules.yaml", "[] # longer\n", 0644);
	for (int i = 0; i < 300 && rules_in_force() == first; i++)
		fake_sleep_ms(10); /* watched: nobody has to ask */
	CHECK(rules_in_force() == first + 9);
	order("evaluator", "refuse");
	CHECK(reload() == KEEPER_RELOAD_REFUSED);
	CHECK(rules_in_force() == first + 9);
	order("evaluator", "perish");
	CHECK(reload() == KEEPER_RELOAD_EVALUATOR);
	CHECK(comes("life 3"));
	order("evaluator", "");
	CHECK(unlink(path_in("rules.yaml")) == 0);
	CHECK(reload() == KEEPER_RELOAD_FILES);
	CHECK(counter(STAT_KEEPER_reloads) == 2);
	CHECK(counter(STAT_KEEPER_reloads_refused) >= 3);
	write_file("rules.yaml", "[]\n", 0644);
	CHECK(reload() == KEEPER_RELOAD_DONE || rules_in_force() == first);
	CHECK(rules_in_force() == first);
	CHECK(stop() == 0);
}

int
main(void)
{
	fake_if_worker();
	setup();
	workers_start_read_only_and_end_in_order();
	killed_worker_gets_a_successor();
	hanging_worker_is_killed();
	poison_is_skipped_by_the_third_life();
	refused_rules_end_the_pipeline();
	worker_that_stays_is_killed_after_a_while();
	one_tap_at_a_time_and_nothing_of_it_stays();
	bad_requests_are_counted_and_closed();
	new_keeper_takes_over_from_an_orphan();
	two_keepers_do_not_share_a_folder();
	rules_change_only_when_the_evaluator_agrees();
	(void)!execlp("rm", "rm", "-rf", dir, (char *)NULL);
	return 1;
}
