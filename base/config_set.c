/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Assignments of the command line: KEY=VALUE, where the key may say which entry of a list it means.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "config.h"
#include "setting.h"
#include "setting_value.h"

/* Which entry of a list a key means. */
enum entry {
	ENTRY_ALL,    /* no index: the value becomes the only entry */
	ENTRY_NEXT,   /* [] */
	ENTRY_NUMBER  /* [N] */
};

/* A key as it was written. */
struct target {
	char path[SETTING_PATH_MAX];
	enum entry entry;
	size_t number;
	bool literal; /* an escaped character that no key has */
};

struct assignment {
	const char *text;
	struct diags *diags;
};

/* Report what stands at byte AT of the assignment. */
static int
refuse(const struct assignment *assignment, size_t at, const char *why)
{
	diags_add(assignment->diags, DIAG_ERROR, NULL, "-o", 1, (int)at + 1, assignment->text,
	    strlen(assignment->text), "%s", why);
	return -EINVAL;
}

/* Read "[]" or "[N]" at byte *AT, and leave *AT behind it. */
static bool
index_parse(const char *text, size_t *at, struct target *target)
{
	size_t digits = 0;

	*at += 1;
	target->entry = ENTRY_NEXT;
	for (; isdigit((unsigned char)text[*at]) && digits < 4; digits++, *at += 1) {
		target->entry = ENTRY_NUMBER;
		target->number = target->number * 10 + (size_t)(text[*at] - '0');
	}
	if (text[*at] != ']')
		return false;
	*at += 1;
	return true;
}

/* Read the key at the start of the assignment; *VALUE_AT gets where its value begins. */
static int
target_parse(const struct assignment *assignment, struct target *target, size_t *value_at)
{
	const char *text = assignment->text;
	struct text path;
	size_t at = 0;

	text_init(&path, target->path, sizeof(target->path));
	while (text[at] && text[at] != '=' && text[at] != '[') {
		if (text[at] == '\\' && text[at + 1]) {
			target->literal = true;
			at++;
		}
		text_char(&path, text[at++]);
	}
	if (text[at] == '[' && !index_parse(text, &at, target))
		return refuse(assignment, at, "expected [] or [NUMBER] of at most 4 digits");
	if (text[at] != '=')
		return refuse(assignment, at, "expected KEY=VALUE, got no \"=\" here");
	if (path.len == 0)
		return refuse(assignment, 0, "expected a key before \"=\"");
	*value_at = at + 1;
	return 0;
}

/* The entry that TARGET means, in a list that it may empty first. */
static int
entry_find(const struct assignment *assignment, const struct target *target,
    struct config_list *list, size_t *index)
{
	char why[DIAG_TEXT_MAX];

	*index = list->count;
	if (target->entry == ENTRY_NUMBER) {
		*index = target->number;
		if (*index <= list->count)
			return 0;
		snprintf(why, sizeof(why), "%s: expected an index from 0 to %zu, got %zu",
		    target->path, list->count, target->number);
		return refuse(assignment, strlen(target->path), why);
	}
	if (target->entry == ENTRY_ALL) {
		memset(list, 0, sizeof(*list));
		*index = 0;
	}
	return 0;
}

static int
row_set(const struct assignment *assignment, const struct target *target, size_t value_at,
    const struct config_row *row, struct config *config)
{
	struct span value = span_text(assignment->text + value_at);
	struct config copy = *config;
	char buf[DIAG_TEXT_MAX];
	size_t index = 0;
	struct text why;
	int err;

	text_init(&why, buf, sizeof(buf));
	if (row->type != CONFIG_LIST && target->entry != ENTRY_ALL) {
		text_format(&why, "%s: is not a list", row->path);
		return refuse(assignment, strlen(target->path), buf);
	}
	if (row->type == CONFIG_LIST &&
	    (err = entry_find(assignment, target, setting_list(row, &copy), &index)) < 0)
		return err;
	if (setting_take(row, &copy, index, value, &why) < 0)
		return refuse(assignment, value_at, buf);
	*config = copy;
	return 0;
}

int
config_set(struct config *config, const char *text, struct diags *diags)
{
	struct assignment assignment = { text, diags };
	struct target target = { .entry = ENTRY_ALL };
	struct setting setting;
	char buf[DIAG_TEXT_MAX];
	struct text why;
	size_t value_at;
	int err;

	if ((err = target_parse(&assignment, &target, &value_at)) < 0)
		return err;
	setting = setting_find(target.path);
	if (!target.literal && setting.kind == SETTING_ROW)
		return row_set(&assignment, &target, value_at, setting.row, config);
	if (!target.literal && setting.kind == SETTING_UNUSED) {
		diags_add(diags, DIAG_WARNING, NULL, "-o", 1, 1, text, strlen(text),
		    "\"%s\" is not used: %s", target.path, setting.sentence);
		return 0;
	}
	text_init(&why, buf, sizeof(buf));
	if (!target.literal && setting.kind == SETTING_SECTION)
		text_format(&why, "\"%s\" is a section: name a key in it", target.path);
	else
		setting_unknown(target.path, &why);
	return refuse(&assignment, 0, buf);
}
