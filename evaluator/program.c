/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making programs.  Code is emitted from the end of a condition to its beginning, so that
 * where a step leads is known when it is made; a predicate whose truth is known emits
 * nothing.
 */
#include "program.h"

#include <errno.h>
#include <stdlib.h>

struct builder {
	struct compiler *compiler;
	const struct program_source *sources;
	uint32_t source_count;
	struct steps steps;
	uint8_t *known;       /* truth of each predicate for the class at hand */
	uint64_t work;
	int err;
};

enum known_truth { KNOWN_NOT, KNOWN_FALSE, KNOWN_TRUE };

/* The number of an equal step, or of a new one. */
static uint32_t
step_make(struct builder *b, struct step step)
{
	uint32_t number;

	if ((b->err = steps_make(&b->steps, step, &number)) < 0)
		return PROGRAM_FAIL;
	return number;
}

/* Code that goes to MATCH when FORMULA holds and to FAIL when not; returns where it begins. */
static uint32_t
formula_emit(struct builder *b, const struct formula *formula, uint32_t match, uint32_t fail)
{
	uint32_t entry;

	if (b->err < 0)
		return PROGRAM_FAIL;
	if (++b->work > PROGRAM_WORK_MAX) {
		b->err = -E2BIG;
		return PROGRAM_FAIL;
	}
	if (formula->kind == FORMULA_LEAF) {
		uint32_t on_true = formula->negated ? fail : match,
		         on_false = formula->negated ? match : fail;

		if (b->known[formula->predicate] != KNOWN_NOT)
			return b->known[formula->predicate] == KNOWN_TRUE ? on_true : on_false;
		return step_make(b, (struct step){ formula->predicate, on_true, on_false });
	}
	entry = formula->kind == FORMULA_AND ? match : fail;
	for (uint32_t i = formula->child_count; i-- > 0;)
		entry = formula->kind == FORMULA_AND
		    ? formula_emit(b, formula->children[i], entry, fail)
		    : formula_emit(b, formula->children[i], match, entry);
	return entry;
}

/* Decide the predicates that depend on the event code alone. */
static void
known_for_code(struct builder *b, uint32_t code)
{
	struct compiler *compiler = b->compiler;
	struct event_view view;

	memset(&view, 0, sizeof(view));
	view.code = code;
	for (uint32_t i = 0; i < compiler->predicate_count; i++) {
		const struct predicate *predicate = &compiler->predicates[i];
		struct field_value value;

		b->known[i] = KNOWN_NOT;
		if (!predicate->code_only)
			continue;
		field_get(&view, &compiler->accessors[predicate->accessor], &value);
		b->known[i] = op_holds(&predicate->comparison, &value) ? KNOWN_TRUE : KNOWN_FALSE;
	}
}

/* Bytes that are equal for event codes that no predicate and no rule tells apart. */
static void
class_key(struct builder *b, uint32_t code, struct text *key)
{
	key->len = 0;
	known_for_code(b, code);
	for (uint32_t i = 0; i < b->compiler->predicate_count; i++)
		if (b->known[i] != KNOWN_NOT)
			text_char(key, (char)b->known[i]);
	for (uint32_t i = 0; i < b->source_count; i++)
		text_char(key, (char)(b->sources[i].codes[code / 64] >> (code % 64) & 1));
}

static int
class_emit(struct builder *b, uint32_t code, struct program_class *class)
{
	struct program_rule *rules;
	uint32_t count = 0;

	rules = arena_array(b->compiler->arena, b->source_count ? b->source_count : 1,
	    sizeof(*rules));
	if (rules == NULL)
		return -ENOMEM;
	known_for_code(b, code);
	for (uint32_t i = 0; i < b->source_count; i++) {
		const struct program_source *source = &b->sources[i];
		uint32_t entry;

		if (!(source->codes[code / 64] >> (code % 64) & 1))
			continue;
		entry = formula_emit(b, source->formula, PROGRAM_MATCH, PROGRAM_FAIL);
		if (b->err < 0)
			return b->err;
		if (entry != PROGRAM_FAIL)
			rules[count++] = (struct program_rule){ source->rule, entry };
	}
	class->rules = rules;
	class->rule_count = count;
	return 0;
}

/* Put every event code that rules judge into a class, and emit each class once. */
static int
classes_build(struct builder *b, struct program *program, struct program_class *classes)
{
	size_t size = (size_t)b->compiler->predicate_count + b->source_count + 1;
	struct names keys;
	int err;

	names_init(&keys, b->compiler->arena, b->compiler->hash_key);
	program->class_count = 1; /* class 0: no rules */
	for (uint32_t code = 0; code < EVTCODE_COUNT; code++) {
		struct arena_mark mark = arena_mark(b->compiler->arena);
		struct text key;
		uint32_t class;
		char *buf;

		if (!evtcode_is_judged(code))
			continue;
		if ((buf = arena_alloc(b->compiler->arena, size)) == NULL)
			return -ENOMEM;
		text_init(&key, buf, size);
		class_key(b, code, &key);
		class = names_find(&keys, (struct span){ buf, key.len });
		if (class == NAMES_NONE) {
			class = program->class_count++;
			if ((err = names_set(&keys, (struct span){ buf, key.len }, class)) < 0 ||
			    (err = class_emit(b, code, &classes[class])) < 0)
				return err;
		} else {
			arena_reset(b->compiler->arena, mark);
		}
		program->class_of[code] = (uint16_t)class;
	}
	return 0;
}

static int
program_take_steps(struct builder *b, struct program *program)
{
	uint32_t count = b->steps.count;
	struct step *steps = arena_array(b->compiler->arena, count ? count : 1, sizeof(*steps));

	if (steps == NULL)
		return -ENOMEM;
	if (count > 0)
		memcpy(steps, b->steps.items, count * sizeof(*steps));
	program->steps = steps;
	program->step_count = count;
	return 0;
}

int
program_build(struct compiler *compiler, const struct program_source *sources, uint32_t count,
    struct program *program)
{
	struct builder b = { .compiler = compiler, .sources = sources, .source_count = count };
	struct program_class *classes;
	int err = -ENOMEM;

	memset(program, 0, sizeof(*program));
	(void)steps_init(&b.steps, 0, PROGRAM_STEPS_MAX, compiler->hash_key);
	program->hash_key = compiler->hash_key;
	program->predicates = compiler->predicates;
	program->predicate_count = compiler->predicate_count;
	program->accessors = compiler->accessors;
	program->accessor_count = compiler->accessor_count;
	classes = arena_array(compiler->arena, EVTCODE_COUNT + 1, sizeof(*classes));
	b.known = calloc(compiler->predicate_count + 1, 1);
	if (classes != NULL && b.known != NULL)
		err = classes_build(&b, program, classes);
	program->classes = classes;
	if (err == 0 && (err = program_take_steps(&b, program)) == 0)
		err = program_take_matchers(compiler, program);
	free(b.known);
	steps_fini(&b.steps);
	return err;
}
