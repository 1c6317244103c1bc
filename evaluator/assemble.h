/* SPDX-License-Identifier: Apache-2.0 */
/* From the collection to a compiled set. */
#ifndef EVALUATOR_ASSEMBLE_H
#define EVALUATOR_ASSEMBLE_H

#include "collection.h"
#include "loader.h"

/*
 * Compile all of COLLECTION, which stays as it is and must outlive the set.  Reports in the
 * order lists, macros, then rule by rule; what is unused only if there was no error.
 *
 * Returns 0 with *RULES a new set; -EINVAL or -ENOMEM, with errors reported and *RULES left
 * alone.
 */
int assemble_rules(const struct collection *collection,
    const struct loader_options *options, struct diags *diags, struct rules **rules);

#endif
