/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and doubling rule files.  See eval_rules.h. */
#include "eval_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char macro_suffix[] = "_again";

/* Rules being written again. */
struct doubling {
	FILE *out;
	struct span macros[512]; /* that were written again */
	size_t macro_count;
};

int
bench_rules_read(struct bench_rules *rules, const char *const *paths, size_t count,
    const char **missing)
{
	memset(rules, 0, sizeof(*rules));
	for (size_t i = 0; i < count && i < BENCH_FILES_MAX; i++) {
		struct ruleset_file *file = &rules->files[i];
		int fd = open(paths[i], O_RDONLY | O_CLOEXEC), err;

		*missing = paths[i];
		if (fd < 0)
			return -errno;
		(void)snprintf(file->name, sizeof(file->name), "%s", paths[i]);
		err = ruleset_file_read(file, fd);
		(void)close(fd);
		if (err < 0)
			return err;
		rules->count++;
	}
	return 0;
}

void
bench_rules_free(struct bench_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		free(rules->files[i].bytes);
	memset(rules, 0, sizeof(*rules));
}

/* The end of the line that begins at AT, behind its newline. */
static const char *
line_end(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	return newline == NULL ? end : newline + 1;
}

static bool
begins(const char *at, const char *end, const char *with)
{
	size_t len = strlen(with);

	return (size_t)(end - at) >= len && memcmp(at, with, len) == 0;
}

/* The end of the list item that begins at AT: where a line begins in the first column. */
static const char *
item_end(const char *at, const char *end)
{
	do
		at = line_end(at, end);
	while (at < end && (*at == ' ' || *at == '\n' || *at == '#'));
	return at;
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_' || c == '-' || c == '.' || c == '/';
}

/* Fields of which conditions compare texts. */
static const char *const fields[] = { "proc.name", "proc.pname", "proc.aname", "proc.cmdline",
	"proc.args", "proc.exepath", "fd.name", "fd.nameraw", "fd.directory", "fd.filename",
	"user.name", "evt.arg.target", "evt.arg.path", "evt.arg.flags", "evt.arg.domain",
	"evt.arg.oldpath", "evt.arg.request", "proc.exe", "proc.env", "fd.type", "fd.l4proto",
	"thread.cap_effective", "thread.cap_permitted", "container.image.repository" };
/* What may stand between a field and a text; into a list an item is put. */
static const char *const operators[] = { "=", " = ", "!=", " != ", " startswith ", " endswith ",
	" contains ", " icontains ", " in (" };

/* Where OPERATOR's constant ends in the text at AT; in a list, where it begins. */
static const char *
operand_end(const char *at, const char *end, const char *operator)
{
	if (strchr(operator, '(') != NULL)
		return at;
	if (at < end && (*at == '"' || *at == '\''))
		at++;
	while (at < end && is_word(*at))
		at++;
	return at;
}

/* The place in the condition between AT and END where a constant can be changed, or NULL. */
static const char *
constant_find(const char *at, const char *end, bool *list)
{
	for (; at < end; at++) {
		for (size_t i = 0; i < COUNT(fields); i++) {
			const char *behind = at + strlen(fields[i]);

			if (!begins(at, end, fields[i]))
				continue;
			for (size_t k = 0; k < COUNT(operators); k++) {
				if (!begins(behind, end, operators[k]))
					continue;
				*list = strchr(operators[k], '(') != NULL;
				return operand_end(behind + strlen(operators[k]), end,
				    operators[k]);
			}
		}
	}
	return NULL;
}

/* The end of a word in the text between AT and END that names a macro with another constant. */
static const char *
macro_find(const struct doubling *doubling, const char *at, const char *end)
{
	while (at < end) {
		const char *word = at;

		while (at < end && is_word(*at))
			at++;
		for (size_t i = 0; i < doubling->macro_count; i++)
			if (span_equal(doubling->macros[i],
			    (struct span){ word, (size_t)(at - word) }))
				return at;
		at += at == word;
	}
	return NULL;
}

/* The condition of the item between AT and END. */
static void
condition_find(const char **at, const char **end)
{
	const char *stop = *end;

	while (*at < stop && !begins(*at, stop, "  condition:"))
		*at = line_end(*at, stop);
	*end = *at < stop ? line_end(*at, stop) : stop;
	while (*end < stop && begins(*end, stop, "   "))
		*end = line_end(*end, stop);
}

/*
 * Write the rule or macro between AT and END again, under its name and SUFFIX.  Returns whether a
 * constant was changed: its own or, by another macro, one of that.
 */
static bool
item_write(struct doubling *doubling, const char *at, const char *end, const char *suffix)
{
	const char *name_end = line_end(at, end) - 1, *condition = at, *stop = end, *change;
	const char *what = "-not";
	bool list = false;

	condition_find(&condition, &stop);
	change = constant_find(condition, stop, &list);
	if (change == NULL) {
		change = macro_find(doubling, condition, stop);
		what = macro_suffix;
	} else if (list) {
		what = "nobody-has-this-name, ";
	}
	(void)fwrite(at, 1, (size_t)(name_end - at), doubling->out);
	(void)fputs(suffix, doubling->out);
	at = name_end;
	if (change != NULL) {
		(void)fwrite(at, 1, (size_t)(change - at), doubling->out);
		(void)fputs(what, doubling->out);
		at = change;
	}
	(void)fwrite(at, 1, (size_t)(end - at), doubling->out);
	(void)fputc('\n', doubling->out);
	return change != NULL;
}

/* The macro between AT and END again, if it has a constant to change. */
static void
macro_write(struct doubling *doubling, const char *at, const char *end)
{
	const char *name = at + strlen("- macro: "), *name_end = line_end(at, end) - 1;
	const char *condition = at, *stop = end;
	bool list;

	condition_find(&condition, &stop);
	if (doubling->macro_count == COUNT(doubling->macros) ||
	    (constant_find(condition, stop, &list) == NULL &&
	    macro_find(doubling, condition, stop) == NULL))
		return;
	(void)item_write(doubling, at, end, macro_suffix);
	doubling->macros[doubling->macro_count++] = (struct span){ name,
		(size_t)(name_end - name) };
}

static void
file_write(struct bench_rules *rules, struct doubling *doubling, const struct ruleset_file *from)
{
	const char *end = from->bytes + from->len, *next;

	(void)fwrite(from->bytes, 1, from->len, doubling->out);
	(void)fputc('\n', doubling->out);
	for (const char *at = from->bytes; at < end; at = next) {
		next = item_end(at, end);
		if (begins(at, end, "- macro: ")) {
			macro_write(doubling, at, next);
		} else if (begins(at, end, "- rule: ")) {
			rules->changed += item_write(doubling, at, next, " again");
			rules->doubled++;
		}
	}
}

int
bench_rules_double(struct bench_rules *rules, const struct bench_rules *from)
{
	static struct doubling doubling;

	memset(rules, 0, sizeof(*rules));
	memset(&doubling, 0, sizeof(doubling));
	for (size_t i = 0; i < from->count; i++) {
		struct ruleset_file *file = &rules->files[i];

		if ((doubling.out = open_memstream(&file->bytes, &file->len)) == NULL)
			return -ENOMEM;
		(void)snprintf(file->name, sizeof(file->name), "%.4000s, twice",
		    from->files[i].name);
		file_write(rules, &doubling, &from->files[i]);
		rules->count++;
		if (fclose(doubling.out) != 0)
			return -ENOMEM;
	}
	return 0;
}

int
bench_rules_load(const struct bench_rules *rules, struct ruleset *ruleset)
{
	static struct ruleset_result results[BENCH_FILES_MAX];
	const struct ruleset_options options = { .priority = PRIORITY_DEBUG };
	int err;

	memset(results, 0, sizeof(results));
	err = ruleset_load(ruleset, rules->files, rules->count, &options, results);
	for (size_t i = 0; i < rules->count; i++) {
		for (size_t j = 0; err < 0 && j < results[i].diags.count; j++)
			if (results[i].diags.items[j].level == DIAG_ERROR)
				diag_print(&results[i].diags.items[j], stderr);
		diags_fini(&results[i].diags);
	}
	return err;
}
