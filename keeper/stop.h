/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ending the pipeline.  In order: one worker after the other along the stream, each asked to end
 * only when all that feeds it has ended, so that nothing is left between them.  Or now: nothing has
 * been promised yet, or somebody insists.
 */
#ifndef KEEPER_STOP_H
#define KEEPER_STOP_H

#include <stdbool.h>
#include <stdint.h>

struct pipeline;
struct worker;

/* Begin an orderly stop. */
void stop_begin(struct pipeline *pipeline, uint64_t now_ns);

/* Go on with it as far as it goes; at its end the pipeline is over. */
void stop_turn(struct pipeline *pipeline, uint64_t now_ns);

/* When stop_turn() has something to do even if nothing happens; UINT64_MAX without a stop. */
uint64_t stop_next(const struct pipeline *pipeline, uint64_t now_ns);

/* True when WORKER has been asked to end. */
bool stop_asked(const struct pipeline *pipeline, const struct worker *worker);

/* Kill every worker; the pipeline is over, and the program ends with CODE. */
void stop_now(struct pipeline *pipeline, int code);

#endif
