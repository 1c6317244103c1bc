/* SPDX-License-Identifier: Apache-2.0 */
/* Raw records of what is done to descriptors and sockets.  See mix_raw.h. */
#include <errno.h>
#include <sys/socket.h>

#include "mix_raw_inside.h"

static struct span
tuple_bytes(const struct mix_event *event, char *buf)
{
	size_t len = sizeof(event->tuple);

	memcpy(buf, &event->tuple, len);
	if (event->tuple.family == AF_UNIX && event->sock_path.len > 0) {
		memcpy(buf + len, event->sock_path.ptr, event->sock_path.len);
		len += event->sock_path.len;
	}
	return (struct span){ buf, len };
}

/* SOCKET_TRUTH from slot SOCK on; returns what the tuple's slot holds. */
static uint64_t
put_socket(struct making *making, uint32_t sock)
{
	const struct mix_event *event = making->event;
	uint32_t tuple = sock + P_connect_sock_tuple - P_connect_sock;
	char buf[sizeof(event->tuple) + MIX_PATH_MAX];
	uint64_t slot;

	if (event->sock == 0)
		return 0;
	put(making, sock, event->sock);
	slot = (uint64_t)sizeof(event->tuple) << 32;
	put_span(making, tuple, tuple_bytes(event, buf));
	memcpy(&slot, making->writer.buf + EVENT_HEAD_BYTES +
	    8 * (EVENT_STATE_WORDS(making->writer.params) + tuple), sizeof(slot));
	return slot;
}

void
mix_put_fd(struct making *making)
{
	const struct mix_event *event = making->event;

	switch (event->type) {
	case EV_close: PUT(close, fd, event->fd); break;
	case EV_fchmod:
		PUT(fchmod, fd, event->fd);
		PUT(fchmod, mode, event->mode);
		PUT_FILE(fchmod);
		break;
	case EV_fchdir:
		PUT(fchdir, fd, event->fd);
		PUT_SPAN(fchdir, new_cwd, event->file);
		break;
	case EV_setns:
		PUT(setns, fd, event->fd);
		PUT(setns, nstype, event->flags);
		PUT_FILE(setns);
		break;
	case EV_dup:
		PUT(dup, oldfd, event->fd);
		PUT_FILE(dup);
		(void)put_socket(making, P_dup_sock);
		break;
	case EV_dup2:
		PUT(dup2, oldfd, event->fd);
		PUT(dup2, newfd, event->new_fd);
		PUT_FILE(dup2);
		(void)put_socket(making, P_dup2_sock);
		break;
	default:
		PUT(dup3, oldfd, event->fd);
		PUT(dup3, newfd, event->new_fd);
		PUT(dup3, flags, 4096);
		PUT_FILE(dup3);
		(void)put_socket(making, P_dup3_sock);
		break;
	}
}

static void
put_address(struct making *making, uint32_t slot)
{
	const struct mix_event *event = making->event;
	char buf[sizeof(event->address) + MIX_PATH_MAX];
	size_t len = sizeof(event->address);

	memcpy(buf, &event->address, len);
	if (event->sock_path.len > 0)
		memcpy(buf + len, event->sock_path.ptr, event->sock_path.len);
	put_span(making, slot, (struct span){ buf, len + event->sock_path.len });
}

void
mix_put_net(struct making *making)
{
	const struct mix_event *event = making->event;
	uint64_t piece;

#define PUT_ACCEPTED(e) do { \
	PUT(e, queuelen, 0); \
	PUT(e, queuemax, 511); \
	PUT(e, queuepct, 0); \
	if (event->result >= 0) /* one piece, two slots */ \
		PUT(e, tuple, put_socket(making, P_##e##_sock)); \
} while (0)
	switch (event->type) {
	case EV_socket:
		PUT(socket, domain, event->tuple.family);
		PUT(socket, type, event->tuple.type);
		PUT(socket, proto, 0);
		PUT(socket, flags, event->flags);
		break;
	case EV_connect:
		PUT(connect, fd, event->fd);
		put_address(making, P_connect_addr);
		piece = put_socket(making, P_connect_sock);
		if (event->result == 0 || event->result == -EINPROGRESS)
			PUT(connect, tuple, piece);
		break;
	case EV_bind:
		PUT(bind, fd, event->fd);
		put_address(making, P_bind_addr);
		(void)put_socket(making, P_bind_sock);
		break;
	case EV_listen:
		PUT(listen, fd, event->fd);
		PUT(listen, backlog, 511);
		(void)put_socket(making, P_listen_sock);
		break;
	case EV_accept:
		PUT_ACCEPTED(accept);
		break;
	default:
		PUT(accept4, flags, event->flags);
		PUT_ACCEPTED(accept4);
		break;
	}
}
