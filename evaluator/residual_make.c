/* SPDX-License-Identifier: Apache-2.0 */
/* See residual_make.h. */
#include "residual_make.h"

#include <stdlib.h>

enum { WORK_MAX = 64 << 20 /* steps gone through before a diagram counts as full */ };

enum known { KNOWN_NOT, KNOWN_FALSE, KNOWN_TRUE };

/* How a predicate is asked. */
enum rank { RANK_PLAIN, RANK_TEXT, RANK_OTHER };

/* What it costs, about, in nanoseconds; and a rule's worth, large so that division keeps it. */
enum { COST_PLAIN = 15, COST_TEXT = 30, COST_LONG_TEXT = 60, COST_OTHER = 80, WORTH_ONE = 1000 };

enum { CHOICES_MAX = 48 /* tests that are weighed for one residual */ };

/* Marks are numbers that are raised, so that nothing has to be cleared. */
struct residual_room {
	uint8_t *known;          /* of each predicate */
	uint32_t *known_list;
	uint32_t known_count;
	uint8_t *rank;           /* of each predicate */
	uint32_t *seen;          /* of each predicate: the mark when it was met */
	uint32_t *entries;       /* and how many rules begin with it */
	bool *text_tried;        /* of each matcher, plus one: whether its worth is known */
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
	room->text_tried = room_take(program->matcher_count, sizeof(bool), &failed);
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
	free(room->text_tried);
	free(room->done);
	free(room->became);
	free(room->stack);
	free(room);
}

/* A mark that nothing bears. */
static uint32_t
mark_next(struct residuals *r)
{
	return ++r->room->mark;
}

/* Before marks could come round: nothing bears any. */
static void
marks_renew(struct residuals *r)
{
	struct residual_room *room = r->room;

	if (room->mark < UINT32_MAX / 2)
		return;
	memset(room->seen, 0, r->program->predicate_count * sizeof(*room->seen));
	memset(room->done, 0, r->steps.capacity * sizeof(*room->done));
	room->mark = 0;
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
	marks_renew(r);
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

/* Can the condition that begins at ENTRY still hold, by what is known? */
static bool
entry_can_match(struct residuals *r, uint32_t entry)
{
	struct residual_room *room = r->room;
	uint32_t depth = 0;

	if (!step_is_done(room, entry))
		room->stack[depth++] = entry;
	while (depth > 0) {
		uint32_t number = room->stack[depth - 1];
		const struct step *step = &r->steps.items[number];
		enum known known = (enum known)room->known[step->predicate];

		if (step_is_done(room, number)) {
			depth--;
			continue;
		}
		if (push_ends(room, &depth, step) > 0)
			continue;
		depth--;
		r->work++;
		room->done[number] = room->mark;
		room->became[number] = PROGRAM_FAIL;
		if ((known != KNOWN_FALSE &&
		        step_became(room, step->on_true) == PROGRAM_MATCH) ||
		    (known != KNOWN_TRUE && step_became(room, step->on_false) == PROGRAM_MATCH))
			room->became[number] = PROGRAM_MATCH;
	}
	return step_became(room, entry) == PROGRAM_MATCH;
}

/* How many of NODE's rules are out by what is known. */
static uint32_t
rules_out(struct residuals *r, const struct residual *node)
{
	const struct program_rule *rules = r->rules + node->rules;
	uint32_t count = 0;

	(void)mark_next(r);
	for (uint32_t i = 0; i < node->rule_count; i++)
		count += !entry_can_match(r, rules[i].entry);
	return count;
}

/*
 * What asking for PREDICATE, or for its text, is worth: the rules that the event at hand is rid of
 * by it, for what it costs.
 */
static uint32_t
predicate_worth(struct residuals *r, const struct residual *node, uint32_t predicate)
{
	const struct residual_room *room = r->room;
	uint32_t number = r->program->matcher_of[predicate], cost;
	const struct matcher *matcher = number != 0 ? &r->program->matchers[number - 1] : NULL;

	residual_forget(r);
	if (matcher == NULL) {
		cost = room->rank[predicate] == RANK_PLAIN ? COST_PLAIN : COST_OTHER;
		residual_know(r, predicate, r->holds(r->holds_ctx, predicate));
	} else {
		cost = matcher->contains.state_count > 0 ? COST_LONG_TEXT : COST_TEXT;
		for (uint32_t i = 0; i < matcher->count; i++)
			if (matcher->ways[i] != MATCHER_ASKED)
				residual_know(r, matcher->predicates[i],
				    r->holds(r->holds_ctx, matcher->predicates[i]));
	}
	return rules_out(r, node) * WORTH_ONE / cost + room->entries[predicate];
}

/*
 * The best test for events like the one at hand: a predicate with which a rule begins, or for its
 * matcher one of any text.  What is met stays so.
 */
static uint32_t
choose_subject(struct residuals *r, const struct residual *node)
{
	struct residual_room *room = r->room;
	uint32_t best = UINT32_MAX, most = 0, tries = 0;

	for (uint32_t i = 0; i < room->met_count && tries < CHOICES_MAX; i++) {
		uint32_t predicate = room->met[i], worth;
		uint32_t matcher = r->program->matcher_of[predicate];

		if (matcher != 0 ? room->text_tried[matcher] : room->entries[predicate] == 0)
			continue;
		tries++;
		room->text_tried[matcher] = matcher != 0;
		worth = predicate_worth(r, node, predicate);
		if (best != UINT32_MAX && worth <= most)
			continue;
		most = worth;
		best = predicate;
	}
	residual_forget(r);
	for (uint32_t i = 0; i < room->met_count; i++)
		room->text_tried[r->program->matcher_of[room->met[i]]] = false;
	return best;
}

/*
 * Which bits of the matcher can be asked for from here on: those that bear the mark MET.  What is
 * asked one by one waits until nothing else of the text is left, since little of it is by then.
 */
static bool
choose_mask(struct residuals *r, struct residual *node, uint32_t met)
{
	const struct matcher *matcher = &r->program->matchers[node->subject];
	const uint32_t *seen = r->room->seen;
	uint64_t *mask = r->words + r->word_count;

	if (r->word_max - r->word_count < matcher->words)
		return false;
	node->mask = r->word_count;
	r->word_count += matcher->words;
	memset(mask, 0, matcher->words * sizeof(*mask));
	for (uint32_t i = 0; i < matcher->count; i++)
		if (seen[matcher->predicates[i]] == met)
			node->ways |= matcher->ways[i];
	if (node->ways != MATCHER_ASKED)
		node->ways &= (uint8_t)~MATCHER_ASKED;
	for (uint32_t i = 0; i < matcher->count; i++)
		if (seen[matcher->predicates[i]] == met &&
		    (matcher->ways[i] == 0 || matcher->ways[i] & node->ways))
			mask[i / 64] |= (uint64_t)1 << (i % 64);
	return true;
}

bool
residual_choose(struct residuals *r, struct residual *node)
{
	const struct program_rule *rules = r->rules + node->rules;
	struct residual_room *room = r->room;
	uint32_t best, met = mark_next(r);

	room->met_count = 0;
	for (uint32_t i = 0; i < node->rule_count; i++)
		entry_meet(r, rules[i].entry);
	for (uint32_t i = 0; i < node->rule_count; i++)
		if (rules[i].entry < PROGRAM_FAIL)
			room->entries[r->steps.items[rules[i].entry].predicate]++;
	if (!choose_context(r, node))
		return false;
	if (node->test == TEST_CONTEXT || room->met_count == 0)
		return true;
	best = choose_subject(r, node);
	node->test = TEST_PREDICATE;
	node->subject = best;
	if (r->program->matcher_of[best] == 0)
		return true;
	node->test = TEST_TEXT;
	node->subject = r->program->matcher_of[best] - 1;
	return choose_mask(r, node, met);
}
