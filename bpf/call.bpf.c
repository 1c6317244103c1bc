/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * The fillers of system calls in a few programs (PROBE_CALLS).  With a program each the verifier
 * would look into the functions that they share once a filler; a single one would be so long that
 * the kernel spends much of its time on moving it about, which it does for each instruction that
 * it expands.  The files of the families have the fillers, see FILLER() in store.h.
 */
#include "store.h"

/* A row of the schema, unless it is a record of the collector's. */
#define CALL_FILE(row) row
#define CALL_IO_OTHER(row) row
#define CALL_NET(row) row
#define CALL_OTHER(row) row
#define CALL_PROCESS(row) row
#define CALL_USER(row) row
#define CALL_META(row)

/* No call has this event: it is a hook's. */
#define fill_procexit call_none

#define EVENT(id, name, category, flags, fd, params) CALL_##category(int fill_##name(__u32 key);)
#define RESULT(event, name, type)
#define PARAM(event, name, type, how)
#define KERNEL(event, name, type, how)
#include "events.def"

/* The call came to a program that does not tell its event.  Returns 0. */
__noinline int
call_none(__u32 key)
{
	struct scratch *s = scratch_get(key);

	if (s)
		act_lost(s, LANE_BULK, s->event);
	return 0;
}

/* The programs, and which of them each category has. */
enum { CALL_tell_file, CALL_tell_task, CALL_tell_other };
enum {
#define CALL(category, filler) FILLER_##category = CALL_##filler,
	PROBE_CALLS(CALL)
#undef CALL
};

/* Tell the call that stands in this CPU's scratch, when FILLER has its category. */
static __always_inline int
call_tell(const int filler)
{
	__u32 key = scratch_key();
	struct scratch *s = scratch_get(key);

	if (!s)
		return 0;
	switch (s->event) {
#define EVENT(id, name, category, flags, fd, params) CALL_##category( \
	case EV_##name: \
		if (FILLER_##category == filler) \
			return fill_##name(key); \
		break;)
#define RESULT(event, name, type)
#define PARAM(event, name, type, how)
#define KERNEL(event, name, type, how)
#include "events.def"
	}
	return call_none(key);
}

#define PROGRAM(name) \
	SEC("tp_btf/sys_exit") int name(void *ctx) \
	{ \
		(void)ctx; \
		return call_tell(CALL_##name); \
	}

PROGRAM(tell_file)
PROGRAM(tell_task)
PROGRAM(tell_other)
