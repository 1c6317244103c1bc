/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the spool's writer share, and nobody else uses. */
#ifndef OUTPUTS_SPOOL_PARTS_H
#define OUTPUTS_SPOOL_PARTS_H

#include "spool.h"

/*
 * Begin a new segment after spool->safe: make room, create it, or take the reserve.  Returns
 * 0; -EAGAIN when the spool is full of what a sink has not had and the policy is to block; or
 * a negative errno.
 */
int spool_begin(struct spool *spool);

/* The newest segment, of BYTES bytes, is gone again. */
void spool_forget(struct spool *spool, uint64_t bytes);

/*
 * Write what is held, seal the segment that is open.  Failures are counted; the successor goes
 * on at the last safe frame.
 */
void spool_finish(struct spool *spool);

#endif
