/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From fork to exec.  The child runs as its own user before any byte of its program does; only the
 * collector stays root until it has loaded the probe, with no more capabilities than that takes.
 */
#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault_page.h"
#include "jail.h"
#include "log.h"
#include "pipeline.h"
#include "rights.h"

static int
program_path(char *path, size_t size, const char *folder, enum role role)
{
	int len = snprintf(path, size, "%s/saker-%s", folder, role_name(role));

	return len < 0 || (size_t)len >= size ? -ENAMETOOLONG : 0;
}

/* True when FOLDER has the first program of the table; then the others are taken to be there. */
static bool
folder_fits(const char *folder)
{
	char path[PATH_MAX];

	return program_path(path, sizeof(path), folder, procs[0].role) == 0 &&
	    access(path, X_OK) == 0;
}

int
start_find(struct pipeline *pipeline)
{
	const char *named = secure_getenv("SAKER_LIBEXEC");
	char self[PATH_MAX], beside[PATH_MAX + sizeof("/../libexec/saker")];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	self[len > 0 ? len : 0] = '\0';
	if ((slash = strrchr(self, '/')))
		*slash = '\0';
	(void)snprintf(beside, sizeof(beside), "%s/../libexec/saker", self);
	if (named || folder_fits(self)) {
		if (realpath(named ? named : self, pipeline->libexec))
			return 0;
	} else if (realpath(beside, pipeline->libexec) && folder_fits(pipeline->libexec)) {
		return 0;
	}
	log_warnx("the workers' programs, such as saker-%s, are not in %s",
	    role_name(procs[0].role), named ? named : self);
	return -ENOENT;
}

/* The child ends; its exit code is all its parent learns, so the reason is said here. */
static void
child_fail(const char *what)
{
	log_warn("%s", what);
	_exit(EXIT_SYSTEM);
}

/*
 * Only the keeper is told by signals to end; workers are told through shared memory, each when its
 * turn has come.  A terminal's or a service manager's signal to the whole group must not end them
 * out of order.  What is ignored stays so across exec.
 */
static void
child_signals(void)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t none;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		(void)sigaction(ignored[i], &ignore, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)setsid();
}

/* Before Linux 5.9 there is no close_range. */
static void
child_close(unsigned int first, unsigned int last)
{
	long max = sysconf(_SC_OPEN_MAX);

	if (syscall(SYS_close_range, first, last, 0) == 0)
		return;
	for (unsigned int fd = first; fd <= last && (long)fd < max; fd++)
		(void)close((int)fd);
}

static void
child_descriptors(const struct pipeline *pipeline, const struct proc_def *def, int socket)
{
	if (dup2(pipeline->null_fd, STDIN_FILENO) < 0 ||
	    (!def->keeps_stdout && dup2(pipeline->null_fd, STDOUT_FILENO) < 0))
		child_fail("/dev/null");
	if (socket == KEEPER_FD ? fcntl(socket, F_SETFD, 0) < 0 : dup2(socket, KEEPER_FD) < 0)
		child_fail("socket of a worker");
#ifdef SAKER_FAULTS
	child_close(KEEPER_FD + 1, FAULT_FD - 1);
	child_close(FAULT_FD + 1, ~0U);
#else
	child_close(KEEPER_FD + 1, ~0U);
#endif
}

static void
child_ids(const struct pipeline *pipeline, const struct proc_def *def)
{
	enum role role = def->starts_as_root ? ROLE_KEEPER : def->role;
	const struct user *user = &pipeline->users.roles[role];
	int err;

	if (!rights_may_change_ids())
		return;
	if ((err = jail_ids(user->uid, user->gid, rights_permitted(def->caps))) < 0) {
		errno = -err;
		child_fail("becoming the user of a worker");
	}
}

static void
child_run(const struct pipeline *pipeline, const struct proc_def *def, int socket)
{
	char path[PATH_MAX], name[PROC_PROGRAM_MAX];
	char *argv[] = { name, NULL };
	int program = -1;

	child_signals();
	child_descriptors(pipeline, def, socket);
	/*
	 * The program is found by the keeper's rights and executed by its descriptor: a worker's
	 * user need not be able to pass through the folders above it, such as root's home.
	 */
	if (program_path(path, sizeof(path), pipeline->libexec, def->role) < 0 ||
	    (program = open(path, O_PATH | O_CLOEXEC)) < 0)
		child_fail(path);
	child_ids(pipeline, def);
	(void)snprintf(name, sizeof(name), "saker-%s", role_name(def->role));
	(void)syscall(SYS_execveat, program, "", argv, environ, AT_EMPTY_PATH);
	child_fail(path);
}

static int
pidfd_open(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : fd;
}

/* Without a pidfd a worker can not be watched: it is ended again. */
static int
watch(struct worker *worker, pid_t pid, int socket)
{
	int pidfd = pidfd_open(pid);

	if (pidfd < 0) {
		errno = -pidfd;
		log_warn("pidfd of %s", worker->name);
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		(void)close(socket);
		return pidfd;
	}
	worker->pid = pid;
	worker->pidfd = pidfd;
	worker->socket = socket;
	return 0;
}

int
start_worker(const struct pipeline *pipeline, struct worker *worker)
{
	int pair[2], err;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		err = -errno;
		log_warn("socket of a worker");
		return err;
	}
	rights_raise();
	if ((pid = fork()) == 0)
		child_run(pipeline, worker->def, pair[1]);
	err = pid < 0 ? -errno : 0;
	(void)close(pair[1]);
	if (err == 0)
		err = watch(worker, pid, pair[0]);
	else
		(void)close(pair[0]);
	rights_lower();
	if (err < 0) {
		errno = -err;
		log_warn("starting %s", worker->name);
	}
	return err;
}

void
start_kill(const struct worker *worker)
{
	if (worker->pidfd < 0)
		return;
	rights_raise();
	if (syscall(SYS_pidfd_send_signal, worker->pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		log_warn("killing %s (pid %d)", worker->name, worker->pid);
	rights_lower();
}
