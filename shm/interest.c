/* SPDX-License-Identifier: Apache-2.0 */
/* Interest: a sequence lock with one writer.  See interest.h. */
#include "interest.h"

#include <string.h>

void
interest_write(struct interest *shared, const struct interest *wanted)
{
	uint64_t generation = __atomic_load_n(&shared->generation, __ATOMIC_RELAXED) | 1;
	size_t head = sizeof(shared->generation);

	__atomic_store_n(&shared->generation, generation, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE); /* odd before the change */
	memcpy((char *)shared + head, (const char *)wanted + head, sizeof(*shared) - head);
	__atomic_store_n(&shared->generation, generation + 1, __ATOMIC_RELEASE);
}

bool
interest_read(const struct interest *shared, struct interest *out, uint64_t *seen)
{
	struct interest copy;
	uint64_t before = __atomic_load_n(&shared->generation, __ATOMIC_ACQUIRE);

	if (before == *seen || before == 0 || before % 2 != 0)
		return false;
	memcpy(&copy, shared, sizeof(copy));
	__atomic_thread_fence(__ATOMIC_ACQUIRE); /* the copy before the second look */
	if (__atomic_load_n(&shared->generation, __ATOMIC_RELAXED) != before)
		return false;
	if (copy.filter_count > INTEREST_FILTERS_MAX)
		copy.filter_count = 0;
	*out = copy;
	*seen = before;
	return true;
}

void
interest_merge(struct interest *a, const struct interest *b)
{
	for (uint32_t i = 0; i < INTEREST_EVENT_WORDS; i++)
		a->events[i] |= b->events[i];
	for (uint32_t i = 0; i < INTEREST_SYSCALL_WORDS; i++)
		a->syscalls[i] |= b->syscalls[i];
	a->derived |= b->derived;
	a->contexts |= b->contexts;
}

void
interest_everything(struct interest *out)
{
	memset(out, 0, sizeof(*out));
	memset(out->events, 0xff, sizeof(out->events));
	memset(out->syscalls, 0xff, sizeof(out->syscalls));
	out->derived = out->contexts = UINT64_MAX;
}

void
interest_set_init(struct interest_set *set, const struct interest *const *shared, uint32_t count)
{
	memset(set, 0, sizeof(*set));
	set->count = count < EVALUATORS_MAX ? count : EVALUATORS_MAX;
	for (uint32_t i = 0; i < set->count; i++)
		set->shared[i] = shared[i];
}

uint32_t
interest_set_read(struct interest_set *set)
{
	uint32_t changed = 0;

	for (uint32_t i = 0; i < set->count; i++) {
		if (!interest_read(set->shared[i], &set->each[i], &set->seen[i]))
			continue;
		set->each[i].generation = set->seen[i];
		changed |= UINT32_C(1) << i;
	}
	return changed;
}

bool
interest_set_whole(const struct interest_set *set)
{
	for (uint32_t i = 0; i < set->count; i++) {
		if (__atomic_load_n(&set->shared[i]->generation, __ATOMIC_RELAXED) != set->seen[i])
			return false;
	}
	return true;
}

void
interest_set_union(const struct interest_set *set, struct interest *out)
{
	*out = set->each[0];
	for (uint32_t i = 1; i < set->count; i++) {
		interest_merge(out, &set->each[i]);
		out->generation += set->each[i].generation;
	}
}
