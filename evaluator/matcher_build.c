/* SPDX-License-Identifier: Apache-2.0 */
/* Making matchers for the texts of a program.  See matcher.h. */
#include <errno.h>
#include <stdlib.h>

#include "matcher.h"
#include "program.h"

enum { CHEAP_MAX = 2 /* comparisons with one constant that are cheaper without a matcher */ };

/* What a predicate is looked up in. */
enum way {
	WAY_ASK, WAY_ALWAYS, WAY_EXACT, WAY_BEGINS, WAY_ENDS, WAY_CONTAINS, WAY_FOLDED, WAY_COUNT
};

/* The patterns of one way. */
struct patterns {
	struct pattern *items;
	uint32_t count, capacity;
};

struct matcher_builder {
	struct compiler *compiler;
	struct matcher *matcher;
	uint64_t *inverted, *every, *always; /* the matcher's, to be written */
	uint32_t *asked, *guard_of;
	uint32_t guard_count;
	struct patterns ways[WAY_COUNT];
};

static void
bit_set(uint64_t *set, uint32_t bit)
{
	set[bit / 64] |= (uint64_t)1 << (bit % 64);
}

/* Can the text of ACCESSOR be looked up: one of those that come again? */
static bool
accessor_is_text(const struct accessor *accessor)
{
	return accessor->group == GROUP_TEXT && !accessor->is_list &&
	    accessor->info->class != CLASS_TIME && accessor->info->class != CLASS_COUNTER;
}

static bool
predicate_fits(const struct compiler *compiler, const struct predicate *predicate)
{
	return predicate->right == ACCESSOR_NONE && !predicate->code_only &&
	    accessor_is_text(&compiler->accessors[predicate->accessor]);
}

static enum way
way_of(const struct comparison *comparison)
{
	const struct constants *constants = &comparison->constants;
	bool plain = comparison->modifier == MODIFIER_NONE;

	/* Where one constant must fit all values, bits can not tell. */
	if (comparison->modifier == MODIFIER_ANYOF && comparison->op != OP_NE &&
	    (!comparison->every || comparison->spelled))
		plain = true;
	if (!plain || constants->count > MATCHER_SET_MAX)
		return WAY_ASK;
	switch ((enum ast_op)comparison->op) {
	case OP_EXISTS: return WAY_ALWAYS;
	case OP_EQ: case OP_EQEQ: case OP_NE: case OP_IN: case OP_INTERSECTS: return WAY_EXACT;
	case OP_STARTSWITH: return WAY_BEGINS;
	case OP_ENDSWITH: return WAY_ENDS;
	case OP_CONTAINS: return WAY_CONTAINS;
	case OP_ICONTAINS: return WAY_FOLDED;
	case OP_LT: case OP_LE: case OP_GT: case OP_GE: case OP_BCONTAINS: case OP_BSTARTSWITH:
	case OP_GLOB: case OP_IGLOB: case OP_REGEX: case OP_PMATCH: case OP_COUNT:
		break;
	}
	return WAY_ASK;
}

static int
patterns_add(struct patterns *patterns, struct span text, uint32_t bit)
{
	uint32_t capacity = patterns->capacity ? patterns->capacity * 2 : 32;
	struct pattern *items;

	if (patterns->count == patterns->capacity) {
		if ((items = realloc(patterns->items, capacity * sizeof(*items))) == NULL)
			return -ENOMEM;
		patterns->items = items;
		patterns->capacity = capacity;
	}
	patterns->items[patterns->count++] = (struct pattern){ text, bit };
	return 0;
}

/* What each text that the glob of COMPARISON fits begins with; empty when that says nothing. */
static struct span
glob_beginning(const struct comparison *comparison)
{
	struct span glob = comparison->constants.items[0].text;
	size_t len = 0;

	if (comparison->op != OP_GLOB || comparison->modifier != MODIFIER_NONE)
		return SPAN_NONE;
	while (len < glob.len && strchr("*?[\\", glob.ptr[len]) == NULL)
		len++;
	return (struct span){ glob.ptr, len };
}

/* BIT is asked; where there is a guard, only when that holds. */
static int
bit_ask(struct matcher_builder *b, uint32_t bit, const struct comparison *comparison)
{
	struct matcher *matcher = b->matcher;
	struct span beginning = SPAN_NONE;

	b->asked[matcher->asked_count++] = bit;
	if (comparison->constants.count == 1)
		beginning = glob_beginning(comparison);
	if (beginning.len == 0)
		return 0;
	matcher->ways[bit] = MATCHER_GUARDED;
	b->guard_of[bit] = matcher->count + ++b->guard_count;
	return patterns_add(&b->ways[WAY_BEGINS], beginning, b->guard_of[bit] - 1);
}

/* Put the predicate of BIT where it will be looked up. */
static int
bit_take(struct matcher_builder *b, uint32_t bit)
{
	const struct comparison *comparison =
	    &b->compiler->predicates[b->matcher->predicates[bit]].comparison;
	static const uint8_t bits[WAY_COUNT] = { MATCHER_ASKED, 0, MATCHER_EXACT, MATCHER_BEGINS,
		MATCHER_ENDS, MATCHER_CONTAINS, MATCHER_FOLDED };
	enum way way = way_of(comparison);
	int err = 0;

	b->matcher->ways[bit] = bits[way];
	if (comparison->every)
		bit_set(b->every, bit);
	if (comparison->op == OP_NE && way == WAY_EXACT)
		bit_set(b->inverted, bit);
	if (way == WAY_ALWAYS)
		bit_set(b->always, bit);
	if (way == WAY_ASK)
		return bit_ask(b, bit, comparison);
	if (way == WAY_ALWAYS)
		return 0;
	for (uint32_t i = 0; i < comparison->constants.count && err == 0; i++)
		err = patterns_add(&b->ways[way], comparison->constants.items[i].text, bit);
	return err;
}

/* Without the automaton that finds guards, what has one is asked always. */
static void
guards_drop(struct matcher_builder *b)
{
	for (uint32_t bit = 0; bit < b->matcher->count; bit++) {
		if (b->guard_of[bit] == 0)
			continue;
		b->guard_of[bit] = 0;
		b->matcher->ways[bit] = MATCHER_ASKED;
	}
}

/* All predicates of WAY are asked one by one: their automaton would be too large. */
static void
way_give_up(struct matcher_builder *b, enum way way)
{
	const struct patterns *patterns = &b->ways[way];
	uint32_t last = UINT32_MAX;

	for (uint32_t i = 0; i < patterns->count; i++) {
		uint32_t bit = patterns->items[i].bit;

		if (bit == last || bit >= b->matcher->count) /* a guard: asked already */
			continue;
		last = bit;
		b->asked[b->matcher->asked_count++] = bit;
		b->matcher->ways[bit] = MATCHER_ASKED;
	}
	if (way == WAY_BEGINS)
		guards_drop(b);
}

static int
exact_room(struct matcher_builder *b, uint32_t count, struct span **texts, uint64_t **sets,
    uint32_t **slots)
{
	struct exact_table *exact = &b->matcher->exact;
	uint32_t slot_count = 8;

	while (slot_count < count * 2)
		slot_count *= 2;
	*texts = arena_array(b->compiler->arena, count ? count : 1, sizeof(**texts));
	*sets = arena_array(b->compiler->arena, (size_t)count * b->matcher->words + 1,
	    sizeof(**sets));
	*slots = arena_array(b->compiler->arena, slot_count, sizeof(**slots));
	exact->mask = slot_count - 1;
	exact->texts = *texts;
	exact->sets = *sets;
	exact->slots = *slots;
	return *texts != NULL && *sets != NULL && *slots != NULL ? 0 : -ENOMEM;
}

static int
exact_build(struct matcher_builder *b)
{
	const struct patterns *patterns = &b->ways[WAY_EXACT];
	struct exact_table *exact = &b->matcher->exact;
	uint32_t *slots;
	struct span *texts;
	uint64_t *sets;

	if ((uint64_t)patterns->count * b->matcher->words > AUTOMATON_CELLS_MAX) {
		way_give_up(b, WAY_EXACT);
		return 0;
	}
	if (exact_room(b, patterns->count, &texts, &sets, &slots) < 0)
		return -ENOMEM;
	for (uint32_t i = 0; i < patterns->count; i++) {
		struct span text = patterns->items[i].text;
		uint32_t slot = (uint32_t)bytes_hash(text.ptr, text.len, b->matcher->hash_key) &
		    exact->mask;

		while (slots[slot] != 0 && !span_equal(texts[slots[slot] - 1], text))
			slot = (slot + 1) & exact->mask;
		if (slots[slot] == 0) {
			texts[exact->count] = text;
			slots[slot] = ++exact->count;
		}
		bit_set(sets + (size_t)(slots[slot] - 1) * b->matcher->words,
		    patterns->items[i].bit);
		exact->lengths |= (uint64_t)1 << (text.len < 63 ? text.len : 63);
	}
	return 0;
}

static int
automata_build(struct matcher_builder *b)
{
	const struct {
		enum way way;
		enum automaton_kind kind;
		struct automaton *automaton;
	} rows[] = {
		{ WAY_BEGINS, AUTOMATON_BEGINS, &b->matcher->begins },
		{ WAY_ENDS, AUTOMATON_ENDS, &b->matcher->ends },
		{ WAY_CONTAINS, AUTOMATON_CONTAINS, &b->matcher->contains },
		{ WAY_FOLDED, AUTOMATON_CONTAINS, &b->matcher->contains_folded },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct patterns *patterns = &b->ways[rows[i].way];
		int err = automaton_build(rows[i].automaton, b->compiler->arena, rows[i].kind,
		    rows[i].way == WAY_FOLDED, patterns->items, patterns->count,
		    b->matcher->words);

		if (err == -E2BIG)
			way_give_up(b, rows[i].way);
		else if (err < 0)
			return err;
	}
	return 0;
}

/* Make all else of B->matcher, which has its predicates. */
static int
matcher_build(struct matcher_builder *b)
{
	struct matcher *matcher = b->matcher;
	struct arena *arena = b->compiler->arena;
	int err = 0;

	matcher->hash_key = b->compiler->hash_key;
	matcher->inverted = b->inverted = arena_array(arena, matcher->words, sizeof(uint64_t));
	matcher->every = b->every = arena_array(arena, matcher->words, sizeof(uint64_t));
	matcher->always = b->always = arena_array(arena, matcher->words, sizeof(uint64_t));
	matcher->asked = b->asked = arena_array(arena, matcher->count, sizeof(uint32_t));
	matcher->guard_of = b->guard_of = arena_array(arena, matcher->count, sizeof(uint32_t));
	matcher->ways = arena_alloc(arena, matcher->count);
	if (matcher->ways == NULL || b->inverted == NULL || b->every == NULL ||
	    b->always == NULL || b->asked == NULL || b->guard_of == NULL)
		return -ENOMEM;
	for (uint32_t bit = 0; bit < matcher->count && err == 0; bit++)
		err = bit_take(b, bit);
	if (err == 0 && (err = exact_build(b)) == 0)
		err = automata_build(b);
	for (uint32_t way = 0; way < WAY_COUNT; way++)
		free(b->ways[way].items);
	return err;
}

/* Count the predicates on each accessor, and those among them that are cheap. */
static void
fits_count(const struct compiler *compiler, uint32_t *counts, uint32_t *cheap)
{
	for (uint32_t i = 0; i < compiler->predicate_count; i++) {
		const struct predicate *predicate = &compiler->predicates[i];
		const struct comparison *comparison = &predicate->comparison;

		if (!predicate_fits(compiler, predicate))
			continue;
		counts[predicate->accessor]++;
		if (comparison->op == OP_EQ || comparison->op == OP_NE ||
		    comparison->op == OP_EXISTS)
			cheap[predicate->accessor]++;
	}
}

/* Does a matcher pay for a text with COUNT predicates, CHEAP of them cheap? */
static bool
matcher_pays(uint32_t count, uint32_t cheap)
{
	return count > 0 && count <= MATCHER_WORDS_MAX * 64 / 2 &&
	    (count > cheap || count > CHEAP_MAX);
}

/* Give each matcher its predicates. */
static int
predicates_deal(struct compiler *compiler, struct matcher *matchers, uint32_t count,
    const uint32_t *number_of, uint32_t *matcher_of, uint32_t *matcher_bit)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t *items = arena_array(compiler->arena, matchers[i].count,
		    sizeof(*items));

		if (items == NULL)
			return -ENOMEM;
		matchers[i].predicates = items;
		matchers[i].count = 0;
	}
	for (uint32_t i = 0; i < compiler->predicate_count; i++) {
		uint32_t number = number_of[compiler->predicates[i].accessor];

		if (number == 0 || !predicate_fits(compiler, &compiler->predicates[i]))
			continue;
		matcher_of[i] = number;
		matcher_bit[i] = matchers[number - 1].count;
		matchers[number - 1].predicates[matchers[number - 1].count++] = i;
	}
	return 0;
}

static int
matchers_make(struct compiler *compiler, struct program *program, const uint32_t *counts,
    const uint32_t *cheap, uint32_t *number_of)
{
	struct matcher *matchers = arena_array(compiler->arena, compiler->accessor_count + 1,
	    sizeof(*matchers));
	uint32_t *matcher_of = arena_array(compiler->arena, compiler->predicate_count + 1,
	    sizeof(*matcher_of));
	uint32_t *matcher_bit = arena_array(compiler->arena, compiler->predicate_count + 1,
	    sizeof(*matcher_bit));
	uint32_t count = 0, place = 0;
	int err;

	if (matchers == NULL || matcher_of == NULL || matcher_bit == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < compiler->accessor_count; i++) {
		if (!matcher_pays(counts[i], cheap[i]))
			continue;
		matchers[count].accessor = i;
		matchers[count].place = place;
		matchers[count].words = (2 * counts[i] + 63) / 64; /* each may have a guard */
		place += matchers[count].words;
		matchers[count++].count = counts[i];
		number_of[i] = count;
	}
	if ((err = predicates_deal(compiler, matchers, count, number_of, matcher_of,
	         matcher_bit)) < 0)
		return err;
	for (uint32_t i = 0; i < count && err == 0; i++) {
		struct matcher_builder b = { .compiler = compiler, .matcher = &matchers[i] };

		err = matcher_build(&b);
	}
	program->matchers = matchers;
	program->matcher_count = count;
	program->matcher_of = matcher_of;
	program->matcher_bit = matcher_bit;
	program->matcher_words = place;
	return err;
}

int
program_take_matchers(struct compiler *compiler, struct program *program)
{
	const uint32_t accessors = compiler->accessor_count;
	uint32_t *counts = calloc((size_t)accessors + 1, 3 * sizeof(*counts));
	int err = -ENOMEM;

	if (counts != NULL) {
		uint32_t *cheap = counts + accessors, *number_of = cheap + accessors;

		fits_count(compiler, counts, cheap);
		err = matchers_make(compiler, program, counts, cheap, number_of);
	}
	free(counts);
	return err;
}
