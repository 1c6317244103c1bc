/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * Building a record and putting it into a ring.
 *
 * A record whose size is known beforehand is reserved in the ring and filled there: fixed_open(),
 * store(), fixed_close().  Reserving needs a constant size, so a record with texts is built in the
 * CPU's scratch and copied out with its true length: record_open(), store(), put_*(), emit().
 * Both take the sequence number first, so that a record that does not make it leaves a gap.
 */
#ifndef BPF_STORE_H
#define BPF_STORE_H

#include "extract.h"

enum {
	BUCKET_NS = 100 * 1000 * 1000,
	BUCKET_TASK_ACTS = 64, /* life acts of one task in that time; the excess goes to bulk */
	BUCKET_CPU_ACTS = 1024, /* and of all tasks of a CPU */
	HIGH_WATER_EVERY = 64 /* records between two looks at a ring's fill */
};

/* Set slot INDEX (a constant) of the record at REC with PARAMS slots. */
static __always_inline void
slot_store(__u8 *rec, __u32 params, __u32 index, __u64 value)
{
	__u64 *states = (__u64 *)(rec + EVENT_HEAD_BYTES);

	states[index / 32] |= (__u64)PARAM_EXACT << (index % 32 * 2);
	states[EVENT_STATE_WORDS(params) + index] = value;
}

/*
 * store(rec, openat, dirfd, value): the parameter's slot, checked against the schema by its name.
 */
#define store(rec, event, param, value) \
	slot_store(rec, P_##event##_COUNT, P_##event##_##param, (__u64)(value))

/* What stands in a slot of the record at REC: to let a second slot point at the same bytes. */
#define slot_value(rec, event, param) \
	(((__u64 *)((rec) + EVENT_HEAD_BYTES)) \
	    [EVENT_STATE_WORDS(P_##event##_COUNT) + P_##event##_##param])

/* Set slot INDEX of the record in scratch; STATE is enum param_state. */
static __always_inline void
slot_put(struct scratch *s, __u32 index, __u64 value, __u64 state)
{
	__u32 slot = (s->slots + index * 8) & 1023;
	__u32 word = EVENT_HEAD_BYTES + (index / 32 & 1) * 8;

	*(__u64 *)(s->record + slot) = value;
	*(__u64 *)(s->record + word) |= state << (index % 32 * 2);
	if (state == PARAM_TRUNCATED)
		s->truncated++;
	if (state == PARAM_UNREADABLE)
		s->unreadable++;
}

static __always_inline void
slot_unreadable(struct scratch *s, __u32 index)
{
	slot_put(s, index, 0, PARAM_UNREADABLE);
}

/*
 * True, and the offset AT, when a piece may begin.  A record that has grown over its bound is
 * refused by emit().
 */
static __always_inline bool
piece_begin(struct scratch *s, __u32 *at)
{
	*at = s->used;
	if (*at < EVENT_RECORD_MAX)
		return true;
	s->used = EVENT_RECORD_MAX + 8;
	return false;
}

/*
 * End the piece of LEN bytes at AT, which was asked for with piece_begin(): pad it with zeros,
 * point slot INDEX at it.
 */
static __always_inline void
piece_end(struct scratch *s, __u32 index, __u32 at, __u32 len, __u64 state)
{
	__u32 end = (at + len) & (EVENT_RECORD_MAX * 2 - 1);

	if (end <= EVENT_RECORD_MAX + PIECE_SLACK - 8)
		*(__u64 *)(s->record + end) = 0;
	slot_put(s, index, (__u64)len << 32 | (at - s->body), state);
	s->used = at + ((len + 7) & ~7u);
}

/* Copy LEN bytes (at most PROBE_BYTES_MAX) at kernel ADDRESS into slot INDEX. */
static __always_inline void
put_kernel_bytes(struct scratch *s, __u32 index, const void *address, __u32 len, __u64 state)
{
	__u32 at;

	if (!piece_begin(s, &at))
		return;
	len = len > PROBE_BYTES_MAX ? PROBE_BYTES_MAX : len;
	OPAQUE(len);
	len &= PIECE_SLACK - 1;
	if (bpf_probe_read_kernel(s->record + (at & RECORD_MASK), len, address) == 0)
		piece_end(s, index, at, len, state);
	else
		slot_unreadable(s, index);
}

/*
 * Copy LEN bytes (at most PROBE_BYTES_MAX, cut above MAX) of the caller's memory into slot INDEX.
 */
static __always_inline void
put_user_bytes(struct scratch *s, __u32 index, __u64 address, __u64 len, __u32 max)
{
	__u64 state = PARAM_EXACT;
	__u32 at, cut;

	if (!piece_begin(s, &at))
		return;
	max = max > PROBE_BYTES_MAX ? PROBE_BYTES_MAX : max;
	if (len > max) {
		len = max;
		state = PARAM_TRUNCATED;
	}
	cut = (__u32)len;
	OPAQUE(cut);
	cut &= PIECE_SLACK - 1;
	if (bpf_probe_read_user(s->record + (at & RECORD_MASK), cut, (const void *)address) == 0)
		piece_end(s, index, at, cut, state);
	else
		slot_unreadable(s, index);
}

/*
 * Copy the NUL-terminated text at ADDRESS, in the caller's or (KERNEL) in kernel memory, into
 * slot INDEX.
 */
static __always_inline void
put_text(struct scratch *s, __u32 index, __u64 address, bool kernel)
{
	__u32 at, len;
	long got;

	if (!piece_begin(s, &at))
		return;
	if (kernel)
		got = bpf_probe_read_kernel_str(
		    s->record + (at & RECORD_MASK), PROBE_BYTES_MAX, (const void *)address);
	else
		got = bpf_probe_read_user_str(
		    s->record + (at & RECORD_MASK), PROBE_BYTES_MAX, (const void *)address);
	if (got <= 0) {
		slot_unreadable(s, index);
		return;
	}
	len = (__u32)(got - 1) & (PROBE_BYTES_MAX - 1);
	piece_end(s, index, at, len, got == PROBE_BYTES_MAX ? PARAM_TRUNCATED : PARAM_EXACT);
}

/* Begin a record of TYPE with PARAMS slots in scratch; returns where it is. */
static __always_inline __u8 *
record_open(struct scratch *s, __u16 type, const __u32 params)
{
	__builtin_memset(s->record, 0, EVENT_BODY(params));
	s->type = type;
	s->params = params;
	s->slots = EVENT_HEAD_BYTES + 8 * EVENT_STATE_WORDS(params);
	s->body = EVENT_BODY(params);
	s->used = EVENT_BODY(params);
	s->truncated = 0;
	s->unreadable = 0;
	return s->record;
}

/* Fill the head of a record: everything but result, which a filler may know better. */
static __always_inline void
head_fill(struct event_head *head, const struct scratch *s, __u8 lane, __u64 seq)
{
	head->type = s->type;
	head->lane = lane;
	head->flags = (s->compat ? EVENT_COMPAT : 0) | (s->scoped ? EVENT_SCOPED : 0);
	head->ts = s->ts;
	head->seq = seq;
	head->start = s->start;
	head->result = s->result;
	head->position = 0;
	head->tid = s->tid;
	head->tgid = s->tgid;
	head->exec = s->exec;
	head->cpu = s->cpu;
	head->params = (__u8)s->params;
	head->reserved = 0;
}

/* Take the next sequence number of LANE for a record of TYPE. */
static __always_inline __u64
lane_number(struct probe_cpu *cpu, __u32 lane, __u32 type)
{
	cpu->events[type & (EVENT_TYPES_MAX - 1)]++;
	return ++cpu->attempted[lane & 1];
}

static __always_inline void
lane_lost(struct probe_cpu *cpu, __u32 lane, enum loss_reason reason)
{
	cpu->lost[lane & 1][reason]++;
}

/* No filler tells the act in S: a record of LANE is lost. */
static __always_inline void
act_lost(const struct scratch *s, __u32 lane, __u32 type)
{
	struct probe_cpu *cpu = cpu_get(s->cpu);

	if (!cpu)
		return;
	lane_number(cpu, lane, type);
	lane_lost(cpu, lane, LOSS_TAIL_CALL);
}

/*
 * The ring of LANE.  A CPU that came online after the loader had made the rings shares the first.
 */
static __always_inline void *
lane_ring(__u32 lane, __u32 cpu)
{
	__u32 first = 0;
	void *ring;

	if (lane == LANE_LIFE)
		return &life_ring;
	ring = bpf_map_lookup_elem(&bulk_rings, &cpu);
	if (!ring)
		ring = bpf_map_lookup_elem(&bulk_rings, &first);
	return ring;
}

/*
 * How to submit: waking the drainer costs the observed program 20 us, so it is done only when the
 * drainer said that it sleeps, or when a ring has filled beyond the high-water mark.
 */
static __always_inline __u64
lane_wake(struct probe_cpu *cpu, __u32 lane, void *ring, __u64 seq)
{
	struct probe_config *c = config_get();
	__u32 *need = &cpu->need_wake;

	if (!c)
		return BPF_RB_NO_WAKEUP;
	if (lane == LANE_LIFE)
		need = &c->life_need_wake;
	if (*need) {
		*need = 0;
		cpu->woken++;
		return BPF_RB_FORCE_WAKEUP;
	}
	if (c->high_water_bytes == 0 || seq % HIGH_WATER_EVERY != 0 ||
	    bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) < c->high_water_bytes)
		return BPF_RB_NO_WAKEUP;
	cpu->woken++;
	return BPF_RB_FORCE_WAKEUP;
}

/* True when the act in S is not to be told in LANE: bulk events of saker's own processes. */
static __always_inline bool
lane_refuses(const struct scratch *s, struct probe_cpu *cpu, __u32 lane)
{
	struct probe_config *c = config_get();

	if (!c || lane == LANE_LIFE)
		return false;
	for (int i = 0; i < PROBE_OWN_MAX; i++) {
		if (c->own[i] == 0)
			return false;
		if (c->own[i] == s->tgid) {
			cpu->own_dropped++;
			return true;
		}
	}
	return false;
}

/*
 * The lane of an act that CHANGED something: life, while the task and the CPU are within their
 * allowance.  STATE may be NULL (no room was left for it): then only the CPU's counts.
 */
static __always_inline __u32
lane_choose(const struct scratch *s, struct task_state *state)
{
	struct probe_cpu *cpu = cpu_get(s->cpu);

	if (!cpu)
		return LANE_BULK;
	if (s->ts - cpu->bucket_ts > BUCKET_NS) {
		cpu->bucket_ts = s->ts;
		cpu->bucket_used = 0;
	}
	if (state && s->ts - state->bucket_ts > BUCKET_NS) {
		state->bucket_ts = s->ts;
		state->bucket_used = 0;
	}
	if (cpu->bucket_used >= BUCKET_CPU_ACTS ||
	    (state && state->bucket_used >= BUCKET_TASK_ACTS)) {
		cpu->demoted++;
		return LANE_BULK;
	}
	cpu->bucket_used++;
	if (state)
		state->bucket_used++;
	return LANE_LIFE;
}

/*
 * A record of TYPE with PARAMS slots (constants) and no bytes, reserved in the ring of LANE; NULL
 * when it is not to be.  Inlined with all that it does, unlike most here: the calls that are told
 * this way are the most frequent ones.
 */
static __always_inline __u8 *
fixed_open(struct scratch *s, __u32 lane, __u16 type, const __u32 params)
{
	struct probe_cpu *cpu = cpu_get(s->cpu);
	void *ring = lane_ring(lane, s->cpu);
	__u64 seq;
	__u8 *rec;

	if (!cpu || lane_refuses(s, cpu, lane))
		return NULL;
	seq = lane_number(cpu, lane, type);
	rec = ring ? bpf_ringbuf_reserve(ring, EVENT_BODY(params), 0) : NULL;
	if (!rec) {
		lane_lost(cpu, lane, LOSS_RING_FULL);
		return NULL;
	}
	__builtin_memset(rec, 0, EVENT_BODY(params));
	s->type = type;
	s->params = params;
	head_fill((struct event_head *)rec, s, (__u8)lane, seq);
	((struct event_head *)rec)->len = EVENT_BODY(params);
	return rec;
}

/* Submit what fixed_open() gave.  Returns 0, as fillers do. */
static __always_inline int
fixed_close(struct scratch *s, __u32 lane, __u8 *rec)
{
	struct probe_cpu *cpu = cpu_get(s->cpu);
	void *ring = lane_ring(lane, s->cpu);
	__u64 flags = BPF_RB_NO_WAKEUP;

	if (cpu && ring)
		flags = lane_wake(cpu, lane, ring, cpu->attempted[lane & 1]);
	bpf_ringbuf_submit(rec, flags);
	return 0;
}

/* fixed(s, lane, close): fixed_open() for an event by name. */
#define fixed(s, lane, event) fixed_open(s, lane, EV_##event, P_##event##_COUNT)

/*
 * FILLER(openat) { ... }: the function fill_openat, which call.bpf.c calls for an openat,
 * with the CPU's scratch S and its key KEY.  Everything about the call stands in S.
 */
#define FILLER(name) \
	static __always_inline int name##_fill(__u32 key, struct scratch *s); \
	int fill_##name(__u32 key) \
	{ \
		struct scratch *s = scratch_get(key); \
		return s ? name##_fill(key, s) : 0; \
	} \
	static __always_inline int \
	name##_fill(__u32 key __attribute__((unused)), struct scratch *s __attribute__((unused)))

/*
 * Functions with texts, each verified once rather than in every filler (their arguments are
 * scalars for that reason).  KEY names the scratch, SLOT the parameter.  All return 0.
 */
/*
 * The struct path at address PATH, seen from the task's root, or from the namespace's with
 * OUTSIDE.
 */
int put_path(__u32 key, __u32 slot, __u64 path, __u32 outside);
/* The struct file at address FILE: its path, or a name such as "pipe:[4]". */
int put_file(__u32 key, __u32 slot, __u64 file);
/* The caller's text at ADDRESS; absent when that is 0. */
int put_user_text(__u32 key, __u32 slot, __u64 address);
/* A wire_tuple of the struct sock, and a unix path behind it; ROLE is enum socket_role. */
int put_tuple(__u32 key, __u32 slot, __u64 sock, __u32 role);
/* A wire_address of the caller's sockaddr of LEN bytes at ADDRESS, and a unix path behind it. */
int put_user_address(__u32 key, __u32 slot, __u64 address, __u32 len);
/* The record in scratch, into the ring of LANE. */
int emit(__u32 key, __u32 lane);

/* What the task's end of a connection is. */
enum socket_role { ROLE_UNKNOWN, ROLE_CLIENT, ROLE_SERVER };

#endif
