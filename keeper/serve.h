/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's loop: it waits in one place, for workers, clients, signals and the next due time. */
#ifndef KEEPER_SERVE_H
#define KEEPER_SERVE_H

struct pipeline;

/*
 * Block the signals that end a pipeline or want new rules, and open a descriptor that tells them.
 * Returns it, or a negative errno.
 */
int serve_signals(void);

/* Go round until the pipeline is over and every worker has ended.  Returns the exit code. */
int serve(struct pipeline *pipeline);

#endif
