/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* Tasks and images; see image.h. */
#include "image.h"

/* "memfd:" as the first six bytes of a name. */
#define MEMFD_PREFIX 0x3a64666d656dull
#define MEMFD_MASK 0xffffffffffffull

enum {
	PAGE_KB = 4,
	RLIMIT_FILES = 7,
	EXE_WRITABLE = 1, EXE_UPPER = 2, EXE_MEMFD = 4, EXE_LOWER = 8,
	SUPERBLOCK_READ_ONLY = 1,
	INODE_IMMUTABLE = 8,
	CAPABILITY_DAC_OVERRIDE = 1 << 1, CAPABILITY_FOWNER = 1 << 3,
	CONTROLLERS = 6,
	CONTROLLER_NAME_BYTES = 9
};

int
put_command_line(__u32 key, __u32 len, __u64 total, __u32 args_len)
{
	struct scratch *s = scratch_get(key);
	__u32 at, exe;
	long got;

	if (!s || len > PROBE_BYTES_MAX || !piece_begin(s, &at))
		return 0;
	got = len == 0
	    ? 1
	    : bpf_probe_read_kernel_str(s->record + (at & RECORD_MASK), PROBE_BYTES_MAX, s->work);
	if (got <= 0)
		return 0;
	exe = (__u32)got & (2 * PROBE_BYTES_MAX - 1);
	if (exe >= len)
		exe = len;
	piece_end(s, P_execve_exe, at, got - 1,
	    (__u32)got > len && total > len ? PARAM_TRUNCATED : PARAM_EXACT);
	len -= exe;
	/* Lists are separated by NUL, the one behind the last is not told. */
	if (len > 0 && total == exe + len)
		len--;
	OPAQUE(exe);
	put_kernel_bytes(s, P_execve_args, s->work + (exe & (WORK_BYTES - 1)), len,
	    total > exe + len + 1 ? PARAM_TRUNCATED : PARAM_EXACT);
	slot_put(s, args_len, total - exe, PARAM_EXACT);
	return 0;
}

/* Resident and swapped memory, KiB. */
static __always_inline void
put_memory(struct scratch *s, struct mm_struct *mm)
{
	__s64 resident = 0, swapped = 0;

	if (mm) {
		resident = MM_COUNTER(mm, MM_FILEPAGES) + MM_COUNTER(mm, MM_ANONPAGES) +
		    MM_COUNTER(mm, MM_SHMEMPAGES);
		swapped = MM_COUNTER(mm, MM_SWAPENTS);
	}
	slot_put(s, P_execve_vm_size, READ(mm, total_vm) * PAGE_KB, PARAM_EXACT);
	slot_put(s, P_execve_vm_rss, (__u64)resident * PAGE_KB, PARAM_EXACT);
	slot_put(s, P_execve_vm_swap, (__u64)swapped * PAGE_KB, PARAM_EXACT);
}

/* Append "/NAME" of the innermost kernfs node that is still in `nodes`, and take it from there. */
__noinline int
append_node(__u32 key)
{
	struct scratch *s = scratch_get(key);
	struct kernfs_node *node;
	__u32 at;
	long got;

	if (!s || s->depth == 0)
		return 0;
	node = (void *)s->nodes[--s->depth & (NODES_ROOM - 1)];
	at = s->piece_end;
	s->record[at & RECORD_MASK] = '/';
	got = bpf_probe_read_kernel_str(
	    s->record + (at & RECORD_MASK) + 1, 256, READ(node, name));
	s->piece_end = at + (got > 0 ? (__u32)got : 1);
	return 0;
}

/*
 * Append "/a/b" of the cgroup whose kernfs node is at address NODE to the piece that ends at
 * s->piece_end, and set that.  Only the NODES_MAX innermost components are told.  What the loops
 * change stands in memory: the verifier would follow each value that registers can have.
 */
__noinline int
put_cgroup_path(__u32 key, __u64 node)
{
	struct scratch *s = scratch_get(key);
	__u64 parent_offset = kernfs_parent_offset();

	if (!s)
		return 0;
	s->depth = 0;
	for (int i = 0; i < NODES_MAX; i++) {
		__u64 parent = read_word(node + parent_offset);

		if (!parent)
			break;
		s->nodes[i] = node;
		s->depth = i + 1;
		node = parent;
	}
	if (s->depth == 0)
		s->record[s->piece_end++ & RECORD_MASK] = '/';
	for (int i = 0; i < NODES_MAX; i++)
		append_node(key);
	return 0;
}

/*
 * One controller's entry at the end of the piece that began at BEGIN: the name of controller INDEX
 * and the path of its cgroup among the task's css_set at address SET.
 */
__noinline int
put_cgroup(__u32 key, __u64 set_address, __u32 index, __u32 begin)
{
	static const char names[CONTROLLERS][CONTROLLER_NAME_BYTES] = {
		"cpuset=", "cpu=", "cpuacct=", "io=", "memory=", "unified="
	};
	struct css_set *set = (void *)set_address;
	struct scratch *s = scratch_get(key);
	__u32 at, len;
	__u64 cgroup;
	long got;

	if (!s || index >= CONTROLLERS || s->piece_end - begin > PROBE_BYTES_MAX)
		return 0;
	cgroup = index == CONTROLLERS - 1 ? (__u64)READ(set, dfl_cgrp) : task_cgroup(set, index);
	if (!cgroup)
		return 0;
	at = s->piece_end;
	if (at > begin)
		s->record[at++ & RECORD_MASK] = 0;
	got = bpf_probe_read_kernel_str(
	    s->record + (at & RECORD_MASK), CONTROLLER_NAME_BYTES, names[index]);
	at += (__u32)(got - 1) & 15;
	len = s->path_end - s->path_begin;
	if (cgroup == s->cgroup && len < PIECE_SLACK / 2) {
		bpf_probe_read_kernel(s->record + (at & RECORD_MASK), len,
		    s->record + (s->path_begin & RECORD_MASK));
		s->piece_end = at + len;
		return 0;
	}
	s->piece_end = at;
	put_cgroup_path(key, (__u64)READ((struct cgroup *)cgroup, kn));
	s->cgroup = cgroup;
	s->path_begin = at;
	s->path_end = s->piece_end;
	return 0;
}

/*
 * "cpu=/path" and so on for each controller, and "unified=/path" for the hierarchy itself,
 * NUL-separated.
 */
static __always_inline void
put_cgroups(__u32 key, struct scratch *s, __u64 set)
{
	__u32 begin;

	if (!piece_begin(s, &begin))
		return;
	s->cgroup = 0;
	s->piece_end = begin;
	for (__u32 i = 0; i < CONTROLLERS; i++)
		put_cgroup(key, set, i, begin);
	piece_end(s, P_execve_cgroups, begin, s->piece_end - begin, PARAM_EXACT);
}

int
put_task_facts(__u32 key)
{
	struct scratch *s = scratch_get(key);
	struct probe_config *c = config_get();
	struct task_struct *task;
	struct fs_struct *fs;

	if (!s || !c)
		return 0;
	task = (void *)s->task;
	fs = READ(task, fs);
	slot_put(s, P_execve_tid, s->tid, PARAM_EXACT);
	slot_put(s, P_execve_pid, s->tgid, PARAM_EXACT);
	slot_put(s, P_execve_ptid, (__u32)READ(task, real_parent, tgid), PARAM_EXACT);
	if (fs)
		put_path(key, P_execve_cwd,
		    FIELD_OF(fs, struct fs_struct, pwd), false);
	slot_put(s, P_execve_fdlimit, READ(task, signal, rlim[RLIMIT_FILES].rlim_cur), PARAM_EXACT);
	slot_put(s, P_execve_pgft_maj, READ(task, maj_flt), PARAM_EXACT);
	slot_put(s, P_execve_pgft_min, READ(task, min_flt), PARAM_EXACT);
	put_memory(s, READ(task, mm));
	put_text(s, P_execve_comm, FIELD_OF(task, struct task_struct, comm),
	    true);
	if (c->wanted_params & PROBE_WANT_CGROUPS)
		put_cgroups(key, s, (__u64)READ(task, cgroups));
	return 0;
}

/*
 * Whether the task could write the file that it runs: mode bits and capabilities, access lists
 * are not looked at.
 */
static __always_inline bool
exe_writable(struct inode *inode, const struct credentials *c)
{
	__u32 uid = READ(inode, i_uid.val), gid = READ(inode, i_gid.val);
	__u32 mode = READ(inode, i_mode);

	if (READ(inode, i_sb, s_flags) & SUPERBLOCK_READ_ONLY ||
	    READ(inode, i_flags) & INODE_IMMUTABLE)
		return false;
	if (uid == ID_NONE || gid == ID_NONE)
		return false;
	if (c->effective & (CAPABILITY_DAC_OVERRIDE | CAPABILITY_FOWNER) || c->ids[6] == uid)
		return true;
	return c->ids[7] == gid ? mode & 020 : mode & 02;
}

static __always_inline __u64
exe_flags(struct file *exe, struct inode *inode, const struct credentials *c)
{
	struct dentry *dentry = READ(exe, f_path.dentry);
	__u32 layer = inode_layer(inode);
	__u64 name = read_word((__u64)READ(dentry, d_name.name));
	__u64 flags = 0;

	if (exe_writable(inode, c))
		flags |= EXE_WRITABLE;
	if (layer)
		flags |= layer == NORMAL_UPPER ? EXE_UPPER : EXE_LOWER;
	if (READ(dentry, d_parent) == dentry && (name & MEMFD_MASK) == MEMFD_PREFIX)
		flags |= EXE_MEMFD;
	return flags;
}

int
put_image_facts(__u32 key)
{
	struct scratch *s = scratch_get(key);
	struct task_struct *task;
	struct credentials c;
	struct inode *inode;
	struct file *exe;

	if (!s)
		return 0;
	task = (void *)s->task;
	credentials_read(&c, task);
	slot_put(s, P_execve_tty, task_tty(task), PARAM_EXACT);
	slot_put(s, P_execve_vpgid, pid_own_number(task_pid(task, PIDTYPE_PGID)), PARAM_EXACT);
	slot_put(s, P_execve_loginuid, task_loginuid(task), PARAM_EXACT);
	slot_put(s, P_execve_cap_inheritable, c.inheritable, PARAM_EXACT);
	slot_put(s, P_execve_cap_permitted, c.permitted, PARAM_EXACT);
	slot_put(s, P_execve_cap_effective, c.effective, PARAM_EXACT);
	slot_put(s, P_execve_uid, c.ids[CRED_EUID], PARAM_EXACT);
	slot_put(s, P_execve_pgid, pid_number(task_pid(task, PIDTYPE_PGID)), PARAM_EXACT);
	slot_put(s, P_execve_gid, c.ids[CRED_EGID], PARAM_EXACT);
	exe = READ(task, mm, exe_file);
	if (!exe)
		return 0;
	inode = READ(exe, f_inode);
	slot_put(s, P_execve_flags, exe_flags(exe, inode, &c), PARAM_EXACT);
	slot_put(s, P_execve_exe_ino, READ(inode, i_ino), PARAM_EXACT);
	slot_put(s, P_execve_exe_ino_ctime, INODE_TIME(inode, ctime), PARAM_EXACT);
	slot_put(s, P_execve_exe_ino_mtime, INODE_TIME(inode, mtime), PARAM_EXACT);
	return put_file(key, P_execve_trusted_exepath, (__u64)exe);
}

int
put_identity(__u32 key, __u32 first)
{
	enum { SID = 0, NS_TID, NS_PID, NS_START, PARENT_START, ARGS_LEN, ROOT };
	struct scratch *s = scratch_get(key);
	struct task_struct *task;
	struct fs_struct *fs;

	_Static_assert(P_execve_root - P_execve_sid == ROOT && P_clone_root - P_clone_sid == ROOT,
	    "rows of IDENTITY");
	if (!s)
		return 0;
	task = (void *)s->task;
	fs = READ(task, fs);
	slot_put(s, first + SID, pid_number(task_pid(task, PIDTYPE_SID)), PARAM_EXACT);
	slot_put(s, first + NS_TID, pid_own_number(task_pid(task, PIDTYPE_PID)), PARAM_EXACT);
	slot_put(s, first + NS_PID, pid_own_number(task_pid(task, PIDTYPE_TGID)), PARAM_EXACT);
	slot_put(s, first + NS_START, task_ns_start(task), PARAM_EXACT);
	slot_put(s, first + PARENT_START, READ(task, real_parent, group_leader, start_boottime),
	    PARAM_EXACT);
	if (fs)
		put_path(key, first + ROOT,
		    FIELD_OF(fs, struct fs_struct, root), true);
	return 0;
}
