/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of rule files share: load texts, look at the codes that come back. */
#ifndef TESTS_LOADING_H
#define TESTS_LOADING_H

#include <string.h>

#include "loader.h"
#include "loadresult.h"

enum { CODES_MAX = 1024 };

/*
 * The codes of SAID up to the first error, joined by blanks: what the reference engine
 * would have reported.
 */
static inline const char *
codes_of(const struct diags *said)
{
	static char codes[CODES_MAX];
	struct text text;

	text_init(&text, codes, sizeof(codes));
	for (size_t i = 0; i < said->count; i++) {
		if (i > 0)
			text_char(&text, ' ');
		text_string(&text, said->items[i].code + strlen("LOAD_"));
		if (said->items[i].level == DIAG_ERROR)
			break;
	}
	return codes;
}

/* Read FILE into a loader and compile; *LOADED changes only on success. */
static inline int
load_text(struct loader *into, const char *file, struct diags *said, struct rules **loaded)
{
	struct rules *fresh = NULL;
	int err = loader_file(into, "test.yaml", file, strlen(file), said);

	if (err == 0 && (err = loader_compile(into, said, &fresh)) == 0) {
		rules_free(*loaded);
		*loaded = fresh;
	}
	return err;
}

/* The loader of one test, what it said, and the rules that came of it. */
static struct loader *loader;
static struct diags diags;
static struct rules *rules;

static inline int
loading_set_up(void **state)
{
	(void)state;
	diags = DIAGS_NONE;
	rules = NULL;
	return (loader = loader_new(NULL)) == NULL;
}

static inline int
loading_tear_down(void **state)
{
	(void)state;
	rules_free(rules);
	loader_free(loader);
	diags_fini(&diags);
	return 0;
}

/* The codes of loading FILE alone. */
static inline const char *
load_codes(const char *file)
{
	struct loader *alone = loader_new(NULL);
	struct diags said = DIAGS_NONE;
	struct rules *loaded = NULL;
	const char *codes;

	load_text(alone, file, &said, &loaded);
	codes = codes_of(&said);
	rules_free(loaded);
	loader_free(alone);
	diags_fini(&said);
	return codes;
}

#define RULE(name, condition) \
	"- rule: " name "\n  desc: d\n  output: o\n  priority: info\n  condition: " condition "\n"

#endif
