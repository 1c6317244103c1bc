/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What operators mean: one value against one constant, against all constants of a check, or
 * against another value.
 */
#ifndef EVALUATOR_OP_H
#define EVALUATOR_OP_H

#include "constant.h"

/* Everything about a comparison but the field. */
struct comparison {
	uint8_t op;       /* enum ast_op */
	uint8_t modifier; /* enum ast_modifier */
	uint8_t type;     /* enum field_type of the values */
	uint8_t group;    /* enum field_group of the values */
	bool every;       /* holds when every value does, not when one does */
	bool spelled;     /* the values are spellings of one path */
	bool is_list;     /* the values are a list, which may be empty */
	struct constants constants;
};

/* Which groups of types OP accepts on the left. */
uint32_t op_groups(enum ast_op op);

/* May a modifier follow OP? */
bool op_takes_modifier(enum ast_op op);

/*
 * Does COMPARISON hold for VALUE?  Never for an absent one.  Pure; allocates nothing but states of
 * regular expressions.
 */
bool op_holds(const struct comparison *comparison, const struct field_value *value);

/* Does COMPARISON hold for LEFT and RIGHT, of the same type?  As op_holds(). */
bool op_holds_between(const struct comparison *comparison, const struct field_value *left,
    const struct field_value *right);

/*
 * Is PATH, or a directory above it, PREFIX?  Component by component; one with *, ? or [ is
 * a pattern.
 */
bool path_has_prefix(struct span path, struct span prefix);

#endif
