/* SPDX-License-Identifier: Apache-2.0 */
/* See residual_make.h. */
#include "residual_make.h"

#include <stdlib.h>

enum { WORK_MAX = 64 << 20 /* steps gone through before a diagram counts as full */ };

enum known { KNOWN_NOT, KNOWN_FALSE, KNOWN_TRUE };

/* How a predicate is asked, the cheapest first. */
enum rank { RANK_PLAIN, RANK_TEXT, RANK_OTHER, RANK_COUNT };

/* Marks are numbers that are raised, so that nothing has to be cleared. */
struct residual_room {
	uint8_t *known;          /* of each predicate */
	uint32_t *known_list;
	uint32_t known_count;
	uint8_t *rank;           /* of each predicate */
	uint32_t *seen;          /* of each predicate: the mark when it was met */
	uint32_t *entries;       /* and how many rules begin with it */
	uint32_t *text_entries;  /* of each matcher: how many rules begin with one of it */
	uint32_t *text_seen;
	uint32_t *met;           /* predicates that were met */
	uint32_t met_count;
	uint32_t *done;          /* of each step: the mark when it was gone through */
	uint32_t *became;        /* and what it became */
	uint32_t *stack;
	uint32_t mark;
};

static enum rank
rank_of(const struct program *program, uint32_t number)
{
	const struct predicate *predicate = &program->predicates[number];
	const struct accessor *accessor = &program->accessors[predicate->accessor];

	if (program->matcher_of[number] != 0)
		return RANK_TEXT;
	if (predicate->right != ACCESSOR_NONE || accessor->transform != NULL ||
	    accessor->is_list || predicate->comparison.modifier != MODIFIER_NONE)
		return RANK_OTHER;
	if (accessor->group == GROUP_TEXT && predicate->comparison.op != OP_EQ &&
	    predicate->comparison.op != OP_NE)
		return RANK_OTHER;
	return RANK_PLAIN;
}

static void *
room_take(size_t count, size_t size, bool *failed)
{
	void *items = calloc(count + 1, size);

	*failed = *failed || items == NULL;
	return items;
}

struct residual_room *
residual_room_new(const struct program *program, uint32_t steps)
{
	struct residual_room *room = calloc(1, sizeof(*room));
	const uint32_t predicates = program->predicate_count;
	bool failed = false;

	if (room == NULL)
		return NULL;
	room->known = room_take(predicates, sizeof(*room->known), &failed);
	room->known_list = room_take(predicates, sizeof(*room->known_list), &failed);
	room->rank = room_take(predicates, sizeof(*room->rank), &failed);
	room->seen = room_take(predicates, sizeof(*room->seen), &failed);
	room->entries = room_take(predicates, sizeof(*room->entries), &failed);
	room->met = room_take(predicates, sizeof(*room->met), &failed);
	room->text_entries = room_take(program->matcher_count, sizeof(uint32_t), &failed);
	room->text_seen = room_take(program->matcher_count, sizeof(uint32_t), &failed);
	room->done = room_take(steps, sizeof(*room->done), &failed);
	room->became = room_take(steps, sizeof(*room->became), &failed);
	room->stack = room_take((size_t)steps * 2 + 2, sizeof(*room->stack), &failed);
	if (failed) {
		residual_room_free(room);
		return NULL;
	}
	for (uint32_t i = 0; i < predicates; i++)
		room->rank[i] = (uint8_t)rank_of(program, i);
	return room;
}

void
residual_room_free(struct residual_room *room)
{
	if (room == NULL)
		return;
	free(room->known);
	free(room->known_list);
	free(room->rank);
	free(room->seen);
	free(room->entries);
	free(room->met);
	free(room->text_entries);
	free(room->text_seen);
	free(room->done);
	free(room->became);
	free(room->stack);
	free(room);
}

/* A mark that nothing bears. */
static uint32_t
mark_next(struct residuals *r)
{
	struct residual_room *room = r->room;

	if (++room->mark == 0) {
		memset(room->seen, 0, r->program->predicate_count * sizeof(*room->seen));
		memset(room->text_seen, 0, r->program->matcher_count * sizeof(uint32_t));
		memset(room->done, 0, r->steps.capacity * sizeof(*room->done));
		room->mark = 1;
	}
	return room->mark;
}

void
residual_forget(struct residuals *r)
{
	struct residual_room *room = r->room;

	for (uint32_t i = 0; i < room->known_count; i++)
		room->known[room->known_list[i]] = KNOWN_NOT;
	room->known_count = 0;
}

void
residual_know(struct residuals *r, uint32_t predicate, bool holds)
{
	struct residual_room *room = r->room;

	room->known[predicate] = holds ? KNOWN_TRUE : KNOWN_FALSE;
	room->known_list[room->known_count++] = predicate;
}

/* Is it known by now what STEP becomes?  What is no step stays as it is. */
static bool
step_is_done(const struct residual_room *room, uint32_t step)
{
	return step >= PROGRAM_FAIL || room->done[step] == room->mark;
}

static uint32_t
step_became(const struct residual_room *room, uint32_t step)
{
	return step >= PROGRAM_FAIL ? step : room->became[step];
}

/* Put on the stack what STEP leads to and is not done.  Returns how many that are. */
static uint32_t
push_ends(struct residual_room *room, uint32_t *depth, const struct step *step)
{
	enum known known = (enum known)room->known[step->predicate];
	uint32_t before = *depth;

	if (known != KNOWN_FALSE && !step_is_done(room, step->on_true))
		room->stack[(*depth)++] = step->on_true;
	if (known != KNOWN_TRUE && !step_is_done(room, step->on_false))
		room->stack[(*depth)++] = step->on_false;
	return *depth - before;
}

/* Work out what STEP, both of whose ends are done, becomes. */
static bool
step_reduce(struct residuals *r, uint32_t number)
{
	struct residual_room *room = r->room;
	struct step step = r->steps.items[number];
	enum known known = (enum known)room->known[step.predicate];
	uint32_t became;

	if (known != KNOWN_NOT) {
		became = step_became(room, known == KNOWN_TRUE ? step.on_true : step.on_false);
	} else {
		step.on_true = step_became(room, step.on_true);
		step.on_false = step_became(room, step.on_false);
		if (steps_make(&r->steps, step, &became) < 0)
			return false;
	}
	room->done[number] = room->mark;
	room->became[number] = became;
	return ++r->work <= WORK_MAX;
}

/*
 * What the condition that begins at ENTRY becomes.  Each step leads to lower numbers, so the
 * stack, on which a step stands once for each that leads to it, ends.
 */
static bool
entry_reduce(struct residuals *r, uint32_t *entry)
{
	struct residual_room *room = r->room;
	uint32_t depth = 0;

	if (!step_is_done(room, *entry))
		room->stack[depth++] = *entry;
	while (depth > 0) {
		uint32_t step = room->stack[depth - 1];

		if (!step_is_done(room, step) &&
		    push_ends(room, &depth, &r->steps.items[step]) > 0)
			continue;
		depth--;
		if (!step_is_done(room, step) && !step_reduce(r, step))
			return false;
	}
	*entry = step_became(room, *entry);
	return true;
}

bool
residual_reduce(struct residuals *r, const struct program_rule *rules, uint32_t count)
{
	(void)mark_next(r);
	for (uint32_t i = 0; i < count; i++) {
		struct program_rule rule = rules[i];

		if (!entry_reduce(r, &rule.entry))
			return false;
		if (rule.entry == PROGRAM_FAIL)
			continue;
		if (r->rule_count == r->rule_max)
			return false;
		r->rules[r->rule_count++] = rule;
		if (rule.entry == PROGRAM_MATCH && r->matching == MATCH_FIRST)
			break;
	}
	return true;
}

/* --- the next test --- */

static void
meet(struct residual_room *room, uint32_t predicate)
{
	if (room->seen[predicate] == room->mark)
		return;
	room->seen[predicate] = room->mark;
	room->entries[predicate] = 0;
	room->met[room->met_count++] = predicate;
}

/* Meet all predicates that can be asked from step ENTRY on. */
static void
entry_meet(struct residuals *r, uint32_t entry)
{
	struct residual_room *room = r->room;
	uint32_t depth = 0;

	if (!step_is_done(room, entry))
		room->stack[depth++] = entry;
	while (depth > 0) {
		const struct step *step = &r->steps.items[room->stack[--depth]];
		uint32_t number = (uint32_t)(step - r->steps.items);

		if (room->done[number] == room->mark)
			continue;
		room->done[number] = room->mark;
		r->work++;
		meet(room, step->predicate);
		if (!step_is_done(room, step->on_true))
			room->stack[depth++] = step->on_true;
		if (!step_is_done(room, step->on_false))
			room->stack[depth++] = step->on_false;
	}
}

/* A rule begins with PREDICATE. */
static void
count_entry(struct residuals *r, uint32_t predicate)
{
	struct residual_room *room = r->room;
	uint32_t matcher = r->program->matcher_of[predicate];

	room->entries[predicate]++;
	if (matcher == 0)
		return;
	if (room->text_seen[matcher] != room->mark)
		room->text_entries[matcher] = 0;
	room->text_seen[matcher] = room->mark;
	room->text_entries[matcher]++;
}

static bool
choose_context(struct residuals *r, struct residual *node)
{
	struct residual_room *room = r->room;

	node->list = r->list_count;
	for (uint32_t i = 0; i < room->met_count && node->list_count < RESIDUAL_LIST_MAX; i++) {
		if (!r->program->predicates[room->met[i]].context_only)
			continue;
		if (r->list_count == r->list_max) {
			r->list_count = node->list;
			return false;
		}
		r->lists[r->list_count++] = room->met[i];
		node->list_count++;
	}
	if (node->list_count > 0)
		node->test = TEST_CONTEXT;
	return true;
}

/* Of the cheapest kind, the predicate or text with which most rules begin. */
static uint32_t
choose_subject(const struct residuals *r, enum rank *rank)
{
	const struct residual_room *room = r->room;
	uint32_t best = UINT32_MAX, most = 0;

	*rank = RANK_COUNT;
	for (uint32_t i = 0; i < room->met_count; i++) {
		uint32_t predicate = room->met[i], count = room->entries[predicate];
		enum rank its = (enum rank)room->rank[predicate];

		if (count > 0 && its == RANK_TEXT)
			count = room->text_entries[r->program->matcher_of[predicate]];
		if (count == 0 || its > *rank || (its == *rank && count <= most))
			continue;
		*rank = its;
		most = count;
		best = predicate;
	}
	return best;
}

/* Which bits of the matcher can be asked for from here on. */
static bool
choose_mask(struct residuals *r, struct residual *node)
{
	const struct matcher *matcher = &r->program->matchers[node->subject];
	const struct residual_room *room = r->room;
	uint64_t *mask = r->words + r->word_count;

	if (r->word_max - r->word_count < matcher->words)
		return false;
	node->mask = r->word_count;
	r->word_count += matcher->words;
	memset(mask, 0, matcher->words * sizeof(*mask));
	for (uint32_t i = 0; i < matcher->count; i++)
		if (room->seen[matcher->predicates[i]] == room->mark) {
			mask[i / 64] |= (uint64_t)1 << (i % 64);
			node->ways |= matcher->ways[i];
		}
	return true;
}

bool
residual_choose(struct residuals *r, struct residual *node)
{
	const struct program_rule *rules = r->rules + node->rules;
	struct residual_room *room = r->room;
	enum rank rank;
	uint32_t best;

	(void)mark_next(r);
	room->met_count = 0;
	for (uint32_t i = 0; i < node->rule_count; i++)
		entry_meet(r, rules[i].entry);
	for (uint32_t i = 0; i < node->rule_count; i++)
		if (rules[i].entry < PROGRAM_FAIL)
			count_entry(r, r->steps.items[rules[i].entry].predicate);
	if (!choose_context(r, node))
		return false;
	if (node->test == TEST_CONTEXT || room->met_count == 0)
		return true;
	best = choose_subject(r, &rank);
	node->test = rank == RANK_TEXT ? TEST_TEXT : TEST_PREDICATE;
	node->subject = rank == RANK_TEXT ? r->program->matcher_of[best] - 1 : best;
	return rank != RANK_TEXT || choose_mask(r, node);
}
