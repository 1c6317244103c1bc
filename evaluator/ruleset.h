/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rule set ready to judge: rules from files, their conditions as one program, their
 * outputs as formats, and what all that asks of the collector and the enricher.  It is made
 * at once and never changes.
 */
#ifndef EVALUATOR_RULESET_H
#define EVALUATOR_RULESET_H

#include "diag.h"
#include "format.h"
#include "interest.h"
#include "rulecheck.h"
#include "selection.h"

enum { RULESET_BYTES_MAX = 512 << 20, RULESET_FILES_MAX = 256, RULESET_FILE_NAME_MAX = 4096 };

/* A rule file: its name for messages, and all of its bytes. */
struct ruleset_file {
	char name[RULESET_FILE_NAME_MAX];
	char *bytes; /* from the heap */
	size_t len;
};

/* What came of loading one file. */
struct ruleset_result {
	struct diags diags;
	bool valid;
};

struct ruleset_rule {
	struct span name, source;
	struct span tags; /* NUL-separated, sorted */
	enum rule_priority priority;
	bool active;      /* enabled and severe enough */
	struct format format;
	struct condition condition;
	const struct ast_node *tree; /* what the condition was made of; NULL: holds always */
};

/* All zero: only emergencies.  What is pointed at is borrowed for ruleset_load(). */
struct ruleset_options {
	enum rule_priority priority; /* the least severe that is used */
	const struct selection *selections;
	uint32_t selection_count;
	/* what counts as loaded; NULL: the built-in equivalents */
	const struct loader_plugin *plugins;
	size_t plugin_count;
	bool undelivered; /* fields that nothing delivers are given from outside: no warning */
};

struct ruleset {
	struct arena arena;
	struct compiler compiler;
	struct program program;
	struct ruleset_rule *rules;
	uint32_t rule_count, active_count;
	struct interest interest;
	uint64_t hash; /* of the files and options: equal sets have equal hashes */
	struct rulecheck_settings check; /* the loader's */
	struct loader *loader;
	struct rules *loaded;
};

/*
 * Load COUNT files, one after another, into RULESET.  RESULTS (COUNT of them, zeroed, freed
 * by the caller with diags_fini()) tell what was found in each.  Returns 0; -EINVAL when a
 * file is invalid: all are checked, and RULESET holds nothing; or -ENOMEM likewise.
 * ruleset_fini() ends it.
 */
int ruleset_load(struct ruleset *ruleset, const struct ruleset_file *files, size_t count,
    const struct ruleset_options *options, struct ruleset_result *results);

/*
 * The same for a condition that stands alone: one rule without a name, of all events when
 * CONDITION is empty, whose output is FORMAT.  SECOND is another format for the same
 * events, into *SECOND_FORMAT, unless it is empty.  What is wrong, or worth a warning, goes
 * to DIAGS under the name "condition" or "output".
 */
int ruleset_from_condition(struct ruleset *ruleset, struct span condition, struct span format,
    struct span second, struct format *second_format, struct diags *diags);

/* Free everything; harmless on a zeroed set and twice. */
void ruleset_fini(struct ruleset *ruleset);

/* Read all of FD (at most RULEFILE_BYTES_MAX) into FILE->bytes.  Returns 0 or a negative errno. */
int ruleset_file_read(struct ruleset_file *file, int fd);

#endif
