/* SPDX-License-Identifier: Apache-2.0 */
/* fd.*: the descriptor that an event is about. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "sources.h"

enum { CONNECT_GOES_ON = -115 /* EINPROGRESS */ };

/* Flags of open calls and of creat that tell an overlay's layer (flags.def). */
enum { OPEN_UPPER = 32768, OPEN_LOWER = 65536, CREAT_UPPER = 1, CREAT_LOWER = 2 };

static bool
is_ip(const struct fd_facts *facts)
{
	return facts->kind == KIND_IPV4 || facts->kind == KIND_IPV6;
}

static bool
is_file(const struct fd_facts *facts)
{
	return facts->kind == KIND_FILE || facts->kind == KIND_DIRECTORY;
}

static void
get_num(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct fd_facts *facts = fd_facts(view);
	struct text out;

	value_none(value);
	if (!facts->has_fd)
		return;
	if (accessor->field == F_fd_num) {
		value_number(value, (uint64_t)facts->number);
		return;
	}
	scratch_begin(view->scratch, &out);
	text_u64(&out, view->record.head->tid);
	text_i64(&out, facts->number);
	value_text(value, scratch_end(view->scratch, &out));
}

static void
get_type(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct fd_facts *facts = fd_facts(view);

	(void)accessor;
	value_none(value);
	if (facts->known && fd_kind_name(facts->kind) != NULL)
		value_text(value, span_text(fd_kind_name(facts->kind)));
}

static void
get_typechar(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	static const char letters[] = "fd46upesiltnbrmPo";
	const struct fd_facts *facts = fd_facts(view);

	(void)accessor;
	value_none(value);
	if (facts->has_fd)
		value_text(value, (struct span){ strchr(letters, fd_kind_char(facts->kind)), 1 });
}

/*
 * Two spellings of one path: both when they differ, the kernel's first, or the one that the
 * configuration wants.
 */
static void
value_paths(struct event_view *view, struct span kernel, struct span caller,
    struct field_value *value)
{
	if (kernel.len == 0 || (caller.len > 0 && view->path_names == PATH_NAMES_CALLER)) {
		value_text(value, caller);
		return;
	}
	value_text(value, kernel);
	if (caller.len == 0 || view->path_names == PATH_NAMES_KERNEL || span_equal(kernel, caller))
		return;
	value->own.text[1] = caller;
	value->count = 2;
}

static void
get_name(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct fd_facts *facts = fd_facts(view);

	(void)accessor;
	value_none(value);
	if (!facts->has_fd)
		return;
	(void)fd_names(view);
	value_paths(view, facts->kernel, facts->caller, value);
}

static struct span
directory_part(const struct fd_facts *facts, struct span name)
{
	if (name.len == 0)
		return name;
	return facts->kind == KIND_DIRECTORY ? name : path_directory(name);
}

static void
get_directory(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct fd_facts *facts = fd_facts(view);

	(void)accessor;
	value_none(value);
	if (!facts->has_fd || (facts->known && !is_file(facts)))
		return;
	(void)fd_names(view);
	if (facts->kernel.len == 0 && facts->caller.len == 0) {
		value_text(value, SPAN_OF("/"));
		return;
	}
	value_paths(view, directory_part(facts, facts->kernel),
	    directory_part(facts, facts->caller), value);
}

static void
get_filename(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct fd_facts *facts = fd_facts(view);

	(void)accessor;
	value_none(value);
	if (facts->kind != KIND_FILE)
		return;
	(void)fd_names(view);
	if (facts->kernel.len == 0 && facts->caller.len == 0)
		return;
	value_paths(view, facts->kernel.len > 0 ? path_filename(facts->kernel) : facts->kernel,
	    facts->caller.len > 0 ? path_filename(facts->caller) : facts->caller, value);
}

static void
get_nameraw(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	struct span path;
	const struct fd_facts *facts = fd_facts(view);

	(void)accessor;
	value_none(value);
	if (!facts->has_fd)
		return;
	(void)fd_names(view);
	if (facts->caller.len > 0 && view_bytes(view, view->layout->name, &path))
		value_text(value, path_collapse(view, path));
	else
		value_text(value, facts->kernel);
}

/* CONTAINER:NAME and CONTAINER:DIRECTORY; outside of containers nothing stands before the colon. */
static void
get_in_container(struct event_view *view, const struct accessor *accessor,
    struct field_value *value)
{
	const struct context_entry *self = view_ancestor(view, 0);
	struct span id = SPAN_NONE;
	struct text out;

	if (accessor->field == F_fd_containername)
		get_name(view, accessor, value);
	else
		get_directory(view, accessor, value);
	if (value->count == 0)
		return;
	if (self != NULL)
		id = slots_bytes_or_none(&self->view.slots, C_container_id);
	if (span_equal(id, SPAN_OF("host")))
		id.len = 0;
	scratch_begin(view->scratch, &out);
	text_bytes(&out, id.ptr, id.len);
	text_char(&out, ':');
	text_bytes(&out, value->texts[0].ptr, value->texts[0].len);
	value_text(value, scratch_end(view->scratch, &out));
}

/* One end of a connection. */
struct end {
	struct address address;
	uint16_t port;
	bool known;
};

enum end_side { SIDE_CLIENT, SIDE_SERVER, SIDE_LOCAL, SIDE_REMOTE };

static struct end
end_of(const struct fd_facts *facts, enum end_side side)
{
	bool server = side == SIDE_SERVER;
	struct end end = { 0 };

	if (!is_ip(facts) ||
	    (facts->role == END_UNKNOWN && (side == SIDE_LOCAL || side == SIDE_REMOTE)))
		return end;
	if (facts->role == END_BOUND && side != SIDE_SERVER)
		return end;
	/* The source is the client's end: a client's own, a server's peer. */
	if (side == SIDE_LOCAL)
		server = facts->role == END_SERVER;
	else if (side == SIDE_REMOTE)
		server = facts->role == END_CLIENT;
	end.address = server ? facts->destination : facts->source;
	end.port = server ? facts->destination_port : facts->source_port;
	end.known = end.address.family != ADDRESS_NONE;
	return end;
}

static void
get_address(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct fd_facts *facts = fd_facts(view);
	struct end end;

	end = end_of(facts, (enum end_side)accessor->source->item);
	value_none(value);
	if (end.known)
		value_address(value, end.address);
}

static void
get_port(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct fd_facts *facts = fd_facts(view);
	struct end end;
	struct text out;

	end = end_of(facts, (enum end_side)accessor->source->item);
	value_none(value);
	if (!end.known)
		return;
	if (accessor->type == FIELD_PORT) {
		value_number(value, end.port);
		return;
	}
	scratch_begin(view->scratch, &out);
	text_u64(&out, end.port);
	value_text(value, scratch_end(view->scratch, &out));
}

/*
 * Both ends' addresses, or both ports.  They exist, without a value, wherever there is a
 * descriptor.
 */
static void
get_either(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	struct end ends[2];
	const struct fd_facts *facts = fd_facts(view);

	value_none(value);
	if (!facts->known)
		return;
	value->state = FIELD_VALUE;
	ends[0] = end_of(facts, SIDE_CLIENT);
	ends[1] = end_of(facts, SIDE_SERVER);
	for (int i = 0; i < 2; i++) {
		if (!ends[i].known)
			continue;
		if (accessor->group == GROUP_NUMBER)
			value->own.number[value->count++] = ends[i].port;
		else
			value->own.address[value->count++] = ends[i].address;
	}
	value->numbers = value->own.number;
}

static void
get_protocol(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const char *name = "<NA>";
	const struct fd_facts *facts = fd_facts(view);

	(void)accessor;
	value_none(value);
	if (!facts->known)
		return;
	if (is_ip(facts) && facts->socket_type == SOCK_RAW)
		name = "raw";
	else if (is_ip(facts) && (facts->protocol == IPPROTO_TCP || facts->role == END_SERVER))
		name = "tcp";
	else if (is_ip(facts) && facts->protocol == IPPROTO_UDP)
		name = "udp";
	else if (is_ip(facts) &&
	    (facts->protocol == IPPROTO_ICMP || facts->protocol == IPPROTO_ICMPV6))
		name = "icmp";
	value_text(value, span_text(name));
}

static void
get_family(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	const struct fd_facts *facts = fd_facts(view);

	(void)accessor;
	value_none(value);
	if (facts->known && is_ip(facts))
		value_text(value, SPAN_OF("ip"));
	else if (facts->known && facts->kind == KIND_UNIX)
		value_text(value, SPAN_OF("unix"));
}

static void
get_state(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	int64_t result = view->record.head->result;
	const struct fd_facts *facts = fd_facts(view);
	bool connected;

	value_none(value);
	if (!facts->known)
		return;
	connected = (facts->role == END_CLIENT && (result == 0 || result == CONNECT_GOES_ON)) ||
	    (facts->role == END_SERVER && result >= 0);
	if (accessor->field == F_fd_is_server)
		value_number(value,
		    is_ip(facts) && (facts->role == END_SERVER || facts->role == END_BOUND));
	else
		value_number(value, connected);
}

/* Where the opened file is. */
static void
get_inode(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	uint64_t dev, ino;

	value_none(value);
	if (accessor->field == F_fd_ino) {
		if (view_scalar(view, view->layout->ino, &ino) && view->record.head->result >= 0)
			value_number(value, ino);
		return;
	}
	/* mount(2) names a device by path. */
	if (view->layout->ino < 0 || !view_scalar(view, view->layout->dev, &dev) ||
	    view->record.head->result < 0)
		return;
	if (accessor->field == F_fd_dev_major)
		dev = (dev >> 8) & 0xfff;
	else if (accessor->field == F_fd_dev_minor)
		dev = (dev & 0xff) | ((dev >> 12) & 0xfff00);
	value_number(value, dev);
}

static void
get_layer(struct event_view *view, const struct accessor *accessor, struct field_value *value)
{
	bool upper = accessor->field == F_fd_is_upper_layer;
	const struct fd_facts *facts = fd_facts(view);
	uint64_t flags = 0, bit = upper ? OPEN_UPPER : OPEN_LOWER;

	value_none(value);
	if (!facts->known || !is_file(facts))
		return;
	if (view->info->id == EV_creat) {
		(void)view_scalar(view, view->layout->creat_flags, &flags);
		bit = upper ? CREAT_UPPER : CREAT_LOWER;
	} else if (view->layout->ino >= 0) {
		(void)view_scalar(view, view->layout->flags, &flags);
	}
	value_number(value, (flags & bit) != 0);
}

#define ROW(name, item, get) { F_##name, item, 0, 0, get, 0, 0 }
#define PATHS(name, get) { F_##name, 0, 0, LOST_TASK, get, D_CHAIN, C_BIT(cwd) }
#define CONTAINER(name) \
	{ F_##name, 0, 0, LOST_TASK, get_in_container, D_CHAIN, C_BIT(cwd) | C_BIT(container_id) }

static const struct field_source rows[] = {
	ROW(fd_num, 0, get_num),
	ROW(fd_uid, 0, get_num),
	ROW(fd_type, 0, get_type),
	ROW(fd_typechar, 0, get_typechar),
	PATHS(fd_name, get_name),
	PATHS(fd_directory, get_directory),
	PATHS(fd_filename, get_filename),
	PATHS(fd_nameraw, get_nameraw),
	CONTAINER(fd_containername),
	CONTAINER(fd_containerdirectory),
	ROW(fd_cip, SIDE_CLIENT, get_address),
	ROW(fd_sip, SIDE_SERVER, get_address),
	ROW(fd_lip, SIDE_LOCAL, get_address),
	ROW(fd_rip, SIDE_REMOTE, get_address),
	ROW(fd_cnet, SIDE_CLIENT, get_address),
	ROW(fd_snet, SIDE_SERVER, get_address),
	ROW(fd_lnet, SIDE_LOCAL, get_address),
	ROW(fd_rnet, SIDE_REMOTE, get_address),
	ROW(fd_cport, SIDE_CLIENT, get_port),
	ROW(fd_sport, SIDE_SERVER, get_port),
	ROW(fd_lport, SIDE_LOCAL, get_port),
	ROW(fd_rport, SIDE_REMOTE, get_port),
	ROW(fd_cproto, SIDE_CLIENT, get_port),
	ROW(fd_sproto, SIDE_SERVER, get_port),
	ROW(fd_lproto, SIDE_LOCAL, get_port),
	ROW(fd_rproto, SIDE_REMOTE, get_port),
	ROW(fd_ip, 0, get_either),
	ROW(fd_net, 0, get_either),
	ROW(fd_port, 0, get_either),
	ROW(fd_proto, 0, get_either),
	ROW(fd_l4proto, 0, get_protocol),
	ROW(fd_sockfamily, 0, get_family),
	ROW(fd_is_server, 0, get_state),
	ROW(fd_connected, 0, get_state),
	ROW(fd_name_changed, 0, get_state),
	ROW(fd_dev, 0, get_inode),
	ROW(fd_dev_major, 0, get_inode),
	ROW(fd_dev_minor, 0, get_inode),
	ROW(fd_ino, 0, get_inode),
	ROW(fd_is_upper_layer, 0, get_layer),
	ROW(fd_is_lower_layer, 0, get_layer),
};

const struct field_source *
source_of_fd(enum field_id field)
{
	return source_find(rows, sizeof(rows) / sizeof(rows[0]), field);
}
