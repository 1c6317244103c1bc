/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * Maps of the probe, and the scratch area in which a record is built.  shm/probe.h says what each
 * map is for.
 *
 * Lowest layer of the helpers: maps.h, read.h, extract.h, store.h; each uses only those before
 * it.
 */
#ifndef BPF_MAPS_H
#define BPF_MAPS_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "probe.h"

enum {
	WORK_BYTES = 4096, /* of a text that is built from its end */
	PIECE_SLACK = 2 * WORK_BYTES, /* longer than any piece; it begins below EVENT_RECORD_MAX */
	RECORD_MASK = EVENT_RECORD_MAX - 1,
	NODES_MAX = 12,  /* components of a cgroup path that are told */
	NODES_ROOM = 16, /* the same as a power of two */
	SCRATCH_SNAPSHOT = 0, /* key of the iterator's scratch; a CPU has key 1 + cpu */
	CALL_ARGS = 6,
	COMPAT_UMOUNT = 22 /* umount(2) of x86: has no native number, comes by that of umount2 */
};

/*
 * Where a walk from a file to the root stands, the dentry at the top of that mount, and where it
 * ends: addresses of struct dentry and struct vfsmount.
 */
struct walk {
	__u64 dentry, mount, top;
	__u64 root_dentry, root_mount;
};

/* Everything of a task's credentials that a call can change. */
struct credentials {
	__u32 ids[8]; /* uid, gid, suid, sgid, euid, egid, fsuid, fsgid: the kernel's order */
	__u64 inheritable, permitted, effective;
	__u64 namespace;
};

/* A call that may change credentials or namespaces, compared with what was known of the task. */
struct judged {
	struct credentials now;
	__u32 old_uid, old_gid; /* where `known` */
	__u32 known;
	__u32 reserved;
};

/*
 * One act on its way to becoming a record.  Entry programs fill the first part; fillers build the
 * record.  A CPU's scratch is used by one act at a time: tracing hooks run with preemption off
 * and none of ours is hit by another.  The snapshot iterator can be preempted and has a scratch of
 * its own.
 */
struct scratch {
	__u64 args[CALL_ARGS];
	__s64 result;
	__u64 ts;
	__u64 task;        /* address of the task that the record speaks of */
	__u64 start;       /* its identity, as in the head */
	__u32 exec;
	__u32 tid;
	__u32 tgid;
	__u32 nr;          /* native system call number */
	__u32 compat_nr;   /* 32-bit number it came by, when compat */
	__u16 cpu;
	__u8 event;        /* enum event_id that syscalls[] names for nr */
	__u8 wanted;
	__u8 compat;
	__u8 scoped;
	__u16 type;        /* of the record being built */
	__u32 params;
	__u32 slots;       /* offset of slot 0 */
	__u32 body;        /* offset of the bytes */
	__u32 used;        /* bytes so far */
	__u32 truncated;
	__u32 unreadable;
	__u32 work_at;     /* first byte used in work */
	__u32 piece_end;   /* of a piece that grows by parts */
	__u32 path_begin;  /* the last cgroup path in it, and whose it is */
	__u32 path_end;
	__u32 depth;
	__u64 flags;       /* that are being gathered */
	__u64 cgroup;
	__u32 lane;        /* of an act that has been judged */
	__u32 reserved;
	struct judged judged;
	struct walk walk;
	__u64 nodes[NODES_ROOM];
	__u8 record[EVENT_RECORD_MAX + PIECE_SLACK];
	__u8 work[WORK_BYTES + 512];
};

/* What a task's credentials and namespaces were when last seen, and its allowance of life acts. */
struct task_state {
	__u64 start;       /* the task, since ids are used again */
	__u64 credentials; /* hash of all ids, capability sets and the user namespace */
	__u64 namespaces;  /* hash of the others */
	__u64 bucket_ts;
	__u32 bucket_used;
	__u32 uid;         /* effective */
	__u32 gid;
	__u32 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct probe_config);
} settings __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SYSCALL_MAX);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct probe_syscall);
} syscalls __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct probe_cpu);
} cpus __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct scratch);
} scratch __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, PROBE_RING_BYTES);
} life_ring __weak SEC(".maps");

struct bulk_ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, PROBE_PATTERN_BYTES);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct bulk_ring);
} bulk_rings __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, SYSCALL_MAX);
	__type(key, __u32);
	__type(value, __u32);
} exit_programs __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} exec_programs __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} fork_programs __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} death_programs __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PROBE_SCOPE_MAX);
	__type(key, __u32);
	__type(value, __u32);
} scope_tasks __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, PROBE_STATE_MAX);
	__type(key, __u32);
	__type(value, struct task_state);
} task_state __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, PROBE_ROLES_MAX);
	__type(key, __u64);
	__type(value, __u32);
} socket_roles __weak SEC(".maps");

static __always_inline struct probe_config *
config_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&settings, &zero);
}

static __always_inline struct probe_cpu *
cpu_get(__u32 cpu)
{
	return bpf_map_lookup_elem(&cpus, &cpu);
}

static __always_inline struct scratch *
scratch_get(__u32 key)
{
	return bpf_map_lookup_elem(&scratch, &key);
}

/*
 * The key of this CPU's scratch.  Only good where preemption is off: everywhere but in the
 * iterator.
 */
static __always_inline __u32
scratch_key(void)
{
	return 1 + bpf_get_smp_processor_id();
}

#endif
