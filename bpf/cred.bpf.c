/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* Credentials, capabilities, namespaces, sessions. */
#include "file.h"
#include "state.h"

enum { CHILDREN_MAX = 64 };

/* A call that may change credentials or namespaces, compared with what was known of the task. */
struct judged {
	struct credentials now;
	__u32 old_uid, old_gid;
	__u32 lane;
	bool known; /* old_uid and old_gid are */
};

/*
 * Judge the act in S and remember what holds now.  False: it changed nothing and no rule wants
 * it.
 */
static __always_inline bool
judge(struct scratch *s, struct judged *j)
{
	struct task_struct *task = (void *)s->task;
	struct task_state *state = state_of(s);
	bool changed;

	credentials_read(&j->now, task);
	j->lane = LANE_BULK;
	j->known = state;
	j->old_uid = state ? state->uid : ID_NONE;
	j->old_gid = state ? state->gid : ID_NONE;
	changed = s->result >= 0 && (!state || state->credentials != credentials_hash(&j->now) ||
	    state->namespaces != namespaces_hash(task));
	if (changed) {
		j->lane = lane_choose(s, state);
		state_renew(s, task);
	}
	return changed || s->wanted;
}

/* Store CREDENTIAL_TRUTH, whose slots begin at FIRST, into a record of PARAMS slots. */
static __always_inline void
store_credentials(__u8 *rec, __u32 params, __u32 first, const struct judged *j)
{
	enum { UID, GID, INHERITABLE, PERMITTED, EFFECTIVE, OLD_UID, OLD_GID };

	slot_store(rec, params, first + UID, j->now.ids[CRED_EUID]);
	slot_store(rec, params, first + GID, j->now.ids[CRED_EGID]);
	slot_store(rec, params, first + INHERITABLE, j->now.inheritable);
	slot_store(rec, params, first + PERMITTED, j->now.permitted);
	slot_store(rec, params, first + EFFECTIVE, j->now.effective);
	if (!j->known)
		return;
	slot_store(rec, params, first + OLD_UID, j->old_uid);
	slot_store(rec, params, first + OLD_GID, j->old_gid);
}

/* Judge the call EVENT and open its record; NULL: nothing is told. */
#define judged_open(s, j, event) \
	(judge((s), (j)) ? fixed((s), (j)->lane, event) : NULL)

#define judged_close(s, j, event, rec) ({ \
	store_credentials((rec), P_##event##_COUNT, P_##event##_cred_uid, (j)); \
	fixed_close((s), (j)->lane, (rec)); })

/* setuid and setgid: one id. */
FILLER(setuid)
{
	struct judged j;
	__u8 *rec = judged_open(s, &j, setuid);

	if (!rec)
		return 0;
	store(rec, setuid, uid, (__u32)s->args[0]);
	return judged_close(s, &j, setuid, rec);
}

FILLER(setgid)
{
	struct judged j;
	__u8 *rec = judged_open(s, &j, setgid);

	if (!rec)
		return 0;
	store(rec, setgid, gid, (__u32)s->args[0]);
	return judged_close(s, &j, setgid, rec);
}

FILLER(setreuid)
{
	struct judged j;
	__u8 *rec = judged_open(s, &j, setreuid);

	if (!rec)
		return 0;
	store(rec, setreuid, ruid, (__u32)s->args[0]);
	store(rec, setreuid, euid, (__u32)s->args[1]);
	return judged_close(s, &j, setreuid, rec);
}

FILLER(setregid)
{
	struct judged j;
	__u8 *rec = judged_open(s, &j, setregid);

	if (!rec)
		return 0;
	store(rec, setregid, rgid, (__u32)s->args[0]);
	store(rec, setregid, egid, (__u32)s->args[1]);
	return judged_close(s, &j, setregid, rec);
}

FILLER(setresuid)
{
	struct judged j;
	__u8 *rec = judged_open(s, &j, setresuid);

	if (!rec)
		return 0;
	store(rec, setresuid, ruid, (__u32)s->args[0]);
	store(rec, setresuid, euid, (__u32)s->args[1]);
	store(rec, setresuid, suid, (__u32)s->args[2]);
	return judged_close(s, &j, setresuid, rec);
}

FILLER(setresgid)
{
	struct judged j;
	__u8 *rec = judged_open(s, &j, setresgid);

	if (!rec)
		return 0;
	store(rec, setresgid, rgid, (__u32)s->args[0]);
	store(rec, setresgid, egid, (__u32)s->args[1]);
	store(rec, setresgid, sgid, (__u32)s->args[2]);
	return judged_close(s, &j, setresgid, rec);
}

/* The sets of rules are those that hold, not those that were asked for. */
FILLER(capset)
{
	struct judged j;
	__u8 *rec = judged_open(s, &j, capset);

	if (!rec)
		return 0;
	store(rec, capset, cap_inheritable, j.now.inheritable);
	store(rec, capset, cap_permitted, j.now.permitted);
	store(rec, capset, cap_effective, j.now.effective);
	return judged_close(s, &j, capset, rec);
}

FILLER(unshare)
{
	struct judged j;
	__u8 *rec = judged_open(s, &j, unshare);

	if (!rec)
		return 0;
	store(rec, unshare, flags, normal_clone_flags(s->args[0]));
	return judged_close(s, &j, unshare, rec);
}

FILLER(setns)
{
	struct judged j;
	__u8 *rec;

	if (!judge(s, &j))
		return 0;
	rec = record_open(s, EV_setns, P_setns_COUNT);
	store(rec, setns, fd, fd_arg(s, 0));
	store(rec, setns, nstype, normal_clone_flags((__u32)s->args[1]));
	put_file_truth(key, s, P_setns_file, fd_file(s, fd_arg(s, 0)));
	store_credentials(rec, P_setns_COUNT, P_setns_cred_uid, &j);
	return emit(key, j.lane);
}

FILLER(setsid)
{
	struct task_struct *task = (void *)s->task;
	__u8 *rec;

	if (s->result < 0 && !s->wanted)
		return 0;
	rec = fixed(s, LANE_BULK, setsid);
	if (!rec)
		return 0;
	store(rec, setsid, sid, pid_number(task_pid(task, PIDTYPE_SID)));
	store(rec, setsid, new_pgid, pid_number(task_pid(task, PIDTYPE_PGID)));
	return fixed_close(s, LANE_BULK, rec);
}

/*
 * The process that setpgid(2) of TASK calls ID (in TASK's pid namespace): itself or a child; NULL
 * when it is not found.
 */
static __always_inline struct task_struct *
setpgid_target(struct task_struct *task, __u32 id)
{
	struct task_struct *leader = READ(task, group_leader);
	struct list_head *head = (void *)FIELD_OF(task, struct task_struct, children);
	struct list_head *at = READ(head, next);
	__u32 level = READ(task, thread_pid, level);

	if (id == 0 || id == pid_own_number(task_pid(task, PIDTYPE_TGID)))
		return leader;
	for (int i = 0; i < CHILDREN_MAX && at && at != head; i++) {
		struct task_struct *child = OWNER_OF(at, struct task_struct, sibling);

		if (pid_number_at(task_pid(child, PIDTYPE_PID), level) == id)
			return child;
		at = READ(at, next);
	}
	return NULL;
}

FILLER(setpgid)
{
	struct task_struct *task = (void *)s->task, *target;
	struct pid *group;
	__u8 *rec;

	if (s->result < 0 && !s->wanted)
		return 0;
	rec = fixed(s, LANE_BULK, setpgid);
	if (!rec)
		return 0;
	store(rec, setpgid, pid, fd_arg(s, 0));
	store(rec, setpgid, pgid, fd_arg(s, 1));
	target = setpgid_target(task, (__u32)s->args[0]);
	if (s->result == 0 && target) {
		group = task_pid(target, PIDTYPE_PGID);
		store(rec, setpgid, target, READ(target, tgid));
		store(rec, setpgid, new_pgid, pid_number(group));
		store(rec, setpgid, new_vpgid, pid_own_number(group));
	}
	return fixed_close(s, LANE_BULK, rec);
}
