/* SPDX-License-Identifier: Apache-2.0 */
/* From a byte of a YAML scalar's value back to the byte of the file that it was written as. */
#ifndef EVALUATOR_SCALARMAP_H
#define EVALUATOR_SCALARMAP_H

#include "rulefile.h"

/*
 * FILE[START] is the first byte of a scalar in STYLE (its quote, its block indicator) whose
 * value is VALUE. Returns the offset in FILE of byte TARGET (0 to value.len) of the value,
 * or START when the two can not be aligned.
 */
size_t scalarmap_offset(struct span file, size_t start, enum rulefile_style style,
    struct span value, size_t target);

#endif
