/* SPDX-License-Identifier: Apache-2.0 */
/* The table of costs: a sequence lock around names, plain words for counters.  See costs.h. */
#include "costs.h"

#include <string.h>

bool
costs_stands(const struct costs *costs, uint64_t rules_hash, uint32_t count)
{
	return costs->generation != 0 && costs->generation % 2 == 0 &&
	    costs->rules_hash == rules_hash && costs->rule_count == count;
}

void
costs_begin(struct costs *costs, uint64_t rules_hash, uint32_t count)
{
	uint64_t generation = __atomic_load_n(&costs->generation, __ATOMIC_RELAXED) | 1;

	__atomic_store_n(&costs->generation, generation, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE); /* odd before the change: costs_read() */
	costs->rules_hash = rules_hash;
	costs->rule_count = count;
	memset(costs->rows, 0, costs_rows(count) * sizeof(costs->rows[0]));
}

bool
costs_name(struct costs *costs, uint32_t index, struct span name)
{
	size_t len = name.len < COSTS_NAME_MAX ? name.len : COSTS_NAME_MAX - 1;
	struct costs_row *row;

	if (index >= COSTS_RULES_MAX)
		return false;
	row = &costs->rows[index];
	memcpy(row->name, name.ptr, len);
	row->name_hash = bytes_hash(name.ptr, name.len, 0);
	return len == name.len;
}

void
costs_end(struct costs *costs)
{
	/* Names before the even generation: costs_read() loads it with acquire. */
	__atomic_store_n(&costs->generation, costs->generation + 1, __ATOMIC_RELEASE);
}

void
costs_put(struct costs *costs, uint32_t index, const struct rule_cost *cost)
{
	struct rule_cost *row = &costs->rows[index].cost;

	__atomic_store_n(&row->evaluations, cost->evaluations, __ATOMIC_RELAXED);
	__atomic_store_n(&row->hits, cost->hits, __ATOMIC_RELAXED);
	__atomic_store_n(&row->sampled_ns, cost->sampled_ns, __ATOMIC_RELAXED);
	__atomic_store_n(&row->samples, cost->samples, __ATOMIC_RELAXED);
}

struct rule_cost
costs_get(const struct costs *costs, uint32_t index)
{
	const struct rule_cost *row = &costs->rows[index].cost;

	return (struct rule_cost){
		.evaluations = __atomic_load_n(&row->evaluations, __ATOMIC_RELAXED),
		.hits = __atomic_load_n(&row->hits, __ATOMIC_RELAXED),
		.sampled_ns = __atomic_load_n(&row->sampled_ns, __ATOMIC_RELAXED),
		.samples = __atomic_load_n(&row->samples, __ATOMIC_RELAXED),
	};
}

bool
costs_read(const struct costs *costs, struct costs *out)
{
	uint64_t before = __atomic_load_n(&costs->generation, __ATOMIC_ACQUIRE);
	uint32_t rows;

	if (before == 0 || before % 2 != 0)
		return false;
	out->generation = before;
	out->rules_hash = costs->rules_hash;
	out->rule_count = __atomic_load_n(&costs->rule_count, __ATOMIC_RELAXED);
	rows = costs_rows(out->rule_count);
	for (uint32_t i = 0; i < rows; i++) {
		struct costs_row *row = &out->rows[i];

		*row = costs->rows[i];
		row->cost = costs_get(costs, i);
		row->name[COSTS_NAME_MAX - 1] = '\0';
	}
	__atomic_thread_fence(__ATOMIC_ACQUIRE); /* the copy before the second look */
	return __atomic_load_n(&costs->generation, __ATOMIC_RELAXED) == before;
}
