/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * Reading the kernel and the caller.  Types of older and newer kernels that differ from the
 * vmlinux.h at hand are declared here as flavours (name___what), and which one holds is decided
 * by relocation when the object is loaded.
 */
#ifndef BPF_READ_H
#define BPF_READ_H

#include "maps.h"

/*
 * READ(pointer, field, field...): follow fields through kernel memory; 0 where a pointer on the
 * way is bad.
 */
#define READ BPF_CORE_READ

/*
 * Keeps the compiler from moving, merging or dropping what it has proven of X: the verifier wants
 * it done again here.
 */
#define OPAQUE(x) asm volatile("" : "+r"(x))

/*
 * READ_HERE: the same for a field that this kernel may lack, inside the branch that has asked.
 * Without the barrier the compiler takes the field's offset before the branch, and the verifier
 * refuses the program for a field that is not there.
 */
#define STAY_HERE() asm volatile("" ::: "memory")
#define READ_HERE(...) ({ STAY_HERE(); READ(__VA_ARGS__); })

#if defined(__TARGET_ARCH_arm64)
struct pt_regs___saved {
	__u64 regs[31];
	__u64 orig_x0;
	__s32 syscallno;
} __attribute__((preserve_access_index));
#endif
struct counter___any { __s64 counter; };
struct mm_rss_stat___array { struct counter___any count[4]; };
struct mm_struct___rss_array { struct mm_rss_stat___array rss_stat; };
struct mm_struct___rss_percpu { struct percpu_counter rss_stat[4]; };
/* Of these no kernel has all fields, and where they stand here means nothing. */
struct kernel_cap___any { __u32 cap[2]; __u64 val; };
struct cred___caps { struct kernel_cap___any cap_inheritable, cap_permitted, cap_effective; };
struct inode___times {
	struct timespec64 i_mtime, i_ctime;
	struct timespec64 __i_mtime, __i_ctime;
	__s64 i_mtime_sec, i_ctime_sec;
	__u32 i_mtime_nsec, i_ctime_nsec;
};
struct kernfs_node___parents { struct kernfs_node *parent, *__parent; };
struct ovl_inode___any { struct inode vfs_inode; struct dentry *__upperdentry; };

/* Address of FIELD of the TYPE at POINTER; and the TYPE whose FIELD is at POINTER. */
#define FIELD_OF(pointer, type, field) ((__u64)(pointer) + bpf_core_field_offset(type, field))
#define OWNER_OF(pointer, type, field) \
	((type *)((void *)(pointer) - bpf_core_field_offset(type, field)))

/*
 * True where the kernel hands out the current task as a typed pointer, so that its fields are
 * plain loads (5.11).
 */
#define HAVE_TASK_POINTER \
	bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)

/*
 * A field of TASK, a typed pointer where HAVE_TASK_POINTER holds: one load there, a checked read
 * elsewhere.
 */
#define TASK_FIELD(task, field) (HAVE_TASK_POINTER ? (task)->field : READ(task, field))

static __always_inline struct task_struct *
task_current(void)
{
	if (HAVE_TASK_POINTER)
		return bpf_get_current_task_btf();
	return (struct task_struct *)bpf_get_current_task();
}

/* Read the pointer or number of SIZE bytes at kernel ADDRESS; 0 when it can not be read. */
static __always_inline __u64
read_word(__u64 address)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), (const void *)address);
	return value;
}

/*
 * Where a kernfs node has its parent, by whichever name this kernel has for it.  Asked before a
 * loop, not in it: the compiler would take both offsets out of the loop.
 */
static __always_inline __u64
kernfs_parent_offset(void)
{
	__u64 offset;

	if (bpf_core_field_exists(struct kernfs_node___parents, __parent)) {
		STAY_HERE();
		offset = bpf_core_field_offset(struct kernfs_node___parents, __parent);
	} else {
		STAY_HERE();
		offset = bpf_core_field_offset(struct kernfs_node___parents, parent);
	}
	OPAQUE(offset);
	return offset;
}



#endif
