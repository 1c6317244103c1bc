/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists in conditions: a list's name, wherever blanks, parentheses, commas or `=` set it
 * apart, is replaced by the list's values.  This happens to the text, before it is parsed.
 */
#ifndef EVALUATOR_LISTSUB_H
#define EVALUATOR_LISTSUB_H

#include "names.h"
#include "rules.h"

struct listsub {
	struct rule_list *lists;
	uint32_t list_count;
	struct names words;      /* names that are one word, to places in lists[] */
	struct span *texts;      /* what is put in for each list; NULL until it is needed */
	uint64_t *wanted;        /* a bit a list: may occur in the text at hand */
	/* lists whose names are not one word: they are always looked for */
	uint64_t *always;
	struct arena *arena;
	struct srcbuild other;   /* scratch */
};

/*
 * Get ready to put in LISTS, whose values are set.  Memory is taken from ARENA;
 * listsub_fini() frees the rest. Returns 0 or -ENOMEM.
 */
int listsub_init(struct listsub *sub, struct arena *arena, struct rule_list *lists,
    uint32_t list_count, uint64_t hash_key);

/* Free what is not of the arena; harmless twice. */
void listsub_fini(struct listsub *sub);

/*
 * Replace the names of all lists in TEXT, in the order of definition, and mark those that
 * occurred as used. Failures are left in TEXT (too long, no memory).
 */
void listsub_apply(struct listsub *sub, struct srcbuild *text);

#endif
