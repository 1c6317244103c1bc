/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * 32-bit calls on x86-64: the native number of each call that has a filler of its own.  COMPAT(ia32, native).  Numbers are
 * ABI, they do not change.  Calls that are not here can not be named natively and are counted (compat_unknown).
 */
#ifndef BPF_COMPAT_H
#define BPF_COMPAT_H

#include "maps.h"

enum {
	COMPAT_NUMBERS = 512,
	COMPAT_SOCKETCALL = 102
};

static const __u16 compat_numbers[COMPAT_NUMBERS] = {
#define COMPAT(ia32, native) [ia32] = native,
	COMPAT(2, 57) COMPAT(5, 2) COMPAT(6, 3) COMPAT(8, 85) COMPAT(9, 86) COMPAT(10, 87)        /* fork open close creat link unlink */
	COMPAT(11, 59) COMPAT(12, 80) COMPAT(15, 90) COMPAT(21, 165) COMPAT(22, 166)              /* execve chdir chmod mount umount */
	COMPAT(23, 105) COMPAT(26, 101) COMPAT(38, 82) COMPAT(39, 83) COMPAT(40, 84)              /* setuid ptrace rename mkdir rmdir */
	COMPAT(41, 32) COMPAT(46, 106) COMPAT(52, 166) COMPAT(57, 109) COMPAT(61, 161)            /* dup setgid umount2 setpgid chroot */
	COMPAT(63, 33) COMPAT(66, 112) COMPAT(70, 113) COMPAT(71, 114) COMPAT(83, 88)             /* dup2 setsid setreuid setregid symlink */
	COMPAT(94, 91) COMPAT(120, 56) COMPAT(128, 175) COMPAT(133, 81) COMPAT(164, 117)          /* fchmod clone init_module fchdir setresuid */
	COMPAT(170, 119) COMPAT(185, 126) COMPAT(190, 58) COMPAT(203, 113) COMPAT(204, 114)       /* setresgid capset vfork setreuid setregid */
	COMPAT(208, 117) COMPAT(210, 119) COMPAT(213, 105) COMPAT(214, 106) COMPAT(217, 155)      /* setresuid setresgid setuid setgid pivot_root */
	COMPAT(295, 257) COMPAT(296, 258) COMPAT(301, 263) COMPAT(302, 264) COMPAT(303, 265)      /* openat mkdirat unlinkat renameat linkat */
	COMPAT(304, 266) COMPAT(306, 268) COMPAT(310, 272) COMPAT(330, 292) COMPAT(346, 308)      /* symlinkat fchmodat unshare dup3 setns */
	COMPAT(350, 313) COMPAT(353, 316) COMPAT(358, 322) COMPAT(359, 41) COMPAT(361, 49)        /* finit_module renameat2 execveat socket bind */
	COMPAT(362, 42) COMPAT(363, 50) COMPAT(364, 288) COMPAT(435, 435) COMPAT(437, 437)        /* connect listen accept4 clone3 openat2 */
	COMPAT(452, 452)                                                                          /* fchmodat2 */
#undef COMPAT
};

/* Calls inside socketcall(2). */
static const __u16 compat_socketcalls[32] = {
	[1] = 41, [2] = 49, [3] = 42, [4] = 50, [5] = 43, [18] = 288 /* socket bind connect listen accept accept4 */
};

/* Calls of the days of 16-bit ids, in which 65535 says "no id". */
static __always_inline bool
compat_short_ids(__u32 nr)
{
	return nr == 23 || nr == 46 || nr == 70 || nr == 71 || nr == 164 || nr == 170;
}

#endif
