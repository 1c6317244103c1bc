/* SPDX-License-Identifier: Apache-2.0 */
/* Raw records of the mix, slot by slot as the probe fills them.  See mix_raw.h. */
#include "mix_raw.h"

#include <errno.h>
#include <sys/socket.h>

#include "mix_host.h"

/* A record being made. */
struct making {
	struct record_writer writer;
	const struct mix *mix;
	const struct mix_event *event;
	const struct mix_task *task, *process, *parent;
	const struct mix_program *program;
};

static const char environment[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin\0HOME=/\0"
    "LANG=C.UTF-8\0HOSTNAME=node-7\0KUBERNETES_SERVICE_HOST=10.96.0.1\0APP_ENV=production\0"
    "KUBERNETES_SERVICE_PORT=443\0JAVA_TOOL_OPTIONS=-XX:MaxRAMPercentage=75\0TZ=Europe/Berlin";

static void
put(struct making *making, uint32_t slot, uint64_t value)
{
	record_put(&making->writer, slot, value);
}

static void
put_span(struct making *making, uint32_t slot, struct span text)
{
	if (text.ptr != NULL)
		record_put_bytes(&making->writer, slot, text.ptr, text.len, PARAM_EXACT);
}

static void
put_text(struct making *making, uint32_t slot, const char *text)
{
	put_span(making, slot, span_text(text));
}

/* --- tasks --- */

static void
put_cgroups(struct making *making, uint32_t slot)
{
	char buf[512], id[13];
	struct text text;

	text_init(&text, buf, sizeof(buf));
	if (making->process->container == 0) {
		text_string(&text, "cpuset=/");
		text_char(&text, '\0');
		text_format(&text, "cpu=/system.slice/%s.service", making->program->comm);
	} else {
		mix_container_id(making->process->container, id);
		text_string(&text, "cpuset=/kubepods.slice/cri-containerd-");
		text_string(&text, id);
		for (size_t i = 12; i < 64; i++)
			text_char(&text, id[i % 12]);
		text_string(&text, ".scope");
	}
	record_put_bytes(&making->writer, slot, text.buf, text.len, PARAM_EXACT);
}

/* TASK_PARAMS, whose slots are the same in all events that have them. */
static void
put_task(struct making *making)
{
	const struct mix_task *process = making->process;
	const char *exepath = making->program->exepath;

	put_text(making, P_execve_exe, exepath ? exepath : "");
	put_span(making, P_execve_args, (struct span){ process->args, process->args_len });
	put(making, P_execve_tid, making->task->tid);
	put(making, P_execve_pid, making->task->tgid);
	put(making, P_execve_ptid, making->parent->tgid);
	put_text(making, P_execve_cwd, process->cwd);
	put(making, P_execve_fdlimit, 1048576);
	put(making, P_execve_pgft_maj, 0);
	put(making, P_execve_pgft_min, 180);
	put(making, P_execve_vm_size, 10240);
	put(making, P_execve_vm_rss, 3072);
	put(making, P_execve_vm_swap, 0);
	put_text(making, P_execve_comm, making->task->comm);
	put_cgroups(making, P_execve_cgroups);
}

/* IDENTITY from slot FIRST on. */
static void
put_identity(struct making *making, uint32_t first)
{
	enum { SID = P_execve_sid };

	put(making, first, making->process->tgid);
	put(making, first + P_execve_ns_tid - SID, making->task->ns_pid);
	put(making, first + P_execve_ns_pid - SID, making->process->ns_pid);
	put(making, first + P_execve_ns_start - SID, 1000000000);
	put(making, first + P_execve_parent_start - SID, making->parent->start);
	put(making, first + P_execve_args_len - SID, making->process->args_len);
	put_text(making, first + P_execve_root - SID, "/");
}

static void
put_exec(struct making *making)
{
	uint64_t capabilities = making->program->uid == 0 ? 0x1ffffffffff : 0;

	put_task(making);
	record_put_bytes(&making->writer, P_execve_env, environment, sizeof(environment) - 1,
	    PARAM_EXACT);
	put(making, P_execve_tty, 0);
	put(making, P_execve_vpgid, making->process->ns_pid);
	put(making, P_execve_loginuid, UINT32_MAX);
	put(making, P_execve_flags, 0);
	put(making, P_execve_cap_inheritable, 0);
	put(making, P_execve_cap_permitted, capabilities);
	put(making, P_execve_cap_effective, capabilities);
	put(making, P_execve_exe_ino, making->event->inode);
	put(making, P_execve_exe_ino_ctime, 1690000000000000000);
	put(making, P_execve_exe_ino_mtime, 1690000000000000000);
	put(making, P_execve_uid, making->program->uid);
	put_span(making, P_execve_trusted_exepath, making->event->file);
	put(making, P_execve_pgid, making->process->tgid);
	put(making, P_execve_gid, making->program->uid);
	put_span(making, P_execve_filename, making->event->name);
	put_identity(making, P_execve_sid);
}

static void
put_clone(struct making *making)
{
	put_task(making);
	put(making, P_clone_flags, making->event->flags);
	put(making, P_clone_uid, making->program->uid);
	put(making, P_clone_gid, making->program->uid);
	put(making, P_clone_vtid, making->task->ns_pid);
	put(making, P_clone_vpid, making->process->ns_pid);
	put(making, P_clone_pidns_init_start_ts, 1000000000);
	put(making, P_clone_tty, 0);
	put(making, P_clone_loginuid, UINT32_MAX);
	put(making, P_clone_pgid, making->process->tgid);
	put(making, P_clone_vpgid, making->process->ns_pid);
	put_identity(making, P_clone_sid);
}

static void
put_exit(struct making *making)
{
	put(making, P_procexit_ret, 0);
	put(making, P_procexit_sig, 0);
	put(making, P_procexit_core, 0);
	put(making, P_procexit_group_dead, making->task == making->process);
}

/* --- files --- */

/* Put VALUE, or the text of a member, into a slot of an event by name. */
#define PUT(event, param, value) put(making, P_##event##_##param, (uint64_t)(value))
#define PUT_SPAN(event, param, span) put_span(making, P_##event##_##param, (span))

#define PUT_FILE(e) do { \
	if (making->event->file.ptr != NULL) { \
		PUT_SPAN(e, file, making->event->file); \
		PUT(e, file_mode, making->event->file_mode); \
	} \
} while (0)

#define PUT_OPENED(e) do { \
	PUT_SPAN(e, name, making->event->name); \
	PUT(e, flags, making->event->flags); \
	PUT(e, mode, making->event->mode); \
	if (making->event->file.ptr != NULL) { \
		PUT(e, dev, making->event->device); \
		PUT(e, ino, making->event->inode); \
	} \
	PUT_FILE(e); \
} while (0)

static void
put_open(struct making *making)
{
	const struct mix_event *event = making->event;

	switch (event->type) {
	case EV_open:
		PUT_OPENED(open);
		break;
	case EV_openat:
		PUT(openat, dirfd, event->dirfd);
		PUT_OPENED(openat);
		PUT_SPAN(openat, base, event->base);
		break;
	default:
		PUT(openat2, dirfd, event->dirfd);
		PUT(openat2, resolve, 0);
		PUT_OPENED(openat2);
		PUT_SPAN(openat2, base, event->base);
		break;
	}
}

/* One path. */
static void
put_path(struct making *making)
{
	const struct mix_event *event = making->event;

	switch (event->type) {
	case EV_unlink: PUT_SPAN(unlink, path, event->name); break;
	case EV_rmdir: PUT_SPAN(rmdir, path, event->name); break;
	case EV_unlinkat:
		PUT(unlinkat, dirfd, event->dirfd);
		PUT_SPAN(unlinkat, name, event->name);
		PUT(unlinkat, flags, event->flags);
		PUT_SPAN(unlinkat, base, event->base);
		break;
	case EV_mkdir:
		PUT_SPAN(mkdir, path, event->name);
		PUT(mkdir, mode, event->mode);
		break;
	case EV_mkdirat:
		PUT(mkdirat, dirfd, event->dirfd);
		PUT_SPAN(mkdirat, path, event->name);
		PUT(mkdirat, mode, event->mode);
		PUT_SPAN(mkdirat, base, event->base);
		break;
	case EV_chmod:
		PUT_SPAN(chmod, filename, event->name);
		PUT(chmod, mode, event->mode);
		break;
	default:
		PUT(fchmodat, dirfd, event->dirfd);
		PUT_SPAN(fchmodat, filename, event->name);
		PUT(fchmodat, mode, event->mode);
		PUT_SPAN(fchmodat, base, event->base);
		break;
	}
}

/* Two paths. */
static void
put_paths(struct making *making)
{
	const struct mix_event *event = making->event;

#define PUT_PAIR(e, first, second) do { \
	PUT_SPAN(e, first, event->name); \
	PUT_SPAN(e, second, event->new_name); \
} while (0)
	switch (event->type) {
	case EV_rename: PUT_PAIR(rename, oldpath, newpath); break;
	case EV_link: PUT_PAIR(link, oldpath, newpath); break;
	case EV_symlink: PUT_PAIR(symlink, target, linkpath); break;
	case EV_symlinkat:
		PUT_PAIR(symlinkat, target, linkpath);
		PUT(symlinkat, linkdirfd, event->new_dirfd);
		break;
	case EV_renameat:
		PUT_PAIR(renameat, oldpath, newpath);
		PUT(renameat, olddirfd, event->dirfd);
		PUT(renameat, newdirfd, event->new_dirfd);
		break;
	case EV_renameat2:
		PUT_PAIR(renameat2, oldpath, newpath);
		PUT(renameat2, olddirfd, event->dirfd);
		PUT(renameat2, newdirfd, event->new_dirfd);
		PUT(renameat2, flags, 0);
		break;
	default:
		PUT_PAIR(linkat, oldpath, newpath);
		PUT(linkat, olddir, event->dirfd);
		PUT(linkat, newdir, event->new_dirfd);
		PUT(linkat, flags, 0);
		break;
	}
}

static void
put_place(struct making *making)
{
	const struct mix_event *event = making->event;

	switch (event->type) {
	case EV_chdir:
		PUT_SPAN(chdir, path, event->name);
		PUT_SPAN(chdir, new_cwd, event->file);
		break;
	case EV_mount:
		PUT_SPAN(mount, dev, SPAN_OF("tmpfs"));
		PUT_SPAN(mount, dir, event->name);
		PUT_SPAN(mount, type, SPAN_OF("tmpfs"));
		PUT(mount, flags, event->flags);
		break;
	default:
		PUT_SPAN(umount2, name, event->name);
		PUT(umount2, flags, event->flags);
		break;
	}
}

/* --- descriptors and sockets --- */

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

static void
put_fd(struct making *making)
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

static void
put_net(struct making *making)
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

/* --- ids --- */

/* CREDENTIAL_TRUTH from slot FIRST on. */
static void
put_credentials(struct making *making, uint32_t first)
{
	enum { UID = P_setuid_cred_uid };
	uint64_t capabilities = making->program->uid == 0 ? 0x1ffffffffff : 0;

	put(making, first, making->event->ids[0]);
	put(making, first + P_setuid_cred_gid - UID, making->program->uid);
	put(making, first + P_setuid_cred_inheritable - UID, 0);
	put(making, first + P_setuid_cred_permitted - UID, capabilities);
	put(making, first + P_setuid_cred_effective - UID, capabilities);
	put(making, first + P_setuid_old_uid - UID, making->program->uid);
	put(making, first + P_setuid_old_gid - UID, making->program->uid);
}

static void
put_ids(struct making *making)
{
	const struct mix_event *event = making->event;
	const struct event_info *info = event_info(event->type);
	uint32_t target = mix_task(making->mix, event->target)->tid;

	switch (event->type) {
	case EV_ptrace:
		PUT(ptrace, addr, 0);
		PUT(ptrace, data, 0);
		PUT(ptrace, request, event->flags);
		PUT(ptrace, pid, target);
		PUT(ptrace, target, target);
		return;
	case EV_setpgid:
		PUT(setpgid, pid, 0);
		PUT(setpgid, pgid, 0);
		PUT(setpgid, target, target);
		PUT(setpgid, new_pgid, target);
		return;
	case EV_capset:
		for (uint32_t i = 0; i < 3; i++)
			put(making, i, i == 0 ? 0 : 0xa80425fb);
		put_credentials(making, P_capset_cred_uid);
		return;
	default: /* one to three numbers, then what is true */
		for (uint32_t i = 0; i + (P_setuid_COUNT - P_setuid_cred_uid) < info->param_count;
		     i++)
			put(making, i, event->ids[i]);
		put_credentials(making,
		    info->param_count - (uint32_t)(P_setuid_COUNT - P_setuid_cred_uid));
		return;
	}
}

static void
put_call(struct making *making)
{
	const struct mix_event *event = making->event;

	PUT(syscall, ID, event->nr);
	PUT(syscall, nativeID, event->nr);
	PUT(syscall, arg0, event->ids[0]);
	PUT(syscall, arg1, event->ids[1]);
	PUT(syscall, arg2, event->ids[2]);
	PUT(syscall, arg3, 0);
	PUT(syscall, arg4, 0);
	PUT(syscall, arg5, 0);
}

static void
put_sid(struct making *making)
{
	PUT(setsid, sid, making->task->tid);
	PUT(setsid, new_pgid, making->task->tid);
}

/* --- all of it --- */

static void (*const fillers[EVENT_TYPES_MAX])(struct making *making) = {
	[EV_execve] = put_exec,
	[EV_clone] = put_clone, [EV_clone3] = put_clone, [EV_vfork] = put_clone,
	[EV_procexit] = put_exit,
	[EV_open] = put_open, [EV_openat] = put_open, [EV_openat2] = put_open,
	[EV_unlink] = put_path, [EV_unlinkat] = put_path, [EV_rmdir] = put_path,
	[EV_mkdir] = put_path, [EV_mkdirat] = put_path, [EV_chmod] = put_path,
	[EV_fchmodat] = put_path,
	[EV_rename] = put_paths, [EV_renameat] = put_paths, [EV_renameat2] = put_paths,
	[EV_link] = put_paths, [EV_linkat] = put_paths, [EV_symlink] = put_paths,
	[EV_symlinkat] = put_paths,
	[EV_chdir] = put_place, [EV_mount] = put_place, [EV_umount2] = put_place,
	[EV_close] = put_fd, [EV_fchmod] = put_fd, [EV_fchdir] = put_fd, [EV_setns] = put_fd,
	[EV_dup] = put_fd, [EV_dup2] = put_fd, [EV_dup3] = put_fd,
	[EV_socket] = put_net, [EV_connect] = put_net, [EV_bind] = put_net, [EV_listen] = put_net,
	[EV_accept] = put_net, [EV_accept4] = put_net,
	[EV_setuid] = put_ids, [EV_setgid] = put_ids, [EV_setreuid] = put_ids,
	[EV_setresuid] = put_ids, [EV_setresgid] = put_ids, [EV_capset] = put_ids,
	[EV_setpgid] = put_ids, [EV_ptrace] = put_ids,
	[EV_setsid] = put_sid,
	[EV_syscall] = put_call,
};

static enum event_lane
lane_of(uint16_t type)
{
	switch (type) {
	case EV_execve: case EV_clone: case EV_clone3: case EV_vfork: case EV_procexit:
	case EV_setuid: case EV_setgid: case EV_setreuid: case EV_setresuid: case EV_setresgid:
	case EV_capset: case EV_setns:
		return LANE_LIFE;
	default:
		return LANE_BULK;
	}
}

int
mix_raw_write(struct mix_raw *raw, const struct mix *mix, const struct mix_event *event,
    void *buf, size_t size)
{
	const struct mix_task *task = mix_task(mix, event->task);
	struct making making = { .mix = mix, .event = event, .task = task,
		.process = mix_task(mix, task->leader), .parent = mix_task(mix, task->parent),
		.program = &mix_programs[task->program] };
	struct event_head *head;

	record_begin(&making.writer, buf, size, event->type, event_info(event->type)->param_count);
	head = record_head(&making.writer);
	head->lane = (uint8_t)lane_of(event->type);
	head->ts = event->ts;
	head->seq = ++raw->seq[event->cpu][head->lane];
	head->start = task->start;
	head->result = event->result;
	head->position = event->number;
	head->tid = task->tid;
	head->tgid = task->tgid;
	head->exec = task->exec;
	head->cpu = event->cpu;
	fillers[event->type](&making);
	return record_end(&making.writer);
}
