/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * The wire: one shape of record at every hop.  Compiles in user space, in the eBPF probe (where
 * vmlinux.h supplies the types) and in the kernel module.
 *
 *    0        8        16           24       32        40         48      56    60  62  63
 *    +--------+--------+------------+--------+---------+----------+-------+-----+---+---+---+
 *    |len type|   ts   |    seq     | start  | result  | position |tid    |exec |cpu|par|0 |  64 B
 *    |lane flg|        |            |        |         |          |tgid   |     |   |   |   |
 *    +--------+--------+------------+--------+---------+----------+-------+-----+---+---+---+
 *    | states: 2 bits a parameter, (params + 31) / 32 words                                 |
 *    +--------------------------------------------------------------------------------------+
 *    | slots: 8 bytes a parameter: a scalar, or u32 offset and u32 length                   |
 *    +--------------------------------------------------------------------------------------+
 *    | bytes, each piece 8-aligned; offsets count from here                                 |
 *    +--------------------------------------------------------------------------------------+
 *
 * (tid, start, exec) names a task's image; (boot, cpu, lane, seq) names the event; position
 * orders all of it.
 */
#ifndef SHM_EVENT_H
#define SHM_EVENT_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

enum {
	EVENT_HEAD_BYTES = 64,
	EVENT_PARAMS_MAX = 64,
	EVENT_TYPES_MAX = 256,        /* ids are below this */
	EVENT_RECORD_MAX = 32 * 1024, /* bytes of a record, all in */
	EVENT_PATH_MAX = 4096,
	SYSCALL_MAX = 512             /* native numbers are below this */
};

enum event_lane {
	LANE_LIFE, /* acts whose rate the kernel bounds, or that changed something */
	LANE_BULK, /* everything else */
	LANE_META, /* written by the collector */
	LANE_COUNT
};

enum event_head_flags {
	EVENT_LATE = 1,    /* came after younger records had gone out */
	EVENT_COMPAT = 2,  /* 32-bit entry */
	EVENT_SCOPED = 4,  /* admitted by a scope */
	EVENT_SAMPLED = 8  /* sample of refused events (prefilter) */
};

struct event_head {
	__u32 len;      /* bytes of the whole record, a multiple of 8 */
	__u16 type;     /* enum event_id */
	__u8 lane;      /* enum event_lane */
	__u8 flags;     /* enum event_head_flags */
	__u64 ts;       /* CLOCK_BOOTTIME, ns */
	__u64 seq;      /* per cpu and lane, from 1, counted for every record attempted */
	__u64 start;    /* the task's start time, ns since boot */
	__s64 result;   /* of the call; parameter 0 of rules */
	__u64 position; /* in the raw stream, from 1; 0 until the collector sets it */
	__u32 tid;      /* in the initial pid namespace */
	__u32 tgid;
	__u32 exec;     /* the task's exec number */
	__u16 cpu;
	__u8 params;    /* slots that follow */
	__u8 reserved;  /* zero */
};

_Static_assert(sizeof(struct event_head) == EVENT_HEAD_BYTES, "event head is 64 bytes");

enum param_state {
	PARAM_ABSENT,    /* the event has no such value here */
	PARAM_EXACT,
	PARAM_TRUNCATED, /* a prefix of the value */
	PARAM_UNREADABLE /* memory of the caller could not be read */
};

/* What `how` of a path relative to parameter n of the event says: DIRFD_1 and so on. */
enum { DIRFD_FLAG = 0x100, DIRFD_1 = 0x101, DIRFD_2 = 0x102, DIRFD_3 = 0x103 };

enum event_flags {
	EVENT_CREATES_FD = 1,
	EVENT_USES_FD = 2,
	EVENT_DESTROYS_FD = 4,
	EVENT_STATE = 8
};

enum { FD_NONE = -1, FD_IS_RESULT = -2 };

/* Reasons of a loss record and of every loss counter. */
enum loss_reason {
	LOSS_NONE,
	LOSS_RING_FULL,  /* no room in the kernel ring */
	LOSS_TAIL_CALL,  /* a tail call fell through */
	LOSS_TOO_LARGE,  /* over EVENT_RECORD_MAX */
	LOSS_RECURSION,  /* the kernel skipped the program */
	LOSS_GAP,        /* sequence numbers missing, reason not known */
	LOSS_BAD_RECORD, /* a record that breaks its own layout */
	LOSS_POISON,     /* skipped after it had ended its worker twice */
	LOSS_REASONS
};

/* Bits of DERIVED(lost): state that is lost until the next snapshot, or still on its way. */
enum lost_bits { LOST_TASK = 1, LOST_PARENT = 2, LOST_USER = 4, LOST_CONTAINER = 8 };

/*
 * A socket address: AF_INET uses 4 bytes of addr, AF_INET6 all, AF_UNIX none (the path
 * follows the struct).
 */
struct wire_address {
	__u16 family;
	__u16 port; /* host order */
	__u32 reserved;
	__u8 addr[16];
};

/*
 * A connection.  Source is the client's side.  For AF_UNIX the pointers stand in
 * source_id/destination_id.
 */
struct wire_tuple {
	__u16 family;
	__u8 protocol; /* IPPROTO_* */
	__u8 type;     /* SOCK_* */
	__u16 source_port; /* host order */
	__u16 destination_port;
	__u8 source[16];
	__u8 destination[16];
	__u64 source_id;
	__u64 destination_id;
};

_Static_assert(sizeof(struct wire_address) == 24 && sizeof(struct wire_tuple) == 56,
    "no hidden padding");

/* EV_openat and so on. */
enum event_id {
	EV_none = 0,
#define EVENT(id, name, category, flags, fd, params) EV_##name = (id),
#define RESULT(event, name, type)
#define PARAM(event, name, type, how)
#define KERNEL(event, name, type, how)
#include "events.def"
};

/* Index of each parameter's slot: P_openat_name; and their number: P_openat_COUNT. */
#define EVENT(id, name, category, flags, fd, params) enum { params P_##name##_COUNT };
#define RESULT(event, name, type)
#define PARAM(event, name, type, how)  P_##event##_##name,
#define KERNEL(event, name, type, how) P_##event##_##name,
#include "events.def"

enum derived_id {
#define DERIVED(name, type) D_##name,
#include "derived.def"
	D_COUNT
};

enum context_id {
#define CONTEXT(name, type, when) C_##name,
#include "context.def"
	C_COUNT
};

enum param_type {
	T_NONE,
#define TYPE(name, kind, sign) T_##name,
#include "types.def"
	T_COUNT
};

enum flags_table {
	FLAGS_NONE,
#define FLAGS_TABLE(table) TABLE_##table,
#define FLAG(table, name, value)
#include "flags.def"
	FLAGS_TABLES
};

/* Words of parameter states, and where the bytes of a record with PARAMS slots begin. */
#define EVENT_STATE_WORDS(params) (((params) + 31) / 32)
#define EVENT_BODY(params) (EVENT_HEAD_BYTES + 8 * (EVENT_STATE_WORDS(params) + (params)))

#endif
