/* SPDX-License-Identifier: Apache-2.0 */
/* Starting and ending the process of a worker. */
#ifndef KEEPER_START_H
#define KEEPER_START_H

struct pipeline;
struct worker;

/*
 * Find the folder of the workers' programs: SAKER_LIBEXEC, or where this program is, or
 * ../libexec/saker from there.  Returns 0, or -ENOENT after a message.
 */
int start_find(struct pipeline *pipeline);

/*
 * Fork and execute a new life of WORKER, which has none: its socket at KEEPER_FD, nothing else open
 * but the standard ones, its ids set before its program runs.  Returns 0, or a negative errno after
 * a message.
 */
int start_worker(const struct pipeline *pipeline, struct worker *worker);

/* End the process of WORKER at once.  Its pidfd tells when it has. */
void start_kill(const struct worker *worker);

#endif
