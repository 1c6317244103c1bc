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

/* The ring to an evaluator, and what it wants. */
static int
open_evaluator(struct enricher *enricher, const struct enricher_evaluator_ends *ends, uint32_t i)
{
	int full = ring_attach_producer_take(&enricher->full[i], ends->full_data, ends->full_tail,
	    REGION_FULL_DATA, DEAL_WORDS);
	int interest = open_region(&enricher->interests[i], ends->interest, REGION_INTEREST, false);

	if (full < 0)
		log_warnx("full ring %u: %s", i, strerror(-full));
	return full < 0 ? full : interest;
}

static int
open_evaluators(struct enricher *enricher, const struct enricher_ends *ends)
{
	const struct interest *wanted[EVALUATORS_MAX];
	int first = 0;

	enricher->evaluators = ends->evaluators;
	for (uint32_t i = 0; i < ends->evaluators; i++) {
		int err = open_evaluator(enricher, &ends->of[i], i);

		if (err < 0 && first == 0)
			first = err;
		if (err == 0)
			wanted[i] = region_content(&enricher->interests[i]);
	}
	if (first == 0)
		interest_set_init(&enricher->rules, wanted, ends->evaluators);
	return first;
}

/* Attach every end, so that each descriptor is taken whatever fails.  Returns the first error. */
static int
open_ends(struct enricher *enricher, const struct enricher_ends *ends)
{
	int raw, full, state, dealt = 0, tap = 0;

	raw = ring_attach_consumer_take(&enricher->raw, ends->raw_data, ends->raw_tail,
	    REGION_RAW_DATA);
	full = open_evaluators(enricher, ends);
	state = open_region(&enricher->state, ends->state, REGION_STATE, true);
	if (ends->dealt >= 0)
		dealt = open_region(&enricher->dealt, ends->dealt, REGION_DEALT, true);
	else if (ends->evaluators > 1)
		dealt = -ENOENT;
	if (ends->tap_interest >= 0)
		tap = open_region(&enricher->tap_interest, ends->tap_interest,
		    REGION_TAP_INTEREST, false);
	if (raw < 0)
		log_warnx("raw ring: %s", strerror(-raw));
	if (raw < 0 || full < 0)
		return raw < 0 ? raw : full;
	if (state < 0 || dealt < 0)
		return state < 0 ? state : dealt;
	return tap;
}

static int
open_tables(struct enricher *enricher, int contexts_fd)
{
	uint64_t key = 0;
	int err;

	if (getrandom(&key, sizeof(key), 0) != sizeof(key))
		key = 0; /* equal content is still compared byte by byte */
	err = arena_open_take(&enricher->arena, contexts_fd, enricher->full, enricher->evaluators,
	    key, enricher->stats);
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
	for (uint32_t i = 0; i < enricher->evaluators; i++) {
		enricher->passed[i] = enricher->full[i].position;
		if (enricher->passed[i] > enricher->passed_max)
			enricher->passed_max = enricher->passed[i];
	}
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
	enricher->state = enricher->dealt = enricher->tap_interest = REGION_NONE;
	for (uint32_t i = 0; i < EVALUATORS_MAX; i++)
		enricher->interests[i] = REGION_NONE;
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
	for (uint32_t i = 0; i < enricher->evaluators; i++) {
		region_close(&enricher->interests[i]);
		ring_detach(&enricher->full[i]);
	}
	if (enricher->dealt.kind != REGION_NONE_KIND)
		region_close(&enricher->dealt);
	if (enricher->state.kind != REGION_NONE_KIND)
		region_close(&enricher->state);
	ring_detach(&enricher->raw);
	memset(enricher, 0, sizeof(*enricher));
}
