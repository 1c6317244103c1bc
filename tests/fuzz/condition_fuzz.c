/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a condition, and as an operand.  What must hold: no crash; a refusal says
 * why, at a place inside of the text; what was accepted has a canonical text and a set of
 * event types.
 */
#include <stdint.h>
#include <stdlib.h>

#include "arena.h"
#include "canon.h"
#include "evttypes.h"
#include "parse.h"

enum { ARENA_BYTES = 64 << 20, WORDS = 1 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
universe(void *ctx, uint64_t *set, size_t words)
{
	(void)ctx;
	(void)words;
	set[0] = 0xff;
}

static void
add_name(void *ctx, struct span name, bool syscall, uint64_t *set, size_t words)
{
	(void)ctx;
	(void)words;
	set[0] |= UINT64_C(1) << (name.len + syscall) % 8;
}

static void
check_error(const struct parse_error *error, size_t size)
{
	if (error->text[0] == '\0' || error->at.offset > size || error->at.line < 1 ||
	    error->at.column < 1)
		abort();
}

static void
check_tree(struct arena *arena, const struct ast_node *tree)
{
	static const struct evttypes_ops ops = { NULL, universe, add_name };
	const struct ast_node *refused = NULL;
	uint64_t set[WORDS];
	int err = evttypes_compute(tree, &ops, set, WORDS, &refused);

	if (err < 0 ? refused == NULL : (set[0] & ~UINT64_C(0xff)) != 0)
		abort();
	if (canon_new(arena, tree).len == 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct span text = { (const char *)data, size };
	struct parse_error error;
	struct ast_value *value;
	struct ast_node *tree;
	struct arena arena;

	arena_init(&arena, ARENA_BYTES);
	if (parse_condition(&arena, text, 0, PARSE_DEPTH_RULES, &tree, &error) < 0)
		check_error(&error, size);
	else
		check_tree(&arena, tree);
	if (parse_operand(&arena, text, true, &value, &error) < 0)
		check_error(&error, size);
	arena_fini(&arena);
	return 0;
}
