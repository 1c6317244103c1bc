/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and doubling rule files.  See eval_rules.h. */
#include "eval_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char again[] = " again", suffix[] = "-not";

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

/*
 * Behind the text that the first comparison in the condition between AT and END has for a path, a
 * command line or a name; NULL when there is none.
 */
static const char *
constant_end(const char *at, const char *end)
{
	static const char *const comparisons[] = { "proc.name=", "proc.name = ", "fd.name startswith ",
		"fd.directory in (", "proc.name in (", "evt.arg.flags contains ", "fd.name=",
		"proc.cmdline contains ", "proc.args contains ", "evt.arg.domain contains " };

	for (; at < end; at++) {
		for (size_t i = 0; i < sizeof(comparisons) / sizeof(comparisons[0]); i++) {
			const char *word = at + strlen(comparisons[i]);

			if (!begins(at, end, comparisons[i]))
				continue;
			while (word < end && (*word == '"' || *word == '\'' || *word == ' '))
				word++;
			/* A list's name would become another list's. */
			if (strchr(comparisons[i], '(') != NULL && *word != '/')
				continue;
			while (word < end && is_word(*word))
				word++;
			return word;
		}
	}
	return NULL;
}

/* Write the rule between AT and END again; returns whether a constant was changed. */
static bool
rule_write(FILE *out, const char *at, const char *end)
{
	const char *name_end = line_end(at, end) - 1, *condition = at, *change = NULL;

	while (condition < end && !begins(condition, end, "  condition:"))
		condition = line_end(condition, end);
	if (condition < end) {
		const char *stop = line_end(condition, end);

		while (stop < end && begins(stop, end, "   "))
			stop = line_end(stop, end);
		change = constant_end(condition, stop);
	}
	(void)fwrite(at, 1, (size_t)(name_end - at), out);
	(void)fputs(again, out);
	at = name_end;
	if (change != NULL) {
		(void)fwrite(at, 1, (size_t)(change - at), out);
		(void)fputs(suffix, out);
		at = change;
	}
	(void)fwrite(at, 1, (size_t)(end - at), out);
	if (at < end && end[-1] != '\n')
		(void)fputc('\n', out);
	return change != NULL;
}

static void
file_write(struct bench_rules *rules, FILE *out, const struct ruleset_file *from)
{
	const char *end = from->bytes + from->len, *next;

	(void)fwrite(from->bytes, 1, from->len, out);
	(void)fputc('\n', out);
	for (const char *at = from->bytes; at < end; at = next) {
		next = item_end(at, end);
		if (!begins(at, end, "- rule:"))
			continue;
		rules->changed += rule_write(out, at, next);
		rules->doubled++;
	}
}

int
bench_rules_double(struct bench_rules *rules, const struct bench_rules *from)
{
	memset(rules, 0, sizeof(*rules));
	for (size_t i = 0; i < from->count; i++) {
		struct ruleset_file *file = &rules->files[i];
		FILE *out = open_memstream(&file->bytes, &file->len);

		if (out == NULL)
			return -ENOMEM;
		(void)snprintf(file->name, sizeof(file->name), "%.4000s, twice", from->files[i].name);
		file_write(rules, out, &from->files[i]);
		rules->count++;
		if (fclose(out) != 0)
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
