/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* Records leave here; and the texts that every family has.  See store.h. */
#include "store.h"

int
put_user_text(__u32 key, __u32 slot, __u64 address)
{
	struct scratch *s = scratch_get(key);

	if (s && address)
		put_text(s, slot, address, false);
	return 0;
}

/* Hand the finished record to the ring of LANE. */
static __always_inline void
record_output(struct scratch *s, struct probe_cpu *cpu, __u32 lane, __u64 seq)
{
	void *ring = lane_ring(lane, s->cpu);
	__u32 len = s->used;

	if (len > EVENT_RECORD_MAX) {
		lane_lost(cpu, lane, LOSS_TOO_LARGE);
		return;
	}
	((struct event_head *)s->record)->len = len;
	OPAQUE(len);
	len &= EVENT_RECORD_MAX * 2 - 1;
	if (len > EVENT_RECORD_MAX)
		return;
	if (!ring || bpf_ringbuf_output(ring, s->record, len, lane_wake(cpu, lane, ring, seq)) < 0)
		lane_lost(cpu, lane, LOSS_RING_FULL);
}

int
emit(__u32 key, __u32 lane)
{
	struct scratch *s = scratch_get(key);
	struct probe_cpu *cpu;
	__u64 seq;

	if (!s || !(cpu = cpu_get(s->cpu)) || lane_refuses(s, cpu, lane))
		return 0;
	seq = lane_number(cpu, lane, s->type);
	head_fill((struct event_head *)s->record, s, (__u8)lane, seq);
	cpu->truncated += s->truncated;
	cpu->unreadable += s->unreadable;
	record_output(s, cpu, lane, seq);
	return 0;
}
