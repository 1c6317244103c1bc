/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes out of loading rule files: rules, macros and lists, in the order of their
 * first definition.  The same structs serve while files are read (then the members marked
 * "compiled" are empty) and afterwards.
 */
#ifndef EVALUATOR_RULES_H
#define EVALUATOR_RULES_H

#include "arena.h"
#include "ast.h"
#include "srctext.h"

struct diag;
struct diags;
struct rules;

enum rule_priority {
	PRIORITY_EMERGENCY,
	PRIORITY_ALERT,
	PRIORITY_CRITICAL,
	PRIORITY_ERROR,
	PRIORITY_WARNING,
	PRIORITY_NOTICE,
	PRIORITY_INFORMATIONAL,
	PRIORITY_DEBUG,
	PRIORITY_COUNT
};

/* A version as x.y.z. */
struct rule_version {
	uint32_t part[3];
};

struct rule_list {
	struct span name;
	const struct rulefile_node *node;          /* its name in the item that last changed it */
	uint32_t index, visibility;                /* counters of first and last definition */
	const struct rulefile_node *const *items;  /* scalars, as written */
	uint32_t item_count;
	/* compiled */
	/* items with those that name lists replaced by that list's */
	const struct span *values;
	uint32_t value_count;
	/* put into some condition, or named by another list */
	bool used;
};

struct rule_macro {
	struct span name;
	const struct rulefile_node *node;
	uint32_t index, visibility;
	struct srctext condition;                  /* as collected */
	/* compiled */
	struct srctext text;                       /* with lists put in: what was parsed */
	struct ast_node *parsed;                   /* with references to macros */
	/* without; shared by all that refer to it, never changed */
	struct ast_node *tree;
	uint32_t height, nodes;                    /* of tree, shared parts counted out */
	bool used;
};

struct rule_exception {
	struct span name;
	const struct rulefile_node *node;          /* its name */
	const struct rulefile_node *fields;        /* a sequence of scalars, or one scalar */
	const struct rulefile_node *comps;         /* likewise; NULL: the default */
	/* each a sequence if `fields` is one, otherwise a scalar */
	const struct rulefile_node *const *values;
	uint32_t value_count;
};

struct rule {
	struct span name, desc, source;
	struct span output;                        /* what to format; text of output_text */
	enum rule_priority priority;
	bool enabled;                              /* in the files, before any selection */
	bool warn_evttypes, skip_if_unknown_filter, capture;
	uint32_t capture_duration_ms;              /* 0: the configured default */
	const struct span *tags;                   /* sorted byte-wise, each once */
	uint32_t tag_count;
	const struct rule_exception *const *exceptions;
	uint32_t exception_count;
	const struct rulefile_node *node;          /* the name in the item that last changed it */
	uint32_t index;
	bool source_known;                         /* always true in a compiled set */
	struct srctext condition;                  /* as collected: before exceptions and lists */
	/* likewise; compiled: without deprecated parts */
	struct srctext output_text;
	/* compiled */
	/* with exceptions and lists put in: what was parsed */
	struct srctext text;
	struct ast_node *parsed;                   /* with references to macros */
	const struct ast_node *tree;               /* without; shares parts with other rules */
	const struct rules *rules;
};

/* One alternative of a plugin requirement. */
struct rule_plugin {
	struct span name;
	struct rule_version version;
	const struct rulefile_node *node;
};

/* `required_plugin_versions`: one of these, in order of preference. */
struct rule_requirement {
	const struct rule_plugin *plugins;
	uint32_t plugin_count;
};

/*
 * A compiled set.  It owns its arena and borrows from its loader, which must outlive it.
 * Rules of unknown sources and rules that were skipped are not in it.
 */
struct rules {
	struct arena arena;
	struct rule *rules;
	uint32_t rule_count;
	struct rule_macro *macros;
	uint32_t macro_count;
	struct rule_list *lists;
	uint32_t list_count;
	struct rule_version engine_required;       /* the highest; 0.0.0: none */
	const struct rule_requirement *requirements;
	uint32_t requirement_count;
};

/* The printed name of PRIORITY, such as "Informational". */
const char *rule_priority_text(enum rule_priority priority);

/* The priority called NAME in any case, "info" too, or PRIORITY_COUNT. */
enum rule_priority rule_priority_find(struct span name);

/*
 * Say of DIAG (NULL: nothing is done) where AT, a position in RULE's tree, is in the text
 * that was parsed: the rule's own, with all put in, or that of a macro.
 */
void rule_place_inner(const struct rule *rule, const struct ast_position *at, struct diag *diag);

/*
 * Where AT, a position in RULE's tree, was written: in the rule, in an exception, or in a
 * macro.  Exact for plain, quoted and block scalars.  What a list put in stands where the
 * list was named.
 */
struct source_place rule_place(const struct rule *rule, const struct ast_position *at);

/* Where byte OFFSET of RULE's output was written. */
struct source_place rule_output_place(const struct rule *rule, size_t offset);

/* How many fields EXCEPTION has. */
uint32_t rule_exception_field_count(const struct rule_exception *exception);

/* Field number AT of EXCEPTION. */
struct span rule_exception_field(const struct rule_exception *exception, uint32_t at);

/* The comparison of that field, such as "in" or "startswith oneof". */
struct span rule_exception_comp(const struct rule_exception *exception, uint32_t at);

/* Free a compiled set; NULL is fine. */
void rules_free(struct rules *rules);

#endif
