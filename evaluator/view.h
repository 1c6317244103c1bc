/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One event as fields see it: its record, its task's context and those of the task's
 * ancestors, the clock in force, and memory for what is derived.  Lives from one event to
 * the next; everything in it is private memory.
 */
#ifndef EVALUATOR_VIEW_H
#define EVALUATOR_VIEW_H

#include "contexts.h"
#include "fdfacts.h"
#include "layout.h"
#include "record.h"
#include "scratch.h"
#include "value.h"

enum { VIEW_CHAIN_MAX = 64 }; /* contexts from a task up that one event can use */

enum path_names { PATH_NAMES_BOTH, PATH_NAMES_KERNEL, PATH_NAMES_CALLER };

/* What the stream has told so far about the machine. */
struct clock {
	int64_t wall_offset_ns; /* wall clock = record time + this */
	int64_t utc_offset_s;   /* seconds east of UTC */
};

/*
 * A value that comes from outside the record, for the field whose canonical text is `text`;
 * it wins.  With `own` the field is read from the event as if it were not here, which says
 * something where only what is given counts.  What is given for a field that depends on the
 * task's context alone must be the same for all events of that context.
 */
struct field_given {
	struct span text;
	struct field_value value;
	bool own;
};

struct event_view {
	struct record record;
	const struct event_info *info;
	const struct event_layout *layout;
	uint32_t code; /* evtcode.h */
	uint32_t lost; /* bits of enum lost_bits, as far as the chain was followed */
	struct contexts *contexts;
	struct scratch *scratch;
	const struct clock *clock;
	struct span hostname;
	enum path_names path_names;
	const struct field_given *given;
	uint32_t given_count;
	bool given_only; /* a field that is not given has no value */
	struct context_entry *chain[VIEW_CHAIN_MAX]; /* 0: the task itself, 1: its parent ... */
	uint32_t chain_len;
	struct fd_facts facts;
	bool has_facts, has_names; /* whether facts, and names in them, are there */
	bool chain_done;   /* the chain goes no further */
	bool chain_broken; /* because a context that it names is gone */
};

/*
 * Begin the event RECORD (its memory is borrowed).  VIEW has contexts, scratch, clock,
 * hostname, path_names and what is given already; scratch is reset.
 */
void view_begin(struct event_view *view, const struct record *record);

/*
 * Context of the task (LEVEL 0) or of its LEVELth ancestor process; NULL when there is none
 * or it is lost.
 */
struct context_entry *view_ancestor(struct event_view *view, uint32_t level);

/* The context that two derived parameters name, or NULL. */
struct context_entry *view_context(struct event_view *view, enum derived_id id,
    enum derived_id slot);

/* True and *VALUE when the record carries DERIVED. */
bool view_derived(const struct event_view *view, enum derived_id derived, uint64_t *value);

/* Process id of the task's process (LEVEL 0) or of its LEVELth ancestor. */
bool view_tgid(const struct event_view *view, uint32_t level, uint64_t *tgid);

/* Wall clock time of the record time TS: nanoseconds since 1970. */
static inline uint64_t
view_wall(const struct event_view *view, uint64_t ts)
{
	return ts + (uint64_t)view->clock->wall_offset_ns;
}

/* The record's own parameter in SLOT as a scalar or as bytes; false when it is absent. */
static inline bool
view_scalar(const struct event_view *view, int slot, uint64_t *value)
{
	return slot >= 0 && slots_scalar(&view->record.slots, (uint32_t)slot, value);
}

static inline bool
view_bytes(const struct event_view *view, int slot, struct span *bytes)
{
	return slot >= 0 && slots_bytes(&view->record.slots, (uint32_t)slot, bytes);
}

/* Has the event a result that says whether a call worked?  What ends a process has none. */
bool view_has_result(const struct event_view *view);

#endif
