/* SPDX-License-Identifier: Apache-2.0 */
/* Start and end of the enricher: attaching to its ends, finding again how far a former one came. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "enricher.h"
#include "log.h"
#include "wanted.h"

static int
open_region(struct region *region, int fd, enum region_kind kind, bool writable)
{
	int err = region_attach_take(region, fd, kind, writable);

	if (err < 0)
		log_warnx("region %s: %s", region_name(kind), strerror(-err));
	return err;
}

/* Attach every end, so that each descriptor is taken whatever fails.  Returns the first error. */
static int
open_ends(struct enricher *enricher, const struct enricher_ends *ends)
{
	int raw, full, state, interest, tap = 0;

	raw = ring_attach_consumer_take(&enricher->raw, ends->raw_data, ends->raw_tail,
	    REGION_RAW_DATA);
	full = ring_attach_producer_take(&enricher->full, ends->full_data, ends->full_tail,
	    REGION_FULL_DATA, 0);
	state = open_region(&enricher->state, ends->state, REGION_STATE, true);
	interest = open_region(&enricher->interest, ends->interest, REGION_INTEREST, false);
	if (ends->tap_interest >= 0)
		tap = open_region(&enricher->tap_interest, ends->tap_interest,
		    REGION_TAP_INTEREST, false);
	if (raw < 0)
		log_warnx("raw ring: %s", strerror(-raw));
	if (full < 0)
		log_warnx("full ring: %s", strerror(-full));
	if (raw < 0 || full < 0)
		return raw < 0 ? raw : full;
	if (state < 0 || interest < 0)
		return state < 0 ? state : interest;
	return tap;
}

static int
open_tables(struct enricher *enricher, int contexts_fd)
{
	uint64_t key = 0;
	int err;

	if (getrandom(&key, sizeof(key), 0) != sizeof(key))
		key = 0; /* equal content is still compared byte by byte */
	err = arena_open_take(&enricher->arena, contexts_fd, &enricher->full, key, enricher->stats);
	if (err < 0) {
		log_warnx("contexts: %s", strerror(-err));
		return err;
	}
	err = life_open(&enricher->life, region_content(&enricher->state),
	    region_content_bytes(&enricher->state), enricher->stats);
	if (err < 0)
		log_warnx("state: %s", strerror(-err));
	return err;
}

/* How far a former enricher came. */
static void
open_progress(struct enricher *enricher)
{
	const struct state_head *head = enricher->life.head;

	enricher->position = enricher->raw.position;
	enricher->passed = enricher->full.position;
	for (int i = 0; i < 2; i++) {
		const struct state_progress *progress = &head->progress[i];

		if (progress->check != (progress->position ^ progress->number ^ STATE_LAYOUT) ||
		    progress->position < enricher->counted)
			continue;
		enricher->counted = progress->position;
		enricher->number = progress->number;
	}
}

int
enricher_open_take(struct enricher *enricher, const struct enricher_ends *ends,
    struct stats *stats, uint64_t skip_position)
{
	int err;

	memset(enricher, 0, sizeof(*enricher));
	enricher->state = enricher->interest = enricher->tap_interest = REGION_NONE;
	enricher->stats = stats;
	enricher->skip_position = skip_position;
	if ((err = open_ends(enricher, ends)) < 0) {
		(void)close(ends->contexts);
		goto fail;
	}
	if ((err = open_tables(enricher, ends->contexts)) < 0)
		goto fail;
	contexts_init(&enricher->contexts, &enricher->arena, &enricher->life, stats);
	enricher->emit = (struct emit){ &enricher->life, &enricher->contexts, stats, 0 };
	open_progress(enricher);
	wanted_open(enricher);
	return 0;
fail:
	enricher_close(enricher);
	return err;
}

void
enricher_close(struct enricher *enricher)
{
	life_close(&enricher->life);
	arena_close(&enricher->arena);
	if (enricher->tap_interest.kind != REGION_NONE_KIND)
		region_close(&enricher->tap_interest);
	if (enricher->interest.kind != REGION_NONE_KIND)
		region_close(&enricher->interest);
	if (enricher->state.kind != REGION_NONE_KIND)
		region_close(&enricher->state);
	ring_detach(&enricher->full);
	ring_detach(&enricher->raw);
	memset(enricher, 0, sizeof(*enricher));
}
