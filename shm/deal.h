/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which evaluator gets which record, and how far all of them are.
 *
 * The enricher deals by position alone: blocks of DEAL_BLOCK consecutive positions go to the
 * evaluators in turn, so an enricher that is started again deals as the one before did.
 *
 * A ring of alerts tells how far its evaluator has judged.  That is not enough: an evaluator for
 * which nothing came sleeps, and does not know how far the stream is.  So the enricher tells,
 * beside its own position, that of the last record in each ring: an evaluator that has judged that
 * one is as far as the stream is.  It is not woken for it, and the spooler waits for no idle one.
 *
 *   enricher: publish the rings; store last[]; store position    spooler: load position; load last
 */
#ifndef SHM_DEAL_H
#define SHM_DEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "region.h"

enum { DEAL_BLOCK = 64 };

/* Content of the DEALT region: the enricher writes, the spooler reads. */
struct dealt {
	uint64_t position;             /* everything up to here is in the rings, or goes nowhere */
	uint64_t last[EVALUATORS_MAX]; /* position of the last record of each ring */
};

enum { DEALT_CONTENT = REGION_PAGE };

/* The evaluator, of EVALUATORS, whose the record at POSITION is. */
static inline uint32_t
deal_to(uint64_t position, uint32_t evaluators)
{
	return (uint32_t)(position / DEAL_BLOCK % evaluators);
}

/* True for records that every evaluator must know of, whosever their position is. */
static inline bool
deal_to_all(uint32_t type)
{
	return type == EV_anchor || type == EV_host || type == EV_interest;
}

/* Enricher: the LAST positions of COUNT rings, all published, and the stream's. */
void dealt_tell(struct dealt *dealt, const uint64_t *last, uint32_t count, uint64_t position);

/*
 * Spooler: up to where EVALUATOR has judged everything that it was dealt, given that its alert ring
 * says JUDGED.
 */
uint64_t dealt_judged(const struct dealt *dealt, uint32_t evaluator, uint64_t judged);

#endif
