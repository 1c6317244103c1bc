/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeping through io_uring or epoll.  See wait.h. */
#include "wait.h"

#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"

enum { EVENTS_MAX = 64 };

struct wait_uring {
	struct io_uring ring;
};

/* Some releases of liburing declare these two calls and do not export them. */
static int
uring_register(const struct io_uring *ring, unsigned int opcode, void *arg, size_t count)
{
	long err = syscall(SYS_io_uring_register, ring->ring_fd, opcode, arg, (unsigned int)count);

	return err < 0 ? -errno : 0;
}

static int
uring_restrict(struct io_uring *ring)
{
	struct io_uring_restriction allowed[] = {
		{ .opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_POLL_ADD },
		{ .opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_POLL_REMOVE },
		{ .opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_TIMEOUT },
		{ .opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_TIMEOUT_REMOVE },
	};
	int err = uring_register(ring, IORING_REGISTER_RESTRICTIONS, allowed,
	    sizeof(allowed) / sizeof(allowed[0]));

	return err < 0 ? err : uring_register(ring, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
}

static int
uring_arm(struct wait *wait, uint32_t index)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&wait->uring->ring);

	if (!sqe)
		return -EBUSY;
	io_uring_prep_poll_multishot(sqe, wait->fds[index], POLLIN);
	io_uring_sqe_set_data64(sqe, index);
	return 0;
}

static int
uring_open(struct wait *wait)
{
	unsigned int entries = wait->fd_count < 8 ? 8 : wait->fd_count;
	int err;

	if ((wait->uring = calloc(1, sizeof(*wait->uring))) == NULL)
		return -ENOMEM;
	err = io_uring_queue_init(entries, &wait->uring->ring,
	    IORING_SETUP_R_DISABLED | IORING_SETUP_CLAMP);
	if (err < 0) {
		free(wait->uring);
		wait->uring = NULL;
		return err;
	}
	if ((err = uring_restrict(&wait->uring->ring)) < 0)
		return err;
	/*
	 * Where the timeout is no argument of the wait itself, it would be one more submission
	 * each time.
	 */
	if (!(wait->uring->ring.features & IORING_FEAT_EXT_ARG))
		return -EOPNOTSUPP;
	for (uint32_t i = 0; i < wait->fd_count; i++) {
		if ((err = uring_arm(wait, i)) < 0)
			return err;
	}
	err = io_uring_submit(&wait->uring->ring);
	return err < 0 ? err : 0;
}

/*
 * Take what has completed; a poll that ended is begun again.  Returns true when there was
 * anything.
 */
static bool
uring_drain(struct wait *wait)
{
	struct io_uring_cqe *cqes[EVENTS_MAX];
	unsigned int count = io_uring_peek_batch_cqe(&wait->uring->ring, cqes, EVENTS_MAX);
	bool rearmed = false;

	for (unsigned int i = 0; i < count; i++) {
		uint64_t index = io_uring_cqe_get_data64(cqes[i]);

		if (!(cqes[i]->flags & IORING_CQE_F_MORE) && index < wait->fd_count)
			rearmed |= uring_arm(wait, (uint32_t)index) == 0;
	}
	io_uring_cq_advance(&wait->uring->ring, count);
	if (rearmed)
		(void)io_uring_submit(&wait->uring->ring);
	return count > 0;
}

static bool
uring_wait(struct wait *wait, uint64_t timeout_ns)
{
	struct __kernel_timespec ts = {
		(int64_t)(timeout_ns / 1000000000), (long long)(timeout_ns % 1000000000)
	};
	struct io_uring_cqe *cqe;

	if (io_uring_wait_cqe_timeout(&wait->uring->ring, &cqe, &ts) < 0)
		return false;
	return uring_drain(wait);
}

static int
epoll_open(struct wait *wait)
{
	if ((wait->epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0)
		return -errno;
	for (uint32_t i = 0; i < wait->fd_count; i++) {
		/* Edge-triggered: records that are held back must not wake us again and again. */
		struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.u32 = i };

		if (epoll_ctl(wait->epoll_fd, EPOLL_CTL_ADD, wait->fds[i], &event) < 0)
			return -errno;
	}
	return 0;
}

/* Kernels before 5.11 have no epoll_pwait2: then a millisecond is the shortest sleep. */
static bool
epoll_wait_ns(struct wait *wait, uint64_t timeout_ns)
{
	struct timespec ts = { (time_t)(timeout_ns / 1000000000), (long)(timeout_ns % 1000000000) };
	struct epoll_event events[EVENTS_MAX];
	int n = epoll_pwait2(wait->epoll_fd, events, EVENTS_MAX, &ts, NULL);

	if (n < 0 && errno == ENOSYS)
		n = epoll_wait(wait->epoll_fd, events, EVENTS_MAX,
		    (int)((timeout_ns + 999999) / 1000000));
	return n > 0;
}

int
wait_open_kind(struct wait *wait, const int *fds, uint32_t fd_count, enum wait_kind kind)
{
	int err;

	*wait = (struct wait){ kind, NULL, -1, fds, fd_count };
	err = kind == WAIT_IO_URING ? uring_open(wait) : epoll_open(wait);
	if (err < 0)
		wait_close(wait);
	return err;
}

int
wait_open(struct wait *wait, const int *fds, uint32_t fd_count)
{
	int err = wait_open_kind(wait, fds, fd_count, WAIT_IO_URING);

	if (err == 0)
		return 0;
	log_info("io_uring: %s; waiting through epoll instead", strerror(-err));
	return wait_open_kind(wait, fds, fd_count, WAIT_EPOLL);
}

bool
wait_for(struct wait *wait, uint64_t timeout_ns)
{
	if (wait->kind == WAIT_IO_URING)
		return uring_wait(wait, timeout_ns);
	return epoll_wait_ns(wait, timeout_ns);
}

void
wait_close(struct wait *wait)
{
	if (wait->uring) {
		io_uring_queue_exit(&wait->uring->ring);
		free(wait->uring);
		wait->uring = NULL;
	}
	if (wait->epoll_fd >= 0)
		(void)close(wait->epoll_fd);
	wait->epoll_fd = -1;
}
