/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * The fillers of system calls as one program.  The verifier looks into a function once a program,
 * and the functions that cost it most are those that fillers share.  The files of the families
 * have the fillers, see FILLER() in store.h.
 */
#include "store.h"

/* No call has this event: it is a hook's. */
#define fill_procexit fill_syscall

/* A function for each event that is no record of the collector's. */
#define CALL_FILE(row) row
#define CALL_IO_OTHER(row) row
#define CALL_NET(row) row
#define CALL_OTHER(row) row
#define CALL_PROCESS(row) row
#define CALL_USER(row) row
#define CALL_META(row)

#define EVENT(id, name, category, flags, fd, params) CALL_##category(int fill_##name(__u32 key);)
#define RESULT(event, name, type)
#define PARAM(event, name, type, how)
#define KERNEL(event, name, type, how)
#include "events.def"

/* Tell the call that stands in this CPU's scratch. */
SEC("tp_btf/sys_exit")
int
tell_call(void *ctx)
{
	__u32 key = scratch_key();
	struct scratch *s = scratch_get(key);

	(void)ctx;
	if (!s)
		return 0;
	switch (s->event) {
#define EVENT(id, name, category, flags, fd, params) \
	CALL_##category(case EV_##name: return fill_##name(key);)
#define RESULT(event, name, type)
#define PARAM(event, name, type, how)
#define KERNEL(event, name, type, how)
#include "events.def"
	}
	return fill_syscall(key);
}
