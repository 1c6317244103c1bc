/* SPDX-License-Identifier: Apache-2.0 */
/* Attaching the evaluator to its ends, and finding again how far a former one came. */
#include <errno.h>
#include <unistd.h>

#include "evaluator.h"
#include "log.h"

/* Attach every end, so that each descriptor is taken whatever fails.  Returns the first error. */
static int
open_ends(struct evaluator *evaluator, const struct evaluator_ends *ends)
{
	const struct { const char *name; int err;
	} results[] = {
		{ "full ring",
		    ring_attach_consumer_take(&evaluator->full, ends->full_data, ends->full_tail,
		        REGION_FULL_DATA) },
		{ "alert ring",
		    ring_attach_producer_take(&evaluator->alert, ends->alert_data, ends->alert_tail,
		        REGION_ALERT_DATA, 0) },
		{ "contexts", context_arena_attach_take(&evaluator->arena, ends->contexts, false) },
		{ "interest",
		    region_attach_take(&evaluator->interest, ends->interest, REGION_INTEREST,
		        true) },
		{ "costs",
		    region_attach_take(&evaluator->costs, ends->costs, REGION_COSTS, true) },
	};

	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		if (results[i].err == 0)
			continue;
		log_warnx("%s: %s", results[i].name, strerror(-results[i].err));
		return results[i].err;
	}
	if (region_content_bytes(&evaluator->interest) < INTEREST_CONTENT) {
		log_warnx("interest: the region is too small");
		return -EBADMSG;
	}
	if (region_content_bytes(&evaluator->costs) < COSTS_CONTENT) {
		log_warnx("costs: the region is too small");
		return -EBADMSG;
	}
	return 0;
}

static struct evaluator_memory *
memory_copy(const struct evaluator *evaluator, int which)
{
	char *content = region_content(&evaluator->interest);

	return (struct evaluator_memory *)(void *)(content + EVALUATOR_MEMORY_AT) + which;
}

static uint64_t
memory_check(const struct evaluator_memory *memory)
{
	size_t head = sizeof(memory->check);

	return bytes_hash((const char *)memory + head, sizeof(*memory) - head, 0) | 1;
}

void
evaluator_remember(struct evaluator *evaluator)
{
	struct evaluator_memory *older = memory_copy(evaluator, 0);

	if (memory_copy(evaluator, 1)->position < older->position)
		older = memory_copy(evaluator, 1);
	evaluator->memory.check = memory_check(&evaluator->memory);
	older->check = 0;
	__atomic_signal_fence(__ATOMIC_SEQ_CST); /* not whole while it changes */
	memcpy((char *)older + sizeof(older->check),
	    (const char *)&evaluator->memory + sizeof(older->check),
	    sizeof(*older) - sizeof(older->check));
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	older->check = evaluator->memory.check;
}

bool
evaluator_recall(struct evaluator *evaluator)
{
	bool found = false;

	for (int which = 0; which < 2; which++) {
		const struct evaluator_memory *copy = memory_copy(evaluator, which);

		if (copy->check != memory_check(copy) ||
		    (found && copy->position < evaluator->memory.position))
			continue;
		evaluator->memory = *copy;
		found = true;
	}
	evaluator->memory.hostname[sizeof(evaluator->memory.hostname) - 1] = '\0';
	return found;
}

/* Go on where a former evaluator stopped. */
static void
open_progress(struct evaluator *evaluator)
{
	evaluator->position = evaluator->alert.position;
	(void)evaluator_recall(evaluator);
	evaluator->view.hostname = span_text(evaluator->memory.hostname);
}

/* Name the rules in the table of costs, or go on counting where a former evaluator stopped. */
static void
open_costs(struct evaluator *evaluator)
{
	struct costs *costs = region_content(&evaluator->costs);
	const struct ruleset *ruleset = evaluator->ruleset;
	uint64_t cut = 0;

	if (costs_stands(costs, ruleset->hash, ruleset->rule_count)) {
		for (uint32_t i = 0; i < costs_rows(ruleset->rule_count); i++)
			evaluator->eval.costs[i] = costs_get(costs, i);
		return;
	}
	costs_begin(costs, ruleset->hash, ruleset->rule_count);
	for (uint32_t i = 0; i < ruleset->rule_count; i++)
		cut += !costs_name(costs, i, ruleset->rules[i].name);
	costs_end(costs);
	stats_set(evaluator->stats, STAT_EVALUATOR_costs_cut, cut);
}

void
evaluator_tell_costs(struct evaluator *evaluator)
{
	struct costs *costs = region_content(&evaluator->costs);

	if (evaluator->eval.costs == NULL)
		return;
	eval_costs(&evaluator->eval);
	for (uint32_t i = 0; i < costs_rows(evaluator->ruleset->rule_count); i++)
		costs_put(costs, i, &evaluator->eval.costs[i]);
}

static enum path_names
path_names_of(const struct config *config)
{
	switch (config->path_names) {
	case CONFIG_PATHS_KERNEL: return PATH_NAMES_KERNEL;
	case CONFIG_PATHS_CALLER: return PATH_NAMES_CALLER;
	}
	return PATH_NAMES_BOTH;
}

/* Everything that judging needs memory for, whatever the rules. */
static int
open_memory(struct evaluator *evaluator, const struct config *config)
{
	int err;

	if ((err = contexts_init(&evaluator->contexts, &evaluator->arena)) < 0 ||
	    (err = scratch_init(&evaluator->scratch)) < 0)
		return err;
	evaluator->view.contexts = &evaluator->contexts;
	evaluator->view.scratch = &evaluator->scratch;
	evaluator->view.clock = &evaluator->memory.clock;
	evaluator->view.path_names = path_names_of(config);
	evaluator->matching = config->rule_matching == CONFIG_MATCHING_ALL ? MATCH_ALL
									   : MATCH_FIRST;
	return 0;
}

int
evaluator_open_take(struct evaluator *evaluator, const struct evaluator_ends *ends,
    const struct config *config, struct stats *stats, uint64_t skip_position)
{
	int err;

	memset(evaluator, 0, sizeof(*evaluator));
	evaluator->interest = evaluator->costs = REGION_NONE;
	evaluator->stats = stats;
	evaluator->skip_position = skip_position;
	if ((err = open_ends(evaluator, ends)) < 0)
		goto fail;
	if ((err = open_memory(evaluator, config)) < 0) {
		log_warnx("memory: %s", strerror(-err));
		goto fail;
	}
	open_progress(evaluator);
	return 0;
fail:
	evaluator_close(evaluator);
	return err;
}

int
evaluator_use(struct evaluator *evaluator, const struct ruleset *ruleset)
{
	const struct program *program = &ruleset->program;
	int err;

	evaluator_tell_costs(evaluator);
	eval_fini(&evaluator->eval);
	if ((err = contexts_size_truth(&evaluator->contexts, program->predicate_count)) < 0 ||
	    (err = eval_init(&evaluator->eval, program, ruleset->rule_count,
	         evaluator->matching)) < 0 ||
	    (err = checked_init(&evaluator->checked, ruleset, evaluator->matching)) < 0) {
		log_warnx("memory for the rules: %s", strerror(-err));
		return err;
	}
	evaluator->decided_seen = evaluator->stepped_seen = evaluator->diagrams_seen = 0;
	evaluator->ruleset = ruleset;
	evaluator->memory.rules_hash = ruleset->hash;
	stats_set(evaluator->stats, STAT_EVALUATOR_rules, ruleset->active_count);
	open_costs(evaluator);
	return 0;
}

void
evaluator_want(struct evaluator *evaluator)
{
	interest_write(region_content(&evaluator->interest), &evaluator->ruleset->interest);
}

void
evaluator_expect(struct evaluator *evaluator, const struct ruleset *next)
{
	struct interest both = next->interest;

	interest_merge(&both, &evaluator->ruleset->interest);
	evaluator->next = next;
	interest_write(region_content(&evaluator->interest), &both);
}

void
evaluator_close(struct evaluator *evaluator)
{
	checked_fini(&evaluator->checked);
	eval_fini(&evaluator->eval);
	scratch_fini(&evaluator->scratch);
	contexts_fini(&evaluator->contexts);
	if (evaluator->interest.kind != REGION_NONE_KIND)
		region_close(&evaluator->interest);
	if (evaluator->costs.kind != REGION_NONE_KIND)
		region_close(&evaluator->costs);
	context_arena_detach(&evaluator->arena);
	ring_detach(&evaluator->alert);
	ring_detach(&evaluator->full);
	memset(evaluator, 0, sizeof(*evaluator));
}
