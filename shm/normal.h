/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * The kernel's flag bits in the numbering that rules use (flags.def).  Pure functions of scalars,
 * for the probe, the module and user space on x86-64 and arm64 (generic open flags).
 */
#ifndef SHM_NORMAL_H
#define SHM_NORMAL_H

#include "event.h"

struct normal_bit {
	__u32 kernel, normal;
};

/*
 * O_* of open(2); MODE as passed says nothing here.  O_TMPFILE and O_SYNC count only with
 * their whole mask.
 */
static inline __u32
normal_open_flags(__u64 flags)
{
	__u32 out = 0;

	switch (flags & 3) {
	case 0: out = 1; break;
	case 1: out = 2; break;
	case 2: out = 3; break;
	}
	out |= (flags & 00000100) ? 4 : 0;       /* O_CREAT */
	out |= (flags & 00002000) ? 8 : 0;       /* O_APPEND */
	out |= (flags & 00010000) ? 16 : 0;      /* O_DSYNC */
	out |= (flags & 00000200) ? 32 : 0;      /* O_EXCL */
	out |= (flags & 00004000) ? 64 : 0;      /* O_NONBLOCK */
	out |= ((flags & 04010000) == 04010000) ? 128 : 0; /* O_SYNC */
	out |= (flags & 00001000) ? 256 : 0;     /* O_TRUNC */
	out |= (flags & 02000000) ? 4096 : 0;    /* O_CLOEXEC */
#if defined(__aarch64__) || defined(__TARGET_ARCH_arm64)
	out |= (flags & 00200000) ? 512 : 0;     /* O_DIRECT */
	out |= (flags & 00400000) ? 2048 : 0;    /* O_LARGEFILE */
	out |= (flags & 00040000) ? 1024 : 0;    /* O_DIRECTORY */
	out |= ((flags & 020040000) == 020040000) ? 8192 : 0; /* O_TMPFILE */
#else
	out |= (flags & 00040000) ? 512 : 0;
	out |= (flags & 00100000) ? 2048 : 0;
	out |= (flags & 00200000) ? 1024 : 0;
	out |= ((flags & 020200000) == 020200000) ? 8192 : 0;
#endif
	return out;
}

/* CLONE_* of clone(2), unshare(2), setns(2). */
static inline __u32
normal_clone_flags(__u64 flags)
{
	__u32 out = 0;

	out |= (flags & 0x00000400) ? 1u : 0;         /* FILES */
	out |= (flags & 0x00000200) ? 2u : 0;         /* FS */
	out |= (flags & 0x80000000) ? 4u : 0;         /* IO */
	out |= (flags & 0x08000000) ? 8u : 0;         /* NEWIPC */
	out |= (flags & 0x40000000) ? 16u : 0;        /* NEWNET */
	out |= (flags & 0x00020000) ? 32u : 0;        /* NEWNS */
	out |= (flags & 0x20000000) ? 64u : 0;        /* NEWPID */
	out |= (flags & 0x04000000) ? 128u : 0;       /* NEWUTS */
	out |= (flags & 0x00008000) ? 256u : 0;       /* PARENT */
	out |= (flags & 0x00100000) ? 512u : 0;       /* PARENT_SETTID */
	out |= (flags & 0x00002000) ? 1024u : 0;      /* PTRACE */
	out |= (flags & 0x00000800) ? 2048u : 0;      /* SIGHAND */
	out |= (flags & 0x00040000) ? 4096u : 0;      /* SYSVSEM */
	out |= (flags & 0x00010000) ? 8192u : 0;      /* THREAD */
	out |= (flags & 0x00800000) ? 16384u : 0;     /* UNTRACED */
	out |= (flags & 0x00000100) ? 32768u : 0;     /* VM */
	out |= (flags & 0x10000000) ? (1u << 20) : 0; /* NEWUSER */
	out |= (flags & 0x00200000) ? (1u << 23) : 0; /* CHILD_CLEARTID */
	out |= (flags & 0x01000000) ? (1u << 24) : 0; /* CHILD_SETTID */
	out |= (flags & 0x00080000) ? (1u << 25) : 0; /* SETTLS */
	out |= (flags & 0x00004000) ? (1u << 27) : 0; /* VFORK */
	out |= (flags & 0x02000000) ? (1u << 28) : 0; /* NEWCGROUP */
	return out;
}

/* Permission bits: in the reference's numbering S_IXOTH is 1 and S_ISUID 2048, as in the kernel. */
static inline __u32
normal_mode(__u64 mode)
{
	return (__u32)(mode & 07777);
}

/* AT_REMOVEDIR is the only flag of unlinkat(2). */
static inline __u32
normal_unlinkat_flags(__u64 flags)
{
	return (flags & 0x200) ? 512 : 0;
}

/* AT_SYMLINK_FOLLOW and AT_EMPTY_PATH of linkat(2). */
static inline __u32
normal_linkat_flags(__u64 flags)
{
	return (__u32)(flags & 0x1400);
}

/* Request of ptrace(2), or 0 for one that the table does not know. */
static inline __u32
normal_ptrace_request(__u64 request)
{
	if (request <= 9) /* TRACEME to SINGLESTEP */
		return (__u32)request + 1;
	if (request >= 0x4200 && request <= 0x420b) /* SETOPTIONS to SETSIGMASK */
		return (__u32)request - 0x4200 + 14;
	if (request >= 12 && request <= 15) /* GETREGS SETREGS GETFPREGS SETFPREGS */
		return (__u32)request + 14;
	switch (request) {
	case 16: return 11; /* ATTACH */
	case 17: return 12; /* DETACH */
	case 18: return 30; /* GETFPXREGS */
	case 19: return 31; /* SETFPXREGS */
	case 21: return 32; /* OLDSETOPTIONS */
	case 24: return 13; /* SYSCALL */
	case 25: return 33; /* GET_THREAD_AREA */
	case 26: return 34; /* SET_THREAD_AREA */
	case 30: return 35; /* ARCH_PRCTL */
	case 31: return 36; /* SYSEMU */
	case 32: return 37; /* SYSEMU_SINGLESTEP */
	case 33: return 38; /* SINGLEBLOCK */
	}
	return 0;
}

#endif
