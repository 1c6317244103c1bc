/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * Facts of tasks, credentials, files and sockets, as numbers.  Nothing here stores.
 */
#ifndef BPF_EXTRACT_H
#define BPF_EXTRACT_H

#include "read.h"

enum {
	ID_NONE = 0xffffffff,
	MAGIC_PIPE = 0x50495045,
	MAGIC_SOCKET = 0x534f434b,
	MAGIC_ANON_INODE = 0x09041934,
	MAGIC_NSFS = 0x6e736673,
	MAGIC_OVERLAY = 0x794c7630,
	SECOND_NS = 1000000000,
	CTIME_QUERIED =
	    1 << 31, /* in the nanoseconds of kernels with fine times: it was looked at */
	FILE_CREATED = 0x100000, /* FMODE_CREATED */
	NORMAL_CREATED = 16384, /* bits of the flag tables that only the kernel knows */
	NORMAL_UPPER = 32768,
	NORMAL_LOWER = 65536
};

/* Id of PID in the initial namespace. */
static __always_inline __u32
pid_number(struct pid *pid)
{
	return (__u32)READ(pid, numbers[0].nr);
}

/* Id of PID in the namespace at LEVEL of its line; 0 below its own. */
static __always_inline __u32
pid_number_at(struct pid *pid, __u64 level)
{
	void *upid = (void *)FIELD_OF(pid, struct pid, numbers) +
	    level * bpf_core_type_size(struct upid);
	__u32 nr = 0;

	if (level <= READ(pid, level))
		bpf_core_read(&nr, sizeof(nr), upid);
	return nr;
}

static __always_inline __u32
pid_own_number(struct pid *pid)
{
	return pid_number_at(pid, READ(pid, level));
}

static __always_inline struct pid *
task_pid(struct task_struct *task, enum pid_type type)
{
	if (type == PIDTYPE_PID)
		return READ(task, thread_pid);
	return READ(task, signal, pids[type]);
}

/* The first process of the task's own pid namespace. */
static __always_inline struct task_struct *
task_reaper(struct task_struct *task)
{
	struct pid *pid = READ(task, thread_pid);
	__u64 level = READ(pid, level);
	struct upid upid = {};
	void *at = (void *)FIELD_OF(pid, struct pid, numbers) +
	    level * bpf_core_type_size(struct upid);

	bpf_core_read(&upid, sizeof(upid), at);
	return READ(upid.ns, child_reaper);
}

/* Start of the reaper, and of the parent's first thread. */
static __always_inline __u64
task_ns_start(struct task_struct *task)
{
	struct task_struct *reaper = task_reaper(task);

	return READ(reaper, start_boottime);
}

static __always_inline __u32
task_loginuid(struct task_struct *task)
{
	if (!bpf_core_field_exists(task->loginuid))
		return ID_NONE;
	return READ_HERE(task, loginuid.val);
}

/* The controlling terminal's device, encoded as in user space. */
static __always_inline __u32
task_tty(struct task_struct *task)
{
	struct tty_struct *tty = READ(task, signal, tty);
	__u32 major, minor;

	if (!tty)
		return 0;
	major = (__u32)READ(tty, driver, major);
	minor = (__u32)READ(tty, driver, minor_start) + (__u32)READ(tty, index);
	return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

/*
 * Pages of MM by counter (MM_FILEPAGES and its kin), never below 0.  A macro, so that the index is
 * a constant of the relocation.
 */
#define MM_COUNTER(mm, index) \
	({ \
		struct mm_struct___rss_array *older_ = (void *)(mm); \
		struct mm_struct___rss_percpu *newer_ = (void *)(mm); \
		__s64 count_; \
		if (bpf_core_field_exists(older_->rss_stat.count)) \
			count_ = READ_HERE(older_, rss_stat.count[index].counter); \
		else \
			count_ = READ_HERE(newer_, rss_stat[index].count); \
		count_ < 0 ? 0 : count_; \
	})

/* A capability set of CRED: CAPS(cred, cap_effective). */
#define CAPS(cred, set) \
	({ \
		struct cred___caps *cred_ = (void *)(cred); \
		__u64 caps_; \
		if (bpf_core_field_exists(cred_->set.val)) \
			caps_ = READ_HERE(cred_, set.val); \
		else \
			caps_ = READ_HERE(cred_, set.cap[0]) | \
			    (__u64)READ_HERE(cred_, set.cap[1]) << 32; \
		caps_; \
	})

enum { CRED_EUID = 4, CRED_EGID = 5 };

static __always_inline void
credentials_read(struct credentials *c, struct task_struct *task)
{
	const struct cred *cred = READ(task, cred);

	__builtin_memset(c, 0, sizeof(*c));
	bpf_core_read(c->ids, sizeof(c->ids), &cred->uid);
	c->inheritable = CAPS(cred, cap_inheritable);
	c->permitted = CAPS(cred, cap_permitted);
	c->effective = CAPS(cred, cap_effective);
	c->namespace = (__u64)READ(cred, user_ns);
}

static __always_inline __u64
hash_word(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static __always_inline __u64
credentials_hash(const struct credentials *c)
{
	__u64 hash = 1;

	for (int i = 0; i < 8; i += 2)
		hash = hash_word(hash, c->ids[i] | (__u64)c->ids[i + 1] << 32);
	hash = hash_word(hash, c->inheritable);
	hash = hash_word(hash, c->permitted);
	hash = hash_word(hash, c->effective);
	return hash_word(hash, c->namespace);
}

/*
 * The task's namespaces, by address: a call replaces one only by another that lives at the same
 * time.
 */
static __always_inline __u64
namespaces_hash(struct task_struct *task)
{
	struct nsproxy *ns = READ(task, nsproxy);
	__u64 hash = 2;

	hash = hash_word(hash, (__u64)READ(ns, uts_ns));
	hash = hash_word(hash, (__u64)READ(ns, ipc_ns));
	hash = hash_word(hash, (__u64)READ(ns, mnt_ns));
	hash = hash_word(hash, (__u64)READ(ns, pid_ns_for_children));
	hash = hash_word(hash, (__u64)READ(ns, net_ns));
	if (bpf_core_field_exists(ns->cgroup_ns))
		hash = hash_word(hash, (__u64)READ_HERE(ns, cgroup_ns));
	if (bpf_core_field_exists(ns->time_ns_for_children))
		hash = hash_word(hash, (__u64)READ_HERE(ns, time_ns_for_children));
	return hash;
}

/*
 * The cgroup that controller INDEX of cpuset, cpu, cpuacct, io, memory has for a task's SET, or
 * 0: kernels number their controllers as they were built.
 */
static __always_inline __u64
task_cgroup(struct css_set *set, int index)
{
	struct cgroup_subsys_state *state = NULL;
	__u64 id;

#define CONTROLLER(name) ({ \
	__u64 id_ = ~0ull; \
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, name##_cgrp_id)) { \
		STAY_HERE(); \
		id_ = bpf_core_enum_value(enum cgroup_subsys_id, name##_cgrp_id); \
	} \
	id_; })
	switch (index) {
	case 0: id = CONTROLLER(cpuset); break;
	case 1: id = CONTROLLER(cpu); break;
	case 2: id = CONTROLLER(cpuacct); break;
	case 3: id = CONTROLLER(io); break;
	default: id = CONTROLLER(memory); break;
	}
#undef CONTROLLER
	if (id == ~0ull)
		return 0;
	bpf_core_read(&state, sizeof(state),
	    (void *)FIELD_OF(set, struct css_set, subsys) + id * 8);
	return (__u64)READ(state, cgroup);
}

/* The open file behind descriptor FD of TASK, or NULL. */
static __always_inline struct file *
task_file(struct task_struct *task, __s64 fd)
{
	struct fdtable *table = READ(task, files, fdt);
	struct file **files;
	struct file *file = NULL;

	if (fd < 0 || (__u64)fd >= READ(table, max_fds))
		return NULL;
	files = READ(table, fd);
	bpf_core_read(&file, sizeof(file), &files[fd]);
	return file;
}

static __always_inline __u32
inode_magic(struct inode *inode)
{
	return (__u32)READ(inode, i_sb, s_magic);
}

/* Device number as user space encodes it. */
static __always_inline __u32
inode_device(struct inode *inode)
{
	__u32 dev = READ(inode, i_sb, s_dev);
	__u32 major = dev >> 20, minor = dev & 0xfffff;

	return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

/*
 * The layer of an overlay file as a bit of the open flags: NORMAL_UPPER, NORMAL_LOWER; 0 for a
 * file elsewhere.  Without type information of the overlay module nothing is said of the layer.
 */
static __always_inline __u32
inode_layer(struct inode *inode)
{
	struct ovl_inode___any *overlay;
	struct dentry *upper;

	if (inode_magic(inode) != MAGIC_OVERLAY || !bpf_core_type_exists(struct ovl_inode___any))
		return 0;
	STAY_HERE();
	overlay = OWNER_OF(inode, struct ovl_inode___any, vfs_inode);
	upper = READ(overlay, __upperdentry);
	return upper && READ(upper, d_inode) ? NORMAL_UPPER : NORMAL_LOWER;
}

/* A time of INODE, INODE_TIME(inode, mtime), ns since 1970. */
#define INODE_TIME(inode, name) \
	({ \
		struct inode___times *inode_ = (void *)(inode); \
		__u64 time_; \
		if (bpf_core_field_exists(inode_->i_##name##_sec)) \
			time_ = READ_HERE(inode_, i_##name##_sec) * SECOND_NS + \
			    (READ_HERE(inode_, i_##name##_nsec) & ~CTIME_QUERIED); \
		else if (bpf_core_field_exists(inode_->__i_##name)) \
			time_ = READ_HERE(inode_, __i_##name.tv_sec) * SECOND_NS + \
			    READ_HERE(inode_, __i_##name.tv_nsec); \
		else \
			time_ = READ_HERE(inode_, i_##name.tv_sec) * SECOND_NS + \
			    READ_HERE(inode_, i_##name.tv_nsec); \
		time_; \
	})

#endif
