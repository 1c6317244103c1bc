/* SPDX-License-Identifier: Apache-2.0 */
/* The union of what is wanted, and the steps of a change.  See wanted.h. */
#include "wanted.h"

#include <string.h>

#include "record.h"

void
wanted_init(struct wanted *wanted, const struct interest *const *evaluators, uint32_t count,
    const struct interest *tap, bool successor)
{
	memset(wanted, 0, sizeof(*wanted));
	wanted->told_contexts = successor ? 0 : UINT64_MAX;
	interest_set_init(&wanted->evaluators, evaluators, count);
	wanted->tap_shared = tap;
}

/* The tap wants more or less: nobody judges by it, so its record comes as soon as it is armed. */
static void
wanted_look_tap(struct wanted *wanted)
{
	if (wanted->tap_shared == NULL ||
	    !interest_read(wanted->tap_shared, &wanted->tap, &wanted->tap_seen))
		return;
	wanted->tap.generation = wanted->tap_seen;
	wanted->tap_new = true;
}

/* What all want; with KEEP also what was armed before. */
static void
wanted_union(struct wanted *wanted, bool keep)
{
	struct interest all;

	interest_set_union(&wanted->evaluators, &all);
	interest_merge(&all, &wanted->tap);
	if (keep)
		interest_merge(&all, &wanted->armed);
	wanted->armed = all;
	wanted->tap_telling |= wanted->tap_new;
	wanted->tap_new = false;
}

/* What the evaluators read of contexts. */
static uint64_t
wanted_contexts(const struct wanted *wanted)
{
	struct interest all;

	interest_set_union(&wanted->evaluators, &all);
	return all.contexts;
}

/* True when all evaluators have said the same rules: till then some would judge by others. */
static bool
wanted_agreed(const struct wanted *wanted)
{
	const struct interest_set *set = &wanted->evaluators;

	for (uint32_t i = 1; i < set->count; i++)
		if (set->each[i].rules_hash != set->each[0].rules_hash)
			return false;
	return interest_set_whole(set);
}

/* What is next of the record that names new rules. */
static enum wanted_step
wanted_tell(const struct wanted *wanted, uint64_t through_ns, bool snapshot)
{
	/* Before anything else: a snapshot that begins later has what is announced. */
	if (wanted_contexts(wanted) & ~wanted->told_contexts)
		return WANTED_ANNOUNCE;
	if (through_ns < wanted->armed_ns || !wanted_agreed(wanted))
		return WANTED_SAME;
	return wanted->announced && snapshot ? WANTED_SAME : WANTED_TELL;
}

enum wanted_step
wanted_look(struct wanted *wanted, uint64_t through_ns, bool snapshot)
{
	uint32_t changed = interest_set_read(&wanted->evaluators);

	wanted_look_tap(wanted);
	/* Also while an earlier change is on its way: the newer one then takes its place. */
	if (changed) {
		wanted_union(wanted, true);
		wanted->telling = true;
		wanted->narrowing = false;
		wanted->armed_ns = UINT64_MAX;
		return WANTED_WIDEN;
	}
	if (wanted->telling)
		return wanted_tell(wanted, through_ns, snapshot);
	if (wanted->narrowing || wanted->tap_new) {
		wanted->narrowing = false;
		wanted_union(wanted, false);
		return WANTED_NARROW;
	}
	return WANTED_SAME;
}

void
wanted_armed(struct wanted *wanted, uint64_t now_ns)
{
	wanted->armed_ns = now_ns;
}

void
wanted_announced(struct wanted *wanted)
{
	wanted->announced = true;
	wanted->told_contexts |= wanted_contexts(wanted);
}

void
wanted_told(struct wanted *wanted)
{
	wanted->telling = wanted->announced = false;
	wanted->narrowing = true;
	wanted->told_hash = wanted->evaluators.each[0].rules_hash;
	wanted->told_contexts = wanted_contexts(wanted);
}

bool
wanted_syscall(const struct interest *interest, uint32_t nr)
{
	return interest_wants(interest, syscall_event(nr), nr);
}
