/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* Credentials, capabilities, namespaces, sessions. */
#include "file.h"
#include "kin.h"
#include "state.h"

/*
 * Judge the call EVENT and open its record; NULL: nothing is told.  These calls are rare, so what
 * counts is that the code is short.
 */
#define judged_open(key, s, event) \
	(state_judge(key) ? record_open((s), EV_##event, P_##event##_COUNT) : NULL)

#define judged_close(key, s, event) ({ \
	put_credentials((key), P_##event##_cred_uid); \
	emit((key), (s)->lane); })

FILLER(setuid)
{
	__u8 *rec = judged_open(key, s, setuid);

	if (!rec)
		return 0;
	store(rec, setuid, uid, (__u32)s->args[0]);
	return judged_close(key, s, setuid);
}

FILLER(setgid)
{
	__u8 *rec = judged_open(key, s, setgid);

	if (!rec)
		return 0;
	store(rec, setgid, gid, (__u32)s->args[0]);
	return judged_close(key, s, setgid);
}

FILLER(setreuid)
{
	__u8 *rec = judged_open(key, s, setreuid);

	if (!rec)
		return 0;
	store(rec, setreuid, ruid, (__u32)s->args[0]);
	store(rec, setreuid, euid, (__u32)s->args[1]);
	return judged_close(key, s, setreuid);
}

FILLER(setregid)
{
	__u8 *rec = judged_open(key, s, setregid);

	if (!rec)
		return 0;
	store(rec, setregid, rgid, (__u32)s->args[0]);
	store(rec, setregid, egid, (__u32)s->args[1]);
	return judged_close(key, s, setregid);
}

FILLER(setresuid)
{
	__u8 *rec = judged_open(key, s, setresuid);

	if (!rec)
		return 0;
	store(rec, setresuid, ruid, (__u32)s->args[0]);
	store(rec, setresuid, euid, (__u32)s->args[1]);
	store(rec, setresuid, suid, (__u32)s->args[2]);
	return judged_close(key, s, setresuid);
}

FILLER(setresgid)
{
	__u8 *rec = judged_open(key, s, setresgid);

	if (!rec)
		return 0;
	store(rec, setresgid, rgid, (__u32)s->args[0]);
	store(rec, setresgid, egid, (__u32)s->args[1]);
	store(rec, setresgid, sgid, (__u32)s->args[2]);
	return judged_close(key, s, setresgid);
}

/* The sets of rules are those that hold, not those that were asked for. */
FILLER(capset)
{
	__u8 *rec = judged_open(key, s, capset);

	if (!rec)
		return 0;
	store(rec, capset, cap_inheritable, s->judged.now.inheritable);
	store(rec, capset, cap_permitted, s->judged.now.permitted);
	store(rec, capset, cap_effective, s->judged.now.effective);
	return judged_close(key, s, capset);
}

FILLER(unshare)
{
	__u8 *rec = judged_open(key, s, unshare);

	if (!rec)
		return 0;
	store(rec, unshare, flags, normal_clone_flags(s->args[0]));
	return judged_close(key, s, unshare);
}

FILLER(setns)
{
	__u8 *rec = judged_open(key, s, setns);

	if (!rec)
		return 0;
	store(rec, setns, fd, fd_arg(s, 0));
	store(rec, setns, nstype, normal_clone_flags((__u32)s->args[1]));
	put_file_truth(key, s, P_setns_file, fd_file(s, fd_arg(s, 0)));
	return judged_close(key, s, setns);
}

FILLER(setsid)
{
	struct task_struct *task = (void *)s->task;
	__u8 *rec;

	if (s->result < 0 && !s->wanted)
		return 0;
	rec = record_open(s, EV_setsid, P_setsid_COUNT);
	store(rec, setsid, sid, pid_number(task_pid(task, PIDTYPE_SID)));
	store(rec, setsid, new_pgid, pid_number(task_pid(task, PIDTYPE_PGID)));
	return emit(key, LANE_BULK);
}

/*
 * The process that setpgid(2) of TASK calls ID (in TASK's pid namespace): itself or a child; NULL
 * when it is not found.
 */
static __always_inline struct task_struct *
setpgid_target(struct task_struct *task, __u32 id)
{
	if (id == 0 || id == pid_own_number(task_pid(task, PIDTYPE_TGID)))
		return READ(task, group_leader);
	return (void *)kin_find(FIELD_OF(task, struct task_struct, children),
	    bpf_core_field_offset(struct task_struct, sibling), READ(task, thread_pid, level), id);
}

FILLER(setpgid)
{
	struct task_struct *task = (void *)s->task, *target;
	struct pid *group;
	__u8 *rec;

	if (s->result < 0 && !s->wanted)
		return 0;
	rec = record_open(s, EV_setpgid, P_setpgid_COUNT);
	store(rec, setpgid, pid, fd_arg(s, 0));
	store(rec, setpgid, pgid, fd_arg(s, 1));
	target = setpgid_target(task, (__u32)s->args[0]);
	if (s->result == 0 && target) {
		group = task_pid(target, PIDTYPE_PGID);
		store(rec, setpgid, target, READ(target, tgid));
		store(rec, setpgid, new_pgid, pid_number(group));
		store(rec, setpgid, new_vpgid, pid_own_number(group));
	}
	return emit(key, LANE_BULK);
}
