/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests that authors keep beside their rules: `saker-evaluator --test`.  A file of tests says
 * which rules it is about and then, test by test, what an event looks like and which rules it
 * fires.
 *
 *	- rules: [my_rules.yaml]            read from where the file of tests is
 *	- event: opened                     a name for what events have in common
 *	  fields: {evt.type: openat, fd.num: 3}
 *	- test: a stranger reads shadow
 *	  event: {like: opened, fd.name: /etc/shadow, proc.name: cat}
 *	  fires: Password file read
 */
#ifndef EVALUATOR_RULETEST_H
#define EVALUATOR_RULETEST_H

#include "names.h"
#include "rulefile.h"

struct diags;

enum { RULETEST_FIELDS_MAX = 256 };

/* Run the tests that ARGV names.  Returns the exit code. */
int ruletest_main(int argc, char *argv[]);

/* --- what a file says --- */

/* A field and its value: a scalar or a sequence of scalars. */
struct ruletest_field {
	const struct rulefile_node *name, *value;
};

/* An event: the last of fields with one name counts; nothing as its value takes it away. */
struct ruletest_event {
	struct ruletest_field fields[RULETEST_FIELDS_MAX];
	uint32_t count;
};

enum ruletest_kind { RULETEST_RULES, RULETEST_TEST };

/* An item that does something.  Scalars or sequences of scalars; NULL: not given. */
struct ruletest_item {
	enum ruletest_kind kind;
	const struct rulefile_node *rules;         /* of RULETEST_RULES */
	const struct rulefile_node *name;          /* from here on of RULETEST_TEST */
	const struct ruletest_event *event;
	const struct rulefile_node *fires, *silent;
};

/* What is being read: the file's items one after another. */
struct ruletest_reader {
	struct arena *arena;
	const struct rulefile *file;
	struct diags *diags;
	struct names templates;                    /* to numbers in events[] */
	const struct ruletest_event **events;
	uint32_t event_count, event_capacity;
	uint32_t document, at;
};

/*
 * Begin to read FILE; what is wrong goes to DIAGS, everything lives in ARENA, all borrowed for
 * the reader's life.
 */
void ruletest_read(struct ruletest_reader *reader, struct arena *arena,
    const struct rulefile *file, struct diags *diags);

/*
 * The next item into ITEM.  Returns 1; 0 at the end; -EINVAL for an item that is wrong, which
 * DIAGS tells, and behind which it can go on; or -ENOMEM.
 */
int ruletest_next(struct ruletest_reader *reader, struct ruletest_item *item);

/* NODE as a sequence: item AT of it, or NODE itself when it is a scalar; how many there are. */
const struct rulefile_node *ruletest_element(const struct rulefile_node *node, uint32_t at);
uint32_t ruletest_elements(const struct rulefile_node *node);

#endif
