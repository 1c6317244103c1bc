/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "syscall/harness.h"

static void
socket_makes(struct expect *e)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);

	expect_result(e, fd);
	expect_number(e, "domain", AF_INET);
	expect_number(e, "type", SOCK_STREAM);
	expect_number(e, "proto", IPPROTO_TCP);
	expect_number(e, "flags", 64 | 4096);
	close(fd);
}

static void
socket_fails(struct expect *e)
{
	expect_result(e, socket(77, SOCK_STREAM, 0));
	expect_number(e, "domain", 77);
	expect_number(e, "flags", 0);
}

SYSCALL_CASES(socket) = {
	{ "makes one", socket_makes },
	{ "fails on a family that is none", socket_fails },
	{ NULL, NULL }
};

static struct sockaddr_in
loopback(uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return in;
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_in in = { 0 };
	socklen_t len = sizeof(in);

	getsockname(fd, (struct sockaddr *)&in, &len);
	return ntohs(in.sin_port);
}

/* A listening socket on a free port of the loopback device. */
static int
listener(void)
{
	struct sockaddr_in in = loopback(0);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&in, sizeof(in)) < 0 || listen(fd, 7) < 0)
		abort();
	return fd;
}

static struct wire_tuple
tuple_of(uint8_t type, uint8_t protocol, struct sockaddr_in source, struct sockaddr_in destination)
{
	struct wire_tuple t = { .family = AF_INET, .protocol = protocol, .type = type };

	t.source_port = ntohs(source.sin_port);
	t.destination_port = ntohs(destination.sin_port);
	memcpy(t.source, &source.sin_addr, 4);
	memcpy(t.destination, &destination.sin_addr, 4);
	return t;
}

static struct wire_address
address_of(struct sockaddr_in in)
{
	struct wire_address a = { .family = AF_INET, .port = ntohs(in.sin_port) };

	memcpy(a.addr, &in.sin_addr, 4);
	return a;
}

static void
connect_connects(struct expect *e)
{
	int server = listener(), fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in to = loopback(port_of(server));
	struct wire_address a = address_of(to);
	struct wire_tuple t;

	expect_result(e, connect(fd, (struct sockaddr *)&to, sizeof(to)));
	t = tuple_of(SOCK_STREAM, IPPROTO_TCP, loopback(port_of(fd)), to);
	expect_bytes(e, "tuple", &t, sizeof(t));
	expect_number(e, "fd", fd);
	expect_bytes(e, "addr", &a, sizeof(a));
	expect_number(e, "sock", AF_INET | SOCK_STREAM << 16 | (int64_t)IPPROTO_TCP << 32);
	expect_bytes(e, "sock_tuple", &t, sizeof(t));
	close(fd);
	close(server);
}

static void
connect_mapped(struct expect *e)
{
	int server = listener(), fd = socket(AF_INET6, SOCK_STREAM, 0);
	struct sockaddr_in to = loopback(port_of(server));
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = to.sin_port },
			    own = { 0 };
	socklen_t len = sizeof(own);
	struct wire_tuple t;

	inet_pton(AF_INET6, "::ffff:127.0.0.1", &in6.sin6_addr);
	expect_result(e, connect(fd, (struct sockaddr *)&in6, sizeof(in6)));
	if (e->result != 0)
		expect_skip(e, "no IPv6");
	getsockname(fd, (struct sockaddr *)&own, &len);
	t = tuple_of(SOCK_STREAM, IPPROTO_TCP, loopback(ntohs(own.sin6_port)), to);
	expect_bytes(e, "tuple", &t, sizeof(t));
	close(fd);
	close(server);
}

static void
connect_fails(struct expect *e)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in to = loopback(1);
	struct wire_address a = address_of(to);

	expect_result(e, connect(fd, (struct sockaddr *)&to, sizeof(to)));
	expect_absent(e, "tuple");
	expect_bytes(e, "addr", &a, sizeof(a));
	close(fd);
}

static void
connect_unix(struct expect *e)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int server = socket(AF_UNIX, SOCK_STREAM, 0), fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct { struct wire_address a; char path[108]; } want = { .a = { .family = AF_UNIX } };

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", harness_path("s"));
	snprintf(want.path, sizeof(want.path), "%s", un.sun_path);
	if (bind(server, (struct sockaddr *)&un, sizeof(un)) < 0 || listen(server, 1) < 0)
		abort();
	expect_result(e, connect(fd, (struct sockaddr *)&un, sizeof(un)));
	expect_bytes(e, "addr", &want, sizeof(want.a) + strlen(want.path));
	expect_number(e, "sock", AF_UNIX | SOCK_STREAM << 16);
	close(fd);
	close(server);
}

static void
connect_not_socket(struct expect *e)
{
	struct sockaddr_in to = loopback(1);
	int fd = open("/dev/null", O_RDONLY);

	expect_result(e, connect(fd, (struct sockaddr *)&to, sizeof(to)));
	expect_absent(e, "sock");
	expect_absent(e, "sock_tuple");
	close(fd);
}

SYSCALL_CASES(connect) = {
	{ "tells both ends, the client first", connect_connects },
	{ "tells IPv4 behind IPv6 as IPv4", connect_mapped },
	{ "fails where nobody listens", connect_fails },
	{ "tells the path of a unix socket", connect_unix },
	{ "fails on what is no socket", connect_not_socket },
	{ NULL, NULL }
};

static void
bind_binds(struct expect *e)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in at = loopback(0);
	struct wire_address a = address_of(at);
	struct sockaddr_in none = { .sin_family = AF_INET };
	struct wire_tuple t;

	expect_result(e, bind(fd, (struct sockaddr *)&at, sizeof(at)));
	at = loopback(port_of(fd));
	t = tuple_of(SOCK_DGRAM, IPPROTO_UDP, none, at);
	expect_bytes(e, "addr", &a, sizeof(a));
	expect_number(e, "fd", fd);
	expect_bytes(e, "sock_tuple", &t, sizeof(t));
	close(fd);
}

static void
bind_abstract(struct expect *e)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "\0hidden" };
	struct {
		struct wire_address a;
		char path[8];
	} want = { .a = { .family = AF_UNIX }, .path = "hidden" };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	expect_result(e, bind(fd, (struct sockaddr *)&un, sizeof(un.sun_family) + 7));
	expect_bytes(e, "addr", &want, sizeof(want.a) + 6);
	close(fd);
}

static void
bind_fails(struct expect *e)
{
	expect_result(
	    e, bind(-1, (struct sockaddr *)&(struct sockaddr_in){ .sin_family = AF_INET }, 16));
	expect_number(e, "fd", -1);
	expect_absent(e, "sock");
}

SYSCALL_CASES(bind) = {
	{ "tells the port that was given", bind_binds },
	{ "tells an abstract name without its NUL", bind_abstract },
	{ "fails on a descriptor that is none", bind_fails },
	{ NULL, NULL }
};

static void
listen_listens(struct expect *e)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in at = loopback(0), none = { .sin_family = AF_INET };
	struct wire_tuple t;

	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		abort();
	expect_result(e, listen(fd, 5));
	t = tuple_of(SOCK_STREAM, IPPROTO_TCP, none, loopback(port_of(fd)));
	expect_number(e, "fd", fd);
	expect_number(e, "backlog", 5);
	expect_bytes(e, "sock_tuple", &t, sizeof(t));
	close(fd);
}

static void
listen_fails(struct expect *e)
{
	expect_result(e, listen(-1, -2));
	expect_number(e, "fd", -1);
	expect_number(e, "backlog", -2);
}

SYSCALL_CASES(listen) = {
	{ "listens", listen_listens },
	{ "fails on a descriptor that is none", listen_fails },
	{ NULL, NULL }
};

/* Accept one connection from ourselves with ACCEPT. */
static void
accept_with(struct expect *e, int (*how)(int))
{
	int server = listener(), client = socket(AF_INET, SOCK_STREAM, 0), fd;
	struct sockaddr_in to = loopback(port_of(server));
	struct wire_tuple t;

	if (connect(client, (struct sockaddr *)&to, sizeof(to)) < 0)
		abort();
	fd = how(server);
	t = tuple_of(SOCK_STREAM, IPPROTO_TCP, loopback(port_of(client)), to);
	expect_result(e, fd);
	expect_bytes(e, "tuple", &t, sizeof(t));
	expect_bytes(e, "sock_tuple", &t, sizeof(t));
	expect_number(e, "queuelen", 0);
	expect_number(e, "queuemax", 7);
	expect_number(e, "queuepct", 0);
	close(client);
	close(server);
	close(fd);
}

static int
plain_accept(int fd)
{
	return accept(fd, NULL, NULL);
}

static int
flags_accept(int fd)
{
	return accept4(fd, NULL, NULL, SOCK_CLOEXEC);
}

static void
accept_accepts(struct expect *e)
{
	accept_with(e, plain_accept);
}

static void
accept_fails(struct expect *e)
{
	expect_result(e, accept(-1, NULL, NULL));
	expect_absent(e, "tuple");
	expect_absent(e, "queuelen");
}

SYSCALL_CASES(accept) = {
	{ "tells both ends, the client first", accept_accepts },
	{ "fails on a descriptor that is none", accept_fails },
	{ NULL, NULL }
};

static void
accept4_accepts(struct expect *e)
{
	accept_with(e, flags_accept);
	expect_number(e, "flags", SOCK_CLOEXEC);
}

static void
accept4_fails(struct expect *e)
{
	int fd = listener();

	fcntl(fd, F_SETFL, O_NONBLOCK);
	expect_result(e, accept4(fd, NULL, NULL, 0));
	expect_number(e, "flags", 0);
	expect_number(e, "queuemax", 7);
	expect_absent(e, "tuple");
	close(fd);
}

SYSCALL_CASES(accept4) = {
	{ "tells both ends and the flags", accept4_accepts },
	{ "fails when nobody is waiting", accept4_fails },
	{ NULL, NULL }
};
