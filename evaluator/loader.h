/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading rule files.  A loader collects the items of any number of files, one after
 * another; compiling makes a set of everything collected so far and leaves the collection
 * as it is.
 *
 *	loader_init(&loader, &options);
 *	for each file:
 *		loader_file(loader, name, bytes, len, &diags);  must succeed before
 *		loader_compile(loader, &diags, &rules);         replaces the former set
 *	loader_free(loader);                                    after the last set is gone
 *
 * All errors of a file are reported, each with its place.  The first is the one that
 * counts: definitions behind it are checked but not kept.
 */
#ifndef EVALUATOR_LOADER_H
#define EVALUATOR_LOADER_H

#include "diag.h"
#include "rules.h"

struct loader;

enum {
	LOADER_ENGINE_MAJOR = 0,
	LOADER_ENGINE_MINOR = 63, /* the version of the rule language that rule files may require */
	LOADER_ENGINE_PATCH = 0,
	LOADER_PRODUCT_BYTES_MAX = 512 << 20 /* of a loader; of a compiled set */
};

/* What a check of a single rule says. */
enum rule_verdict {
	RULE_GOOD,
	RULE_BAD,    /* an error was reported: the load fails */
	RULE_SKIPPED /* a warning was reported: the load goes on without the rule */
};

/* A plugin that counts as loaded when files require plugins. */
struct loader_plugin {
	const char *name;
	struct rule_version version;
};

/*
 * What the loader can not know by itself.  CTX is passed to each; a NULL function accepts
 * everything.  They are called in the order in which the reference reports: field_valid()
 * while reading, the others rule by rule while compiling, check_output() before the
 * condition is parsed and check_condition() after.
 */
struct loader_ops {
	void *ctx;
	/*
	 * Is TEXT a field with its argument, or a transformer expression, that rules of
	 * SOURCE can use?
	 */
	bool (*field_valid)(void *ctx, struct span source, struct span text);
	/* Check the output; may give RULE another output in ARENA (output and output_text). */
	enum rule_verdict (*check_output)(
	    void *ctx, struct rule *rule, struct arena *arena, struct diags *diags);
	/* Check fields, operators and constants of rule->tree. */
	enum rule_verdict (*check_condition)(
	    void *ctx, const struct rule *rule, struct diags *diags);
};

struct loader_options {
	struct loader_ops ops;
	const char *const *sources;          /* event sources; NULL: only "syscall" */
	size_t source_count;
	const struct loader_plugin *plugins; /* NULL: the built-in equivalent of "container" */
	size_t plugin_count;
	uint64_t hash_key;                   /* random per start */
};

/*
 * Make a loader.  OPTIONS (NULL: all defaults) is copied, what it points to is borrowed for
 * the loader's life. Returns NULL when memory is short.
 */
struct loader *loader_new(const struct loader_options *options);

/* Free a loader (NULL is fine); the sets it made must be gone. */
void loader_free(struct loader *loader);

/*
 * Read one file of LEN bytes, borrowed for the call; NAME is how diagnostics call it.
 * Returns 0, with or without warnings in DIAGS; -EINVAL with errors there; -ENOMEM likewise.
 */
int loader_file(struct loader *loader, const char *name, const char *bytes, size_t len,
    struct diags *diags);

/*
 * Compile everything collected.  On success *RULES is a new set, to be freed with
 * rules_free(); otherwise it is left alone and DIAGS has errors.  Returns 0, -EINVAL or
 * -ENOMEM.
 */
int loader_compile(struct loader *loader, struct diags *diags, struct rules **rules);

/*
 * Are all plugin requirements of the files read so far met?  Each that is not is an error
 * without code in DIAGS. Not part of a load's result: it is asked once, before events are
 * judged.
 */
bool loader_plugins_met(const struct loader *loader, struct diags *diags);

#endif
