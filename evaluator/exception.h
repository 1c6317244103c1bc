/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions of rules: reading and checking them while items are collected, and pasting
 * them into the condition when the rule is compiled.
 */
#ifndef EVALUATOR_EXCEPTION_H
#define EVALUATOR_EXCEPTION_H

#include "collect.h"

enum { EXCEPTIONS_MAX = 1000 }; /* of one rule */

struct exception_list {
	const struct rule_exception **items;
	uint32_t count;
};

/*
 * Read the `exceptions` of ITEM (none is fine) into memory of the collection.  With
 * APPENDING, fields may be missing.  Errors as in collect.h.
 */
int exceptions_read(struct collect *c, const struct rulefile_node *item, bool appending,
    struct exception_list *list);

/* Give RULE, whose source is set, the exceptions of LIST after checking them. */
int exceptions_set(struct collect *c, struct rule *rule, const struct exception_list *list);

/* Add LIST to those of RULE: values to exceptions that it has, whole exceptions otherwise. */
int exceptions_append(struct collect *c, struct rule *rule, const struct exception_list *list);

/*
 * Append to BUILD the condition of RULE with its exceptions.  A value whose shape does not
 * fit is reported. Returns 0 or -EINVAL; failures of BUILD are left there.
 */
int exceptions_expand(const struct rule *rule, struct srcbuild *build, struct diags *diags);

#endif
