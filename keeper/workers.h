/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lives of the workers: started when due, answered, watched, and judged when they end.
 *
 *   NONE ──► STARTING ──► READY ──► (ends) ──► WAITING ──► STARTING ...
 *                └─────► (ends) ─────┴──► ENDED, after it was asked to
 */
#ifndef KEEPER_WORKERS_H
#define KEEPER_WORKERS_H

#include <stdint.h>

#include "stats.h"

struct pipeline;
struct worker;

/* Set up every worker of the process table, EVALUATORS of its row, without a process. */
void workers_init(struct pipeline *pipeline, uint32_t evaluators);

/* Its place in the tables of the control region. */
uint32_t worker_seat(const struct worker *worker);

/* Which evaluator's ends it gets: an evaluator its own, anyone else ENDS_ALL. */
uint32_t worker_whose(const struct worker *worker);

/* Start every worker whose time has come. */
void workers_start_due(struct pipeline *pipeline, uint64_t now_ns);

/* Start WORKER now, if it has no process. */
void worker_start(struct pipeline *pipeline, struct worker *worker, uint64_t now_ns);

/* End those that hang, do not get ready, or have closed their socket and stay. */
void workers_watch(struct pipeline *pipeline, uint64_t now_ns);

/* Its socket has something to say: one message or its end. */
void worker_read(struct pipeline *pipeline, struct worker *worker, uint64_t now_ns);

/* Its pidfd says that it has ended. */
void worker_ended(struct pipeline *pipeline, struct worker *worker, uint64_t now_ns);

/* When the next worker is due or the next look is; a time of pipeline_now(). */
uint64_t workers_next(const struct pipeline *pipeline);

#endif
