/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the items of a rule file to the collection.  collect.c knows the kinds of items, lists
 * and macros; collect_require.c knows requirements, collect_rule.c rules, exception.c their
 * exceptions, override.c what may be changed how.
 *
 * Functions that return int report what is wrong and return -EINVAL, or -ENOMEM when the
 * arena is full (reported by the caller of them all).
 */
#ifndef EVALUATOR_COLLECT_H
#define EVALUATOR_COLLECT_H

#include "collection.h"
#include "loader.h"
#include "loadresult.h"

/* What an item returns to end the reading of its file. */
enum { COLLECT_STOP = 1 };

struct collect {
	struct collection *collection;
	const struct loader_options *options;
	struct diags *diags;
	struct srcbuild build;  /* scratch */
	struct names failed;    /* what an item with an error would have defined */
};

/*
 * Read all items of FILE into the collection.  After the first error, items are still
 * checked, one by one, but the collection goes back to what it was when the error was met.
 */
int collect_file(struct collect *c, const struct rulefile *file);

/*
 * Read a required engine version.  Returns 0, COLLECT_STOP when it is not met, after a report, or
 * a negative errno.
 */
int collect_engine(struct collect *c, const struct rulefile_node *item);

/* Read required plugins. */
int collect_plugins(struct collect *c, const struct rulefile_node *item);

/* Read a rule. */
int collect_rule(struct collect *c, const struct rulefile_node *item);

/* Report CODE at NODE as an error.  Returns -EINVAL. */
int collect_fail(struct collect *c, enum load_code code, const struct rulefile_node *node,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Report CODE at NODE as a warning. */
void collect_warn(struct collect *c, enum load_code code, const struct rulefile_node *node,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * Fail because NODE, an item for the KIND ("rule" ...) called NAME, needs an earlier one
 * that is not there.  If that had an error of its own, it says nothing more.
 */
int collect_fail_missing(struct collect *c, const struct rulefile_node *node,
    const char *kind, struct span name);

/* --- keys of an item --- */

/* Get the scalar KEY, which must be there and not be empty. */
int collect_need_text(struct collect *c, const struct rulefile_node *item, const char *key,
    const struct rulefile_node **node);

/* Get the scalar KEY, which must not be empty; without the key *NODE is NULL. */
int collect_get_text(struct collect *c, const struct rulefile_node *item, const char *key,
    const struct rulefile_node **node);

/* Get the truth value of KEY; *VALUE stays as it is without the key. */
int collect_get_bool(struct collect *c, const struct rulefile_node *item, const char *key,
    bool *value);

/* Get the number of KEY; *VALUE stays as it is without the key. */
int collect_get_unsigned(struct collect *c, const struct rulefile_node *item,
    const char *key, uint32_t *value);

/* Get KEY as a sequence of scalars; without the key *NODE is NULL. */
int collect_get_scalars(struct collect *c, const struct rulefile_node *item, const char *key,
    const struct rulefile_node **node);

/* Read `append`; a true one gets its warning. */
int collect_get_append(struct collect *c, const struct rulefile_node *item, bool *append);

#endif
