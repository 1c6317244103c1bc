/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ring's protocol, every interleaving of it: one producer and one consumer as small step
 * machines over a memory with store buffers (a store becomes visible some time after it was made,
 * in order; a fence waits for that), with sleeping and waking in both directions.  The steps are
 * those of shm/ring.c, named alike.
 *
 * What must hold in every reachable state: the consumer reads entries in order, never one that is
 * not there, never one that is being overwritten; and no state is stuck while work is left (a
 * lost wake-up).  The same search with a fence taken out must find a stuck state: otherwise the
 * search itself would be blind.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES = 4, CAPACITY = 2, BUFFER = 3, STATES_MAX = 1 << 22 };

enum cell { HEAD, TAIL, CONSUMER_SLEEPS, PRODUCER_SLEEPS, DATA0, DATA1, CELLS };

enum producer_step {
	P_ROOM, P_SET_FLAG, P_FENCE_FLAG, P_RELOAD, P_SLEEP, P_CLEAR_FLAG,
	P_WRITE, P_STORE_HEAD, P_FENCE, P_LOOK, P_WAKE, P_DONE
};

enum consumer_step {
	C_LOAD, C_SET_FLAG, C_FENCE_FLAG, C_RELOAD, C_SLEEP, C_CLEAR_FLAG,
	C_READ, C_STORE_TAIL, C_FENCE, C_LOOK, C_WAKE, C_DONE
};

/* A thread's stores that memory does not show yet, oldest first. */
struct buffer {
	uint8_t count;
	uint8_t cell[BUFFER];
	uint8_t value[BUFFER];
};

struct state {
	uint8_t memory[CELLS];
	struct buffer buffers[2];
	uint8_t step[2];    /* of producer, consumer */
	uint8_t own[2];     /* own index */
	uint8_t seen[2];    /* peer's index as last loaded */
	uint8_t asleep[2];
	uint8_t reserved[3];
};

struct model {
	bool producer_fence; /* P3 */
	bool consumer_fence; /* C3 */
};

static struct state *table;
static uint32_t *queue;
static uint32_t table_count;

static uint8_t
load(const struct state *s, int who, int cell)
{
	const struct buffer *b = &s->buffers[who];

	for (int i = b->count; i-- > 0;)
		if (b->cell[i] == cell)
			return b->value[i];
	return s->memory[cell];
}

/* False when the buffer is full: this step has to wait for a flush. */
static bool
store(struct state *s, int who, int cell, uint8_t value)
{
	struct buffer *b = &s->buffers[who];

	if (b->count == BUFFER)
		return false;
	b->cell[b->count] = (uint8_t)cell;
	b->value[b->count++] = value;
	return true;
}

static bool
flush(struct state *s, int who)
{
	struct buffer *b = &s->buffers[who];

	if (b->count == 0)
		return false;
	s->memory[b->cell[0]] = b->value[0];
	memmove(b->cell, b->cell + 1, BUFFER - 1);
	memmove(b->value, b->value + 1, BUFFER - 1);
	b->count--;
	b->cell[b->count] = b->value[b->count] = 0;
	return true;
}

/*
 * One step of WHO: true when the state changed.  Index cells: the peer's, the sleep
 * flags: own and the peer's.
 */
static bool
producer(struct state *s, const struct model *m)
{
	uint8_t *step = &s->step[0];

	switch ((enum producer_step)*step) {
	case P_ROOM:
		if (s->own[0] == ENTRIES) {
			*step = P_DONE;
			return true;
		}
		s->seen[0] = load(s, 0, TAIL);
		*step = s->own[0] - s->seen[0] < CAPACITY ? P_WRITE : P_SET_FLAG;
		return true;
	case P_SET_FLAG:
		*step = P_FENCE_FLAG;
		return store(s, 0, PRODUCER_SLEEPS, 1);
	case P_FENCE_FLAG:
		if (s->buffers[0].count > 0)
			return false;
		*step = P_RELOAD;
		return true;
	case P_RELOAD:
		s->seen[0] = load(s, 0, TAIL);
		*step = s->own[0] - s->seen[0] < CAPACITY ? P_CLEAR_FLAG : P_SLEEP;
		return true;
	case P_SLEEP: /* the kernel compares and sleeps in one */
		if (s->asleep[0])
			return false;
		if (s->memory[TAIL] == s->seen[0])
			s->asleep[0] = 1;
		*step = P_CLEAR_FLAG;
		return true;
	case P_CLEAR_FLAG:
		*step = P_ROOM;
		return store(s, 0, PRODUCER_SLEEPS, 0);
	case P_WRITE:
		*step = P_STORE_HEAD;
		return store(s, 0, DATA0 + s->own[0] % CAPACITY, (uint8_t)(s->own[0] + 1));
	case P_STORE_HEAD:
		*step = P_FENCE;
		if (!store(s, 0, HEAD, (uint8_t)(s->own[0] + 1)))
			return false;
		s->own[0]++;
		return true;
	case P_FENCE:
		if (m->producer_fence && s->buffers[0].count > 0)
			return false;
		*step = P_LOOK;
		return true;
	case P_LOOK:
		*step = load(s, 0, CONSUMER_SLEEPS) ? P_WAKE : P_ROOM;
		return true;
	case P_WAKE: /* a system call: it drains the buffer */
		if (s->buffers[0].count > 0)
			return false;
		s->asleep[1] = 0;
		*step = P_ROOM;
		return true;
	case P_DONE:
		return false;
	}
	return false;
}

static bool
consumer(struct state *s, const struct model *m)
{
	uint8_t *step = &s->step[1];

	switch ((enum consumer_step)*step) {
	case C_LOAD:
		if (s->own[1] == ENTRIES) {
			*step = C_DONE;
			return true;
		}
		s->seen[1] = load(s, 1, HEAD);
		assert(s->seen[1] >= s->own[1]);
		*step = s->seen[1] > s->own[1] ? C_READ : C_SET_FLAG;
		return true;
	case C_SET_FLAG:
		*step = C_FENCE_FLAG;
		return store(s, 1, CONSUMER_SLEEPS, 1);
	case C_FENCE_FLAG:
		if (m->consumer_fence && s->buffers[1].count > 0)
			return false;
		*step = C_RELOAD;
		return true;
	case C_RELOAD:
		s->seen[1] = load(s, 1, HEAD);
		*step = s->seen[1] > s->own[1] ? C_CLEAR_FLAG : C_SLEEP;
		return true;
	case C_SLEEP:
		if (s->asleep[1])
			return false;
		if (s->memory[HEAD] == s->seen[1])
			s->asleep[1] = 1;
		*step = C_CLEAR_FLAG;
		return true;
	case C_CLEAR_FLAG:
		*step = C_LOAD;
		return store(s, 1, CONSUMER_SLEEPS, 0);
	case C_READ: /* the entry must be the one that the index promised */
		assert(load(s, 1, DATA0 + s->own[1] % CAPACITY) == s->own[1] + 1);
		*step = C_STORE_TAIL;
		return true;
	case C_STORE_TAIL:
		*step = C_FENCE;
		if (!store(s, 1, TAIL, (uint8_t)(s->own[1] + 1)))
			return false;
		s->own[1]++;
		return true;
	case C_FENCE:
		if (s->buffers[1].count > 0)
			return false;
		*step = C_LOOK;
		return true;
	case C_LOOK:
		*step = load(s, 1, PRODUCER_SLEEPS) ? C_WAKE : C_LOAD;
		return true;
	case C_WAKE:
		if (s->buffers[1].count > 0)
			return false;
		s->asleep[0] = 0;
		*step = C_LOAD;
		return true;
	case C_DONE:
		return false;
	}
	return false;
}

/* Add a state to the table; true when it is new. */
static bool
visit(const struct state *s, uint32_t *at)
{
	const uint8_t *bytes = (const uint8_t *)s;
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < sizeof(*s); i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	for (hash %= STATES_MAX; table[hash].reserved[0]; hash = (hash + 1) % STATES_MAX) {
		struct state other = table[hash];

		other.reserved[0] = 0;
		if (memcmp(&other, s, sizeof(*s)) == 0)
			return false;
	}
	assert(table_count < STATES_MAX / 2);
	table[hash] = *s;
	table[hash].reserved[0] = 1;
	*at = hash;
	return true;
}

static void
push(const struct state *s, uint32_t *tail)
{
	uint32_t at;

	if (visit(s, &at)) {
		queue[(*tail)++] = at;
		table_count++;
	}
}

/* Explore everything reachable.  Returns the number of stuck states with work left. */
static uint32_t
explore(const struct model *m)
{
	struct state s;
	uint32_t head = 0, tail = 0, stuck = 0;

	memset(table, 0, sizeof(*table) * STATES_MAX);
	memset(&s, 0, sizeof(s));
	table_count = 0;
	for (push(&s, &tail); head < tail; head++) {
		bool moved = false;

		for (int move = 0; move < 4; move++) {
			s = table[queue[head]];
			s.reserved[0] = 0;
			/* A sleeper takes no step, but its stores still drain. */
			if (move == 0 ? !s.asleep[0] && producer(&s, m) :
			    move == 1 ? !s.asleep[1] && consumer(&s, m) :
			    flush(&s, move - 2)) {
				moved = true;
				push(&s, &tail);
			}
		}
		s = table[queue[head]];
		if (!moved && !(s.step[0] == P_DONE && s.step[1] == C_DONE))
			stuck++;
	}
	return stuck;
}

/*
 * A bounded sleep would hide a lost wake-up from people; the model has no time, so it shows.
 * Without either fence the flag and the index may pass each other in the buffers.
 */
int
main(void)
{
	const struct model as_built = { true, true };
	const struct model no_p3 = { false, true }, no_c3 = { true, false };
	uint32_t stuck;

	table = malloc(sizeof(*table) * STATES_MAX);
	queue = malloc(sizeof(*queue) * STATES_MAX);
	assert(table && queue);
	stuck = explore(&as_built);
	printf("as built: %u states, %u stuck\n", table_count, stuck);
	if (stuck != 0)
		return 1;
	stuck = explore(&no_p3);
	printf("without the producer's fence: %u states, %u stuck\n", table_count, stuck);
	if (stuck == 0)
		return 1;
	stuck = explore(&no_c3);
	printf("without the consumer's fence: %u states, %u stuck\n", table_count, stuck);
	free(table);
	free(queue);
	return stuck == 0;
}
