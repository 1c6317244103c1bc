/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A keeper for one real collector: makes the regions, answers its hello, keeps its deposits and
 * starts it again with them.
 */
#ifndef TESTS_COLLECTOR_PLAY_H
#define TESTS_COLLECTOR_PLAY_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "interest.h"
#include "keeper.h"
#include "ring.h"

#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			stop_now(); \
		} \
	} while (0)

enum { RAW_BYTES = 4 << 20 };

static struct {
	char program[512];
	struct region config, control, interest, tap, data, tail, stats;
	struct ring ring;
	struct keeper_named deposits[KEEPER_DEPOSIT_MAX];
	uint32_t deposit_count;
	int listen_fd;
	int socket;
	pid_t collector;
} k;

static void
stop_now(void)
{
	if (k.collector > 0)
		(void)kill(k.collector, SIGKILL);
	exit(1);
}

static uint64_t
clock_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void
rings_make(void)
{
	CHECK(region_create(&k.data, REGION_RAW_DATA, RING_DATA_CONTENT((size_t)RAW_BYTES)) == 0);
	CHECK(region_create(&k.tail, REGION_RAW_TAIL, RING_TAIL_CONTENT) == 0);
	CHECK(ring_attach_consumer_take(&k.ring, region_reopen(&k.data, false),
	    region_reopen(&k.tail, true), REGION_RAW_DATA) == 0);
}

static void
config_make(struct config *config)
{
	config->collector_hold_us = 2000;
	config->collector_late_us = 20000;
	config->collector_poll_us = 250;
	config->collector_kernel_life_bytes = 64 << 10;
	config->collector_kernel_bulk_bytes = 1 << 20;
	config->log_level = CONFIG_LOG_INFO;
	(void)strcpy(config->run_dir, "/nowhere");
}

static void
keeper_make(void)
{
	struct interest wanted = { .rules_hash = 1 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct keeper_control *control;

	CHECK(region_create(&k.config, REGION_CONFIG, sizeof(struct config)) == 0);
	CHECK(region_create(&k.control, REGION_CONTROL, sizeof(struct keeper_control)) == 0);
	CHECK(region_create(&k.interest, REGION_INTEREST, INTEREST_CONTENT) == 0);
	CHECK(region_create(&k.tap, REGION_TAP_INTEREST, INTEREST_CONTENT) == 0);
	CHECK(region_create(&k.stats, REGION_STATS_COLLECTOR, STATS_CONTENT) == 0);
	config_make(region_content(&k.config));
	wanted.events[EV_openat / 64] |= UINT64_C(1) << (EV_openat % 64);
	interest_write(region_content(&k.interest), &wanted);
	control = region_content(&k.control);
	control->evaluators = 1;
	control->uids[ROLE_COLLECTOR] = control->gids[ROLE_COLLECTOR] = 64410;
	rings_make();
	/* An address of the kernel's choice: abstract, nobody else knows it. */
	k.listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	CHECK(bind(k.listen_fd, (const struct sockaddr *)&address, sizeof(sa_family_t)) == 0);
	CHECK(listen(k.listen_fd, 4) == 0);
}

static void
answer_hello(void)
{
	struct region *const regions[] = {
		&k.config, &k.control, &k.interest, &k.tap, &k.tail, &k.data, &k.stats
	};
	const uint32_t count = sizeof(regions) / sizeof(regions[0]);
	struct keeper_message message;
	int fds[KEEPER_DEPOSIT_BATCH], all[KEEPER_DEPOSIT_MAX];
	const char *names[KEEPER_DEPOSIT_MAX];
	uint32_t fd_count;

	CHECK(keeper_receive(k.socket, &message, fds, KEEPER_DEPOSIT_BATCH, &fd_count, false) == 0);
	CHECK(message.request == KEEPER_HELLO && message.role == ROLE_COLLECTOR);
	keeper_message_init(&message, KEEPER_ENDS, ROLE_COLLECTOR);
	for (uint32_t i = 0; i < count; i++) {
		bool writable = regions[i] == &k.data || regions[i] == &k.stats;

		fds[i] = region_reopen(regions[i], writable);
		message.ends[i].kind = (uint16_t)regions[i]->kind;
		message.ends[i].writable = writable;
	}
	CHECK(keeper_send(k.socket, &message, fds, count) == 0);
	for (uint32_t i = 0; i < count; i++)
		(void)close(fds[i]);
	for (uint32_t i = 0; i < k.deposit_count; i++) {
		all[i] = k.deposits[i].fd;
		names[i] = k.deposits[i].name;
	}
	all[k.deposit_count] = k.listen_fd;
	names[k.deposit_count] = "handover";
	CHECK(keeper_send_deposits(k.socket, ROLE_COLLECTOR, all, names, k.deposit_count + 1) == 0);
}

static void
drop_deposits(void)
{
	for (uint32_t i = 0; i < k.deposit_count; i++)
		(void)close(k.deposits[i].fd);
	k.deposit_count = 0;
}

/* Start a collector and wait until it is ready. */
static void
collector_start(void)
{
	struct keeper_named deposits[KEEPER_DEPOSIT_MAX];
	struct keeper_message message;
	int fds[KEEPER_DEPOSIT_BATCH], pair[2];
	uint32_t fd_count, count;
	uint64_t deadline;

	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	(void)fflush(stdout);
	if ((k.collector = fork()) == 0) {
		(void)dup2(pair[1], KEEPER_FD);
		(void)close_range(KEEPER_FD + 1, ~0u, 0);
		(void)execl(k.program, k.program, (char *)NULL);
		_exit(99);
	}
	(void)close(pair[1]);
	k.socket = pair[0];
	answer_hello();
	deadline = (clock_ms() + 20000) * 1000000;
	CHECK(keeper_receive_deposits(k.socket, deadline, deposits, &count) == 0);
	drop_deposits();
	memcpy(k.deposits, deposits, sizeof(deposits));
	k.deposit_count = count;
	CHECK(count > 10);
	CHECK(keeper_receive_until(k.socket, deadline, &message, fds, &fd_count) == 0);
	CHECK(message.request == KEEPER_READY);
}

#endif
