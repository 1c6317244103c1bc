/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * Credentials and namespaces of tasks as last seen, so that a call that changed nothing is known
 * for what it is.  Entries are made at fork, exec and snapshot; where one is missing, what it
 * would say is unknown and the act counts as a change.
 */
#ifndef BPF_STATE_H
#define BPF_STATE_H

#include "store.h"

/* The entry of the task that S speaks of, or NULL. */
static __always_inline struct task_state *
state_of(const struct scratch *s)
{
	__u32 tid = s->tid;
	struct task_state *state = bpf_map_lookup_elem(&task_state, &tid);

	return state && state->start == s->start ? state : NULL;
}

/* What a fresh look at the task says. */
static __always_inline void
state_look(struct task_state *state, const struct scratch *s, const struct credentials *c,
    struct task_struct *task)
{
	state->start = s->start;
	state->credentials = credentials_hash(c);
	state->namespaces = namespaces_hash(task);
	state->uid = c->ids[CRED_EUID];
	state->gid = c->ids[CRED_EGID];
}

/* Remember TASK, of which S speaks, as it is now. */
static __always_inline void
state_renew(struct scratch *s, struct task_struct *task)
{
	struct task_state *known = state_of(s), fresh = {};
	struct credentials c;
	struct probe_cpu *cpu;
	__u32 tid = s->tid;

	credentials_read(&c, task);
	if (known) {
		state_look(known, s, &c, task);
		return;
	}
	state_look(&fresh, s, &c, task);
	if (bpf_map_update_elem(&task_state, &tid, &fresh, BPF_ANY) < 0 && (cpu = cpu_get(s->cpu)))
		cpu->state_failed++;
}

#endif
