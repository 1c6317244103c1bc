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
	bool changed = interest_set_read(&enricher->rules) != 0;
	struct interest now;

	/* One is writing, or was killed over it: all, until a later look finds what it wants. */
	if (!interest_set_whole(&enricher->rules))
		interest_everything(&now);
	else if (changed)
		interest_set_union(&enricher->rules, &now);
	else
		return;
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
		interest_everything(&head->interest);
	head->interest_changing = 0;
	wanted_merge(enricher);
	if (head->interest.generation == 0)
		wanted_follow(enricher);
	wanted_tap(enricher);
}
