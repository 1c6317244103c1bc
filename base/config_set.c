/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Assignments of the command line: KEY=VALUE, where the key may say which entry of a list it means.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
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
	char member[SETTING_PATH_MAX]; /* what stands behind the brackets: "disable.rule" */
};

struct assignment {
	const char *text;
	struct diags *diags;
};

static const char no_memory[] = "memory is short";

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

/* Read what stands behind the brackets, and leave *AT behind it. */
static void
member_parse(const char *text, size_t *at, struct target *target)
{
	struct text member;

	text_init(&member, target->member, sizeof(target->member));
	if (text[*at] != '.')
		return;
	for (*at += 1; text[*at] && text[*at] != '='; *at += 1)
		text_char(&member, text[*at]);
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
	if (target->entry != ENTRY_ALL)
		member_parse(text, &at, target);
	if (text[at] != '=')
		return refuse(assignment, at, "expected KEY=VALUE, got no \"=\" here");
	if (path.len == 0)
		return refuse(assignment, 0, "expected a key before \"=\"");
	*value_at = at + 1;
	return 0;
}

/* The entry that TARGET means in a list of COUNT. */
static int
entry_find(const struct assignment *assignment, const struct target *target, size_t count,
    size_t *index)
{
	char why[DIAG_TEXT_MAX];

	*index = target->entry == ENTRY_NUMBER ? target->number : count;
	if (*index <= count)
		return 0;
	snprintf(why, sizeof(why), "%s: expected an index from 0 to %zu, got %zu", target->path,
	    count, target->number);
	return refuse(assignment, strlen(target->path), why);
}

static int
list_set(const struct assignment *assignment, const struct target *target, size_t value_at,
    const struct config_row *row, struct config *config)
{
	struct span value = span_text(assignment->text + value_at);
	struct config_list *list = setting_list(row, config);
	char buf[DIAG_TEXT_MAX];
	struct text why;
	size_t index;
	int err;

	text_init(&why, buf, sizeof(buf));
	if (target->member[0]) {
		text_format(&why, "%s: its entries have no keys", row->path);
		return refuse(assignment, strlen(target->path), buf);
	}
	if (target->entry == ENTRY_ALL)
		memset(list, 0, sizeof(*list));
	if ((err = entry_find(assignment, target, list->count, &index)) < 0)
		return err;
	return setting_take(row, config, index, value, &why) < 0
	    ? refuse(assignment, value_at, buf) : 0;
}

/* A whole value for selections is read as a file would be. */
static int
selections_read(const struct assignment *assignment, const struct target *target, size_t value_at,
    const struct config_row *row, struct config *config)
{
	struct config_selections *selections = setting_selections(row, config);
	const struct config_selections former = *selections;
	size_t size = strlen(row->path) + strlen(assignment->text) + 8, index;
	struct config_selection taken;
	char *text;
	int err;

	if ((err = entry_find(assignment, target, former.count, &index)) < 0)
		return err;
	if ((text = malloc(size)) == NULL)
		return refuse(assignment, 0, no_memory);
	snprintf(text, size, target->entry == ENTRY_ALL ? "%s: %s" : "%s: [%s]", row->path,
	    assignment->text + value_at);
	err = config_parse(config, "-o", text, strlen(text), assignment->diags);
	free(text);
	if (err == -ENOMEM)
		return refuse(assignment, 0, no_memory);
	if (err < 0 || target->entry == ENTRY_ALL)
		return err;
	if (selections->count != 1 || index == CONFIG_LIST_MAX)
		return refuse(assignment, value_at, "expected one entry, and room for it");
	taken = selections->items[0];
	*selections = former;
	selections->items[index] = taken;
	selections->count += index == former.count;
	return 0;
}

static int
selection_set(const struct assignment *assignment, const struct target *target, size_t value_at,
    const struct config_row *row, struct config *config)
{
	struct span value = span_text(assignment->text + value_at);
	const char *dot = strchr(target->member, '.');
	struct span op = { target->member, dot ? (size_t)(dot - target->member) : 0 };
	bool enable = span_equal(op, SPAN_OF("enable"));
	char buf[DIAG_TEXT_MAX];
	struct text why;
	size_t index;
	int err;

	if (!target->member[0])
		return selections_read(assignment, target, value_at, row, config);
	if (!enable && !span_equal(op, SPAN_OF("disable")))
		return refuse(assignment, strlen(target->path),
		    "expected enable.rule, enable.tag, disable.rule or disable.tag");
	if ((err = entry_find(assignment, target, setting_selections(row, config)->count,
	         &index)) < 0)
		return err;
	text_init(&why, buf, sizeof(buf));
	return setting_select(row, config, index, enable, span_text(dot + 1), value, &why) < 0
	    ? refuse(assignment, value_at, buf) : 0;
}

static int
single_set(const struct assignment *assignment, const struct target *target, size_t value_at,
    const struct config_row *row, struct config *config)
{
	char buf[DIAG_TEXT_MAX];
	struct text why;

	text_init(&why, buf, sizeof(buf));
	if (target->entry != ENTRY_ALL) {
		text_format(&why, "%s: is not a list", row->path);
		return refuse(assignment, strlen(target->path), buf);
	}
	return setting_take(row, config, 0, span_text(assignment->text + value_at), &why) < 0
	    ? refuse(assignment, value_at, buf) : 0;
}

static int
row_set(const struct assignment *assignment, const struct target *target, size_t value_at,
    const struct config_row *row, struct config *config)
{
	struct config *copy = malloc(sizeof(*copy));
	int err;

	if (copy == NULL)
		return refuse(assignment, 0, no_memory);
	*copy = *config;
	if (row->type == CONFIG_LIST)
		err = list_set(assignment, target, value_at, row, copy);
	else if (row->type == CONFIG_SELECT)
		err = selection_set(assignment, target, value_at, row, copy);
	else
		err = single_set(assignment, target, value_at, row, copy);
	if (err == 0)
		*config = *copy;
	free(copy);
	return err;
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
