/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One value of the configuration in text form: how it is expanded, checked against the row of its
 * key and stored.  Knows config.def; knows no file format.
 */
#ifndef BASE_SETTING_VALUE_H
#define BASE_SETTING_VALUE_H

#include <stddef.h>

#include "config.h"
#include "text.h"

enum {
	SETTING_VALUE_MAX = 4096, /* bytes of an expanded value, with its terminator */
	SETTING_EXPAND_MAX = 64,  /* variables replaced in one value */
	SETTING_QUOTE_MAX = 80    /* bytes of a refused value that a message quotes */
};

/*
 * Append to OUT the VALUE with each ${NAME} replaced from the environment (nothing where unset),
 * the replacement included in the search; $${NAME} gives ${NAME}.  Allocates.
 *
 * Returns 0, -ELOOP after SETTING_EXPAND_MAX replacements, -E2BIG or -ENOMEM.
 */
int setting_expand(struct span value, struct text *out);

/* What values of ROW are, for messages: "true or false", "a whole number from 0 to 7 (ms)". */
void setting_expected(const struct config_row *row, struct text *out);

/*
 * Expand VALUE, check it against ROW and store it in CONFIG; in a list, as entry INDEX, which is at
 * most the number of entries.  Returns 0, or -EINVAL with the reason in WHY and CONFIG as before.
 */
int setting_take(const struct config_row *row, struct config *config, size_t index,
    struct span value, struct text *why);

/*
 * Expand VALUE and let selection INDEX of ROW (a SELECT), which is at most the number of them,
 * ENABLE or disable the rules that KEY, "rule" or "tag", with it names.  A selection that did the
 * other thing before begins anew.  Returns 0, or -EINVAL with the reason in WHY and CONFIG as
 * before.
 */
int setting_select(const struct config_row *row, struct config *config, size_t index, bool enable,
    struct span key, struct span value, struct text *why);

/* Where the list of ROW, a LIST, is in CONFIG. */
struct config_list *setting_list(const struct config_row *row, struct config *config);

/* Where the selections of ROW, a SELECT, are in CONFIG. */
struct config_selections *setting_selections(const struct config_row *row, struct config *config);

#endif
