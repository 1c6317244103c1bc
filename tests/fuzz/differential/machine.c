/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks and their contexts.  See machine.h. */
#include "machine.h"

#include <stdlib.h>

#include "evtcode.h"
#include "pool.h"

enum { ARENA_SLOTS = 256 };

static void
must(bool done)
{
	if (!done)
		abort();
}

void
machine_open(struct machine *machine)
{
	evtcode_init();
	layout_init();
	must(region_create(&machine->region, REGION_CONTEXTS,
	         context_arena_content(ARENA_SLOTS)) == 0);
	must(context_arena_attach_take(&machine->writer, region_reopen(&machine->region, true),
	         true) == 0);
	must(context_arena_attach_take(&machine->reader, region_reopen(&machine->region, false),
	         false) == 0);
	must(scratch_init(&machine->scratch) == 0);
	machine->view.contexts = &machine->contexts;
	machine->view.scratch = &machine->scratch;
	machine->view.clock = &machine->clock;
	machine->view.hostname = SPAN_OF("cat");
	machine->next_id = 1;
	machine->ts = 1000000000;
}

/* An empty cache: a large one, or one that puts out all the time. */
static void
cache_begin(struct machine *machine, struct choice *choice)
{
	bool large = chance(choice, 10);
	uint32_t counts[CONTEXT_CLASSES] = { 1, 1, 1 };

	machine->depth_max = large ? MACHINE_LIVE_MAX : MACHINE_DEPTH_SMALL;
	counts[1] = machine->depth_max + 2 + choose(choice, 4);
	contexts_fini(&machine->contexts);
	must((chance(choice, 3) ? contexts_init(&machine->contexts, &machine->reader) :
	    contexts_init_with(&machine->contexts, &machine->reader, counts)) == 0);
}

void
machine_reset(struct machine *machine, struct choice *choice)
{
	static const enum path_names names[] = { PATH_NAMES_BOTH, PATH_NAMES_BOTH,
		PATH_NAMES_KERNEL, PATH_NAMES_CALLER };

	cache_begin(machine, choice);
	memset(machine->live, 0, sizeof(machine->live));
	memset(machine->tasks, 0, sizeof(machine->tasks));
	machine->clock.wall_offset_ns = 1700000000000000000;
	machine->clock.utc_offset_s = 0;
	machine->ts = 1000000000;
	machine->number = 1;
	machine->view.path_names = CHOOSE(choice, names);
}

/* --- contexts --- */

/* A block being written. */
struct writing {
	struct context_head *head;
	uint64_t *states, *slots;
	uint8_t *body;
	uint32_t used, room;
};

static void
slot_put(struct writing *w, uint32_t id, enum param_state state, uint64_t value)
{
	w->states[id / 32] |= (uint64_t)state << (id % 32 * 2);
	w->slots[id] = value;
}

static void
bytes_put(struct writing *w, uint32_t id, enum param_state state, struct span text)
{
	if (w->used + ((text.len + 7) & ~(size_t)7) > w->room)
		return;
	if (text.len > 0)
		memcpy(w->body + w->used, text.ptr, text.len);
	slot_put(w, id, state, (uint64_t)text.len << 32 | w->used);
	w->used += ((uint32_t)text.len + 7) & ~7u;
}

static void
fill_block(struct writing *w, struct choice *choice)
{
	for (uint32_t id = 0; id < C_COUNT; id++) {
		enum param_state state = chance(choice, 85) ? PARAM_EXACT :
		    chance(choice, 50) ? PARAM_TRUNCATED : PARAM_UNREADABLE;

		if (chance(choice, 12))
			continue;
		if (!param_type_is_bytes(context_type(id)))
			slot_put(w, id, PARAM_EXACT, id == C_uid || id == C_gid || id == C_loginuid
			    ? pool_number(choice) & UINT32_MAX : pool_number(choice));
		else
			bytes_put(w, id, state, pool_text(choice));
	}
}

/* Is some task, or a descendant of what a task has, in need of live context AT? */
static bool
is_needed(const struct machine *machine, uint32_t at)
{
	for (uint32_t i = 0; i < MACHINE_TASKS; i++)
		for (uint32_t k = machine->tasks[i]; k != 0; k = machine->live[k - 1].parent)
			if (k - 1 == at)
				return true;
	return false;
}

static bool
slot_is_free(const struct machine *machine, uint32_t slot)
{
	for (uint32_t i = 0; i < MACHINE_LIVE_MAX; i++)
		if (machine->live[i].ref.id != 0 && machine->live[i].ref.slot == slot)
			return false;
	return true;
}

/* Forget what nobody needs any more. */
static void
sweep(struct machine *machine)
{
	for (uint32_t i = 0; i < MACHINE_LIVE_MAX; i++)
		if (machine->live[i].ref.id != 0 && !is_needed(machine, i))
			machine->live[i].ref.id = 0;
}

/* A new context below PARENT (0: none); its number plus one, or 0 when there is no room. */
static uint32_t
context_make(struct machine *machine, struct choice *choice, uint32_t parent)
{
	const struct live *above = parent != 0 ? &machine->live[parent - 1] : NULL;
	uint32_t at = 0, slot = machine->writer.count[0], bytes;
	struct writing w = { .used = 0 };

	sweep(machine);
	while (at < MACHINE_LIVE_MAX && machine->live[at].ref.id != 0)
		at++;
	while (slot < machine->writer.count[0] + machine->writer.count[1] &&
	    !slot_is_free(machine, slot))
		slot++;
	if (at == MACHINE_LIVE_MAX || (w.head = context_at(&machine->writer, slot, &bytes)) == NULL)
		return 0;
	memset(w.head, 0, bytes);
	w.head->params = C_COUNT;
	w.head->lost = chance(choice, 10) ? (uint16_t)choose(choice, 16) : 0;
	w.head->parent_id = above != NULL ? above->ref.id : 0;
	w.head->parent_slot = above != NULL ? above->ref.slot : 0;
	w.states = (uint64_t *)(void *)(w.head + 1);
	w.slots = w.states + EVENT_STATE_WORDS(C_COUNT);
	w.body = (uint8_t *)(w.slots + C_COUNT);
	w.room = bytes - (uint32_t)(w.body - (uint8_t *)w.head);
	fill_block(&w, choice);
	w.head->len = (uint32_t)(w.body + w.used - (uint8_t *)w.head);
	if (chance(choice, 2))
		w.head->len = bytes + 8; /* no context has that */
	machine->live[at].ref = (struct context_ref){ .id = machine->next_id++, .slot = slot };
	machine->live[at].parent = parent;
	machine->live[at].depth = above != NULL ? above->depth + 1 : 0;
	machine->live[at].withheld = chance(choice, 6);
	if (!machine->live[at].withheld)
		w.head->id = machine->live[at].ref.id;
	return at + 1;
}

/* Write what was withheld: its descendants' chains are whole from now on. */
static void
heal(struct machine *machine)
{
	for (uint32_t i = 0; i < MACHINE_LIVE_MAX; i++) {
		struct live *live = &machine->live[i];
		uint32_t bytes;

		if (live->ref.id == 0 || !live->withheld)
			continue;
		context_at(&machine->writer, live->ref.slot, &bytes)->id = live->ref.id;
		live->withheld = false;
	}
}

void
machine_step(struct machine *machine, struct choice *choice)
{
	static const int64_t offsets[] = { 1700000000000000000, 1700000000000000001,
		1600000000123456789, 0 };
	uint32_t task = choose(choice, MACHINE_TASKS), parent = 0, made;

	if (chance(choice, 15)) {
		heal(machine);
		return;
	}
	if (chance(choice, 10)) {
		machine->clock.wall_offset_ns = CHOOSE(choice, offsets);
		machine->clock.utc_offset_s = (int64_t)choose(choice, 3) * 3600 - 3600;
		return;
	}
	if (chance(choice, 10)) {
		machine->tasks[task] = 0;
		return;
	}
	if (chance(choice, 75))
		parent = machine->tasks[choose(choice, MACHINE_TASKS)];
	while (parent != 0 && machine->live[parent - 1].depth >= machine->depth_max)
		parent = machine->live[parent - 1].parent;
	if ((made = context_make(machine, choice, parent)) != 0)
		machine->tasks[task] = made;
}
