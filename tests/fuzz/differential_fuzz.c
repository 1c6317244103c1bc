/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as rules, a machine and what happens on it.  What must hold: the engine, with all
 * that it remembers from event to event, and the oracle, which remembers nothing, give the
 * same answer to every event.
 *
 * `--counts` prints at the end which comparisons were made, and how often.
 */
#include <stdio.h>
#include <stdlib.h>

#include "counts.h"
#include "difference.h"
#include "eval_cost.h"
#include "machine.h"

enum { RULES_BYTES = 256 * 1024, EVENTS_MAX = 192 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The engine, the oracle and the rules of one case. */
struct judges {
	struct ruleset ruleset;
	struct span rules;
	struct eval eval;
	struct oracle oracle;
};

static bool counting;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	for (int i = 1; i < *argc; i++)
		if (strcmp((*argv)[i], "--counts") == 0)
			counting = true;
	if (counting)
		counts_at_exit();
	return 0;
}

static bool
rules_load(struct judges *judges, struct text *rules)
{
	const struct ruleset_options options = { .priority = PRIORITY_DEBUG, .undelivered = true };
	static struct ruleset_file file = { .name = "rules.yaml" };
	struct ruleset_result result = { 0 };
	bool loaded;

	file.bytes = rules->buf;
	file.len = rules->len;
	judges->rules = (struct span){ rules->buf, rules->len };
	loaded = ruleset_load(&judges->ruleset, &file, 1, &options, &result) == 0;
	diags_fini(&result.diags);
	return loaded;
}

/*
 * Most cases have little room, so that things are put out; few have as much as usual, which takes
 * longer to get than the judging takes.  Some do without a part of the engine.
 */
static struct eval_options
options_choose(struct choice *choice)
{
	struct eval_options options = { .off = 0 };

	if (!chance(choice, 4)) {
		options.bounds.nodes = 16 + choose(choice, chance(choice, 40) ? 64 : 1024);
		options.bounds.steps = 64 + choose(choice, chance(choice, 40) ? 512 : 16384);
		options.roots = 1u << choose(choice, 9);
		options.texts_bytes = TEXTS_BYTES_MIN + choose(choice, 4096);
	}
	if (chance(choice, 20))
		options.off = 1u << choose(choice, 5);
	return options;
}

static bool
judges_init(struct judges *judges, struct text *rules, enum rule_matching matching,
    struct machine *machine, const struct eval_options *options)
{
	if (rules->truncated || !rules_load(judges, rules))
		return false;
	if (eval_init_with(&judges->eval, &judges->ruleset.program, judges->ruleset.rule_count,
	        matching, options) < 0 ||
	    contexts_size_truth(&machine->contexts, judges->ruleset.program.predicate_count) < 0 ||
	    oracle_init(&judges->oracle, &judges->ruleset, matching) < 0)
		abort();
	return true;
}

static void
judges_fini(struct judges *judges)
{
	oracle_fini(&judges->oracle);
	eval_fini(&judges->eval);
	ruleset_fini(&judges->ruleset);
}

/* Both judge the event at hand.  What had no room is not compared. */
static void
judge(struct judges *judges, struct machine *machine)
{
	const struct eval *eval = &judges->eval;
	const struct oracle *oracle = &judges->oracle;
	uint64_t cuts = machine->scratch.cut_count + oracle->scratch.cut_count;

	(void)eval_event(&judges->eval, &machine->view);
	oracle_judge(&judges->oracle, &machine->view);
	if (counting)
		counts_add(&judges->oracle, &machine->view);
	if (machine->scratch.cut_count + oracle->scratch.cut_count != cuts)
		return;
	if (difference_none(eval, oracle))
		return;
	(void)fprintf(stderr, "%.*s", (int)judges->rules.len, judges->rules.ptr);
	difference_print(&judges->ruleset, eval, oracle, &machine->view);
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char buf[RULES_BYTES];
	static struct machine machine;
	static struct judges judges;
	struct eval_options options;
	struct choice choice;
	struct kinds kinds;
	struct text rules;
	uint32_t events;

	if (machine.next_id == 0)
		machine_open(&machine);
	choice_begin(&choice, data, size);
	kinds_choose(&choice, &kinds);
	text_init(&rules, buf, sizeof(buf));
	rules_write(&choice, &rules, &kinds);
	machine_reset(&machine, &choice);
	options = options_choose(&choice);
	if (!judges_init(&judges, &rules, chance(&choice, 50) ? MATCH_ALL : MATCH_FIRST, &machine,
	        &options))
		return 0;
	if (chance(&choice, 50)) /* a sample of what rules cost is near */
		judges.eval.epoch = EVAL_SAMPLE_EVENTS - 1 - choose(&choice, 16);
	events = 8 + choose(&choice, EVENTS_MAX);
	for (uint32_t i = 0; i < events; i++) {
		if (i < MACHINE_TASKS || chance(&choice, 30))
			machine_step(&machine, &choice);
		if (machine_event(&machine, &choice, &kinds))
			judge(&judges, &machine);
	}
	eval_costs(&judges.eval);
	judges_fini(&judges);
	return 0;
}
