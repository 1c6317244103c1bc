/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* Sockets: their ends as the kernel holds them, and the calls that make and join them. */
#include "socket.h"

#include <bpf/bpf_endian.h>

enum {
	FAMILY_UNIX = 1, FAMILY_INET = 2, FAMILY_INET6 = 10,
	STATE_LISTEN = 10,
	TYPE_MASK = 0xf, TYPE_NONBLOCK = 04000, TYPE_CLOEXEC = 02000000,
	NORMAL_NONBLOCK = 64, NORMAL_CLOEXEC = 4096,
	ERROR_IN_PROGRESS = 115,
	UNIX_PATH_MAX = 108
};

/* An IPv6 address that stands for an IPv4 one, and the unspecified address. */
static __always_inline bool
address_is_mapped(const __u32 *a)
{
	return a[0] == 0 && a[1] == 0 && a[2] == bpf_htonl(0xffff);
}

static __always_inline bool
address_is_none(const __u32 *a)
{
	return (a[0] | a[1] | a[2] | a[3]) == 0;
}

/* The two ends of an internet socket. */
struct ends {
	__u32 local[4], remote[4];
	__u16 local_port, remote_port, family;
};

static __always_inline void
ends_read(struct ends *e, struct sock *sock, __u16 family)
{
	__builtin_memset(e, 0, sizeof(*e));
	e->family = family;
	e->local_port = READ(sock, __sk_common.skc_num);
	e->remote_port = bpf_ntohs(READ(sock, __sk_common.skc_dport));
	if (family == FAMILY_INET) {
		e->local[0] = READ(sock, __sk_common.skc_rcv_saddr);
		e->remote[0] = READ(sock, __sk_common.skc_daddr);
		return;
	}
	bpf_core_read(e->local, sizeof(e->local), &sock->__sk_common.skc_v6_rcv_saddr);
	bpf_core_read(e->remote, sizeof(e->remote), &sock->__sk_common.skc_v6_daddr);
	/* Both ends are IPv4 in disguise when one is and the other is too, or says nothing. */
	if ((address_is_mapped(e->local) || address_is_none(e->local)) &&
	    address_is_mapped(e->remote)) {
		e->family = FAMILY_INET;
		e->local[0] = address_is_mapped(e->local) ? e->local[3] : 0;
		e->remote[0] = e->remote[3];
		e->local[1] = e->local[2] = e->local[3] = 0;
		e->remote[1] = e->remote[2] = e->remote[3] = 0;
	}
}

/*
 * What the task's end is: told by the call, remembered from connect and accept, or seen on a
 * listening socket.
 */
static __always_inline __u32
sock_role(struct sock *sock, __u32 role)
{
	__u64 key = (__u64)sock;
	__u32 *known;

	if (role != ROLE_UNKNOWN)
		return role;
	if (READ(sock, __sk_common.skc_state) == STATE_LISTEN)
		return ROLE_SERVER;
	known = bpf_map_lookup_elem(&socket_roles, &key);
	return known ? *known : ROLE_CLIENT;
}

static __always_inline void
sock_remember(struct sock *sock, __u32 role)
{
	__u64 key = (__u64)sock;

	if (sock)
		bpf_map_update_elem(&socket_roles, &key, &role, BPF_ANY);
}

static __always_inline void
tuple_internet(struct wire_tuple *t, struct sock *sock, __u16 family, __u32 role)
{
	struct ends e;

	ends_read(&e, sock, family);
	t->family = e.family;
	t->source_port = role == ROLE_SERVER ? e.remote_port : e.local_port;
	t->destination_port = role == ROLE_SERVER ? e.local_port : e.remote_port;
	__builtin_memcpy(t->source, role == ROLE_SERVER ? e.remote : e.local, sizeof(t->source));
	__builtin_memcpy(
	    t->destination, role == ROLE_SERVER ? e.local : e.remote, sizeof(t->destination));
}

/*
 * Append the name of a unix socket at ADDRESS (struct unix_address, may be NULL) to the piece;
 * its length.
 */
static __always_inline __u32
tuple_unix_name(struct scratch *s, struct unix_address *address, __u32 at)
{
	__u64 path = FIELD_OF(address, struct unix_address, name) + sizeof(__u16);
	__s32 len = address ? READ(address, len) - (__s32)sizeof(__u16) : 0;
	__u8 first = 0;
	long got;

	if (len <= 0)
		return 0;
	bpf_probe_read_kernel(&first, 1, (void *)path);
	if (first != 0) {
		got = bpf_probe_read_kernel_str(
		    s->record + (at & RECORD_MASK), UNIX_PATH_MAX + 1, (void *)path);
		return got > 0 ? (__u32)got - 1 : 0;
	}
	/* An abstract name: without the NUL in front, which only says what it is. */
	len = (len - 1) & 127;
	bpf_probe_read_kernel(s->record + (at & RECORD_MASK), (__u32)len, (void *)(path + 1));
	return (__u32)len;
}

static __always_inline __u32
tuple_unix(struct scratch *s, struct wire_tuple *t, struct sock *sock, __u32 role, __u32 at)
{
	struct unix_sock *own = (void *)sock, *peer = (void *)READ(own, peer);
	struct unix_sock *server = role == ROLE_SERVER ? own : peer;
	struct unix_sock *client = role == ROLE_SERVER ? peer : own;
	struct unix_address *address = server ? READ(server, addr) : NULL;

	t->source_id = (__u64)client;
	t->destination_id = (__u64)server;
	if (!address && client)
		address = READ(client, addr);
	return tuple_unix_name(s, address, at);
}

int
put_tuple(__u32 key, __u32 slot, __u64 sock_address, __u32 role)
{
	struct scratch *s = scratch_get(key);
	struct sock *sock = (void *)sock_address;
	struct wire_tuple t = {};
	__u32 at, name = 0;
	__u16 family;

	if (!s || !piece_begin(s, &at))
		return 0;
	family = READ(sock, __sk_common.skc_family);
	role = sock_role(sock, role);
	t.family = family;
	t.protocol = (__u8)READ(sock, sk_protocol);
	t.type = (__u8)READ(sock, sk_type);
	if (family == FAMILY_INET || family == FAMILY_INET6)
		tuple_internet(&t, sock, family, role);
	else if (family == FAMILY_UNIX)
		name = tuple_unix(s, &t, sock, role, at + sizeof(t));
	bpf_probe_read_kernel(s->record + (at & RECORD_MASK), sizeof(t), &t);
	piece_end(s, slot, at, sizeof(t) + (name & 127), PARAM_EXACT);
	return 0;
}

/* The caller's struct sockaddr_in and struct sockaddr_in6. */
struct internet4 { __u16 family, port; __u8 addr[4], zero[8]; };
struct internet6 { __u16 family, port; __u32 flow; __u8 addr[16]; __u32 scope; };

/* The internet part of the caller's address at ADDRESS. */
static __always_inline long
address_internet(struct wire_address *a, __u64 address)
{
	struct internet6 in6 = {};
	struct internet4 in = {};
	long err;

	if (a->family == FAMILY_INET) {
		err = bpf_probe_read_user(&in, sizeof(in), (void *)address);
		a->port = bpf_ntohs(in.port);
		__builtin_memcpy(a->addr, in.addr, sizeof(in.addr));
		return err;
	}
	err = bpf_probe_read_user(&in6, sizeof(in6), (void *)address);
	a->port = bpf_ntohs(in6.port);
	__builtin_memcpy(a->addr, in6.addr, sizeof(a->addr));
	return err;
}

/* Append the path of the caller's unix address of LEN bytes at ADDRESS; its length. */
static __always_inline __u32
address_unix_name(struct scratch *s, __u64 address, __u32 len, __u32 at)
{
	__u64 path = address + sizeof(__u16);
	__u8 first = 0;
	long got;

	if (len <= sizeof(__u16))
		return 0;
	len -= sizeof(__u16);
	len = len > UNIX_PATH_MAX ? UNIX_PATH_MAX : len;
	bpf_probe_read_user(&first, 1, (void *)path);
	if (first != 0) {
		OPAQUE(len);
		len &= 127;
		got = bpf_probe_read_user_str(
		    s->record + (at & RECORD_MASK), len + 1, (void *)path);
		return got > 0 ? (__u32)got - 1 : 0;
	}
	len = (len - 1) & 127;
	bpf_probe_read_user(s->record + (at & RECORD_MASK), len, (void *)(path + 1));
	return len;
}

int
put_user_address(__u32 key, __u32 slot, __u64 address, __u32 len)
{
	struct scratch *s = scratch_get(key);
	struct wire_address a = {};
	__u32 at, name = 0;
	long err;

	if (!s || !address || len < sizeof(__u16) || !piece_begin(s, &at))
		return 0;
	err = bpf_probe_read_user(&a.family, sizeof(a.family), (void *)address);
	if (!err && (a.family == FAMILY_INET || a.family == FAMILY_INET6))
		err = address_internet(&a, address);
	if (err) {
		slot_unreadable(s, slot);
		return 0;
	}
	if (a.family == FAMILY_UNIX)
		name = address_unix_name(s, address, len, at + sizeof(a));
	bpf_probe_read_kernel(s->record + (at & RECORD_MASK), sizeof(a), &a);
	piece_end(s, slot, at, sizeof(a) + (name & 127), PARAM_EXACT);
	return 0;
}

FILLER(socket)
{
	__u8 *rec = fixed(s, LANE_BULK, socket);
	__u32 type = (__u32)s->args[1], flags = 0;

	if (!rec)
		return 0;
	flags |= type & TYPE_NONBLOCK ? NORMAL_NONBLOCK : 0;
	flags |= type & TYPE_CLOEXEC ? NORMAL_CLOEXEC : 0;
	store(rec, socket, domain, (__u32)s->args[0]);
	store(rec, socket, type, type & TYPE_MASK);
	store(rec, socket, proto, (__u32)s->args[2]);
	store(rec, socket, flags, flags);
	return fixed_close(s, LANE_BULK, rec);
}

FILLER(connect)
{
	struct sock *sock = file_sock(fd_file(s, fd_arg(s, 0)));
	__u8 *rec = record_open(s, EV_connect, P_connect_COUNT);

	store(rec, connect, fd, fd_arg(s, 0));
	put_user_address(key, P_connect_addr, s->args[1], (__u32)s->args[2]);
	put_socket_truth(key, s, P_connect_sock, sock, ROLE_CLIENT);
	if (sock && (s->result == 0 || s->result == -ERROR_IN_PROGRESS)) {
		/* One piece, two slots. */
		slot_put(s, P_connect_tuple, slot_value(rec, connect, sock_tuple), PARAM_EXACT);
		sock_remember(sock, ROLE_CLIENT);
	}
	return emit(key, LANE_BULK);
}

FILLER(bind)
{
	struct sock *sock = file_sock(fd_file(s, fd_arg(s, 0)));
	__u8 *rec = record_open(s, EV_bind, P_bind_COUNT);

	store(rec, bind, fd, fd_arg(s, 0));
	put_user_address(key, P_bind_addr, s->args[1], (__u32)s->args[2]);
	put_socket_truth(key, s, P_bind_sock, sock, ROLE_SERVER);
	return emit(key, LANE_BULK);
}

FILLER(listen)
{
	struct sock *sock = file_sock(fd_file(s, fd_arg(s, 0)));
	__u8 *rec = record_open(s, EV_listen, P_listen_COUNT);

	store(rec, listen, fd, fd_arg(s, 0));
	store(rec, listen, backlog, (__s64)(__s32)s->args[1]);
	put_socket_truth(key, s, P_listen_sock, sock, ROLE_SERVER);
	return emit(key, LANE_BULK);
}

_Static_assert(P_accept_queuemax == P_accept4_queuemax && P_accept_tuple == P_accept4_tuple,
    "accepts are alike");

/* What accept and accept4 have in common; TRUTH is the slot of sock. */
static __always_inline void
put_accepted(__u32 key, struct scratch *s, __u32 truth)
{
	struct sock *listener = file_sock(fd_file(s, fd_arg(s, 0)));
	struct sock *sock = file_sock(fd_file(s, s->result));
	__u32 len, max;

	if (listener) {
		len = READ(listener, sk_ack_backlog);
		max = READ(listener, sk_max_ack_backlog);
		slot_put(s, P_accept_queuelen, len, PARAM_EXACT);
		slot_put(s, P_accept_queuemax, max, PARAM_EXACT);
		slot_put(s, P_accept_queuepct, max ? (__u64)len * 100 / max : 0, PARAM_EXACT);
	}
	if (!sock)
		return;
	put_socket_truth(key, s, truth, sock, ROLE_SERVER);
	sock_remember(sock, ROLE_SERVER);
}

FILLER(accept)
{
	__u8 *rec = record_open(s, EV_accept, P_accept_COUNT);

	put_accepted(key, s, P_accept_sock);
	if (s->result >= 0)
		slot_put(s, P_accept_tuple, slot_value(rec, accept, sock_tuple), PARAM_EXACT);
	return emit(key, LANE_BULK);
}

FILLER(accept4)
{
	__u8 *rec = record_open(s, EV_accept4, P_accept4_COUNT);

	store(rec, accept4, flags, (__s64)(__s32)s->args[3]);
	put_accepted(key, s, P_accept4_sock);
	if (s->result >= 0)
		slot_put(s, P_accept4_tuple, slot_value(rec, accept4, sock_tuple), PARAM_EXACT);
	return emit(key, LANE_BULK);
}
