/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From trees to formulas over shared predicates.  See compile.h; the checks themselves are
 * in compile_check.c.
 */
#include "compile.h"

#include <errno.h>

#include "compiling.h"

void
compiler_init(struct compiler *compiler, struct arena *arena, uint64_t hash_key)
{
	memset(compiler, 0, sizeof(*compiler));
	compiler->arena = arena;
	compiler->hash_key = hash_key;
	names_init(&compiler->accessor_names, arena, hash_key);
	names_init(&compiler->predicate_names, arena, hash_key);
}

/* Room for one more of SIZE bytes in an array of the arena that doubles. */
static void *
grow(struct arena *arena, void *items, uint32_t count, uint32_t *capacity, size_t size)
{
	uint32_t wanted = *capacity ? *capacity * 2 : 64;
	void *bigger;

	if (count < *capacity)
		return items;
	if ((bigger = arena_array(arena, wanted, size)) == NULL)
		return NULL;
	if (count > 0)
		memcpy(bigger, items, count * size);
	*capacity = wanted;
	return bigger;
}

enum field_problem
compiler_accessor(struct compiler *compiler, struct span name, struct span argument,
    bool has_argument, uint32_t *index, char error[FIELD_ERROR_MAX])
{
	struct accessor accessor, *items;
	enum field_problem problem = field_compile(compiler->arena, name, argument, has_argument,
	    compiler->undelivered, &accessor, error);

	if (problem != FIELD_FINE)
		return problem;
	*index = names_find(&compiler->accessor_names, accessor.text);
	if (*index != NAMES_NONE)
		return FIELD_FINE;
	items = grow(compiler->arena, compiler->accessors, compiler->accessor_count,
	    &compiler->accessor_capacity, sizeof(*items));
	if (items == NULL ||
	    names_set(&compiler->accessor_names, accessor.text, compiler->accessor_count) < 0)
		return FIELD_NO_MEMORY;
	compiler->accessors = items;
	*index = compiler->accessor_count;
	items[compiler->accessor_count++] = accessor;
	return FIELD_FINE;
}

bool
field_is_code(enum field_id field)
{
	return field == F_evt_type || field == F_evt_type_is || field == F_syscall_type ||
	    field == F_evt_dir || field == F_evt_source || field == F_evt_is_async ||
	    field == F_evt_count || field == F_evt_count_exit;
}

int
compiling_predicate(struct compiling *c, const struct predicate *predicate, struct span key,
    uint32_t *index)
{
	struct compiler *compiler = c->compiler;
	struct predicate *items;
	char *kept;

	*index = names_find(&compiler->predicate_names, key);
	if (*index != NAMES_NONE)
		return 0;
	items = grow(compiler->arena, compiler->predicates, compiler->predicate_count,
	    &compiler->predicate_capacity, sizeof(*items));
	if (items == NULL || (kept = arena_copy(compiler->arena, key)) == NULL)
		return -ENOMEM;
	compiler->predicates = items;
	key.ptr = kept;
	if (names_set(&compiler->predicate_names, key, compiler->predicate_count) < 0)
		return -ENOMEM;
	*index = compiler->predicate_count;
	items[compiler->predicate_count++] = *predicate;
	return 0;
}

int
compiling_uses(struct compiling *c, uint32_t accessor)
{
	uint32_t *items;

	for (uint32_t i = 0; i < c->accessor_count; i++)
		if (c->accessors[i] == accessor)
			return 0;
	items = grow(c->compiler->arena, c->accessors, c->accessor_count, &c->accessor_capacity,
	    sizeof(*items));
	if (items == NULL)
		return -ENOMEM;
	c->accessors = items;
	items[c->accessor_count++] = accessor;
	return 0;
}

static struct formula *
formula_new(struct compiling *c, enum formula_kind kind)
{
	struct formula *formula;

	if (c->compiler->formula_count >= COMPILE_NODES_MAX)
		return NULL;
	c->compiler->formula_count++;
	if ((formula = arena_alloc(c->compiler->arena, sizeof(*formula))) != NULL)
		formula->kind = kind;
	return formula;
}

static int compile_node(struct compiling *c, const struct ast_node *node, bool negated,
    const struct formula **formula);

static int
compile_leaf(struct compiling *c, const struct ast_node *node, bool negated,
    const struct formula **formula)
{
	struct formula *leaf = formula_new(c, FORMULA_LEAF);

	if (leaf == NULL)
		return -ENOMEM;
	leaf->negated = negated;
	*formula = leaf;
	return compile_check(c, node, negated, &leaf->predicate);
}

/* `and` and `or`: under a negation each turns into the other. */
static int
compile_junction(struct compiling *c, const struct ast_node *node, bool negated,
    const struct formula **formula)
{
	bool both = (node->kind == AST_AND) != negated;
	struct formula *made = formula_new(c, both ? FORMULA_AND : FORMULA_OR);
	int err;

	if (made == NULL)
		return -ENOMEM;
	made->children = arena_array(c->compiler->arena, node->child_count,
	    sizeof(const struct formula *));
	if (made->children == NULL)
		return -ENOMEM;
	made->child_count = node->child_count;
	for (uint32_t i = 0; i < node->child_count; i++)
		if ((err = compile_node(c, node->children[i], negated, &made->children[i])) < 0)
			return err;
	*formula = made;
	return 0;
}

static int
compile_node(struct compiling *c, const struct ast_node *node, bool negated,
    const struct formula **formula)
{
	switch (node->kind) {
	case AST_AND:
	case AST_OR:
		return compile_junction(c, node, negated, formula);
	case AST_NOT:
		return compile_node(c, node->children[0], !negated, formula);
	case AST_CHECK:
		return compile_leaf(c, node, negated, formula);
	case AST_MACRO:
		return compiling_refuse(c, node->at, "undefined macro `%.*s`",
		    SPAN_SHORT(node->name));
	}
	return -EINVAL;
}

int
compile_condition(struct compiler *compiler, const struct ast_node *tree,
    struct condition *condition, struct compile_error *error)
{
	struct compiling c = { .compiler = compiler, .error = error };
	int err;

	memset(error, 0, sizeof(*error));
	memset(condition, 0, sizeof(*condition));
	error->at = tree->at;
	if ((err = compile_node(&c, tree, false, &condition->formula)) == -ENOMEM)
		compiling_refuse(&c, tree->at, "the rule set is too large");
	condition->accessors = c.accessors;
	condition->accessor_count = c.accessor_count;
	return err;
}
