/* SPDX-License-Identifier: Apache-2.0 */
/* Judgements over a worker's life.  See life.h. */
#include "life.h"

uint32_t
backoff_next(uint32_t pause_ms, uint32_t min_ms, uint32_t max_ms)
{
	if (pause_ms < min_ms)
		return min_ms < max_ms ? min_ms : max_ms;
	return pause_ms < max_ms / 2 ? 2 * pause_ms : max_ms;
}

bool
poison_judge(struct poison *poison, uint64_t position)
{
	bool again = position != 0 && position == poison->last;

	poison->last = position;
	if (!again || position == poison->skip)
		return false;
	poison->skip = position;
	return true;
}

bool
hang_judge(struct hang *hang, uint64_t turns, bool waiting, uint64_t now_ns, uint64_t period_ns,
    uint64_t limit_ns)
{
	uint64_t passed_ns = hang->looked_ns ? now_ns - hang->looked_ns : 0;

	hang->looked_ns = now_ns;
	if (turns != hang->turns || !waiting) {
		hang->turns = turns;
		hang->still_ns = 0;
		return false;
	}
	hang->still_ns += passed_ns < 2 * period_ns ? passed_ns : 2 * period_ns;
	return hang->still_ns >= limit_ns;
}
