/* SPDX-License-Identifier: Apache-2.0 */
/* Handing kernel descriptors over to whoever comes next.  See handover.h. */
#include "handover.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"

static uint64_t
monotonic_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

/* The former collector's marks, if they are of this form; else fresh ones. */
static int
marks_fd(struct keeper *keeper)
{
	int fd = keeper_take_deposit(keeper, "marks");
	struct stat st;

	if (fd >= 0) {
		if (fstat(fd, &st) == 0 && st.st_size == (off_t)sizeof(struct handover_marks))
			return fd;
		(void)close(fd);
	}
	if ((fd = memfd_create("saker-marks", MFD_CLOEXEC | MFD_ALLOW_SEALING)) < 0)
		return -errno;
	if (ftruncate(fd, sizeof(struct handover_marks)) < 0) {
		int err = -errno;

		(void)close(fd);
		return err;
	}
	return fd;
}

int
handover_open(struct handover *h, struct keeper *keeper)
{
	void *map;

	*h = (struct handover){ keeper_take_deposit(keeper, "handover"), marks_fd(keeper), NULL };
	if (h->marks_fd < 0)
		return h->marks_fd;
	map = mmap(NULL, sizeof(struct handover_marks), PROT_READ | PROT_WRITE, MAP_SHARED,
	    h->marks_fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	h->marks = map;
	return 0;
}

bool
handover_resume(struct handover *h, struct raw *raw)
{
	bool resume = h->marks->valid == 1 && raw->position == 0 &&
	    h->marks->cpu_count == raw->cpu_count;

	if (resume)
		memcpy(raw->ring.words, h->marks->words,
		    8 * (size_t)raw_word_count(raw->cpu_count));
	h->marks->valid = 0;
	return resume;
}

/* Everything that is deposited, as two lists.  Returns how many. */
static uint32_t
handover_list(const struct handover *h, const struct source_bpf *source, int *fds,
    const char **names)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < source->held_count; i++) {
		fds[count] = source->held[i].fd;
		names[count++] = source->held[i].name;
	}
	fds[count] = h->marks_fd;
	names[count++] = "marks";
	return count;
}

int
handover_deposit(const struct handover *h, const struct source_bpf *source, struct keeper *keeper)
{
	const char *names[KEEPER_DEPOSIT_MAX];
	int fds[KEEPER_DEPOSIT_MAX];
	uint32_t count = handover_list(h, source, fds, names);

	return keeper_deposit(keeper, fds, names, count);
}

static void
marks_write(struct handover *h, const struct raw *raw)
{
	h->marks->cpu_count = raw->cpu_count;
	h->marks->position = raw->position;
	memcpy(h->marks->words, raw->ring.words, 8 * (size_t)raw_word_count(raw->cpu_count));
	__atomic_store_n(&h->marks->valid, 1, __ATOMIC_RELEASE);
}

/* Only root, or who this process was started by, may take over. */
static bool
peer_entitled(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0 || len != sizeof(peer))
		return false;
	return peer.uid == 0 || peer.uid == getuid();
}

/* Hear one caller out.  Returns 0 when it has everything. */
static int
handover_serve(const struct handover *h, const struct source_bpf *source, int fd)
{
	struct keeper_message message;
	const char *names[KEEPER_DEPOSIT_MAX];
	int fds[KEEPER_DEPOSIT_MAX], came[KEEPER_DEPOSIT_BATCH];
	uint64_t deadline_ns = (monotonic_ms() + 1000) * 1000000;
	uint32_t came_count = 0;
	int err;

	if (!peer_entitled(fd))
		return -EPERM;
	if ((err = keeper_receive_until(fd, deadline_ns, &message, came, &came_count)) < 0)
		return err;
	for (uint32_t i = 0; i < came_count; i++)
		(void)close(came[i]);
	if (message.request != KEEPER_HANDOVER)
		return -EPROTO;
	return keeper_send_deposits(fd, ROLE_COLLECTOR, fds, names,
	    handover_list(h, source, fds, names));
}

int
handover_wait(struct handover *h, const struct source_bpf *source, struct raw *raw)
{
	uint64_t now = monotonic_ms(), deadline = now + HANDOVER_WAIT_MS;

	if (h->listen_fd < 0)
		return -ENOTCONN;
	marks_write(h, raw);
	for (; now < deadline; now = monotonic_ms()) {
		struct pollfd pollfd = { h->listen_fd, POLLIN, 0 };
		int fd, err;

		if (poll(&pollfd, 1, (int)(deadline - now)) <= 0)
			continue;
		if ((fd = accept4(h->listen_fd, NULL, NULL, SOCK_CLOEXEC)) < 0)
			continue;
		err = handover_serve(h, source, fd);
		(void)close(fd);
		if (err == 0)
			return 0;
		log_warnx("handing over to a new keeper: %s", strerror(-err));
	}
	return -ETIMEDOUT;
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void
handover_close(struct handover *h)
{
	if (h->marks)
		(void)munmap(h->marks, sizeof(struct handover_marks));
	h->marks = NULL;
	close_fd(&h->marks_fd);
	close_fd(&h->listen_fd);
}
