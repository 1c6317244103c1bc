/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shared region: a memfd of fixed size, mode 0600, sealed against shrinking, growing and
 * further seals, whose first page says what it is.  The keeper creates it; the one writer gets a
 * read-write descriptor, readers one that was reopened read-only, so that no mapping of theirs
 * can ever become writable.
 */
#ifndef SHM_REGION_H
#define SHM_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REGION_PAGE = 4096, REGION_VERSION = 1, EVALUATORS_MAX = 8 };

/* What a region holds; also its name in messages and in `saker status`. */
#define REGION_KINDS(X) \
	X(CONFIG, config)           /* struct config, written once by the keeper */ \
	X(CONTROL, control)         /* keeper → all: stop flags, poison positions */ \
	X(INTEREST, interest)       /* evaluator → collector, enricher */ \
	X(TAP_INTEREST, tap_interest) /* `saker tap` → collector, enricher */ \
	X(RAW_DATA, raw_data)       /* collector → enricher, taps */ \
	X(RAW_TAIL, raw_tail)       /* enricher → collector */ \
	X(FULL_DATA, full_data)     /* enricher → evaluator, taps */ \
	X(FULL_TAIL, full_tail)     /* evaluator → enricher */ \
	X(ALERT_DATA, alert_data)   /* evaluator → spooler */ \
	X(ALERT_TAIL, alert_tail)   /* spooler → evaluator */ \
	X(CONTEXTS, contexts)       /* enricher → evaluators, taps */ \
	X(DEALT, dealt)             /* enricher → spooler: how far it has dealt */ \
	X(STATE, state)             /* enricher only, outlives it */ \
	X(COSTS, costs)             /* evaluator → `saker status`: what each rule costs */ \
	X(STATS_KEEPER, stats_keeper) \
	X(STATS_COLLECTOR, stats_collector) \
	X(STATS_ENRICHER, stats_enricher) \
	X(STATS_EVALUATOR, stats_evaluator) \
	X(STATS_SPOOLER, stats_spooler) \
	X(STATS_SINK, stats_sink)

enum region_kind {
	REGION_NONE_KIND,
#define X(kind, name) REGION_##kind,
	REGION_KINDS(X)
#undef X
	REGION_COUNT
};

/* First page of every region.  Written by the keeper alone. */
struct region_head {
	uint64_t magic;
	uint32_t version;
	uint32_t kind;   /* enum region_kind */
	uint64_t schema; /* schema_hash() of the writer */
	uint64_t bytes;  /* of the whole region, this page included */
	uint64_t epoch;  /* raised each time the writer's end goes to a successor */
};

struct region {
	int fd;
	enum region_kind kind;
	bool writable;
	size_t bytes;
	void *base; /* the head page; the content begins REGION_PAGE further */
};

#define REGION_NONE ((struct region){ -1, REGION_NONE_KIND, false, 0, NULL })

/* Name of a kind, for messages. */
const char *region_name(enum region_kind kind);

/* True for kinds of which each evaluator has one of its own, numbered as it is. */
static inline bool
region_each(enum region_kind kind)
{
	return kind == REGION_INTEREST || kind == REGION_STATS_EVALUATOR || kind == REGION_COSTS ||
	    (kind >= REGION_FULL_DATA && kind <= REGION_ALERT_TAIL);
}

/*
 * Create a region of KIND with CONTENT bytes (rounded up to pages) behind its head page,
 * allocated, sealed and mapped writable.  Keeper only.  Returns 0 or a negative errno;
 * region_close() ends it.
 */
int region_create(struct region *region, enum region_kind kind, size_t content);

/*
 * A new descriptor of REGION with its own access: read-only or read-write.  Needs /proc.
 * The caller closes it.
 */
int region_reopen(const struct region *region, bool writable);

/*
 * Map the region behind FD (taken, closed by region_close(), also on failure) and judge its head.
 * Returns 0; -EBADMSG, after a message naming the region and the field, when magic, version,
 * kind, schema or size are not ours.
 */
int region_attach_take(struct region *region, int fd, enum region_kind kind, bool writable);

/* The content behind the head page, and its size. */
static inline void *
region_content(const struct region *region)
{
	return (char *)region->base + REGION_PAGE;
}

static inline size_t
region_content_bytes(const struct region *region)
{
	return region->bytes - REGION_PAGE;
}

static inline const struct region_head *
region_head(const struct region *region)
{
	return region->base;
}

/* Raise the epoch and return the new one.  Keeper only. */
uint64_t region_raise_epoch(struct region *region);

/* Unmap and close; harmless on REGION_NONE. */
void region_close(struct region *region);

#endif
