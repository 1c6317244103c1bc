/* SPDX-License-Identifier: Apache-2.0 */
/* Full records: a raw record with what the enricher derives from its tables (derived.def). */
#ifndef ENRICHER_EMIT_H
#define ENRICHER_EMIT_H

#include <stdint.h>

#include "contexts.h"
#include "life.h"
#include "record.h"

enum { EMIT_ANCESTORS_MAX = 64 };

/* Bytes beyond those of the raw record that a full one may take. */
enum { EMIT_EXTRA_MAX = 8 * (D_COUNT + 1) + 4 * EMIT_ANCESTORS_MAX };

struct emit {
	struct life *life;
	struct contexts *contexts;
	struct stats *stats;
	uint64_t wanted; /* bits of enum derived_id: rows made only while a rule reads them */
};

/*
 * Write the full record of RAW into BUF (SIZE bytes, 8-aligned); NUMBER is the event's.  Returns
 * its length; -EAGAIN when a context has to wait for its slot; -EMSGSIZE when it is too large.
 */
int emit_record(struct emit *emit, void *buf, size_t size, const struct record *raw,
    uint64_t number);

/* The same for a record without a task: what the collector wrote itself. */
int emit_meta(void *buf, size_t size, const struct record *raw);

#endif
