/* SPDX-License-Identifier: Apache-2.0 */
/* What an output format names: its fields and functions, one by one. */
#ifndef EVALUATOR_FORMATNAMES_H
#define EVALUATOR_FORMATNAMES_H

#include "format.h"

/*
 * Call NAME with the text of each field and function of FORMAT, in order and as often as it
 * occurs: first what a function is made of, then itself.  Functions of one argument in each
 * other are one.  ACCESSORS are those that FORMAT was compiled with.  Recurses as deep as calls
 * nest, which the parser bounds.
 */
void format_names(const struct format *format, const struct accessor *accessors,
    void (*name)(void *ctx, struct span text), void *ctx);

#endif
