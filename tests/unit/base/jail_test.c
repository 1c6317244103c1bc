/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker can not do, and the little that it can, by seccomp and by capabilities. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "jail.h"
#include "unit/base/jail_child.h"

static void
expect_inside(const char *const *syscalls, void (*attempt)(void))
{
	struct jail jail = { .name = "test", .syscalls = syscalls };

	require_whole_jail();
	assert_int_equal(inside(&jail, attempt), CHILD_OK);
}

static void
try_ordinary_work(void)
{
	struct timespec brief = { 0, 1000 };
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, shared_fd, 0);
	void *memory = malloc(1 << 20);

	HOLDS(page != MAP_FAILED);
	page[0] = 1;
	HOLDS(mprotect(page, 4096, PROT_READ) == 0);
	HOLDS(munmap(page, 4096) == 0);
	HOLDS(memory != NULL);
	free(memory);
	HOLDS(write(2, "", 0) == 0);
	HOLDS(nanosleep(&brief, NULL) == 0);
	HOLDS(clock_gettime(CLOCK_BOOTTIME, &brief) == 0);
	HOLDS(getpid() > 0);
	HOLDS(fcntl(shared_fd, F_GETFD) == FD_CLOEXEC);
	HOLDS(fcntl(shared_fd, F_GET_SEALS) >= 0);
	HOLDS(signal(SIGTERM, SIG_IGN) != SIG_ERR);
	HOLDS(close(shared_fd) == 0);
}

static void
what_every_worker_needs_is_allowed(void **state)
{
	(void)state;
	expect_inside(NULL, try_ordinary_work);
}

static void
try_files(void)
{
	REFUSED(open("/etc/passwd", O_RDONLY));
	REFUSED(open("/dev/null", O_RDONLY));
	REFUSED(mkdir("/tmp/jail_test_never", 0700));
	REFUSED(unlink("/tmp/jail_test_never"));
	REFUSED(access("/", R_OK));
	REFUSED(chdir("/"));
	REFUSED(memfd_create("x", 0));
}

static void
files_can_not_be_opened(void **state)
{
	(void)state;
	expect_inside(NULL, try_files);
}

static void
try_sockets(void)
{
	int pair[2];

	REFUSED(socket(AF_INET, SOCK_STREAM, 0));
	REFUSED(socket(AF_UNIX, SOCK_STREAM, 0));
	REFUSED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}

static void
sockets_can_not_be_made(void **state)
{
	(void)state;
	expect_inside(NULL, try_sockets);
}

static void
try_other_processes(void)
{
	char byte = 0;
	struct iovec local = { &byte, 1 }, remote = { &byte, 1 };
	pid_t parent = getppid();

	REFUSED(ptrace(PTRACE_ATTACH, parent, NULL, NULL));
	REFUSED(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	REFUSED(kill(parent, 0));
	REFUSED(kill(getpid(), SIGKILL));
	REFUSED(syscall(SYS_tgkill, getpid(), gettid(), SIGKILL));
	REFUSED(process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
	REFUSED(process_vm_writev(getpid(), &local, 1, &remote, 1, 0));
	REFUSED(syscall(SYS_pidfd_open, parent, 0));
	REFUSED(syscall(SYS_pidfd_getfd, 0, 0, 0));
	REFUSED(syscall(SYS_pidfd_send_signal, 0, 0, NULL, 0));
	REFUSED(fcntl(shared_fd, F_SETOWN, parent));
	REFUSED(fcntl(shared_fd, F_SETSIG, SIGKILL));
	REFUSED(setpriority(PRIO_PROCESS, 0, 5));
}

static void
other_processes_can_not_be_reached(void **state)
{
	(void)state;
	expect_inside(NULL, try_other_processes);
}

static void
try_programs(void)
{
	char *const arguments[] = { "true", NULL };

	REFUSED(execve("/bin/true", arguments, NULL));
	REFUSED(syscall(SYS_execveat, shared_fd, "", arguments, NULL, AT_EMPTY_PATH));
	REFUSED(fork());
}

static void
programs_can_not_be_started(void **state)
{
	(void)state;
	expect_inside(NULL, try_programs);
}

static void
try_executable_memory(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	HOLDS(page != MAP_FAILED);
	REFUSED(mprotect(page, 4096, PROT_READ | PROT_EXEC));
	REFUSED(syscall(SYS_pkey_mprotect, page, 4096, PROT_READ | PROT_EXEC, -1));
	HOLDS(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0) == MAP_FAILED && errno == EPERM);
	HOLDS(mmap(NULL, 4096, PROT_EXEC, MAP_SHARED, shared_fd, 0) == MAP_FAILED &&
	    errno == EPERM);
}

static void
memory_can_not_be_made_executable(void **state)
{
	(void)state;
	expect_inside(NULL, try_executable_memory);
}

static void
try_shared_memory(void)
{
	REFUSED(fcntl(shared_fd, F_ADD_SEALS, F_SEAL_WRITE));
	REFUSED(syscall(SYS_fcntl, shared_fd, F_ADD_SEALS | 1UL << 32, F_SEAL_WRITE));
	REFUSED(ftruncate(shared_fd, 0));
	REFUSED(fallocate(shared_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
	HOLDS(fcntl(shared_fd, F_GET_SEALS) == 0);
}

static void
shared_memory_can_not_be_cut_or_sealed(void **state)
{
	(void)state;
	expect_inside(NULL, try_shared_memory);
}

static void
try_privileges(void)
{
	REFUSED(setuid(0));
	REFUSED(chroot("/"));
	REFUSED(unshare(CLONE_NEWUSER));
	REFUSED(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	REFUSED(syscall(SYS_seccomp, 0, 0, NULL));
	REFUSED(syscall(SYS_bpf, 0, NULL, 0));
	REFUSED(syscall(SYS_io_uring_setup, 1, NULL));
	REFUSED(syscall(SYS_personality, 0x0400000 /* READ_IMPLIES_EXEC */));
}

static void
privileges_can_not_be_gained(void **state)
{
	(void)state;
	expect_inside(NULL, try_privileges);
}

static void
try_state(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct half[2];
	struct rlimit core;

	HOLDS(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	HOLDS(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	HOLDS(prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2);
	HOLDS(getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0);
	HOLDS(syscall(SYS_capget, &header, half) == 0);
	HOLDS(half[0].permitted == 0 && half[1].permitted == 0);
	HOLDS(half[0].effective == 0 && half[1].effective == 0);
	HOLDS(half[0].inheritable == 0 && half[1].inheritable == 0);
}

static void
state_of_the_process_is_locked(void **state)
{
	struct jail jail = { .name = "test", .supervisor = true, /* it may look with prctl */
		.syscalls = (const char *const[]){ "prctl", "prlimit64", "capget", NULL } };

	(void)state;
	require_whole_jail();
	assert_int_equal(inside(&jail, try_state), CHILD_OK);
}

static struct __user_cap_data_struct caps_before[2], caps_kept[2];

static int
caps_read(struct __user_cap_data_struct half[2])
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };

	return (int)syscall(SYS_capget, &header, half);
}

static void
try_kept_capability(void)
{
	struct __user_cap_data_struct half[2];

	HOLDS(caps_read(half) == 0);
	HOLDS(half[0].permitted == caps_kept[0].permitted);
	HOLDS(half[1].permitted == caps_kept[1].permitted);
	HOLDS(half[0].effective == caps_kept[0].permitted);
}

static void
named_capabilities_stay_as_far_as_they_are_there(void **state)
{
	struct jail jail = { .name = "test",
		.keep_caps = 1ULL << CAP_CHOWN | 1ULL << CAP_MAC_OVERRIDE,
		.syscalls = (const char *const[]){ "capget", NULL } };

	(void)state;
	static_assert(CAP_CHOWN == 0 && CAP_MAC_OVERRIDE == 32, "the first of each half");
	assert_int_equal(caps_read(caps_before), 0);
	caps_kept[0].permitted = caps_before[0].permitted & 1;
	caps_kept[1].permitted = caps_before[1].permitted & 1;
	assert_int_equal(inside(&jail, try_kept_capability), CHILD_OK);
}

static void
lists_with_wrong_names_are_refused(void **state)
{
	static const char *const unknown[] = { "read", "raed", NULL };
	static const char *const taboo[][2] = { { "kill", NULL }, { "ptrace", NULL },
		{ "mmap", NULL }, { "fcntl", NULL }, { "execve", NULL }, { "fallocate", NULL },
		{ "process_vm_readv", NULL }, { "pidfd_getfd", NULL }, { "ftruncate", NULL } };
	struct jail jail = { .name = "test", .syscalls = unknown };
	size_t i;

	(void)state;
	require_whole_jail();
	assert_int_equal(inside(&jail, nothing), CHILD_REFUSED_ENTRY);
	for (i = 0; i < sizeof(taboo) / sizeof(taboo[0]); i++) {
		jail.syscalls = taboo[i];
		assert_int_equal(inside(&jail, nothing), CHILD_REFUSED_ENTRY);
	}
	jail.supervisor = true;
	jail.syscalls = taboo[0];
	assert_int_equal(inside(&jail, nothing), CHILD_OK);
}

/* In a child, because none of it can be taken back: become somebody, then look. */
static int
as_somebody(uint64_t ambient, void (*look)(void))
{
	pid_t child = fork();
	int status = 0;

	assert_true(child >= 0);
	if (child == 0) {
		HOLDS(jail_ids(64499, 64499, ambient) == 0);
		look();
		_exit(CHILD_OK);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
look_at_ids(void)
{
	uid_t ids[3];

	HOLDS(getresuid(&ids[0], &ids[1], &ids[2]) == 0);
	HOLDS(ids[0] == 64499 && ids[1] == 64499 && ids[2] == 64499);
	HOLDS(getgid() == 64499 && getegid() == 64499 && getgroups(0, NULL) == 0);
	REFUSED(setuid(0));
	REFUSED(chroot("/"));
}

static void
look_at_jail_with_root(void)
{
	struct jail jail = { .name = "test", .root = "/" };
	struct jail_report own;

	HOLDS(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_SYS_CHROOT, 0, 0) == 1);
	HOLDS(prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0) == 0);
	HOLDS(jail_enter(&jail, &own) == 0);
	HOLDS((own.missing & (JAIL_NO_ROOT | JAIL_BOUNDING_KEPT)) == 0);
}

static void
look_at_jail_without_root(void)
{
	struct jail jail = { .name = "test", .root = "/" };
	struct jail_report own;

	HOLDS(jail_enter(&jail, &own) == 0);
	HOLDS(own.missing & (JAIL_NO_ROOT | JAIL_SANITIZER));
}

static void
ids_are_taken_for_good(void **state)
{
	(void)state;
	if (getuid() != 0) {
		print_message("skipped: only root can become somebody else\n");
		skip();
	}
	assert_int_equal(as_somebody(0, look_at_ids), CHILD_OK);
	assert_int_equal(as_somebody(1ULL << CAP_SYS_CHROOT, look_at_jail_with_root), CHILD_OK);
	assert_int_equal(as_somebody(0, look_at_jail_without_root), CHILD_OK);
}

static void
report_says_what_is_missing(void **state)
{
	char buf[512];
	struct text text;
	uint32_t bit;

	(void)state;
	text_init(&text, buf, sizeof(buf));
	jail_report_text(0, &text);
	assert_string_equal(buf, "nothing missing");
	text_init(&text, buf, sizeof(buf));
	jail_report_text(JAIL_NO_ROOT | JAIL_NO_LANDLOCK | JAIL_NO_LANDLOCK_NET, &text);
	assert_string_equal(buf, "no empty root directory; no Landlock");
	for (bit = 1; bit <= JAIL_SANITIZER; bit <<= 1) {
		text_init(&text, buf, sizeof(buf));
		jail_report_text(bit, &text);
		assert_true(text.len > 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_every_worker_needs_is_allowed),
		cmocka_unit_test(files_can_not_be_opened),
		cmocka_unit_test(sockets_can_not_be_made),
		cmocka_unit_test(other_processes_can_not_be_reached),
		cmocka_unit_test(programs_can_not_be_started),
		cmocka_unit_test(memory_can_not_be_made_executable),
		cmocka_unit_test(shared_memory_can_not_be_cut_or_sealed),
		cmocka_unit_test(privileges_can_not_be_gained),
		cmocka_unit_test(state_of_the_process_is_locked),
		cmocka_unit_test(named_capabilities_stay_as_far_as_they_are_there),
		cmocka_unit_test(lists_with_wrong_names_are_refused),
		cmocka_unit_test(ids_are_taken_for_good),
		cmocka_unit_test(report_says_what_is_missing),
	};

	return cmocka_run_group_tests(tests, learn, forget);
}
