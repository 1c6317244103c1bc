/* SPDX-License-Identifier: Apache-2.0 */
/* Events of the mix as raw records: what the probe sends and the collector passes on. */
#ifndef TESTS_MIX_RAW_H
#define TESTS_MIX_RAW_H

#include "mix.h"
#include "record.h"

enum { MIX_CPUS = 16 };

/* All zero at the beginning. */
struct mix_raw {
	uint64_t position; /* of the last record */
	uint64_t seq[MIX_CPUS][LANE_COUNT];
};

/*
 * Write the record of EVENT, the last one of MIX, into BUF (SIZE bytes, 8-aligned).  Returns its
 * length or -EMSGSIZE.
 */
int mix_raw_write(struct mix_raw *raw, const struct mix *mix, const struct mix_event *event,
    void *buf, size_t size);

/*
 * Write the record of a snapshot for the task at INDEX of MIX, as what stood there before the first
 * event is told.  Returns as mix_raw_write().
 */
int mix_raw_snapshot(struct mix_raw *raw, const struct mix *mix, uint32_t index, void *buf,
    size_t size);

/* Write the host's users (KIND 0) or groups (1): each user has a group of its own. */
int mix_raw_names(struct mix_raw *raw, uint32_t kind, void *buf, size_t size);

#endif
