/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages between the keeper and its workers and clients: one struct a datagram, judged as a whole
 * before anyone looks into it, so that no descriptor of a bad message stays open.  See keeper.h.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "keeper.h"
#include "record.h"

/* Room for the descriptors of one message. */
union descriptors {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(KEEPER_DEPOSIT_BATCH * sizeof(int))];
};

void
keeper_message_init(struct keeper_message *message, enum keeper_request request, enum role role)
{
	memset(message, 0, sizeof(*message));
	message->version = KEEPER_VERSION;
	message->request = (uint16_t)request;
	message->role = (uint16_t)role;
	message->schema = schema_hash();
	message->pid = (uint32_t)getpid();
}

int
keeper_send(int fd, struct keeper_message *message, const int *fds, uint32_t fd_count)
{
	struct iovec iov = { message, sizeof(*message) };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	union descriptors control;
	ssize_t n;

	if (fd_count > KEEPER_DEPOSIT_BATCH)
		return -E2BIG;
	message->count = fd_count;
	if (fd_count > 0) {
		memset(&control, 0, sizeof(control));
		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(fd_count * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, fd_count * sizeof(int));
	}
	do
		n = sendmsg(fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* Gather the descriptors that came along; those beyond FDS_MAX are closed and still counted. */
static uint32_t
descriptors_gather(struct msghdr *header, int *fds, uint32_t fds_max)
{
	struct cmsghdr *part;
	uint32_t count = 0;

	for (part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
		size_t len = part->cmsg_len - CMSG_LEN(0);

		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = 0; at + sizeof(int) <= len; at += sizeof(int)) {
			int fd;

			memcpy(&fd, CMSG_DATA(part) + at, sizeof(fd));
			if (count < fds_max)
				fds[count] = fd;
			else
				(void)close(fd);
			count++;
		}
	}
	return count;
}

static bool
message_sound(const struct keeper_message *message, size_t len, int flags, uint32_t fd_count,
    uint32_t fds_max)
{
	if (len != sizeof(*message) || (flags & (MSG_TRUNC | MSG_CTRUNC)))
		return false;
	if (message->version != KEEPER_VERSION || fd_count > fds_max || message->count != fd_count)
		return false;
	for (uint32_t i = 0; i < fd_count; i++) {
		if (!memchr(message->ends[i].name, '\0', KEEPER_NAME_MAX))
			return false;
	}
	return true;
}

int
keeper_receive(int fd, struct keeper_message *message, int *fds, uint32_t fds_max,
    uint32_t *fd_count, bool nonblock)
{
	struct iovec iov = { message, sizeof(*message) };
	union descriptors control;
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control) };
	uint32_t count;
	ssize_t n;

	do
		n = recvmsg(fd, &header, MSG_CMSG_CLOEXEC | (nonblock ? MSG_DONTWAIT : 0));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n == 0)
		return -ECONNRESET;
	count = descriptors_gather(&header, fds, fds_max);
	if (!message_sound(message, (size_t)n, header.msg_flags, count, fds_max)) {
		for (uint32_t i = 0; i < count && i < fds_max; i++)
			(void)close(fds[i]);
		return -EPROTO;
	}
	*fd_count = count;
	return 0;
}

/* Wait for FD until DEADLINE_NS.  Returns 0, also when a signal came first, or a negative errno. */
static int
message_wait(int fd, uint64_t deadline_ns)
{
	struct pollfd wait = { fd, POLLIN, 0 };
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	int n;

	if (now_ns >= deadline_ns)
		return -ETIMEDOUT;
	n = poll(&wait, 1, (int)((deadline_ns - now_ns) / 1000000) + 1);
	return n < 0 && errno != EINTR ? -errno : 0;
}

int
keeper_receive_until(int fd, uint64_t deadline_ns, struct keeper_message *message, int *fds,
    uint32_t *fd_count)
{
	int err;

	do {
		if ((err = message_wait(fd, deadline_ns)) < 0)
			return err;
		err = keeper_receive(fd, message, fds, KEEPER_DEPOSIT_BATCH, fd_count, true);
	} while (err == -EAGAIN);
	return err;
}

static int
deposits_send_batch(int fd, struct keeper_message *message, const int *fds,
    const char *const *names, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		size_t len = strlen(names[i]);

		if (len >= KEEPER_NAME_MAX)
			return -EINVAL;
		memcpy(message->ends[i].name, names[i], len + 1);
	}
	return keeper_send(fd, message, fds, count);
}

int
keeper_send_deposits(int fd, enum role role, const int *fds, const char *const *names,
    uint32_t count)
{
	struct keeper_message message;
	int err;

	if (count > KEEPER_DEPOSIT_MAX)
		return -E2BIG;
	keeper_message_init(&message, KEEPER_DEPOSIT, role);
	for (uint32_t at = 0, batch; at < count; at += batch) {
		batch = count - at < KEEPER_DEPOSIT_BATCH ? count - at : KEEPER_DEPOSIT_BATCH;
		if ((err = deposits_send_batch(fd, &message, fds + at, names + at, batch)) < 0)
			return err;
	}
	return keeper_send(fd, &message, NULL, 0);
}

/* Add what one message brought to NAMED; the descriptors are taken, also on failure. */
static int
deposits_add(const struct keeper_message *message, const int *fds, uint32_t fd_count,
    struct keeper_named *named, uint32_t *count)
{
	bool good = message->request == KEEPER_DEPOSIT && *count + fd_count <= KEEPER_DEPOSIT_MAX;

	for (uint32_t i = 0; i < fd_count; i++) {
		if (!good) {
			(void)close(fds[i]);
			continue;
		}
		memcpy(named[*count].name, message->ends[i].name, KEEPER_NAME_MAX);
		named[(*count)++].fd = fds[i];
	}
	return good ? 0 : -EPROTO;
}

int
keeper_receive_deposits(int fd, uint64_t deadline_ns, struct keeper_named *named, uint32_t *count)
{
	struct keeper_message message;
	int fds[KEEPER_DEPOSIT_BATCH];
	uint32_t fd_count, total = 0;
	int err;

	do {
		err = keeper_receive_until(fd, deadline_ns, &message, fds, &fd_count);
		if (err == 0)
			err = deposits_add(&message, fds, fd_count, named, &total);
	} while (err == 0 && fd_count > 0);
	if (err == 0) {
		*count = total;
		return 0;
	}
	while (total > 0)
		(void)close(named[--total].fd);
	return err;
}
