/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From trees to formulas over shared predicates.  See compile.h; the checks themselves are
 * in compile_check.c.
 */
#include "compile.h"

#include <errno.h>
#include <stdio.h>

#include "compiling.h"
#include "regex.h"

void
compiler_init(struct compiler *compiler, struct arena *arena, uint64_t hash_key)
{
	memset(compiler, 0, sizeof(*compiler));
	compiler->arena = arena;
	compiler->hash_key = hash_key;
	names_init(&compiler->accessor_names, arena, hash_key);
	names_init(&compiler->predicate_names, arena, hash_key);
	names_init(&compiler->regex_names, arena, hash_key);
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

int
compiler_share(struct compiler *compiler, struct span key, const struct accessor *accessor,
    uint32_t *index)
{
	struct accessor *items;

	*index = names_find(&compiler->accessor_names, key);
	if (*index != NAMES_NONE)
		return 0;
	items = grow(compiler->arena, compiler->accessors, compiler->accessor_count,
	    &compiler->accessor_capacity, sizeof(*items));
	if (items == NULL ||
	    names_set(&compiler->accessor_names, key, compiler->accessor_count) < 0)
		return -ENOMEM;
	compiler->accessors = items;
	*index = compiler->accessor_count;
	items[compiler->accessor_count++] = *accessor;
	return 0;
}

enum field_problem
compiler_accessor(struct compiler *compiler, struct span name, struct span argument,
    bool has_argument, uint32_t *index, char error[FIELD_ERROR_MAX])
{
	struct accessor accessor;
	enum field_problem problem = field_compile(compiler->arena, name, argument, has_argument,
	    &accessor, error);

	if (problem != FIELD_FINE)
		return problem;
	return compiler_share(compiler, accessor.text, &accessor, index) < 0 ? FIELD_NO_MEMORY
	                                                                     : FIELD_FINE;
}

static void
release_regex(void *regex)
{
	regex_free(regex);
}

/* Keep REGEX for PATTERN; it ends with the arena even when there is no room for it. */
static int
regex_take(struct compiler *compiler, struct span pattern, struct regex *regex)
{
	struct regex **items;

	if (arena_defer(compiler->arena, release_regex, regex) < 0) {
		regex_free(regex);
		return -ENOMEM;
	}
	items = grow(compiler->arena, compiler->regexes, compiler->regex_count,
	    &compiler->regex_capacity, sizeof(struct regex *));
	if (items == NULL ||
	    names_set(&compiler->regex_names, pattern, compiler->regex_count) < 0)
		return -ENOMEM;
	compiler->regexes = items;
	items[compiler->regex_count++] = regex;
	return 0;
}

int
compiler_regex(struct compiler *compiler, struct span pattern, const struct regex **regex,
    char error[CONSTANT_ERROR_MAX])
{
	uint32_t index = names_find(&compiler->regex_names, pattern);
	char why[REGEX_ERROR_MAX];
	struct regex *made;
	int err;

	if (index != NAMES_NONE) {
		*regex = compiler->regexes[index];
		return 0;
	}
	if (compiler->regex_count == COMPILE_REGEX_MAX) {
		(void)snprintf(error, CONSTANT_ERROR_MAX,
		    "more than %d regular expressions", COMPILE_REGEX_MAX);
		return -EINVAL;
	}
	if ((err = regex_new(pattern, &made, why)) == -EINVAL)
		(void)snprintf(error, CONSTANT_ERROR_MAX, "not a regular expression: %s", why);
	if (err < 0 || (err = regex_take(compiler, pattern, made)) < 0)
		return err;
	*regex = made;
	return 0;
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
	return 1;
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

int
compile_operand(struct compiler *compiler, const struct ast_value *operand,
    struct compile_error *error)
{
	struct compiling c = { .compiler = compiler, .error = error };
	uint32_t index;

	memset(error, 0, sizeof(*error));
	return compiling_operand(&c, operand, &index);
}
