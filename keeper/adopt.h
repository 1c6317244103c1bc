/* SPDX-License-Identifier: Apache-2.0 */
/* Taking over from a keeper that died. */
#ifndef KEEPER_ADOPT_H
#define KEEPER_ADOPT_H

struct config;
struct deposits;

/*
 * If a collector that lost its keeper waits at run_dir/collector.sock, ask it for its kernel
 * descriptors: the next collector goes on with them, and the probe has never stopped.  Waits at
 * most 10 s.  DEPOSITS stays empty when there is none, or, with a warning, when it does not answer.
 */
void adopt(const struct config *config, struct deposits *deposits);

#endif
