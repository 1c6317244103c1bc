/* SPDX-License-Identifier: Apache-2.0 */
/* Regions and their ends.  See ends.h. */
#include "ends.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "context.h"
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
	case REGION_CONTEXTS:
		return context_arena_content((uint32_t)config->state_contexts);
	case REGION_STATE:
		return state_content((uint32_t)config->state_tasks_max);
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

void
ends_init(struct ends *ends)
{
	for (uint32_t kind = 0; kind < REGION_COUNT; kind++)
		ends->regions[kind] = REGION_NONE;
}

int
ends_open(struct ends *ends, const struct config *config)
{
	ends_init(ends);
	for (uint32_t kind = REGION_NONE_KIND + 1; kind < REGION_COUNT; kind++) {
		size_t content = ends_content((enum region_kind)kind, config);
		int err = region_create(&ends->regions[kind], (enum region_kind)kind, content);

		if (err < 0) {
			errno = -err;
			log_warn("region %s of %zu bytes", region_name((enum region_kind)kind),
			    content);
			return err;
		}
	}
	memcpy(region_content(&ends->regions[REGION_CONFIG]), config, sizeof(*config));
	return 0;
}

void
ends_close(struct ends *ends)
{
	for (uint32_t kind = 0; kind < REGION_COUNT; kind++)
		region_close(&ends->regions[kind]);
}

struct keeper_control *
ends_control(const struct ends *ends)
{
	return region_content(&ends->regions[REGION_CONTROL]);
}

struct stats *
ends_stats(const struct ends *ends, enum role role)
{
	return region_content(&ends->regions[role_stats_region(role)]);
}

void
ends_raise(struct ends *ends, uint32_t writes)
{
	for (uint32_t kind = 0; kind < REGION_COUNT; kind++) {
		if (writes >> kind & 1)
			(void)region_raise_epoch(&ends->regions[kind]);
	}
}

int
ends_send(const struct ends *ends, int socket, struct keeper_message *message, uint32_t reads,
    uint32_t writes)
{
	int fds[REGION_COUNT];
	uint32_t count = 0;
	int err = 0;

	_Static_assert((int)REGION_COUNT <= (int)KEEPER_ENDS_MAX, "one message holds them");
	for (uint32_t kind = 0; kind < REGION_COUNT && err == 0; kind++) {
		bool writable = writes >> kind & 1;

		if (!((reads | writes) >> kind & 1))
			continue;
		if ((fds[count] = region_reopen(&ends->regions[kind], writable)) < 0) {
			err = fds[count];
			break;
		}
		message->ends[count].kind = (uint16_t)kind;
		message->ends[count].writable = writable;
		count++;
	}
	if (err == 0)
		err = keeper_send(socket, message, fds, count);
	while (count > 0)
		(void)close(fds[--count]);
	return err;
}

uint64_t
ends_waiting(const struct ends *ends, enum region_kind input)
{
	if (input == REGION_NONE_KIND)
		return 0;
	return ring_fill(region_content(&ends->regions[input]),
	    region_content(&ends->regions[input + 1]));
}

void
ends_clear_tap(const struct ends *ends)
{
	static const struct interest nothing;

	interest_write(region_content(&ends->regions[REGION_TAP_INTEREST]), &nothing);
}
