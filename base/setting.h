/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of the configuration: what a path such as "spool.sync" names, and what was meant by one
 * that names nothing.
 */
#ifndef BASE_SETTING_H
#define BASE_SETTING_H

#include <stdbool.h>

#include "config.h"
#include "text.h"

enum { SETTING_PATH_MAX = 128 }; /* bytes of a path, with its terminator */

/* What a path names. */
enum setting_kind {
	SETTING_UNKNOWN,
	SETTING_ROW,     /* a key: setting.row */
	SETTING_SECTION, /* there are keys below it */
	SETTING_UNUSED   /* known elsewhere; setting.sentence says why it does nothing here */
};

struct setting {
	enum setting_kind kind;
	const struct config_row *row;
	const char *sentence;
	bool alias; /* PATH was an old name of the row */
};

/* Say what PATH names.  The result points to static text. */
struct setting setting_find(const char *path);

/*
 * Append to OUT the known key or section nearest to PATH; false, and nothing appended, when none is
 * at most two edits away.
 */
bool setting_suggest(const char *path, struct text *out);

/* Append to WHY that PATH is no key, and which one may have been meant. */
void setting_unknown(const char *path, struct text *why);

#endif
