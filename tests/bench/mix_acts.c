/* SPDX-License-Identifier: Apache-2.0 */
/* What the events of the mix say: paths, descriptors, addresses.  See mix_inside.h. */
#include "mix_inside.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "record.h"

/* Flags in the numbering of rules (flags.def). */
enum {
	O_IS_READ = 1, O_IS_WRITE = 2, O_IS_BOTH = 3, O_IS_CREAT = 4, O_IS_APPEND = 8,
	O_IS_TRUNC = 256, O_IS_DIRECTORY = 1024, O_IS_CLOEXEC = 4096, O_IS_CREATED = 16384,
	O_IS_UPPER = 32768, O_IS_LOWER = 65536
};

enum { OVERLAY_DEVICE = 0x2f };

static uint32_t
open_flags(struct mix *mix, const struct mix_tree *tree)
{
	uint32_t cloexec = mix_chance(mix, 80) ? O_IS_CLOEXEC : 0;

	switch ((enum mix_access)tree->access) {
	case MIX_WRITE:
		return cloexec | O_IS_WRITE | O_IS_CREAT | (mix_chance(mix, 70) ? O_IS_TRUNC : 0);
	case MIX_APPEND:
		return cloexec | O_IS_WRITE | O_IS_CREAT | O_IS_APPEND;
	case MIX_UPDATE:
		return cloexec | O_IS_BOTH;
	case MIX_LIST:
		return cloexec | O_IS_READ | O_IS_DIRECTORY;
	case MIX_READ:
		break;
	}
	return cloexec | O_IS_READ;
}

/* What the kernel knows of the file that was opened. */
static void
open_facts(struct mix *mix, struct mix_event *event, const struct mix_tree *tree)
{
	bool layered = mix_program_of(mix, event)->contained && tree->device == OVERLAY_DEVICE;

	if (layered)
		event->flags |= tree->access == MIX_READ ? O_IS_LOWER : O_IS_UPPER;
	if ((event->flags & O_IS_CREAT) && mix_chance(mix, 60))
		event->flags |= O_IS_CREATED;
	event->result = event->fd = mix_fd(mix);
	event->file_mode = tree->mode;
	event->device = tree->device;
	event->inode = 1000 + (mix_random(mix) & 0xfffff);
}

void
mix_fill_open(struct mix *mix, struct mix_event *event)
{
	const struct mix_tree *tree = mix_tree_draw(mix, mix_program_of(mix, event));
	struct span path = mix_path(mix, tree, 0);

	path = mix_path_of_build(mix, path, mix_process_of(mix, event->task)->cwd, 1);
	event->flags = open_flags(mix, tree);
	event->mode = event->flags & O_IS_CREAT ? tree->mode & 07777 : 0;
	event->file = mix_path_in_proc(mix, event, path, 2);
	if (event->name.ptr == event->file.ptr)
		event->name = mix_spell(mix, event, path, event->type != EV_open, 3);
	if (tree->access == MIX_READ && mix_chance(mix, 14)) {
		event->file = SPAN_NONE;
		event->result = mix_chance(mix, 90) ? -ENOENT : -EACCES;
		return;
	}
	open_facts(mix, event, tree);
}

/* A tree of the program's whose files it removes. */
static const struct mix_tree *
tree_of_writer(struct mix *mix, const struct mix_program *program)
{
	const struct mix_tree *tree;

	do
		tree = mix_tree_draw(mix, program);
	while (!tree->removable);
	return tree;
}

void
mix_fill_path(struct mix *mix, struct mix_event *event)
{
	static const uint32_t modes[] = { 0644, 0640, 0600, 0755 };
	const struct mix_program *program = mix_program_of(mix, event);
	struct span path = mix_path(mix, tree_of_writer(mix, program), 0);
	bool at = event->type == EV_unlinkat || event->type == EV_mkdirat ||
	    event->type == EV_fchmodat;

	path = mix_path_of_build(mix, path, mix_process_of(mix, event->task)->cwd, 1);
	event->name = mix_spell(mix, event, path, at, 3);
	event->mode = modes[mix_below(mix, 3)];
	if (event->type == EV_mkdir || event->type == EV_mkdirat)
		event->mode = 0755;
	if (event->type == EV_unlinkat && mix_chance(mix, 15))
		event->flags = 512; /* AT_REMOVEDIR */
	event->result = mix_chance(mix, 10) ? -ENOENT : 0;
}

void
mix_fill_paths(struct mix *mix, struct mix_event *event)
{
	const struct mix_tree *tree = tree_of_writer(mix, mix_program_of(mix, event));
	const char *cwd = mix_process_of(mix, event->task)->cwd;
	struct span path = mix_path_of_build(mix, mix_path(mix, tree, 0), cwd, 1);
	struct text text;

	event->name = mix_spell(mix, event, path, false, 3);
	text_init(&text, mix->texts[4], MIX_PATH_MAX);
	text_bytes(&text, path.ptr, path.len);
	text_string(&text, event->type == EV_rename ? ".done" : ".1");
	event->new_name = (struct span){ text.buf, text.len };
	event->result = mix_chance(mix, 5) ? -ENOENT : 0;
}

void
mix_fill_place(struct mix *mix, struct mix_event *event)
{
	static const char *const places[] = { "/", "/var/www/jobs", "/srv/build", "/tmp",
		"/var/lib/kubelet" };

	event->name = span_text(places[mix_below(mix, 5)]);
	event->file = event->name;
	if (event->type == EV_chdir)
		mix_change_directory(mix, event->task, event->name.ptr);
	event->flags = event->type == EV_mount ? 4096 : 2; /* BIND, DETACH */
}

/* --- descriptors --- */

void
mix_fill_fd(struct mix *mix, struct mix_event *event)
{
	event->fd = mix_fd(mix);
	if (event->type == EV_close) {
		event->result = mix_chance(mix, 3) ? -EBADF : 0;
		return;
	}
	event->file = mix_path(mix, mix_tree_draw(mix, mix_program_of(mix, event)), 0);
	event->file_mode = 0100644;
	event->mode = 0644;
	if (event->type == EV_fchdir) {
		event->file = SPAN_OF("/srv/build");
		event->file_mode = 0040755;
		mix_change_directory(mix, event->task, event->file.ptr);
	} else if (event->type == EV_setns) {
		event->file = SPAN_OF("/proc/1/ns/net");
		event->flags = 16; /* CLONE_NEWNET */
	}
}

static void
socket_draw(struct mix *mix, struct mix_event *event, uint16_t family, uint8_t type)
{
	uint64_t protocol = family == AF_UNIX ? 0
	    : type == SOCK_DGRAM ? IPPROTO_UDP : IPPROTO_TCP;

	event->sock = family | (uint64_t)type << 16 | protocol << 32;
	event->tuple.family = family;
	event->tuple.type = type;
	event->tuple.protocol = (uint8_t)protocol;
	(void)mix;
}

void
mix_fill_dup(struct mix *mix, struct mix_event *event)
{
	event->fd = mix_fd(mix);
	event->new_fd = event->type == EV_dup ? mix_fd(mix) : (int32_t)mix_below(mix, 3);
	event->result = event->new_fd;
	if (event->new_fd > 2 && mix_chance(mix, 20)) {
		socket_draw(mix, event, AF_UNIX, SOCK_STREAM);
		event->tuple.source_id = 0xffff888100000000 | mix_random(mix) >> 36 << 6;
		event->tuple.destination_id = event->tuple.source_id + 0x480;
		return;
	}
	event->file = mix_chance(mix, 50) ? SPAN_OF("/dev/null") : SPAN_OF("pipe:[482113]");
	event->file_mode = event->file.ptr[0] == '/' ? 0020666 : 0010600;
}

/* --- network --- */

static void
address_put(uint8_t *to, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	to[0] = (uint8_t)a;
	to[1] = (uint8_t)b;
	to[2] = (uint8_t)c;
	to[3] = (uint8_t)d;
}

static void
net_unix(struct mix *mix, struct mix_event *event)
{
	static const char *const paths[] = { "/run/systemd/journal/dev-log",
		"/run/postgresql/.s.PGSQL.5432", "/var/run/nscd/socket", "/run/php/php8.2-fpm.sock",
		"/run/containerd/containerd.sock", "/run/systemd/notify" };
	uint32_t which = mix_below(mix, 6);

	socket_draw(mix, event, AF_UNIX, SOCK_STREAM);
	event->address.family = AF_UNIX;
	event->sock_path = span_text(paths[which]);
	event->tuple.source_id = 0xffff888100000000 | mix_random(mix) >> 36 << 6;
	event->tuple.destination_id = event->tuple.source_id + 0x480;
	if (which == 2)
		event->result = -ENOENT;
}

static void
net_ip(struct mix *mix, struct mix_event *event, const struct mix_program *program)
{
	static const uint16_t backends[] = { 5432, 3306, 6379, 8080, 8443, 9000, 3000, 53 };
	struct wire_tuple *tuple = &event->tuple;
	uint32_t container = mix->tasks[event->task].container;
	uint16_t port = backends[mix_below(mix, 8)], ephemeral = (uint16_t)(32768 +
	    mix_below(mix, 28000));
	bool client = event->type == EV_connect;

	socket_draw(mix, event, AF_INET, client && port == 53 ? SOCK_DGRAM : SOCK_STREAM);
	tuple->source_port = ephemeral;
	tuple->destination_port = client ? port : program->port;
	address_put(client ? tuple->source : tuple->destination, 10, 244, 1, container + 2);
	if (client)
		address_put(tuple->destination, 10, 96, 0, port == 53 ? 10 : 20 + port % 90);
	else
		address_put(tuple->source, 10, 244, mix_below(mix, 8), mix_below(mix, 250) + 2);
	event->address.family = AF_INET;
	event->address.port = tuple->destination_port;
	memcpy(event->address.addr, tuple->destination, 4);
	if (client && tuple->type == SOCK_STREAM && mix_chance(mix, 60))
		event->result = -EINPROGRESS;
}

void
mix_fill_net(struct mix *mix, struct mix_event *event)
{
	const struct mix_program *program = mix_program_of(mix, event);
	bool by_path = event->type == EV_connect && mix_chance(mix, 25);

	event->fd = mix_fd(mix);
	if (by_path)
		net_unix(mix, event);
	else
		net_ip(mix, event, program);
	switch (event->type) {
	case EV_accept:
	case EV_accept4:
		event->result = mix_chance(mix, 30) ? -EAGAIN : event->fd;
		event->flags = 02004000; /* SOCK_CLOEXEC | SOCK_NONBLOCK */
		break;
	case EV_socket:
		event->result = event->fd;
		event->flags = O_IS_CLOEXEC;
		break;
	case EV_bind:
		memset(event->tuple.source, 0, sizeof(event->tuple.source));
		event->tuple.source_port = 0;
		break;
	case EV_listen:
		event->tuple.source_port = program->port;
		event->tuple.destination_port = 0;
		break;
	default:
		break;
	}
}

/* --- the rest --- */

void
mix_fill_ids(struct mix *mix, struct mix_event *event)
{
	uint32_t uid = mix_program_of(mix, event)->uid;

	/* What one has already can be asked for again; something else is refused. */
	bool same = mix_chance(mix, 80);

	event->ids[0] = event->ids[1] = event->ids[2] = same ? uid : 998;
	event->result = same ? 0 : -EPERM;
	event->target = mix->tasks[event->task].leader;
	event->flags = 14; /* PTRACE_SETOPTIONS */
}

void
mix_fill_call(struct mix *mix, struct mix_event *event)
{
	static const char *const names[] = { "sendto", "recvfrom", "newfstatat", "getdents64",
		"kill", "prctl", "readlink", "recvmsg", "sendmsg", "fcntl" };
	int nr = syscall_number(span_text(names[mix_below(mix, 10)]));

	event->nr = (uint16_t)(nr < 0 ? 0 : nr);
	event->ids[0] = (uint64_t)mix_fd(mix);
	event->ids[1] = 0x7f0000000000 | (mix_random(mix) >> 32);
	event->ids[2] = mix_below(mix, 65536);
	event->result = mix_chance(mix, 10) ? -EAGAIN : (int64_t)mix_below(mix, 4096);
}

void
mix_fill_exec(struct mix *mix, struct mix_event *event)
{
	event->file = event->name = span_text(mix_program_of(mix, event)->exepath);
}

void
mix_fill_fork(struct mix *mix, struct mix_event *event)
{
	if (mix->life[event->task].thread)
		event->flags = 1 | 2 | 2048 | 8192 | 32768; /* FILES FS SIGHAND THREAD VM */
	else if (event->type == EV_vfork)
		event->flags = 32768 | 134217728; /* VM VFORK */
	else
		event->flags = 8388608 | 16777216; /* CHILD_CLEARTID CHILD_SETTID */
}

void
mix_fill_none(struct mix *mix, struct mix_event *event)
{
	event->result = event->type == EV_setsid ? mix->tasks[event->task].tgid : 0;
}

/* --- an intruder --- */

static void
intrude_file(struct mix *mix, struct mix_event *event, bool log)
{
	event->type = EV_openat;
	event->name = event->file = log ? SPAN_OF("/var/log/syslog") : SPAN_OF("/etc/shadow");
	event->flags = log ? O_IS_WRITE | O_IS_TRUNC : O_IS_READ;
	event->result = event->fd = 3;
	event->file_mode = 0100640;
	event->device = 0xfd01;
	event->inode = 42;
	(void)mix;
}

void
mix_fill_intrusion(struct mix *mix, struct mix_event *event)
{
	uint32_t what = mix_below(mix, 10);

	event->task = (uint32_t)mix_member(mix, MIX_INTRUDER);
	if (what < 5) {
		intrude_file(mix, event, false);
	} else if (what < 7) {
		intrude_file(mix, event, true);
	} else if (what < 9) {
		event->type = EV_symlink;
		event->name = SPAN_OF("/etc/shadow");
		event->new_name = mix_path(mix, mix_tree_find('t'), 0);
	} else {
		event->type = EV_dup2;
		event->task = (uint32_t)mix_member(mix, MIX_GO);
		net_ip(mix, event, mix_program_of(mix, event));
		event->fd = mix_fd(mix);
		event->result = event->new_fd = (int32_t)mix_below(mix, 2);
	}
}
