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

/*
 * Functions verified once a program; KEY names the scratch, whose `task` they speak of.
 */

/* Remember the task as it is now.  Returns 0. */
int state_renew(__u32 key);
/*
 * Judge the act in scratch, which may have changed credentials or namespaces: leaves in its
 * `judged` what they are now and were before, and in `lane` where to tell it; remembers what holds
 * now.  Returns 0 when nothing changed and no rule wants it, else 1.
 */
int state_judge(__u32 key);
/* Put CREDENTIAL_TRUTH of what state_judge() left into the slots FIRST and behind it; returns 0. */
int put_credentials(__u32 key, __u32 first);

#endif
