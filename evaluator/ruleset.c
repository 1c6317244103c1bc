/* SPDX-License-Identifier: Apache-2.0 */
/* Making rule sets.  See ruleset.h. */
#include "ruleset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader.h"
#include "log.h"
#include "parse.h"
#include "rulecheck.h"
#include "rulefile.h"

/* What every record must carry, whatever the rules read. */
#define ALWAYS_DERIVED \
	((uint64_t)1 << D_context | (uint64_t)1 << D_context_slot | (uint64_t)1 << D_lost)

static uint64_t
random_key(void)
{
	uint64_t key = 0;

	/* Equal content is still compared byte by byte when there is no randomness. */
	if (getrandom(&key, sizeof(key), 0) != sizeof(key))
		key = (uint64_t)getpid();
	return key;
}

int
ruleset_file_read(struct ruleset_file *file, int fd)
{
	struct stat st;
	size_t size;
	ssize_t got;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return -EINVAL;
	/* A former reader may have left the descriptor at the file's end. */
	if (S_ISREG(st.st_mode) && lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	size = S_ISREG(st.st_mode) ? (size_t)st.st_size + 1 : 1 << 16;
	if (size > RULEFILE_BYTES_MAX || (file->bytes = malloc(size)) == NULL)
		return size > RULEFILE_BYTES_MAX ? -EFBIG : -ENOMEM;
	file->len = 0;
	while ((got = read(fd, file->bytes + file->len, size - file->len)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		file->len += (size_t)got;
		if (file->len < size)
			continue;
		if (size * 2 > RULEFILE_BYTES_MAX)
			return -EFBIG;
		char *bigger = realloc(file->bytes, size *= 2);

		if (bigger == NULL)
			return -ENOMEM;
		file->bytes = bigger;
	}
	return 0;
}

static int
tags_join(struct arena *arena, const struct rule *rule, struct span *tags)
{
	size_t size = 0;
	char *buf, *at;

	for (uint32_t i = 0; i < rule->tag_count; i++)
		size += rule->tags[i].len + 1;
	if ((buf = at = arena_alloc(arena, size + 1)) == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < rule->tag_count; i++) {
		memcpy(at, rule->tags[i].ptr, rule->tags[i].len);
		at += rule->tags[i].len + 1;
	}
	*tags = (struct span){ buf, size > 0 ? size - 1 : 0 };
	return 0;
}

/* Compile one rule, which its check found good. */
static int
rule_take(struct ruleset *ruleset, const struct rule *rule, const struct ruleset_options *options,
    struct ruleset_rule *out)
{
	struct compile_error condition_error;
	struct format_error format_error;
	int err;

	out->name = rule->name;
	out->source = rule->source;
	out->tree = rule->tree;
	out->priority = rule->priority;
	out->active = rule->priority <= options->priority &&
	    selection_enabled(options->selections, options->selection_count, rule);
	if ((err = tags_join(&ruleset->arena, rule, &out->tags)) < 0)
		return err;
	err = compile_condition(&ruleset->compiler, rule->tree, &out->condition, &condition_error);
	if (err < 0)
		return err;
	return format_compile(&ruleset->compiler, rule->output, true, &out->format, &format_error);
}

static void
interest_add_accessor(struct interest *interest, const struct accessor *accessor)
{
	if (accessor->source == NULL)
		return;
	interest->derived |= accessor->source->derived;
	interest->contexts |= accessor->source->contexts;
}

/* What the active rules want to see. */
static void
interest_fill(struct ruleset *ruleset)
{
	struct interest *interest = &ruleset->interest;
	const struct accessor *accessors = ruleset->compiler.accessors;

	memset(interest, 0, sizeof(*interest));
	interest->rules_hash = ruleset->hash;
	interest->derived = ALWAYS_DERIVED;
	for (uint32_t i = 0; i < ruleset->rule_count; i++) {
		const struct ruleset_rule *rule = &ruleset->rules[i];

		for (uint32_t j = 0; rule->active && j < rule->condition.accessor_count; j++)
			interest_add_accessor(interest, &accessors[rule->condition.accessors[j]]);
		for (uint32_t j = 0; rule->active && j < rule->format.field_count; j++)
			interest_add_accessor(interest, &accessors[rule->format.fields[j]]);
	}
	for (uint32_t code = 0; code < EVTCODE_COUNT; code++) {
		uint32_t nr = code - EVTCODE_SYSCALLS;

		if (!program_wants(&ruleset->program, code))
			continue;
		if (code < EVTCODE_SYSCALLS) {
			interest->events[code / 64] |= (uint64_t)1 << (code % 64);
		} else {
			interest->events[EV_syscall / 64] |= (uint64_t)1 << (EV_syscall % 64);
			interest->syscalls[nr / 64] |= (uint64_t)1 << (nr % 64);
		}
	}
}

/* Index the active rules and tell what they want. */
static int
ruleset_index(struct ruleset *ruleset)
{
	struct program_source *sources;
	uint64_t *codes;
	uint32_t count = 0;
	int err;

	sources = arena_array(&ruleset->arena, ruleset->rule_count + 1, sizeof(*sources));
	codes = arena_array(&ruleset->arena, ruleset->rule_count + 1,
	    EVTCODE_WORDS * sizeof(*codes));
	if (sources == NULL || codes == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < ruleset->rule_count; i++) {
		uint64_t *set = codes + (size_t)i * EVTCODE_WORDS;
		const struct ast_node *refused;

		if (!ruleset->rules[i].active)
			continue;
		if (ruleset->rules[i].tree == NULL)
			memcpy(set, evtcode_universe(), EVTCODE_WORDS * sizeof(*set));
		else if (rulecheck_codes(ruleset->rules[i].tree, set, &refused) < 0)
			return -EINVAL;
		sources[count++] = (struct program_source){ i, ruleset->rules[i].condition.formula,
			set };
	}
	ruleset->active_count = count;
	if ((err = program_build(&ruleset->compiler, sources, count, &ruleset->program)) < 0)
		return err;
	interest_fill(ruleset);
	return 0;
}

/* Compile what was loaded. */
static int
ruleset_compile(struct ruleset *ruleset, const struct ruleset_options *options)
{
	const struct rules *loaded = ruleset->loaded;
	int err;

	ruleset->rule_count = loaded->rule_count;
	ruleset->rules = arena_array(&ruleset->arena, loaded->rule_count + 1,
	    sizeof(*ruleset->rules));
	if (ruleset->rules == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < loaded->rule_count; i++)
		if ((err = rule_take(ruleset, &loaded->rules[i], options, &ruleset->rules[i])) < 0)
			return err;
	return ruleset_index(ruleset);
}

static void
ruleset_init(struct ruleset *ruleset)
{
	memset(ruleset, 0, sizeof(*ruleset));
	arena_init(&ruleset->arena, RULESET_BYTES_MAX);
	compiler_init(&ruleset->compiler, &ruleset->arena, random_key());
}

/* Read and compile one file on top of those before. */
static bool
file_load(struct ruleset *ruleset, const struct ruleset_file *file, struct diags *diags)
{
	struct rules *rules = NULL;

	if (loader_file(ruleset->loader, file->name, file->bytes, file->len, diags) < 0 ||
	    loader_compile(ruleset->loader, diags, &rules) < 0)
		return false;
	rules_free(ruleset->loaded);
	ruleset->loaded = rules;
	return true;
}

static void
hash_add(struct ruleset *ruleset, const void *bytes, size_t len)
{
	ruleset->hash = bytes_hash(bytes, len, ruleset->hash);
}

static void
hash_options(struct ruleset *ruleset, const struct ruleset_options *options)
{
	uint32_t priority = options->priority;

	hash_add(ruleset, &priority, sizeof(priority));
	for (uint32_t i = 0; i < options->selection_count; i++) {
		const struct selection *selection = &options->selections[i];

		hash_add(ruleset, &selection->enable, sizeof(selection->enable));
		hash_add(ruleset, selection->rule.ptr, selection->rule.len);
		hash_add(ruleset, selection->tag.ptr, selection->tag.len);
	}
}

int
ruleset_load(struct ruleset *ruleset, const struct ruleset_file *files, size_t count,
    const struct ruleset_options *options, struct ruleset_result *results)
{
	const struct loader_options load = { .ops = rulecheck_ops(&ruleset->check),
		.plugins = options->plugins,
		.plugin_count = options->plugin_count,
		.hash_key = random_key() };
	const struct ruleset_file nothing = { .name = "" };
	struct diags ignored = DIAGS_NONE;
	bool valid = true;
	int err = 0;

	ruleset_init(ruleset);
	ruleset->compiler.undelivered = ruleset->check.undelivered = options->undelivered;
	if ((ruleset->loader = loader_new(&load)) == NULL)
		return -ENOMEM;
	hash_options(ruleset, options);
	for (size_t i = 0; i < count; i++) {
		results[i].valid = file_load(ruleset, &files[i], &results[i].diags);
		valid = valid && results[i].valid;
		hash_add(ruleset, files[i].bytes, files[i].len);
	}
	if (valid && count > 0 && !loader_plugins_met(ruleset->loader, &results[count - 1].diags))
		valid = results[count - 1].valid = false;
	if (valid && ruleset->loaded == NULL)
		valid = file_load(ruleset, &nothing, &ignored);
	diags_fini(&ignored);
	if (!valid)
		err = -EINVAL;
	else if ((err = ruleset_compile(ruleset, options)) < 0)
		log_warnx("the rules are too large together: %s", strerror(-err));
	if (err < 0)
		ruleset_fini(ruleset);
	return err;
}

/* Warn of those of COUNT fields that nothing delivers; they stand in TEXT, which is called NAME. */
static void
warn_undelivered(const struct ruleset *ruleset, const char *name, struct span text,
    const uint32_t *fields, uint32_t count, struct diags *diags)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct accessor *field = &ruleset->compiler.accessors[fields[i]];
		const char *at = memmem(text.ptr, text.len, field->text.ptr, field->text.len);

		if (!field->live)
			(void)diags_add(diags, DIAG_WARNING, NULL, name, 1,
			    at != NULL ? (int)(at - text.ptr) + 1 : 1, text.ptr, text.len,
			    "nothing delivers the field `%.*s`: it never has a value",
			    (int)field->text.len, field->text.ptr);
	}
}

/* Parse and compile CONDITION into the only rule. */
static int
condition_take(struct ruleset *ruleset, struct span condition, struct diags *diags)
{
	static const struct formula always = { .kind = FORMULA_AND };
	struct parse_error syntax;
	struct compile_error error;
	const struct ast_node *refused;
	uint64_t codes[EVTCODE_WORDS];
	struct ast_node *parsed;
	int err;

	ruleset->rules[0].condition.formula = &always;
	if (condition.len == 0)
		return 0;
	if ((err = parse_condition(&ruleset->arena, condition, 0, PARSE_DEPTH_BARE, &parsed,
	         &syntax)) < 0) {
		(void)diags_add(diags, DIAG_ERROR, NULL, "condition", (int)syntax.at.line,
		    (int)syntax.at.column, condition.ptr, condition.len, "%s", syntax.text);
		return err;
	}
	err = compile_condition(&ruleset->compiler, parsed, &ruleset->rules[0].condition, &error);
	if (err == 0 && (err = rulecheck_codes(parsed, codes, &refused)) < 0) {
		error.at = refused->at;
		(void)snprintf(error.text, sizeof(error.text),
		    "`evt.type` can be compared with constants only");
	}
	if (err < 0)
		(void)diags_add(diags, DIAG_ERROR, NULL, "condition", (int)error.at.line,
		    (int)error.at.column, condition.ptr, condition.len, "%s", error.text);
	else
		warn_undelivered(ruleset, "condition", condition,
		    ruleset->rules[0].condition.accessors,
		    ruleset->rules[0].condition.accessor_count, diags);
	ruleset->rules[0].tree = parsed;
	return err;
}

static int
format_take(struct ruleset *ruleset, struct span text, struct format *format, struct diags *diags)
{
	struct format_error error;
	int err = format_compile(&ruleset->compiler, text, true, format, &error);

	if (err < 0)
		(void)diags_add(diags, DIAG_ERROR, NULL, "output", 1, (int)error.offset + 1,
		    text.ptr, text.len, "%s", error.text);
	else
		warn_undelivered(ruleset, "output", text, format->fields, format->field_count,
		    diags);
	return err;
}

int
ruleset_from_condition(struct ruleset *ruleset, struct span condition, struct span format,
    struct span second, struct format *second_format, struct diags *diags)
{
	int err = -ENOMEM;

	ruleset_init(ruleset);
	hash_add(ruleset, condition.ptr, condition.len);
	ruleset->rule_count = 1;
	if ((ruleset->rules = arena_array(&ruleset->arena, 1, sizeof(*ruleset->rules))) == NULL)
		goto fail;
	ruleset->rules[0].active = true;
	if ((err = condition_take(ruleset, condition, diags)) < 0 ||
	    (err = format_take(ruleset, format, &ruleset->rules[0].format, diags)) < 0)
		goto fail;
	if (second.len > 0 && (err = format_take(ruleset, second, second_format, diags)) < 0)
		goto fail;
	if ((err = ruleset_index(ruleset)) < 0)
		goto fail;
	for (uint32_t i = 0; i < second_format->field_count; i++)
		interest_add_accessor(&ruleset->interest,
		    &ruleset->compiler.accessors[second_format->fields[i]]);
	return 0;
fail:
	ruleset_fini(ruleset);
	return err;
}

void
ruleset_fini(struct ruleset *ruleset)
{
	rules_free(ruleset->loaded);
	loader_free(ruleset->loader);
	arena_fini(&ruleset->arena);
	memset(ruleset, 0, sizeof(*ruleset));
}
