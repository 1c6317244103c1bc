/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of rule files share: load texts, look at the codes that come back. */
#ifndef TESTS_LOADING_H
#define TESTS_LOADING_H

#include <string.h>

#include "loader.h"
#include "loadresult.h"

enum { CODES_MAX = 1024 };

/*
 * The codes of DIAGS up to the first error, joined by blanks: what the reference engine
 * would have reported.
 */
static inline const char *
codes_of(const struct diags *diags)
{
	static char codes[CODES_MAX];
	struct text text;

	text_init(&text, codes, sizeof(codes));
	for (size_t i = 0; i < diags->count; i++) {
		if (i > 0)
			text_char(&text, ' ');
		text_string(&text, diags->items[i].code + strlen("LOAD_"));
		if (diags->items[i].level == DIAG_ERROR)
			break;
	}
	return codes;
}

/* Read FILE into LOADER and compile; *RULES changes only on success. */
static inline int
load_text(struct loader *loader, const char *file, struct diags *diags, struct rules **rules)
{
	struct rules *fresh = NULL;
	int err = loader_file(loader, "test.yaml", file, strlen(file), diags);

	if (err == 0 && (err = loader_compile(loader, diags, &fresh)) == 0) {
		rules_free(*rules);
		*rules = fresh;
	}
	return err;
}

/* The codes of loading FILE alone. */
static inline const char *
load_codes(const char *file)
{
	struct loader *loader = loader_new(NULL);
	struct diags diags = DIAGS_NONE;
	struct rules *rules = NULL;
	const char *codes;

	load_text(loader, file, &diags, &rules);
	codes = codes_of(&diags);
	rules_free(rules);
	loader_free(loader);
	diags_fini(&diags);
	return codes;
}

#define RULE(name, condition) \
	"- rule: " name "\n  desc: d\n  output: o\n  priority: info\n  condition: " condition "\n"

#endif
