/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From inside each worker: system calls are put into the real, jailed processes with ptrace, and
 * what they must not be able to do has to fail there.  Once with users of their own, once in
 * same-uid mode.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipe.h"

#ifndef __x86_64__
int
main(void)
{
	(void)printf("the injected calls are written for x86-64\n");
	return 77;
}
#else

enum argument { A_NONE, A_PATH, A_SHELL };

/* A call that must fail.  PATH arguments point at text written below the worker's stack. */
struct attempt {
	const char *what;
	long number;
	long args[6];
	enum argument text;
	int text_at; /* which argument the text is */
};

static const struct attempt attempts[] = {
	{ "open /etc/passwd", SYS_open, { 0, O_RDONLY }, A_PATH, 0 },
	{ "openat /etc/passwd", SYS_openat, { AT_FDCWD, 0, O_RDONLY }, A_PATH, 1 },
	{ "create a file", SYS_openat, { AT_FDCWD, 0, O_RDWR | O_CREAT, 0600 }, A_PATH, 1 },
	{ "a TCP socket", SYS_socket, { AF_INET, SOCK_STREAM, 0 }, A_NONE, 0 },
	{ "a UNIX socket", SYS_socket, { AF_UNIX, SOCK_STREAM, 0 }, A_NONE, 0 },
	{ "ptrace", SYS_ptrace, { PTRACE_ATTACH, 1 }, A_NONE, 0 },
	{ "kill", SYS_kill, { 1, 0 }, A_NONE, 0 },
	{ "tgkill", SYS_tgkill, { 1, 1, 0 }, A_NONE, 0 },
	{ "process_vm_readv", SYS_process_vm_readv, { 1, 0, 0, 0, 0, 0 }, A_NONE, 0 },
	{ "process_vm_writev", SYS_process_vm_writev, { 1, 0, 0, 0, 0, 0 }, A_NONE, 0 },
	{ "pidfd_open", SYS_pidfd_open, { 1, 0 }, A_NONE, 0 },
	{ "pidfd_getfd", SYS_pidfd_getfd, { 3, 0, 0 }, A_NONE, 0 },
	{ "executable memory", SYS_mmap,
	    { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 }, A_NONE, 0 },
	{ "execve", SYS_execve, { 0, 0, 0 }, A_SHELL, 0 },
	{ "setuid 0", SYS_setresuid, { 0, 0, 0 }, A_NONE, 0 },
	{ "fork", SYS_fork, { 0 }, A_NONE, 0 },
	{ "unshare", SYS_unshare, { 0x10000000 }, A_NONE, 0 },
	{ "mount", SYS_mount, { 0 }, A_NONE, 0 },
	{ "bpf", SYS_bpf, { 5, 0, 0 }, A_NONE, 0 },
	{ "perf_event_open", SYS_perf_event_open, { 0, 0, -1, -1, 0 }, A_NONE, 0 },
	{ "init_module", SYS_init_module, { 0 }, A_NONE, 0 },
};

static const char *const texts[] = {
	[A_NONE] = "", [A_PATH] = "/etc/passwd", [A_SHELL] = "/bin/sh"
};

static int
poke_text(pid_t pid, unsigned long at, const char *text)
{
	char buf[32] = { 0 };

	(void)snprintf(buf, sizeof(buf), "%s", text);
	for (size_t i = 0; i < sizeof(buf); i += sizeof(long)) {
		long word;

		memcpy(&word, buf + i, sizeof(word));
		if (ptrace(PTRACE_POKEDATA, pid, at + i, word) < 0)
			return -errno;
	}
	return 0;
}

/*
 * Make the stopped worker do one system call; its result in *RESULT.  The worker's
 * registers are put back.
 */
static int
inject(pid_t pid, const struct attempt *attempt, long *result)
{
	struct user_regs_struct saved, regs;
	unsigned long text;
	int status;

	if (ptrace(PTRACE_GETREGS, pid, 0, &saved) < 0)
		return -errno;
	regs = saved;
	text =
	    (saved.rsp - 4096) & ~15ul; /* below the red zone: nothing of the worker's is there */
	if (poke_text(pid, text, texts[attempt->text]) < 0)
		return -errno;
	regs.rax = (unsigned long)attempt->number;
	regs.orig_rax = (unsigned long)-1;
	regs.rdi = (unsigned long)attempt->args[0];
	regs.rsi = (unsigned long)attempt->args[1];
	regs.rdx = (unsigned long)attempt->args[2];
	regs.r10 = (unsigned long)attempt->args[3];
	regs.r8 = (unsigned long)attempt->args[4];
	regs.r9 = (unsigned long)attempt->args[5];
	if (attempt->text != A_NONE)
		*(attempt->text_at == 0 ? &regs.rdi : &regs.rsi) = text;
	regs.rip = saved.rip - 2; /* stopped in a system call: its own instruction serves again */
	if (ptrace(PTRACE_SETREGS, pid, 0, &regs) < 0 || ptrace(PTRACE_SINGLESTEP, pid, 0, 0) < 0 ||
	    waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return -ECHILD;
	if (ptrace(PTRACE_GETREGS, pid, 0, &regs) < 0 || ptrace(PTRACE_SETREGS, pid, 0, &saved) < 0)
		return -errno;
	*result = (long)regs.rax;
	return 0;
}

/* Attach and wait until the worker stands at a system call. */
static int
stop_in_call(pid_t pid)
{
	for (int i = 0; i < 200; i++) {
		struct user_regs_struct regs;
		int status;

		if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0 || ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0)
			return -errno;
		if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			return -ECHILD;
		if (ptrace(PTRACE_GETREGS, pid, 0, &regs) == 0 && (long)regs.orig_rax >= 0)
			return 0;
		(void)ptrace(PTRACE_DETACH, pid, 0, 0);
		(void)usleep(1000);
	}
	return -EAGAIN;
}

static int
try_role(const struct pipe_run *run, enum role role)
{
	pid_t pid = pipe_pid(run, role);
	int bad = 0, err;

	if (pid <= 0 || (err = stop_in_call(pid)) < 0)
		return printf("%s: can not be stopped\n", role_name(role)) > 0;
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		long result = 0;

		if ((err = inject(pid, &attempts[i], &result)) < 0) {
			(void)printf("%s: %s: injecting failed: %s\n", role_name(role),
			    attempts[i].what, strerror(-err));
			bad = 1;
			break;
		}
		if (result >= 0 || result < -4095) {
			(void)printf("%s: %s: WENT THROUGH (%ld)\n", role_name(role),
			    attempts[i].what, result);
			bad = 1;
		}
	}
	(void)ptrace(PTRACE_DETACH, pid, 0, 0);
	(void)printf("%s: %s\n", role_name(role), bad ? "BAD" : "nothing went through");
	return bad;
}

static int
one(bool same_uid)
{
	static const enum role roles[] = {
		ROLE_COLLECTOR, ROLE_ENRICHER, ROLE_EVALUATOR, ROLE_SPOOLER, ROLE_SINK
	};
	char *command[] = { (char[]){ "sleep" }, (char[]){ "5" }, NULL };
	struct pipe_run run;
	int bad = 0;

	pipe_init(&run, "bin", "- rule: none\n  desc: none\n  condition: evt.type = open\n"
	    "  output: none\n  priority: DEBUG\n");
	if (same_uid)
		run.options[0] = "workers.same_uid=true";
	pipe_hold(&run, command);
	pipe_start(&run);
	pipe_release(&run);
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		bad |= try_role(&run, roles[i]);
	(void)pipe_wait_command(&run);
	bad |= pipe_stop(&run) != 0; /* all of it still works */
	(void)printf("%s: %s\n", same_uid ? "same uid" : "users of their own",
	    bad ? "BAD" : "good");
	pipe_fini(&run, bad != 0);
	return bad;
}

int
main(void)
{
	int skip = pipe_needs_bpf();

	if (skip)
		return skip;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	(void)printf("sanitizers need more rights than the jail leaves\n");
	return 77;
#endif
	return one(false) | one(true);
}
#endif
