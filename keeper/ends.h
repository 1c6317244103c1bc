/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The regions, all of them, and handing out their ends: a descriptor reopened with the access that
 * the process table gives, anew for each holder, and nothing the table does not name.
 */
#ifndef KEEPER_ENDS_H
#define KEEPER_ENDS_H

#include <stdint.h>

#include "config.h"
#include "keeper.h"
#include "procs.h"
#include "region.h"

struct ends {
	struct region regions[REGION_COUNT]; /* by enum region_kind */
};

/*
 * Create every region, sized by CONFIG, and put CONFIG into its own.  Returns 0, or a negative
 * errno after a message.  End with ends_close() in both cases.
 */
int ends_open(struct ends *ends, const struct config *config);

/* No region yet: from here on ends_close() is safe. */
void ends_init(struct ends *ends);

/* Unmap and close everything; harmless twice. */
void ends_close(struct ends *ends);

/* The content of the control region. */
struct keeper_control *ends_control(const struct ends *ends);

/* The content of the stats region of ROLE. */
struct stats *ends_stats(const struct ends *ends, enum role role);

/* Raise the epoch of every region in WRITES (bits by kind): it gets a new writer. */
void ends_raise(struct ends *ends, uint32_t writes);

/*
 * Send MESSAGE as ENDS over SOCKET with the regions in READS read-only and those in WRITES
 * read-write.  Returns 0 or a negative errno.
 */
int ends_send(const struct ends *ends, int socket, struct keeper_message *message, uint32_t reads,
    uint32_t writes);

/* Bytes that wait in the ring whose data region is INPUT; 0 for REGION_NONE_KIND. */
uint64_t ends_waiting(const struct ends *ends, enum region_kind input);

/* Nobody taps any more: the tap's interest is empty. */
void ends_clear_tap(const struct ends *ends);

#endif
