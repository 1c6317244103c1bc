/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's or client's side of the keeper.  See keeper.h. */
#include "keeper.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "record.h"

/* Inode number of the first pid namespace (PROC_PID_INIT_INO of the kernel). */
#define FIRST_PID_NAMESPACE 0xeffffffcu

enum { ANSWER_MS_MAX = 10000, LOOK_MS = 50 };

bool
keeper_pids_global(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) < 0 || st.st_ino == FIRST_PID_NAMESPACE;
}

static uint64_t
answer_deadline(void)
{
	return clock_ns(CLOCK_MONOTONIC) + ANSWER_MS_MAX * (uint64_t)1000000;
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static void
keeper_init(struct keeper *keeper, enum role role, int fd)
{
	memset(keeper, 0, sizeof(*keeper));
	keeper->fd = fd;
	keeper->role = role;
	keeper->control_region = REGION_NONE;
	keeper->stats_region = REGION_NONE;
}

/* Take the ends of an ENDS message.  The descriptors are taken, also on failure. */
static int
ends_take(struct keeper *keeper, const struct keeper_message *message, const int *fds,
    uint32_t fd_count)
{
	if (fd_count > KEEPER_ENDS_MAX) {
		for (uint32_t i = 0; i < fd_count; i++)
			(void)close(fds[i]);
		return -EPROTO;
	}
	for (uint32_t i = 0; i < fd_count; i++) {
		keeper->ends[i].kind = message->ends[i].kind;
		keeper->ends[i].index = message->ends[i].index;
		keeper->ends[i].writable = message->ends[i].writable != 0;
		keeper->ends[i].fd = fds[i];
	}
	keeper->end_count = fd_count;
	keeper->index = message->index;
	keeper->flags = message->flags;
	keeper->epoch = message->epoch;
	keeper->skip_position = message->skip_position;
	keeper->scope_pid = message->value[0];
	keeper->reload_generation = message->value[1];
	return 0;
}

/* Wait for the answer to a HELLO, STATUS or TAP. */
static int
ends_receive(struct keeper *keeper, uint64_t deadline_ns)
{
	struct keeper_message message;
	int fds[KEEPER_DEPOSIT_BATCH];
	uint32_t fd_count;
	int err = keeper_receive_until(keeper->fd, deadline_ns, &message, fds, &fd_count);

	if (err < 0)
		return err;
	if (message.request == KEEPER_ENDS && message.schema == schema_hash())
		return ends_take(keeper, &message, fds, fd_count);
	for (uint32_t i = 0; i < fd_count; i++)
		(void)close(fds[i]);
	if (message.request == KEEPER_REFUSED && message.value[0] > 0 && message.value[0] < 4096)
		return -(int)message.value[0];
	return -EPROTO;
}

static int
control_attach(struct keeper *keeper)
{
	int fd = keeper_take_end(keeper, REGION_CONTROL);
	int err;

	if (fd < 0)
		return fd;
	if ((err = region_attach_take(&keeper->control_region, fd, REGION_CONTROL, false)) < 0)
		return err;
	if (region_content_bytes(&keeper->control_region) < sizeof(*keeper->control))
		return -EBADMSG;
	keeper->control = region_content(&keeper->control_region);
	return 0;
}

static int
stats_attach(struct keeper *keeper)
{
	enum region_kind kind = role_stats_region(keeper->role);
	int fd = keeper_take_end(keeper, kind);
	int err;

	if (fd < 0)
		return fd;
	if ((err = region_attach_take(&keeper->stats_region, fd, kind, true)) < 0)
		return err;
	keeper->stats = region_content(&keeper->stats_region);
	keeper->stats->pid = (uint32_t)getpid();
	keeper->stats->start_ts = clock_ns(CLOCK_BOOTTIME);
	return 0;
}

static int
join(struct keeper *keeper)
{
	uint64_t deadline_ns = answer_deadline();
	struct keeper_message message;
	int err;

	keeper_message_init(&message, KEEPER_HELLO, keeper->role);
	if ((err = keeper_send(keeper->fd, &message, NULL, 0)) < 0)
		return err;
	if ((err = ends_receive(keeper, deadline_ns)) < 0)
		return err;
	err = keeper_receive_deposits(keeper->fd, deadline_ns, keeper->deposits,
	    &keeper->deposit_count);
	if (err < 0)
		return err;
	if ((err = control_attach(keeper)) < 0)
		return err;
	return stats_attach(keeper);
}

int
keeper_join(struct keeper *keeper, enum role role)
{
	char name[32];
	int err;

	/* Executed by descriptor, a process would be called by that descriptor's number. */
	(void)snprintf(name, sizeof(name), "saker-%s", role_name(role));
	(void)prctl(PR_SET_NAME, name);
	keeper_init(keeper, role, KEEPER_FD);
	err = join(keeper);
	if (err == -ENOTSOCK || err == -EBADF)
		log_warnx("descriptor %d is no socket: saker-%s is started by saker-keeper",
		    KEEPER_FD, role_name(role));
	else if (err < 0)
		log_warnx("joining the keeper as %s: %s", role_name(role), strerror(-err));
	return err;
}

/* Take the end at I, if it is there still and KIND. */
static int
end_take(struct keeper *keeper, uint32_t i, enum region_kind kind)
{
	int fd = keeper->ends[i].fd;

	if (keeper->ends[i].kind != kind || fd < 0)
		return -ENOENT;
	keeper->ends[i].fd = -1;
	return fd;
}

int
keeper_take_end(struct keeper *keeper, enum region_kind kind)
{
	int fd = -ENOENT;

	for (uint32_t i = 0; i < keeper->end_count && fd < 0; i++)
		fd = end_take(keeper, i, kind);
	return fd;
}

int
keeper_take_end_of(struct keeper *keeper, enum region_kind kind, uint32_t index)
{
	int fd = -ENOENT;

	for (uint32_t i = 0; i < keeper->end_count && fd < 0; i++) {
		if (keeper->ends[i].index == index)
			fd = end_take(keeper, i, kind);
	}
	return fd;
}

int
keeper_take_deposit(struct keeper *keeper, const char *name)
{
	for (uint32_t i = 0; i < keeper->deposit_count; i++) {
		int fd = keeper->deposits[i].fd;

		if (fd < 0 || strcmp(keeper->deposits[i].name, name) != 0)
			continue;
		keeper->deposits[i].fd = -1;
		return fd;
	}
	return -ENOENT;
}

int
keeper_take_next(struct keeper *keeper, const char *prefix, const char **rest)
{
	size_t len = strlen(prefix);

	for (uint32_t i = 0; i < keeper->deposit_count; i++) {
		int fd = keeper->deposits[i].fd;

		if (fd < 0 || strncmp(keeper->deposits[i].name, prefix, len) != 0)
			continue;
		keeper->deposits[i].fd = -1;
		*rest = keeper->deposits[i].name + len;
		return fd;
	}
	return -ENOENT;
}

int
keeper_ready(struct keeper *keeper, uint32_t jail)
{
	struct keeper_message message;

	__atomic_store_n(&keeper->stats->jail, jail, __ATOMIC_RELAXED);
	keeper_message_init(&message, KEEPER_READY, keeper->role);
	message.value[0] = jail;
	message.value[1] = keeper->rules_hash;
	return keeper_send(keeper->fd, &message, NULL, 0);
}

int
keeper_deposit(struct keeper *keeper, const int *fds, const char *const *names, uint32_t count)
{
	return keeper_send_deposits(keeper->fd, keeper->role, fds, names, count);
}

/* Whether the connection still stands, what it says being left where it is. */
static void
keeper_peek(struct keeper *keeper)
{
	struct msghdr header = { .msg_iov = NULL };
	char byte;
	struct iovec iov = { &byte, 1 };
	ssize_t n;

	header.msg_iov = &iov;
	header.msg_iovlen = 1;
	n = recvmsg(keeper->fd, &header, MSG_PEEK | MSG_DONTWAIT);
	keeper->orphaned = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/*
 * To most workers the keeper says nothing unasked over the socket, so whatever comes is dropped;
 * what matters is its end.  A refusal is an end too: the keeper closes after it.
 */
static void
keeper_look(struct keeper *keeper)
{
	struct keeper_message message;
	int fds[KEEPER_DEPOSIT_BATCH];
	uint32_t fd_count;
	int err;

	if (keeper->hears) {
		keeper_peek(keeper);
		return;
	}
	err = keeper_receive(keeper->fd, &message, fds, KEEPER_DEPOSIT_BATCH, &fd_count, true);
	if (err == 0) {
		for (uint32_t i = 0; i < fd_count; i++)
			(void)close(fds[i]);
	}
	if (err == 0)
		keeper->orphaned = message.request == KEEPER_REFUSED;
	else
		keeper->orphaned = err != -EAGAIN && err != -EPROTO;
}

bool
keeper_stopping(struct keeper *keeper)
{
	uint64_t now_ns;

	if (keeper->orphaned)
		return true;
	now_ns = clock_ns(CLOCK_MONOTONIC_COARSE);
	if (now_ns - keeper->looked_ns >= LOOK_MS * (uint64_t)1000000) {
		keeper->looked_ns = now_ns;
		keeper_look(keeper);
	}
	if (keeper->orphaned)
		return true;
	return keeper->control && keeper->role < ROLE_COUNT &&
	    keeper_control_get(&keeper->control->stop[keeper->role]);
}

bool
keeper_hear(struct keeper *keeper, struct keeper_message *message, int *fd)
{
	uint32_t fd_count;
	int err;

	if (keeper->orphaned)
		return false;
	*fd = -1;
	err = keeper_receive(keeper->fd, message, fd, 1, &fd_count, true);
	if (err == 0)
		keeper->orphaned = message->request == KEEPER_REFUSED;
	else
		keeper->orphaned = err != -EAGAIN && err != -EPROTO;
	return err == 0;
}

int
keeper_tell(struct keeper *keeper, struct keeper_message *message)
{
	return keeper_send(keeper->fd, message, NULL, 0);
}

void
keeper_leave(struct keeper *keeper)
{
	for (uint32_t i = 0; i < keeper->end_count; i++)
		close_fd(&keeper->ends[i].fd);
	for (uint32_t i = 0; i < keeper->deposit_count; i++)
		close_fd(&keeper->deposits[i].fd);
	keeper->end_count = keeper->deposit_count = 0;
	keeper->control = NULL;
	keeper->stats = NULL;
	region_close(&keeper->control_region);
	region_close(&keeper->stats_region);
	close_fd(&keeper->fd);
}

static int
connect_socket(struct keeper *keeper, const char *run_dir)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int len = snprintf(address.sun_path, sizeof(address.sun_path), "%s/keeper.sock", run_dir);

	if (len < 0 || (size_t)len >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	if ((keeper->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) < 0)
		return -errno;
	if (connect(keeper->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return 0;
}

int
keeper_connect(struct keeper *keeper, const char *run_dir, enum keeper_request request)
{
	struct keeper_message message;
	int err;

	keeper_init(keeper, ROLE_COUNT, -1);
	keeper_message_init(&message, request, ROLE_COUNT);
	if ((err = connect_socket(keeper, run_dir)) < 0 ||
	    (err = keeper_send(keeper->fd, &message, NULL, 0)) < 0 ||
	    (err = ends_receive(keeper, answer_deadline())) < 0 ||
	    (err = control_attach(keeper)) < 0)
		keeper_leave(keeper);
	return err;
}

int
keeper_reload(const char *run_dir, uint64_t wait_ns, struct keeper_message *answer)
{
	uint64_t deadline_ns = clock_ns(CLOCK_MONOTONIC) + wait_ns;
	int fds[KEEPER_DEPOSIT_BATCH], err;
	struct keeper_message message;
	struct keeper keeper;
	uint32_t fd_count = 0;

	keeper_init(&keeper, ROLE_COUNT, -1);
	keeper_message_init(&message, KEEPER_RELOAD, ROLE_COUNT);
	if ((err = connect_socket(&keeper, run_dir)) == 0 &&
	    (err = keeper_send(keeper.fd, &message, NULL, 0)) == 0)
		err = keeper_receive_until(keeper.fd, deadline_ns, answer, fds, &fd_count);
	for (uint32_t i = 0; err == 0 && i < fd_count; i++)
		(void)close(fds[i]);
	if (err == 0 && answer->request == KEEPER_REFUSED)
		err = answer->value[0] > 0 && answer->value[0] < 4096 ? -(int)answer->value[0]
								       : -EPROTO;
	else if (err == 0 && (answer->request != KEEPER_RELOADED ||
	    answer->schema != schema_hash()))
		err = -EPROTO;
	keeper_leave(&keeper);
	return err;
}
