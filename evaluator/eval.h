/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judging events by a program.  Two ways give the same answer: the residuals, which skip what
 * is known already (residual.h), and the steps of each condition one after another, which is
 * how what the residuals have no room for is judged, and everything when they are off.  In
 * both a predicate is asked at most once an event, and one on the task's context at most once
 * a context.
 */
#ifndef EVALUATOR_EVAL_H
#define EVALUATOR_EVAL_H

#include "costs.h"
#include "residual.h"
#include "texts.h"

/* What can be switched off, to compare answers. */
enum eval_off {
	EVAL_NO_RESIDUALS = 1,
	EVAL_NO_ROOTS = 2,    /* remembering where a context leads */
	EVAL_NO_TEXTS = 4,    /* remembering what holds for a text */
	EVAL_NO_MATCHERS = 8, /* asking for all predicates on a text together */
	EVAL_NO_CONTEXTS = 16 /* remembering what holds for a context */
};

/* All zero: everything is on, and as large as usual. */
struct eval_options {
	uint32_t off; /* bits of enum eval_off */
	struct residual_bounds bounds;
	uint32_t texts_bytes;
	uint32_t roots; /* a power of two */
};

/* What is remembered of contexts (eval_context.h). */
struct eval_contexts {
	struct eval_root *roots;    /* where a context leads an event class, by both */
	uint32_t root_mask;
	uint64_t *truths;           /* what held for the texts of contexts that came lately */
	uint32_t truth_words;       /* of each */
	uint32_t known_words;       /* of these, at the beginning, which matchers were asked */
};

struct eval_value {
	uint64_t epoch;
	struct field_value value;
};

struct eval {
	const struct program *program;
	enum rule_matching matching;
	uint32_t off;
	uint64_t epoch;             /* of the event at hand */
	struct event_view *view;    /* the event at hand, while it is judged */
	uint64_t *predicates;       /* epoch of the last evaluation times two, plus its truth */
	struct eval_value *values;  /* of each accessor */
	uint32_t *matches;          /* rules that matched the event, in order */
	uint32_t match_count;
	struct residuals residuals;
	struct texts texts;
	struct eval_contexts contexts;
	uint64_t condition_count;   /* conditions decided so far */
	uint64_t stepped_count;     /* events that the residuals had no room for */
	struct rule_cost *costs;    /* of each rule */
	uint64_t *class_events;     /* of each class, since they were added to costs */
	uint32_t rule_count;
};

/*
 * Take the memory to run PROGRAM (borrowed), which has RULE_COUNT rules.  Returns 0 or -ENOMEM.
 */
int eval_init_with(struct eval *eval, const struct program *program, uint32_t rule_count,
    enum rule_matching matching, const struct eval_options *options);

/* The same with the usual options. */
int eval_init(struct eval *eval, const struct program *program, uint32_t rule_count,
    enum rule_matching matching);

/* Give the memory back; harmless twice. */
void eval_fini(struct eval *eval);

/*
 * Judge the event in VIEW: which rules match is in eval->matches.  Returns whether there
 * was any rule to try.  Allocates nothing but states of regular expressions; the time is
 * bounded by the steps of the rules for the event's code.
 */
bool eval_event(struct eval *eval, struct event_view *view);

/* The value of accessor INDEX for the event at hand, read at most once. */
const struct field_value *eval_value(struct eval *eval, struct event_view *view, uint32_t index);

/* Bring eval->costs up to date; they are counted by class between calls. */
void eval_costs(struct eval *eval);

#endif
