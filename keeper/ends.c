/* SPDX-License-Identifier: Apache-2.0 */
/* Regions and their ends.  See ends.h. */
#include "ends.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "context.h"
#include "costs.h"
#include "deal.h"
#include "interest.h"
#include "log.h"
#include "ring.h"
#include "state.h"

/* Content bytes of a region. */
static size_t
ends_content(enum region_kind kind, const struct config *config)
{
	switch (kind) {
	case REGION_CONFIG:
		return sizeof(*config);
	case REGION_CONTROL:
		return sizeof(struct keeper_control);
	case REGION_INTEREST:
	case REGION_TAP_INTEREST:
		return INTEREST_CONTENT;
	case REGION_RAW_DATA:
		return RING_DATA_CONTENT((size_t)config->rings_raw_bytes);
	case REGION_FULL_DATA:
		return RING_DATA_CONTENT((size_t)config->rings_full_bytes);
	case REGION_ALERT_DATA:
		return RING_DATA_CONTENT((size_t)config->rings_alert_bytes);
	case REGION_RAW_TAIL:
	case REGION_FULL_TAIL:
	case REGION_ALERT_TAIL:
		return RING_TAIL_CONTENT;
	case REGION_DEALT:
		return DEALT_CONTENT;
	case REGION_CONTEXTS:
		return context_arena_content((uint32_t)config->state_contexts);
	case REGION_STATE:
		return state_content((uint32_t)config->state_tasks_max);
	case REGION_COSTS:
		return COSTS_CONTENT;
	case REGION_STATS_KEEPER:
	case REGION_STATS_COLLECTOR:
	case REGION_STATS_ENRICHER:
	case REGION_STATS_EVALUATOR:
	case REGION_STATS_SPOOLER:
	case REGION_STATS_SINK:
		return STATS_CONTENT;
	case REGION_NONE_KIND:
	case REGION_COUNT:
		break;
	}
	return 0;
}

/* The numbers of the regions of KIND that WHOSE means: from *FIRST up to, and without, *END. */
static void
ends_range(const struct ends *ends, enum region_kind kind, uint32_t whose, uint32_t *first,
    uint32_t *end)
{
	*first = 0;
	*end = 1;
	if (!region_each(kind))
		return;
	*first = whose == ENDS_ALL ? 0 : whose;
	*end = whose == ENDS_ALL ? ends->evaluators : whose + 1;
}

void
ends_init(struct ends *ends)
{
	ends->evaluators = 0;
	for (uint32_t kind = 0; kind < REGION_COUNT; kind++)
		for (uint32_t i = 0; i < EVALUATORS_MAX; i++)
			ends->regions[kind][i] = REGION_NONE;
}

/* Create every region of KIND. */
static int
ends_create(struct ends *ends, enum region_kind kind, const struct config *config)
{
	size_t content = ends_content(kind, config);
	uint32_t i, end;

	for (ends_range(ends, kind, ENDS_ALL, &i, &end); i < end; i++) {
		int err = region_create(&ends->regions[kind][i], kind, content);

		if (err == 0)
			continue;
		errno = -err;
		log_warn("region %s of %zu bytes", region_name(kind), content);
		return err;
	}
	return 0;
}

int
ends_open(struct ends *ends, const struct config *config)
{
	ends_init(ends);
	ends->evaluators = (uint32_t)config->evaluators;
	for (uint32_t kind = REGION_NONE_KIND + 1; kind < REGION_COUNT; kind++) {
		int err = ends_create(ends, (enum region_kind)kind, config);

		if (err < 0)
			return err;
	}
	memcpy(region_content(&ends->regions[REGION_CONFIG][0]), config, sizeof(*config));
	return 0;
}

void
ends_close(struct ends *ends)
{
	for (uint32_t kind = 0; kind < REGION_COUNT; kind++)
		for (uint32_t i = 0; i < EVALUATORS_MAX; i++)
			region_close(&ends->regions[kind][i]);
}

struct keeper_control *
ends_control(const struct ends *ends)
{
	return region_content(&ends->regions[REGION_CONTROL][0]);
}

struct stats *
ends_stats(const struct ends *ends, enum role role, uint32_t index)
{
	return region_content(&ends->regions[role_stats_region(role)][index]);
}

void
ends_raise(struct ends *ends, uint32_t writes, uint32_t whose)
{
	uint32_t i, end;

	for (uint32_t kind = 0; kind < REGION_COUNT; kind++) {
		if (!(writes >> kind & 1))
			continue;
		for (ends_range(ends, (enum region_kind)kind, whose, &i, &end); i < end; i++)
			(void)region_raise_epoch(&ends->regions[kind][i]);
	}
}

/* Add the regions of KIND to MESSAGE, and their descriptors to FDS.  Returns 0 or an errno. */
static int
ends_add(const struct ends *ends, struct keeper_message *message, int *fds, enum region_kind kind,
    bool writable, uint32_t whose)
{
	uint32_t i, end;

	for (ends_range(ends, kind, whose, &i, &end); i < end; i++) {
		struct keeper_end *to = &message->ends[message->count];
		int fd = region_reopen(&ends->regions[kind][i], writable);

		if (fd < 0)
			return fd;
		to->kind = (uint16_t)kind;
		to->writable = writable;
		to->index = (uint8_t)i;
		fds[message->count++] = fd;
	}
	return 0;
}

int
ends_send(const struct ends *ends, int socket, struct keeper_message *message, uint32_t reads,
    uint32_t writes, uint32_t whose)
{
	int fds[KEEPER_ENDS_MAX];
	uint32_t count;
	int err = 0;

	/* Of seven kinds each evaluator has its own; nobody reads interest and costs of all. */
	_Static_assert(REGION_COUNT + 6 * (EVALUATORS_MAX - 1) <= (int)KEEPER_ENDS_MAX &&
	    (int)KEEPER_ENDS_MAX <= (int)KEEPER_DEPOSIT_BATCH, "one message holds them");
	message->count = 0;
	for (uint32_t kind = 0; kind < REGION_COUNT && err == 0; kind++) {
		if ((reads | writes) >> kind & 1)
			err = ends_add(ends, message, fds, (enum region_kind)kind,
			    writes >> kind & 1, whose);
	}
	count = message->count;
	if (err == 0)
		err = keeper_send(socket, message, fds, count);
	while (count > 0)
		(void)close(fds[--count]);
	return err;
}

uint64_t
ends_waiting(const struct ends *ends, enum region_kind input, uint32_t whose)
{
	uint64_t waiting = 0;
	uint32_t i, end;

	if (input == REGION_NONE_KIND)
		return 0;
	for (ends_range(ends, input, whose, &i, &end); i < end; i++)
		waiting += ring_fill(region_content(&ends->regions[input][i]),
		    region_content(&ends->regions[input + 1][i]));
	return waiting;
}

void
ends_wake(const struct ends *ends, enum region_kind input, uint32_t whose)
{
	uint32_t i, end;

	for (ends_range(ends, input, whose, &i, &end); i < end; i++) {
		struct ring_producer_page *page = region_content(&ends->regions[input][i]);

		ring_wake_word(&page->head);
	}
}

void
ends_clear_tap(const struct ends *ends)
{
	static const struct interest nothing;

	interest_write(region_content(&ends->regions[REGION_TAP_INTEREST][0]), &nothing);
}
