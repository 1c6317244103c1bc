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
	uint32_t evaluators;
	/* By enum region_kind, and by evaluator where each has its own; otherwise [kind][0]. */
	struct region regions[REGION_COUNT][EVALUATORS_MAX];
};

/* In place of an evaluator's number: of the kinds that each evaluator has, all. */
static const uint32_t ENDS_ALL = UINT32_MAX;

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

/* The content of the stats region of ROLE; INDEX: of which evaluator, otherwise 0. */
struct stats *ends_stats(const struct ends *ends, enum role role, uint32_t index);

/*
 * Raise the epoch of every region in WRITES (bits by kind), of the evaluator WHOSE or ENDS_ALL: it
 * gets a new writer.
 */
void ends_raise(struct ends *ends, uint32_t writes, uint32_t whose);

/*
 * Send MESSAGE as ENDS over SOCKET with the regions in READS read-only and those in WRITES
 * read-write, of the evaluator WHOSE or ENDS_ALL.  Returns 0 or a negative errno.
 */
int ends_send(const struct ends *ends, int socket, struct keeper_message *message, uint32_t reads,
    uint32_t writes, uint32_t whose);

/*
 * Bytes that wait in the ring whose data region is INPUT, of the evaluator WHOSE or in ENDS_ALL; 0
 * for REGION_NONE_KIND.
 */
uint64_t ends_waiting(const struct ends *ends, enum region_kind input, uint32_t whose);

/* Wake whoever waits for entries of the rings whose data region is INPUT, of WHOSE or ENDS_ALL. */
void ends_wake(const struct ends *ends, enum region_kind input, uint32_t whose);

/* Nobody taps any more: the tap's interest is empty. */
void ends_clear_tap(const struct ends *ends);

#endif
