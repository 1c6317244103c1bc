/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rule file as a tree of YAML nodes, each knowing where it stands.  This is the only
 * place that knows libyaml; what the nodes mean is decided in collect.c.
 */
#ifndef EVALUATOR_RULEFILE_H
#define EVALUATOR_RULEFILE_H

#include <stdbool.h>

#include "text.h"

struct arena;
struct diags;

enum {
	RULEFILE_BYTES_MAX = 64 << 20,  /* of one file */
	/* of one file, an alias counted as all that it stands for */
	RULEFILE_NODES_MAX = 4000000,
	RULEFILE_DEPTH_MAX = 64         /* of sequences and mappings in each other */
};

enum rulefile_kind { RULEFILE_NULL, RULEFILE_SCALAR, RULEFILE_SEQUENCE, RULEFILE_MAPPING };
enum rulefile_style {
	RULEFILE_PLAIN,
	RULEFILE_SINGLE,
	RULEFILE_DOUBLE,
	RULEFILE_LITERAL,
	RULEFILE_FOLDED
};

/* All nodes of an alias are the nodes of its anchor. */
struct rulefile_node {
	enum rulefile_kind kind;
	enum rulefile_style style;         /* of a scalar */
	uint32_t start;                    /* offset in the file's text, in bytes */
	uint32_t count;                    /* items of a sequence, pairs of a mapping */
	uint32_t nodes;                    /* in this subtree, itself included */
	const struct rulefile *file;
	struct span text;                  /* of a scalar */
	struct rulefile_node **items;      /* of a mapping: key, value, key, value ... */
};

struct rulefile {
	const char *name;
	struct span text;
	struct rulefile_node **documents;
	uint32_t document_count;
	uint32_t *line_starts;             /* offsets in text */
	uint32_t line_count;
};

/* A place in a file, as a diagnostic wants it. */
struct source_place {
	const char *file;
	struct span text;  /* all of the file */
	int line, column;  /* from 1; the column in bytes */
	uint32_t offset;
};

/*
 * Parse LEN bytes as YAML.  NAME and the bytes are copied; everything lives in ARENA.
 * Returns 0; -EINVAL when it is no YAML or passes a bound, which DIAGS then tells; or
 * -ENOMEM, likewise.
 */
int rulefile_parse(struct arena *arena, const char *name, struct span bytes, struct diags *diags,
    const struct rulefile **file);

/* The value of KEY in MAPPING (the first, if there are several), or NULL. */
const struct rulefile_node *rulefile_get(const struct rulefile_node *mapping, const char *key);

/* Is NODE a scalar that is not empty? */
bool rulefile_is_text(const struct rulefile_node *node);

/* What NODE is, for "expected ..., got": "a mapping".  Static text. */
const char *rulefile_describe(const struct rulefile_node *node);

/* The place of byte OFFSET (its length at most) of FILE. */
struct source_place rulefile_place_at(const struct rulefile *file, size_t offset);

/* Where NODE begins. */
struct source_place rulefile_place(const struct rulefile_node *node);

/*
 * Where byte OFFSET of the text of scalar NODE was written, through quotes, escapes,
 * folding and indentation. Falls back to where the scalar begins for forms that can not be
 * followed.
 */
struct source_place rulefile_place_in(const struct rulefile_node *node, size_t offset);

#endif
