/* SPDX-License-Identifier: Apache-2.0 */
/* Building and walking automata.  See automaton.h. */
#include "automaton.h"

#include <errno.h>
#include <stdlib.h>

#include "glob.h"

/* In a cell: the state has bits of its own. */
#define AUTOMATON_FOUND 0x80000000u

enum { STATE_NONE, STATE_ROOT };

struct building {
	struct automaton *automaton;
	uint32_t *next;
	uint64_t *sets;
};

/* Byte INDEX of TEXT in the order in which it is walked. */
static uint8_t
byte_at(enum automaton_kind kind, struct span text, size_t index)
{
	return (uint8_t)text.ptr[kind == AUTOMATON_ENDS ? text.len - 1 - index : index];
}

/* A column for each byte that a pattern has; 0 for all others. */
static void
columns_assign(struct automaton *automaton, bool fold, const struct pattern *patterns,
    uint32_t count)
{
	bool used[256] = { false };

	for (uint32_t i = 0; i < count; i++)
		for (size_t j = 0; j < patterns[i].text.len; j++) {
			char c = patterns[i].text.ptr[j];

			used[(uint8_t)(fold ? ascii_lower(c) : c)] = true;
		}
	automaton->columns = 1;
	for (unsigned int i = 0; i < 256; i++)
		if (used[i])
			automaton->column_of[i] = (uint16_t)automaton->columns++;
	for (unsigned int i = 0; fold && i < 256; i++)
		automaton->column_of[i] = automaton->column_of[(uint8_t)ascii_lower((char)i)];
}

static int
building_room(struct building *b, struct arena *arena, const struct pattern *patterns,
    uint32_t count)
{
	struct automaton *automaton = b->automaton;
	size_t states = 2;

	for (uint32_t i = 0; i < count; i++)
		if (__builtin_add_overflow(states, patterns[i].text.len, &states))
			return -E2BIG;
	if (states > AUTOMATON_CELLS_MAX / automaton->columns ||
	    states > AUTOMATON_CELLS_MAX / automaton->words)
		return -E2BIG;
	b->next = arena_array(arena, states * automaton->columns, sizeof(*b->next));
	b->sets = arena_array(arena, states * automaton->words, sizeof(*b->sets));
	return b->next != NULL && b->sets != NULL ? 0 : -ENOMEM;
}

static void
trie_add(struct building *b, const struct pattern *pattern)
{
	struct automaton *automaton = b->automaton;
	uint32_t state = STATE_ROOT;

	for (size_t i = 0; i < pattern->text.len; i++) {
		uint8_t byte = byte_at(automaton->kind, pattern->text, i);
		uint32_t *cell = &b->next[state * automaton->columns + automaton->column_of[byte]];

		if (*cell == STATE_NONE)
			*cell = automaton->state_count++;
		state = *cell;
	}
	b->sets[state * automaton->words + pattern->bit / 64] |= (uint64_t)1 << (pattern->bit % 64);
}

static void
set_join(struct building *b, uint32_t state, uint32_t other)
{
	uint32_t words = b->automaton->words;

	for (uint32_t i = 0; i < words; i++)
		b->sets[state * words + i] |= b->sets[other * words + i];
}

/*
 * Let each state lead on where its text does not: as the longest end of it does that is a
 * state.  QUEUE and LINK have room for all states.  Nearer ones come first.
 */
static void
links_follow(struct building *b, uint32_t *queue, uint32_t *link)
{
	const uint32_t columns = b->automaton->columns;
	uint32_t head = 0, tail = 0;

	link[STATE_ROOT] = STATE_ROOT;
	queue[tail++] = STATE_ROOT;
	while (head < tail) {
		uint32_t state = queue[head++];

		for (uint32_t c = 0; c < columns; c++) {
			uint32_t *cell = &b->next[state * columns + c];
			uint32_t other = state == STATE_ROOT
			    ? (uint32_t)STATE_ROOT
			    : b->next[link[state] * columns + c];

			if (*cell == STATE_NONE) {
				*cell = other;
				continue;
			}
			link[*cell] = other;
			set_join(b, *cell, other);
			queue[tail++] = *cell;
		}
	}
}

static bool
set_is_empty(const struct building *b, uint32_t state)
{
	for (uint32_t i = 0; i < b->automaton->words; i++)
		if (b->sets[state * b->automaton->words + i] != 0)
			return false;
	return true;
}

/* Mark the cells that lead to states with bits. */
static void
cells_mark(struct building *b)
{
	for (size_t i = 0; i < (size_t)b->automaton->state_count * b->automaton->columns; i++)
		if (b->next[i] != STATE_NONE && !set_is_empty(b, b->next[i]))
			b->next[i] |= AUTOMATON_FOUND;
}

int
automaton_build(struct automaton *automaton, struct arena *arena, enum automaton_kind kind,
    bool fold, const struct pattern *patterns, uint32_t count, uint32_t words)
{
	struct building b = { .automaton = automaton };
	uint32_t *room = NULL;
	int err;

	memset(automaton, 0, sizeof(*automaton));
	automaton->kind = kind;
	automaton->words = words;
	if (count == 0)
		return 0;
	columns_assign(automaton, fold, patterns, count);
	if ((err = building_room(&b, arena, patterns, count)) < 0)
		return err;
	automaton->state_count = 2;
	for (uint32_t i = 0; i < count; i++)
		trie_add(&b, &patterns[i]);
	if (kind == AUTOMATON_CONTAINS) {
		room = calloc(automaton->state_count, 2 * sizeof(*room));
		if (room == NULL)
			return -ENOMEM;
		links_follow(&b, room, room + automaton->state_count);
		free(room);
	}
	cells_mark(&b);
	for (unsigned int i = 0; i < 256; i++)
		automaton->starts[i] =
		    b.next[STATE_ROOT * automaton->columns + automaton->column_of[i]] !=
		    STATE_ROOT;
	automaton->next = b.next;
	automaton->sets = b.sets;
	return 0;
}

static void
found(const struct automaton *automaton, uint32_t state, uint64_t *truth)
{
	for (uint32_t i = 0; i < automaton->words; i++)
		truth[i] |= automaton->sets[state * automaton->words + i];
}

/* As automaton_scan(), for `contains`: from byte to byte that begins a pattern. */
static void
contains_scan(const struct automaton *automaton, struct span text, uint64_t *truth)
{
	const uint8_t *at = (const uint8_t *)text.ptr, *end = at + text.len;
	uint32_t state = STATE_ROOT;

	for (; at < end; at++) {
		if (state == STATE_ROOT) {
			while (!automaton->starts[*at])
				if (++at == end)
					return;
		}
		state = automaton->next[state * automaton->columns + automaton->column_of[*at]];
		if (state & AUTOMATON_FOUND) {
			state &= ~AUTOMATON_FOUND;
			found(automaton, state, truth);
		}
	}
}

void
automaton_scan(const struct automaton *automaton, struct span text, uint64_t *truth)
{
	const int step = automaton->kind == AUTOMATON_ENDS ? -1 : 1;
	const char *at = text.ptr;
	uint32_t state = STATE_ROOT;

	if (automaton->state_count == 0)
		return;
	found(automaton, state, truth);
	if (text.len == 0)
		return;
	if (automaton->kind == AUTOMATON_CONTAINS) {
		contains_scan(automaton, text, truth);
		return;
	}
	if (step < 0)
		at += text.len - 1;
	for (size_t i = 0; i < text.len; i++, at += step) {
		state = automaton->next[state * automaton->columns +
		    automaton->column_of[(uint8_t)*at]];
		if (state == STATE_NONE)
			return;
		if (state & AUTOMATON_FOUND) {
			state &= ~AUTOMATON_FOUND;
			found(automaton, state, truth);
		}
	}
}
