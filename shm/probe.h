/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * What the eBPF probe and its loader share: maps, their values, programs.  Compiles in both.
 *
 * The object holds entry programs (permanent, tiny) and fillers.  An entry program decides
 * whether an act is told and tail-calls the filler, which builds one record (event.h) and puts it
 * into a kernel ring.  Maps by name:
 *
 *   name           kind (entries)                value
 *   settings       ARRAY (1), mmapable           struct probe_config: the loader's, but for
 *                                                life_need_wake
 *   syscalls       ARRAY (SYSCALL_MAX), mmapable struct probe_syscall by native number: the
 *                                                loader's
 *   cpus           ARRAY (CPUs), mmapable        struct probe_cpu: the probe's, but for need_wake
 *   scratch        ARRAY (1 + CPUs)              private
 *   life_ring      RINGBUF                       records of LANE_LIFE of all CPUs
 *   bulk_rings     ARRAY_OF_MAPS (CPUs)          RINGBUFs for LANE_BULK; a CPU without one uses
 *                                                ring 0
 *   exit_programs  PROG_ARRAY (SYSCALL_MAX)      fillers of sys_exit by native number
 *   exec_programs, fork_programs, death_programs
 *                  PROG_ARRAY (1)                the filler of that hook
 *   scope_tasks    HASH, key u32 tgid            u32, enum probe_scope_state
 *   task_state     LRU_HASH, key u32 tid         private: credentials and namespaces as last seen
 *   socket_roles   LRU_HASH, key u64 sock        private: which end called connect
 *
 * The loader sets, before load: max_entries of cpus and bulk_rings to the number of possible
 * CPUs, of scratch to one more; the size of life_ring; autoload of one of the two snapshot
 * programs to false.  bulk_rings' inner map in the object is a pattern, as small as a ring may be
 * where pages are of 64 KiB; the rings that are put there have sizes of their own (5.10 and later
 * accept that).
 *
 * It then, in this order: fills settings and syscalls; puts a ring into bulk_rings for each CPU;
 * puts the fillers into the program arrays (that of a number: by the category of its event, which
 * syscall_event() knows); attaches the entry programs.
 */
#ifndef SHM_PROBE_H
#define SHM_PROBE_H

#include "event.h"

enum {
	PROBE_ABI = 1, /* of this file: maps go over to another object only if it has the same */
	PROBE_OWN_MAX = 16,
	PROBE_SCOPE_MAX =
	    65536, /* processes; a child that finds it full is counted, not followed */
	PROBE_STATE_MAX = 65536, /* tasks in task_state; the least recently used goes */
	PROBE_ROLES_MAX = 65536,
	PROBE_RING_BYTES = 8 * 1024 * 1024, /* of life_ring, unless the loader says another */
	PROBE_PATTERN_BYTES = 64 * 1024,
	PROBE_BYTES_MAX = 4096 /* bound of args_bytes, env_bytes, image_bytes and of every text */
};

/*
 * Programs.  HOOK(entry, array, filler): attach `entry`, put `filler` at key 0 of `array`.
 * on_sys_exit is the other entry program; its array takes the fillers by number as told above.
 */
#define PROBE_HOOKS(HOOK) \
	HOOK(on_exec, exec_programs, tell_exec) \
	HOOK(on_fork, fork_programs, tell_fork) \
	HOOK(on_death, death_programs, tell_death)

/* CALL(category, filler): the filler of calls whose events are of that category (events.def). */
#define PROBE_CALLS(CALL) \
	CALL(FILE, tell_file) \
	CALL(IO_OTHER, tell_file) \
	CALL(PROCESS, tell_task) \
	CALL(USER, tell_task) \
	CALL(NET, tell_other) \
	CALL(OTHER, tell_other)

/*
 * Iterators over all tasks; what is read from their descriptor is snapshot_task records, whole,
 * one after the other.  The first also has the command line and the environment and needs a
 * kernel whose BTF has BPF_FUNC_copy_from_user_task in enum bpf_func_id (5.18); the second is for
 * those before.  One reader at a time.  Records carry LANE_META, seq 0 and generation from
 * settings.
 */
#define PROBE_SNAPSHOT "snapshot_tasks"
#define PROBE_SNAPSHOT_PLAIN "snapshot_plain"

enum probe_scope {
	PROBE_SCOPE_NONE,   /* everything */
	PROBE_SCOPE_CGROUP, /* tasks in the cgroup scope_cgroup or below it */
	PROBE_SCOPE_TREE    /* processes in scope_tasks and their descendants */
};

/* A process enters scope_tasks by the loader's hand as ARMED: it is told from its exec on. */
enum probe_scope_state { PROBE_SCOPE_ARMED = 1, PROBE_SCOPE_ACTIVE = 2 };

/* Optional parameters that cost something. */
enum probe_want { PROBE_WANT_ENV = 1, PROBE_WANT_CGROUPS = 2, PROBE_WANT_IMAGE = 4 };

struct probe_config {
	__u32 abi;               /* PROBE_ABI */
	__u32 scope;             /* enum probe_scope */
	__u64 scope_cgroup;      /* id in the unified hierarchy: the inode number of its folder */
	__u32 high_water_bytes; /* a ring with this much in it is announced though nobody asked;
				   0: never */
	__u32 reserved;
	__u64 wanted_params;     /* bits of enum probe_want */
	__u64 generation;        /* of the next snapshot */
	__u32 args_bytes; /* bounds of argv, environment and module images in a record, at most
			     PROBE_BYTES_MAX */
	__u32 env_bytes;
	__u32 image_bytes;
	__u32 life_need_wake; /* set by the drainer before it sleeps; the next life record wakes
				 it and clears this */
	__u32 own[PROBE_OWN_MAX]; /* tgids whose bulk events are dropped, ended by 0 */
};

/* How a native system call is treated. */
enum probe_syscall_flags {
	PROBE_SYSCALL_WANTED = 1, /* interest names it: every call is told */
	PROBE_SYSCALL_STATE =
	    2 /* its filler runs anyway and tells what changed something (probe_event_state()) */
};

struct probe_syscall {
	__u8 flags;
	__u8 event; /* enum event_id: syscall_event() of the number */
	__u16 reserved[3];
};

enum { PROBE_LANES = 2 }; /* LANE_LIFE and LANE_BULK */

/*
 * One CPU's numbers.  attempted[lane] is the sequence number of the last record attempted, so a
 * gap at the end of a ring shows.  lost[lane][reason] are the attempted ones that did not get
 * there: attempted = in rings + sum of lost.
 */
struct probe_cpu {
	__u64 attempted[PROBE_LANES];
	__u64 lost[PROBE_LANES][LOSS_REASONS];
	__u64 truncated;    /* parameters cut */
	__u64 unreadable;   /* parameters that the caller's memory or the kernel's did not give */
	__u64 own_dropped;  /* bulk events of saker's own processes */
	__u64 scoped_out;   /* wanted acts outside the scope */
	__u64 scope_full;   /* children that scope_tasks had no room for */
	__u64 demoted; /* life acts over a task's or the CPU's allowance, sent in the bulk lane
			  instead */
	__u64 state_failed; /* task_state entries that could not be made */
	__u64 compat_unknown; /* 32-bit calls without a number in the native table */
	__u64 woken;        /* wake-ups of the drainer */
	__u64 bucket_ts;    /* private: the allowance of life acts */
	__u64 bucket_used;
	__u32 need_wake; /* set by the drainer before it sleeps; this CPU's next bulk record wakes
			    it and clears this */
	__u32 reserved;
	__u64 events[EVENT_TYPES_MAX]; /* attempted, by event */
};

_Static_assert(
    sizeof(struct probe_config) == 120 && sizeof(struct probe_syscall) == 8, "no hidden padding");
_Static_assert(sizeof(struct probe_cpu) == 8 * (14 + PROBE_LANES * LOSS_REASONS + EVENT_TYPES_MAX),
    "no hidden padding");

/*
 * True for events whose fillers run whatever interest says: the loader sets PROBE_SYSCALL_STATE
 * for their numbers.
 */
static inline int
probe_event_state(__u32 event)
{
	switch (event) {
	case EV_chdir: case EV_fchdir: case EV_chroot: case EV_pivot_root:
	case EV_setuid:
	case EV_setgid:
	case EV_setreuid:
	case EV_setregid:
	case EV_setresuid:
	case EV_setresgid:
	case EV_setsid: case EV_setpgid: case EV_capset: case EV_unshare: case EV_setns:
	case EV_ptrace: case EV_init_module: case EV_finit_module:
		return 1;
	}
	return 0;
}

#endif
