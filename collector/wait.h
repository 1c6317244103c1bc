/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one place where the collector sleeps: on a clock and, edge-triggered, on the descriptors of
 * the kernel rings.
 *
 * Through io_uring where the kernel lets us, in a ring restricted to polls and timeouts, because
 * seccomp does not see what is submitted; else through epoll_pwait2.
 */
#ifndef COLLECTOR_WAIT_H
#define COLLECTOR_WAIT_H

#include <stdbool.h>
#include <stdint.h>

enum wait_kind { WAIT_IO_URING = 1, WAIT_EPOLL = 2 };

struct wait_uring;

struct wait {
	enum wait_kind kind;
	struct wait_uring *uring; /* owned; NULL with epoll */
	int epoll_fd;             /* -1 with io_uring */
	const int *fds;           /* borrowed */
	uint32_t fd_count;
};

/*
 * Prepare to wait for FD_COUNT descriptors at FDS (borrowed until wait_close()).  Allocates.
 * Returns 0 or an errno.
 */
int wait_open(struct wait *wait, const int *fds, uint32_t fd_count);

/* As wait_open(), but with this kind or not at all. */
int wait_open_kind(struct wait *wait, const int *fds, uint32_t fd_count, enum wait_kind kind);

/* Sleep at most TIMEOUT_NS.  Returns true when a descriptor announced something meanwhile. */
bool wait_for(struct wait *wait, uint64_t timeout_ns);

/* Let go of what wait_open() made; harmless twice. */
void wait_close(struct wait *wait);

#endif
