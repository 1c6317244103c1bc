/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that items have defined so far, in the order of first definitions.  Records
 * are never changed: an append or an override puts a new record in the place of the old
 * one.  So a state can be saved by keeping the arrays of pointers.
 */
#ifndef EVALUATOR_COLLECTION_H
#define EVALUATOR_COLLECTION_H

#include "names.h"
#include "rules.h"

/* Records of one kind: struct rule_list, rule_macro, rule or rule_requirement. */
struct collection_table {
	const void **items;
	uint32_t count, capacity;
	struct names names; /* to places in items[]; unused for requirements */
};

struct collection {
	struct arena *arena;
	struct collection_table lists, macros, rules, requirements;
	uint32_t counter;                    /* raised by each definition or append */
	struct rule_version engine_required; /* the highest */
	/*
	 * Names whose definitions failed, while the rest of a file with an error is checked;
	 * else NULL.  A reference to one is not an error of its own.
	 */
	const struct names *excused;
};

/* Start an empty collection whose records are in ARENA. */
void collection_init(struct collection *c, struct arena *arena, uint64_t hash_key);

/* The list called NAME, or NULL. */
const struct rule_list *collection_list(const struct collection *c, struct span name);

/* The macro called NAME, or NULL. */
const struct rule_macro *collection_macro(const struct collection *c, struct span name);

/* The rule called NAME, or NULL. */
const struct rule *collection_rule(const struct collection *c, struct span name);

/*
 * Put LIST in, in place of a former one of that name (whose index it gets) or as a new one.  Sets
 * index and visibility.  Returns 0 or -ENOMEM.
 */
int collection_put_list(struct collection *c, struct rule_list *list);

/* As collection_put_list(), of a macro. */
int collection_put_macro(struct collection *c, struct rule_macro *macro);

/* As collection_put_list(), of a rule. */
int collection_put_rule(struct collection *c, struct rule *rule);

/* Add a plugin requirement.  Returns 0 or -ENOMEM. */
int collection_add_requirement(struct collection *c, const struct rule_requirement *requirement);

/* Keep the present state in SAVED.  Returns 0 or -ENOMEM. */
int collection_save(const struct collection *c, struct collection *saved);

/* Return to the state kept in SAVED.  Returns 0 or -ENOMEM. */
int collection_restore(struct collection *c, const struct collection *saved);

#endif
