/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From resolved trees to one graph of predicates for a whole rule set: names become
 * accessors, constants values, and a comparison that occurs in many rules one predicate.  A
 * condition becomes a formula over predicates in which negation stands at the leaves alone,
 * so that each leaf knows whether it counts for or against a match.
 */
#ifndef EVALUATOR_COMPILE_H
#define EVALUATOR_COMPILE_H

#include "arena.h"
#include "ast.h"
#include "field.h"
#include "names.h"
#include "op.h"

enum { COMPILE_ERROR_MAX = 320, COMPILE_NODES_MAX = 4000000, COMPILE_REGEX_MAX = 512 };

#define ACCESSOR_NONE UINT32_MAX

struct predicate {
	struct comparison comparison;
	uint32_t accessor;
	uint32_t right;    /* accessor of the right side, or ACCESSOR_NONE: constants */
	bool code_only;    /* depends on the event code alone: known when the program is made */
	bool context_only; /* depends on the task's context alone */
};

enum formula_kind { FORMULA_AND, FORMULA_OR, FORMULA_LEAF };

struct formula {
	enum formula_kind kind;
	bool negated;         /* of a leaf */
	uint32_t predicate;   /* of a leaf */
	uint32_t child_count;
	const struct formula **children;
};

/* A compiled condition. */
struct condition {
	const struct formula *formula;
	const uint32_t *accessors; /* each that it reads, once */
	uint32_t accessor_count;
};

/* Why and where a condition was refused. */
struct compile_error {
	struct ast_position at;
	bool unknown; /* a name nobody knows: rules may ask to be skipped for it */
	char text[COMPILE_ERROR_MAX];
};

enum compile_warning {
	WARN_LOOKS_LIKE_FIELD,
	WARN_LOOKS_LIKE_CALL,
	WARN_PLAIN_REGEX, /* nothing in it needs a regular expression */
	WARN_UNDELIVERED  /* a field that nothing delivers */
};

struct compiler {
	struct arena *arena;
	struct names accessor_names;  /* canonical text, or bytes that say all, to index */
	struct names predicate_names; /* bytes that say all of a predicate, to index */
	struct names regex_names;     /* pattern to index */
	struct accessor *accessors;
	uint32_t accessor_count, accessor_capacity;
	struct predicate *predicates;
	uint32_t predicate_count, predicate_capacity;
	struct regex **regexes;       /* each pattern once */
	uint32_t regex_count, regex_capacity;
	uint32_t formula_count;
	uint64_t hash_key;
	bool undelivered; /* fields that nothing delivers are given from outside: no warning */
	/* Told of each suspicious constant, and of such fields; may be NULL. */
	void (*warn)(void *ctx, enum compile_warning warning, const struct ast_value *value);
	void *warn_ctx;
};

/* Start with nothing compiled; everything will live in ARENA.  HASH_KEY should be random. */
void compiler_init(struct compiler *compiler, struct arena *arena, uint64_t hash_key);

/*
 * The index of an accessor for the field NAME with ARGUMENT, shared with all who asked for
 * it before.
 */
enum field_problem compiler_accessor(struct compiler *compiler, struct span name,
    struct span argument, bool has_argument, uint32_t *index, char error[FIELD_ERROR_MAX]);

/* The index of an accessor equal to ACCESSOR, of which KEY says all.  Returns 0 or -ENOMEM. */
int compiler_share(struct compiler *compiler, struct span key, const struct accessor *accessor,
    uint32_t *index);

/*
 * The regular expression for PATTERN, shared with all who asked for it before; it ends with
 * the arena.  Returns 0; -EINVAL with ERROR filled in; or -ENOMEM.
 */
int compiler_regex(struct compiler *compiler, struct span pattern, const struct regex **regex,
    char error[CONSTANT_ERROR_MAX]);

/*
 * Could OPERAND, a field or a function call, stand in a condition?  Returns as
 * compile_condition() does.
 */
int compile_operand(struct compiler *compiler, const struct ast_value *operand,
    struct compile_error *error);

/*
 * Compile the resolved TREE.  Returns 0; -EINVAL with ERROR filled in; or -ENOMEM,
 * likewise.  Recurses as deep as the tree, which the parser and the resolver bound.
 */
int compile_condition(struct compiler *compiler, const struct ast_node *tree,
    struct condition *condition, struct compile_error *error);

/* Does the value of FIELD follow from the event code alone? */
bool field_is_code(enum field_id field);

#endif
