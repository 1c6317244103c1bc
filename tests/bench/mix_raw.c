/* SPDX-License-Identifier: Apache-2.0 */
/* Raw records of the mix, slot by slot as the probe fills them.  See mix_raw.h. */
#include "mix_raw_inside.h"

/* --- tasks --- */

static void
put_cgroups(struct making *making, uint32_t slot)
{
	char buf[512];
	struct text text;

	text_init(&text, buf, sizeof(buf));
	mix_cgroups(&text, making->process);
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
	put(making, P_execve_ptid, making->parent == making->process ? 0 : making->parent->tgid);
	put_text(making, P_execve_cwd, process->cwd);
	put(making, P_execve_fdlimit, MIX_FDLIMIT);
	put(making, P_execve_pgft_maj, 0);
	put(making, P_execve_pgft_min, MIX_PGFT_MIN);
	put(making, P_execve_vm_size, MIX_VM_SIZE);
	put(making, P_execve_vm_rss, MIX_VM_RSS);
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
	put(making, first + P_execve_ns_start - SID, MIX_NS_START);
	put(making, first + P_execve_parent_start - SID,
	    making->parent == making->process ? 0 : making->parent->start);
	put(making, first + P_execve_args_len - SID, making->process->args_len);
	put_text(making, first + P_execve_root - SID, "/");
}

static void
put_exec(struct making *making)
{
	uint64_t capabilities = mix_capabilities(making->program);

	put_task(making);
	put_span(making, P_execve_env, mix_environment());
	put(making, P_execve_tty, 0);
	put(making, P_execve_vpgid, making->process->ns_pid);
	put(making, P_execve_loginuid, UINT32_MAX);
	put(making, P_execve_flags, 0);
	put(making, P_execve_cap_inheritable, 0);
	put(making, P_execve_cap_permitted, capabilities);
	put(making, P_execve_cap_effective, capabilities);
	put(making, P_execve_exe_ino, mix_exe_inode(making->program));
	put(making, P_execve_exe_ino_ctime, MIX_EXE_TIME);
	put(making, P_execve_exe_ino_mtime, MIX_EXE_TIME);
	put(making, P_execve_uid, making->program->uid);
	put_text(making, P_execve_trusted_exepath, making->program->exepath);
	put(making, P_execve_pgid, making->process->tgid);
	put(making, P_execve_gid, making->program->uid);
	put_text(making, P_execve_filename, making->program->exepath);
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
	put(making, P_clone_pidns_init_start_ts, MIX_NS_START);
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
	put(making, P_procexit_reaper_tid, mix_task(making->mix, 0)->tid);
	put(making, P_procexit_reaper_start, mix_task(making->mix, 0)->start);
}

/* --- ids --- */

/* CREDENTIAL_TRUTH from slot FIRST on. */
static void
put_credentials(struct making *making, uint32_t first)
{
	enum { UID = P_setuid_cred_uid };
	uint64_t capabilities = mix_capabilities(making->program);

	put(making, first, making->program->uid); /* nothing changed */
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
	PUT(setsid, sid, making->task->tgid);
	PUT(setsid, new_pgid, making->task->tgid);
}

/* --- all of it --- */

static void (*const fillers[EVENT_TYPES_MAX])(struct making *making) = {
	[EV_execve] = put_exec,
	[EV_clone] = put_clone, [EV_clone3] = put_clone, [EV_vfork] = put_clone,
	[EV_procexit] = put_exit,
	[EV_open] = mix_put_open, [EV_openat] = mix_put_open, [EV_openat2] = mix_put_open,
	[EV_unlink] = mix_put_path, [EV_unlinkat] = mix_put_path, [EV_rmdir] = mix_put_path,
	[EV_mkdir] = mix_put_path, [EV_mkdirat] = mix_put_path, [EV_chmod] = mix_put_path,
	[EV_fchmodat] = mix_put_path,
	[EV_rename] = mix_put_paths, [EV_renameat] = mix_put_paths,
	[EV_renameat2] = mix_put_paths, [EV_link] = mix_put_paths, [EV_linkat] = mix_put_paths,
	[EV_symlink] = mix_put_paths, [EV_symlinkat] = mix_put_paths,
	[EV_chdir] = mix_put_place, [EV_mount] = mix_put_place, [EV_umount2] = mix_put_place,
	[EV_close] = mix_put_fd, [EV_fchmod] = mix_put_fd, [EV_fchdir] = mix_put_fd,
	[EV_setns] = mix_put_fd, [EV_dup] = mix_put_fd, [EV_dup2] = mix_put_fd,
	[EV_dup3] = mix_put_fd,
	[EV_socket] = mix_put_net, [EV_connect] = mix_put_net, [EV_bind] = mix_put_net,
	[EV_listen] = mix_put_net, [EV_accept] = mix_put_net, [EV_accept4] = mix_put_net,
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
	case EV_snapshot_task:
		return LANE_META;
	default:
		return LANE_BULK;
	}
}

/* Begin a record of TYPE about the task at INDEX. */
static struct making
making_begin(struct mix_raw *raw, const struct mix *mix, uint16_t type, uint32_t index, void *buf,
    size_t size)
{
	const struct mix_task *task = mix_task(mix, index);
	struct making making = { .mix = mix, .task = task,
		.process = mix_task(mix, task->leader), .program = &mix_programs[task->program] };
	struct event_head *head;

	making.parent = mix_task(mix, making.process->parent);
	record_begin(&making.writer, buf, size, type, event_info(type)->param_count);
	head = record_head(&making.writer);
	head->lane = (uint8_t)lane_of(type);
	head->start = task->start;
	head->position = ++raw->position;
	head->tid = task->tid;
	head->tgid = task->tgid;
	head->exec = task->exec;
	return making;
}

int
mix_raw_write(struct mix_raw *raw, const struct mix *mix, const struct mix_event *event,
    void *buf, size_t size)
{
	struct making making = making_begin(raw, mix, event->type, event->task, buf, size);
	struct event_head *head = record_head(&making.writer);

	making.event = event;
	head->ts = event->ts;
	head->seq = ++raw->seq[event->cpu][head->lane];
	head->result = event->result;
	head->cpu = event->cpu;
	fillers[event->type](&making);
	return record_end(&making.writer);
}

int
mix_raw_snapshot(struct mix_raw *raw, const struct mix *mix, uint32_t index, void *buf,
    size_t size)
{
	struct making making = making_begin(raw, mix, EV_snapshot_task, index, buf, size);

	record_head(&making.writer)->ts = making.task->start;
	put_exec(&making);
	put(&making, P_snapshot_task_generation, 1);
	return record_end(&making.writer);
}

int
mix_raw_names(struct mix_raw *raw, uint32_t kind, void *buf, size_t size)
{
	char bytes[4096] = "";
	struct record_writer writer;
	struct text text;

	text_init(&text, bytes, sizeof(bytes));
	text_string(&text, "root:x:0:0::" MIX_USER_HOME ":" MIX_USER_SHELL "\n");
	for (uint32_t i = 0; i < MIX_PROGRAMS; i++) {
		const struct mix_program *program = &mix_programs[i];

		if (!program->contained && program->uid != 0)
			text_format(&text, "%s:x:%u:%u::" MIX_USER_HOME ":" MIX_USER_SHELL "\n",
			    program->user, program->uid, program->uid);
	}
	record_begin(&writer, buf, size, EV_names, P_names_COUNT);
	record_head(&writer)->lane = LANE_META;
	record_head(&writer)->position = ++raw->position;
	record_put(&writer, P_names_kind, kind);
	record_put(&writer, P_names_generation, 1);
	record_put(&writer, P_names_offset, 0);
	record_put(&writer, P_names_total, text.len);
	record_put_bytes(&writer, P_names_bytes, text.buf, text.len, PARAM_EXACT);
	return record_end(&writer);
}
