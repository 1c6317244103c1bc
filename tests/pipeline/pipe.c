/* SPDX-License-Identifier: Apache-2.0 */
/* A pipeline for a test.  See pipe.h. */
#include "pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "fault_page.h"
#include "keeper.h"

static void
die(const struct pipe_run *run, const char *what)
{
	char *log = pipe_read(run->log);

	(void)fprintf(stderr, "%s: %s\n%s\n", what, strerror(errno), log ? log : "");
	if (run->keeper > 0)
		(void)kill(run->keeper, SIGKILL);
	if (run->command > 0)
		(void)kill(run->command, SIGKILL);
	exit(1);
}

int
pipe_needs_bpf(void)
{
	if (geteuid() != 0) {
		(void)printf("needs root\n");
		return 77;
	}
	if (access("/sys/kernel/btf/vmlinux", R_OK) < 0) {
		(void)printf("needs /sys/kernel/btf/vmlinux\n");
		return 77;
	}
	return 0;
}

void
pipe_path(char path[PIPE_PATH], const char *below)
{
	const char *build = getenv("B");

	(void)snprintf(path, PIPE_PATH, "%s/%s", build ? build : "build", below);
}

/*
 * The folder of the programs, as an absolute path that the keeper can be started by from
 * anywhere.
 */
static void
pipe_resolve(struct pipe_run *run, const char *bin)
{
	char below[PIPE_PATH], *path;

	pipe_path(below, bin);
	path = realpath(below, NULL);
	if (path == NULL || strlen(path) >= sizeof(run->bin))
		die(run, below);
	memcpy(run->bin, path, strlen(path) + 1);
	free(path);
}

void
pipe_init(struct pipe_run *run, const char *bin, const char *rules)
{
	int fd;

	memset(run, 0, sizeof(*run));
	run->gate = run->fault_fd = run->stdout_fd = -1;
	(void)snprintf(run->dir, sizeof(run->dir), "/tmp/saker-test-XXXXXX");
	if (mkdtemp(run->dir) == NULL || chmod(run->dir, 0755) < 0)
		die(run, run->dir);
	pipe_resolve(run, bin);
	(void)snprintf(run->rules, sizeof(run->rules), "%s/rules.yaml", run->dir);
	(void)snprintf(run->alerts, sizeof(run->alerts), "%s/alerts", run->dir);
	(void)snprintf(run->log, sizeof(run->log), "%s/log", run->dir);
	fd = open(run->rules, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, rules, strlen(rules)) != (ssize_t)strlen(rules))
		die(run, run->rules);
	(void)close(fd);
}

void
pipe_arm(struct pipe_run *run)
{
	run->fault_fd = memfd_create("faults", 0);
	if (run->fault_fd < 0 || ftruncate(run->fault_fd, sizeof(*run->faults)) < 0)
		die(run, "faults");
	run->faults = mmap(NULL, sizeof(*run->faults), PROT_READ | PROT_WRITE, MAP_SHARED,
	    run->fault_fd, 0);
	if (run->faults == MAP_FAILED)
		die(run, "faults");
}

bool
pipe_kill_at(struct pipe_run *run, const char *name, int passes, int wait_ms)
{
	struct fault_page *page = run->faults;
	pid_t pid = 0;

	(void)snprintf(page->name, sizeof(page->name), "%s", name);
	page->count = passes;
	page->arrived = 0;
	__atomic_store_n(&page->armed, 1, __ATOMIC_RELEASE);
	for (int i = 0; i < wait_ms && pid == 0; i++) {
		clock_pause_ms(1);
		pid = __atomic_load_n(&page->arrived, __ATOMIC_ACQUIRE);
	}
	__atomic_store_n(&page->armed, 0, __ATOMIC_RELEASE);
	if (pid > 0)
		(void)kill(pid, SIGKILL);
	return pid > 0;
}

void
pipe_hold(struct pipe_run *run, char *const command[])
{
	char out[PIPE_PATH + 8], byte;
	int gate[2];

	if (pipe2(gate, O_CLOEXEC) < 0)
		die(run, "pipe");
	(void)snprintf(out, sizeof(out), "%s/out", run->dir);
	if ((run->command = fork()) == 0) {
		int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0644);

		(void)close(gate[1]);
		(void)dup2(fd, 1);
		(void)close(fd);
		if (read(gate[0], &byte, 1) != 1)
			_exit(111);
		(void)execvp(command[0], command);
		_exit(127);
	}
	(void)close(gate[0]);
	run->gate = gate[1];
}

/* In the child: what the keeper is started with. */
static void
keeper_exec(const struct pipe_run *run, int notify)
{
	static char text[8][PIPE_PATH + 32];
	const char *evaluators = getenv("EVALUATORS");
	const char *argv[48] = { text[0], "-r", run->rules, "-o", text[1], "-o", text[2], "-o",
		"json_output=true", "--notify-fd", text[3], "--scope-pid", text[4] };
	size_t count = 13;
	int fd;

	(void)snprintf(text[0], sizeof(text[0]), "%s/saker-keeper", run->bin);
	(void)snprintf(text[1], sizeof(text[1]), "run_dir=%s/run", run->dir);
	(void)snprintf(text[2], sizeof(text[2]), "spool.dir=%s/spool", run->dir);
	(void)snprintf(text[3], sizeof(text[3]), "%d", notify);
	(void)snprintf(text[4], sizeof(text[4]), "%d", (int)run->command);
	if (run->command == 0)
		count -= 2;
	if (evaluators) {
		(void)snprintf(text[5], sizeof(text[5]), "evaluators=%s", evaluators);
		argv[count++] = "-o";
		argv[count++] = text[5];
	}
	for (size_t i = 0; run->options[i] && count < 45; i++) {
		argv[count++] = "-o";
		argv[count++] = run->options[i];
	}
	argv[count] = NULL;
	if (run->fault_fd >= 0)
		(void)dup2(run->fault_fd, FAULT_FD);
	fd = run->stdout_fd >= 0 ? run->stdout_fd
				 : open(run->alerts, O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (fd >= 0)
		(void)dup2(fd, 1);
	if ((fd = open(run->log, O_WRONLY | O_CREAT | O_APPEND, 0644)) >= 0)
		(void)dup2(fd, 2);
	(void)execv(text[0], (char *const *)(const void *)argv);
	_exit(127);
}

void
pipe_start(struct pipe_run *run)
{
	struct pollfd ready;
	int notify[2];
	char byte;

	if (pipe(notify) < 0)
		die(run, "pipe");
	(void)fcntl(notify[0], F_SETFD, FD_CLOEXEC);
	if ((run->keeper = fork()) == 0)
		keeper_exec(run, notify[1]);
	(void)close(notify[1]);
	ready = (struct pollfd){ notify[0], POLLIN, 0 };
	if (poll(&ready, 1, 30000) != 1 || read(notify[0], &byte, 1) != 1)
		die(run, "the keeper did not become ready");
	(void)close(notify[0]);
}

void
pipe_release(struct pipe_run *run)
{
	if (write(run->gate, "", 1) != 1)
		die(run, "gate");
	(void)close(run->gate);
	run->gate = -1;
}

static int
wait_code(pid_t *pid)
{
	int status = 0;

	if (*pid <= 0)
		return 111;
	while (waitpid(*pid, &status, 0) < 0 && errno == EINTR)
		;
	*pid = 0;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int
pipe_wait_command(struct pipe_run *run)
{
	return wait_code(&run->command);
}

int
pipe_stop(struct pipe_run *run)
{
	if (run->keeper > 0)
		(void)kill(run->keeper, SIGTERM);
	return wait_code(&run->keeper);
}

static bool
pipe_connect(const struct pipe_run *run, struct keeper *keeper)
{
	char dir[PIPE_PATH + 8];

	(void)snprintf(dir, sizeof(dir), "%s/run", run->dir);
	return keeper_connect(keeper, dir, KEEPER_STATUS) == 0;
}

pid_t
pipe_pid(const struct pipe_run *run, enum role role)
{
	return pipe_pid_of(run, role, 0);
}

pid_t
pipe_pid_of(const struct pipe_run *run, enum role role, uint32_t index)
{
	static struct keeper keeper;
	uint32_t seat = keeper_seat(role, index);
	pid_t pid = 0;

	if (role == ROLE_KEEPER)
		return run->keeper;
	if (!pipe_connect(run, &keeper))
		return 0;
	if (keeper.control->state[seat] == WORKER_READY)
		pid = (pid_t)keeper.control->pids[seat];
	keeper_leave(&keeper);
	return pid;
}

long long
pipe_stat(const struct pipe_run *run, enum stat_id id)
{
	static struct keeper keeper;
	enum region_kind kind = role_stats_region((enum role)stat_info(id)->role);
	struct region region;
	long long value = -1;
	int fd;

	if (!pipe_connect(run, &keeper))
		return -1;
	while ((fd = keeper_take_end(&keeper, kind)) >= 0) {
		if (region_attach_take(&region, fd, kind, false) < 0)
			continue;
		value = (value < 0 ? 0 : value) + (long long)stats_get(region_content(&region), id);
		region_close(&region);
	}
	keeper_leave(&keeper);
	return value;
}

long long
pipe_losses(const struct pipe_run *run)
{
	long long sum = 0;

	for (uint32_t id = 0; id < STAT_COUNT; id++) {
		long long value;

		if (stat_info(id)->severity != STAT_SEVERITY_LOSS)
			continue;
		if ((value = pipe_stat(run, (enum stat_id)id)) < 0)
			return -1;
		if (value > 0)
			(void)printf("loss: %s %s %lld\n",
			    role_name((enum role)stat_info(id)->role), stat_info(id)->name, value);
		sum += value;
	}
	return sum;
}

struct equation {
	const char *what;
	enum stat_id left[4];  /* ended by STAT_COUNT */
	enum stat_id right[6];
};

static const struct equation equations[] = {
	{ "kernel to collector", { STAT_COLLECTOR_attempted, STAT_COUNT },
	    { STAT_COLLECTOR_in, STAT_COLLECTOR_lost_gap, STAT_COUNT } },
	{ "collector", { STAT_COLLECTOR_in, STAT_COUNT },
	    { STAT_COLLECTOR_out, STAT_COLLECTOR_lost_bad, STAT_COLLECTOR_lost_poison,
		STAT_COLLECTOR_repeated, STAT_COUNT } },
	{ "collector to enricher", { STAT_COLLECTOR_out, STAT_COLLECTOR_own, STAT_COUNT },
	    { STAT_ENRICHER_in, STAT_COUNT } },
	{ "enricher", { STAT_ENRICHER_in, STAT_COUNT },
	    { STAT_ENRICHER_out, STAT_ENRICHER_filtered, STAT_ENRICHER_lost_bad,
		STAT_ENRICHER_lost_poison, STAT_ENRICHER_repeated, STAT_COUNT } },
	{ "enricher to evaluator", { STAT_ENRICHER_out, STAT_ENRICHER_copies, STAT_COUNT },
	    { STAT_EVALUATOR_in, STAT_COUNT } },
	{ "evaluator to spooler", { STAT_EVALUATOR_out, STAT_COUNT },
	    { STAT_SPOOLER_in, STAT_COUNT } },
	{ "spooler", { STAT_SPOOLER_in, STAT_COUNT },
	    { STAT_SPOOLER_out, STAT_SPOOLER_repeated, STAT_COUNT } },
	{ "spooler to sink", { STAT_SPOOLER_out, STAT_COUNT }, { STAT_SINK_out, STAT_COUNT } },
};

static long long
stat_sum(const struct pipe_run *run, const enum stat_id *ids)
{
	long long sum = 0;

	for (; *ids != STAT_COUNT; ids++)
		sum += pipe_stat(run, *ids);
	return sum;
}

int
pipe_equations(const struct pipe_run *run)
{
	int wrong = 0;

	for (size_t i = 0; i < sizeof(equations) / sizeof(equations[0]); i++) {
		long long left = 0, right = 1;

		/* A tick may be between two hops while we look. */
		for (int attempt = 0; attempt < 20 && left != right; attempt++) {
			if (attempt > 0)
				(void)usleep(20000);
			left = stat_sum(run, equations[i].left);
			right = stat_sum(run, equations[i].right);
		}
		if (left != right)
			wrong +=
			    printf("%s: %lld is not %lld\n", equations[i].what, left, right) > 0;
	}
	return wrong;
}

char *
pipe_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *text;
	ssize_t len;

	if (fd < 0 || fstat(fd, &st) < 0)
		st.st_size = 0;
	if ((text = calloc(1, (size_t)st.st_size + 1)) == NULL)
		abort();
	len = read(fd, text, (size_t)st.st_size);
	text[len > 0 ? len : 0] = '\0';
	if (fd >= 0)
		(void)close(fd);
	return text;
}

size_t
pipe_count(const char *text, const char *needle)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, needle)) != NULL; at += strlen(needle))
		count++;
	return count;
}

char *
pipe_spool(const struct pipe_run *run)
{
	char command[4 * PIPE_PATH], out[PIPE_PATH + 16];

	(void)snprintf(out, sizeof(out), "%s/spool.json", run->dir);
	(void)snprintf(command, sizeof(command), "%s/saker-spooler --cat %s/spool --json >%s 2>>%s",
	    run->bin, run->dir, out, run->log);
	if (system(command) != 0)
		(void)printf("reading the spool failed\n");
	return pipe_read(out);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
pipe_fini(struct pipe_run *run, bool failed)
{
	if (run->command > 0)
		(void)kill(run->command, SIGKILL);
	if (run->keeper > 0)
		(void)pipe_stop(run);
	if (failed) {
		char *log = pipe_read(run->log);
		size_t len = strlen(log);

		(void)printf("log:\n%s\n", log + (len > 4000 ? len - 4000 : 0));
		free(log);
	}
	if (run->faults) {
		(void)munmap(run->faults, sizeof(*run->faults));
		(void)close(run->fault_fd);
	}
	(void)nftw(run->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
