/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * 32-bit calls on x86-64: the native number of each call that has a filler of its own.
 * COMPAT(ia32, native).  Numbers are ABI, they do not change.  Calls that are not here can not be
 * named natively and are counted (compat_unknown).
 */
#ifndef BPF_COMPAT_H
#define BPF_COMPAT_H

#include "maps.h"

enum {
	COMPAT_NUMBERS = 512,
	COMPAT_SOCKETCALL = 102
};

static const __u16 compat_numbers[COMPAT_NUMBERS] = {
#define COMPAT(ia32, native) [ia32] = (native),
	COMPAT(2, 57)         /* fork */
	COMPAT(5, 2)          /* open */
	COMPAT(6, 3)          /* close */
	COMPAT(8, 85)         /* creat */
	COMPAT(9, 86)         /* link */
	COMPAT(10, 87)        /* unlink */
	COMPAT(11, 59)        /* execve */
	COMPAT(12, 80)        /* chdir */
	COMPAT(15, 90)        /* chmod */
	COMPAT(21, 165)       /* mount */
	COMPAT(22, 166)       /* umount */
	COMPAT(23, 105)       /* setuid */
	COMPAT(26, 101)       /* ptrace */
	COMPAT(38, 82)        /* rename */
	COMPAT(39, 83)        /* mkdir */
	COMPAT(40, 84)        /* rmdir */
	COMPAT(41, 32)        /* dup */
	COMPAT(46, 106)       /* setgid */
	COMPAT(52, 166)       /* umount2 */
	COMPAT(57, 109)       /* setpgid */
	COMPAT(61, 161)       /* chroot */
	COMPAT(63, 33)        /* dup2 */
	COMPAT(66, 112)       /* setsid */
	COMPAT(70, 113)       /* setreuid */
	COMPAT(71, 114)       /* setregid */
	COMPAT(83, 88)        /* symlink */
	COMPAT(94, 91)        /* fchmod */
	COMPAT(120, 56)       /* clone */
	COMPAT(128, 175)      /* init_module */
	COMPAT(133, 81)       /* fchdir */
	COMPAT(164, 117)      /* setresuid */
	COMPAT(170, 119)      /* setresgid */
	COMPAT(185, 126)      /* capset */
	COMPAT(190, 58)       /* vfork */
	COMPAT(203, 113)      /* setreuid */
	COMPAT(204, 114)      /* setregid */
	COMPAT(208, 117)      /* setresuid */
	COMPAT(210, 119)      /* setresgid */
	COMPAT(213, 105)      /* setuid */
	COMPAT(214, 106)      /* setgid */
	COMPAT(217, 155)      /* pivot_root */
	COMPAT(295, 257)      /* openat */
	COMPAT(296, 258)      /* mkdirat */
	COMPAT(301, 263)      /* unlinkat */
	COMPAT(302, 264)      /* renameat */
	COMPAT(303, 265)      /* linkat */
	COMPAT(304, 266)      /* symlinkat */
	COMPAT(306, 268)      /* fchmodat */
	COMPAT(310, 272)      /* unshare */
	COMPAT(330, 292)      /* dup3 */
	COMPAT(346, 308)      /* setns */
	COMPAT(350, 313)      /* finit_module */
	COMPAT(353, 316)      /* renameat2 */
	COMPAT(358, 322)      /* execveat */
	COMPAT(359, 41)       /* socket */
	COMPAT(361, 49)       /* bind */
	COMPAT(362, 42)       /* connect */
	COMPAT(363, 50)       /* listen */
	COMPAT(364, 288)      /* accept4 */
	COMPAT(435, 435)      /* clone3 */
	COMPAT(437, 437)      /* openat2 */
	COMPAT(452, 452)      /* fchmodat2 */
#undef COMPAT
};

/* Calls inside socketcall(2). */
static const __u16 compat_socketcalls[32] = {
	[1] = 41,   /* socket */
	[2] = 49,   /* bind */
	[3] = 42,   /* connect */
	[4] = 50,   /* listen */
	[5] = 43,   /* accept */
	[18] = 288, /* accept4 */
};

/* Calls of the days of 16-bit ids, in which 65535 says "no id". */
static __always_inline bool
compat_short_ids(__u32 nr)
{
	return nr == 23 || nr == 46 || nr == 70 || nr == 71 || nr == 164 || nr == 170;
}

#endif
