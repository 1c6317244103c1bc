/* SPDX-License-Identifier: Apache-2.0 */
/* A program made of conditions alone, each a rule for all events, in order. */
#ifndef TESTS_CONDITIONS_H
#define TESTS_CONDITIONS_H

#include "events.h"
#include "parse.h"

struct conditions {
	struct arena arena;
	struct compiler compiler;
	struct program program;
	struct program_source *sources;
	uint32_t count;
};

static inline void
conditions_begin(struct conditions *c)
{
	memset(c, 0, sizeof(*c));
	evtcode_init();
	layout_init();
	arena_init(&c->arena, 256 << 20);
	compiler_init(&c->compiler, &c->arena, 1);
}

static inline void
conditions_add(struct conditions *c, const char *text)
{
	struct compile_error error;
	struct parse_error syntax;
	struct condition condition;
	struct ast_node *tree;
	char *copy = arena_copy(&c->arena, span_text(text));

	if (parse_condition(&c->arena, span_text(copy), 0, 1000, &tree, &syntax) < 0)
		fail_msg("%s: not a condition", text);
	if (compile_condition(&c->compiler, tree, &condition, &error) < 0)
		fail_msg("%s: %s", text, error.text);
	c->sources = realloc(c->sources, (c->count + 1) * sizeof(*c->sources));
	assert_non_null(c->sources);
	c->sources[c->count] = (struct program_source){ c->count, condition.formula,
		evtcode_universe() };
	c->count++;
}

/* No condition comes any more. */
static inline void
conditions_finish(struct conditions *c)
{
	assert_int_equal(program_build(&c->compiler, c->sources, c->count, &c->program), 0);
}

static inline void
conditions_end(struct conditions *c)
{
	free(c->sources);
	arena_fini(&c->arena);
}

static struct conditions conditions; /* of the test that runs */

static inline int
conditions_set_up(void **state)
{
	(void)state;
	conditions_begin(&conditions);
	return 0;
}

static inline int
conditions_tear_down(void **state)
{
	(void)state;
	conditions_end(&conditions);
	return 0;
}

#endif
