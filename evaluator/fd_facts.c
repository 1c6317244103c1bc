/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an event's descriptor is: from what the kernel told with the event, and where it
 * could not tell (the call failed, the descriptor is gone), from what the caller passed.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "sources.h"

static const struct {
	const char *name;
	char letter;
} kinds[KIND_COUNT] = {
	[KIND_NONE] = { NULL, 'o' },
	[KIND_FILE] = { "file", 'f' },
	[KIND_DIRECTORY] = { "directory", 'd' },
	[KIND_IPV4] = { "ipv4", '4' },
	[KIND_IPV6] = { "ipv6", '6' },
	[KIND_UNIX] = { "unix", 'u' },
	[KIND_PIPE] = { "pipe", 'p' },
	[KIND_EVENT] = { "event", 'e' },
	[KIND_SIGNAL] = { "signalfd", 's' },
	[KIND_EVENTPOLL] = { "eventpoll", 'l' },
	[KIND_INOTIFY] = { "inotify", 'i' },
	[KIND_TIMER] = { "timerfd", 't' },
	[KIND_NETLINK] = { "netlink", 'n' },
	[KIND_BPF] = { "bpf", 'b' },
	[KIND_USERFAULT] = { "userfaultfd", 'u' },
	[KIND_IO_URING] = { "io_uring", 'r' },
	[KIND_MEMFD] = { "memfd", 'm' },
	[KIND_PIDFD] = { "pidfd", 'P' },
	[KIND_OTHER] = { "<NA>", 'o' },
};

/* How the kernel calls files that have no path. */
static const struct {
	const char *prefix;
	enum fd_kind kind;
} pathless[] = {
	{ "anon_inode:[eventfd]", KIND_EVENT },
	{ "anon_inode:[signalfd]", KIND_SIGNAL },
	{ "anon_inode:[eventpoll]", KIND_EVENTPOLL },
	{ "anon_inode:[timerfd]", KIND_TIMER },
	{ "anon_inode:[userfaultfd]", KIND_USERFAULT },
	{ "anon_inode:[io_uring]", KIND_IO_URING },
	{ "anon_inode:[pidfd]", KIND_PIDFD },
	{ "anon_inode:inotify", KIND_INOTIFY },
	{ "anon_inode:[inotify]", KIND_INOTIFY },
	{ "anon_inode:bpf", KIND_BPF },
	{ "anon_inode:[bpf", KIND_BPF },
	{ "memfd:", KIND_MEMFD },
	{ "pipe:", KIND_PIPE },
};

const char *
fd_kind_name(enum fd_kind kind)
{
	return kinds[kind].name;
}

char
fd_kind_char(enum fd_kind kind)
{
	return kinds[kind].letter;
}

static enum fd_kind
kind_of_family(uint32_t family)
{
	switch (family) {
	case AF_INET: return KIND_IPV4;
	case AF_INET6: return KIND_IPV6;
	case AF_UNIX: return KIND_UNIX;
	case AF_NETLINK: return KIND_NETLINK;
	}
	return KIND_OTHER;
}

static bool
span_begins(struct span text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text.len >= len && memcmp(text.ptr, prefix, len) == 0;
}

static enum fd_kind
kind_of_file(struct span file, uint64_t mode)
{
	bool pathful = file.len > 0 && file.ptr[0] == '/';

	for (size_t i = 0; !pathful && i < sizeof(pathless) / sizeof(pathless[0]); i++)
		if (span_begins(file, pathless[i].prefix))
			return pathless[i].kind;
	switch (mode & S_IFMT) {
	case S_IFDIR: return KIND_DIRECTORY;
	case S_IFIFO: return KIND_PIPE;
	case S_IFSOCK: return KIND_OTHER;
	}
	return KIND_FILE;
}

static struct address
address_of(uint16_t family, const uint8_t *bytes)
{
	struct address address = { 0 };

	address.family = family == AF_INET ? ADDRESS_IPV4 : ADDRESS_IPV6;
	memcpy(address.bytes, bytes, family == AF_INET ? 4 : 16);
	return address;
}

/*
 * Take both ends from a connection's bytes.  Returns false when they are too short or no
 * connection.
 */
static bool
facts_take_tuple(struct fd_facts *facts, struct span bytes)
{
	struct wire_tuple tuple;

	if (bytes.len < sizeof(tuple))
		return false;
	memcpy(&tuple, bytes.ptr, sizeof(tuple));
	facts->kind = kind_of_family(tuple.family);
	facts->protocol = tuple.protocol;
	facts->socket_type = tuple.type;
	if (tuple.family == AF_UNIX) {
		facts->source_id = tuple.source_id;
		facts->destination_id = tuple.destination_id;
		facts->path = (struct span){ bytes.ptr + sizeof(tuple), bytes.len - sizeof(tuple) };
	} else if (tuple.family == AF_INET || tuple.family == AF_INET6) {
		facts->source = address_of(tuple.family, tuple.source);
		facts->destination = address_of(tuple.family, tuple.destination);
		facts->source_port = tuple.source_port;
		facts->destination_port = tuple.destination_port;
	}
	return true;
}

/* The address that bind(2) was given is the server's end. */
static void
facts_take_bound(struct fd_facts *facts, struct span bytes)
{
	struct wire_address address;

	if (bytes.len < sizeof(address))
		return;
	memcpy(&address, bytes.ptr, sizeof(address));
	facts->kind = kind_of_family(address.family);
	facts->known = true;
	facts->role = END_BOUND;
	memset(&facts->source, 0, sizeof(facts->source));
	facts->source_port = 0;
	if (address.family == AF_UNIX) {
		facts->path = (struct span){ bytes.ptr + sizeof(address),
			bytes.len - sizeof(address) };
	} else if (address.family == AF_INET || address.family == AF_INET6) {
		facts->destination = address_of(address.family, address.addr);
		facts->destination_port = address.port;
	}
}

/*
 * A connection that failed has no other end in the kernel, or half of one: it is the one that the
 * caller asked for.  What is mapped into IPv6 is IPv4, as everywhere.
 */
static void
facts_take_asked(struct fd_facts *facts, struct span bytes)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct wire_address address;
	const uint8_t *addr = address.addr;

	if (bytes.len < sizeof(address) || facts->destination_port != 0)
		return;
	memcpy(&address, bytes.ptr, sizeof(address));
	if (address.family == AF_INET6 && memcmp(addr, mapped, sizeof(mapped)) == 0) {
		address.family = AF_INET;
		addr += sizeof(mapped);
	}
	if (address.family == AF_UNIX && facts->kind == KIND_UNIX && facts->path.len == 0)
		facts->path = (struct span){ bytes.ptr + sizeof(address),
			bytes.len - sizeof(address) };
	if (address.family != AF_INET && address.family != AF_INET6)
		return;
	facts->kind = kind_of_family(address.family);
	facts->destination = address_of(address.family, addr);
	facts->destination_port = address.port;
	if (facts->source.family != facts->destination.family) {
		memset(&facts->source, 0, sizeof(facts->source));
		facts->source.family = facts->destination.family;
	}
}

/* A listening socket has one end: the server's. */
static void
facts_take_listening(struct fd_facts *facts)
{
	facts->role = END_BOUND;
	if (facts->source_port != 0 && facts->destination_port == 0) {
		facts->destination = facts->source;
		facts->destination_port = facts->source_port;
	}
	memset(&facts->source, 0, sizeof(facts->source));
	facts->source_port = 0;
}

static void
facts_take_socket(struct event_view *view, struct fd_facts *facts)
{
	const struct event_layout *layout = view->layout;
	uint64_t sock = 0, domain = 0;
	struct span bytes;
	bool known = view_scalar(view, layout->sock, &sock) && sock != 0;

	if (known) {
		facts->kind = kind_of_family((uint32_t)(sock & 0xffff));
		facts->socket_type = (uint8_t)(sock >> 16);
		facts->protocol = (uint8_t)(sock >> 32);
	}
	if (view_bytes(view, layout->sock_tuple, &bytes) || view_bytes(view, layout->tuple, &bytes))
		known = facts_take_tuple(facts, bytes) || known;
	if (layout->domain >= 0 && facts->number >= 0 &&
	    view_scalar(view, layout->domain, &domain)) {
		facts->kind = kind_of_family((uint32_t)domain);
		known = true;
	}
	facts->known = facts->known || known;
	switch (view->info->id) {
	case EV_connect:
		facts->role = END_CLIENT;
		if (known && view->record.head->result < 0 &&
		    view_bytes(view, layout->addr, &bytes))
			facts_take_asked(facts, bytes);
		break;
	case EV_accept:
	case EV_accept4:
		facts->role = END_SERVER;
		break;
	case EV_bind:
		if (view_bytes(view, layout->addr, &bytes) && view->record.head->result >= 0)
			facts_take_bound(facts, bytes);
		break;
	case EV_listen:
		facts_take_listening(facts);
		break;
	default:
		break;
	}
}

static void
facts_take_file(struct event_view *view, struct fd_facts *facts)
{
	uint64_t mode = 0;

	if (view_bytes(view, view->layout->file, &facts->file)) {
		(void)view_scalar(view, view->layout->file_mode, &mode);
		facts->kind = kind_of_file(facts->file, mode);
		facts->known = true;
	} else if (view->layout->file < 0 && view_bytes(view, view->layout->base, &facts->file)) {
		/* The descriptor is the directory that a relative path starts from. */
		facts->kind = KIND_DIRECTORY;
		facts->known = true;
	}
}

/* What a descriptor will be that a failed call was to make. */
static enum fd_kind
kind_expected(uint16_t event)
{
	switch (event) {
	case EV_open:
	case EV_openat:
	case EV_openat2:
	case EV_creat:
		return KIND_FILE;
	case EV_socket:
	case EV_accept:
	case EV_accept4:
		return KIND_IPV4;
	default:
		return KIND_NONE;
	}
}

const struct fd_facts *
fd_facts(struct event_view *view)
{
	const struct event_info *info = view->info;
	struct fd_facts *facts = &view->facts;
	uint64_t number = (uint64_t)-1;

	if (view->has_facts)
		return facts;
	view->has_facts = true;
	memset(facts, 0, sizeof(*facts));
	facts->has_fd = (info->flags & (EVENT_CREATES_FD | EVENT_USES_FD | EVENT_DESTROYS_FD)) != 0;
	if (!facts->has_fd)
		return facts;
	if (info->fd != FD_IS_RESULT)
		(void)view_scalar(view, info->fd, &number);
	else if (view->record.head->result >= 0)
		number = (uint64_t)view->record.head->result;
	facts->number = (int64_t)number;
	facts_take_file(view, facts);
	if (view->layout->socket)
		facts_take_socket(view, facts);
	if (!facts->known)
		facts->kind = kind_expected(info->id);
	return facts;
}

void
address_print(struct text *out, const struct address *address)
{
	char buf[INET6_ADDRSTRLEN];
	int family = address->family == ADDRESS_IPV4 ? AF_INET : AF_INET6;

	if (address->family != ADDRESS_NONE &&
	    inet_ntop(family, address->bytes, buf, sizeof(buf)) != NULL)
		text_string(out, buf);
}

void
address_print_port(struct text *out, const struct address *address, uint16_t port)
{
	address_print(out, address);
	text_char(out, ':');
	text_u64(out, port);
}

/* Protocols without ports, and raw sockets, are shown by address alone. */
static bool
facts_have_ports(const struct fd_facts *facts)
{
	return facts->socket_type != SOCK_RAW && facts->protocol != IPPROTO_ICMP &&
	    facts->protocol != IPPROTO_ICMPV6;
}

static void
end_print(struct text *out, const struct fd_facts *facts, const struct address *address,
    uint16_t port)
{
	if (facts_have_ports(facts))
		address_print_port(out, address, port);
	else
		address_print(out, address);
}

void
tuple_print(struct text *out, const struct fd_facts *facts)
{
	if (facts->kind == KIND_UNIX && facts->role != END_BOUND &&
	    (facts->source_id != 0 || facts->destination_id != 0)) {
		text_format(out, "%llx->%llx", (unsigned long long)facts->source_id,
		    (unsigned long long)facts->destination_id);
		if (facts->path.len > 0)
			text_char(out, ' ');
	}
	if (facts->source.family != ADDRESS_NONE) {
		end_print(out, facts, &facts->source, facts->source_port);
		text_string(out, "->");
	}
	if (facts->destination.family != ADDRESS_NONE)
		end_print(out, facts, &facts->destination, facts->destination_port);
	/* The name of an abstract socket begins with a NUL. */
	for (size_t i = 0; i < facts->path.len; i++)
		if (facts->path.ptr[i] != '\0')
			text_char(out, facts->path.ptr[i]);
}

/* The path of an open call in the caller's spelling. */
static bool
opened_path(struct event_view *view, struct span *path)
{
	switch (view->info->id) {
	case EV_open:
	case EV_openat:
	case EV_openat2:
	case EV_creat:
		/* Mostly the kernel spells it alike, and what the kernel spells is normal. */
		if (view_bytes(view, view->layout->name, path) && path->len > 0 &&
		    path->ptr[0] == '/' && span_equal(*path, view->facts.file))
			return true;
		return path_param(view, view->layout->name, path);
	default:
		return false;
	}
}

static struct span
kernel_name(const struct fd_facts *facts)
{
	static const char memfd[] = "memfd:";

	if (facts->kind == KIND_MEMFD && span_begins(facts->file, memfd))
		return (struct span){ facts->file.ptr + sizeof(memfd) - 1,
			facts->file.len - (sizeof(memfd) - 1) };
	if (span_begins(facts->file, "anon_inode:") || span_begins(facts->file, "socket:"))
		return SPAN_NONE;
	return facts->file;
}

const struct fd_facts *
fd_names(struct event_view *view)
{
	struct fd_facts *facts = &view->facts;
	struct text out;

	(void)fd_facts(view);
	if (view->has_names)
		return facts;
	view->has_names = true;
	facts->kernel = kernel_name(facts);
	if (opened_path(view, &facts->caller) ||
	    (facts->file.len > 0 && !span_begins(facts->file, "socket:")))
		return facts;
	scratch_begin(view->scratch, &out);
	tuple_print(&out, facts);
	facts->kernel = scratch_end(view->scratch, &out);
	return facts;
}

void
fd_print_mark(struct text *out, const struct fd_facts *facts)
{
	text_char(out, '<');
	text_char(out, fd_kind_char(facts->kind));
	if (facts->kind == KIND_IPV4 || facts->kind == KIND_IPV6) {
		if (facts->socket_type == SOCK_RAW)
			text_char(out, 'r');
		else if (facts->protocol == IPPROTO_TCP)
			text_char(out, 't');
		else if (facts->protocol == IPPROTO_UDP)
			text_char(out, 'u');
		else if (facts->protocol == IPPROTO_ICMP || facts->protocol == IPPROTO_ICMPV6)
			text_char(out, 'i');
	}
	text_char(out, '>');
}
