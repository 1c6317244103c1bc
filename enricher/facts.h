/* SPDX-License-Identifier: Apache-2.0 */
/* What a record tells of a task, put into its entry. */
#ifndef ENRICHER_FACTS_H
#define ENRICHER_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"
#include "task.h"

/*
 * Fill INDEX (marked as changing) from the EXEC_PARAMS of RECORD.  KEEP: bits of enum context_id,
 * of which some texts are kept only while wanted.  IMAGE: it is a new image, of which no fact of
 * the old one may stay; otherwise what the record does not tell stays.
 */
void facts_exec(struct tasks *tasks, uint32_t index, const struct record *record, uint64_t keep,
    bool image);

/*
 * Fill INDEX (marked as changing) from the CLONE_PARAMS of RECORD, and the rest from whoever made
 * it.  Where that is not known the entry is partial.
 */
void facts_fork(struct tasks *tasks, uint32_t index, const struct record *record, uint64_t keep);

#endif
