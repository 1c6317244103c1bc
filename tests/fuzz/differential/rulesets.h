/* SPDX-License-Identifier: Apache-2.0 */
/* Random rule files. */
#ifndef TESTS_RULESETS_H
#define TESTS_RULESETS_H

#include "choice.h"

enum { KINDS_MAX = 6 };

/* Kinds of events that one case is about. */
struct kinds {
	uint16_t ids[KINDS_MAX];
	uint32_t count;
};

/* Choose some kinds. */
void kinds_choose(struct choice *choice, struct kinds *kinds);

/*
 * Write a file of rules that share checks, macros and lists, and some of which have
 * exceptions.
 */
void rules_write(struct choice *choice, struct text *out, const struct kinds *kinds);

#endif
