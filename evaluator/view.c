/* SPDX-License-Identifier: Apache-2.0 */
/* One event as fields see it.  See view.h. */
#include "view.h"

#include "evtcode.h"

void
view_begin(struct event_view *view, const struct record *record)
{
	uint64_t lost = 0;

	view->record = *record;
	view->info = event_info(record->head->type);
	view->layout = layout_of(record->head->type);
	view->code = evtcode_of(record);
	view->chain_len = 0;
	view->chain_done = false;
	view->has_facts = view->has_names = false;
	view->chain_broken = false;
	scratch_reset(view->scratch);
	contexts_next(view->contexts);
	(void)view_derived(view, D_lost, &lost);
	view->lost = (uint32_t)lost;
}

bool
view_derived(const struct event_view *view, enum derived_id derived, uint64_t *value)
{
	return slots_scalar(&view->record.slots, record_derived(&view->record, derived), value);
}

static struct context_ref
derived_ref(const struct event_view *view, enum derived_id id, enum derived_id slot)
{
	struct context_ref ref = { 0, 0, 0 };
	uint64_t number = 0;

	if (!view_derived(view, id, &ref.id) || !view_derived(view, slot, &number))
		ref.id = 0;
	ref.slot = (uint32_t)number;
	return ref;
}

struct context_entry *
view_context(struct event_view *view, enum derived_id id, enum derived_id slot)
{
	return contexts_get(view->contexts, derived_ref(view, id, slot));
}

/* The context that comes next in the chain. */
static struct context_ref
chain_next(const struct event_view *view)
{
	const struct context_head *last;

	if (view->chain_len == 0)
		return derived_ref(view, D_context, D_context_slot);
	last = view->chain[view->chain_len - 1]->view.head;
	return (struct context_ref){ last->parent_id, last->parent_slot, 0 };
}

struct context_entry *
view_ancestor(struct event_view *view, uint32_t level)
{
	while (view->chain_len <= level && !view->chain_done) {
		struct context_ref ref = chain_next(view);
		struct context_entry *next = contexts_get(view->contexts, ref);

		if (next == NULL && view->chain_len == 0)
			view->lost |= LOST_TASK;
		else if (next == NULL && ref.id != 0)
			view->lost |= LOST_PARENT;
		if (next != NULL)
			view->chain[view->chain_len++] = next;
		else if (ref.id != 0)
			view->chain_broken = true;
		view->chain_done = next == NULL || view->chain_len == VIEW_CHAIN_MAX;
	}
	return level < view->chain_len ? view->chain[level] : NULL;
}

bool
view_tgid(const struct event_view *view, uint32_t level, uint64_t *tgid)
{
	struct span ids;
	uint32_t id;

	if (level == 0) {
		*tgid = view->record.head->tgid;
		return true;
	}
	if (slots_bytes(&view->record.slots, record_derived(&view->record, D_ancestors), &ids) &&
	    ids.len / sizeof(id) >= level) {
		memcpy(&id, ids.ptr + (size_t)(level - 1) * sizeof(id), sizeof(id));
		*tgid = id;
		return true;
	}
	return level == 1 && view_derived(view, D_parent, tgid);
}

bool
view_has_result(const struct event_view *view)
{
	return view->info->result->name != NULL && view->info->id != EV_procexit;
}
