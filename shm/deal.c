/* SPDX-License-Identifier: Apache-2.0 */
/* How far the enricher has dealt.  See deal.h. */
#include "deal.h"

void
dealt_tell(struct dealt *dealt, const uint64_t *last, uint32_t count, uint64_t position)
{
	for (uint32_t i = 0; i < count; i++)
		__atomic_store_n(&dealt->last[i], last[i], __ATOMIC_RELAXED);
	/* Pairs with dealt_judged(): who sees the position sees the last records before it. */
	__atomic_store_n(&dealt->position, position, __ATOMIC_RELEASE);
}

uint64_t
dealt_judged(const struct dealt *dealt, uint32_t evaluator, uint64_t judged)
{
	/* Pairs with dealt_tell().  A last record that is newer than the position only waits. */
	uint64_t position = __atomic_load_n(&dealt->position, __ATOMIC_ACQUIRE);
	uint64_t last = __atomic_load_n(&dealt->last[evaluator], __ATOMIC_RELAXED);

	return judged >= last && position > judged ? position : judged;
}
