/* SPDX-License-Identifier: Apache-2.0 */
/* A pipeline of one's own.  See session.h. */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"

bool
session_possible(void)
{
	if (geteuid() != 0) {
		log_warnx("the probe needs root (or CAP_BPF, CAP_PERFMON, CAP_SETUID and "
		    "CAP_SETGID): try `sudo saker ...`");
		return false;
	}
	if (access("/sys/kernel/btf/vmlinux", R_OK) < 0) {
		log_warn("/sys/kernel/btf/vmlinux");
		log_warnx("the probe needs the kernel's type information: mount sysfs, "
		    "or use a kernel with CONFIG_DEBUG_INFO_BTF=y");
		return false;
	}
	return true;
}

static int
pidfd_open(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

int
session_observer(struct session *session, pid_t pid)
{
	session->observer_fd = pidfd_open(pid);
	if (session->observer_fd >= 0)
		return EXIT_DONE;
	log_warn("watching process %d", (int)pid);
	return EXIT_SYSTEM;
}

/* What ends a run.  They are blocked, and read from a descriptor. */
static void
session_signals(sigset_t *mask)
{
	(void)sigemptyset(mask);
	(void)sigaddset(mask, SIGINT);
	(void)sigaddset(mask, SIGTERM);
	(void)sigaddset(mask, SIGHUP);
	(void)sigaddset(mask, SIGQUIT);
}

/* A folder for one command's sockets and spool, and the settings that put them there. */
static int
session_folder(struct session *session, struct start_args *args)
{
	static char run_dir[160], spool_dir[160];
	const char *parent = getenv("TMPDIR");
	int len = snprintf(session->dir, sizeof(session->dir), "%s/saker-XXXXXX",
	    parent && *parent ? parent : "/tmp");

	if (len >= (int)sizeof(session->dir)) {
		log_warnx("TMPDIR is longer than %zu bytes",
		    sizeof(session->dir) - sizeof("/saker-XXXXXX"));
		session->dir[0] = '\0';
		return EXIT_SYSTEM;
	}
	if (mkdtemp(session->dir) == NULL) {
		log_warn("%s", session->dir);
		session->dir[0] = '\0';
		return EXIT_SYSTEM;
	}
	/* Workers have users of their own: they pass through the folder, its content is theirs. */
	(void)chmod(session->dir, 0711);
	(void)snprintf(run_dir, sizeof(run_dir), "run_dir=%s/run", session->dir);
	(void)snprintf(spool_dir, sizeof(spool_dir), "spool.dir=%s/spool", session->dir);
	start_arg(args, "-o");
	start_arg(args, run_dir);
	start_arg(args, "-o");
	start_arg(args, spool_dir);
	return EXIT_DONE;
}

/* A rule file that holds no rule, instead of those of the configuration. */
static int
session_no_rules(const struct session *session, struct start_args *args)
{
	static char path[160];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/none.yaml", session->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0) {
		log_warn("%s", path);
		return EXIT_SYSTEM;
	}
	(void)close(fd);
	start_arg(args, "-r");
	start_arg(args, path);
	return EXIT_DONE;
}

/* It ends in order when this program is killed: nobody else would end it. */
static void
keeper_child(struct start_args *args, const sigset_t *mask, pid_t parent)
{
	(void)setsid();
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_SYSTEM);
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	_exit(start_exec("saker-keeper", args));
}

static int
session_fork(struct session *session, struct start_args *args)
{
	static char notify_fd[16], scope_pid[24];
	sigset_t empty;
	pid_t parent;
	int notify[2];

	(void)sigemptyset(&empty);
	if (pipe(notify) < 0) {
		log_warn("pipe");
		return EXIT_SYSTEM;
	}
	(void)fcntl(notify[0], F_SETFD, FD_CLOEXEC);
	(void)snprintf(notify_fd, sizeof(notify_fd), "%d", notify[1]);
	start_arg(args, "--notify-fd");
	start_arg(args, notify_fd);
	if (session->command_fd >= 0) {
		(void)snprintf(scope_pid, sizeof(scope_pid), "%d", (int)session->command.pid);
		start_arg(args, "--scope-pid");
		start_arg(args, scope_pid);
	}
	parent = getpid();
	session->keeper = fork();
	if (session->keeper == 0)
		keeper_child(args, &empty, parent);
	(void)close(notify[1]);
	session->notify = notify[0];
	if (session->keeper < 0 || (session->keeper_fd = pidfd_open(session->keeper)) < 0) {
		log_warn("starting the keeper");
		return EXIT_SYSTEM;
	}
	return EXIT_DONE;
}

int
session_start(struct session *session, struct start_args *args, char *const command[], bool bare)
{
	sigset_t mask;

	memset(session, 0, sizeof(*session));
	session->keeper_fd = session->notify = session->command_fd = session->observer_fd = -1;
	session->signal_fd = session->command.gate = -1;
	if (command) {
		if (held_start(&session->command, command) < 0) {
			log_warn("%s", command[0]);
			return EXIT_SYSTEM;
		}
		session->command_fd = pidfd_open(session->command.pid);
		if (session->command_fd < 0)
			return EXIT_SYSTEM;
	}
	if ((command || bare) && session_folder(session, args) != EXIT_DONE)
		return EXIT_SYSTEM;
	if (bare && session_no_rules(session, args) != EXIT_DONE)
		return EXIT_SYSTEM;
	/*
	 * From here on these come through a descriptor; the held command was forked
	 * before and has them as ever.
	 */
	session_signals(&mask);
	session->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	(void)sigaddset(&mask, SIGPIPE); /* a held command that died, told by an error */
	(void)sigprocmask(SIG_BLOCK, &mask, NULL);
	return session_fork(session, args);
}

static int
keeper_code(struct session *session)
{
	int status = 0;

	if (session->keeper <= 0)
		return EXIT_SYSTEM;
	while (waitpid(session->keeper, &status, 0) < 0 && errno == EINTR)
		;
	session->keeper = 0;
	return start_exit_code(status);
}

static void
session_stop_keeper(const struct session *session)
{
	if (session->keeper > 0)
		(void)kill(session->keeper, SIGTERM);
}

int
session_ready(struct session *session)
{
	struct pollfd fds[] = { { session->notify, POLLIN, 0 }, { session->signal_fd, POLLIN, 0 } };
	struct signalfd_siginfo info;
	char line[64];
	int code;

	while (poll(fds, 2, -1) < 0)
		continue; /* EINTR */
	if (fds[0].revents && read(session->notify, line, sizeof(line)) > 0)
		return EXIT_DONE;
	if (!fds[0].revents && read(session->signal_fd, &info, sizeof(info)) > 0) {
		session_stop_keeper(session);
		(void)keeper_code(session);
		return 128 + (int)info.ssi_signo;
	}
	code = keeper_code(session);
	return code == EXIT_DONE ? EXIT_SYSTEM : code;
}

/* True when the command is to go on: a terminal's signals reached it too, others are passed on. */
static bool
command_signalled(const struct session *session, int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return true;
	if (session->command_fd >= 0 && info.ssi_signo != SIGINT && info.ssi_signo != SIGQUIT)
		(void)kill(session->command.pid, (int)info.ssi_signo);
	return session->command_fd >= 0;
}

enum { WAIT_KEEPER, WAIT_COMMAND, WAIT_SIGNAL, WAIT_OBSERVER, WAIT_OUTPUT, WAIT_COUNT };

/*
 * A command goes on when nobody looks any more; without one there is nothing to go on for.  A
 * standard output that was never open is no reason to end.
 */
static bool
nobody_looks(const struct session *session, struct pollfd *fds)
{
	bool output = fds[WAIT_OUTPUT].revents & (POLLERR | POLLHUP);

	if (session->command_fd < 0 && output)
		log_info("nobody reads standard output any more");
	if (fds[WAIT_OUTPUT].revents)
		fds[WAIT_OUTPUT].fd = -1;
	if (!output && !fds[WAIT_OBSERVER].revents)
		return false;
	fds[WAIT_OBSERVER].fd = -1;
	return session->command_fd < 0;
}

static void
wait_for_end(const struct session *session, struct pollfd *fds)
{
	while (true) {
		if (poll(fds, WAIT_COUNT, -1) < 0)
			continue; /* EINTR, and it only looks */
		if (fds[WAIT_KEEPER].revents || fds[WAIT_COMMAND].revents)
			return;
		if (fds[WAIT_SIGNAL].revents && !command_signalled(session, fds[WAIT_SIGNAL].fd))
			return;
		if (nobody_looks(session, fds))
			return;
	}
}

/* Somebody who signals while the keeper ends in order insists: the keeper then ends at once. */
static void
end_keeper(const struct session *session)
{
	struct signalfd_siginfo info;
	struct pollfd fds[] = { { session->keeper_fd, POLLIN, 0 },
		{ session->signal_fd, POLLIN, 0 } };

	/* What came before, such as the interrupt that ended the command too, was no insisting. */
	while (read(session->signal_fd, &info, sizeof(info)) > 0)
		continue;
	session_stop_keeper(session);
	do {
		if (poll(fds, 2, -1) < 0)
			fds[0].revents = 0; /* EINTR */
		else if (fds[1].revents &&
		    read(session->signal_fd, &info, sizeof(info)) > 0)
			session_stop_keeper(session);
	} while (!fds[0].revents);
}

int
session_wait(struct session *session)
{
	struct pollfd fds[WAIT_COUNT] = {
		[WAIT_KEEPER] = { session->keeper_fd, POLLIN, 0 },
		[WAIT_COMMAND] = { session->command_fd, POLLIN, 0 },
		[WAIT_SIGNAL] = { session->signal_fd, POLLIN, 0 },
		[WAIT_OBSERVER] = { session->observer_fd, POLLIN, 0 },
		[WAIT_OUTPUT] = { STDOUT_FILENO, 0, 0 },
	};
	int status = 0, code = EXIT_DONE, keeper;

	held_release(&session->command);
	wait_for_end(session, fds);
	if (fds[WAIT_COMMAND].revents && waitpid(session->command.pid, &status, 0) > 0) {
		session->command.pid = 0;
		code = start_exit_code(status);
	}
	end_keeper(session);
	keeper = keeper_code(session);
	return keeper != EXIT_DONE ? keeper : code;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

void
session_end(struct session *session)
{
	if (session->command.gate >= 0)
		(void)close(session->command.gate);
	if (session->command.pid > 0)
		(void)waitpid(session->command.pid, NULL, WNOHANG);
	if (session->keeper > 0) {
		session_stop_keeper(session);
		(void)keeper_code(session);
	}
	if (session->dir[0] && nftw(session->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS) < 0)
		log_warn("removing %s", session->dir);
	session->dir[0] = '\0';
}
