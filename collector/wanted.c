/* SPDX-License-Identifier: Apache-2.0 */
/* The union of what is wanted, and the steps of a change.  See wanted.h. */
#include "wanted.h"

#include <string.h>

#include "record.h"

void
wanted_init(struct wanted *wanted, const struct interest *const *evaluators, uint32_t count,
    const struct interest *tap)
{
	memset(wanted, 0, sizeof(*wanted));
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

enum wanted_step
wanted_look(struct wanted *wanted, uint64_t through_ns)
{
	uint32_t changed = interest_set_read(&wanted->evaluators);

	wanted_look_tap(wanted);
	/* Also while an earlier change is on its way: the newer one then takes its place. */
	if (changed) {
		wanted_union(wanted, true);
		wanted->telling |= changed;
		wanted->narrowing = false;
		wanted->armed_ns = UINT64_MAX;
		return WANTED_WIDEN;
	}
	if (wanted->telling)
		return through_ns >= wanted->armed_ns ? WANTED_TELL : WANTED_SAME;
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
wanted_told(struct wanted *wanted, uint32_t evaluator)
{
	wanted->telling &= ~(UINT32_C(1) << evaluator);
	wanted->narrowing = wanted->telling == 0;
}

bool
wanted_syscall(const struct interest *interest, uint32_t nr)
{
	return interest_wants(interest, syscall_event(nr), nr);
}
