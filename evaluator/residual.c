/* SPDX-License-Identifier: Apache-2.0 */
/* The diagram: its tables, and finding the way through it.  See residual.h. */
#include "residual.h"

#include <errno.h>
#include <stdlib.h>

#include "residual_make.h"

enum {
	RULES_EACH = 16, /* room in the pools for each residual */
	WORDS_EACH = 8,
	LISTS_EACH = 16,
	EDGES_EACH = 2,
	PATIENCE = 1 << 20 /* events that go without a full diagram before it is begun anew */
};

static void *
zeroed(size_t count, size_t size, bool *failed)
{
	void *items = calloc(count + 1, size);

	*failed = *failed || items == NULL;
	return items;
}

/* A power of two above twice COUNT. */
static uint32_t
table_slots(uint32_t count)
{
	uint32_t slots = 64;

	while (slots < count * 2)
		slots *= 2;
	return slots;
}

static void
steps_begin(struct residuals *r)
{
	memcpy(r->steps.items, r->program->steps, r->program->step_count * sizeof(struct step));
	steps_cut(&r->steps, r->program->step_count);
}

int
residuals_init(struct residuals *r, const struct program *program, enum rule_matching matching,
    const struct residual_bounds *bounds)
{
	uint32_t room = bounds->steps ? bounds->steps : RESIDUAL_STEPS_ROOM;
	uint32_t widest = 1;
	bool failed = false;

	memset(r, 0, sizeof(*r));
	for (uint32_t i = 0; i < program->class_count; i++)
		if (program->classes[i].rule_count > widest)
			widest = program->classes[i].rule_count;
	r->program = program;
	r->matching = matching;
	r->node_max = bounds->nodes ? bounds->nodes : RESIDUAL_NODES_MAX;
	r->edge_max = r->node_max * EDGES_EACH;
	r->rule_max = r->node_max * RULES_EACH + widest;
	r->word_max = r->node_max * WORDS_EACH + RESIDUAL_WORDS_MAX;
	r->list_max = r->node_max * LISTS_EACH + RESIDUAL_LIST_MAX;
	r->node_mask = table_slots(r->node_max) - 1;
	r->edge_mask = table_slots(r->edge_max) - 1;
	failed = steps_init(&r->steps, program->step_count + room, program->step_count + room,
	    program->hash_key) < 0;
	r->nodes = zeroed(r->node_max, sizeof(*r->nodes), &failed);
	r->edges = zeroed(r->edge_max, sizeof(*r->edges), &failed);
	r->rules = zeroed(r->rule_max, sizeof(*r->rules), &failed);
	r->words = zeroed(r->word_max, sizeof(*r->words), &failed);
	r->lists = zeroed(r->list_max, sizeof(*r->lists), &failed);
	r->node_table = zeroed((size_t)r->node_mask + 1, sizeof(*r->node_table), &failed);
	r->edge_table = zeroed((size_t)r->edge_mask + 1, sizeof(*r->edge_table), &failed);
	r->roots = zeroed(program->class_count, sizeof(*r->roots), &failed);
	r->room = failed ? NULL : residual_room_new(program, r->steps.capacity);
	if (r->room == NULL) {
		residuals_fini(r);
		return -ENOMEM;
	}
	steps_begin(r);
	return 0;
}

void
residuals_fini(struct residuals *r)
{
	steps_fini(&r->steps);
	free(r->nodes);
	free(r->edges);
	free(r->rules);
	free(r->words);
	free(r->lists);
	free(r->node_table);
	free(r->edge_table);
	free(r->roots);
	residual_room_free(r->room);
	memset(r, 0, sizeof(*r));
}

static void
residuals_reset(struct residuals *r)
{
	memset(r->node_table, 0, ((size_t)r->node_mask + 1) * sizeof(*r->node_table));
	memset(r->edge_table, 0, ((size_t)r->edge_mask + 1) * sizeof(*r->edge_table));
	memset(r->roots, 0, r->program->class_count * sizeof(*r->roots));
	r->node_count = r->edge_count = r->rule_count = r->word_count = r->list_count = 0;
	r->work = 0;
	r->full = false;
	r->stalled_count = 0;
	r->reset_count++;
	steps_begin(r);
}

bool
residuals_stall(struct residuals *r)
{
	if (!r->full || ++r->stalled_count < PATIENCE)
		return false;
	residuals_reset(r);
	return true;
}

/* --- residuals by content --- */

static uint64_t
rules_hash(const struct residuals *r, const struct program_rule *rules, uint32_t count)
{
	return bytes_hash(rules, count * sizeof(*rules), r->program->hash_key);
}

/* The place in the table for the last RULES of the pool, COUNT of them. */
static uint32_t *
node_slot(struct residuals *r, uint64_t hash, const struct program_rule *rules, uint32_t count)
{
	uint32_t mask = r->node_mask, slot = (uint32_t)hash & mask;

	for (; r->node_table[slot] != 0; slot = (slot + 1) & mask) {
		const struct residual *node = &r->nodes[r->node_table[slot] - 1];

		if (node->hash == hash && node->rule_count == count &&
		    (count == 0 ||
		        memcmp(&r->rules[node->rules], rules, count * sizeof(*rules)) == 0))
			break;
	}
	return &r->node_table[slot];
}

/* The residual of the rules that stand in the pool from FIRST on. */
static uint32_t
node_of_rules(struct residuals *r, uint32_t first)
{
	uint32_t count = r->rule_count - first;
	uint64_t hash = rules_hash(r, r->rules + first, count);
	uint32_t *slot = node_slot(r, hash, r->rules + first, count);
	struct residual *node = &r->nodes[r->node_count];

	if (*slot != 0) {
		r->rule_count = first;
		return *slot - 1;
	}
	if (r->node_count == r->node_max)
		return RESIDUAL_NONE;
	*node = (struct residual){ .hash = hash, .rules = first, .rule_count = count };
	if (!residual_choose(r, node))
		return RESIDUAL_NONE;
	*slot = ++r->node_count;
	return *slot - 1;
}

/* What is left of the COUNT rules behind each other at RULES, by what the room knows. */
static uint32_t
node_make(struct residuals *r, const struct program_rule *rules, uint32_t count)
{
	uint32_t first = r->rule_count, made = RESIDUAL_NONE;

	if (!r->full && residual_reduce(r, rules, count))
		made = node_of_rules(r, first);
	if (made == RESIDUAL_NONE) {
		r->full = true;
		r->rule_count = first;
	}
	return made;
}

uint32_t
residuals_root(struct residuals *r, uint32_t class)
{
	const struct program_class *rules = &r->program->classes[class];
	uint32_t made;

	if (r->roots[class] != 0)
		return r->roots[class] - 1;
	residual_forget(r);
	made = node_make(r, rules->rules, rules->rule_count);
	if (made != RESIDUAL_NONE)
		r->roots[class] = made + 1;
	return made;
}

uint32_t
residuals_branch(struct residuals *r, uint32_t number, bool holds)
{
	struct residual *node = &r->nodes[number];
	uint32_t made;

	if (node->child[holds] != 0)
		return node->child[holds] - 1;
	residual_forget(r);
	residual_know(r, node->subject, holds);
	made = node_make(r, r->rules + node->rules, node->rule_count);
	if (made != RESIDUAL_NONE)
		node->child[holds] = made + 1;
	return made;
}

/* --- edges --- */

/* How many words of bits the test of NODE has. */
static uint32_t
node_words(const struct residuals *r, const struct residual *node)
{
	return node->test == TEST_TEXT ? r->program->matchers[node->subject].words
	                               : (node->list_count + 63) / 64;
}

/* Keep the way from NODE by BITS to TO.  Without room the way is worked out again next time. */
static void
edge_add(struct residuals *r, uint32_t *slot, struct residual_edge edge, const uint64_t *bits,
    uint32_t words)
{
	if (r->edge_count == r->edge_max || r->word_max - r->word_count < words) {
		r->full = true;
		return;
	}
	edge.bits = r->word_count;
	memcpy(r->words + r->word_count, bits, words * sizeof(*bits));
	r->word_count += words;
	r->edges[r->edge_count] = edge;
	*slot = ++r->edge_count;
}

static void
know_bits(struct residuals *r, const struct residual *node, const uint64_t *bits)
{
	const uint32_t *list = r->lists + node->list;
	uint32_t count = node->list_count;
	const uint64_t *mask = NULL;

	if (node->test == TEST_TEXT) {
		list = r->program->matchers[node->subject].predicates;
		count = r->program->matchers[node->subject].count;
		mask = r->words + node->mask;
	}
	residual_forget(r);
	for (uint32_t i = 0; i < count; i++)
		if (mask == NULL || mask[i / 64] >> (i % 64) & 1)
			residual_know(r, list[i], bits[i / 64] >> (i % 64) & 1);
}

/* Where BITS lead from NODE, by a way that is kept or now made. */
static uint32_t
edge_follow(struct residuals *r, uint32_t number, const uint64_t *bits, uint32_t words)
{
	const struct residual *node = &r->nodes[number];
	const uint32_t mask = r->edge_mask;
	struct residual_edge edge = { .from = number };
	uint32_t slot;

	edge.hash = (r->program->hash_key ^ number) * 0x9e3779b97f4a7c15u;
	for (uint32_t i = 0; i < words; i++) {
		edge.hash = (edge.hash ^ bits[i]) * 0xff51afd7ed558ccdu;
		edge.hash ^= edge.hash >> 32;
	}
	slot = (uint32_t)edge.hash & mask;
	for (; r->edge_table[slot] != 0; slot = (slot + 1) & mask) {
		const struct residual_edge *other = &r->edges[r->edge_table[slot] - 1];

		if (other->hash == edge.hash && other->from == number &&
		    memcmp(r->words + other->bits, bits, words * sizeof(*bits)) == 0)
			return other->to;
	}
	know_bits(r, node, bits);
	edge.to = node_make(r, r->rules + node->rules, node->rule_count);
	if (edge.to != RESIDUAL_NONE)
		edge_add(r, &r->edge_table[slot], edge, bits, words);
	return edge.to;
}

uint32_t
residuals_child(struct residuals *r, uint32_t number, const uint64_t *bits)
{
	struct residual *node = &r->nodes[number];
	const uint32_t words = node_words(r, node);
	uint64_t masked[RESIDUAL_WORDS_MAX], any = 0;
	uint32_t made;

	if (node->test == TEST_CONTEXT)
		return edge_follow(r, number, bits, words);
	for (uint32_t i = 0; i < words; i++)
		any |= masked[i] = bits[i] & r->words[node->mask + i];
	if (any != 0)
		return edge_follow(r, number, masked, words);
	if (node->child[0] != 0)
		return node->child[0] - 1;
	know_bits(r, node, masked);
	made = node_make(r, r->rules + node->rules, node->rule_count);
	if (made != RESIDUAL_NONE)
		node->child[0] = made + 1;
	return made;
}
