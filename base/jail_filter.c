/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seccomp filter: what every process needs, some of it only with certain arguments, and what
 * the process adds.  Anything else fails with EPERM, which a program reports and a test can see.
 */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>

#include "jail_steps.h"
#include "log.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static const char *const common[] = {
	/* use what is open */
	"read", "readv", "write", "writev", "close", "fstat", "recvmsg", "sendmsg",
	/* wait and wake */
	"poll", "ppoll", "futex", "nanosleep", "clock_nanosleep", "restart_syscall", "sched_yield",
	/* memory, but see filter_memory() for what maps it */
	"munmap", "mremap", "madvise", "brk",
	/* time, identity, chance */
	"clock_gettime", "clock_getres", "gettimeofday", "getpid", "gettid", "getrandom",
	/* signals that arrive */
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigtimedwait",
	"sigaltstack",
	"exit", "exit_group",
};

/*
 * What no worker may list: reach into or signal another process, start a program, change what
 * others have mapped, make code, gain rights.  Of the last three the filter itself allows a part.
 */
static const char *const forbidden[] = {
	"ptrace", "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
	"pidfd_send_signal", "pidfd_getfd", "process_vm_readv", "process_vm_writev",
	"process_madvise", "execve", "execveat", "ftruncate", "truncate", "fallocate",
	"memfd_create", "memfd_secret", "pkey_mprotect", "shmat", "personality", "prctl",
	"seccomp", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "capset",
	"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups",
	"setfsuid", "setfsgid", "unshare", "setns", "chroot", "pivot_root", "mount", "umount2",
	"init_module", "finit_module", "delete_module", "kexec_load", "open_by_handle_at",
	"mmap", "mprotect", "fcntl",
};

/*
 * What a right over some path excuses.  Shared memory stays safe from the first two: its regions
 * are sealed against any change of size.
 */
static const struct {
	const char *name;
	enum jail_right right;
} excuses[] = {
	{ "fallocate", JAIL_WRITE },
	{ "ftruncate", JAIL_WRITE },
	{ "execve", JAIL_EXECUTE },
	{ "execveat", JAIL_EXECUTE },
};

/* The commands of fcntl: not seals, and not the owner of a descriptor, who could be signalled. */
static const int fcntl_commands[] = {
	F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD, F_DUPFD_CLOEXEC, F_GET_SEALS,
};

static bool
filter_excuses(const struct jail *jail, const char *name)
{
	unsigned int rights = 0;
	size_t i;

	for (i = 0; i < jail->path_count; i++)
		rights |= jail->paths[i].rights;
	for (i = 0; i < COUNT_OF(excuses); i++) {
		if ((rights & excuses[i].right) && strcmp(excuses[i].name, name) == 0)
			return true;
	}
	return false;
}

static bool
filter_forbids(const struct jail *jail, const char *name)
{
	size_t i;

	if (jail->supervisor || filter_excuses(jail, name))
		return false;
	for (i = 0; i < COUNT_OF(forbidden); i++) {
		if (strcmp(forbidden[i], name) == 0)
			return true;
	}
	return false;
}

/* Allow the system call NAME, whatever its arguments; skip one that only other machines have. */
static int
filter_name(scmp_filter_ctx filter, const struct jail *jail, const char *name)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number == __NR_SCMP_ERROR) {
		log_warnx("%s: jail: there is no system call \"%s\"", jail->name, name);
		return -EINVAL;
	}
	return number < 0 ? 0 : seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
}

static int
filter_common(scmp_filter_ctx filter, const struct jail *jail)
{
	size_t i;
	int err;

	for (i = 0; i < COUNT_OF(common); i++) {
		if ((err = filter_name(filter, jail, common[i])) < 0)
			return err;
	}
	return 0;
}

static int
filter_own(scmp_filter_ctx filter, const struct jail *jail)
{
	const char *const *name = jail->syscalls;
	int err;

	for (; name && *name; name++) {
		if (filter_forbids(jail, *name)) {
			log_warnx("%s: jail: \"%s\" is a system call that it may not have",
			    jail->name, *name);
			return -EINVAL;
		}
		if ((err = filter_name(filter, jail, *name)) < 0)
			return err;
	}
	return 0;
}

/* Memory may be mapped and protected, but never made executable. */
static int
filter_memory(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(mprotect) };
	size_t i;
	int err;

	for (i = 0; i < COUNT_OF(calls); i++) {
		if (calls[i] < 0)
			continue;
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
		if (err < 0)
			return err;
	}
	return 0;
}

static int
filter_fcntl(scmp_filter_ctx filter)
{
	size_t i;
	int err;

	for (i = 0; i < COUNT_OF(fcntl_commands); i++) {
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
		    SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)fcntl_commands[i], 0));
		if (err < 0)
			return err;
	}
	return 0;
}

int
jail_filter_load(const struct jail *jail)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err;

	if (!filter)
		return -ENOMEM;
	/* A binary tree: the hot calls of a long list are found in a few steps. */
	if ((err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2)) < 0 ||
	    (err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1)) < 0 ||
	    (err = filter_common(filter, jail)) < 0 ||
	    (err = filter_memory(filter)) < 0 ||
	    (err = filter_fcntl(filter)) < 0 ||
	    (err = filter_own(filter, jail)) < 0)
		goto done;
	err = seccomp_load(filter);
done:
	seccomp_release(filter);
	return err;
}
