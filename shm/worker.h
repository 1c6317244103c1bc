/* SPDX-License-Identifier: Apache-2.0 */
/* What every worker of the keeper does alike when it starts and when it is to end. */
#ifndef SHM_WORKER_H
#define SHM_WORKER_H

#include "config.h"
#include "jail.h"
#include "keeper.h"
#include "region.h"

/*
 * Map the end of KIND that the keeper gave, read-only, as REGION (region_close() ends it, also
 * after a failure).  Returns 0; a negative errno after a message, -EBADMSG when its content has
 * less than BYTES.
 */
int worker_region(struct keeper *keeper, enum region_kind kind, size_t bytes,
    struct region *region);

/*
 * Map the configuration as REGION (region_close() ends it) and let it limit the log.  Returns it,
 * good while REGION is.  Without one ends the process with EXIT_SYSTEM, after a message.
 */
const struct config *worker_config(struct keeper *keeper, struct region *region);

/*
 * Enter JAIL with the empty folder of CONFIG as its root, whatever it names.  Returns what could
 * not be had, of enum jail_missing.  When the jail fails, ends the process with EXIT_SYSTEM, after
 * a message.
 */
uint32_t worker_jail(const struct config *config, const struct jail *jail);

/* What a worker between two rings remembers in order to know when its stream has ended. */
struct worker_stream {
	uint64_t position; /* when last asked */
	uint32_t quiet;    /* how often in a row it was the same */
};

/*
 * For a worker that keeper_stopping() told to end: true when its stream has.  DRAINED: nothing is
 * left to do now; ENDED: whoever feeds it has said that nothing comes any more; POSITION: of the
 * last record.  Without a keeper nobody starts a feeder again that died, so it is waited for only
 * WORKER_ORPHAN_TURNS quiet turns.
 */
bool worker_finished(struct worker_stream *stream, const struct keeper *keeper, bool drained,
    bool ended, uint64_t position);

enum { WORKER_ORPHAN_TURNS = 20 };

#endif
