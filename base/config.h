/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration: one struct of plain data, filled from the rows of config.def, a YAML file and
 * the assignments of the command line, in that order.  It holds no pointer, so it can be copied
 * into shared memory and used from there by a process that trusts whoever wrote it.
 *
 * Reading it is startup work: these functions allocate and may block.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "diag.h"

enum {
	CONFIG_TEXT_MAX = 256, /* bytes of a text, with its terminator */
	CONFIG_LIST_MAX = 64,  /* entries of a list */
	CONFIG_FILE_BYTES_MAX = 256 << 10
};

enum config_type {
	CONFIG_BOOL,
	CONFIG_INT,
	CONFIG_SIZE, /* an integer that is a power of two */
	CONFIG_TEXT,
	CONFIG_ENUM,
	CONFIG_LIST,
	CONFIG_SELECT
};

/* The values of ENUM members, such as CONFIG_SYNC_INTERVAL. */
enum config_value {
#define CONFIG_WORD(family, name, value, word) CONFIG_##family##_##name = (value),
#include "config.def"
};

struct config_list {
	size_t count;
	char items[CONFIG_LIST_MAX][CONFIG_TEXT_MAX];
};

/* Rules whose name fits `rule`, in which * stands for any text, and rules with `tag`; "": none. */
struct config_selection {
	bool enable; /* or disable */
	char rule[CONFIG_TEXT_MAX];
	char tag[CONFIG_TEXT_MAX];
};

struct config_selections {
	size_t count;
	struct config_selection items[CONFIG_LIST_MAX];
};

#define CONFIG_MEMBER_BOOL(member) bool member;
#define CONFIG_MEMBER_INT(member) int64_t member;
#define CONFIG_MEMBER_SIZE(member) int64_t member;
#define CONFIG_MEMBER_TEXT(member) char member[CONFIG_TEXT_MAX];
#define CONFIG_MEMBER_ENUM(member) int member; /* an enum config_value */
#define CONFIG_MEMBER_LIST(member) struct config_list member;
#define CONFIG_MEMBER_SELECT(member) struct config_selections member;

/* A member a row of config.def.  Unused bytes are zero, also after the end of a text. */
struct config {
#define CONFIG(member, path, type, default, min, max, unit, sentence) CONFIG_MEMBER_##type(member)
#include "config.def"
};

/* A row of config.def.  All text is static. */
struct config_row {
	const char *path;           /* such as "spool.sync" */
	enum config_type type;
	size_t offset;              /* of the member in struct config */
	int64_t default_number;     /* BOOL, INT, SIZE, ENUM */
	const char *default_text;   /* TEXT, the one entry of a LIST, SELECT (""); otherwise NULL */
	int64_t min, max;           /* inclusive; of a TEXT, entry or name, its length in bytes */
	const char *unit;           /* of an ENUM the family of its words; may be empty */
	const char *sentence;
};

/* Fill CONFIG with the defaults. */
void config_defaults(struct config *config);

/*
 * Read the file at PATH over what CONFIG holds.  All errors of the file are appended to DIAGS, and
 * a warning for each key that is known and not used.
 *
 * Returns 0; -EINVAL when DIAGS got an error; another negative errno when the file could not be
 * read (DIAGS untouched).  On failure CONFIG is as before.
 */
int config_load(struct config *config, const char *path, struct diags *diags);

/* As config_load(), from LEN bytes of TEXT that came from FILE.  Returns 0, -EINVAL or -ENOMEM. */
int config_parse(struct config *config, const char *file, const char *text, size_t len,
    struct diags *diags);

/*
 * Apply one assignment of the command line: `spool.sync=never`, `rules_files[]=PATH` to append,
 * `rules_files[0]=PATH` to replace an entry, `rules[].disable.tag=net` or
 * `rules[]={disable: {tag: net}}` to append a selection of rules.  In the key a backslash takes the
 * next character as it is; the value is all after the first `=`.
 *
 * Returns 0, or -EINVAL with an error in DIAGS and CONFIG as before.
 */
int config_set(struct config *config, const char *assignment, struct diags *diags);

/*
 * Check what no single key can tell, such as one bound against another: call it once all is
 * applied.  Returns 0, or -EINVAL with every error appended to DIAGS under the name FILE.
 */
int config_check(const struct config *config, const char *file, struct diags *diags);

/* All rows, in the order of config.def; *COUNT gets their number. */
const struct config_row *config_rows(size_t *count);

/* The word for VALUE in the family of words FAMILY ("SYNC"), or NULL. */
const char *config_word(const char *family, int64_t value);

/* Print every key: type, bounds, default, and its sentence. */
void config_describe(FILE *out);

#endif
