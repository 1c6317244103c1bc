/* SPDX-License-Identifier: Apache-2.0 */
/* Judging records from memory.  See eval_judge.h. */
#include "eval_judge.h"

#include <errno.h>
#include <stdlib.h>

#include "eval_cost.h"

int
judge_open_take(struct judge *judge, const struct ruleset *ruleset, int fd)
{
	int err;

	memset(judge, 0, sizeof(*judge));
	judge->ruleset = ruleset;
	if ((err = context_arena_attach_take(&judge->arena, fd, false)) < 0)
		return err;
	if ((err = contexts_init(&judge->contexts, &judge->arena)) == 0 &&
	    (err = scratch_init(&judge->scratch)) == 0 &&
	    (err = contexts_size_truth(&judge->contexts, ruleset->program.predicate_count)) == 0)
		err = eval_init(&judge->eval, &ruleset->program, ruleset->rule_count, MATCH_FIRST);
	if (err == 0)
		err = checked_init(&judge->checked, ruleset, MATCH_FIRST);
	judge->by_rule = calloc(ruleset->rule_count + 1, sizeof(*judge->by_rule));
	if (err == 0 && judge->by_rule == NULL)
		err = -ENOMEM;
	judge->clock.wall_offset_ns = 1700000000000000000;
	judge->view.contexts = &judge->contexts;
	judge->view.scratch = &judge->scratch;
	judge->view.clock = &judge->clock;
	judge->view.hostname = SPAN_OF("node-7");
	if (err < 0)
		judge_close(judge);
	return err;
}

void
judge_close(struct judge *judge)
{
	checked_fini(&judge->checked);
	eval_fini(&judge->eval);
	contexts_fini(&judge->contexts);
	scratch_fini(&judge->scratch);
	context_arena_detach(&judge->arena);
	free(judge->by_rule);
	memset(judge, 0, sizeof(*judge));
}

static void
take_matches(struct judge *judge)
{
	uint64_t position = judge->view.record.head->position;

	for (uint32_t i = 0; i < judge->eval.match_count; i++) {
		uint32_t rule = judge->eval.matches[i];
		bool cut;

		judge->matched++;
		judge->by_rule[rule]++;
		judge->hash += bytes_hash(&rule, sizeof(rule), position);
		if (judge->write)
			judge->alert_bytes += alert_write(judge->ruleset, rule, i, &judge->eval,
			    &judge->view, &judge->room, judge->alert, &cut);
	}
}

/* As the evaluator does: a private copy of the record, which is checked and then judged. */
static void
judge_record(struct judge *judge, const void *shared, uint32_t len)
{
	struct record record;

	memcpy(judge->record, shared, len);
	if (record_check(&record, judge->record, len, RECORD_FULL) < 0 ||
	    record.head->position == 0) {
		judge->bad++;
		return;
	}
	if (judge->check_only)
		return;
	view_begin(&judge->view, &record);
	if (judge->oracle != NULL) {
		oracle_judge(judge->oracle, &judge->view);
		judge->matched += judge->oracle->match_count;
		return;
	}
	if (checked_event(&judge->checked, &judge->eval, &judge->view))
		judge->judged++;
	if (judge->eval.match_count > 0)
		take_matches(judge);
	eval_sample(&judge->eval, &judge->view);
}

size_t
judge_run(struct judge *judge, const struct judge_records *records, uint32_t count)
{
	const uint8_t *at = records->bytes;

	judge->judged = judge->matched = judge->bad = judge->alert_bytes = judge->hash = 0;
	memset(judge->by_rule, 0, judge->ruleset->rule_count * sizeof(*judge->by_rule));
	for (uint32_t i = 0; i < count; i++) {
		uint32_t len = ((const struct event_head *)(const void *)at)->len;

		judge_record(judge, at, len);
		at += len;
	}
	return (size_t)(at - records->bytes);
}
