/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sink for standard output: a line an alert.  A reader that is slow or gone must not make
 * this process look hung, so it never writes more than the reader was seen to have room for.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sink.h"

enum {
	STDOUT_GATHER_MAX = 64 << 10, /* bytes after which gathered lines are written */
	STDOUT_CHUNK = 4096,          /* a pipe that is writable takes this much */
	STDOUT_POLL_MS = 100
};

struct stdout_state {
	char *buf;    /* STDOUT_GATHER_MAX + ALERT_LINE_MAX */
	size_t used;
	size_t sent;
	bool regular; /* a file: always writable, in any amount */
};

static int
stdout_open(struct sink *sink)
{
	static struct stdout_state state;
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) < 0)
		return -errno;
	state.regular = S_ISREG(st.st_mode);
	if ((state.buf = malloc(STDOUT_GATHER_MAX + ALERT_LINE_MAX)) == NULL)
		return -ENOMEM;
	sink->state = &state;
	return 0;
}

/* Wait for room.  0, -EAGAIN, or what a write would say. */
static int
stdout_room(const struct stdout_state *state)
{
	struct pollfd poll_fd = { .fd = STDOUT_FILENO, .events = POLLOUT };

	if (state->regular)
		return 0;
	if (poll(&poll_fd, 1, STDOUT_POLL_MS) <= 0)
		return -EAGAIN;
	return 0; /* on an error or hang-up the write tells which */
}

static int
stdout_push(struct sink *sink)
{
	struct stdout_state *state = sink->state;
	int err;

	while (state->sent < state->used) {
		size_t len = state->used - state->sent;
		ssize_t done;

		if ((err = stdout_room(state)) < 0)
			return err;
		if (!state->regular && len > STDOUT_CHUNK)
			len = STDOUT_CHUNK;
		done = write(STDOUT_FILENO, state->buf + state->sent, len);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		state->sent += (size_t)done;
		stats_add(sink->stats, STAT_SINK_out_bytes, (uint64_t)done);
	}
	state->sent = state->used = 0;
	return 0;
}

static void
stdout_format(struct sink *sink, const struct alert *alert)
{
	struct stdout_state *state = sink->state;
	struct text line;

	stats_work(sink->stats, alert->key.position);
	text_init(&line, state->buf + state->used, ALERT_LINE_MAX);
	if (!alert_print(&line, alert, &sink->format))
		stats_add(sink->stats, STAT_SINK_lost_bad, 1);
	state->used += line.len;
}

static int
stdout_deliver(struct sink *sink, const struct alert *alerts, uint32_t count, uint32_t *done)
{
	const struct stdout_state *state = sink->state;
	int err = 0;

	/* What is half written comes first. */
	if (state->sent > 0 || state->used >= STDOUT_GATHER_MAX || !sink->buffered)
		err = stdout_push(sink);
	while (err == 0 && *done < count) {
		stdout_format(sink, &alerts[*done]);
		(*done)++;
		if (!sink->buffered || state->used >= STDOUT_GATHER_MAX)
			err = stdout_push(sink);
	}
	return err;
}

static void
stdout_close(struct sink *sink)
{
	struct stdout_state *state = sink->state;

	free(state->buf);
	state->buf = NULL;
}

const struct sink_ops sink_stdout = {
	.name = "stdout",
	.open = stdout_open,
	.deliver = stdout_deliver,
	.flush = stdout_push,
	.close = stdout_close,
};
