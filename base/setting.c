/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys.  Everything is looked up by walking a table: there are some fifty keys and they
 * are read once, so an index would only be one more thing to be wrong.
 */
#include <string.h>

#include "setting.h"

#define ROWS_OF(table) (sizeof(table) / sizeof((table)[0]))

#define DEFAULT_BOOL(value) (value), NULL
#define DEFAULT_INT(value) (value), NULL
#define DEFAULT_SIZE(value) (value), NULL
#define DEFAULT_ENUM(value) (value), NULL
#define DEFAULT_TEXT(value) 0, (value)
#define DEFAULT_LIST(value) 0, (value)
#define DEFAULT_SELECT(value) 0, (value)

static const struct config_row rows[] = {
#define CONFIG(member, path, type, default, min, max, unit, sentence) \
	{ path, CONFIG_##type, offsetof(struct config, member), DEFAULT_##type(default), \
	    min, max, unit, sentence },
#include "config.def"
};

static const struct {
	const char *path, *known;
} aliases[] = {
#define CONFIG_ALIAS(path, known) { path, known },
#include "config.def"
};

static const struct {
	const char *path, *sentence;
} unused[] = {
#define CONFIG_UNUSED(path, sentence) { path, sentence },
#include "config.def"
};

const struct config_row *
config_rows(size_t *count)
{
	*count = ROWS_OF(rows);
	return rows;
}

/* Whether PATH lies below SECTION, by whole components. */
static bool
path_below(const char *path, const char *section)
{
	size_t len = strlen(section);

	return strncmp(path, section, len) == 0 && path[len] == '.';
}

static const struct config_row *
row_find(const char *path)
{
	size_t i;

	for (i = 0; i < ROWS_OF(rows); i++) {
		if (strcmp(rows[i].path, path) == 0)
			return &rows[i];
	}
	return NULL;
}

static const char *
unused_find(const char *path)
{
	size_t i;

	for (i = 0; i < ROWS_OF(unused); i++) {
		if (strcmp(unused[i].path, path) == 0 || path_below(path, unused[i].path))
			return unused[i].sentence;
	}
	return NULL;
}

static bool
section_exists(const char *path)
{
	size_t i;

	for (i = 0; i < ROWS_OF(rows); i++) {
		if (path_below(rows[i].path, path))
			return true;
	}
	return false;
}

struct setting
setting_find(const char *path)
{
	struct setting found = { .kind = SETTING_UNKNOWN };
	size_t i;

	for (i = 0; i < ROWS_OF(aliases); i++) {
		if (strcmp(aliases[i].path, path) == 0) {
			found.alias = true;
			path = aliases[i].known;
			break;
		}
	}
	if ((found.row = row_find(path)))
		found.kind = SETTING_ROW;
	else if ((found.sentence = unused_find(path)))
		found.kind = SETTING_UNUSED;
	else if (section_exists(path))
		found.kind = SETTING_SECTION;
	return found;
}

/* Insertions, deletions and replacements that turn A into B; both below SETTING_PATH_MAX bytes. */
static size_t
edit_distance(struct span a, struct span b)
{
	size_t above[SETTING_PATH_MAX], i, j;

	for (j = 0; j <= b.len; j++)
		above[j] = j;
	for (i = 1; i <= a.len; i++) {
		size_t diagonal = above[0];

		above[0] = i;
		for (j = 1; j <= b.len; j++) {
			size_t replace = diagonal + (a.ptr[i - 1] != b.ptr[j - 1]);
			size_t insert = above[j - 1] + 1, delete = above[j] + 1;

			diagonal = above[j];
			above[j] = insert < delete ? insert : delete;
			if (replace < above[j])
				above[j] = replace;
		}
	}
	return above[b.len];
}

/* The first COUNT components of PATH: the section, when the path goes deeper. */
static struct span
path_components(const char *path, size_t count)
{
	const char *end = path;

	while (*end && !(*end == '.' && --count == 0))
		end++;
	return (struct span){ path, (size_t)(end - path) };
}

struct suggestion {
	struct span path;
	size_t distance;
};

static void
suggest_path(struct suggestion *best, const char *path, const char *known)
{
	size_t components = 1, distance;
	struct span candidate;
	const char *dot;

	for (dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.'))
		components++;
	candidate = path_components(known, components);
	distance = edit_distance(span_text(path), candidate);
	if (distance < best->distance)
		*best = (struct suggestion){ candidate, distance };
}

bool
setting_suggest(const char *path, struct text *out)
{
	struct suggestion best = { SPAN_NONE, 3 }; /* what is further away would be a guess */
	size_t i;

	if (strlen(path) < 3 || strlen(path) >= SETTING_PATH_MAX)
		return false;
	for (i = 0; i < ROWS_OF(rows); i++)
		suggest_path(&best, path, rows[i].path);
	for (i = 0; i < ROWS_OF(unused); i++)
		suggest_path(&best, path, unused[i].path);
	text_bytes(out, best.path.ptr, best.path.len);
	return best.path.len > 0;
}

void
setting_unknown(const char *path, struct text *why)
{
	char buf[SETTING_PATH_MAX];
	struct text near;

	text_init(&near, buf, sizeof(buf));
	text_format(why, "\"%s\" is not a key", path);
	if (setting_suggest(path, &near))
		text_format(why, "; did you mean \"%s\"?", buf);
}
