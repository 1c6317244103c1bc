/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* The call that has no filler of its own; tracing, kernel modules. */
#include "file.h"

FILLER(syscall)
{
	__u8 *rec = fixed(s, LANE_BULK, syscall);

	if (!rec)
		return 0;
	store(rec, syscall, ID, s->nr);
	store(rec, syscall, nativeID, s->compat ? s->compat_nr : s->nr);
	store(rec, syscall, arg0, s->args[0]);
	store(rec, syscall, arg1, s->args[1]);
	store(rec, syscall, arg2, s->args[2]);
	store(rec, syscall, arg3, s->args[3]);
	store(rec, syscall, arg4, s->args[4]);
	store(rec, syscall, arg5, s->args[5]);
	return fixed_close(s, LANE_BULK, rec);
}
