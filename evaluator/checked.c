/* SPDX-License-Identifier: Apache-2.0 */
/* Each event judged twice, in a build for that.  See checked.h. */
#include "checked.h"

#ifdef SAKER_CHECKED

#include "difference.h"
#include "log.h"

int
checked_init(struct checked *checked, const struct ruleset *ruleset, enum rule_matching matching)
{
	checked_fini(checked);
	checked->ruleset = ruleset;
	return oracle_init(&checked->oracle, ruleset, matching);
}

void
checked_fini(struct checked *checked)
{
	oracle_fini(&checked->oracle);
	memset(checked, 0, sizeof(*checked));
}

bool
checked_event(struct checked *checked, struct eval *eval, struct event_view *view)
{
	struct oracle *oracle = &checked->oracle;
	uint64_t cuts = view->scratch->cut_count + oracle->scratch.cut_count;
	bool tried = eval_event(eval, view);

	oracle_judge(oracle, view);
	if (view->scratch->cut_count + oracle->scratch.cut_count != cuts || oracle->chain_broken)
		return tried;
	checked->compared_count++;
	if (difference_none(eval, oracle))
		return tried;
	difference_print(checked->ruleset, eval, oracle, view);
	fatalx("the engine and the oracle differ");
}

#endif
