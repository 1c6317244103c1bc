/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule, a macro or a list is made of, for people and programs that ask. */
#ifndef EVALUATOR_FACTS_H
#define EVALUATOR_FACTS_H

#include "rules.h"

/* Names, each once, in the order in which they were met; borrowed. */
struct nameset {
	struct span *names;
	uint32_t count, capacity;
};

struct facts {
	struct arena *arena;
	struct nameset macros, lists;       /* that the text names */
	struct nameset operators, fields;   /* of the compiled condition */
	struct nameset outputs;             /* what the output names */
	struct nameset events;              /* that can make the condition true */
	struct nameset plugins;             /* that the fields belong to */
	struct nameset exceptions, exception_operators, exception_fields;
};

/* Add NAME, unless it is there.  Returns 0 or -ENOMEM. */
int nameset_add(struct nameset *set, struct arena *arena, struct span name);

/* Is NAME in SET? */
bool nameset_has(const struct nameset *set, struct span name);

/*
 * Gather the facts of RULE, a compiled member of RULES, into FACTS, zeroed but for its arena, which
 * owns what is made.  Returns 0 or -ENOMEM.
 */
int facts_of_rule(struct facts *facts, const struct rules *rules, const struct rule *rule);

/* As facts_of_rule(), of a macro. */
int facts_of_macro(struct facts *facts, const struct rules *rules, const struct rule_macro *macro);

/* The list that ITEM of LIST stands for, or NULL for a plain text. */
const struct rule_list *facts_item_list(const struct rules *rules, const struct rule_list *list,
    struct span item);

#endif
