/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values: expanded, then checked against the row of their key, then stored.
 */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "setting_value.h"

#define ROWS_OF(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *family;
	int value;
	const char *word;
} words[] = {
#define CONFIG_WORD(family, name, value, word) { #family, value, word },
#include "config.def"
};

static const struct {
	const char *path, *word, *sentence;
} refused[] = {
#define CONFIG_REFUSED(path, word, sentence) { path, word, sentence },
#include "config.def"
};

const char *
config_word(const char *family, int64_t value)
{
	size_t i;

	for (i = 0; i < ROWS_OF(words); i++) {
		if (words[i].value == value && strcmp(words[i].family, family) == 0)
			return words[i].word;
	}
	return NULL;
}

static struct span
span_from(struct span span, size_t at)
{
	return (struct span){ span.ptr + at, span.len - at };
}

static bool
span_starts(struct span span, const char *with)
{
	size_t len = strlen(with);

	return span.len >= len && memcmp(span.ptr, with, len) == 0;
}

/* Put the environment's value of NAME before REST, in BUF; NEXT is what is to be read then. */
static int
expand_one(struct span name, struct span rest, char *buf, struct span *next)
{
	char *key = strndup(name.ptr, name.len);
	const char *value;
	size_t len;

	if (!key)
		return -ENOMEM;
	value = getenv(key);
	free(key);
	len = value ? strlen(value) : 0;
	if (len + rest.len > SETTING_VALUE_MAX)
		return -E2BIG;
	memmove(buf + len, rest.ptr, rest.len);
	if (len > 0)
		memcpy(buf, value, len);
	*next = (struct span){ buf, len + rest.len };
	return 0;
}

int
setting_expand(struct span value, struct text *out)
{
	char buf[SETTING_VALUE_MAX];
	struct span name;
	const char *end;
	int count = 0, err;

	while (value.len > 0 && !out->truncated) {
		bool literal = span_starts(value, "$${");

		if ((!literal && !span_starts(value, "${")) ||
		    !(end = memchr(value.ptr, '}', value.len))) {
			text_char(out, value.ptr[0]);
			value = span_from(value, 1);
			continue;
		}
		name = (struct span){ value.ptr + 2, (size_t)(end - value.ptr) - 2 };
		value = span_from(value, (size_t)(end - value.ptr) + 1);
		if (literal) { /* `name` begins at the brace */
			text_char(out, '$');
			text_bytes(out, name.ptr, name.len + 1);
			continue;
		}
		if (++count > SETTING_EXPAND_MAX)
			return -ELOOP;
		if ((err = expand_one(name, value, buf, &value)) < 0)
			return err;
	}
	return out->truncated ? -E2BIG : 0;
}

/* "both, kernel or caller" */
static void
expected_words(const char *family, struct text *out)
{
	size_t i, last = 0, count = 0;

	for (i = 0; i < ROWS_OF(words); i++) {
		if (strcmp(words[i].family, family) == 0)
			last = i;
	}
	for (i = 0; i <= last; i++) {
		if (strcmp(words[i].family, family) != 0)
			continue;
		if (count++ > 0)
			text_string(out, i == last ? " or " : ", ");
		text_string(out, words[i].word);
	}
}

static void
expected_range(const struct config_row *row, const char *what, struct text *out)
{
	text_format(out, "%s from %lld to %lld", what, (long long)row->min, (long long)row->max);
	if (row->unit[0])
		text_format(out, " (%s)", row->unit);
}

void
setting_expected(const struct config_row *row, struct text *out)
{
	switch (row->type) {
	case CONFIG_BOOL:
		text_string(out, "true or false");
		break;
	case CONFIG_INT:
		expected_range(row, "a whole number", out);
		break;
	case CONFIG_SIZE:
		expected_range(row, "a power of two", out);
		break;
	case CONFIG_ENUM:
		expected_words(row->unit, out);
		break;
	case CONFIG_SELECT:
		text_string(out, "a list, each entry like {disable: {rule: NAME}} or "
		    "{enable: {tag: NAME}}");
		break;
	case CONFIG_TEXT:
	case CONFIG_LIST:
		text_format(out, "%s %s of %lld to %lld bytes",
		    row->type == CONFIG_LIST ? "a list, each entry a" : "a", row->unit,
		    (long long)row->min, (long long)row->max);
		break;
	}
}

static bool
parse_bool(struct span value, bool *result)
{
	static const char *const yes[] = { "true", "yes", "on", "y" };
	static const char *const no[] = { "false", "no", "off", "n" };
	size_t i;

	for (i = 0; i < ROWS_OF(yes); i++) {
		*result = strlen(yes[i]) == value.len &&
		    strncasecmp(yes[i], value.ptr, value.len) == 0;
		if (*result)
			return true;
		if (strlen(no[i]) == value.len && strncasecmp(no[i], value.ptr, value.len) == 0)
			return true;
	}
	return false;
}

/* A multiplier after a number of bytes, or -1: nothing, KiB, MiB, GiB. */
static int
size_shift(const char *suffix, bool bytes)
{
	while (bytes && *suffix == ' ')
		suffix++;
	if (*suffix == '\0')
		return 0;
	if (bytes && strcmp(suffix, "KiB") == 0)
		return 10;
	if (bytes && strcmp(suffix, "MiB") == 0)
		return 20;
	if (bytes && strcmp(suffix, "GiB") == 0)
		return 30;
	return -1;
}

static bool
parse_number(const struct config_row *row, struct span value, int64_t *result)
{
	char digits[40], *end;
	long long number;
	int shift;

	if (value.len == 0 || value.len >= sizeof(digits) || isspace((unsigned char)value.ptr[0]))
		return false;
	memcpy(digits, value.ptr, value.len);
	digits[value.len] = '\0';
	errno = 0;
	number = strtoll(digits, &end, 10);
	shift = size_shift(end, strcmp(row->unit, "bytes") == 0);
	if (errno || end == digits || shift < 0 || strlen(digits) != value.len)
		return false;
	if (__builtin_mul_overflow(number, 1LL << shift, &number))
		return false;
	*result = number;
	return number >= row->min && number <= row->max &&
	    (row->type != CONFIG_SIZE || (number & (number - 1)) == 0);
}

/* Priorities have always been read in any letter case; the other words are read as they are. */
static bool
parse_word(const struct config_row *row, struct span value, int *result)
{
	bool fold = strcmp(row->unit, "PRIORITY") == 0;
	size_t i;

	for (i = 0; i < ROWS_OF(words); i++) {
		const char *word = words[i].word;

		if (strcmp(words[i].family, row->unit) != 0 || strlen(word) != value.len)
			continue;
		if (memcmp(word, value.ptr, value.len) == 0 ||
		    (fold && strncasecmp(word, value.ptr, value.len) == 0)) {
			*result = words[i].value;
			return true;
		}
	}
	return false;
}

static bool
parse_text(const struct config_row *row, struct span value, char text[CONFIG_TEXT_MAX])
{
	static_assert(CONFIG_TEXT_MAX == 256, "a row's max of 255 leaves room for the terminator");

	if (value.len < (size_t)row->min || value.len > (size_t)row->max ||
	    memchr(value.ptr, '\0', value.len))
		return false;
	memset(text, 0, CONFIG_TEXT_MAX);
	memcpy(text, value.ptr, value.len);
	return true;
}

struct config_list *
setting_list(const struct config_row *row, struct config *config)
{
	return (struct config_list *)((char *)config + row->offset);
}

struct config_selections *
setting_selections(const struct config_row *row, struct config *config)
{
	return (struct config_selections *)((char *)config + row->offset);
}

static bool
parse_entry(const struct config_row *row, struct config_list *list, size_t index,
    struct span value)
{
	if (index >= CONFIG_LIST_MAX || index > list->count ||
	    !parse_text(row, value, list->items[index]))
		return false;
	if (index == list->count)
		list->count++;
	return true;
}

static bool
parse_value(const struct config_row *row, struct config *config, size_t index, struct span value)
{
	void *member = (char *)config + row->offset;
	bool truth = false, good = false;
	int64_t number = 0;

	switch (row->type) {
	case CONFIG_BOOL:
		if ((good = parse_bool(value, &truth)))
			*(bool *)member = truth;
		break;
	case CONFIG_INT:
	case CONFIG_SIZE:
		if ((good = parse_number(row, value, &number)))
			*(int64_t *)member = number;
		break;
	case CONFIG_ENUM:
		good = parse_word(row, value, member);
		break;
	case CONFIG_TEXT:
		good = parse_text(row, value, member);
		break;
	case CONFIG_LIST:
		good = parse_entry(row, member, index, value);
		break;
	case CONFIG_SELECT:
		break; /* setting_select() */
	}
	return good;
}

/* How much of a refused VALUE a message quotes. */
static int
quoted_len(struct span value)
{
	return (int)(value.len < SETTING_QUOTE_MAX ? value.len : SETTING_QUOTE_MAX);
}

static const char *
refused_sentence(const struct config_row *row, struct span value)
{
	size_t i;

	for (i = 0; i < ROWS_OF(refused); i++) {
		if (strcmp(refused[i].path, row->path) == 0 &&
		    span_equal(span_text(refused[i].word), value))
			return refused[i].sentence;
	}
	return NULL;
}

static void
explain_refusal(const struct config_row *row, struct span value, struct text *why)
{
	const char *sentence = refused_sentence(row, value);

	if (sentence) {
		text_format(why, "%s: \"%.*s\" can not be used: %s", row->path,
		    quoted_len(value), value.ptr, sentence);
		return;
	}
	text_format(why, "%s: expected ", row->path);
	setting_expected(row, why);
	text_format(why, ", got \"%.*s\"%s", quoted_len(value), value.ptr,
	    value.len > SETTING_QUOTE_MAX ? "..." : "");
}

/* Expand VALUE into BUF; on failure the reason goes to WHY. */
static int
take_expanded(const struct config_row *row, struct span *value, char buf[SETTING_VALUE_MAX],
    struct text *why)
{
	struct text expanded;
	int err;

	text_init(&expanded, buf, SETTING_VALUE_MAX);
	if ((err = setting_expand(*value, &expanded)) < 0) {
		text_format(why, "%s: \"%.*s\": %s", row->path, quoted_len(*value), value->ptr,
		    err == -ELOOP ? "variables expand without end" :
		    err == -E2BIG ? "longer than any value may be" : "out of memory");
		return -EINVAL;
	}
	*value = (struct span){ buf, expanded.len };
	return 0;
}

int
setting_take(const struct config_row *row, struct config *config, size_t index,
    struct span value, struct text *why)
{
	char buf[SETTING_VALUE_MAX];

	if (row->type == CONFIG_LIST && index >= CONFIG_LIST_MAX) {
		text_format(why, "%s: expected at most %d entries", row->path, CONFIG_LIST_MAX);
		return -EINVAL;
	}
	if (take_expanded(row, &value, buf, why) < 0)
		return -EINVAL;
	if (parse_value(row, config, index, value))
		return 0;
	explain_refusal(row, value, why);
	return -EINVAL;
}

int
setting_select(const struct config_row *row, struct config *config, size_t index, bool enable,
    struct span key, struct span value, struct text *why)
{
	struct config_selections *selections = setting_selections(row, config);
	struct config_selection selection = { .enable = enable };
	bool is_tag = span_equal(key, SPAN_OF("tag"));
	char buf[SETTING_VALUE_MAX];

	if (index >= CONFIG_LIST_MAX || index > selections->count) {
		text_format(why, "%s: expected at most %d entries", row->path, CONFIG_LIST_MAX);
		return -EINVAL;
	}
	if (!is_tag && !span_equal(key, SPAN_OF("rule"))) {
		text_format(why, "%s: expected rule or tag, got \"%.*s\"", row->path,
		    quoted_len(key), key.ptr);
		return -EINVAL;
	}
	if (take_expanded(row, &value, buf, why) < 0)
		return -EINVAL;
	if (index < selections->count && selections->items[index].enable == enable)
		selection = selections->items[index];
	if (!parse_text(row, value, is_tag ? selection.tag : selection.rule)) {
		text_format(why, "%s: expected a name of %lld to %lld bytes, got \"%.*s\"",
		    row->path, (long long)row->min, (long long)row->max, quoted_len(value),
		    value.ptr);
		return -EINVAL;
	}
	selections->items[index] = selection;
	selections->count += index == selections->count;
	return 0;
}
