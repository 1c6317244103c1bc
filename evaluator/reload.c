/* SPDX-License-Identifier: Apache-2.0 */
/* Rules at the start and later.  See reload.h. */
#include "reload.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "rulesimage.h"
#include "text.h"

enum { MESSAGES_MAX = 4 }; /* heard in one turn */

/* Rule files being loaded, and what is said of them: too large for a stack. */
static struct loading {
	struct rules_image image;
	struct ruleset_file files[RULESET_FILES_MAX];
	struct ruleset_result results[RULESET_FILES_MAX];
	struct selection selections[SELECTIONS_MAX];
	size_t count;
} loading;

/* Find the files in the image behind FD.  Returns 0 or a negative errno. */
static int
loading_open(int fd)
{
	struct rules_image_entry entry;
	size_t at = 0;
	char *bytes;
	int err = rules_image_open(&loading.image, fd), more = 0;

	_Static_assert((int)RULESET_FILES_MAX >= (int)RULES_IMAGE_FILES_MAX, "room for all");
	loading.count = 0;
	while (err == 0 && loading.count < RULESET_FILES_MAX &&
	    (more = rules_image_next(&loading.image, &at, &entry, &bytes)) > 0) {
		struct ruleset_file *file = &loading.files[loading.count];

		(void)snprintf(file->name, sizeof(file->name), "%s", entry.name);
		file->bytes = bytes;
		file->len = (size_t)entry.len;
		loading.results[loading.count++] = (struct ruleset_result){ .valid = false };
	}
	return err < 0 ? err : more < 0 ? more : 0;
}

static void
loading_close(void)
{
	for (size_t i = 0; i < loading.count; i++)
		diags_fini(&loading.results[i].diags);
	loading.count = 0;
	rules_image_close(&loading.image);
}

/* What is not repeated from the files before it. */
static bool
is_news(const struct ruleset_file *file, const struct diag *diag)
{
	return diag->level == DIAG_ERROR || strcmp(diag->file, file->name) == 0;
}

/*
 * All evaluators read the same bytes: what is wrong with them is the first one's to say, but that
 * one can not begin with them is for each.
 */
static void
tell_results(bool first, bool beginning)
{
	for (size_t i = 0; i < loading.count; i++) {
		const struct diags *diags = &loading.results[i].diags;

		for (size_t j = 0; j < diags->count; j++)
			if (is_news(&loading.files[i], &diags->items[j]) && (first ||
			    (beginning && diags->items[j].level == DIAG_ERROR)))
				diag_print(&diags->items[j], stderr);
	}
}

static void
verdict_line(struct keeper_message *verdict, const struct diag *diag)
{
	char *line = verdict->ends[verdict->value[KEEPER_VERDICT_LINES]++].name;
	struct text text;

	text_init(&text, line, KEEPER_NAME_MAX);
	text_format(&text, "%s:%d:%d: %s", diag->file, diag->line, diag->column, diag->text);
}

/* The first errors, a line each, for who asked for the reload. */
static void
verdict_lines(struct keeper_message *verdict)
{
	const uint64_t *lines = &verdict->value[KEEPER_VERDICT_LINES];

	for (size_t i = 0; i < loading.count; i++) {
		const struct diags *diags = &loading.results[i].diags;

		for (size_t j = 0; j < diags->count && *lines < KEEPER_LINES_MAX; j++)
			if (diags->items[j].level == DIAG_ERROR)
				verdict_line(verdict, &diags->items[j]);
	}
}

/* The rules that the configuration turns on and off. */
static uint32_t
take_selections(const struct config *config, struct selection *selections)
{
	uint32_t count = 0;

	_Static_assert((int)SELECTIONS_MAX >= (int)CONFIG_LIST_MAX, "room for all");
	for (; count < config->rules.count && count < SELECTIONS_MAX; count++) {
		const struct config_selection *item = &config->rules.items[count];

		selections[count] = (struct selection){ item->enable, span_text(item->rule),
			span_text(item->tag) };
	}
	return count;
}

/*
 * Load the image behind FD (taken) into SET and say on standard error what is wrong with it; with
 * VERDICT also there.  loading_close() is left to the caller.  Returns as ruleset_load().
 */
static int
load(const struct reload *reload, struct ruleset *set, int fd, struct keeper_message *verdict)
{
	const struct ruleset_options options = {
		.priority = (enum rule_priority)reload->config->priority,
		.selections = loading.selections,
		.selection_count = take_selections(reload->config, loading.selections) };
	int err = loading_open(fd);

	(void)close(fd);
	if (err == 0)
		err = ruleset_load(set, loading.files, loading.count, &options, loading.results);
	else
		log_warnx("the rule files that the keeper gave: %s", strerror(-err));
	tell_results(reload->keeper->index == 0, verdict == NULL);
	if (verdict != NULL)
		verdict_lines(verdict);
	loading_close();
	return err;
}

int
reload_open(struct reload *reload, struct keeper *keeper, const struct config *config,
    const struct evaluator *evaluator)
{
	int fd = keeper_take_deposit(keeper, "rules");
	int next = keeper_take_deposit(keeper, "next");
	int err;

	memset(reload, 0, sizeof(*reload));
	reload->keeper = keeper;
	reload->config = config;
	reload->used = &reload->sets[0];
	err = load(reload, reload->used, fd, NULL);
	if (next < 0)
		return err;
	reload->generation = keeper->reload_generation;
	reload->next = &reload->sets[1];
	reload->committed = true;
	if (err == 0)
		err = load(reload, reload->next, next, NULL);
	if (err == 0 && evaluator->memory.rules_hash == reload->next->hash) {
		ruleset_fini(reload->used);
		reload->used = reload->next;
		reload->next = NULL;
		reload->committed = false;
	}
	return err;
}

int
reload_begin(struct reload *reload, struct evaluator *evaluator)
{
	int err = evaluator_use(evaluator, reload->used);

	if (err < 0)
		return err;
	/* Once: between two the stream may come to the next rules. */
	if (reload->next != NULL)
		evaluator_expect(evaluator, reload->next);
	else
		evaluator_want(evaluator);
	reload->keeper->rules_hash = reload->used->hash;
	reload->keeper->hears = true;
	return 0;
}

/* Throw away what was compiled. */
static void
reload_drop(struct reload *reload)
{
	if (reload->next != NULL)
		ruleset_fini(reload->next);
	reload->next = NULL;
}

/* Compile the files behind FD (taken) beside those in force, and say what came of it. */
static void
reload_prepare(struct reload *reload, const struct evaluator *evaluator, uint64_t generation,
    int fd)
{
	static struct keeper_message verdict; /* large */
	struct ruleset *set = reload->used == &reload->sets[0] ? &reload->sets[1]
							       : &reload->sets[0];
	uint64_t begin_ns = clock_ns(CLOCK_MONOTONIC);
	int err;

	keeper_message_init(&verdict, KEEPER_PREPARED, ROLE_EVALUATOR);
	reload_drop(reload);
	err = load(reload, set, fd, &verdict);
	stats_set(evaluator->stats, STAT_EVALUATOR_reload_us,
	    (clock_ns(CLOCK_MONOTONIC) - begin_ns) / 1000);
	verdict.value[KEEPER_VERDICT_GENERATION] = reload->generation = generation;
	verdict.value[KEEPER_VERDICT_RESULT] = KEEPER_RELOAD_REFUSED;
	if (err == 0) {
		reload->next = set;
		verdict.value[KEEPER_VERDICT_RESULT] = KEEPER_RELOAD_DONE;
		verdict.value[KEEPER_VERDICT_HASH] = set->hash;
		verdict.value[KEEPER_VERDICT_RULES] = set->active_count;
	}
	(void)keeper_tell(reload->keeper, &verdict);
}

/* One message with its descriptor (taken; -1: none). */
static void
reload_hear(struct reload *reload, struct evaluator *evaluator,
    const struct keeper_message *message, int fd)
{
	uint64_t generation = message->value[KEEPER_VERDICT_GENERATION];
	bool ours = generation == reload->generation && !reload->committed;

	if (message->request == KEEPER_RULES && fd >= 0 && !reload->committed) {
		reload_prepare(reload, evaluator, generation, fd);
		return;
	}
	if (fd >= 0)
		(void)close(fd);
	if (message->request == KEEPER_ABANDON && ours)
		reload_drop(reload);
	if (message->request == KEEPER_COMMIT && ours && reload->next != NULL) {
		reload->committed = true;
		evaluator_expect(evaluator, reload->next);
	}
}

/* The stream has come to the next set: what was in force is not any more. */
static void
reload_switched(struct reload *reload, struct evaluator *evaluator)
{
	struct keeper_message message;

	ruleset_fini(reload->used);
	reload->used = reload->next;
	reload->next = NULL;
	reload->committed = false;
	evaluator_want(evaluator);
	keeper_message_init(&message, KEEPER_SWITCHED, ROLE_EVALUATOR);
	message.value[KEEPER_VERDICT_GENERATION] = reload->generation;
	message.value[KEEPER_VERDICT_HASH] = reload->used->hash;
	(void)keeper_tell(reload->keeper, &message);
}

void
reload_turn(struct reload *reload, struct evaluator *evaluator)
{
	static struct keeper_message message; /* large */
	int fd;

	if (evaluator->ruleset != reload->used)
		reload_switched(reload, evaluator);
	for (int i = 0; i < MESSAGES_MAX && keeper_hear(reload->keeper, &message, &fd); i++)
		reload_hear(reload, evaluator, &message, fd);
}

void
reload_close(struct reload *reload)
{
	ruleset_fini(&reload->sets[0]);
	ruleset_fini(&reload->sets[1]);
	reload->used = reload->next = NULL;
}
