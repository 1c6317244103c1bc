/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * Paths as the kernel holds them: from a dentry up through mounts to the root of the task, and
 * names of files that have no path.  A path is built from its end in the scratch's work area.
 */
#include "store.h"

enum {
	COMPONENTS_MAX = 128, /* components and mount crossings of a path */
	WALK_ON = -1,         /* no state of a parameter */
	NAME_MAX_BYTES = 255,
	DIGITS_MAX = 20
};

/*
 * Put LEN (at most NAME_MAX_BYTES) bytes at kernel ADDRESS before what is there.  False: no room.
 */
static __always_inline bool
work_prepend(struct scratch *s, const void *address, __u32 len)
{
	__u32 at = s->work_at;

	len &= NAME_MAX_BYTES;
	if (at < len)
		return false;
	at -= len;
	s->work_at = at;
	bpf_probe_read_kernel(s->work + (at & (WORK_BYTES - 1)), len, address);
	return true;
}

static __always_inline bool
work_prepend_char(struct scratch *s, __u8 c)
{
	__u32 at = s->work_at;

	if (at < 1)
		return false;
	s->work_at = --at;
	s->work[at & (WORK_BYTES - 1)] = c;
	return true;
}

/* Prepend the last component of DENTRY.  False: no room. */
static __always_inline bool
walk_component(struct scratch *s, struct dentry *dentry)
{
	struct qstr name = {};

	bpf_core_read(&name, sizeof(name), &dentry->d_name);
	return work_prepend(s, name.name, name.len) && work_prepend_char(s, '/');
}

/* Address of the dentry at the root of the mount. */
static __always_inline __u64
mount_top(__u64 mount_address)
{
	return (__u64)READ(OWNER_OF(mount_address, struct mount, mnt), mnt.mnt_root);
}

/* W stands at the root of a mount: go to where that is mounted.  False: it is mounted nowhere. */
static __always_inline bool
walk_mount(struct walk *w)
{
	struct mount *mount = OWNER_OF(w->mount, struct mount, mnt);
	struct mount *parent = READ(mount, mnt_parent);

	if (parent == mount || !parent)
		return false;
	w->dentry = (__u64)READ(mount, mnt_mountpoint);
	w->mount = FIELD_OF(parent, struct mount, mnt);
	w->top = mount_top(w->mount);
	return true;
}

/*
 * One step of the walk that stands in the scratch's `walk`: its path grows in the work area by a
 * component, or it leaves a mount.  Returns WALK_ON or, at the end, the path's state.  A function
 * of its own because the verifier looks into it once, and not once for each turn of the loop.
 */
__noinline int
walk_step(__u32 key)
{
	struct scratch *s = scratch_get(key);
	struct dentry *dentry, *parent;
	struct walk *w;

	if (!s)
		return PARAM_UNREADABLE;
	w = &s->walk;
	if (w->dentry == w->root_dentry && w->mount == w->root_mount)
		return PARAM_EXACT;
	dentry = (void *)w->dentry;
	parent = READ(dentry, d_parent);
	if (w->dentry == w->top || dentry == parent)
		return walk_mount(w) ? WALK_ON : PARAM_EXACT;
	if (!walk_component(s, dentry))
		return PARAM_TRUNCATED;
	w->dentry = (__u64)parent;
	return WALK_ON;
}

/*
 * Go on with the walk to its end.  Returns the path's state: truncated when it has too many
 * components (then the innermost are there), unreadable when there is no dentry.
 */
__noinline int
walk_path(__u32 key)
{
	struct scratch *s = scratch_get(key);
	int state = WALK_ON;

	if (!s || !s->walk.dentry)
		return PARAM_UNREADABLE;
	for (int i = 0; i < COMPONENTS_MAX && state == WALK_ON; i++)
		state = walk_step(key);
	return state == WALK_ON ? PARAM_TRUNCATED : state;
}

static __always_inline void
walk_begin(struct scratch *s, __u64 path_address, bool outside)
{
	struct task_struct *task = (void *)s->task;
	struct fs_struct *fs = READ(task, fs);
	struct path path = {}, root = {};

	bpf_probe_read_kernel(&path, sizeof(path), (void *)path_address);
	if (fs && !outside)
		bpf_core_read(&root, sizeof(root), &fs->root);
	s->walk.dentry = (__u64)path.dentry;
	s->walk.mount = (__u64)path.mnt;
	s->walk.root_dentry = (__u64)root.dentry;
	s->walk.root_mount = (__u64)root.mnt;
	s->walk.top = mount_top(s->walk.mount);
	s->work_at = WORK_BYTES;
}

/* Move what stands in the work area into SLOT. */
static __always_inline void
work_store(struct scratch *s, __u32 slot, __u32 state)
{
	__u32 at = s->work_at;

	if (state == PARAM_UNREADABLE)
		slot_unreadable(s, slot);
	else
		put_kernel_bytes(s, slot, s->work + (at & (WORK_BYTES - 1)),
		    (WORK_BYTES - at) & (PIECE_SLACK - 1), state);
}

int
put_path(__u32 key, __u32 slot, __u64 path, __u32 outside)
{
	struct scratch *s = scratch_get(key);
	__u32 state;

	if (!s)
		return 0;
	walk_begin(s, path, outside);
	state = (__u32)walk_path(key);
	if (state == PARAM_EXACT && s->work_at == WORK_BYTES)
		work_prepend_char(s, '/');
	work_store(s, slot, state);
	return 0;
}

/* Begin the work area with "[NUMBER]". */
__noinline int
work_number(__u32 key, __u64 number)
{
	struct scratch *s = scratch_get(key);
	__u32 at = WORK_BYTES;

	if (!s)
		return 0;
	s->work[--at] = ']';
	for (int i = 0; i < DIGITS_MAX; i++) {
		s->work[--at] = (__u8)('0' + number % 10);
		number /= 10;
		if (number == 0)
			break;
	}
	s->work[--at] = '[';
	s->work_at = at;
	return 0;
}

/*
 * The name of a file on one of the kernel's own file systems, as /proc/PID/fd spells it.  False:
 * it has a path.
 */
static __always_inline bool
work_pseudo(__u32 key, struct scratch *s, struct file *file)
{
	static const char pipe[] = "pipe:", socket[] = "socket:", anon[] = "anon_inode:";
	struct inode *inode = READ(file, f_inode);
	struct dentry *dentry = READ(file, f_path.dentry);
	struct ns_common *ns;
	struct qstr name = {};
	char kind[16] = {};
	long got;

	s->work_at = WORK_BYTES;
	switch (inode_magic(inode)) {
	case MAGIC_PIPE:
		work_number(key, READ(inode, i_ino));
		return work_prepend(s, pipe, sizeof(pipe) - 1);
	case MAGIC_SOCKET:
		work_number(key, READ(inode, i_ino));
		return work_prepend(s, socket, sizeof(socket) - 1);
	case MAGIC_ANON_INODE:
		bpf_core_read(&name, sizeof(name), &dentry->d_name);
		return work_prepend(s, name.name, name.len) &&
		    work_prepend(s, anon, sizeof(anon) - 1);
	case MAGIC_NSFS:
		ns = READ(inode, i_private);
		work_number(key, READ(inode, i_ino));
		work_prepend_char(s, ':');
		got = bpf_probe_read_kernel_str(kind, sizeof(kind), READ(ns, ops, name));
		return got > 0 && work_prepend(s, kind, (__u32)got - 1);
	}
	return false;
}

int
put_file(__u32 key, __u32 slot, __u64 file_address)
{
	struct scratch *s = scratch_get(key);
	struct file *file = (void *)file_address;
	__u32 state = PARAM_EXACT;

	if (!s)
		return 0;
	if (!work_pseudo(key, s, file)) {
		walk_begin(s, file_address + bpf_core_field_offset(struct file, f_path), false);
		state = (__u32)walk_path(key);
		/* A name without a path: memfd:NAME and other files of mounts that nobody sees. */
		if (state == PARAM_EXACT && s->work_at == WORK_BYTES) {
			struct dentry *dentry = (void *)s->walk.dentry;
			struct qstr name = {};

			bpf_core_read(&name, sizeof(name), &dentry->d_name);
			work_prepend(s, name.name, name.len);
		}
	}
	work_store(s, slot, state);
	return 0;
}
