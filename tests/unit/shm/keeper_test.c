/* SPDX-License-Identifier: Apache-2.0 */
/* Messages over a socket pair: what is accepted and refused, and that no descriptor stays open. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "keeper.h"
#include "record.h"

static int pair[2];
static struct keeper keeper; /* large */

static int
open_pair(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

static int
close_pair(void **state)
{
	(void)state;
	(void)close(pair[0]);
	(void)close(pair[1]);
	return 0;
}

static uint32_t
open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	uint32_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	(void)closedir(dir);
	return count;
}

static uint64_t
deadline_in(uint64_t ms)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec + ms * 1000000u;
}

/* Send LEN bytes of MESSAGE with FD_COUNT copies of descriptor 0, whatever the message says. */
static void
send_raw(const struct keeper_message *message, size_t len, uint32_t fd_count)
{
	static char bytes[sizeof(*message) + 64];
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE((KEEPER_DEPOSIT_BATCH + 1) * sizeof(int))];
	} control;
	struct iovec iov = { bytes, len };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };

	assert_true(len <= sizeof(bytes));
	memcpy(bytes, message, sizeof(*message));
	memset(&control, 0, sizeof(control));
	if (fd_count > 0) {
		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(fd_count * sizeof(int));
	}
	assert_int_equal(sendmsg(pair[0], &header, MSG_NOSIGNAL), len);
}

static int
receive(struct keeper_message *message, uint32_t fds_max, uint32_t *fd_count)
{
	int fds[KEEPER_DEPOSIT_BATCH];
	int err = keeper_receive(pair[1], message, fds, fds_max, fd_count, true);

	if (err == 0) {
		for (uint32_t i = 0; i < *fd_count; i++)
			assert_int_equal(close(fds[i]), 0);
	}
	return err;
}

static void
message_arrives_with_its_descriptors(void **state)
{
	struct keeper_message sent, got;
	int fds[KEEPER_DEPOSIT_BATCH] = { 0 };
	uint32_t before = open_descriptors(), fd_count = 0;

	(void)state;
	keeper_message_init(&sent, KEEPER_ENDS, ROLE_ENRICHER);
	sent.skip_position = 77;
	assert_int_equal(keeper_send(pair[0], &sent, fds, KEEPER_DEPOSIT_BATCH), 0);
	assert_int_equal(receive(&got, KEEPER_DEPOSIT_BATCH, &fd_count), 0);
	assert_int_equal(fd_count, KEEPER_DEPOSIT_BATCH);
	assert_memory_equal(&sent, &got, sizeof(sent));
	assert_int_equal(keeper_send(pair[0], &sent, fds, KEEPER_DEPOSIT_BATCH + 1), -E2BIG);
	assert_int_equal(open_descriptors(), before);
}

static void
descriptors_are_closed_on_exec(void **state)
{
	struct keeper_message message;
	uint32_t fd_count;
	int fd = 0, got;

	(void)state;
	keeper_message_init(&message, KEEPER_ENDS, ROLE_SINK);
	assert_int_equal(keeper_send(pair[0], &message, &fd, 1), 0);
	assert_int_equal(keeper_receive(pair[1], &message, &got, 1, &fd_count, true), 0);
	assert_true(fcntl(got, F_GETFD) & FD_CLOEXEC);
	(void)close(got);
}

static void
short_and_long_messages_are_refused(void **state)
{
	struct keeper_message message, got;
	uint32_t before = open_descriptors(), fd_count;

	(void)state;
	keeper_message_init(&message, KEEPER_HELLO, ROLE_SINK);
	message.count = 2;
	send_raw(&message, sizeof(message) - 1, 2);
	assert_int_equal(receive(&got, KEEPER_DEPOSIT_BATCH, &fd_count), -EPROTO);
	send_raw(&message, sizeof(message) + 1, 2);
	assert_int_equal(receive(&got, KEEPER_DEPOSIT_BATCH, &fd_count), -EPROTO);
	send_raw(&message, 1, 0);
	assert_int_equal(receive(&got, KEEPER_DEPOSIT_BATCH, &fd_count), -EPROTO);
	assert_int_equal(open_descriptors(), before);
}

static void
wrong_version_is_refused(void **state)
{
	struct keeper_message message, got;
	uint32_t before = open_descriptors(), fd_count;

	(void)state;
	keeper_message_init(&message, KEEPER_HELLO, ROLE_SINK);
	message.version++;
	message.count = 1;
	send_raw(&message, sizeof(message), 1);
	assert_int_equal(receive(&got, KEEPER_DEPOSIT_BATCH, &fd_count), -EPROTO);
	assert_int_equal(open_descriptors(), before);
}

static void
count_must_tell_the_descriptors(void **state)
{
	struct keeper_message message, got;
	uint32_t before = open_descriptors(), fd_count;

	(void)state;
	keeper_message_init(&message, KEEPER_DEPOSIT, ROLE_COLLECTOR);
	message.count = 3;
	send_raw(&message, sizeof(message), 2);
	assert_int_equal(receive(&got, KEEPER_DEPOSIT_BATCH, &fd_count), -EPROTO);
	message.count = 1;
	send_raw(&message, sizeof(message), 0);
	assert_int_equal(receive(&got, KEEPER_DEPOSIT_BATCH, &fd_count), -EPROTO);
	assert_int_equal(open_descriptors(), before);
}

static void
too_many_descriptors_are_closed(void **state)
{
	struct keeper_message message, got;
	uint32_t before = open_descriptors(), fd_count;

	(void)state;
	keeper_message_init(&message, KEEPER_DEPOSIT, ROLE_COLLECTOR);
	message.count = KEEPER_DEPOSIT_BATCH + 1;
	send_raw(&message, sizeof(message), KEEPER_DEPOSIT_BATCH + 1);
	assert_int_equal(receive(&got, KEEPER_DEPOSIT_BATCH, &fd_count), -EPROTO);
	message.count = 2;
	send_raw(&message, sizeof(message), 2);
	assert_int_equal(receive(&got, 1, &fd_count), -EPROTO);
	assert_int_equal(open_descriptors(), before);
}

static void
unexpected_descriptors_are_closed(void **state)
{
	struct keeper_message message, got;
	uint32_t before = open_descriptors(), fd_count;

	(void)state;
	keeper_message_init(&message, KEEPER_STATUS, ROLE_COUNT);
	send_raw(&message, sizeof(message), 1); /* counted 0 */
	assert_int_equal(receive(&got, 0, &fd_count), -EPROTO);
	message.count = 1;
	send_raw(&message, sizeof(message), 1);
	assert_int_equal(receive(&got, 0, &fd_count), -EPROTO);
	assert_int_equal(open_descriptors(), before);
}

static void
name_without_end_is_refused(void **state)
{
	struct keeper_message message, got;
	uint32_t before = open_descriptors(), fd_count;

	(void)state;
	keeper_message_init(&message, KEEPER_DEPOSIT, ROLE_COLLECTOR);
	memset(message.ends[0].name, 'x', KEEPER_NAME_MAX);
	message.count = 1;
	send_raw(&message, sizeof(message), 1);
	assert_int_equal(receive(&got, KEEPER_DEPOSIT_BATCH, &fd_count), -EPROTO);
	assert_int_equal(open_descriptors(), before);
}

static void
nothing_to_read_and_the_end_are_told_apart(void **state)
{
	struct keeper_message got;
	uint32_t fd_count;

	(void)state;
	assert_int_equal(receive(&got, 1, &fd_count), -EAGAIN);
	(void)close(pair[0]);
	assert_int_equal(receive(&got, 1, &fd_count), -ECONNRESET);
	keeper_message_init(&got, KEEPER_READY, ROLE_SINK);
	assert_int_equal(keeper_send(pair[1], &got, NULL, 0), -EPIPE);
}

static void
peer_that_does_not_read_blocks_nobody(void **state)
{
	struct keeper_message message;
	int err = 0;

	(void)state;
	keeper_message_init(&message, KEEPER_READY, ROLE_SINK);
	for (int i = 0; i < 10000 && err == 0; i++)
		err = keeper_send(pair[0], &message, NULL, 0);
	assert_int_equal(err, -EAGAIN);
}

static void
whole_deposit_arrives_in_order(void **state)
{
	static char texts[KEEPER_DEPOSIT_MAX][16];
	static struct keeper_named named[KEEPER_DEPOSIT_MAX];
	const char *names[KEEPER_DEPOSIT_MAX];
	int fds[KEEPER_DEPOSIT_MAX] = { 0 };
	uint32_t before = open_descriptors(), count = 0;

	(void)state;
	for (uint32_t i = 0; i < KEEPER_DEPOSIT_MAX; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "map:%u", i);
		names[i] = texts[i];
	}
	assert_int_equal(keeper_send_deposits(pair[0], ROLE_COLLECTOR, fds, names,
	    KEEPER_DEPOSIT_MAX), 0);
	assert_int_equal(keeper_receive_deposits(pair[1], deadline_in(1000), named, &count), 0);
	assert_int_equal(count, KEEPER_DEPOSIT_MAX);
	for (uint32_t i = 0; i < count; i++) {
		assert_string_equal(named[i].name, names[i]);
		assert_int_equal(close(named[i].fd), 0);
	}
	assert_int_equal(keeper_send_deposits(pair[0], ROLE_COLLECTOR, fds, names,
	    KEEPER_DEPOSIT_MAX + 1), -E2BIG);
	assert_int_equal(open_descriptors(), before);
}

static void
name_of_a_deposit_is_bounded(void **state)
{
	static struct keeper_named named[KEEPER_DEPOSIT_MAX];
	char name[KEEPER_NAME_MAX + 1];
	const char *names[1] = { name };
	uint32_t count;
	int fd = 0;

	(void)state;
	memset(name, 'n', sizeof(name));
	name[KEEPER_NAME_MAX] = '\0';
	assert_int_equal(keeper_send_deposits(pair[0], ROLE_COLLECTOR, &fd, names, 1), -EINVAL);
	name[KEEPER_NAME_MAX - 1] = '\0';
	assert_int_equal(keeper_send_deposits(pair[0], ROLE_COLLECTOR, &fd, names, 1), 0);
	assert_int_equal(keeper_receive_deposits(pair[1], deadline_in(1000), named, &count), 0);
	assert_int_equal(count, 1);
	assert_string_equal(named[0].name, name);
	(void)close(named[0].fd);
}

static void
deposit_that_breaks_off_leaves_nothing_open(void **state)
{
	static struct keeper_named named[KEEPER_DEPOSIT_MAX];
	struct keeper_message message;
	uint32_t before = open_descriptors(), count;
	int fds[3] = { 0, 0, 0 };

	(void)state;
	keeper_message_init(&message, KEEPER_DEPOSIT, ROLE_COLLECTOR);
	assert_int_equal(keeper_send(pair[0], &message, fds, 3), 0);
	assert_int_equal(keeper_receive_deposits(pair[1], deadline_in(20), named, &count),
	    -ETIMEDOUT);
	assert_int_equal(keeper_send(pair[0], &message, fds, 3), 0);
	message.request = KEEPER_READY;
	assert_int_equal(keeper_send(pair[0], &message, fds, 1), 0);
	assert_int_equal(keeper_receive_deposits(pair[1], deadline_in(1000), named, &count),
	    -EPROTO);
	assert_int_equal(open_descriptors(), before);
}

/* The keeper's part of a join: answers a HELLO that waits on PAIR[0]. */
static void
answer_hello(const struct region *control, const struct region *stats)
{
	struct keeper_message message;
	uint32_t fd_count;
	int fds[2] = { region_reopen(control, false), region_reopen(stats, true) };
	const char *names[2] = { "rules:/a", "rules:/b" };

	assert_int_equal(keeper_receive(pair[0], &message, NULL, 0, &fd_count, false), 0);
	assert_int_equal(message.request, KEEPER_HELLO);
	assert_int_equal(message.role, ROLE_EVALUATOR);
	assert_true(message.schema == schema_hash());
	keeper_message_init(&message, KEEPER_ENDS, ROLE_EVALUATOR);
	message.epoch = 3;
	message.skip_position = 44;
	message.ends[0].kind = REGION_CONTROL;
	message.ends[1].kind = REGION_STATS_EVALUATOR;
	message.ends[1].writable = 1;
	assert_int_equal(keeper_send(pair[0], &message, fds, 2), 0);
	assert_int_equal(keeper_send_deposits(pair[0], ROLE_EVALUATOR, fds, names, 2), 0);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void
joined_checks(struct keeper_control *control)
{
	const char *rest;
	int fd;

	assert_true(keeper.epoch == 3 && keeper.skip_position == 44);
	assert_int_equal(keeper.stats->pid, getpid());
	fd = keeper_take_next(&keeper, "rules:", &rest);
	assert_string_equal(rest, "/a");
	(void)close(fd);
	fd = keeper_take_deposit(&keeper, "rules:/b");
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(keeper_take_next(&keeper, "rules:", &rest), -ENOENT);
	assert_int_equal(keeper_take_end(&keeper, REGION_RAW_DATA), -ENOENT);
	assert_int_equal(keeper_ready(&keeper, 5), 0);
	assert_int_equal(keeper.stats->jail, 5);
	assert_false(keeper_stopping(&keeper));
	keeper_control_set(&control->stop[ROLE_EVALUATOR], 1);
	assert_true(keeper_stopping(&keeper));
	assert_false(keeper_orphaned(&keeper));
	keeper_control_set(&control->stop[ROLE_EVALUATOR], 0);
	assert_false(keeper_stopping(&keeper));
	(void)close(pair[0]);
	keeper.looked_ns = 0;
	assert_true(keeper_stopping(&keeper));
	assert_true(keeper_orphaned(&keeper));
}

/* The worker's end must be descriptor 3, so a child plays the worker. */
static void
worker_joins_and_sees_stop_and_orphanage(void **state)
{
	struct region control, stats;
	int status;
	pid_t child;

	(void)state;
	assert_int_equal(region_create(&control, REGION_CONTROL, sizeof(struct keeper_control)), 0);
	assert_int_equal(region_create(&stats, REGION_STATS_EVALUATOR, STATS_CONTENT), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int hello = dup2(pair[1], 100);

		(void)close(pair[1]);
		pair[0] = dup2(pair[0], 101);
		if (dup2(hello, KEEPER_FD) != KEEPER_FD || close(hello) < 0)
			_exit(2);
		for (int fd = KEEPER_FD + 1; fd < 100; fd++)
			if (fd != control.fd && fd != stats.fd)
				(void)close(fd);
		/* Both sides in one process: the hello waits in the socket until it is answered. */
		if (fork() == 0) {
			answer_hello(&control, &stats);
			_exit(0);
		}
		assert_int_equal(keeper_join(&keeper, ROLE_EVALUATOR), 0);
		(void)wait(&status);
		joined_checks(region_content(&control));
		keeper_leave(&keeper);
		keeper_leave(&keeper);
		_exit(0);
	}
	(void)close(pair[0]); /* the child sees the end of its own copy */
	pair[0] = -1;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	region_close(&control);
	region_close(&stats);
}

static void
refusal_carries_its_reason(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char dir[] = "/tmp/keeper_test.XXXXXX";
	struct keeper_message message;
	uint32_t fd_count;
	int listener, fd, status;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/keeper.sock", dir);
	assert_int_equal(keeper_connect(&keeper, dir, KEEPER_TAP), -ENOENT);
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	if (fork() == 0)
		_exit(keeper_connect(&keeper, dir, KEEPER_TAP) == -EBUSY ? 0 : 1);
	fd = accept(listener, NULL, NULL);
	assert_int_equal(keeper_receive(fd, &message, NULL, 0, &fd_count, false), 0);
	assert_int_equal(message.request, KEEPER_TAP);
	keeper_message_init(&message, KEEPER_REFUSED, ROLE_COUNT);
	message.value[0] = EBUSY;
	assert_int_equal(keeper_send(fd, &message, NULL, 0), 0);
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
	(void)close(fd);
	(void)close(listener);
	(void)unlink(address.sun_path);
	(void)rmdir(dir);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_pair, close_pair)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(message_arrives_with_its_descriptors),
		TEST(descriptors_are_closed_on_exec),
		TEST(short_and_long_messages_are_refused),
		TEST(wrong_version_is_refused),
		TEST(count_must_tell_the_descriptors),
		TEST(too_many_descriptors_are_closed),
		TEST(unexpected_descriptors_are_closed),
		TEST(name_without_end_is_refused),
		TEST(nothing_to_read_and_the_end_are_told_apart),
		TEST(peer_that_does_not_read_blocks_nobody),
		TEST(whole_deposit_arrives_in_order),
		TEST(name_of_a_deposit_is_bounded),
		TEST(deposit_that_breaks_off_leaves_nothing_open),
		TEST(worker_joins_and_sees_stop_and_orphanage),
		TEST(refusal_carries_its_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
