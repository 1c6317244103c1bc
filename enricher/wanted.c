/* SPDX-License-Identifier: Apache-2.0 */
/* Interest of the rules and of the tap.  See wanted.h. */
#include "wanted.h"

#include "enricher.h"

/* Put the union in force. */
static void
wanted_merge(struct enricher *enricher)
{
	enricher->wanted = enricher->life.head->interest;
	interest_merge(&enricher->wanted, &enricher->tap);
	enricher->life.keep = enricher->wanted.contexts;
	enricher->emit.wanted = enricher->wanted.derived;
	contexts_want(&enricher->contexts, enricher->wanted.contexts);
}

void
wanted_follow(struct enricher *enricher)
{
	struct state_head *head = enricher->life.head;
	struct interest now;

	if (!interest_set_read(&enricher->rules))
		return;
	interest_set_union(&enricher->rules, &now);
	/* Of one that was writing when it was killed, what it wanted before still holds. */
	if (!interest_set_whole(&enricher->rules))
		interest_merge(&now, &head->interest);
	state_change_begin(&head->interest_changing);
	head->interest = now;
	state_change_end(&head->interest_changing);
	wanted_merge(enricher);
}

void
wanted_tap(struct enricher *enricher)
{
	if (enricher->tap_interest.base == NULL)
		return;
	if (interest_read(region_content(&enricher->tap_interest), &enricher->tap,
	    &enricher->tap_seen))
		wanted_merge(enricher);
}

void
wanted_open(struct enricher *enricher)
{
	struct state_head *head = enricher->life.head;

	if (head->interest_changing)
		head->interest.generation = 0;
	head->interest_changing = 0;
	wanted_merge(enricher);
	if (head->interest.generation == 0)
		wanted_follow(enricher);
	wanted_tap(enricher);
}
