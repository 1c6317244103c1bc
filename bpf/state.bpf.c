/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* What is remembered of tasks, and what a call changed of it; see state.h. */
#include "state.h"

/* What a fresh look at the task says. */
static __always_inline void
state_look(struct task_state *state, const struct scratch *s, struct task_struct *task)
{
	state->start = s->start;
	state->credentials = credentials_hash(&s->judged.now);
	state->namespaces = namespaces_hash(task);
	state->uid = s->judged.now.ids[CRED_EUID];
	state->gid = s->judged.now.ids[CRED_EGID];
}

/* Remember what has been read into `judged` of TASK. */
static __always_inline void
state_remember(struct scratch *s, struct task_state *known, struct task_struct *task)
{
	struct task_state fresh = {};
	struct probe_cpu *cpu;
	__u32 tid = s->tid;

	state_look(&fresh, s, task);
	if (known) {
		fresh.bucket_ts = known->bucket_ts;
		fresh.bucket_used = known->bucket_used;
		*known = fresh;
	} else if (bpf_map_update_elem(&task_state, &tid, &fresh, BPF_ANY) < 0 &&
	    (cpu = cpu_get(s->cpu))) {
		cpu->state_failed++;
	}
}

int
state_renew(__u32 key)
{
	struct scratch *s = scratch_get(key);
	struct task_struct *task;

	if (!s)
		return 0;
	task = (void *)s->task;
	credentials_read(&s->judged.now, task);
	state_remember(s, state_of(s), task);
	return 0;
}

int
state_judge(__u32 key)
{
	struct scratch *s = scratch_get(key);
	struct task_struct *task;
	struct task_state *state;

	if (!s)
		return 0;
	task = (void *)s->task;
	state = state_of(s);
	credentials_read(&s->judged.now, task);
	s->judged.known = state != NULL;
	s->judged.old_uid = state ? state->uid : ID_NONE;
	s->judged.old_gid = state ? state->gid : ID_NONE;
	s->lane = LANE_BULK;
	if (s->result < 0 || (state &&
	    state->credentials == credentials_hash(&s->judged.now) &&
	    state->namespaces == namespaces_hash(task)))
		return s->wanted != 0;
	s->lane = lane_choose(s, state);
	state_remember(s, state, task);
	return 1;
}

int
put_credentials(__u32 key, __u32 first)
{
	enum { UID, GID, INHERITABLE, PERMITTED, EFFECTIVE, OLD_UID, OLD_GID };
	struct scratch *s = scratch_get(key);

	if (!s)
		return 0;
	slot_put(s, first + UID, s->judged.now.ids[CRED_EUID], PARAM_EXACT);
	slot_put(s, first + GID, s->judged.now.ids[CRED_EGID], PARAM_EXACT);
	slot_put(s, first + INHERITABLE, s->judged.now.inheritable, PARAM_EXACT);
	slot_put(s, first + PERMITTED, s->judged.now.permitted, PARAM_EXACT);
	slot_put(s, first + EFFECTIVE, s->judged.now.effective, PARAM_EXACT);
	if (!s->judged.known)
		return 0;
	slot_put(s, first + OLD_UID, s->judged.old_uid, PARAM_EXACT);
	slot_put(s, first + OLD_GID, s->judged.old_gid, PARAM_EXACT);
	return 0;
}
