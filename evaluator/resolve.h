/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that stand for something else: items of lists that name lists, and references to
 * macros.  Lists are resolved as values, macros in the tree, where precedence is safe.  The
 * tree of a macro is not copied into those that refer to it but shared, so that a few
 * macros can not make a tree without end; how large a tree would be is counted and bounded
 * all the same, for whoever walks it.
 */
#ifndef EVALUATOR_RESOLVE_H
#define EVALUATOR_RESOLVE_H

#include "names.h"
#include "rules.h"

enum {
	/* nodes from the root of a resolved tree to a leaf; also macros in each other */
	RESOLVE_HEIGHT_MAX = 1000,
	RESOLVE_NODES_MAX = 1000000   /* of a resolved tree, shared parts counted each time */
};

struct resolver {
	struct rules *rules;
	struct arena *arena;
	struct diags *diags;
	struct names macros;          /* to places in rules->macros */
	const struct names *excused;  /* of the collection */
	unsigned char *states;        /* a byte a macro */
	const struct srctext *text;   /* that positions of origin 0 belong to */
	/* what is being resolved, for messages: "macro" or "rule" ... */
	const char *kind;
	struct span name;             /* ... and its name */
};

/*
 * Set the values of all lists of RULES, and mark those that other lists name as used.
 * Returns 0 or -ENOMEM.
 */
int resolve_lists(struct rules *rules, uint64_t hash_key);

/*
 * Get ready to resolve RULES, whose macros are parsed (those without a tree were refused).
 * Returns 0 or -ENOMEM.
 */
int resolver_init(struct resolver *r, struct rules *rules, struct diags *diags, uint64_t hash_key);

/* Resolve all macros in order and report what is wrong.  Returns 0, -EINVAL or -ENOMEM. */
int resolver_macros(struct resolver *r);

/* Set rule->tree from rule->parsed, marking the macros it refers to as used.  Returns likewise. */
int resolver_rule(struct resolver *r, struct rule *rule);

#endif
