/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pipeline of fake workers around a real keeper.  The test's own program, found as saker-ROLE, is
 * the worker: it does what the file do-ROLE beside it says and tells what it met in the file
 * report.
 *
 *   do-ROLE   exit N    end with N before joining       deposit   deposit a descriptor "probe"
 *             crash N   die as soon as ready, N lives   handover  and hand it over when orphaned
 *             hang      stand still in the first life   rights    try what must not work
 *             poison P  die at P unless told to skip it
 *             stay      do not end when asked to
 *             refuse    find fault with new rules       perish    die of them
 */
#ifndef TESTS_FAKE_H
#define TESTS_FAKE_H

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "keeper.h"
#include "pipe.h"

static char fake_dir[64]; /* of the programs, the do-ROLE files and the report */
static struct keeper fake_keeper;

static inline void
fake_sleep_ms(long ms)
{
	const struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&pause, NULL);
}

/* Append a line to the report, in one write. */
__attribute__((format(printf, 1, 2))) static inline void
fake_tell(const char *format, ...)
{
	char path[PATH_MAX], line[256];
	va_list args;
	int fd, len;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	(void)snprintf(path, sizeof(path), "%s/report", fake_dir);
	if ((fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)) < 0 ||
	    write(fd, line, (size_t)len) != len)
		_exit(99);
	(void)close(fd);
}

/* What to do: true when do-ROLE begins with WORD; *NUMBER is what follows. */
static inline bool
fake_does(enum role role, const char *word, unsigned long long *number)
{
	char path[PATH_MAX], line[64] = "";
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/do-%s", fake_dir, role_name(role));
	if ((file = fopen(path, "re"))) {
		if (!fgets(line, sizeof(line), file))
			line[0] = '\0';
		(void)fclose(file);
	}
	if (strncmp(line, word, strlen(word)) != 0)
		return false;
	if (number)
		*number = strtoull(line + strlen(word), NULL, 10);
	return true;
}

/* A read-only end stays read-only, a region keeps its size, a writable end can be mapped. */
static inline void
fake_try_rights(enum role role)
{
	for (uint32_t i = 0; i < fake_keeper.end_count; i++) {
		int fd = fake_keeper.ends[i].fd, again;
		bool writable = fake_keeper.ends[i].writable;
		const char *name = region_name(fake_keeper.ends[i].kind);
		char path[64];
		void *map;

		if (fd < 0)
			continue; /* taken by joining */
		map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if ((map != MAP_FAILED) != writable)
			fake_tell("%s wrong: %s mapped\n", role_name(role), name);
		map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
		if (map == MAP_FAILED)
			fake_tell("%s wrong: %s not mapped\n", role_name(role), name);
		else if (!writable && mprotect(map, 4096, PROT_READ | PROT_WRITE) == 0)
			fake_tell("%s wrong: %s made writable\n", role_name(role), name);
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		again = open(path, O_RDWR | O_CLOEXEC);
		if (again >= 0 && !writable && !(fake_keeper.flags & KEEPER_SAME_UID))
			fake_tell("%s wrong: %s opened again\n", role_name(role), name);
		if (ftruncate(fd, 4096) == 0 || ftruncate(fd, 1 << 30) == 0)
			fake_tell("%s wrong: %s resized\n", role_name(role), name);
		if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == 0)
			fake_tell("%s wrong: %s sealed\n", role_name(role), name);
	}
	if (!(fake_keeper.flags & KEEPER_SAME_UID) &&
	    (geteuid() == 0 || setuid(0) == 0 || kill(getppid(), 0) == 0))
		fake_tell("%s wrong: rights of root\n", role_name(role));
	fake_tell("%s tried\n", role_name(role));
}

/* The collector starts as root and becomes its user by itself. */
static inline void
fake_become_user(enum role role)
{
	const struct keeper_control *control = fake_keeper.control;

	if (role == ROLE_COLLECTOR && geteuid() == 0 && !(fake_keeper.flags & KEEPER_SAME_UID) &&
	    (setresgid(control->gids[role], control->gids[role], control->gids[role]) < 0 ||
	    setresuid(control->uids[role], control->uids[role], control->uids[role]) < 0))
		fake_tell("collector wrong: can not become its user\n");
}

static inline void
fake_after_ready(enum role role)
{
	unsigned long long number;

	if (fake_does(role, "crash", &number) && fake_keeper.epoch <= number)
		(void)raise(SIGKILL);
	if (fake_does(role, "poison", &number) && fake_keeper.skip_position != number) {
		stats_work(fake_keeper.stats, number);
		(void)raise(SIGKILL);
	}
	if (fake_does(role, "hang", NULL) && fake_keeper.epoch == 1) {
		stats_turn(fake_keeper.stats, 100);
		fake_sleep_ms(60000);
	}
}

/* As a collector without keeper: wait for the next one, give it what the old one had. */
static inline void
fake_hand_over(int listener, int probe)
{
	struct pollfd wait = { listener, POLLIN, 0 };
	struct keeper_message message;
	const char *name = "probe";
	uint32_t fd_count;
	int fd;

	if (poll(&wait, 1, 5000) != 1 || (fd = accept(listener, NULL, NULL)) < 0 ||
	    keeper_receive(fd, &message, NULL, 0, &fd_count, false) < 0 ||
	    message.request != KEEPER_HANDOVER ||
	    keeper_send_deposits(fd, ROLE_COLLECTOR, &probe, &name, 1) < 0)
		fake_tell("collector wrong: handover\n");
	else
		fake_tell("collector handed over\n");
}

/* As the hash of rules: their length.  FD is taken. */
static inline uint64_t
fake_rules(int fd)
{
	uint64_t len = (uint64_t)lseek(fd, 0, SEEK_END);

	(void)close(fd);
	return len;
}

/* As an evaluator: have an opinion on new rules, take them when told to. */
static inline void
fake_hear(enum role role)
{
	static struct keeper_message message, answer;
	static uint64_t next;
	uint64_t generation;
	int fd;

	if (!fake_keeper.hears || !keeper_hear(&fake_keeper, &message, &fd))
		return;
	generation = message.value[KEEPER_VERDICT_GENERATION];
	if (message.request == KEEPER_RULES) {
		if (fake_does(role, "perish", NULL))
			(void)raise(SIGKILL);
		next = fake_rules(fd);
		keeper_message_init(&answer, KEEPER_PREPARED, role);
		answer.value[KEEPER_VERDICT_RESULT] = KEEPER_RELOAD_DONE;
		if (fake_does(role, "refuse", NULL)) {
			answer.value[KEEPER_VERDICT_RESULT] = KEEPER_RELOAD_REFUSED;
			/* More than there is, and none of it ended. */
			answer.value[KEEPER_VERDICT_LINES] = 1000;
			memset(answer.ends, 'x', sizeof(answer.ends));
		}
	} else if (message.request == KEEPER_COMMIT) {
		keeper_message_init(&answer, KEEPER_SWITCHED, role);
	} else {
		fake_tell("%s abandons %llu\n", role_name(role), (unsigned long long)generation);
		return;
	}
	answer.value[KEEPER_VERDICT_GENERATION] = generation;
	answer.value[KEEPER_VERDICT_HASH] = next;
	(void)keeper_tell(&fake_keeper, &answer);
}

/* The life of a fake worker. */
static inline int
fake_worker(const char *self, enum role role)
{
	const char *slash = strrchr(self, '/'), *name = "probe";
	unsigned long long number;
	int probe = memfd_create("probe", MFD_CLOEXEC), held, listener;

	(void)snprintf(fake_dir, sizeof(fake_dir), "%.*s", (int)(slash - self), self);
	if (fake_does(role, "exit", &number))
		return (int)number;
	if (keeper_join(&fake_keeper, role) < 0)
		return 98;
	held = keeper_take_deposit(&fake_keeper, "probe");
	listener = keeper_take_deposit(&fake_keeper, "handover");
	fake_tell("%s begins uid %u life %llu skip %llu named %u probe %d\n", role_name(role),
	    geteuid(), (unsigned long long)fake_keeper.epoch,
	    (unsigned long long)fake_keeper.skip_position, fake_keeper.deposit_count, held >= 0);
	fake_become_user(role);
	if (role == ROLE_EVALUATOR) {
		fake_keeper.rules_hash = fake_rules(keeper_take_deposit(&fake_keeper, "rules"));
		fake_keeper.hears = true;
	}
	if (fake_does(role, "rights", NULL))
		fake_try_rights(role);
	if (fake_does(role, "deposit", NULL) || fake_does(role, "handover", NULL))
		(void)keeper_deposit(&fake_keeper, &probe, &name, 1);
	if (keeper_ready(&fake_keeper, 0) < 0)
		return 97;
	fake_after_ready(role);
	while (!keeper_stopping(&fake_keeper) || fake_does(role, "stay", NULL)) {
		stats_turn(fake_keeper.stats, 0);
		fake_hear(role);
		fake_sleep_ms(2);
	}
	if (keeper_orphaned(&fake_keeper) && fake_does(role, "handover", NULL))
		fake_hand_over(listener, probe);
	fake_tell("%s ends%s\n", role_name(role), keeper_orphaned(&fake_keeper) ? " orphaned" : "");
	keeper_leave(&fake_keeper);
	return 0;
}

/* If this process was started as a fake worker, be one and end. */
static inline void
fake_if_worker(void)
{
	char self[PATH_MAX] = "";
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *slash = len > 0 ? strrchr(self, '/') : NULL;

	for (uint32_t role = ROLE_KEEPER + 1; slash && role < ROLE_COUNT; role++) {
		const char *name = role_name((enum role)role);

		if (strncmp(slash, "/saker-", 7) == 0 && strcmp(slash + 7, name) == 0)
			exit(fake_worker(self, (enum role)role));
	}
}

#endif
