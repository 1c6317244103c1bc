/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a sink learns that the spool has grown: the spooler's counter of frames, in its stats
 * region, is a futex word.  The spooler wakes once a frame, never once an alert; a sink that
 * may not see the region looks at the spool on a timer instead.
 */
#ifndef OUTPUTS_NOTICE_H
#define OUTPUTS_NOTICE_H

#include <stdint.h>

#include "stats.h"

struct notice {
	const struct stats *spooler; /* borrowed; NULL: not to be seen */
	uint64_t seen;               /* frames at the last look */
	uint32_t idle;               /* waits since the caller last found something */
};

/*
 * Before looking at the spool: remember what is there, so that notice_wait() misses nothing
 * after it.
 */
void notice_look(struct notice *notice);

/* Sleep until the spool has grown, at most TIMEOUT_MS. */
void notice_wait(struct notice *notice, uint32_t timeout_ms);

/* Spooler: wake the sinks that sleep; SPOOLER is its own region. */
void notice_wake(struct stats *spooler);

#endif
