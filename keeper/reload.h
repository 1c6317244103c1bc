/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New rules while the pipeline runs.  The files are copied anew and given to every evaluator, which
 * compiles them beside those in force and says what it thinks of them.  Only when all have agreed
 * are they told to change over; then each does at the same record of the stream.
 *
 *   idle ── wanted ──► preparing ── all prepared ──► switching ── all switched ──► idle
 *                          └── refused, or an evaluator ended twice over it ──────► idle
 *
 * One at a time: what is wanted meanwhile comes next.  An evaluator that ends while preparing gets
 * its successor asked again; one that ends while switching gets a successor with both sets, which
 * finds by its own notes which of them was in force (evaluator/reload.h).
 */
#ifndef KEEPER_RELOAD_H
#define KEEPER_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "keeper.h"
#include "rulefiles.h"
#include "rulewatch.h"

struct pipeline;
struct worker;

enum reload_step { RELOAD_IDLE, RELOAD_PREPARING, RELOAD_SWITCHING };

/* What one evaluator has said of the rules at hand. */
enum reload_answer { RELOAD_OWES, RELOAD_ASKED, RELOAD_PREPARED, RELOAD_SWITCHED };

struct reload {
	enum reload_step step;
	bool wanted;            /* asked for by a person */
	uint64_t generation;    /* of the one under way, or the last */
	struct rulefiles next;  /* what it is about */
	uint64_t content;       /* hash of the files last tried: the watch wants no others */
	uint64_t since_ns;
	bool slow;              /* that it takes long was said */
	struct keeper_message answer; /* as clients get it */
	struct rulefiles_wanted files;
	struct rulewatch watch;
};

/* Nothing is under way or open: from here on reload_close() is safe. */
void reload_init(struct pipeline *pipeline);

/*
 * Copy the files for the first time, and watch them if the configuration says so: while it is
 * still in the folder that relative names mean.  Returns an exit code, as rulefiles_open().
 */
int reload_open(struct pipeline *pipeline);

/* Somebody wants the rules to be loaded anew.  Returns the generation whose end answers that. */
uint64_t reload_want(struct pipeline *pipeline);

/* Begin what is due, and end what takes too long. */
void reload_turn(struct pipeline *pipeline, uint64_t now_ns);

/* When reload_turn() has something to do; UINT64_MAX: never. */
uint64_t reload_next(const struct pipeline *pipeline);

/*
 * WORKER said PREPARED or SWITCHED in MESSAGE.  Returns NULL or, when it may not say that, what is
 * wrong.
 */
const char *reload_answered(struct pipeline *pipeline, struct worker *worker,
    const struct keeper_message *message);

/* WORKER, if it is an evaluator, begins with the rules HASH. */
void reload_worker_ready(struct pipeline *pipeline, struct worker *worker, uint64_t hash);

/* WORKER has ended. */
void reload_worker_ended(struct pipeline *pipeline, struct worker *worker);

/* Close everything; harmless twice. */
void reload_close(struct pipeline *pipeline);

#endif
